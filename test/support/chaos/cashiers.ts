/** Cash with vouchers, by its real path: issued, handed out and taken, handed over with the client's mark, or brought back; some of it given back later. */
import { AcknowledgementsService } from '../../../src/transfers/rails/cash/acknowledgements.service.js';
import { CustodyService } from '../../../src/transfers/rails/cash/custody.service.js';
import { VouchersService } from '../../../src/transfers/rails/cash/vouchers.service.js';
import type { VoucherView } from '../../../src/transfers/rails/cash/voucher-view.js';
import type { Attempt, Scene } from './scene.js';

const OPEN: readonly string[] = ['instructed', 'accepted', 'unknown'];

export class Cashiers {
  /** What is asked again is asked under the same id. */
  private readonly ids = new Map<string, string>();

  private readonly issued = new Set<string>();

  constructor(private readonly scene: Scene) {
    scene.hasVouchers = true;
  }

  /** One step further with each voucher that there is, or that there should be. */
  async goOn(): Promise<void> {
    const { scene } = this;
    const attempts = (await scene.attempts()).filter((one) => one.rail === 'cash' && this.isLeft(one));
    for (const run of new Set(attempts.map((attempt) => attempt.run))) {
      if (!this.issued.has(run))
        await scene.step('issue vouchers', 14, () => this.app(VouchersService).issue(scene.world.people.preparer, run));
      const { items } = await this.app(VouchersService).list(scene.world.people.auditor, { run, limit: 100 });
      for (const voucher of items) {
        const attempt = attempts.find((one) => one.run === run && one.transfer === voucher.transfer);
        if (attempt) await this.oneStep(voucher, attempt);
      }
      if (attempts.every((one) => one.run !== run || items.some(({ transfer }) => transfer === one.transfer)))
        this.issued.add(run);
    }
  }

  /** In the end the cash of every voucher is with the client or in the till, and both say so. */
  async settle(): Promise<void> {
    for (let step = 0; step < 4; step += 1) await this.goOn();
  }

  private isLeft({ id, state }: Attempt): boolean {
    return OPEN.includes(state) || (state === 'settled' && this.hasComeBack(id));
  }

  private hasComeBack(attempt: string): boolean {
    return this.scene.simulator.ledger.some(({ id, kind }) => id === attempt && kind === 'returned');
  }

  private async oneStep(voucher: VoucherView, attempt: Attempt): Promise<void> {
    const { scene } = this;
    const { approver, caseworker, preparer } = scene.world.people;
    const custody = this.app(CustodyService);
    const what = `${voucher.id} ${voucher.state}`;
    const { offer } = voucher;
    const staysInTill = voucher.isStopped || scene.unwilling.has(attempt.client);
    switch (voucher.state) {
      case 'in-till': {
        if (!OPEN.includes(attempt.state)) return;
        if (scene.chance.percent(15) || staysInTill) return this.keepInTill(voucher);
        const id = this.idOf(what);
        const offers = [{ id, voucher: voucher.id }];
        return scene.step('offer out', 12, () => custody.handOut(approver, offers, caseworker.userId));
      }
      case 'offered':
        if (staysInTill) return this.keepInTill(voucher);
        return scene.step('take', 16, () => custody.receive(caseworker, voucher.id, offer?.id ?? ''));
      case 'carried':
        return this.visit(voucher, attempt);
      case 'coming-back':
        if (offer?.act === 'hand-in') scene.count('voucher brought back');
        if (offer?.act === 'give-back') scene.count('voucher given back');
        return scene.step('take in', 20, () => custody.receive(preparer, voucher.id, offer?.id ?? ''));
      case 'acknowledged':
        if (this.hasComeBack(attempt.id))
          return scene.step('give back', 12, () =>
            custody.handIn(caseworker, { id: this.idOf(what), voucher: voucher.id }),
          );
        return;
      case 'handed-over': // a second person is asked for nothing here
      case 'not-collected':
      case 'given-back':
        return;
    }
  }

  private keepInTill({ id }: VoucherView): Promise<void> {
    const { scene } = this;
    scene.count('voucher never handed out');
    return scene.step('not collected from the till', 12, () =>
      this.app(CustodyService).notCollected(scene.world.people.approver, id),
    );
  }

  /** The client takes it, does not, or is not there yet. */
  private async visit(voucher: VoucherView, attempt: Attempt): Promise<void> {
    const { scene } = this;
    const { caseworker } = scene.world.people;
    const { id } = attempt;
    if (!scene.carried.has(id)) {
      scene.carried.add(id);
      const amountMinor = BigInt(attempt.amount_minor);
      const instruction = { id, reference: voucher.number, amountMinor, currency: 'THB', payee: attempt.account };
      scene.simulator.receive(instruction, scene.planOf(attempt.account, `${attempt.instalment} by voucher`));
      scene.collect();
    }
    const known = scene.simulator.ask(id);
    if (known.kind === 'transaction' && known.transaction.status === 'pending') return;
    if (scene.simulator.timesPaid(id) > 0) {
      const told = { id: this.idOf(`${voucher.id} told`), kind: 'client-mark' } as const;
      scene.count('voucher handed over');
      return scene.step('hand over', 20, () =>
        this.app(AcknowledgementsService).handOver(caseworker, voucher.id, told),
      );
    }
    const back = { id: this.idOf(`${voucher.id} back`), voucher: voucher.id, because: 'not-collected' } as const;
    await scene.step('offer back', 12, () => this.app(CustodyService).handIn(caseworker, back));
  }

  private idOf(what: string): string {
    const id = this.ids.get(what) ?? this.scene.chance.id();
    this.ids.set(what, id);
    return id;
  }

  private app<T>(service: new (...given: never[]) => T): T {
    return this.scene.world.service.app.get<T>(service);
  }
}
