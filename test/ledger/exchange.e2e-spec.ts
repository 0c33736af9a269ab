/** Exchange: rows that are linked, of one recorded rate, and either all there or none of them. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { EntryInput } from '../../src/ledger/domain/entry.js';
import type { FundAccounts } from '../../src/ledger/posting.service.js';
import { openBooks, type Books } from '../support/books.js';
import { insertByHand, tryByHand } from '../support/by-hand.js';
import { sql } from '../support/database.js';
import { exchange, grant, reserve, worth, type Rate } from '../support/entries.js';

type Rows = [out: EntryInput, into: EntryInput, residue: EntryInput];

let books: Books;
let dollars: FundAccounts;
let baht: FundAccounts;
let bahtForADollar: Rate;

beforeAll(async () => {
  books = await openBooks();
  bahtForADollar = await books.recordRate('USD', 'THB', '35.1234567891');
});
afterAll(() => books.close());
/** A fund in dollars that holds 1,000.00 of them, and has accounts in baht. */
beforeEach(async () => {
  dollars = await books.openFund('USD');
  baht = await books.openCurrency(dollars, 'THB');
  await books.post(grant(dollars, 100_000));
});
afterEach(async () => {
  expect(await books.faults()).toEqual([]);
});

const threeRows = (sold = 10_001): Rows => exchange(dollars, baht, bahtForADollar, sold, 3) as Rows;
const balances = async (): Promise<Record<string, bigint>> => {
  const held = await books.held();
  const net = (fund: FundAccounts, kind: 'bank' | 'fund' | 'exchange') => {
    const { debitsPosted = 0n, creditsPosted = 0n } = held.get(fund.id(kind)) ?? {};
    return kind === 'bank' ? debitsPosted - creditsPosted : creditsPosted - debitsPosted;
  };
  return {
    dollarsAtTheBank: net(dollars, 'bank'),
    dollarsOfTheFund: net(dollars, 'fund'),
    bahtAtTheBank: net(baht, 'bank'),
    bahtOfTheFund: net(baht, 'fund'),
    bahtLeftOver: net(baht, 'exchange'),
  };
};
const untouched = {
  dollarsAtTheBank: 100_000n,
  dollarsOfTheFund: 100_000n,
  bahtAtTheBank: 0n,
  bahtOfTheFund: 0n,
  bahtLeftOver: 0n,
};
const rowsOf = async (link: string | null | undefined): Promise<number> =>
  (await sql(books.db.url, 'select from ledger.entry where link_id = $1', [link])).length;

