/** What a fund holds in each of its currencies, in decimal strings for the pages. */
import { currencies } from '../kernel/reference-data.js';
import type { ListedFund } from '../funds/funds.service.js';
import { withClients, type FundBalance } from '../ledger/books.service.js';
import { t } from './languages/language.js';

/** One for each currency, the fund's own first. */
export function fundOverviews({ fund, donorName, balance, inOtherCurrencies }: ListedFund) {
  return [balance, ...inOtherCurrencies].map((holding) => ({
    code: fund.code,
    name: holding === balance ? fund.name : t('{fund}, in {currency}', { fund: fund.name, currency: holding.currency }),
    donor: donorName,
    ...overviewOf(holding),
  }));
}

function overviewOf(balance: FundBalance) {
  const money = (amountMinor: bigint) => currencies.format(amountMinor, balance.currency);
  return {
    currency: balance.currency,
    available: money(balance.available),
    reserved: money(balance.reserved),
    committed: money(balance.committed),
    paid: money(withClients(balance)),
    /** The two sides of the books, equal at any time. */
    held: money(balance.bank + balance.clearing + balance.float + balance.paid),
    owed: money(balance.fund + balance.committed + balance.returned + balance.exchange),
  };
}
