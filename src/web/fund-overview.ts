/** What a fund holds, in decimal strings for the pages. */
import { currencies } from '../kernel/reference-data.js';
import type { ListedFund } from '../funds/funds.service.js';
import { withClients } from '../ledger/books.service.js';

export function fundOverview({ fund, donorName, balance }: ListedFund) {
  const money = (amountMinor: bigint | undefined) => currencies.format(amountMinor ?? 0n, fund.currency);
  return {
    code: fund.code,
    name: fund.name,
    donor: donorName,
    currency: fund.currency,
    available: money(balance?.available),
    reserved: money(balance?.reserved),
    committed: money(balance?.committed),
    paid: money(balance && withClients(balance)),
    clearing: money(balance?.clearing),
    bank: money(balance?.bank),
    fund: money(balance?.fund),
    /** The two sides of the books, equal at any time. */
    held: money(balance && balance.bank + balance.clearing + balance.float + balance.paid),
    owed: money(balance && balance.fund + balance.committed + balance.returned + balance.exchange),
  };
}
