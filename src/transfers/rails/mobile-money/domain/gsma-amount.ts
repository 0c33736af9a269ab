/** Amounts as the GSMA Mobile Money API writes them: major units without zeros at the end ("9000", "15.2"), which its pattern refuses. */
import type { CurrencyTable } from '../../../../kernel/domain/money.js';

export function gsmaAmount(currencies: CurrencyTable, amountMinor: bigint, currency: string): string {
  return withoutTrailingZeros(currencies.format(amountMinor, currency));
}

/** Whether a text that an operator wrote is that amount; operators write zeros all the same. */
export function isSameAmount(currencies: CurrencyTable, text: unknown, amountMinor: bigint, currency: string): boolean {
  if (typeof text !== 'string' || !/^(0|[1-9]\d{0,17})(\.\d{1,6})?$/.test(text)) return false;
  return withoutTrailingZeros(text) === gsmaAmount(currencies, amountMinor, currency);
}

function withoutTrailingZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
