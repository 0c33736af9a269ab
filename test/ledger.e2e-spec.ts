/** The ledger's posting function: what it takes, what it refuses, and what holds whatever comes in whichever order. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  flows,
  type AccountKind,
  type EntryInput,
  type FlowKind,
  type PostResult,
} from '../src/ledger/domain/entry.js';
import type { FundAccounts } from '../src/ledger/posting.service.js';
import { commit, entry, giveBack, grant, openBooks, reserve, type Books, type Held } from './support/books.js';
import { chanceFor } from './support/chance.js';
import { sql } from './support/database.js';

let books: Books;
let fund: FundAccounts;

beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books.close());
beforeEach(async () => {
  fund = await books.openFund('THB');
});

const heldBy = async (account: string): Promise<Held> => (await books.held([account])).get(account) as Held;
const freeToPromise = async (): Promise<bigint> => {
  const { creditsPosted, debitsPosted, debitsPending } = await heldBy(fund.id('fund'));
  return creditsPosted - debitsPosted - debitsPending;
};

describe('posting an entry', () => {
  it('moves its amount from one account to the other', async () => {
    await expect(books.post(grant(fund, 900_000))).resolves.toEqual(['created']);
    expect(await heldBy(fund.id('bank'))).toMatchObject({ debitsPosted: 900_000n, creditsPosted: 0n });
    expect(await heldBy(fund.id('fund'))).toMatchObject({ debitsPosted: 0n, creditsPosted: 900_000n });
  });

  it('a second time, with the same id and content, says that it exists and moves nothing', async () => {
    const received = grant(fund, 900_000);
    await books.post(received);
    await expect(books.post(received)).resolves.toEqual(['exists']);
    expect((await heldBy(fund.id('bank'))).debitsPosted).toBe(900_000n);
  });

  it.each<[string, (of: EntryInput, other: FundAccounts) => Partial<EntryInput>]>([
    ['amount', () => ({ amountMinor: 899_999n })],
    ['kind', () => ({ kind: 'commit' })],
    ['phase', () => ({ phase: 'pending' })],
    ['cause', () => ({ sourceId: randomUUID() })],
    ['debit account', (_, other) => ({ debitId: other.id('bank') })],
    ['credit account', (_, other) => ({ creditId: other.id('fund') })],
    ['direction', (of) => ({ debitId: of.creditId, creditId: of.debitId })],
    ['transfer', () => ({ obligationId: randomUUID() })],
    ['pending entry', () => ({ phase: 'post', pendingId: randomUUID() })],
  ])('with an id seen before and another %s is a conflict and moves nothing', async (_, change) => {
    const other = await books.openFund('THB');
    const received = grant(fund, 900_000);
    await books.post(received);
    const before = await books.held();
    await expect(books.post({ ...received, ...change(received, other) })).resolves.toEqual(['conflict']);
    expect(await books.held()).toEqual(before);
  });

  it.each([0n, -1n])('of %s is refused by the table itself', async (amountMinor) => {
    await expect(books.post(entry(fund, 'grant', amountMinor))).rejects.toMatchObject({ code: '23514' });
  });

  it('from an account to itself is refused', async () => {
    await expect(books.post(entry(fund, 'grant', 1, { creditId: fund.id('bank') }))).resolves.toEqual([
      'accounts-not-of-kind',
    ]);
  });

  it('in a currency that its accounts do not hold is refused, and so is one between two currencies', async () => {
    const dong = await books.openFund('VND');
    await expect(books.post(entry(fund, 'grant', 100, { currency: 'VND' }))).resolves.toEqual(['currency-not-held']);
    await expect(books.post(entry(fund, 'grant', 100, { creditId: dong.id('fund') }))).resolves.toEqual([
      'currency-not-held',
    ]);
    await expect(books.post(entry(fund, 'grant', 100, { debitId: dong.id('bank') }))).resolves.toEqual([
      'currency-not-held',
    ]);
  });

  it('to an account that does not exist is refused', async () => {
    await expect(books.post(entry(fund, 'grant', 100, { creditId: '999999999' }))).resolves.toEqual([
      'currency-not-held',
    ]);
  });

  it('of the same kind from the same cause cannot be made twice under two ids', async () => {
    const received = grant(fund, 100);
    await books.post(received);
    await expect(books.post({ ...received, id: randomUUID() })).rejects.toMatchObject({
      code: '23505',
      constraint: 'entry_once_per_cause',
    });
    expect((await heldBy(fund.id('bank'))).debitsPosted).toBe(100n);
  });

  it('more than 10,000 at once is refused', async () => {
    const many = Array.from({ length: 10_001 }, () => grant(fund, 1));
    await expect(books.post(...many)).rejects.toMatchObject({ code: 'UCT02' });
  });
});

describe('the floor', () => {
  it('lets out the last satang and not one more', async () => {
    await books.post(grant(fund, 1_000));
    await expect(books.post(reserve(fund, 1_001))).resolves.toEqual(['insufficient']);
    await expect(books.post(reserve(fund, 1_000))).resolves.toEqual(['created']);
    await expect(books.post(reserve(fund, 1))).resolves.toEqual(['insufficient']);
    expect(await freeToPromise()).toBe(0n);
  });

  it('counts what is reserved as gone, in the same batch too', async () => {
    const results = await books.post(
      grant(fund, 1_000),
      reserve(fund, 600),
      reserve(fund, 600),
      reserve(fund, 400),
      reserve(fund, 1),
    );
    expect(results).toEqual(['created', 'created', 'insufficient', 'created', 'insufficient']);
    expect(await freeToPromise()).toBe(0n);
  });

  it('holds at every step of a batch: money that comes later does not pay for what goes out before', async () => {
    await expect(books.post(reserve(fund, 500), grant(fund, 500))).resolves.toEqual(['insufficient', 'created']);
    await expect(books.post(reserve(fund, 501), grant(fund, 1), reserve(fund, 501))).resolves.toEqual([
      'insufficient',
      'created',
      'created',
    ]);
  });

  it('does not count money that is on its way in', async () => {
    await books.post(entry(fund, 'grant', 1_000, { phase: 'pending' }));
    await expect(books.post(reserve(fund, 1))).resolves.toEqual(['insufficient']);
  });

  it('guards what is in clearing: nothing settles that was not instructed', async () => {
    await books.post(grant(fund, 1_000), entry(fund, 'instruct', 300));
    await expect(books.post(entry(fund, 'settle', 301))).resolves.toEqual(['insufficient']);
    await expect(books.post(entry(fund, 'fail', 301))).resolves.toEqual(['insufficient']);
    await expect(books.post(entry(fund, 'settle', 300))).resolves.toEqual(['created']);
  });

  it('cannot be broken by a hand on the cached balance either', async () => {
    await books.post(grant(fund, 1_000));
    const overdrawn = sql(books.db.url, 'update ledger.balance set debits_posted = 1001 where account_id = $1', [
      fund.id('fund'),
    ]);
    await expect(overdrawn).rejects.toMatchObject({ constraint: 'balance_not_below_floor' });
  });
});

describe('a batch', () => {
  it('with the same entry twice makes it once', async () => {
    const received = grant(fund, 100);
    await expect(books.post(received, received)).resolves.toEqual(['created', 'exists']);
    expect((await heldBy(fund.id('bank'))).debitsPosted).toBe(100n);
  });

  it('with one id and two contents keeps the first', async () => {
    const received = grant(fund, 100);
    await expect(books.post(received, { ...received, amountMinor: 200n })).resolves.toEqual(['created', 'conflict']);
    expect((await heldBy(fund.id('bank'))).debitsPosted).toBe(100n);
  });

  it('posts what it can and says of each other item why not', async () => {
    const seen = grant(fund, 1_000);
    await books.post(seen);
    const reserved = reserve(fund, 400);
    const results = await books.post(
      seen,
      { ...seen, amountMinor: 1n },
      reserved,
      reserve(fund, 601),
      commit(fund, reserved),
      giveBack(fund, reserved),
      entry(fund, 'grant', 5, { currency: 'VND' }),
      commit(fund, reserve(fund, 5)),
    );
    expect(results).toEqual([
      'exists',
      'conflict',
      'created',
      'insufficient',
      'created',
      'already-resolved',
      'currency-not-held',
      'pending-mismatch',
    ]);
    expect(await books.faults()).toEqual([]);
  });

  it('of nothing does nothing', async () => {
    await expect(
      books.dataSource.query(
        "select * from ledger.post_entries('{}','{}','{}','{}','{}','{}','{}','{}', now()::date, now(), '{}','{}','{}','{}','{}','{}','{}','{}')",
      ),
    ).resolves.toEqual([]);
  });
});

describe('a reservation', () => {
  it('is committed in full', async () => {
    const reserved = reserve(fund, 600);
    await books.post(grant(fund, 1_000), reserved);
    await expect(books.post(commit(fund, reserved))).resolves.toEqual(['created']);
    expect(await heldBy(fund.id('fund'))).toMatchObject({ debitsPosted: 600n, debitsPending: 0n });
    expect(await heldBy(fund.id('committed'))).toMatchObject({ creditsPosted: 600n, creditsPending: 0n });
  });

  it('is committed in part, and the rest is free again', async () => {
    const reserved = reserve(fund, 600);
    await books.post(grant(fund, 1_000), reserved);
    await expect(books.post(commit(fund, reserved, 250))).resolves.toEqual(['created']);
    expect(await freeToPromise()).toBe(750n);
    expect(await heldBy(fund.id('committed'))).toMatchObject({ creditsPosted: 250n, creditsPending: 0n });
  });

  it('is given back in full', async () => {
    const reserved = reserve(fund, 600);
    await books.post(grant(fund, 1_000), reserved);
    await expect(books.post(giveBack(fund, reserved))).resolves.toEqual(['created']);
    expect(await freeToPromise()).toBe(1_000n);
  });

  it('is resolved once: neither committed nor given back again', async () => {
    const reserved = reserve(fund, 600);
    const first = commit(fund, reserved, 100);
    await books.post(grant(fund, 1_000), reserved, first);
    await expect(books.post(commit(fund, reserved, 100), giveBack(fund, reserved))).resolves.toEqual([
      'already-resolved',
      'already-resolved',
    ]);
    await expect(books.post(first)).resolves.toEqual(['exists']);
    expect(await freeToPromise()).toBe(900n);
  });

  it('can be reserved again in the same batch in which it is given back', async () => {
    const reserved = reserve(fund, 1_000);
    await books.post(grant(fund, 1_000), reserved);
    await expect(books.post(reserve(fund, 1_000), giveBack(fund, reserved), reserve(fund, 1_000))).resolves.toEqual([
      'insufficient',
      'created',
      'created',
    ]);
  });

  it.each<[string, (reserved: EntryInput, other: FundAccounts) => EntryInput]>([
    ['committed beyond its amount', (reserved) => commit(fund, reserved, 601)],
    ['given back in part', (reserved) => giveBack(fund, reserved, 599)],
    ['committed to other accounts', (reserved, other) => commit(other, reserved)],
  ])('is not %s', async (_, resolving) => {
    const other = await books.openFund('THB');
    const reserved = reserve(fund, 600);
    await books.post(grant(fund, 1_000), reserved);
    await expect(books.post(resolving(reserved, other))).resolves.toEqual(['pending-mismatch']);
    expect(await freeToPromise()).toBe(400n);
  });

  it('is not turned round', async () => {
    const reserved = reserve(fund, 600);
    await books.post(grant(fund, 1_000), reserved);
    const turned = { ...commit(fund, reserved), debitId: reserved.creditId, creditId: reserved.debitId };
    await expect(books.post(turned)).resolves.toEqual(['accounts-not-of-kind']);
    expect(await freeToPromise()).toBe(400n);
  });

  it('can only be of what was pending', async () => {
    const received = grant(fund, 1_000);
    await books.post(received);
    await expect(books.post(entry(fund, 'grant', 10, { phase: 'void', pendingId: received.id }))).resolves.toEqual([
      'pending-mismatch',
    ]);
    await expect(books.post(entry(fund, 'grant', 10, { phase: 'post', pendingId: randomUUID() }))).resolves.toEqual([
      'pending-mismatch',
    ]);
  });

  it('resolved by eight at once is resolved by one of them', async () => {
    const reserved = reserve(fund, 600);
    await books.post(grant(fund, 1_000), reserved);
    const attempts = Array.from({ length: 8 }, (_, n) => (n % 2 ? commit(fund, reserved) : giveBack(fund, reserved)));
    const results = (await Promise.all(attempts.map((attempt) => books.post(attempt)))).flat();
    expect(results.filter((result) => result === 'created')).toHaveLength(1);
    expect(results.filter((result) => result === 'already-resolved')).toHaveLength(7);
    expect(await books.faults()).toEqual([]);
  });

  it('of the last money by eight at once is made by one of them', async () => {
    await books.post(grant(fund, 1_000));
    const results = (await Promise.all(Array.from({ length: 8 }, () => books.post(reserve(fund, 600))))).flat();
    expect(results.filter((result) => result === 'created')).toHaveLength(1);
    expect(results.filter((result) => result === 'insufficient')).toHaveLength(7);
  });
});

describe('a row between two currencies', () => {
  it('cannot be made even by the superuser', async () => {
    const dong = await books.openFund('VND');
    for (const currency of ['THB', 'VND']) {
      const forced = sql(
        books.db.url,
        `insert into ledger.entry (id, debit_id, credit_id, currency, amount_minor, phase, kind, source_id, booked_on, recorded_at)
         values (gen_random_uuid(), $1, $2, $3, 100, 'single', 'grant', gen_random_uuid(), current_date, now())`,
        [fund.id('bank'), dong.id('fund'), currency],
      );
      await expect(forced).rejects.toMatchObject({ code: '23503' });
    }
  });

  it('cannot come about by an account that changes its currency', async () => {
    const changed = sql(books.db.url, "update ledger.account set currency = 'VND' where id = $1", [fund.id('bank')]);
    await expect(changed).rejects.toMatchObject({ code: 'UCT01' });
  });
});

/** The posting function's rules once more, in memory and without cleverness. */
class ModelLedger {
  readonly held = new Map<string, Held>();
  readonly entries = new Map<string, EntryInput>();
  private readonly resolved = new Set<string>();