describe('an exchange', () => {
  it('takes what was sold from the fund and gives it what that is worth, rounded down; the rest stands apart', async () => {
    await expect(books.post(...threeRows())).resolves.toEqual(['created', 'created', 'created']);
    // 100.01 dollars at 35.1234567891 are 3512.6969... baht.
    expect(await balances()).toEqual({
      dollarsAtTheBank: 89_999n,
      dollarsOfTheFund: 89_999n,
      bahtAtTheBank: 351_269n + 3n,
      bahtOfTheFund: 351_269n,
      bahtLeftOver: 3n,
    });
  });

  it.each([
    ['USD', 'VND', '25431.7', 10_001n, 2_543_424n],
    ['VND', 'USD', '0.0000393', 1_000_000n, 3_930n],
    ['THB', 'USD', '0.0284', 99n, 2n],
  ])('from %s to %s at %s turns %s into %s', async (base, quote, rate, sold, bought) => {
    const recorded = await books.recordRate(base, quote, rate);
    const [from, to] = [await books.openCurrency(dollars, base), await books.openCurrency(dollars, quote)];
    await books.post(grant(from, sold));
    expect(worth(sold, recorded)).toBe(bought);
    await expect(books.post(...exchange(from, to, recorded, sold))).resolves.toEqual(['created', 'created']);
  });

  it('again says that it exists, and so does a part of it', async () => {
    const rows = threeRows();
    await books.post(...rows);
    const after = await balances();
    await expect(books.post(...rows)).resolves.toEqual(['exists', 'exists', 'exists']);
    await expect(books.post(rows[0], rows[1])).resolves.toEqual(['exists', 'exists']);
    await expect(books.post(rows[2])).resolves.toEqual(['exists']);
    expect(await balances()).toEqual(after);
  });

  it('again with another content is a conflict, and moves nothing', async () => {
    const [out, into, residue] = threeRows();
    await books.post(out, into, residue);
    const after = await balances();
    const other = { ...into, amountMinor: into.amountMinor + 1n };
    await expect(books.post(out, other, residue)).resolves.toEqual(['link-refused', 'conflict', 'link-refused']);
    expect(await balances()).toEqual(after);
  });

  it('is not let in as one with a part that was there and a part that was not', async () => {
    const [out, into, residue] = threeRows();
    await books.post(out, into);
    const after = await balances();
    await expect(books.post(out, into, residue)).resolves.toEqual(['link-refused', 'link-refused', 'conflict']);
    expect(await balances()).toEqual(after);
    expect(await rowsOf(out.linkId)).toBe(2);
  });

  it('beyond what is free is refused as a whole: the first by name, the others because of it', async () => {
    await books.post(reserve(dollars, 90_000));
    await expect(books.post(...threeRows(10_001))).resolves.toEqual(['insufficient', 'link-refused', 'link-refused']);
    await expect(books.post(...threeRows(10_000))).resolves.toEqual(['created', 'created', 'created']);
  });

  it.each<[string, (rows: Rows) => EntryInput[], string[]]>([
    [
      'its last row is of another kind of account',
      ([out, into, residue]) => [out, into, { ...residue, creditId: baht.id('fund') }],
      ['link-refused', 'link-refused', 'accounts-not-of-kind'],
    ],
    [
      'its middle row is in a currency that is not held',
      ([out, into, residue]) => [out, { ...into, currency: 'VND' }, residue],
      ['link-refused', 'currency-not-held', 'link-refused'],
    ],
    ['it has the same row twice', ([out, into]) => [out, into, into], ['link-refused', 'link-refused', 'conflict']],
  ])('leaves no trace when %s, and the rest of the batch stands', async (_, rows, expected) => {
    const received = grant(baht, 7);
    const refused = rows(threeRows());
    await expect(books.post(...refused, received)).resolves.toEqual([...expected, 'created']);
    expect(await rowsOf(refused[0]?.linkId)).toBe(0);
    expect(await balances()).toEqual({ ...untouched, bahtAtTheBank: 7n, bahtOfTheFund: 7n });
  });

  it('on a day that is closed is refused by its first row', async () => {
    await books.closePeriod(dollars, '2026-01-31');
    await expect(books.postOn('2026-01-31', ...threeRows())).resolves.toEqual([
      'period-closed',
      'link-refused',
      'link-refused',
    ]);
  });

  it('beside others in one batch stands or falls alone', async () => {
    await expect(books.post(...threeRows(60_000), ...threeRows(60_000), ...threeRows(40_000))).resolves.toEqual([
      'created',
      'created',
      'created',
      'insufficient',
      'link-refused',
      'link-refused',
      'created',
      'created',
      'created',
    ]);
  });
});

/** Each is refused at the commit, however it came in; what was right about it is not said again. */
const BROKEN: readonly [string, (rows: Rows, other: Others) => EntryInput[]][] = [
  ['without what was bought', ([out]) => [out]],
  ['without what was sold', ([, into]) => [into]],
  ['of nothing but a residue', ([, , residue]) => [residue]],
  ['without what was bought but with a residue', ([out, , residue]) => [out, residue]],
  ['that gives a minor unit more than it is worth', ([out, into]) => [out, more(into, 1n)]],
  ['that gives a minor unit less than it is worth', ([out, into]) => [out, more(into, -1n)]],
  ['that takes more than what was bought is worth', ([out, into]) => [more(out, 100n), into]],
  ['at two rates, be they the same', ([out, into], { same }) => [out, { ...into, exchangeRateId: same.id }]],
  [
    'with a residue at another rate, be it the same',
    ([out, into, residue], { same }) => [out, into, { ...residue, exchangeRateId: same.id }],
  ],
  ['of two causes', ([out, into]) => [out, { ...into, sourceId: randomUUID() }]],
  [
    'at a rate that is the other way round',
    ([out, into], { turned }) => [out, into].map((row) => ({ ...row, exchangeRateId: turned.id })),
  ],
  [
    'that sells what another fund buys',
    ([out, into], { fund }) => [out, { ...into, debitId: fund.id('bank'), creditId: fund.id('fund') }],
  ],
  [
    'with a residue of another fund',
    ([out, into, residue], { fund }) => [
      out,
      into,
      { ...residue, debitId: fund.id('bank'), creditId: fund.id('exchange') },
    ],
  ],
  ['with two of what was sold', ([out, into]) => [out, into, inBaht(out)]],
  ['with two of what was bought', ([out, into]) => [out, into, inDollars(into)]],
];

interface Others {
  /** Another fund's accounts in baht. */
  fund: FundAccounts;
  /** The rate of the exchange, as somebody recorded it once more, and as somebody did between the same currencies turned round. */
  same: Rate;
  turned: Rate;
}

