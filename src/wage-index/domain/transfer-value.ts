/**
 * From a minimum wage to the value of one transfer: wage -> monthly by the country's factor x programme multiplier, rounded up once,
 * at the end, to the payable step. Or an amount set by decision, taken as it is.
 */
import { Decimal } from 'decimal.js';
import type { Currency } from '../../kernel/domain/money.js';
import type { PlainDate } from '../../kernel/domain/plain-date.js';
import { Problem } from '../../kernel/domain/problem.js';

/** With decimal.js's own 20 digits a product of wage, factor and multiplier could be rounded before the end. */
const Exact = Decimal.clone({ precision: 60 });

export interface WageRate {
  id: string;
  country: string;
  /** '' for the whole country. */
  region: string;
  sector: string;
  unit: 'day' | 'month';
  /** Decimal string in major units, as the instrument states it. */
  amount: string;
  currency: string;
  effectiveFrom: PlainDate;
  knownFrom: PlainDate;
  source: string;
  /** Where it can be read, and how sure it is; null of what came with the configuration. */
  sourceUrl: string | null;
  confidence: Confidence | null;
}

/** `official`: read in the instrument itself. `reported`: as a newspaper or a law firm tells it. `unconfirmed`: neither, and to be looked at again. */
export const confidences = ['official', 'reported', 'unconfirmed'] as const;
export type Confidence = (typeof confidences)[number];

export interface TransferValue {
  amountMinor: bigint;
  currency: string;
  wageRateId: string | null;
  decidedAmountId: string | null;
  /** How the amount came about, for people to read and recompute. */
  derivation: Record<string, string>;
}

/**
 * The rate that holds for a place and day, as far as it was known on `knownOn`. The latest rate wins; on the same day the region's own
 * goes before the country's. Where newer rates exist only by region, the country's is outdated: throws `region-required` without a region,
 * `no-minimum-wage` with one that has no rate (422).
 */
export function rateInForce(
  rates: readonly WageRate[],
  region: string | null,
  on: PlainDate,
  knownOn: PlainDate,
): WageRate {
  const known = rates.filter((rate) => rate.effectiveFrom <= on && rate.knownFrom <= knownOn);
  const candidates = known.filter((rate) => rate.region === '' || rate.region === region).sort(newestFirst);
  const [best] = candidates;
  const newestRegional = known.filter((rate) => rate.region !== '').sort(newestFirst)[0];
  const isOutdated =
    best?.region === '' && newestRegional !== undefined && newestRegional.effectiveFrom > best.effectiveFrom;
  if (!region && (isOutdated || (!best && newestRegional))) {
    throw Problem.refused(
      'region-required',
      'The minimum wage there depends on the region: say where the client lives.',
      'region',
    );
  }
  if (!best || isOutdated)
    throw Problem.refused('no-minimum-wage', 'No minimum wage is on record for that place and day.', 'country');
  return best;
}

function newestFirst(a: WageRate, b: WageRate): number {
  if (a.effectiveFrom !== b.effectiveFrom) return a.effectiveFrom < b.effectiveFrom ? 1 : -1;
  if (a.region !== b.region) return a.region === '' ? 1 : -1;
  return a.knownFrom < b.knownFrom ? 1 : -1;
}

/** `daysPerMonth` turns a daily wage into a monthly one; `multiplier` is the programme's, a decimal string. */
export function valueFromWage(
  rate: WageRate,
  daysPerMonth: number,
  multiplier: string,
  currency: Currency,
): TransferValue {
  const factor = rate.unit === 'day' ? daysPerMonth : 1;
  const exactMajor = new Exact(rate.amount).times(factor).times(multiplier);
  const exactMinor = exactMajor.times(new Exact(10).pow(currency.minorUnits));
  const steps = exactMinor.dividedBy(currency.payableStepMinor.toString()).ceil();
  const amountMinor = BigInt(steps.toFixed(0)) * currency.payableStepMinor;
  return {
    amountMinor,
    currency: currency.code,
    wageRateId: rate.id,
    decidedAmountId: null,
    derivation: {
      rule: 'minimum-wage',
      wage: `${rate.amount} ${rate.currency} a ${rate.unit}`,
      place: rate.region === '' ? rate.country : `${rate.country}, ${rate.region}`,
      effectiveFrom: rate.effectiveFrom,
      source: rate.source,
      factor: String(factor),
      multiplier,
      exact: exactMajor.toFixed(),
      payableStepMinor: currency.payableStepMinor.toString(),
    },
  };
}
