/**
 * A rail that pays, in memory, with every fault that real ones have. Its own ledger of the money that left is the oracle of a test: not what we
 * believe, but what was paid, for which id of ours, and how often.
 *
 * How to drive it (no HTTP, no clock, no chance of its own: the same calls give the same answers):
 *
 *   const simulator = new RailSimulator();
 *   simulator.receive(instruction, plan)  → what the sender sees at once: `settled`, `accepted`, `refused`, `duplicate`, `silence` or `server-error`.
 *                                           `plan` says how this one goes; see MODES. Callbacks that come before the answer are in `simulator.due()`.
 *   simulator.ask(id)                     → what the rail knows by that id: a transaction, a request under way, a refusal, or nothing.
 *   simulator.reverse(reversal, plan)     → as `receive`, of money that is asked back; `plan.mode` is one of MODES too.
 *   simulator.tick(day)                   → moves the rail's day on ("2026-03-05"); what is due by then happens: late settlements, returns.
 *   simulator.due()                       → callbacks to be delivered now, in this order, each once (twice where the plan says so).
 *   simulator.statement(day)              → lines of that day's statement: payments out, returns in, and strangers where asked for.
 *   simulator.ledger                      → every movement of money: { id, kind: 'paid' | 'returned' | 'reversed', amountMinor, currency, on, reference }.
 *   simulator.timesPaid(id)               → how often money left for that id. More than once is the fault that all this is about.
 *   simulator.netPaid(id)                 → what the payee has of it in minor units, after returns and reversals.
 *
 * It is idempotent as a real operator is: the same id again is answered `duplicate` and pays nothing. With `forgetsIds: true` it pays again, so
 * that a test proves that the sender never sends twice, instead of relying on the rail.
 *
 * Seeded chance: `planFor(chance)` draws a plan; `chanceOf(seed)` in test/support/chance.ts gives the same draws for the same seed.
 * Two faces stand on it: gsma-http.ts (GSMA Mobile Money API 1.2 over HTTP) and bank-files.ts (pain.001 in; pain.002, camt.053, camt.054 out).
 */
import type { Chance } from '../chance.js';

export const MODES = [
  /** Paid and answered at once. */
  'accept-now',
  /** Answered that it was accepted; paid after `days` (0: at the next tick), with a callback. */
  'accept-later',
  /** Paid, and the callback is there before the answer, which only says that it was accepted. */
  'callback-first',
  /** Paid later, and told twice. */
  'callback-twice',
  /** Paid later, and never told. */
  'callback-never',
  /** Paid later; that it was accepted is told after that it was paid. */
  'out-of-order',
  /** Paid; nothing is answered. */
  'timeout-paid',
  /** Nothing is answered, and the rail never knew of it. */
  'timeout-unpaid',
  /** Paid; the answer is a fault of the server. */
  'error-paid',
  /** Paid; answered that the same was there before, as a rail does that got it twice from the network. */
  'duplicate-refusal',
  /** Refused with a code that proves that nothing was paid. */
  'reject-listed',
  /** Refused with a code that proves nothing; nothing was paid. */
  'reject-unlisted',
  /** Accepted; refused later, with a code that proves it, and a callback. */
  'reject-later',
  /** Paid at once; the money comes back after `days`. */
  'settle-then-return',
] as const;
export type Mode = (typeof MODES)[number];

export interface SimInstruction {
  /** The sender's. */
  id: string;
  /** The sender's, as it stands on statements. */
  reference: string;
  amountMinor: bigint;
  currency: string;
  payee: string;
}

export interface SimReversal {
  id: string;
  /** The rail's reference of what is to be taken back. */
  of: string;
}

export interface Plan {
  mode: Mode;
  /** Until it is paid, refused or returned; 1 when left out. */
  days?: number;
}

export type SimAnswer =
  | { kind: 'settled'; transaction: SimTransaction }
  | { kind: 'accepted'; operatorId: string }
  | { kind: 'refused'; category: string; code: string }
  | { kind: 'duplicate' }
  /** Nothing comes back. */
  | { kind: 'silence' }
  | { kind: 'server-error' };

export interface SimTransaction {
  reference: string;
  kind: 'payment' | 'reversal';
  /** Of a reversal: what it takes back. */
  original?: string;
  status: 'pending' | 'completed' | 'reversed';
  amountMinor: bigint;
  currency: string;
  /** The sender's reference, and the payee. */
  senderReference: string;
  payee: string;
}

export type Known =
  | { kind: 'transaction'; transaction: SimTransaction }
  | { kind: 'refused'; operatorId: string; category: string; code: string }
  | { kind: 'nothing' };

export type SimCallback = { id: string } & (
  { kind: 'transaction'; transaction: SimTransaction } | { kind: 'refused'; category: string; code: string }
);

