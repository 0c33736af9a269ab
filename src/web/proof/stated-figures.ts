/** What the page of a report's check carries of the report, for the browser to compare with the log. */
import type { DonorReportEntity } from '../../donor-reports/donor-report.entity.js';
import { minorUnits } from '../../donor-reports/fund-standing.js';
import { currencies } from '../../kernel/reference-data.js';
import type { StatedFigures } from './compared-figures.js';

export function statedFigures({ fundId, period, content }: DonorReportEntity): StatedFigures {
  const { statement } = content;
  const { minorUnits: decimals } = currencies.get(statement.currency);
  const minor = (amount = '0') => minorUnits(amount, decimals);
  return {
    fund: fundId,
    period,
    currency: statement.currency,
    received: String(minor(statement.receivedInPeriod)),
    paid: String(minor(statement.paidInPeriod) - minor(statement.returnedInPeriod)),
    exchangedIn: String(minor(statement.exchangedInInPeriod)),
    exchangedOut: String(minor(statement.exchangedOutInPeriod)),
    paidToDate: String(minor(statement.paidToDate)),
    atBank: String(minor(statement.atBank)),
    inTransit: String(minor(statement.inTransit)),
    available: String(minor(statement.available)),
  };
}
