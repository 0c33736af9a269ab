/** Which transfers a wage that rose makes worth more: from the first that is due when it holds, each up to what it gives, and none down. */
import type { ValuePolicy } from '../../../funds/value-policy.js';
import type { PlainDate } from '../../../kernel/domain/plain-date.js';
import { Problem } from '../../../kernel/domain/problem.js';
import { rateInForce, type WageRate } from '../../../wage-index/domain/transfer-value.js';

/** A transfer of somebody who lives in the wage's country. */
export interface Owed {
  region: string | null;
  dueOn: PlainDate;
  /** What the client gets for this instalment: the transfer and what topped it up before, in minor units. */
  totalMinor: bigint;
}

export interface Rise<Of extends Owed> {
  of: Of;
  /** In minor units; `of.totalMinor` where the fund freezes what was approved. */
  toMinor: bigint;
}

/**
 * `rates`: all of the country's sector. A transfer belongs to the wage that holds on its own due day, as far as it is known on `knownOn`: of two
 * rises the later one values what is due after both. `undetermined`: nobody can say which wage holds where they live.
 */
export function risesBy<Of extends Owed>(
  wage: { rate: WageRate; worthMinor: bigint },
  rates: readonly WageRate[],
  policy: ValuePolicy,
  owed: readonly Of[],
  knownOn: PlainDate,
): { rises: Rise<Of>[]; undetermined: Of[] } {
  const rises: Rise<Of>[] = [];
  const undetermined: Of[] = [];
  for (const of of owed) {
    if (of.dueOn < wage.rate.effectiveFrom) continue;
    const inForce = rateOf(rates, of, knownOn);
    if (!inForce) undetermined.push(of);
    else if (inForce.id === wage.rate.id && wage.worthMinor > of.totalMinor)
      rises.push({ of, toMinor: policy === 'freeze' ? of.totalMinor : wage.worthMinor });
  }
  return { rises, undetermined };
}

/** The wage that holds for a transfer on its due day; undefined where that cannot be said. */
export function rateOf(
  rates: readonly WageRate[],
  { region, dueOn }: Pick<Owed, 'region' | 'dueOn'>,
  knownOn: PlainDate,
): WageRate | undefined {
  try {
    return rateInForce(rates, region, dueOn, knownOn);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}