  constructor(private readonly accounts: readonly ModelAccount[]) {
    for (const { id } of accounts)
      this.held.set(id, { debitsPosted: 0n, creditsPosted: 0n, debitsPending: 0n, creditsPending: 0n });
  }

  post(item: EntryInput): PostResult {
    const seen = this.entries.get(item.id);
    if (seen) return same(seen, item) ? 'exists' : 'conflict';
    const [debit, credit] = [this.account(item.debitId), this.account(item.creditId)];
    if (debit.currency !== item.currency || credit.currency !== item.currency) return 'currency-not-held';
    if (debit.fundId !== credit.fundId) return 'other-fund';
    const [debitKind, creditKind] = flows[item.kind as FlowKind];
    if (debit.kind !== debitKind || credit.kind !== creditKind) return 'accounts-not-of-kind';
    let released = 0n;
    if (item.phase === 'post' || item.phase === 'void') {
      const reserved = this.entries.get(item.pendingId ?? '');
      if (
        reserved?.phase !== 'pending' ||
        reserved.debitId !== item.debitId ||
        reserved.creditId !== item.creditId ||
        item.amountMinor > reserved.amountMinor ||
        (item.phase === 'void' && item.amountMinor !== reserved.amountMinor)
      ) {
        return 'pending-mismatch';
      }
      if (this.resolved.has(reserved.id)) return 'already-resolved';
      released = reserved.amountMinor;
    }
    const moved = item.phase === 'single' || item.phase === 'post' ? item.amountMinor : 0n;
    const set = item.phase === 'pending' ? item.amountMinor : 0n;
    const d = this.held.get(debit.id) as Held;
    const c = this.held.get(credit.id) as Held;
    const nextDebit = { ...d, debitsPosted: d.debitsPosted + moved, debitsPending: d.debitsPending + set - released };
    const nextCredit = {
      ...c,
      creditsPosted: c.creditsPosted + moved,
      creditsPending: c.creditsPending + set - released,
    };
    if (!debit.mayRunOut && available(debit, nextDebit) < 0n) return 'insufficient';
    if (!credit.mayRunOut && available(credit, nextCredit) < 0n) return 'insufficient';
    this.held.set(debit.id, nextDebit);
    this.held.set(credit.id, nextCredit);
    this.entries.set(item.id, item);
    if (item.pendingId) this.resolved.add(item.pendingId);
    return 'created';
  }

