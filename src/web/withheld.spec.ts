/** What a page says was withheld from a report, and why. */
import { describe, expect, it } from '@jest/globals';
import { withheldParts } from './withheld.js';

describe('What was withheld', () => {
  it('is everything about people where the report says nothing of them, with the reason', () => {
    expect(withheldParts({ withheld: 'one-case-group-dominates' }, '2026-Q1')).toEqual([
      {
        what: 'Everything about people: how many, and their priorities',
        why: 'More than two thirds of the people come from one case. The numbers would describe that case.',
      },
    ]);
  });

  it('is the newer number, where an older one stands in its place, and the table of priorities', () => {
    const parts = withheldParts(
      { asAt: '2025-Q4', clientsReached: 15, highestPriorities: { withheld: 'fewer-than-33-clients' } },
      '2026-Q1',
    );
    expect(parts.map(({ what }) => what)).toEqual([
      'The number of people at the end of this quarter',
      'Their highest priorities',
    ]);
  });

  it('is each category without a number, and nothing where there is nothing to say', () => {
    const highestPriorities = [
      { category: 'economic', label: 'Economic', clients: 20 },
      { category: 'legal', label: 'Legal', clients: null },
    ];
    const people = { asAt: '2026-Q1', clientsReached: 40, highestPriorities };
    expect(withheldParts(people, '2026-Q1').map(({ what }) => what)).toEqual(['Legal']);
    expect(withheldParts({ ...people, highestPriorities: highestPriorities.slice(0, 1) }, '2026-Q1')).toEqual([]);
  });
});
