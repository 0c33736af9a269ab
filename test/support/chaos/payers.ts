/** The people on whose word cash, bank files and payments in a banking app depend: they pay from lists, tell what they heard, and resolve what stays unknown. */
import { Problem } from '../../../src/kernel/domain/problem.js';
import type { Actor } from '../../../src/access/domain/actor.js';
import { PaymentListService } from '../../../src/transfers/payment-list.service.js';
import type { Outcome } from '../../../src/transfers/rails/outcome.js';
import { ResultsService, type NewResult, type ResultsRecorded } from '../../../src/transfers/results.service.js';
import { newId } from '../builders.js';
import type { SimAnswer, SimCallback } from '../rail-simulator/core.js';
import type { Attempt, Scene } from './scene.js';

interface News {
  attempt: Attempt;
  result: NewResult;
  /** How many have told it, of those who have to. */
  tellers: number;
}

const PROOF = { cash: 'not-collected', 'bank-file': 'AC04', manual: 'AC04', 'mobile-money': '' } as const;

export class Payers {
  private news: News[] = [];

  constructor(private readonly scene: Scene) {}

  /** Pays what the lists of released runs say, each line once, however often the list is read. */
  async pay(): Promise<void> {
    const { scene } = this;
    const attempts = await scene.attempts();
    const open = attempts.filter(
      (one) =>
        one.rail !== 'mobile-money' &&
        !(one.rail === 'bank-file' && scene.hasBank) &&
        !(one.rail === 'cash' && scene.hasVouchers) &&
        !scene.taken.has(one.id) &&
        ['instructed', 'accepted'].includes(one.state),
    );
    for (const run of new Set(open.map((attempt) => attempt.run))) {
      let lines: { transfer: string; standing: string }[] = [];
      await scene.step('read the list', 6, async () => {
        const list = this.app(PaymentListService).ofRun(scene.world.people.preparer, run, { limit: 100 });
        lines = (await list).items;
      });
      for (const { transfer, standing } of lines) {
        const attempt = open.find((one) => one.run === run && one.transfer === transfer);
        if (standing === 'stopped') scene.count('stopped and not paid');
        if (attempt && standing === 'to-pay' && !scene.taken.has(attempt.id)) this.payOne(attempt);
      }
    }
  }

  /** Tells some of what is to be told, in any order and by one or two people; what the clock does not allow yet is told later. */
  async tell(): Promise<void> {
    const { scene } = this;
    this.hear(await scene.attempts());
    for (const one of scene.chance.shuffled(this.news)) {
      if (scene.chance.percent(35)) continue;
      await scene.step(`tell ${one.result.outcome} of ${one.attempt.rail}`, 18, () => this.record(one));
      if (scene.chance.percent(15)) {
        scene.count('told twice');
        await scene.step('tell again', 12, () => this.recordBy(this.teller(one.tellers), one));
      }
    }
  }

  /** A day's statement, with strangers on it: lines of ours are proof, the others are refused. */
  async statement(): Promise<void> {
    const { scene } = this;
    const attempts = await scene.attempts();
    const day = scene.dayAfter(-scene.chance.integer(0, 2));
    for (const line of scene.simulator.statement(day, 1)) {
      const attempt = attempts.find((one) => referenceOf(one.id) === line.senderReference);
      const [first] = attempts;
      if (attempt && scene.taken.has(attempt.id)) {
        const outcome = line.direction === 'out' ? 'settled' : 'returned';
        this.add(attempt, { outcome, happenedOn: line.on, reference: `line ${line.reference}` });
      } else if (!line.senderReference && first) {
        scene.count('stranger on a statement');
        const strange = { transfer: newId(), outcome: 'settled', reference: line.reference } as const;
        await scene.step('tell of a stranger', 2, () => this.recordAs(scene.world.people.preparer, first.run, strange));
      }
    }
  }

