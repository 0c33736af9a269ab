/** Which accounts an entry may move between: of one fund, of one currency, of the kinds that its own kind joins; and on which day. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { flows, type AccountKind, type EntryInput, type FlowKind } from '../../src/ledger/domain/entry.js';
import type { FundAccounts } from '../../src/ledger/posting.service.js';
import { openBooks, type Books } from '../support/books.js';
import { sql } from '../support/database.js';
import { ALLOWED_FLOWS, commit, entry, grant, next, reserve } from '../support/entries.js';

const KINDS: readonly AccountKind[] = [
  'bank',
  'clearing',
  'float',
  'paid',
  'fund',
  'committed',
  'returned',
  'exchange',
];

let books: Books;
let fund: FundAccounts;
let holder: string;

beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books.close());
beforeEach(async () => {
  ({ fund, holder } = await books.openFloat(await books.openFund('THB')));
});
afterEach(async () => {
  expect(await books.faults()).toEqual([]);
});

const account = (kind: AccountKind): string =>
  fund.id(kind, kind === 'clearing' ? 'cash' : kind === 'float' ? holder : '');
const balance = async (id: string): Promise<bigint> => {
  const held = (await books.held([id])).get(id);
  return held ? held.debitsPosted - held.creditsPosted : 0n;
};
/** Everything that a kind may need to be valid but for its accounts: the settled attempt of what comes back, the link of an exchange. */
const between = (kind: FlowKind, debit: AccountKind, credit: AccountKind, otherwise: Partial<EntryInput> = {}) =>
  entry(fund, kind, 1, { holder, debitId: account(debit), creditId: account(credit), ...otherwise });

describe('between the accounts of a fund', () => {
  it('moves what the ledger lists, and the service lists nothing else', async () => {
    const listed = await sql<{ flow: string }>(
      books.db.url,
      "select kind || ': ' || debit_kind || ' / ' || credit_kind flow from ledger.flow order by 1",
    );
    const asText = (of: readonly (readonly [string, string, string])[]) =>
      of.map(([kind, debit, credit]) => `${kind}: ${debit} / ${credit}`);
    expect(listed.map(({ flow }) => flow)).toEqual(asText(ALLOWED_FLOWS).sort());
    const named = Object.entries(flows).map(([kind, [debit, credit]]) => [kind, debit, credit] as const);
    expect(asText(ALLOWED_FLOWS)).toEqual(expect.arrayContaining(asText(named)));
    expect(named.map(([kind]) => kind).sort()).toEqual([...new Set(ALLOWED_FLOWS.map(([kind]) => kind))].sort());
  });

  it.each([...new Set(ALLOWED_FLOWS.map(([kind]) => kind))])(
    'a %s is refused between all others, alone and in a batch',
    async (kind) => {
      const others = KINDS.flatMap((debit) => KINDS.map((credit) => [debit, credit] as const)).filter(
        ([debit, credit]) => !ALLOWED_FLOWS.some((flow) => flow.join() === [kind, debit, credit].join()),
      );
      const items = others.map(([debit, credit]) => between(kind, debit, credit));
      const before = await books.held();
      await expect(books.post(...items)).resolves.toEqual(items.map(() => 'accounts-not-of-kind'));
      await expect(books.post(items[0] as EntryInput)).resolves.toEqual(['accounts-not-of-kind']);
      expect(await books.held()).toEqual(before);
    },
  );

  it.each(ALLOWED_FLOWS.filter(([kind]) => !kind.startsWith('exchange')))(
    'a %s moves from %s to %s',
    async (kind, debit, credit) => {
      const paid = entry(fund, 'instruct', 1);
      await books.post(
        grant(fund, 1_000),
        entry(fund, 'commit', 100),
        entry(fund, 'float-out', 100, { holder }),
        entry(fund, 'instruct', 100),
        paid,
        next(fund, 'settle', paid),
      );
      const comesBack = kind === 'return' || kind === 'reverse';
      const moved = between(kind, debit, credit, comesBack ? { sourceId: paid.sourceId } : {});
      const before = [await balance(moved.debitId), await balance(moved.creditId)];
      await expect(books.post(moved)).resolves.toEqual(['created']);
      expect([await balance(moved.debitId), await balance(moved.creditId)]).toEqual([
        (before[0] as bigint) + 1n,
        (before[1] as bigint) - 1n,
      ]);
    },
  );
});

