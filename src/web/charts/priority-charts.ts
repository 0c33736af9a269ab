/** The two charts of highest priorities: the staff's with exact numbers, and the donor report's with the rounded ones it holds. */
import { wholePercent, type PriorityRow } from '../../needs/domain/priorities.js';
import type { PeopleBlock } from '../../donor-reports/donor-report.entity.js';
import { t } from '../languages/language.js';
import { countText } from '../wording.js';
import { layOut, type Bar, type BarGroup, type LaidOutChart } from './bar-chart.js';

const percentText = (percent: number) => `${countText(percent)} %`;

/** One group for each category: the category as a whole first, its needs below it. */
export function priorityChart(rows: readonly PriorityRow[], title: string): LaidOutChart {
  const groups: { heading: string; bars: Bar[] }[] = [];
  for (const { kind, label, percent } of rows) {
    if (kind === 'any')
      groups.push({
        heading: t(label),
        bars: [{ label: t('Any of these needs'), percent, value: percentText(percent), isWhole: true }],
      });
    else groups.at(-1)?.bars.push({ label: t(label), percent, value: percentText(percent) });
  }
  const [top] = rows.filter(({ kind }) => kind === 'need').sort((a, b) => b.count - a.count);
  return layOut({
    id: 'priorities-chart',
    title,
    description: [
      t('Bars for each need, grouped by category, as a percentage of clients.'),
      ...(top ? [longestBar(top)] : []),
      t('The table beside the chart has the same numbers.'),
    ].join(' '),
    groups,
  });
}

const longestBar = ({ label, percent }: PriorityRow) =>
  t('The longest bar of a single need: {need}, {share}.', { need: t(label), share: percentText(percent) });

export interface ReportedPriorities {
  clientsReached: number;
  rows: { label: string; clients: number | null }[];
}

/** What a report says of priorities, or null where it withholds them. Rounded to 5 when the report was made, and drawn as rounded. */
export function reportedPriorities(people: PeopleBlock): ReportedPriorities | null {
  if ('withheld' in people || 'withheld' in people.highestPriorities) return null;
  return { clientsReached: people.clientsReached, rows: people.highestPriorities };
}

export function reportChart({ clientsReached, rows }: ReportedPriorities): LaidOutChart {
  const group: BarGroup = {
    bars: rows.map(({ label, clients }) => ({
      label: t(label),
      // Both numbers are rounded, so that a part may seem larger than the whole.
      percent: clients === null ? null : Math.min(100, wholePercent(clients, clientsReached)),
      value: clients === null ? t('withheld') : t('about {n}', { n: countText(clients) }),
      isWhole: true,
    })),
  };
  return layOut({
    id: 'report-chart',
    title: t('Highest priorities of the people reached, of about {n}', { n: countText(clientsReached) }),
    description: [
      t(
        'Bars for each category of needs: how many people ranked one of its needs as highest priority, to the nearest 5.',
      ),
      t('The table beside the chart has the same numbers.'),
    ].join(' '),
    groups: [group],
  });
}
