/** What a fund's statement says of money that is approved for clients and not only of what has reached them. */
import type { CurrencyTable } from '../kernel/domain/money.js';
import type { FundStatement } from './donor-report.entity.js';

/** Amounts in minor units of the fund's currency, at a quarter's end. */
export interface FundStanding {
  /** All that the fund has had: received, and with exchange what it became by it. */
  received: bigint;
  /** Approved for clients since the beginning, whether it has reached them or not. */
  committed: bigint;
  /** Of that, with clients. */
  paid: bigint;
  available: bigint;
}

/**
 * From the statement of a report, and what the rounding of exchanges had left over by then, which belongs to nobody. The two sides of the
 * books are equal: what is held and with clients is what is free, committed, or left over.
 */
export function standingOf(statement: FundStatement, leftOverMinor: bigint, currencies: CurrencyTable): FundStanding {
  const { currency } = statement;
  const minor = (amount: string) => minorUnits(amount, currencies.get(currency).minorUnits);
  const received = minor(statement.toAccountFor ?? statement.receivedToDate);
  const available = minor(statement.available);
  return { received, committed: received - available - leftOverMinor, paid: minor(statement.paidToDate), available };
}

/** A decimal string with all decimals of its currency, which may be below nothing, as statements hold it. */
export function minorUnits(amount: string, decimals: number): bigint {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount) ?? [];
  const digits = BigInt(whole + fraction.padEnd(decimals, '0'));
  return sign ? -digits : digits;
}
