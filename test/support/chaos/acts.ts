/** What people and jobs of the service do in a schedule: enrol, prepare, sign, hold, send, ask, put back, and write down what clients want. */
import { ClientsService, type NewClient } from '../../../src/clients/clients.service.js';
import { ConsentsService } from '../../../src/clients/consents.service.js';
import { FundsService } from '../../../src/funds/funds.service.js';
import { GrantsService } from '../../../src/funds/grants.service.js';
import type { Rail } from '../../../src/funds/rails.js';
import type { PlainDate } from '../../../src/kernel/domain/plain-date.js';
import { EnrolmentsService } from '../../../src/transfers/enrolments.service.js';
import { InstructionsService } from '../../../src/transfers/instructions.service.js';
import { CallbacksService } from '../../../src/transfers/rails/mobile-money/callbacks.service.js';
import { DispatchService } from '../../../src/transfers/rails/mobile-money/dispatch.service.js';
import { EnquiriesService } from '../../../src/transfers/rails/mobile-money/enquiries.service.js';
import { ReversalsService } from '../../../src/transfers/rails/mobile-money/reversals.service.js';
import { ReleasesService } from '../../../src/transfers/releases.service.js';
import { ResultsService } from '../../../src/transfers/results.service.js';
import { RunsService } from '../../../src/transfers/runs.service.js';
import { TransfersService } from '../../../src/transfers/transfers.service.js';
import { UnknownPaymentsService } from '../../../src/transfers/unknown-payments.service.js';
import { clientBody, newId } from '../builders.js';
import type { SimCallback } from '../rail-simulator/core.js';
import { callbackBody, CALLBACK_TOKEN } from './operator-in-process.js';
import type { OpenRun, Scene } from './scene.js';

export class Acts {
  constructor(private readonly scene: Scene) {
    scene.deliverEarly = async () => {
      const [first] = scene.callbacks.splice(0, 1);
      if (first) await this.receive(first);
      scene.count('callback before the answer');
    };
  }

  /** The code of it: pays amounts set by decision, or, where wages rise, by the wage, and raises what was promised. */
  async openFund(amount: string): Promise<string> {
    const { world } = this.scene;
    const id = newId();
    const code = `fund-${id.slice(0, 8)}`;
    await this.app(FundsService).open(world.people.preparer, {
      id,
      donor: 'chaos',
      code,
      name: code,
      currency: 'THB',
      ...(this.scene.region ? { valuePolicy: 'raise_only' } : { decidedLabel: 'pilot-2015' }),
    });
    await this.app(GrantsService).receive(world.people.preparer, id, {
      id: newId(),
      amount,
      currency: 'THB',
      receivedOn: '2026-01-05',
      reference: 'grant 1',
    });
    this.scene.fundId = id;
    this.scene.fundCode = code;
    return code;
  }

  async enrol(country: string, rail: Rail, anchorOn: PlainDate): Promise<void> {
    const { scene } = this;
    const { people } = scene.world;
    const account = `+95977${scene.chance.integer(1_000_000, 9_999_999)}`;
    const letters = scene.chance.id().replace(/[^a-f]/g, '');
    const body = clientBody({
      id: scene.chance.id(),
      country,
      region: scene.region,
      name: `Maung ${letters}`,
      dateOfBirth: `${scene.chance.integer(1970, 1999)}-0${scene.chance.integer(1, 9)}-1${scene.chance.integer(0, 9)}`,
      payee:
        rail === 'bank-file'
          ? { bank: 'Lotus Bank', account: account.slice(1), bankCode: '004' }
          : { bank: 'Wave Money', account, kind: 'wallet' },
    });
    const { client } = await this.app(ClientsService).register(people.caseworker, body as NewClient);
    const enrolment = { id: newId(), client: client.code, fund: scene.fundId, anchorOn, rail };
    await scene.step('enrol', 14, () => this.app(EnrolmentsService).enrol(people.supervisor, enrolment));
    const { obligations } = await this.app(EnrolmentsService).enrol(people.supervisor, enrolment);
    scene.clients.push({ code: client.code, account, rail, country, enrolment: enrolment.id });
    scene.transferIds.push(...obligations.map(({ id }) => id));
    scene.log.push(`enrolled ${rail} ${country} from ${anchorOn}`);
  }

  prepareBySchedule(country: string): Promise<void> {
    const { scene } = this;
    return scene.step(`schedule prepares ${country}`, 24, () =>
      this.app(RunsService).prepareDue(scene.world.people.schedule, country),
    );
  }

  async prepareByHand(daysAhead: number, catchUp: boolean): Promise<void> {
    const { scene } = this;
    const input = { id: newId(), dueThrough: scene.dayAfter(daysAhead), catchUp };
    if (catchUp) scene.count('catch-up prepared by hand');
    await scene.step(`prepare${catchUp ? ' catch-up' : ''} through ${input.dueThrough}`, 18, () =>
      this.app(RunsService).prepare(scene.world.people.preparer, input),
    );
  }

