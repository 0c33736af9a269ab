/** Changing money at a bank: what a sold amount is worth at a recorded rate, and what the bank gave on top. */
import { Decimal } from 'decimal.js';
import type { Currency } from '../../kernel/domain/money.js';
import { Problem } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';

/** The largest amount has 16 digits and the most exact rate 20, so no product is rounded before the one rounding at the end. */
const Exact = Decimal.clone({ precision: 60 });

const RATE_DECIMALS = 10;
const RATE_WHOLE_DIGITS = 10;
/** A bank rounds what it gives; a hundredth of it is no rounding but a mistyped figure. */
const LARGEST_SHARE_LEFT_OVER = 100n;

/**
 * Reads a rate, major units of the quote currency for one of the base currency: "36.5" and "36.50" are the same.
 * Throws `rate-malformed`, `rate-not-positive`, `rate-too-precise`, `rate-too-large` (422).
 */
export function parseRate(text: string, field = 'rate'): string {
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text) ?? [];
  if (whole === '')
    throw Problem.refused('rate-malformed', 'Give the rate as digits with a point, like "36.5125".', field);
  const rate = new Exact(text);
  if (sign === '-' || rate.isZero())
    throw Problem.refused('rate-not-positive', 'The rate must be more than nothing.', field);
  if (fraction.length > RATE_DECIMALS)
    throw Problem.refused(
      'rate-too-precise',
      sentence('A rate has at most {most} decimals.', { most: RATE_DECIMALS }),
      field,
    );
  if (whole.length > RATE_WHOLE_DIGITS)
    throw Problem.refused('rate-too-large', 'The rate is larger than this service accepts.', field);
  return rate.toFixed();
}

export interface ExchangeAtBank {
  soldMinor: bigint;
  boughtMinor: bigint;
  rate: string;
  base: Currency;
  quote: Currency;
}

/** What the fund gets, and what the bank gave on top of it, in minor units of the quote currency. */
export interface SettledExchange {
  worthMinor: bigint;
  leftOverMinor: bigint;
}

/**
 * The fund gets what the sold amount is worth at the rate, rounded down once; the rest of what was bought is left over.
 * Throws `exchange-too-small`, `exchange-below-rate`, `exchange-above-rate` (422).
 */
export function settleExchange({ soldMinor, boughtMinor, rate, base, quote }: ExchangeAtBank): SettledExchange {
  const worth = new Exact(soldMinor.toString()).times(rate).times(Exact.pow(10, quote.minorUnits - base.minorUnits));
  const worthMinor = BigInt(worth.floor().toFixed());
  if (worthMinor === 0n) {
    throw Problem.refused(
      'exchange-too-small',
      sentence('That is worth less than the smallest amount of {currency} at this rate.', { currency: quote.code }),
      'sold',
    );
  }
  const leftOverMinor = boughtMinor - worthMinor;
  if (leftOverMinor < 0n) {
    throw Problem.refused(
      'exchange-below-rate',
      'That is less than what was sold is worth at this rate. Record the rate that the bank gave.',
      'bought',
    );
  }
  if (leftOverMinor * LARGEST_SHARE_LEFT_OVER > boughtMinor) {
    throw Problem.refused(
      'exchange-above-rate',
      'That is more than what was sold is worth at this rate, by more than a hundredth. Look at the figures again, or record the rate that the bank gave.',
      'bought',
    );
  }
  return { worthMinor, leftOverMinor };
}
