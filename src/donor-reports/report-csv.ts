/** A donor report as CSV (RFC 4180): the same protected values as everywhere else. */
import type { DonorReportContent } from './donor-report.entity.js';

export function reportCsv({ fund, period, statement, otherCurrencies = [], people }: DonorReportContent): string {
  const rows: [string, string, string][] = [
    ['section', 'item', 'value'],
    ['report', 'fund', fund.code],
    ['report', 'name', fund.name],
    ['report', 'donor', fund.donor],
    ['report', 'from', period.from],
    ['report', 'through', period.through],
    ...Object.entries(statement).map(([item, value]): [string, string, string] => ['statement', item, String(value)]),
    ...otherCurrencies.map(({ currency, atBank }): [string, string, string] => [
      'other currencies at the bank',
      currency,
      atBank,
    ]),
  ];
  if ('withheld' in people) {
    rows.push(['people', 'withheld', people.withheld]);
  } else {
    rows.push(['people', 'asAt', people.asAt], ['people', 'clientsReached (nearest 5)', String(people.clientsReached)]);
    if ('withheld' in people.highestPriorities)
      rows.push(['priorities', 'withheld', people.highestPriorities.withheld]);
    else
      for (const { label, clients } of people.highestPriorities)
        rows.push(['priorities', `${label} (nearest 5)`, clients === null ? 'withheld' : String(clients)]);
  }
  return rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

/** Quoted, and never begun with a sign that a spreadsheet would take for a formula. */
function cell(value: string): string {
  const harmless = /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
  return `"${harmless.replaceAll('"', '""')}"`;
}
