/** What can be tried next at a ledger, from what was done there before: steps that are mostly valid, and each way of being wrong. */
import { randomUUID } from 'node:crypto';
import type { EntryInput, FlowKind } from '../../src/ledger/domain/entry.js';
import type { FundAccounts } from '../../src/ledger/posting.service.js';
import {
  commit,
  entry,
  exchange,
  giveBack,
  grant,
  next,
  reserve,
  reversalOf,
  reversalsOf,
  type Rate,
} from './entries.js';
import type { ModelLedger } from './model-ledger.js';

/** Accounts of one fund in one currency, in which these people carry cash. */
export interface Purse {
  accounts: FundAccounts;
  holders: readonly string[];
}

export interface Situation {
  model: ModelLedger;
  purses: readonly Purse[];
  rates: readonly Rate[];
  /** What comes before in the same batch. */
  planned: readonly EntryInput[];
}

/** Numbers that were drawn beforehand, taken one after the other. */
export class Rolls {
  private taken = 0;
  constructor(private readonly drawn: readonly number[]) {}

  /** From 0 to below `limit`. */
  below(limit: number): number {
    const roll = this.drawn[this.taken % this.drawn.length] as number;
    this.taken += 1;
    return (roll + (this.taken > this.drawn.length ? 7919 * this.taken : 0)) % limit;
  }

  percent(share: number): boolean {
    return this.below(100) < share;
  }

  pick<T>(from: readonly T[]): T | undefined {
    return from[this.below(Math.max(from.length, 1))];
  }
}

/** The entries to post, or nothing when this cannot be tried here. */
export type Step = (at: Situation, rolls: Rolls) => EntryInput[] | undefined;

const LOOKS_BACK = 60;

const recent = ({ model, planned }: Situation, wanted: (one: EntryInput) => boolean): EntryInput[] =>
  [...model.created.slice(-LOOKS_BACK), ...planned].filter(wanted);
const aPurse = ({ purses }: Situation, rolls: Rolls): Purse => rolls.pick(purses) as Purse;
/** Where that entry belongs; anywhere when it belongs nowhere, as what is planned may. */
const purseOf = (at: Situation, { debitId, creditId }: EntryInput): Purse =>
  at.purses.find(({ accounts }) =>
    [accounts.id('bank'), accounts.id('fund'), accounts.id('paid'), accounts.id('clearing', 'cash')].some(
      (id) => id === debitId || id === creditId,
    ),
  ) ?? (at.purses[0] as Purse);

/** Often all that can leave the account, or just beyond it. */
function amount({ model }: Situation, rolls: Rolls, leaves: string): number | bigint {
  const free = model.available(leaves);
  const roll = rolls.below(100);
  if (free > 0n && roll < 6) return free;
  if (free >= 0n && roll < 16) return free + 1n;
  return 1 + rolls.below(5_000);
}

const float = (purse: Purse, rolls: Rolls): string => purse.accounts.id('float', rolls.pick(purse.holders));

/** A way on for one of the recent instructions. */
const onwards =
  (kind: 'settle' | 'settle-late' | 'fail', placeOf: (item: EntryInput) => 'debitId' | 'creditId' | undefined): Step =>
  (at, rolls) => {
    const sent = rolls.pick(recent(at, (one) => one.kind === 'instruct'));
    if (!sent) return undefined;
    const purse = purseOf(at, sent);
    const item = next(purse.accounts, kind, sent);
    const place = placeOf(item);
    return [place && rolls.percent(25) ? { ...item, [place]: float(purse, rolls) } : item];
  };

/** Cash of something that was instructed, to whoever carries it. */
const handOut: Step = (at, rolls) => {
  const sent = rolls.pick(recent(at, ({ kind }) => kind === 'instruct'));
  if (!sent) return undefined;
  const purse = purseOf(at, sent);
  return [next(purse.accounts, 'hand-out', sent, { debitId: float(purse, rolls), sourceId: randomUUID() })];
};

const handIn: Step = (at, rolls) => {
  const out = rolls.pick(recent(at, ({ kind }) => kind === 'hand-out'));
  if (!out) return undefined;
  const { accounts } = purseOf(at, out);
  return [
    { ...out, id: randomUUID(), kind: 'hand-in', debitId: accounts.id('clearing', 'cash'), creditId: out.debitId },
  ];
};

const comesBack: Step = (at, rolls) => {
  const paidOnly = rolls.percent(80);
  const of = rolls.pick(recent(at, ({ kind }) => (paidOnly ? kind.startsWith('settle') : kind === 'instruct')));
  if (!of) return undefined;
  const purse = rolls.percent(96) ? purseOf(at, of) : aPurse(at, rolls);
  const back = next(purse.accounts, rolls.percent(60) ? 'return' : 'reverse', of);
  if (rolls.percent(3)) back.amountMinor += 1n;
  return [rolls.percent(20) ? { ...back, debitId: float(purse, rolls) } : back];
};

