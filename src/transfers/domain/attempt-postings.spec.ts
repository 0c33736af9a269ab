import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { flows, type AccountKind, type FlowKind } from '../../ledger/domain/entry.js';
import { entriesForChange } from './attempt-postings.js';
import { foldEvidence, type AttemptState, type EvidenceKind } from './attempt-state.js';

const kinds: EvidenceKind[] = [
  'accepted',
  'settled',
  'failed',
  'silence',
  'unclear',
  'resolved-paid',
  'resolved-not-paid',
  'returned',
  'reversed',
];

const MONEY_IS_AT: Record<AttemptState, AccountKind> = {
  instructed: 'clearing',
  accepted: 'clearing',
  unknown: 'clearing',
  settled: 'paid',
  failed: 'bank',
  returned: 'bank',
  reversed: 'bank',
};

/** Entries that the news call for, one piece after the other, from the instruction on. */
function entriesFor(news: readonly EvidenceKind[]): FlowKind[] {
  const entries: FlowKind[] = ['instruct'];
  let state: AttemptState = 'instructed';
  news.forEach((_, index) => {
    const next = foldEvidence(news.slice(0, index + 1));
    if (next !== state) entries.push(...entriesForChange(state, next));
    state = next;
  });
  return entries;
}

/** Net movement of one unit of money by account: debits less credits. */
function net(entries: readonly FlowKind[]): Partial<Record<AccountKind, number>> {
  const moved: Partial<Record<AccountKind, number>> = {};
  for (const kind of entries) {
    const [debit, credit] = flows[kind];
    moved[debit] = (moved[debit] ?? 0) + 1;
    moved[credit] = (moved[credit] ?? 0) - 1;
  }
  return moved;
}

describe('the entries that news of an attempt call for', () => {
  const anyNews = fc.shuffledSubarray(kinds);

  it('leave the money where the evidence says it is, whatever came in whichever order', () => {
    fc.assert(
      fc.property(anyNews, (news) => {
        const moved = net(entriesFor(news));
        const place = MONEY_IS_AT[foldEvidence(news)];
        // What came back is not taken off what was paid: it stands against it.
        moved.paid = (moved.paid ?? 0) + (moved.returned ?? 0);
        for (const account of ['clearing', 'paid'] as const)
          expect(moved[account] ?? 0).toBe(account === place ? 1 : 0);
        expect(moved.bank ?? 0).toBe(place === 'bank' ? 0 : -1);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never overdraw on the way: money leaves an account only after it came there', () => {
    fc.assert(
      fc.property(anyNews, (news) => {
        const entries = entriesFor(news);
        entries.forEach((_, index) => {
          const { clearing = 0, paid = 0, bank = 0 } = net(entries.slice(0, index + 1));
          expect(clearing >= 0 && paid >= 0 && bank >= -1).toBe(true);
        });
      }),
      { numRuns: 2_000 },
    );
  });

  it('book a kind once at most, as the ledger demands of one cause', () => {
    fc.assert(
      fc.property(anyNews, (news) => expect(new Set(entriesFor(news)).size).toBe(entriesFor(news).length)),
      { numRuns: 2_000 },
    );
  });

  it('touch neither what is promised nor what may be promised', () => {
    fc.assert(
      fc.property(anyNews, (news) => {
        const moved = net(entriesFor(news));
        expect([moved.fund, moved.committed]).toEqual([undefined, undefined]);
      }),
    );
  });

  it.each<[AttemptState, AttemptState, FlowKind[]]>([
    ['instructed', 'accepted', []],
    ['accepted', 'unknown', []],
    ['unknown', 'settled', ['settle']],
    ['unknown', 'failed', ['fail']],
    ['failed', 'settled', ['settle-late']],
    ['settled', 'returned', ['return']],
    ['settled', 'reversed', ['reverse']],
    ['instructed', 'returned', ['settle', 'return']],
    ['failed', 'returned', ['settle-late', 'return']],
    ['failed', 'reversed', ['settle-late', 'reverse']],
    ['returned', 'reversed', []],
  ])('from %s to %s are %j', (from, to, expected) => {
    expect(entriesForChange(from, to)).toEqual(expected);
  });
});
