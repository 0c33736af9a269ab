/** What a report withholds of people and why, in plain words. It never says of whom: nobody who reads it knows more than the report. */
import type { PeopleBlock } from '../donor-reports/donor-report.entity.js';
import { t } from './languages/language.js';
import { withheldWords } from './wording.js';

export interface WithheldPart {
  what: string;
  why: string;
}

/** `period`: the quarter of the report that says this of people. */
export function withheldParts(people: PeopleBlock, period: string): WithheldPart[] {
  if ('withheld' in people)
    return [
      { what: t('Everything about people: how many, and their priorities'), why: withheldWords(people.withheld) },
    ];
  const newer: WithheldPart[] =
    people.asAt === period
      ? []
      : [
          {
            what: t('The number of people at the end of this quarter'),
            why: t('The number is that of an earlier quarter, because a newer one could give away who came since.'),
          },
        ];
  return [...newer, ...withheldPriorities(people.highestPriorities)];
}

function withheldPriorities(priorities: Extract<PeopleBlock, { asAt: string }>['highestPriorities']): WithheldPart[] {
  if ('withheld' in priorities)
    return [{ what: t('Their highest priorities'), why: withheldWords(priorities.withheld) }];
  return priorities
    .filter(({ clients }) => clients === null)
    .map(({ label }) => ({
      what: t(label),
      why: t('Too few people named it, or too few did not. With so few on one side, somebody could be recognised.'),
    }));
}
