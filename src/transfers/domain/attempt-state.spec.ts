import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEAD_STATES, foldEvidence, type EvidenceKind } from './attempt-state.js';

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

describe('the state of an attempt', () => {
  it.each<[EvidenceKind[], string]>([
    [[], 'instructed'],
    [['accepted'], 'accepted'],
    [['accepted', 'silence'], 'unknown'],
    [['unclear'], 'unknown'],
    [['silence', 'settled'], 'settled'],
    [['silence', 'failed'], 'failed'],
    [['unclear', 'resolved-paid'], 'settled'],
    [['unclear', 'resolved-not-paid'], 'failed'],
    [['failed', 'settled'], 'settled'],
    [['resolved-not-paid', 'settled'], 'settled'],
    [['settled', 'returned'], 'returned'],
    [['settled', 'reversed'], 'reversed'],
    [['failed', 'returned'], 'returned'],
    [['returned', 'reversed', 'settled'], 'reversed'],
  ])('after %j is %s', (evidence, state) => {
    expect(foldEvidence(evidence)).toBe(state);
  });

  it('depends on what was learned and neither on its order nor on how often it was told', () => {
    const toldTwice = fc
      .subarray(kinds)
      .chain((learned) =>
        fc.tuple(
          fc.constant(learned),
          fc.shuffledSubarray([...learned, ...learned, ...learned], { minLength: learned.length * 3 }),
        ),
      );
    fc.assert(fc.property(toldTwice, ([learned, told]) => expect(foldEvidence(told)).toBe(foldEvidence(learned))));
  });

  it('is never made less certain by learning more', () => {
    const certainty = ['instructed', 'accepted', 'unknown', 'failed', 'settled', 'returned', 'reversed'];
    fc.assert(
      fc.property(fc.subarray(kinds), fc.constantFrom(...kinds), (learned, news) => {
        expect(certainty.indexOf(foldEvidence([...learned, news]))).toBeGreaterThanOrEqual(
          certainty.indexOf(foldEvidence(learned)),
        );
      }),
    );
  });

  it('is failure only where failure was proven and nothing says that money arrived', () => {
    fc.assert(
      fc.property(fc.subarray(kinds), (learned) => {
        const isProven = learned.some((kind) => kind === 'failed' || kind === 'resolved-not-paid');
        const arrived = learned.some((kind) => ['settled', 'resolved-paid', 'returned', 'reversed'].includes(kind));
        expect(foldEvidence(learned) === 'failed').toBe(isProven && !arrived);
      }),
    );
  });

  it('is never ended by silence', () => {
    for (const kind of ['silence', 'unclear', 'accepted'] as const)
      expect(DEAD_STATES).not.toContain(foldEvidence([kind]));
  });
});