  /** Two people look up what became of what is unknown, where the rail is done with it, and tell the same. */
  async resolve(attempts: readonly Attempt[]): Promise<void> {
    const { scene } = this;
    for (const attempt of attempts.filter(({ state }) => state === 'unknown')) {
      const result = this.resolution(attempt);
      if (!result) continue;
      scene.count(`two people resolved: ${result.outcome}`);
      for (const teller of [0, 1])
        await scene.step(`resolve ${attempt.rail}: ${result.outcome}`, 14, () =>
          this.recordAs(this.teller(teller), attempt.run, result),
        );
    }
  }

  /** One person says of a payment that went out that it did not, where the product believes one person. */
  async lie(): Promise<void> {
    const { scene } = this;
    const attempts = await scene.attempts();
    const believed = attempts.filter(
      ({ id, rail, state }) =>
        scene.taken.has(id) &&
        ['cash', 'bank-file'].includes(rail) &&
        ['instructed', 'accepted', 'unknown'].includes(state),
    );
    const [attempt] = believed.filter(({ id }) => scene.simulator.timesPaid(id) > 0 || this.isOpen(id));
    if (!attempt) return;
    const told = { transfer: attempt.transfer, outcome: 'failed', code: PROOF[attempt.rail] } as const;
    const recorded = await this.recordAs(scene.world.people.preparer, attempt.run, told).then(
      ({ waiting }) => waiting === 0,
      (error: unknown) => {
        if (error instanceof Problem) return false;
        throw error;
      },
    );
    scene.count(recorded ? 'false proof believed' : 'false proof refused');
    scene.log.push(`a false proof of ${attempt.rail}: ${recorded ? 'believed' : 'refused'}`);
    if (recorded) scene.lies.add(attempt.transfer);
  }

  /** Of what was falsely said not to have been paid, the truth comes out in the end: whoever has the money says so, or a statement does. */
  undoLies(attempts: readonly Attempt[]): void {
    const { lies, simulator } = this.scene;
    const believed = attempts.filter(({ transfer, state }) => lies.has(transfer) && state === 'failed');
    for (const attempt of believed.filter(({ id }) => simulator.timesPaid(id) > 0)) {
      this.add(attempt, this.settled(attempt.id));
      if (simulator.netPaid(attempt.id) === 0n)
        this.add(attempt, { outcome: 'returned', happenedOn: this.dayOf(attempt.id, 'returned'), reference: 'credit' });
    }
  }

  /** Everything that is to be told, by as many as it takes. */
  async tellAll(): Promise<void> {
    const { scene } = this;
    this.hear(await scene.attempts());
    while (this.news.length > 0) {
      const before = this.news.length;
      for (const one of [...this.news]) {
        await this.record(one);
        if (this.news.includes(one)) await this.record(one);
      }
      if (this.news.length === before) return; // not before another day
    }
  }

  hasNews(): boolean {
    return this.news.length > 0;
  }

  private payOne(attempt: Attempt): void {
    const { scene } = this;
    const plan = scene.planOf(attempt.account, `${attempt.instalment} by ${attempt.rail}`);
    scene.taken.add(attempt.id);
    const { id } = attempt;
    const instruction = {
      id,
      reference: referenceOf(id),
      amountMinor: BigInt(attempt.amount_minor),
      currency: 'THB',
      payee: attempt.client,
    };
    const answer = scene.simulator.receive(instruction, plan);
    scene.collect();
    const told = this.newsOf(attempt, answer);
    if (told) this.add(attempt, told);
  }

  private newsOf(attempt: Attempt, answer: SimAnswer): Omit<NewResult, 'transfer'> | undefined {
    switch (answer.kind) {
      case 'settled':
        return this.settled(attempt.id);
      case 'accepted':
        return { outcome: 'accepted' };
      case 'refused':
        return { outcome: 'failed', code: isListed(answer.code) ? PROOF[attempt.rail] : 'XX99' };
      case 'duplicate':
        return { outcome: 'failed', code: 'DUPL' };
      case 'server-error':
        return { outcome: 'unknown' };
      case 'silence':
        return undefined;
    }
  }

