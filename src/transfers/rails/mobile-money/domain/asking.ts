/** When an operator is asked what became of a request: after a minute, and then each time after twice as long. */
const LONGEST_MINUTES = 6 * 60;

/** Minutes until the next time, after it was asked so often. */
export function minutesUntilNext(asked: number): number {
  return Math.min(2 ** asked, LONGEST_MINUTES);
}