  private account(id: string): ModelAccount {
    return this.accounts.find((account) => account.id === id) as ModelAccount;
  }
}

interface ModelAccount {
  id: string;
  fundId: string;
  kind: AccountKind;
  currency: string;
  normalSide: 'debit' | 'credit';
  mayRunOut: boolean;
}

function available({ normalSide }: ModelAccount, held: Held): bigint {
  return normalSide === 'debit'
    ? held.debitsPosted - held.creditsPosted - held.creditsPending
    : held.creditsPosted - held.debitsPosted - held.debitsPending;
}

function same(a: EntryInput, b: EntryInput): boolean {
  return (Object.keys(a) as (keyof EntryInput)[]).every((key) => a[key] === b[key]);
}

describe('the ledger beside a model of it', () => {
  const steps = Number(process.env.UCT_MODEL_STEPS ?? 1_500);

  it(`gives the same answers and the same balances in ${steps} random steps`, async () => {
    const chance = chanceFor('ledger model');
    const funds = await Promise.all(['THB', 'THB', 'VND'].map((currency) => books.openFund(currency)));
    const model = new ModelLedger(await accountsOfFunds(funds));
    const accounts = [...model.held.keys()];
    const kinds = ['grant', 'reserve', 'commit', 'release-reserve'] as const;
    const seen: EntryInput[] = [];
    const pending: EntryInput[] = [];
    const counted: Partial<Record<PostResult, number>> = {};

    const anItem = (): EntryInput => {
      if (seen.length > 0 && chance.percent(6)) return chance.pick(seen.slice(-40));
      if (seen.length > 0 && chance.percent(3))
        return { ...chance.pick(seen.slice(-40)), amountMinor: BigInt(chance.integer(1, 5_000)) };
      const base = { id: chance.id(), kind: chance.pick(kinds), sourceId: chance.id(), obligationId: null };
      if (pending.length > 0 && chance.percent(35)) {
        const reserved = chance.pick(pending.slice(-25));
        const phase = chance.pick(['post', 'post', 'void'] as const);
        const whole = chance.percent(phase === 'void' ? 85 : 40);
        const amountMinor = whole ? reserved.amountMinor : BigInt(chance.integer(1, Number(reserved.amountMinor) + 5));
        const wrongWay = chance.percent(4);
        return {
          ...base,
          amountMinor,
          phase,
          currency: reserved.currency,
          pendingId: reserved.id,
          debitId: wrongWay ? reserved.creditId : reserved.debitId,
          creditId: wrongWay ? reserved.debitId : reserved.creditId,
        };
      }
      const of = chance.pick(funds);
      const { debitId, creditId } = of.flow(base.kind);
      return {
        ...base,
        debitId: chance.percent(5) ? chance.pick(accounts) : debitId,
        creditId: chance.percent(5) ? chance.pick(accounts) : creditId,
        currency: chance.percent(98) ? of.currency : 'VND',
        amountMinor: BigInt(chance.integer(1, 5_000)),
        phase: chance.percent(65) ? 'single' : 'pending',
        pendingId: null,
      };
    };

    for (let step = 1; step <= steps; step += 1) {
      const batch = Array.from({ length: chance.percent(70) ? 1 : chance.integer(2, 8) }, anItem);
      const expected = batch.map((item) => model.post(item));
      const results = await books.post(...batch);
      const at = { seed: chance.seed, step };
      expect({ ...at, results }).toEqual({ ...at, results: expected });
      const held = await books.held(accounts);
      expect({ ...at, held: accounts.map((id) => held.get(id)) }).toEqual({ ...at, held: [...model.held.values()] });
      batch.forEach((item, index) => {
        const result = results[index] as PostResult;
        counted[result] = (counted[result] ?? 0) + 1;
        if (result !== 'created') return;
        seen.push(item);
        if (item.phase === 'pending') pending.push(item);
      });
      if (step % 100 === 0 || step === steps)
        expect({ ...at, faults: await books.faults() }).toEqual({ ...at, faults: [] });
    }
    // A model that never met a case has shown nothing about it.
    for (const result of [
      'created',
      'exists',
      'conflict',
      'insufficient',
      'currency-not-held',
      'other-fund',
      'accounts-not-of-kind',
      'pending-mismatch',
      'already-resolved',
    ] as const) {
      expect({ result, met: (counted[result] ?? 0) > 0 }).toEqual({ result, met: true });
    }
  }, 600_000);
});

