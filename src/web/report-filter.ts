/** The filter above the list of donor reports, read from the page's address. */
import { t } from './languages/language.js';
import { textIn, type Fault, type Sent } from './sent.js';

export interface ReportFilterForm {
  /** As it was chosen, to be shown again. */
  chosen: { fund: string; period: string };
  faults: Fault[];
}

/** What was chosen and what is wrong with it. A field left empty filters nothing. */
export function reportFilterForm(
  query: Sent,
  { funds, periods }: { funds: readonly { code: string }[]; periods: readonly string[] },
): ReportFilterForm {
  const chosen = { fund: textIn(query, 'fund'), period: textIn(query, 'period') };
  const faults: Fault[] = [];
  if (chosen.fund && !funds.some(({ code }) => code === chosen.fund))
    faults.push({ text: t('Choose a fund of the list'), href: '#fund' });
  if (chosen.period && !periods.includes(chosen.period))
    faults.push({ text: t('Choose a quarter of the list'), href: '#period' });
  return { chosen, faults };
}
