/** Who was taken in where and when: the pilot's intake batches, and the place that each of its clients has in them. */

import type { CaseGroup, Cohort, CountryCode, Language } from './scripted-pilot.js';

/** One batch is one meeting place, so that all its clients live in one country and are first paid on one day. */
interface IntakeBatch {
  anchorOn: string;
  country: CountryCode;
  speakers: Partial<Record<Language, number>>;
}

/** What is settled about a client before anything is drawn. */
export interface IntakePlace {
  key: string;
  cohort: Cohort;
  caseGroup: CaseGroup;
  country: CountryCode;
  language: Language;
  anchorOn: string;
}

/**
 * The month ends are there on purpose: 31 August, 31 October and 29 to 31 January meet shorter months, one of them a
 * leap February. The many days up to the tenth leave room for a payment to go wrong and be put right within its month.
 */
const INTAKE_BATCHES: Record<CaseGroup, readonly IntakeBatch[]> = {
  benjina: [
    { anchorOn: '2015-06-03', country: 'MM', speakers: { my: 5 } },
    { anchorOn: '2015-06-24', country: 'TH', speakers: { my: 2, th: 2 } },
    { anchorOn: '2015-07-08', country: 'MM', speakers: { my: 4 } },
    { anchorOn: '2015-07-22', country: 'TH', speakers: { my: 3, km: 1 } },
    { anchorOn: '2015-08-05', country: 'LA', speakers: { lo: 3 } },
    { anchorOn: '2015-08-31', country: 'MM', speakers: { my: 4 } },
    { anchorOn: '2015-09-09', country: 'TH', speakers: { my: 3, th: 1 } },
    { anchorOn: '2015-09-28', country: 'MM', speakers: { my: 3 } },
    { anchorOn: '2015-10-07', country: 'TH', speakers: { my: 1, km: 3 } },
    { anchorOn: '2015-10-31', country: 'TH', speakers: { my: 2, lo: 1 } },
    { anchorOn: '2015-11-04', country: 'MM', speakers: { my: 4 } },
    { anchorOn: '2015-12-02', country: 'LA', speakers: { lo: 2 } },
    { anchorOn: '2015-12-16', country: 'TH', speakers: { my: 1, th: 2 } },
    { anchorOn: '2016-01-29', country: 'MM', speakers: { my: 2 } },
    { anchorOn: '2016-01-31', country: 'TH', speakers: { my: 2, km: 1 } },
    { anchorOn: '2016-02-03', country: 'MM', speakers: { my: 2 } },
  ],
  kantang: [
    { anchorOn: '2015-06-10', country: 'TH', speakers: { my: 3, km: 1 } },
    { anchorOn: '2015-08-06', country: 'TH', speakers: { my: 3 } },
    { anchorOn: '2015-08-31', country: 'MM', speakers: { my: 2 } },
    { anchorOn: '2015-10-02', country: 'MM', speakers: { my: 2 } },
    { anchorOn: '2015-11-19', country: 'TH', speakers: { my: 2, km: 2 } },
    { anchorOn: '2016-01-31', country: 'TH', speakers: { my: 2 } },
    { anchorOn: '2016-03-03', country: 'TH', speakers: { my: 1, km: 1 } },
    { anchorOn: '2016-03-21', country: 'MM', speakers: { my: 2 } },
  ],
  mahachai: [
    { anchorOn: '2016-01-08', country: 'TH', speakers: { my: 4 } },
    { anchorOn: '2016-01-30', country: 'TH', speakers: { my: 3 } },
    { anchorOn: '2016-01-31', country: 'TH', speakers: { my: 2 } },
    { anchorOn: '2016-02-09', country: 'TH', speakers: { my: 4 } },
    { anchorOn: '2016-03-08', country: 'MM', speakers: { my: 2 } },
    { anchorOn: '2016-03-23', country: 'TH', speakers: { my: 3 } },
    { anchorOn: '2016-04-06', country: 'MM', speakers: { my: 2 } },
  ],
  'other-1': [
    { anchorOn: '2015-07-02', country: 'LA', speakers: { lo: 4 } },
    { anchorOn: '2015-09-17', country: 'TH', speakers: { lo: 1, th: 1 } },
  ],
  'other-2': [
    { anchorOn: '2015-11-05', country: 'MM', speakers: { my: 2 } },
    { anchorOn: '2015-12-08', country: 'TH', speakers: { my: 2, th: 1 } },
  ],
  'other-3': [
    { anchorOn: '2016-02-24', country: 'TH', speakers: { km: 2 } },
    { anchorOn: '2016-04-05', country: 'TH', speakers: { km: 1, th: 1 } },
  ],
  'other-4': [
    { anchorOn: '2016-04-07', country: 'LA', speakers: { lo: 3 } },
    { anchorOn: '2016-04-20', country: 'TH', speakers: { th: 1 } },
  ],
  'other-5': [
    { anchorOn: '2015-12-10', country: 'MM', speakers: { my: 1 } },
    { anchorOn: '2016-04-30', country: 'TH', speakers: { km: 1, th: 1 } },
  ],
};

/** One place for each client, by case group and within it by anchor; the keys count up in that order. */
export function intakePlaces(): IntakePlace[] {
  const caseGroups = Object.entries(INTAKE_BATCHES) as [CaseGroup, readonly IntakeBatch[]][];
  return caseGroups.flatMap(([caseGroup, batches]) =>
    batches.flatMap(speakersOneByOne).map((place, index) => ({
      key: `${caseGroup}-${String(index + 1).padStart(2, '0')}`,
      cohort: cohortOf(caseGroup),
      caseGroup,
      ...place,
    })),
  );
}

function speakersOneByOne(batch: IntakeBatch): Pick<IntakePlace, 'anchorOn' | 'country' | 'language'>[] {
  const counts = Object.entries(batch.speakers) as [Language, number][];
  return counts.flatMap(([language, count]) =>
    Array.from({ length: count }, () => ({ anchorOn: batch.anchorOn, country: batch.country, language })),
  );
}

function cohortOf(caseGroup: CaseGroup): Cohort {
  if (caseGroup === 'benjina' || caseGroup === 'kantang' || caseGroup === 'mahachai') return caseGroup;
  return 'other';
}