async function accountsOfFunds(funds: readonly FundAccounts[]): Promise<ModelAccount[]> {
  const rows = await books.dataSource.query<
    {
      id: string;
      fund_id: string;
      kind: AccountKind;
      currency: string;
      normal_side: 'debit' | 'credit';
      floor: string;
    }[]
  >(
    `select a.id::text, a.fund_id, a.kind, a.currency, a.normal_side, b.floor_minor::text floor from ledger.account a join ledger.balance b on b.account_id = a.id
     where a.fund_id = any ($1) order by a.id`,
    [funds.map((one) => one.fundId)],
  );
  return rows.map((row) => ({
    id: row.id,
    fundId: row.fund_id,
    kind: row.kind,
    currency: row.currency,
    normalSide: row.normal_side,
    mayRunOut: row.floor !== '0',
  }));
}

describe('eight clients who post the same entries at once, in batches that overlap and in orders of their own', () => {
  it('make each entry once, without a deadlock, and the sums are right', async () => {
    const chance = chanceFor('concurrent posting');
    const funds = await Promise.all(['THB', 'THB', 'VND'].map((currency) => books.openFund(currency)));
    await books.post(...funds.map((one) => grant(one, 1_000_000_000)));
    const entries = funds.flatMap((one) =>
      Array.from({ length: 100 }, () => {
        const amount = chance.integer(1, 9_000);
        const reserved = reserve(one, amount);
        return [grant(one, amount), entry(one, 'instruct', amount), reserved];
      }).flat(),
    );
    const batchesOf = (items: readonly EntryInput[]): EntryInput[][] => {
      const batches: EntryInput[][] = [];
      for (let from = 0; from < items.length;) {
        const size = chance.integer(1, 60);
        batches.push(items.slice(from, from + size));
        from += size;
      }
      return batches;
    };
    const clients = Array.from({ length: 8 }, () => batchesOf(chance.shuffled(entries)));
    const results = await Promise.all(
      clients.map(async (batches) => {
        const own: PostResult[] = [];
        for (const batch of batches) own.push(...(await books.post(...batch)));
        return own;
      }),
    );
    const all = results.flat();
    expect(all.filter((result) => result === 'created')).toHaveLength(entries.length);
    expect(all.filter((result) => result === 'exists')).toHaveLength(entries.length * 7);
    expect(await books.faults()).toEqual([]);
    for (const one of funds) {
      const sum = entries
        .filter((item) => item.kind === 'instruct' && item.debitId === one.id('clearing', 'cash'))
        .reduce((total, item) => total + item.amountMinor, 0n);
      expect((await heldBy(one.id('clearing', 'cash'))).debitsPosted).toBe(sum);
      expect((await heldBy(one.id('fund'))).debitsPending).toBe(sum);
    }
  });

  it('that resolve the same reservations one way or the other resolve each once', async () => {
    const chance = chanceFor('concurrent resolving');
    await books.post(grant(fund, 1_000_000));
    const reserved = Array.from({ length: 60 }, () => reserve(fund, chance.integer(1, 9_000)));
    await books.post(...reserved);
    const results = await Promise.all(
      Array.from({ length: 8 }, () =>
        books.post(
          ...chance.shuffled(reserved).map((one) => (chance.percent(50) ? commit(fund, one) : giveBack(fund, one))),
        ),
      ),
    );
    expect(results.flat().filter((result) => result === 'created')).toHaveLength(reserved.length);
    expect(results.flat().filter((result) => result === 'already-resolved')).toHaveLength(reserved.length * 7);
    expect(await heldBy(fund.id('fund'))).toMatchObject({ debitsPending: 0n });
    expect(await books.faults()).toEqual([]);
  });
});
