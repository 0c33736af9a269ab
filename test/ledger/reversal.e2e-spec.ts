/** Reversal, the only correction: the mirror image of one entry, once, and of linked entries all together. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { EntryInput } from '../../src/ledger/domain/entry.js';
import type { FundAccounts } from '../../src/ledger/posting.service.js';
import { openBooks, type Books, type Held } from '../support/books.js';
import { insertByHand, tryByHand } from '../support/by-hand.js';
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
} from '../support/entries.js';

let books: Books;
let fund: FundAccounts;
let dollars: FundAccounts;
let bahtForADollar: Rate;

beforeAll(async () => {
  books = await openBooks();
  bahtForADollar = await books.recordRate('USD', 'THB', '35');
});
afterAll(() => books.close());
beforeEach(async () => {
  fund = await books.openFund('THB');
  dollars = await books.openCurrency(fund, 'USD');
});
afterEach(async () => {
  expect(await books.faults()).toEqual([]);
});

const net = async (account: string): Promise<bigint> => {
  const { debitsPosted, creditsPosted } = (await books.held([account])).get(account) as Held;
  return debitsPosted - creditsPosted;
};

describe('a reversal', () => {
  it('moves back what its entry moved, and both stay to be seen', async () => {
    const received = grant(fund, 900);
    await books.post(received, grant(fund, 100));
    await expect(books.post(reversalOf(received))).resolves.toEqual(['created']);
    expect(await net(fund.id('bank'))).toBe(100n);
    expect((await books.held([fund.id('bank')])).get(fund.id('bank'))).toMatchObject({
      debitsPosted: 1_000n,
      creditsPosted: 900n,
    });
  });

  it('again says that it exists; another one of the same entry, that it was reversed already', async () => {
    const received = grant(fund, 900);
    const back = reversalOf(received);
    await books.post(received, back);
    await expect(books.post(back, reversalOf(received), { ...back, amountMinor: 1n })).resolves.toEqual([
      'exists',
      'already-reversed',
      'conflict',
    ]);
    expect(await net(fund.id('bank'))).toBe(0n);
  });

  it('and its entry may come in one batch, in that order only', async () => {
    const [one, other] = [grant(fund, 5), grant(fund, 6)];
    await expect(books.post(one, reversalOf(one), reversalOf(other), other)).resolves.toEqual([
      'created',
      'created',
      'reversal-mismatch',
      'created',
    ]);
  });

  it('is not itself reversed', async () => {
    const received = grant(fund, 900);
    const back = reversalOf(received);
    await books.post(received, back);
    await expect(books.post(reversalOf(back))).resolves.toEqual(['reversal-mismatch']);
  });

  it('must leave every account at its floor: what was promised since is not taken back', async () => {
    const received = grant(fund, 900);
    const reserved = reserve(fund, 1);
    await books.post(received, reserved);
    await expect(books.post(reversalOf(received))).resolves.toEqual(['insufficient']);
    await books.post(giveBack(fund, reserved));
    await expect(books.post(reversalOf(received))).resolves.toEqual(['created']);
  });

  it.each<[string, Partial<EntryInput> | ((of: EntryInput, other: FundAccounts) => Partial<EntryInput>)]>([
    ['of less', { amountMinor: 899n }],
    ['of more', { amountMinor: 901n }],
    ['in the direction of its entry', (of) => ({ debitId: of.debitId, creditId: of.creditId })],
    ['to another account', () => ({ creditId: fund.id('returned') })],
    ['in another fund', (_, other) => ({ debitId: other.id('fund'), creditId: other.id('bank') })],
    ['of an entry that is not there', () => ({ reversesId: randomUUID() })],
    ['with a transfer that its entry is not of', () => ({ obligationId: randomUUID() })],
  ])('%s is no mirror image', async (_, otherwise) => {
    const other = await books.openFund('THB');
    const received = grant(fund, 900);
    await books.post(received, grant(other, 900));
    const said = typeof otherwise === 'function' ? otherwise(received, other) : otherwise;
    await expect(books.post(reversalOf(received, said))).resolves.toEqual(['reversal-mismatch']);
  });

  it('of what is only reserved, or was given back, is none: nothing had moved', async () => {
    const [reserved, other] = [reserve(fund, 600), reserve(fund, 100)];
    const given = giveBack(fund, other);
    await books.post(grant(fund, 1_000), reserved, other, given);
    await expect(books.post(reversalOf(reserved), reversalOf(given))).resolves.toEqual([
      'reversal-mismatch',
      'reversal-mismatch',
    ]);
    const committed = commit(fund, reserved, 250);
    await books.post(committed);
    await expect(books.post(reversalOf(committed))).resolves.toEqual(['created']);
    expect(await net(fund.id('committed'))).toBe(0n);
    expect(await net(fund.id('fund'))).toBe(-1_000n);
  });

  it('neither reserves nor resolves, and names the entry that it reverses', async () => {
    const received = grant(fund, 900);
    await books.post(received);
    const pending = reversalOf(received, { phase: 'pending' });
    await expect(books.post(pending)).rejects.toMatchObject({ code: '23514', constraint: 'entry_of_reversal' });
    const grantThatReverses = { ...grant(fund, 900), reversesId: received.id };
    await expect(books.post(grantThatReverses)).rejects.toMatchObject({
      code: '23514',
      constraint: 'entry_of_reversal',
    });
    await expect(books.post(reversalOf(received, { reversesId: null }))).resolves.toEqual(['reversal-mismatch']);
  });

  it('on a closed day is refused; of an entry of a closed day it is booked later', async () => {
    const received = grant(fund, 900);
    await books.postOn('2026-01-31', received);
    await books.closePeriod(fund, '2026-01-31');
    await expect(books.postOn('2026-01-31', reversalOf(received))).resolves.toEqual(['period-closed']);
    await expect(books.postOn('2026-02-01', reversalOf(received))).resolves.toEqual(['created']);
  });

  it('by eight at once is made by one of them', async () => {
    const received = grant(fund, 900);
    await books.post(received, grant(fund, 5_000));
    const results = (await Promise.all(Array.from({ length: 8 }, () => books.post(reversalOf(received))))).flat();
    expect(results.filter((result) => result === 'created')).toHaveLength(1);
    expect(results.filter((result) => result === 'already-reversed')).toHaveLength(7);
  });

  it('twice of one entry cannot be written by the superuser’s hand', async () => {
    const received = grant(fund, 900);
    await books.post(received);
    expect(await tryByHand(books.db.url, [reversalOf(received)])).toBe('let in');
    await books.post(reversalOf(received));
    await expect(insertByHand(books.db.url, [reversalOf(received)])).rejects.toMatchObject({
      code: '23505',
      constraint: 'entry_reversed_once',
    });
  });
});

describe('what came back of a payment', () => {
  const paid = async (): Promise<{ settled: EntryInput; sent: EntryInput }> => {
    const sent = entry(fund, 'instruct', 400);
    const settled = next(fund, 'settle', sent);
    await books.post(grant(fund, 1_000), sent, settled);
    return { settled, sent };
  };

  it('came back once: not by a return and a reversal at the rail, nor to two places', async () => {
    const { fund: withFloat, holder } = await books.openFloat(fund);
    const { sent } = await paid();
    await books.post(next(fund, 'return', sent));
    await expect(
      books.post(next(fund, 'reverse', sent), next(fund, 'return', sent, { debitId: withFloat.id('float', holder) })),
    ).resolves.toEqual(['already-returned', 'already-returned']);
    expect(await net(fund.id('returned'))).toBe(-400n);
    const other = await paid();
    await expect(books.post(next(fund, 'reverse', other.sent), next(fund, 'return', other.sent))).resolves.toEqual([
      'created',
      'already-returned',
    ]);
  });

  it('by eight at once, this way and that, came back once', async () => {
    const { sent } = await paid();
    const ways = Array.from({ length: 8 }, (_, n) => next(fund, n % 2 ? 'return' : 'reverse', sent));
    const results = (await Promise.all(ways.map((way) => books.post(way)))).flat();
    expect(results.filter((result) => result === 'created')).toHaveLength(1);
    expect(results.filter((result) => result === 'already-returned')).toHaveLength(7);
  });

  it('came back in the fund that had paid', async () => {
    const other = await books.openFund('THB');
    const { sent } = await paid();
    await expect(books.post(next(other, 'return', sent), next(dollars, 'return', sent))).resolves.toEqual([
      'never-paid',
      'never-paid',
    ]);
  });

  it('keeps the payment from being reversed, until it is itself reversed', async () => {
    const { settled, sent } = await paid();
    const back = next(fund, 'return', sent);
    await books.post(back);
    await expect(books.post(reversalOf(settled))).resolves.toEqual(['already-returned']);
    await expect(books.post(reversalOf(back), reversalOf(settled))).resolves.toEqual(['created', 'created']);
    await expect(books.post(next(fund, 'reverse', sent))).resolves.toEqual(['never-paid']);
  });

  it('and the payment’s reversal at once: one of the two', async () => {
    for (let round = 0; round < 12; round += 1) {
      const { settled, sent } = await paid();
      const results = (
        await Promise.all([books.post(reversalOf(settled)), books.post(next(fund, 'return', sent))])
      ).flat();
      expect(results.filter((result) => result === 'created')).toHaveLength(1);
      expect(results.filter((result) => result === 'already-returned' || result === 'never-paid')).toHaveLength(1);
    }
  });
});

describe('the rows of an exchange', () => {
  const exchanged = async (): Promise<EntryInput[]> => {
    const rows = exchange(dollars, fund, bahtForADollar, 1_000, 4);
    await books.post(grant(dollars, 1_000), ...rows);
    return rows;
  };

  it('are reversed together', async () => {
    const rows = await exchanged();
    const back = reversalsOf(rows);
    await expect(books.post(...back)).resolves.toEqual(['created', 'created', 'created']);
    await expect(books.post(...back)).resolves.toEqual(['exists', 'exists', 'exists']);
    await expect(books.post(...reversalsOf(rows))).resolves.toEqual([
      'already-reversed',
      'link-refused',
      'link-refused',
    ]);
    expect(await net(dollars.id('bank'))).toBe(1_000n);
    expect([await net(fund.id('bank')), await net(fund.id('exchange'))]).toEqual([0n, 0n]);
  });

  it.each([[[0]], [[1]], [[2]], [[0, 1]], [[0, 2]], [[1, 2]]])(
    'are not reversed in part (%j of three), by posting or by hand',
    async (which) => {
      const rows = await exchanged();
      const back = () => reversalsOf(which.map((index) => rows[index] as EntryInput));
      await expect(books.post(...back())).rejects.toMatchObject({ code: 'UCT08' });
      await expect(books.post(...back().map((one) => ({ ...one, linkId: null })))).rejects.toMatchObject({
        code: 'UCT08',
      });
      await expect(insertByHand(books.db.url, back())).rejects.toMatchObject({ code: 'UCT08' });
      expect(await tryByHand(books.db.url, reversalsOf(rows))).toBe('let in');
    },
  );

  it('are all left when one cannot be reversed: what was bought is spent', async () => {
    const rows = await exchanged();
    await books.post(reserve(fund, 1));
    await expect(books.post(...reversalsOf(rows))).resolves.toEqual(['link-refused', 'insufficient', 'link-refused']);
    expect(await net(dollars.id('bank'))).toBe(0n);
  });

  it('may be reversed without a link of their own, in one transaction', async () => {
    const rows = await exchanged();
    const back = reversalsOf(rows).map((one) => ({ ...one, linkId: null }));
    await expect(books.post(...back)).resolves.toEqual(['created', 'created', 'created']);
  });
});