const inBaht = (out: EntryInput): EntryInput => ({
  ...out,
  id: randomUUID(),
  debitId: baht.id('fund'),
  creditId: baht.id('bank'),
  currency: 'THB',
});
const inDollars = (into: EntryInput): EntryInput => ({
  ...into,
  id: randomUUID(),
  debitId: dollars.id('bank'),
  creditId: dollars.id('fund'),
  currency: 'USD',
});
const more = (of: EntryInput, by: bigint): EntryInput => ({ ...of, amountMinor: of.amountMinor + by });

describe.each(BROKEN)('an exchange %s', (_, broken) => {
  const rows = async (): Promise<EntryInput[]> => {
    const fund = await books.openFund('THB');
    const { base, quote, rate } = bahtForADollar;
    const [same, turned] = [await books.recordRate(base, quote, rate), await books.recordRate(quote, base, rate)];
    return broken(threeRows(), { fund, same, turned });
  };

  it('cannot be posted: the whole transaction is refused when it ends', async () => {
    await expect(books.post(grant(baht, 7), ...(await rows()))).rejects.toMatchObject({ code: 'UCT08' });
    expect(await balances()).toEqual(untouched);
  });

  it('cannot be written by the superuser’s hand', async () => {
    const written = await rows();
    await expect(insertByHand(books.db.url, written)).rejects.toMatchObject({ code: 'UCT08' });
    expect(await rowsOf(written[0]?.linkId)).toBe(0);
  });
});

describe('by the superuser’s hand', () => {
  it('a whole exchange is let in, with a residue and without', async () => {
    const [out, into, residue] = threeRows();
    expect(await tryByHand(books.db.url, [residue, into, out])).toBe('let in');
    expect(await tryByHand(books.db.url, [out, into])).toBe('let in');
  });

  it.each<[string, (rows: Rows) => EntryInput[]]>([
    ['a residue', ([, , residue]) => [residue]],
    ['what was sold once more', ([out]) => [inBaht(out)]],
  ])('%s is not added to an exchange later', async (_, later) => {
    const rows = threeRows();
    await books.post(rows[0], rows[1]);
    await expect(insertByHand(books.db.url, later(rows))).rejects.toMatchObject({ code: 'UCT08' });
    await expect(books.post(...later(rows))).rejects.toMatchObject({ code: 'UCT08' });
    expect(await rowsOf(rows[0].linkId)).toBe(2);
  });
});

describe('a link', () => {
  it('is of an exchange or of reversals, never of anything else', async () => {
    const linked = (of: EntryInput): EntryInput => ({ ...of, linkId: randomUUID() });
    for (const item of [linked(grant(baht, 1)), linked(reserve(dollars, 1))])
      await expect(books.post(item)).rejects.toMatchObject({ code: '23514', constraint: 'entry_of_exchange' });
  });

  it('and a rate are what no exchange is without, and nothing else has a rate', async () => {
    const [out, into] = threeRows();
    const withoutLink = [out, into].map((row) => ({ ...row, linkId: null }));
    const withoutRate = [out, into].map((row) => ({ ...row, exchangeRateId: null }));
    const neither = withoutLink.map((row) => ({ ...row, exchangeRateId: null }));
    const grantAtARate = { ...grant(baht, 1), exchangeRateId: bahtForADollar.id };
    for (const items of [withoutLink, withoutRate, neither, [grantAtARate]])
      await expect(books.post(...items)).rejects.toMatchObject({ code: '23514', constraint: 'entry_of_exchange' });
  });

  it('to a rate that nobody recorded is refused', async () => {
    const rows = threeRows().map((row) => ({ ...row, exchangeRateId: randomUUID() }));
    await expect(books.post(...rows)).rejects.toMatchObject({ code: '23503' });
  });

  it('is one link only for rows that lie side by side; the rest of it may be elsewhere in the transaction', async () => {
    const [out, into, residue] = threeRows();
    await expect(books.post(out, grant(baht, 5), into, residue)).resolves.toEqual([
      'created',
      'created',
      'created',
      'created',
    ]);
  });
});

describe('eight at once', () => {
  it('who post the same exchange make it once', async () => {
    const rows = threeRows();
    const results = await Promise.all(Array.from({ length: 8 }, () => books.post(...rows)));
    expect(results.filter((result) => result.join() === 'created,created,created')).toHaveLength(1);
    expect(results.filter((result) => result.join() === 'exists,exists,exists')).toHaveLength(7);
  });

  it('who change the last money make one exchange', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => books.post(...threeRows(60_000))));
    expect(results.filter(([result]) => result === 'created')).toHaveLength(1);
    expect(results.filter((result) => result.join() === 'insufficient,link-refused,link-refused')).toHaveLength(7);
  });
});
