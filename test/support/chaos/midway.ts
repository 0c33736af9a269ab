/** What changes while transfers are on their way: a client wants another rail, and the wage rises, so that a fund tops up what was promised before. */
import { rails } from '../../../src/funds/rails.js';
import type { PlainDate } from '../../../src/kernel/domain/plain-date.js';
import { EnrolmentChangesService } from '../../../src/transfers/value/enrolment-changes.service.js';
import { ValueReviewsService } from '../../../src/transfers/value/value-reviews.service.js';
import { WageProposalsService } from '../../../src/wage-index/wage-proposals.service.js';
import { newId } from '../builders.js';
import { wageFrom } from '../wages.js';
import type { Scene } from './scene.js';

/** Of Thailand, in THB a day. */
const FIRST_WAGE = 300;

export class Midway {
  private wage = FIRST_WAGE;
  /** From which days a wage holds: each has one, because a day has one word on it. */
  private readonly from = new Set<PlainDate>();

  constructor(private readonly scene: Scene) {}

  /** The wage that holds where the clients of this schedule live, and nowhere else. */
  async firstWage(): Promise<void> {
    await this.confirm(this.wage, '2025-01-01');
  }

  /** A wage that holds since some time, or from some day on; and what it makes of the fund's transfers, proposed and approved. */
  async raiseWage(): Promise<void> {
    const { scene } = this;
    if (!scene.region) return;
    const { preparer, approver } = scene.world.people;
    this.wage += scene.chance.integer(1, 40);
    const from = scene.dayAfter(scene.chance.pick([-70, -20, 0, 20]));
    if (this.from.has(from)) return;
    this.from.add(from);
    const wageRate = await this.confirm(this.wage, from);
    const reviews = this.app(ValueReviewsService);
    const input = { id: newId(), fund: scene.fundCode, wageRate };
    scene.count('wage risen');
    await scene.step('propose a value review', 9, () => reviews.propose(preparer, input));
    // What time makes of a proposal shows in its approval.
    if (scene.chance.percent(20)) scene.pass(24 * 60);
    await scene.step('approve a value review', 9, () => reviews.approve(approver, input.id));
    await this.knowTopUps();
  }

  /** A client wants to be paid by another rail: who works with them says so, and a supervisor. */
  async changeRail(): Promise<void> {
    const { scene } = this;
    const { caseworker, supervisor } = scene.world.people;
    const client = scene.chance.pick(scene.clients);
    const rail = scene.chance.pick(rails.filter((other) => other !== client.rail));
    const changes = this.app(EnrolmentChangesService);
    const input = { id: newId(), rail };
    await scene.step(`propose ${rail}`, 8, () => changes.propose(caseworker, client.enrolment, input));
    await scene.step(`change to ${rail}`, 8, () => changes.approve(supervisor, input.id));
    const [now] = await scene.world.look<{ rail: typeof rail }>('select rail from payments.enrolment where id = $1', [
      client.enrolment,
    ]);
    if (now?.rail === rail) scene.count('rail changed');
    client.rail = now?.rail ?? client.rail;
  }

  private async knowTopUps(): Promise<void> {
    const { scene } = this;
    const all = await scene.world.look<{ id: string }>(
      `select o.id from payments.obligation o join payments.fund f on f.id = o.fund_id join payments.obligation base on base.id = o.tops_up
       where f.id = $1 order by base.instalment, array_position($2, base.id), o.amount_minor`,
      [scene.fundId, scene.transferIds],
    );
    const fresh = all.map(({ id }) => id).filter((id) => !scene.transferIds.includes(id));
    for (const id of fresh) {
      scene.count('topped up');
      scene.transferIds.push(id);
    }
  }

  private async confirm(amount: number, effectiveFrom: PlainDate): Promise<string> {
    const { scene } = this;
    const { preparer, approver } = scene.world.people;
    const wages = this.app(WageProposalsService);
    const wage = wageFrom('TH', `${amount}.00`, effectiveFrom, scene.region);
    await wages.propose(preparer, { ...wage, unit: 'day', confidence: 'official' });
    const { wageRate } = await wages.confirm(approver, wage.id);
    if (!wageRate) throw new Error('a wage just confirmed does not hold');
    return wageRate;
  }

  private app<T>(service: new (...given: never[]) => T): T {
    return this.scene.world.service.app.get<T>(service);
  }
}
