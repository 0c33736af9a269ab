import { describe, expect, it } from '@jest/globals';
import { chanceFor } from '../../../../test/support/chance.js';
import { canonicalJson } from '../../../kernel/domain/canonical-json.js';
import { entryText, entryTextWriters, longestEntryText } from './entry-leaf.js';
import { at, EntryRow } from './entry-row.js';
import { READERS } from './leaf-format.js';

const debit = { fund: '01980000-0000-7000-8000-00000000f0f0', currency: 'THB', name: 'clearing/mobile-money' };
const credit = { fund: '01980000-0000-7000-8000-00000000f0f0', currency: 'THB', name: 'bank' };

type Values = Record<keyof typeof at, string | null>;
const values: Values = {
  seq: '71',
  id: '01980000-0000-7000-8000-000000000001',
  debit: '12',
  credit: '13',
  currency: 'THB',
  amount: '900000',
  phase: 'single',
  pending: null,
  state: 'settle',
  source: '01980000-0000-7000-8000-000000000002',
  obligation: '01980000-0000-7000-8000-000000000003',
  bookedOn: '2026-03-31',
  recordedAt: '2026-03-31 10:00:00.123456+00',
  link: null,
  rate: null,
  reverses: null,
  rail: 'mobile-money',
  happenedOn: '2026-03-30',
  evidence: null,
};

const lineOf = (row: Values) =>
  Object.entries(at)
    .sort(([, one], [, other]) => one - other)
    .map(([column]) => row[column as keyof typeof at] ?? '\\N')
    .join('\t');

/** What the three texts are defined as. */
const defined = (row: Values): string[] => [
  canonicalJson({
    type: 'entry',
    fund: debit.fund,
    currency: row.currency,
    amount: row.amount,
    month: row.bookedOn?.slice(0, 7),
    state: row.state,
  }),
  canonicalJson({
    type: 'entry',
    entry: row.id,
    seq: row.seq,
    phase: row.phase,
    debit: debit.name,
    credit: credit.name,
    booked_on: row.bookedOn,
    happened_on: row.happenedOn,
    recorded_at: row.recordedAt,
    evidence: row.evidence,
    rail: row.rail,
    rate: row.rate,
    link: row.link,
    pending: row.pending,
    reverses: row.reverses,
  }),
  canonicalJson({ type: 'entry', obligation: row.obligation, source: row.source }),
];

const textsOf = (row: EntryRow) => READERS.map((reader) => entryText(reader, row, debit, credit));

describe('the texts that a leaf commits to', () => {
  it('are canonical JSON of the row, whatever is null in it and however long its columns are', () => {
    const chance = chanceFor('rows of entries');
    const written = () =>
      Array.from({ length: chance.integer(0, 80) }, () => chance.pick([...'abcé🪙x-/ 09N'])).join('');
    const row = new EntryRow(); // the same one for all of them, as it is used
    for (let round = 0; round < 500; round += 1) {
      const some = Object.fromEntries(
        Object.entries(values).map(([column, value]) => {
          if (column === 'bookedOn' || chance.percent(33)) return [column, value];
          return [column, NULLABLE.has(column) && chance.percent(50) ? null : written()];
        }),
      ) as Values;
      const before = Buffer.from('what stands before\n');
      row.read(Buffer.concat([before, Buffer.from(`${lineOf(some)}\nwhat comes after`)]), before.length);
      expect(textsOf(row)).toEqual(defined(some));
      expect(textsOf(row.copy())).toEqual(defined(some));
    }
  });

  it('fit into as many bytes as are said to be enough, and are never cut', () => {
    const row = EntryRow.of(lineOf(values));
    const longest = longestEntryText(row, debit, credit);
    for (const text of textsOf(row)) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(longest);
    for (const [k, write] of entryTextWriters.entries()) {
      const length = Buffer.byteLength(defined(values)[k] ?? '');
      expect(write(row, debit, credit, Buffer.alloc(length), 0)).toBe(length);
      expect(() => write(row, debit, credit, Buffer.alloc(length - 1), 0)).toThrow(RangeError);
    }
  });
});

const NULLABLE = new Set(['pending', 'obligation', 'link', 'rate', 'reverses', 'rail', 'happenedOn', 'evidence']);

describe('a row of the ledger', () => {
  const row = EntryRow.of(lineOf(values));

  it('tells null from a text, a number from what is none, and numbers beyond what is exact', () => {
    expect([row.isNothing(at.link), row.text(at.link), row.word(at.link)]).toEqual([true, '', '']);
    expect([row.isNothing(at.rail), row.text(at.rail)]).toEqual([false, 'mobile-money']);
    expect([row.number(at.seq), row.number(at.rail), row.number(at.link)]).toEqual([71, NaN, NaN]);
    const far = EntryRow.of(lineOf({ ...values, amount: '9223372036854775807', seq: null }));
    expect([row.bigint(at.amount), far.bigint(at.amount), far.bigint(at.seq)]).toEqual([
      900_000n,
      9_223_372_036_854_775_807n,
      0n,
    ]);
  });

  it('knows a word again, and more words than it remembers', () => {
    const words = Array.from({ length: 40 }, (_, k) => `state ${k % 20}`);
    const one = new EntryRow();
    for (const state of words) {
      one.read(Buffer.from(lineOf({ ...values, state })), 0);
      expect(one.word(at.state)).toBe(state);
    }
  });

  it('is refused when columns are missing or too many', () => {
    expect(() => EntryRow.of(lineOf(values).slice(0, lineOf(values).lastIndexOf('\t')))).toThrow(/19 columns.* 18/);
    expect(() => EntryRow.of(`${lineOf(values)}\tmore`)).toThrow(/19 columns.* 20/);
  });
});
