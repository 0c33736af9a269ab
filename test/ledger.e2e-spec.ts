/** The ledger's posting function: entries one by one and in batches, the floor under them, and reservations. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { EntryInput } from '../src/ledger/domain/entry.js';
import type { FundAccounts } from '../src/ledger/posting.service.js';
import { openBooks, type Books, type Held } from './support/books.js';
import { sql } from './support/database.js';
import { commit, entry, giveBack, grant, reserve } from './support/entries.js';

let books: Books;
let fund: FundAccounts;

beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books.close());
beforeEach(async () => {
  fund = await books.openFund('THB');
});
afterEach(async () => {
  expect(await books.faults()).toEqual([]);
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

  it('of what is in clearing or carried in cash is resolved against what it had set aside', async () => {
    await books.post(grant(fund, 1_000), entry(fund, 'instruct', 300));
    const settling = entry(fund, 'settle', 300, { phase: 'pending' });
    await expect(books.post(settling, entry(fund, 'settle', 1))).resolves.toEqual(['created', 'insufficient']);
    const settled = { ...settling, id: randomUUID(), sourceId: randomUUID(), pendingId: settling.id };
    await expect(books.post({ ...settled, phase: 'post' })).resolves.toEqual(['created']);
    expect(await heldBy(fund.id('clearing', 'cash'))).toMatchObject({ creditsPosted: 300n, creditsPending: 0n });
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