  approve(run: OpenRun): Promise<void> {
    const { scene } = this;
    const { people } = scene.world;
    const runs = this.app(RunsService);
    if (!scene.chance.percent(6))
      return scene.step('approve', 9, () => runs.approve(people.approver, run.id, run.digest));
    scene.count('six approve at once');
    const six = Array.from({ length: 6 }, (_, n) => people.approvers[n % 2] ?? people.approver);
    return scene.step('six approve', 12, async () => {
      const told = await Promise.allSettled(six.map((one) => runs.approve(one, run.id, run.digest)));
      const refused = told.find((one) => one.status === 'rejected');
      if (refused) throw refused.reason;
    });
  }

  release(run: OpenRun): Promise<void> {
    const { scene } = this;
    return scene.step('release', 30, () =>
      this.app(ReleasesService).release(scene.world.people.releaser, run.id, run.digest),
    );
  }

  sendBack(run: OpenRun): Promise<void> {
    const { scene } = this;
    scene.count('sent back');
    return scene.step('send back', 9, () =>
      this.app(RunsService).sendBack(scene.world.people.approver, run.id, 'not now'),
    );
  }

  hold(transfer: string): Promise<void> {
    const { scene } = this;
    const reason = scene.chance.pick(['client-wish', 'safety'] as const);
    return scene.step('hold or stop', 8, () =>
      this.app(TransfersService).hold(scene.world.people.caseworker, transfer, reason),
    );
  }

  endHold(transfer: string): Promise<void> {
    const { scene } = this;
    return scene.step('end hold', 8, () => this.app(TransfersService).endHold(scene.world.people.caseworker, transfer));
  }

  /** A client takes back that they want to be paid, or wants it again. */
  async changeMind(): Promise<void> {
    const { scene } = this;
    const { code } = scene.chance.pick(scene.clients);
    const since = scene.unwilling.get(code);
    const given = since !== undefined;
    await this.app(ConsentsService).record(scene.world.people.caseworker, code, {
      purpose: 'be-paid',
      given,
      language: 'my',
    });
    scene.count(given ? 'consent given again' : 'consent withdrawn');
    scene.log.push(`${code} ${given ? 'wants' : 'does not want'} to be paid`);
    const received = scene.simulator.received.length;
    if (!given) return void scene.unwilling.set(code, received);
    scene.unwilling.delete(code);
    scene.whileUnwilling.push({ client: code, from: since, to: received });
  }

  reissue(transfer: string): Promise<void> {
    const { scene } = this;
    scene.count('reissued');
    return scene.step('reissue', 8, () => this.app(TransfersService).reissue(scene.world.people.releaser, transfer));
  }

  askBack(transfer: string, attempt: number): Promise<void> {
    const { scene } = this;
    scene.count('reversal asked for');
    const input = { id: newId(), attempt, reason: 'client-wish' as const };
    const { preparer, approver } = scene.world.people;
    return scene.sendingStep('ask back', 24, async () => {
      for (const one of [preparer, approver]) await this.app(ReversalsService).ask(one, transfer, input);
    });
  }

  /** The job of an hour: what a crash left of releases is instructed, silence is noticed, alerts are raised. */
  follow(): Promise<void> {
    const { scene } = this;
    const { schedule } = scene.world.people;
    return scene.step('follow', 24, async () => {
      await this.finishReleases();
      await this.app(ResultsService).noticeSilence(schedule);
      await this.app(UnknownPaymentsService).raiseAlerts(schedule);
    });
  }

  async finishReleases(): Promise<void> {
    const instructions = this.app(InstructionsService);
    for (const run of await instructions.unfinishedRuns())
      await instructions.instruct(this.scene.world.people.schedule, run);
  }

  send(): Promise<void> {
    const { scene } = this;
    return scene.sendingStep('send', 26, () => this.app(DispatchService).dispatchDue(scene.world.people.schedule));
  }

  async ask(): Promise<void> {
    const { scene } = this;
    const { operator, people } = scene.world;
    operator.answersQuestions = !scene.chance.percent(10);
    await scene.step('ask', 20, () => this.app(EnquiriesService).askDue(people.schedule));
    operator.answersQuestions = true;
  }

  /** Some of what the operator has to say, in any order, some of it twice; what is lost now is said in the end. */
  async deliver(): Promise<void> {
    const { scene } = this;
    const { chance } = scene;
    scene.collect();
    const waiting = chance.shuffled(scene.callbacks);
    scene.callbacks = [];
    for (const callback of waiting) {
      if (chance.percent(25)) {
        scene.count('callback late');
        scene.callbacks.push(callback);
        continue;
      }
      await scene.step(`callback ${callback.kind}`, 14, () => this.receive(callback));
      // Whoever did not hear that we took it says it again.
      if (chance.percent(20)) {
        scene.count('callback twice');
        scene.callbacks.push(callback);
      }
    }
  }

  receive(callback: SimCallback): Promise<void> {
    const told = { token: CALLBACK_TOKEN, correlationId: callback.id, body: callbackBody(callback) };
    return this.app(CallbacksService).receive(told, 'chaos');
  }

  private app<T>(service: new (...given: never[]) => T): T {
    return this.scene.world.service.app.get<T>(service);
  }
}