export interface Movement {
  /** The sender's id of what the money moved for. */
  id: string;
  kind: 'paid' | 'returned' | 'reversed';
  amountMinor: bigint;
  currency: string;
  /** The rail's day. */
  on: string;
  reference: string;
  senderReference: string;
}

export interface StatementLine {
  direction: 'out' | 'in';
  amountMinor: bigint;
  currency: string;
  on: string;
  reference: string;
  /** Null of a stranger: nobody here knows what it is. */
  senderReference: string | null;
}

interface Held {
  instruction: SimInstruction;
  operatorId: string;
  transaction?: SimTransaction;
  refused?: { category: string; code: string };
}

interface Planned {
  on: string;
  act: () => void;
}

const LISTED = { category: 'businessRule', code: 'greaterThanTransactionMaxValue' };
const UNLISTED = { category: 'internal', code: 'genericError' };

export class RailSimulator {
  readonly ledger: Movement[] = [];
  /** Ids in the order in which they came, repeats included. */
  readonly received: string[] = [];
  private readonly held = new Map<string, Held>();
  private readonly transactions = new Map<string, SimTransaction>();
  private readonly idOfTransaction = new Map<string, string>();
  private planned: Planned[] = [];
  private callbacks: SimCallback[] = [];
  private count = 0;

  constructor(
    private today = '2026-03-02',
    private readonly faults: { forgetsIds?: boolean } = {},
  ) {}

  /** The rail's day. */
  get day(): string {
    return this.today;
  }

  receive(instruction: SimInstruction, plan: Plan): SimAnswer {
    this.received.push(instruction.id);
    if (this.held.has(instruction.id) && !this.faults.forgetsIds) return { kind: 'duplicate' };
    if (plan.mode === 'timeout-unpaid') return { kind: 'silence' };
    const held: Held = { instruction, operatorId: this.nextId() };
    this.held.set(instruction.id, held);
    return this.play(held, plan, {
      make: () => this.transactionOf(held, { kind: 'payment' }),
      pay: (transaction) => this.move('paid', transaction),
    });
  }

  reverse(reversal: SimReversal, plan: Plan): SimAnswer {
    this.received.push(reversal.id);
    const original = this.transactions.get(reversal.of);
    if (!original) return { kind: 'refused', category: 'identification', code: 'identifierError' };
    if (this.held.has(reversal.id) && !this.faults.forgetsIds) return { kind: 'duplicate' };
    if (original.status !== 'completed') return { kind: 'refused', category: 'businessRule', code: 'incorrectState' };
    if (plan.mode === 'timeout-unpaid') return { kind: 'silence' };
    const { amountMinor, currency, payee } = original;
    const reference = reversal.id.replaceAll('-', '');
    const instruction = { id: reversal.id, reference, amountMinor, currency, payee };
    const held: Held = { instruction, operatorId: this.nextId() };
    this.held.set(reversal.id, held);
    // What was taken back is not given once more.
    const once: Plan = plan.mode === 'settle-then-return' ? { mode: 'accept-now' } : plan;
    return this.play(held, once, {
      make: () => this.transactionOf(held, { kind: 'reversal', original: original.reference }),
      pay: () => {
        this.move('reversed', original);
        original.status = 'reversed';
      },
    });
  }

  ask(id: string): Known {
    const held = this.held.get(id);
    if (held?.transaction) return { kind: 'transaction', transaction: held.transaction };
    if (held?.refused) return { kind: 'refused', operatorId: held.operatorId, ...held.refused };
    return { kind: 'nothing' };
  }

  /** The request that the rail calls so. */
  byOperatorId(operatorId: string): Held | undefined {
    return [...this.held.values()].find((held) => held.operatorId === operatorId);
  }

  transaction(reference: string): SimTransaction | undefined {
    return this.transactions.get(reference);
  }

  /** Moves the rail's day on, never back, and lets happen what is due by then. */
  tick(day: string): void {
    if (day > this.today) this.today = day;
    for (;;) {
      const [next] = this.planned
        .filter(({ on }) => on <= this.today)
        .sort((one, other) => (one.on < other.on ? -1 : 1));
      if (!next) return;
      this.planned = this.planned.filter((one) => one !== next);
      next.act();
    }
  }

  /** Callbacks to be delivered now; each is given out once. */
  due(): SimCallback[] {
    const due = this.callbacks;
    this.callbacks = [];
    return due;
  }

  /** Lines of a day, with so many that are nothing of ours. */
  statement(day: string, strangers = 0): StatementLine[] {
    const own = this.ledger
      .filter(({ on }) => on === day)
      .map(({ kind, amountMinor, currency, on, reference, senderReference }): StatementLine => ({
        direction: kind === 'paid' ? 'out' : 'in',
        amountMinor,
        currency,
        on,
        reference,
        senderReference,
      }));
    const others = Array.from({ length: strangers }, (_, index): StatementLine => ({
      direction: 'out',
      amountMinor: BigInt(100_00 * (index + 1)),
      currency: 'THB',
      on: day,
      reference: this.nextReference('S'),
      senderReference: null,
    }));
    return [...own, ...others];
  }