describe('between two funds nothing moves', () => {
  it.each<[string, (one: FundAccounts, other: FundAccounts) => EntryInput]>([
    ['a grant', (one, other) => entry(one, 'grant', 1, { creditId: other.id('fund') })],
    ['an instruction', (one, other) => entry(one, 'instruct', 1, { debitId: other.id('clearing', 'cash') })],
    ['a settlement', (one, other) => entry(one, 'settle', 1, { creditId: other.id('clearing', 'cash') })],
    ['a reservation', (one, other) => entry(one, 'reserve', 1, { creditId: other.id('committed'), phase: 'pending' })],
    ['what no kind joins', (one, other) => entry(one, 'grant', 1, { creditId: other.id('bank') })],
  ])('not %s, alone or among others', async (_, crossing) => {
    const other = await books.openFund('THB');
    await books.post(grant(fund, 100), grant(other, 100), entry(other, 'instruct', 10));
    const before = await books.held();
    await expect(books.post(crossing(fund, other))).resolves.toEqual(['other-fund']);
    await expect(books.post(crossing(other, fund), crossing(fund, other))).resolves.toEqual([
      'other-fund',
      'other-fund',
    ]);
    expect(await books.held()).toEqual(before);
  });

  it('nor does it when one of many in a batch', async () => {
    const other = await books.openFund('THB');
    const items = [grant(fund, 5), entry(fund, 'grant', 5, { creditId: other.id('fund') }), grant(other, 5)];
    await expect(books.post(...items)).resolves.toEqual(['created', 'other-fund', 'created']);
  });
});

describe('a fund with several currencies', () => {
  it('has accounts in each, which know nothing of one another', async () => {
    const dollars = await books.openCurrency(fund, 'USD');
    await books.post(grant(fund, 1_000), grant(dollars, 70));
    await expect(books.post(reserve(dollars, 71), reserve(fund, 71), reserve(dollars, 70))).resolves.toEqual([
      'insufficient',
      'created',
      'created',
    ]);
    expect(await balance(dollars.id('bank'))).toBe(70n);
    expect(await balance(fund.id('bank'))).toBe(1_000n);
  });

  it('does not move from one to the other', async () => {
    const dollars = await books.openCurrency(fund, 'USD');
    const crossing = [
      entry(fund, 'grant', 1, { creditId: dollars.id('fund') }),
      entry(fund, 'grant', 1, { debitId: dollars.id('bank') }),
      entry(dollars, 'grant', 1, { currency: 'THB' }),
    ];
    for (const item of crossing) await expect(books.post(item)).resolves.toEqual(['currency-not-held']);
    await expect(books.post(...crossing)).resolves.toEqual(crossing.map(() => 'currency-not-held'));
  });

  it('opens the same account once, however often it is asked to', async () => {
    const again = await Promise.all(Array.from({ length: 8 }, () => books.openCurrency(fund, 'USD')));
    expect(new Set(again.map((one) => one.id('bank'))).size).toBe(1);
    const [twice] = await sql<{ n: number }>(
      books.db.url,
      `select count(*)::int n from (select from ledger.account group by fund_id, currency, kind, rail, holder_id having count(*) > 1) twice`,
    );
    expect(twice?.n).toBe(0);
  });
});

describe('the float of somebody who carries cash', () => {
  it('is their own: what one holds the other can neither pay out nor bring back', async () => {
    const { fund: both, holder: other } = await books.openFloat(fund);
    await books.post(
      grant(both, 1_000),
      entry(both, 'float-out', 300, { holder }),
      entry(both, 'float-out', 20, { holder: other }),
    );
    const paidFrom = (who: string, amount: number) =>
      entry(both, 'instruct', amount, { creditId: both.id('float', who) });
    await expect(books.post(paidFrom(other, 21))).resolves.toEqual(['insufficient']);
    await expect(books.post(entry(both, 'float-back', 21, { holder: other }))).resolves.toEqual(['insufficient']);
    await expect(books.post(paidFrom(other, 20), paidFrom(holder, 21), paidFrom(holder, 280))).resolves.toEqual([
      'created',
      'created',
      'insufficient',
    ]);
    expect(await balance(both.id('float', other))).toBe(0n);
    expect(await balance(both.id('float', holder))).toBe(279n);
  });

  it('is theirs in this fund only', async () => {
    const { fund: elsewhere } = await books.openFloat(await books.openFund('THB'), holder);
    expect(elsewhere.id('float', holder)).not.toBe(fund.id('float', holder));
    await books.post(grant(fund, 100), entry(fund, 'float-out', 100, { holder }), grant(elsewhere, 100));
    await expect(books.post(entry(elsewhere, 'float-back', 1, { holder }))).resolves.toEqual(['insufficient']);
    await expect(
      books.post(entry(elsewhere, 'float-back', 1, { holder, creditId: fund.id('float', holder) })),
    ).resolves.toEqual(['other-fund']);
  });

  it('needs a holder, and no other account has one', async () => {
    const opened = (kind: string, of: string | null) =>
      sql(books.db.url, "select ledger.open_account($1, 'THB', $2, '', $3)", [fund.fundId, kind, of], 'uct_service');
    await expect(opened('float', null)).rejects.toMatchObject({ code: '23514', constraint: 'account_of_holder' });
    await expect(opened('bank', holder)).rejects.toMatchObject({ code: '23514', constraint: 'account_of_holder' });
    await expect(opened('float', randomUUID())).rejects.toMatchObject({ code: '23503' });
  });
});

