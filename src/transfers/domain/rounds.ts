/** Puts calls that are recorded together into rounds, so that they come to what they would have come to one after another. */

/**
 * In no round are two calls that touch the same thing, and of those the earlier one is in an earlier round: it sees nothing of the later
 * one, and the later one all of it. As few rounds as that allows.
 */
export function roundsOf<Call>(calls: readonly Call[], touchedBy: (call: Call) => readonly string[]): Call[][] {
  const rounds: Call[][] = [];
  const nextRoundOf = new Map<string, number>();
  for (const call of calls) {
    const touched = touchedBy(call);
    const round = Math.max(0, ...touched.map((one) => nextRoundOf.get(one) ?? 0));
    (rounds[round] ??= []).push(call);
    for (const one of touched) nextRoundOf.set(one, round + 1);
  }
  return rounds;
}
