/** Money: an integer of ISO 4217 minor units and its currency. No float touches it. */
import { Problem } from './problem.js';
import { sentence } from './sentence.js';

export interface Money {
  amountMinor: bigint;
  currency: string;
}

export interface Currency {
  code: string;
  /** Decimals of the major unit by ISO 4217. Never taken from Intl, whose data says 0 for MMK, LAK and IDR. */
  minorUnits: number;
  /** The smallest sum worth handing out, in minor units. */
  payableStepMinor: bigint;
}

/** Well inside a PostgreSQL bigint even when a million of them are added up. */
const LARGEST_MINOR = 10n ** 15n;

export class CurrencyTable {
  private readonly byCode: ReadonlyMap<string, Currency>;

  constructor(currencies: Currency[]) {
    this.byCode = new Map(currencies.map((currency) => [currency.code, currency]));
  }

  all(): Currency[] {
    return [...this.byCode.values()];
  }

  /** Throws `unknown-currency` (422). */
  get(code: string, field = 'currency'): Currency {
    const found = this.byCode.get(code);
    if (!found)
      throw Problem.refused(
        'unknown-currency',
        sentence('{code} is not a currency that this service knows.', { code: code.slice(0, 10) }),
        field,
      );
    return found;
  }

  /**
   * Reads a decimal string in major units ("9000.00").
   * Throws `amount-malformed`, `amount-not-positive`, `amount-too-precise`, `amount-too-large`, `unknown-currency` (all 422).
   */
  parse(text: string, currencyCode: string, field = 'amount', options: { zeroAllowed?: boolean } = {}): Money {
    const currency = this.get(currencyCode, field.replace(/[^.]*$/, 'currency'));
    const match = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text);
    if (!match) {
      throw Problem.refused('amount-malformed', 'Give the amount as digits with a point, like "9000.00".', field);
    }
    const [, sign, whole = '0', fraction = ''] = match;
    if (fraction.length > currency.minorUnits) {
      throw Problem.refused(
        'amount-too-precise',
        sentence('{currency} has {n} decimals.', { currency: currency.code, n: currency.minorUnits }),
        field,
      );
    }
    const amountMinor = BigInt(whole + fraction.padEnd(currency.minorUnits, '0'));
    if (sign === '-' || (amountMinor === 0n && !options.zeroAllowed)) {
      throw Problem.refused('amount-not-positive', 'The amount must be more than nothing.', field);
    }
    if (amountMinor > LARGEST_MINOR) {
      throw Problem.refused('amount-too-large', 'The amount is larger than this service accepts.', field);
    }
    return { amountMinor, currency: currency.code };
  }

  /** The decimal string in major units, with all decimals of the currency ("9000.00"); negative amounts keep their sign. */
  format(amountMinor: bigint, currencyCode: string): string {
    const { minorUnits } = this.get(currencyCode);
    const sign = amountMinor < 0n ? '-' : '';
    const digits = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(minorUnits + 1, '0');
    if (minorUnits === 0) return sign + digits;
    return `${sign}${digits.slice(0, -minorUnits)}.${digits.slice(-minorUnits)}`;
  }
}