/** One or two exchanges in a row: there, and on from there. */
const exchanges: Step = (at, rolls) => {
  const rate = rolls.pick(at.rates) as Rate;
  const froms = at.purses.filter(({ accounts }) => accounts.currency === rate.base);
  const from = rolls.pick(froms) as Purse;
  const to = at.purses.find(
    ({ accounts }) => accounts.currency === rate.quote && accounts.fundId === from.accounts.fundId,
  );
  if (!to) return undefined;
  const rows = exchange(
    from.accounts,
    to.accounts,
    rate,
    2_000 + rolls.below(9_000),
    rolls.percent(40) ? 1 + rolls.below(9) : 0,
  );
  return rows;
};

const brokenExchange: Step = (at, rolls) => {
  const rows = exchanges(at, rolls);
  const [out, into] = rows ?? [];
  if (!rows || !out || !into) return undefined;
  const other = at.purses.find(
    ({ accounts }) => accounts.currency === into.currency && accounts.id('bank') !== into.debitId,
  );
  const ways: EntryInput[][] = [
    [out],
    [into],
    rows.map((row) => (row === into ? { ...row, amountMinor: row.amountMinor + (rolls.percent(50) ? 1n : -1n) } : row)),
    rows.map((row) => (row === into ? { ...row, sourceId: randomUUID() } : row)),
    rows.map((row) => ({ ...row, exchangeRateId: (rolls.pick(at.rates) as Rate).id })),
    // The middle of it is refused, and so it all is.
    rows.map((row) => (row === into ? { ...row, creditId: row.debitId } : row)),
    [out, into, into],
    other ? [out, { ...into, debitId: other.accounts.id('bank'), creditId: other.accounts.id('fund') }] : [out],
  ];
  return rolls.pick(ways);
};

/** A residue for an exchange that was made before. */
const lateResidue: Step = (at, rolls) => {
  const into = rolls.pick(recent(at, ({ kind }) => kind === 'exchange-in'));
  if (!into) return undefined;
  const { linkId, exchangeRateId, sourceId } = into;
  return [entry(purseOf(at, into).accounts, 'exchange-residue', 1, { linkId, exchangeRateId, sourceId })];
};

const reversal: Step = (at, rolls) => {
  const linkedToo = rolls.percent(10);
  const of = rolls.pick(recent(at, ({ linkId }) => linkedToo || !linkId));
  if (!of) return undefined;
  const back = reversalOf(of);
  const roll = rolls.below(100);
  if (roll < 4) return [{ ...back, amountMinor: back.amountMinor + 1n }];
  if (roll < 8) return [{ ...back, debitId: back.creditId, creditId: back.debitId }];
  return [back];
};

const reversalOfLink: Step = (at, rolls) => {
  const of = rolls.pick(recent(at, ({ kind }) => kind === 'exchange-in'));
  if (!of) return undefined;
  const back = reversalsOf(recent(at, ({ linkId }) => linkId === of.linkId));
  return rolls.percent(15) ? back.slice(1) : back;
};

const wrongPlace: Step = (at, rolls) => {
  const of = rolls.pick(recent(at, () => true));
  const [one, other] = [aPurse(at, rolls).accounts, aPurse(at, rolls).accounts];
  if (!of) return undefined;
  const anew = { ...of, id: randomUUID(), sourceId: randomUUID() };
  return rolls.pick([
    [{ ...anew, creditId: other.id('fund') }],
    [{ ...anew, debitId: other.id('bank') }],
    [{ ...anew, debitId: anew.creditId, creditId: anew.debitId }],
    [{ ...anew, currency: other.currency }],
    [entry(one, 'grant', 5, { creditId: other.id('fund') })],
    [entry(one, 'instruct', 5, { creditId: one.id('paid') })],
    [entry(one, 'settle', 5, { debitId: '999999999' })],
  ]);
};

const wrongResolving: Step = (at, rolls) => {
  const reserved = rolls.pick(recent(at, ({ phase }) => phase === 'pending'));
  const plain = rolls.pick(recent(at, ({ kind }) => kind === 'grant'));
  if (!reserved || !plain) return undefined;
  const { accounts } = purseOf(at, reserved);
  return rolls.pick([
    [commit(accounts, reserved, reserved.amountMinor + 1n)],
    [giveBack(accounts, reserved, reserved.amountMinor + 1n)],
    [commit(aPurse(at, rolls).accounts, reserved)],
    [commit(accounts, { ...reserved, id: randomUUID() })],
    [entry(purseOf(at, plain).accounts, 'grant', 1, { phase: 'post', pendingId: plain.id })],
  ]);
};

const repeated: Step = (at, rolls) => {
  const of = rolls.pick(recent(at, () => true));
  return of && (of.linkId && rolls.percent(70) ? recent(at, ({ linkId }) => linkId === of.linkId) : [of]);
};

