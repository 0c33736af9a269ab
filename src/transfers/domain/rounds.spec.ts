import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { roundsOf } from './rounds.js';

const rounds = (...calls: string[]) => roundsOf(calls, (call) => [...call]);

describe('calls that are recorded together', () => {
  it.each<[string, string[], string[][]]>([
    ['that touch nothing in common are one round', ['a', 'bc', 'd'], [['a', 'bc', 'd']]],
    ['that touch the same thing are as many rounds as there are', ['a', 'a', 'a'], [['a'], ['a'], ['a']]],
    ['go after each one that they share with', ['a', 'b', 'ab', 'b', 'c'], [['a', 'b', 'c'], ['ab'], ['b']]],
    ['that touch nothing go first', ['', 'a', ''], [['', 'a', '']]],
    ['are none when there are none', [], []],
  ])('%s', (_, calls, expected) => expect(rounds(...calls)).toEqual(expected));

  it('keep their order wherever they share, whatever they touch', () => {
    const things = ['a', 'b', 'c', 'd', 'e'];
    const calls = fc.array(fc.subarray(things), { maxLength: 30 });
    fc.assert(
      fc.property(calls, (touched) => {
        const numbered = touched.map((touches, number) => ({ number, touches }));
        const made = roundsOf(numbered, (call) => call.touches);
        expect(made.flat().sort((one, other) => one.number - other.number)).toEqual(numbered);
        for (const thing of things) {
          const inRounds = made.map((round) => round.filter((call) => call.touches.includes(thing)));
          expect(inRounds.every((sharing) => sharing.length <= 1)).toBe(true);
          const order = inRounds.flat().map((call) => call.number);
          expect(order).toEqual([...order].sort((one, other) => one - other));
        }
      }),
    );
  });
});