describe('what comes back', () => {
  const instructed = async (amount = 400): Promise<EntryInput> => {
    const sent = entry(fund, 'instruct', amount);
    await books.post(grant(fund, 1_000), entry(fund, 'instruct', 500), sent);
    return sent;
  };

  it.each(['return', 'reverse'] as const)('by a %s must have been paid: never-paid otherwise', async (kind) => {
    const sent = await instructed();
    const back = next(fund, kind, sent);
    await expect(books.post(back)).resolves.toEqual(['never-paid']);
    await books.post(next(fund, 'fail', sent));
    await expect(books.post(back)).resolves.toEqual(['never-paid']);
    await books.post(next(fund, 'settle-late', sent));
    await expect(books.post(back)).resolves.toEqual(['created']);
    expect(await balance(fund.id('paid'))).toBe(400n);
    expect(await balance(fund.id('returned'))).toBe(-400n);
  });

  it('must have been paid by the same attempt, and by as much', async () => {
    const sent = await instructed();
    await books.post(next(fund, 'settle', sent));
    await expect(
      books.post(
        next(fund, 'return', sent, { sourceId: randomUUID() }),
        next(fund, 'return', sent, { amountMinor: 399n }),
        next(fund, 'return', sent, { amountMinor: 401n }),
      ),
    ).resolves.toEqual(['never-paid', 'never-paid', 'never-paid']);
  });

  it('may be heard of in one batch with the payment', async () => {
    const sent = await instructed();
    await expect(books.post(next(fund, 'settle', sent), next(fund, 'return', sent))).resolves.toEqual([
      'created',
      'created',
    ]);
  });
});

describe('when the books of a period are closed', () => {
  it('nothing is booked on its last day or before, and on the next day everything is', async () => {
    await books.postOn('2026-01-15', grant(fund, 1_000));
    await books.closePeriod(fund, '2026-01-31');
    const refused = async (day: string) => {
      await expect(books.postOn(day, grant(fund, 1))).resolves.toEqual(['period-closed']);
      await expect(books.postOn(day, grant(fund, 1), reserve(fund, 1))).resolves.toEqual([
        'period-closed',
        'period-closed',
      ]);
    };
    await refused('2026-01-31');
    await refused('2026-01-30');
    await refused('2025-12-31');
    await expect(books.postOn('2026-02-01', grant(fund, 1), reserve(fund, 1))).resolves.toEqual(['created', 'created']);
  });

  it('an earlier closing still holds after a later one, and one fund is not held to the other', async () => {
    const other = await books.openFund('THB');
    await books.closePeriod(fund, '2026-02-28');
    await books.closePeriod(fund, '2026-01-31');
    await expect(books.postOn('2026-02-10', grant(fund, 1), grant(other, 1))).resolves.toEqual([
      'period-closed',
      'created',
    ]);
  });

  it('in every currency of the fund', async () => {
    const dollars = await books.openCurrency(fund, 'USD');
    await books.closePeriod(fund, '2026-01-31');
    await expect(books.postOn('2026-01-31', grant(dollars, 1))).resolves.toEqual(['period-closed']);
  });

  it('a retry of what was booked before still says that it exists, and what was reserved is resolved later', async () => {
    const [received, reserved] = [grant(fund, 1_000), reserve(fund, 600)];
    await books.postOn('2026-01-31', received, reserved);
    await books.closePeriod(fund, '2026-01-31');
    await expect(
      books.postOn('2026-01-31', received, reserved, commit(fund, reserved), { ...received, amountMinor: 1n }),
    ).resolves.toEqual(['exists', 'exists', 'period-closed', 'conflict']);
    await expect(books.postOn('2026-02-01', commit(fund, reserved))).resolves.toEqual(['created']);
  });

  it('a retry on another day is the same entry', async () => {
    const received = grant(fund, 1_000);
    await books.postOn('2026-01-31', received);
    await expect(books.postOn('2026-02-01', received)).resolves.toEqual(['exists']);
  });
});
