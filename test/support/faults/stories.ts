/** What is posted while things break: stories of money, told in order, and now and then something that cannot be. */
import type { EntryInput } from '../../../src/ledger/domain/entry.js';
import type { FundAccounts } from '../../../src/ledger/posting.service.js';
import type { Chance } from '../chance.js';
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
} from '../entries.js';

export interface Money {
  /** Funds with more than all stories need, in baht, with a float for the holder. */
  rich: readonly FundAccounts[];
  /** The same funds' accounts in dollars. */
  dollars: readonly FundAccounts[];
  holder: string;
  /** Baht for a dollar. */
  rate: Rate;
  /** A fund that has hardly anything, for which everybody contends. */
  poor: FundAccounts;
}

/** Entries that go into a batch together. `mayBeRefused`: for want of money, and for nothing else. */
export interface Episode {
  entries: EntryInput[];
  mayBeRefused: boolean;
}

type Story = Generator<EntryInput[]>;

const STORIES: readonly ((fund: FundAccounts, money: Money, chance: Chance) => Story)[] = [
  function* promised(fund, _, chance) {
    const reserved = reserve(fund, chance.integer(1, 9_000));
    yield [reserved];
    if (chance.percent(30)) yield [giveBack(fund, reserved)];
    else yield [commit(fund, reserved, chance.integer(1, Number(reserved.amountMinor)))];
  },
  function* paid(fund, _, chance) {
    const sent = entry(fund, 'instruct', chance.integer(1, 9_000));
    yield [sent];
    if (chance.percent(25)) {
      yield [next(fund, 'fail', sent)];
      if (chance.percent(50)) return;
      yield [next(fund, 'settle-late', sent)];
    } else {
      yield [next(fund, 'settle', sent)];
    }
    if (chance.percent(30)) yield [next(fund, chance.percent(50) ? 'return' : 'reverse', sent)];
  },
  function* carried(fund, { holder }, chance) {
    const amount = chance.integer(2, 9_000);
    yield [entry(fund, 'float-out', amount, { holder })];
    const sent = entry(fund, 'instruct', amount - 1, { creditId: fund.id('float', holder) });
    yield [sent];
    yield [next(fund, 'settle', sent), entry(fund, 'float-back', 1, { holder })];
  },
  function* changed(fund, { dollars, rate }, chance) {
    const sold = dollars.find((one) => one.fundId === fund.fundId) as FundAccounts;
    const rows = exchange(sold, fund, rate, chance.integer(100, 9_000), chance.integer(0, 2));
    yield rows;
    if (chance.percent(40)) yield reversalsOf(rows);
  },
  function* mistaken(fund, _, chance) {
    const received = grant(fund, chance.integer(1, 9_000));
    yield [received];
    yield [reversalOf(received)];
  },
];

/** Batches without an end, in which the stories go on in their own order. */
export function* batchesOf(money: Money, chance: Chance): Generator<Episode[], never> {
  let open: Story[] = [];
  for (;;) {
    while (open.length < 30) open.push(chance.pick(STORIES)(chance.pick(money.rich), money, chance));
    const batch: Episode[] = [];
    for (let size = chance.percent(20) ? chance.integer(1, 3) : chance.integer(20, 150); size > 0; size -= 1) {
      const roll = chance.integer(1, 100);
      if (roll <= 4) batch.push({ entries: [grant(money.poor, chance.integer(1, 50))], mayBeRefused: false });
      else if (roll <= 14) batch.push({ entries: [reserve(money.poor, chance.integer(1, 50))], mayBeRefused: true });
      else if (roll <= 16) batch.push({ entries: [reserve(chance.pick(money.rich), 10 ** 15)], mayBeRefused: true });
      else {
        const story = chance.pick(open);
        const told = story.next();
        if (told.done) open = open.filter((one) => one !== story);
        else batch.push({ entries: told.value, mayBeRefused: false });
      }
      if (open.length === 0) break;
    }
    if (batch.length > 0) yield batch;
  }
}