  timesPaid(id: string): number {
    return this.ledger.filter((movement) => movement.id === id && movement.kind === 'paid').length;
  }

  netPaid(id: string): bigint {
    return this.ledger
      .filter((movement) => movement.id === id)
      .reduce((sum, { kind, amountMinor }) => (kind === 'paid' ? sum + amountMinor : sum - amountMinor), 0n);
  }

  /** Ids for which money left more than once. */
  paidTwice(): string[] {
    return [...new Set(this.ledger.map(({ id }) => id))].filter((id) => this.timesPaid(id) > 1);
  }

  private play(
    held: Held,
    { mode, days = 1 }: Plan,
    doing: { make: () => SimTransaction; pay: (transaction: SimTransaction) => void },
  ): SimAnswer {
    const { id } = held.instruction;
    const accepted: SimAnswer = { kind: 'accepted', operatorId: held.operatorId };
    const tell = (transaction: SimTransaction) =>
      this.callbacks.push({ id, kind: 'transaction', transaction: { ...transaction } });
    const complete = (transaction: SimTransaction) => {
      doing.pay(transaction);
      transaction.status = 'completed';
    };
    const payNow = () => {
      const transaction = doing.make();
      complete(transaction);
      return transaction;
    };
    const payLater = (after: (transaction: SimTransaction) => void): SimAnswer => {
      const transaction = doing.make();
      this.plan(days, () => {
        complete(transaction);
        after(transaction);
      });
      return accepted;
    };
    const refuse = (error: typeof LISTED): SimAnswer => {
      held.refused = error;
      return { kind: 'refused', ...error };
    };
    switch (mode) {
      case 'accept-now':
        return { kind: 'settled', transaction: payNow() };
      case 'accept-later':
        return payLater(tell);
      case 'callback-first':
        tell(payNow());
        return accepted;
      case 'callback-twice':
        return payLater((transaction) => {
          tell(transaction);
          tell(transaction);
        });
      case 'callback-never':
        return payLater(() => undefined);
      case 'out-of-order':
        return payLater((transaction) => {
          tell(transaction);
          tell({ ...transaction, status: 'pending' });
        });
      case 'timeout-paid':
        payNow();
        return { kind: 'silence' };
      case 'timeout-unpaid':
        return { kind: 'silence' };
      case 'error-paid':
        payNow();
        return { kind: 'server-error' };
      case 'duplicate-refusal':
        payNow();
        return { kind: 'duplicate' };
      case 'reject-listed':
        return refuse(LISTED);
      case 'reject-unlisted':
        return refuse(UNLISTED);
      case 'reject-later':
        this.plan(days, () => {
          refuse(LISTED);
          this.callbacks.push({ id, kind: 'refused', ...LISTED });
        });
        return accepted;
      case 'settle-then-return': {
        const transaction = payNow();
        this.plan(days, () => {
          if (transaction.status !== 'completed') return;
          this.move('returned', transaction);
          transaction.status = 'reversed';
          tell(transaction);
        });
        return { kind: 'settled', transaction: { ...transaction } };
      }
    }
  }

  private transactionOf(held: Held, what: Pick<SimTransaction, 'kind' | 'original'>): SimTransaction {
    const { amountMinor, currency, payee, reference: senderReference, id } = held.instruction;
    const reference = this.nextReference(what.kind === 'payment' ? 'T' : 'R');
    const transaction: SimTransaction = {
      ...what,
      reference,
      status: 'pending',
      amountMinor,
      currency,
      senderReference,
      payee,
    };
    held.transaction = transaction;
    this.transactions.set(reference, transaction);
    this.idOfTransaction.set(reference, id);
    return transaction;
  }

  private move(kind: Movement['kind'], { reference, amountMinor, currency, senderReference }: SimTransaction): void {
    const id = this.idOfTransaction.get(reference) ?? '';
    // What was given back is not given back again, by itself or because it was asked for.
    if (kind !== 'paid' && this.netPaid(id) <= 0n) return;
    this.ledger.push({ id, kind, amountMinor, currency, on: this.today, reference, senderReference });
  }

  private plan(days: number, act: () => void): void {
    this.planned.push({ on: addDays(this.today, days), act });
  }

  private nextReference(letter: string): string {
    this.count += 1;
    return `${letter}${String(this.count).padStart(9, '0')}`;
  }

  private nextId(): string {
    this.count += 1;
    return `00000000-0000-4000-9000-${String(this.count).padStart(12, '0')}`;
  }
}

/** A plan, drawn by chance from all that can happen, or from some of it. */
export function planFor(chance: Chance, modes: readonly Mode[] = MODES): Plan {
  return { mode: chance.pick(modes), days: chance.integer(0, 5) };
}

function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