const changed: Step = (at, rolls) => {
  const of = rolls.pick(recent(at, ({ kind }) => kind !== 'reversal'));
  return (
    of &&
    rolls.pick<EntryInput[]>([
      [{ ...of, amountMinor: of.amountMinor + 1n }],
      [{ ...of, sourceId: randomUUID() }],
      [{ ...of, debitId: of.creditId, creditId: of.debitId }],
      [{ ...of, rail: of.rail === 'manual' ? 'cash' : 'manual' }],
    ])
  );
};

const sameCause: Step = (at, rolls) => {
  const of = rolls.pick(recent(at, ({ linkId, phase }) => !linkId && phase === 'single'));
  return of && [{ ...of, id: randomUUID() }];
};

/** What is promised has kinds of its own for what follows; all else keeps its kind. */
const resolvedAs = (phase: 'post' | 'void', promised: EntryInput, reserved: EntryInput): EntryInput =>
  reserved.kind === 'reserve'
    ? promised
    : {
        ...reserved,
        id: randomUUID(),
        sourceId: randomUUID(),
        phase,
        pendingId: reserved.id,
        amountMinor: promised.amountMinor,
      };

/** How often each is tried, and how. */
const STEPS: Readonly<Record<string, readonly [weight: number, step: Step]>> = {
  grant: [4, (at, rolls) => [grant(aPurse(at, rolls).accounts, 1 + rolls.below(60_000))]],
  reserve: [
    4,
    (at, rolls) => {
      const { accounts } = aPurse(at, rolls);
      return [reserve(accounts, amount(at, rolls, accounts.id('fund')))];
    },
  ],
  'set something else aside': [
    2,
    (at, rolls) => {
      const purse = aPurse(at, rolls);
      const kind = rolls.pick(['settle', 'fail', 'float-back', 'grant'] as const) as FlowKind;
      const planned = entry(purse.accounts, kind, 1, { phase: 'pending', holder: rolls.pick(purse.holders) });
      return [{ ...planned, amountMinor: BigInt(amount(at, rolls, planned.creditId)) }];
    },
  ],
  commit: [
    4,
    (at, rolls) => {
      const reserved = rolls.pick(recent(at, ({ phase }) => phase === 'pending'));
      const part = reserved && rolls.percent(40) ? 1n + BigInt(rolls.below(5_000)) : reserved?.amountMinor;
      return reserved && [resolvedAs('post', commit(purseOf(at, reserved).accounts, reserved, part), reserved)];
    },
  ],
  'give back': [
    3,
    (at, rolls) => {
      const reserved = rolls.pick(recent(at, ({ phase }) => phase === 'pending'));
      return reserved && [resolvedAs('void', giveBack(purseOf(at, reserved).accounts, reserved), reserved)];
    },
  ],
  instruct: [
    4,
    (at, rolls) => {
      const purse = aPurse(at, rolls);
      if (!rolls.percent(35)) return [entry(purse.accounts, 'instruct', 1 + rolls.below(5_000))];
      const creditId = float(purse, rolls);
      return [entry(purse.accounts, 'instruct', amount(at, rolls, creditId), { creditId })];
    },
  ],
  settle: [4, onwards('settle', () => 'creditId')],
  'hand out': [3, handOut],
  'hand in': [2, handIn],
  'settle late': [2, onwards('settle-late', () => 'creditId')],
  fail: [2, onwards('fail', () => 'debitId')],
  'come back': [4, comesBack],
  'float out': [
    3,
    (at, rolls) => {
      const purse = aPurse(at, rolls);
      return [entry(purse.accounts, 'float-out', 1 + rolls.below(5_000), { holder: rolls.pick(purse.holders) })];
    },
  ],
  'float back': [
    2,
    (at, rolls) => {
      const purse = aPurse(at, rolls);
      const holder = rolls.pick(purse.holders);
      return [entry(purse.accounts, 'float-back', amount(at, rolls, purse.accounts.id('float', holder)), { holder })];
    },
  ],
  exchange: [3, exchanges],
  'exchange that is broken': [1, brokenExchange],
  'residue that comes later': [1, lateResidue],
  reverse: [3, reversal],
  'reverse an exchange': [2, reversalOfLink],
  'wrong place': [2, wrongPlace],
  'wrong resolving': [2, wrongResolving],
  'say again': [2, repeated],
  'say otherwise': [2, changed],
  'say under another id': [1, sameCause],
};

export const STEP_NAMES: readonly string[] = Object.entries(STEPS).flatMap(([name, [weight]]) =>
  Array.from({ length: weight }, () => name),
);

/** The entries of several steps, each of which knows the ones before it. */
export function entriesOf(names: readonly string[], at: Omit<Situation, 'planned'>, rolls: Rolls): EntryInput[] {
  const planned: EntryInput[] = [];
  for (const name of names) planned.push(...(STEPS[name]?.[1]({ ...at, planned }, rolls) ?? []));
  return planned;
}
