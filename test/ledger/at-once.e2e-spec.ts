/** Eight clients who post the same entries at once, in batches that overlap and in orders of their own. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { EntryInput, PostResult } from '../../src/ledger/domain/entry.js';
import type { FundAccounts } from '../../src/ledger/posting.service.js';
import { openBooks, type Books, type Held } from '../support/books.js';
import { chanceFor, type Chance } from '../support/chance.js';
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
} from '../support/entries.js';

const CLIENTS = 8;

let books: Books;

beforeAll(async () => {
  books = await openBooks();
});
afterAll(() => books.close());
afterEach(async () => {
  expect(await books.faults()).toEqual([]);
});

const heldBy = async (account: string): Promise<Held> => (await books.held([account])).get(account) as Held;
const count = (results: readonly PostResult[], wanted: PostResult): number =>
  results.filter((result) => result === wanted).length;

/** Cuts what stands or falls together (one entry, or linked ones) into batches of up to `most` such. */
function inBatches(together: readonly EntryInput[][], most: number, chance: Chance): EntryInput[][] {
  const batches: EntryInput[][] = [];
  for (let from = 0; from < together.length;) {
    const size = chance.integer(1, most);
    batches.push(together.slice(from, from + size).flat());
    from += size;
  }
  return batches;
}

/** Each client posts all of it in an order and in batches of its own; all results. */
async function allPost(together: readonly EntryInput[][], most: number, chance: Chance): Promise<PostResult[]> {
  const clients = Array.from({ length: CLIENTS }, () => inBatches(chance.shuffled(together), most, chance));
  const results = await Promise.all(
    clients.map(async (batches) => {
      const own: PostResult[] = [];
      for (const batch of batches) own.push(...(await books.post(...batch)));
      return own;
    }),
  );
  return results.flat();
}

const alone = (items: readonly EntryInput[]): EntryInput[][] => items.map((item) => [item]);

describe('the same entries posted by eight at once', () => {
  it('are made once each, without a deadlock, and the sums are right', async () => {
    const chance = chanceFor('concurrent posting');
    const funds = await Promise.all(['THB', 'THB', 'VND'].map((currency) => books.openFund(currency)));
    await books.post(...funds.map((one) => grant(one, 1_000_000_000)));
    const entries = funds.flatMap((one) =>
      Array.from({ length: 100 }, () => {
        const amount = chance.integer(1, 9_000);
        return [grant(one, amount), entry(one, 'instruct', amount), reserve(one, amount)];
      }).flat(),
    );
    const results = await allPost(alone(entries), 60, chance);
    expect(count(results, 'created')).toBe(entries.length);
    expect(count(results, 'exists')).toBe(entries.length * (CLIENTS - 1));
    for (const one of funds) {
      const sum = entries
        .filter((item) => item.kind === 'instruct' && item.debitId === one.id('clearing', 'cash'))
        .reduce((total, item) => total + item.amountMinor, 0n);
      expect((await heldBy(one.id('clearing', 'cash'))).debitsPosted).toBe(sum);
      expect((await heldBy(one.id('fund'))).debitsPending).toBe(sum);
    }
  });

  it('when they resolve the same reservations one way or the other, resolve each once', async () => {
    const chance = chanceFor('concurrent resolving');
    const fund = await books.openFund('THB');
    await books.post(grant(fund, 1_000_000));
    const reserved = Array.from({ length: 60 }, () => reserve(fund, chance.integer(1, 9_000)));
    await books.post(...reserved);
    const results = await Promise.all(
      Array.from({ length: CLIENTS }, () =>
        books.post(
          ...chance.shuffled(reserved).map((one) => (chance.percent(50) ? commit(fund, one) : giveBack(fund, one))),
        ),
      ),
    );
    expect(count(results.flat(), 'created')).toBe(reserved.length);
    expect(count(results.flat(), 'already-resolved')).toBe(reserved.length * (CLIENTS - 1));
    expect(await heldBy(fund.id('fund'))).toMatchObject({ debitsPending: 0n });
  });
});