  private hear(attempts: readonly Attempt[]): void {
    this.scene.collect();
    for (const callback of this.scene.heard.splice(0)) {
      const attempt = attempts.find(({ id }) => id === callback.id);
      if (!attempt) throw new Error('a rail tells of what nobody paid');
      this.add(attempt, this.newsIn(attempt, callback));
    }
  }

  private newsIn(attempt: Attempt, callback: SimCallback): Omit<NewResult, 'transfer'> {
    if (callback.kind === 'refused') return { outcome: 'failed', code: PROOF[attempt.rail] };
    if (callback.transaction.status === 'pending') return { outcome: 'accepted' };
    if (callback.transaction.status === 'completed') return this.settled(attempt.id);
    return { outcome: 'returned', happenedOn: this.dayOf(attempt.id, 'returned'), reference: 'credit of the bank' };
  }

  private settled(id: string): Omit<NewResult, 'transfer'> {
    return { outcome: 'settled', happenedOn: this.dayOf(id, 'paid'), reference: 'word of the rail' };
  }

  private dayOf(id: string, kind: 'paid' | 'returned'): string | undefined {
    return this.scene.simulator.ledger.find((one) => one.id === id && one.kind === kind)?.on;
  }

  private add(attempt: Attempt, told: Omit<NewResult, 'transfer'>): void {
    // Two who tell the same on different days name the same day.
    const result = { transfer: attempt.transfer, happenedOn: this.scene.railDay(), ...told };
    this.news.push({ attempt, result, tellers: 0 });
  }

  /** The next one tells it; it is no news any more when nobody else has to. */
  private async record(one: News): Promise<void> {
    const turn = one.tellers;
    try {
      const { waiting } = await this.recordBy(this.teller(turn), one);
      one.tellers = turn + 1; // two at once are one person who asked twice
      if (waiting === 0) this.news = this.news.filter((other) => other !== one);
    } catch (error) {
      // Tomorrow in the client's country, though it is today at the bank.
      if (error instanceof Problem && error.code === 'date-in-the-future') return;
      throw error;
    }
  }

  private recordBy(teller: Actor, { attempt, result }: News): Promise<ResultsRecorded> {
    return this.recordAs(teller, attempt.run, result);
  }

  private recordAs(teller: Actor, run: string, result: NewResult): Promise<ResultsRecorded> {
    return this.app(ResultsService).record(teller, run, [result]);
  }

  private teller(number: number): Actor {
    const { preparer, approver } = this.scene.world.people;
    return number === 0 ? preparer : approver;
  }

  private resolution(attempt: Attempt): NewResult | undefined {
    const { simulator } = this.scene;
    const { id, transfer } = attempt;
    const told = (outcome: Outcome, happenedOn?: string): NewResult => ({
      transfer,
      outcome,
      happenedOn,
      reference: `ledger of the rail ${id.slice(-8)}`,
    });
    const returned = simulator.ledger.find((one) => one.id === id && one.kind !== 'paid');
    if (returned) return told(returned.kind === 'returned' ? 'returned' : 'reversed', returned.on);
    if (simulator.timesPaid(id) > 0) return told('resolved-paid', this.dayOf(id, 'paid'));
    const isOld = attempt.instructed_on < this.scene.dayAfter(-5);
    return isOld && !this.isOpen(id) ? told('resolved-not-paid') : undefined;
  }

  /** Whether the rail may still pay it. A rail is done after five days. */
  private isOpen(id: string): boolean {
    const known = this.scene.simulator.ask(id);
    return known.kind === 'transaction' && known.transaction.status === 'pending';
  }

  private app<T>(service: new (...given: never[]) => T): T {
    return this.scene.world.service.app.get<T>(service);
  }
}

const referenceOf = (id: string): string => id.replaceAll('-', '');

/** The simulator refuses with one code that is on the rails' lists, and with one that is not. */
const isListed = (code: string): boolean => code !== 'genericError';