describe('the same links posted by eight at once', () => {
  const aFundThatChangesMoney = async (): Promise<{ dollars: FundAccounts; baht: FundAccounts }> => {
    const dollars = await books.openFund('USD');
    const baht = await books.openCurrency(dollars, 'THB');
    await books.post(grant(dollars, 100_000_000), grant(baht, 100_000_000));
    return { dollars, baht };
  };

  it('are made once and whole, among other entries, there and back between the currencies', async () => {
    const chance = chanceFor('concurrent exchange');
    const { dollars, baht } = await aFundThatChangesMoney();
    const [there, back] = [
      await books.recordRate('USD', 'THB', '35.17'),
      await books.recordRate('THB', 'USD', '0.0284'),
    ];
    const links = Array.from({ length: 80 }, () => {
      const residue = chance.integer(0, 2);
      return chance.percent(50)
        ? exchange(dollars, baht, there, chance.integer(1_000, 9_000), residue)
        : exchange(baht, dollars, back, chance.integer(1_000, 9_000), residue);
    });
    const others = Array.from({ length: 80 }, () => grant(chance.pick([dollars, baht]), chance.integer(1, 9_000)));
    const results = await allPost([...links, ...alone(others)], 12, chance);
    const entries = links.flat().length + others.length;
    expect(count(results, 'created')).toBe(entries);
    expect(count(results, 'exists')).toBe(entries * (CLIENTS - 1));
  });

  it('under other ids each, of the same entries reversed, reverse each link once and whole', async () => {
    const chance = chanceFor('concurrent reversal of links');
    const { dollars, baht } = await aFundThatChangesMoney();
    const rate = await books.recordRate('USD', 'THB', '35.17');
    const links = Array.from({ length: 30 }, () => exchange(dollars, baht, rate, chance.integer(1_000, 9_000), 1));
    await books.post(...links.flat());
    const results = await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        const own: PostResult[] = [];
        const batches = inBatches(chance.shuffled(links).map(reversalsOf), 6, chance);
        for (const batch of batches) own.push(...(await books.post(...batch)));
        return own;
      }),
    );
    expect(count(results.flat(), 'created')).toBe(links.length * 3);
    expect(count(results.flat(), 'already-reversed')).toBe(links.length * (CLIENTS - 1));
    expect(count(results.flat(), 'link-refused')).toBe(links.length * 2 * (CLIENTS - 1));
  });
});

describe('payments, what comes back of them, and their reversals, posted by eight at once', () => {
  it('end one way each, whoever was first', async () => {
    const chance = chanceFor('concurrent returns and reversals');
    const fund = await books.openFund('THB');
    const sent = Array.from({ length: 60 }, () => entry(fund, 'instruct', chance.integer(1, 900)));
    const settled = sent.map((one) => next(fund, 'settle', one));
    await books.post(grant(fund, 100_000), ...sent, ...settled);
    const results = await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        const own: PostResult[] = [];
        const endings = chance.shuffled(sent).map((one) => {
          const payment = settled[sent.indexOf(one)] as EntryInput;
          return chance.pick([
            () => next(fund, 'return', one),
            () => next(fund, 'reverse', one),
            () => reversalOf(payment),
          ])();
        });
        for (const batch of inBatches(alone(endings), 5, chance)) own.push(...(await books.post(...batch)));
        return own;
      }),
    );
    const all = results.flat();
    expect(count(all, 'created')).toBe(sent.length);
    const late = (['already-returned', 'already-reversed', 'never-paid'] as const).map((result) => count(all, result));
    expect(late.reduce((sum, n) => sum + n, 0)).toBe(sent.length * (CLIENTS - 1));
    expect(Math.min(...late)).toBeGreaterThan(0);
  });
});
