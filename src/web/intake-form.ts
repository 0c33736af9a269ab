/** Intake, as its form sends it: what the person agrees to, who they are as far as they say it, where they live and which case they come from. */
import type { NewClient } from '../clients/clients.service.js';
import type { ConsentGiven } from '../clients/consents.service.js';
import { consentPurposes, interpreters, type ConsentPurpose } from '../clients/domain/consent.js';
import type { ClientName, Identity } from '../clients/domain/identity.js';
import { NewClientDto } from '../clients/dto/client.dto.js';
import { rails } from '../funds/rails.js';
import type { PlainDate } from '../kernel/domain/plain-date.js';
import { countries } from '../kernel/reference-data.js';
import { LANGUAGES } from './case-wording.js';
import { FormReader } from './form-reader.js';
import { identityIn } from './identity-form.js';
import { t } from './languages/language.js';
import { asApiTakes, refusalOf, textIn, textsIn, type Fault, type Sent } from './sent.js';

/** `''`: not answered, which is not consent. */
export type Answer = 'yes' | 'no' | 'not-asked' | '';
/** How much is known of the day of birth. */
export const birthChoices = ['day', 'about', 'unknown'] as const;
export type BirthChoice = (typeof birthChoices)[number];

/** Being paid is agreed to in any way, or in some ways only. */
export const paidAnswers = ['any', 'some', 'no', 'not-asked'] as const;

export interface ReadIntake {
  client: NewClient;
  /** In the order of the page. */
  faults: Fault[];
}

/** Whether the person said that nothing may be held: then nothing else of the form is looked at. */
export const wantsNothingKept = (form: Sent | undefined): boolean => textIn(form, 'holdData') === 'no';

/** What is to be registered, checked as the API checks it. `today` is the day where the organisation is. */
export async function intakeIn(form: Sent, id: string, today: PlainDate): Promise<ReadIntake> {
  const reader = new FormReader(form);
  const consents = consentsIn(form, reader);
  const identity = { ...withBirth(identityIn(form), form, reader, today), names: namesIn(form, reader) };
  const region = reader.text('region', 80);
  const caseGroup = slugIn(reader, 'caseGroup');
  const client = {
    id,
    cohort: cohortIn(form, reader),
    ...(caseGroup ? { caseGroup } : {}),
    country: reader.choice(
      'country',
      countries.map(({ code }) => code),
      t('Choose the country where they live.'),
    ),
    ...(region ? { region } : {}),
    identity,
    consents,
  };
  // What is wrong with the rest was said by the reader, in words of the page.
  const isSaid = (href: string) => href === '#identity.names' || reader.faults.some((fault) => fault.href === href);
  const isNew = ({ href = '' }: Fault) =>
    reader.faults.length === 0 || (href.startsWith('#identity.') && !isSaid(href));
  return { client, faults: inOrderOfPage([...reader.faults, ...(await faultsOfApi(client)).filter(isNew)]) };
}

function consentsIn(form: Sent, reader: FormReader): ConsentGiven[] {
  const language = reader.choice(
    'language',
    Object.keys(LANGUAGES),
    t('Choose the language in which it was explained.'),
  );
  const interpreter = reader.choice('interpreter', interpreters, t('Choose who interpreted.'));
  reader.choice(
    'holdData',
    ['yes'],
    t('Ask whether they agree that data about them is held. Without it nothing is registered.'),
  );
  const said = (purpose: ConsentPurpose, given: boolean, party?: string): ConsentGiven => ({
    purpose,
    given,
    ...(party ? { party } : {}),
    language,
    interpreter,
  });
  const answered = (purpose: ConsentPurpose, name: string) => {
    const answer = textIn(form, name);
    return answer === 'yes' || answer === 'no' ? [said(purpose, answer === 'yes')] : [];
  };
  return [
    said(consentPurposes[0], true),
    ...paidIn(form, reader).map(({ given, party }) => said('be-paid', given, party)),
    ...answered('be-contacted', 'beContacted'),
    ...answered('be-quoted', 'beQuoted'),
  ];
}

/** One consent for each way that was ticked. Ways that are ticked beside an answer that knows no ways are asked about, and not dropped. */
function paidIn(form: Sent, reader: FormReader): { given: boolean; party?: string }[] {
  const answer = textIn(form, 'bePaid');
  const ticked = textsIn(form, 'rails').filter((rail) => rails.some((known) => known === rail));
  if (answer === 'some' || (answer === '' && ticked.length > 0)) {
    if (ticked.length === 0) reader.fault('rails', t('Tick the ways in which they agree to be paid.'));
    return ticked.map((party) => ({ given: true, party }));
  }
  if (ticked.length > 0)
    reader.fault('bePaid', t('You ticked some ways to be paid. Choose “Only in the ways ticked below”, or tick none.'));
  return answer === 'any' || answer === 'no' ? [{ given: answer === 'any' }] : [];
}

/** Whoever is known by a name in Latin letters only has that one as their name. */
function namesIn(form: Sent, reader: FormReader): ClientName[] {
  const names = identityIn(form).names?.map((name) =>
    name.text === undefined && name.romanised !== undefined ? { text: name.romanised, script: 'Latn' } : name,
  );
  if (names === undefined || names.length === 0)
    reader.fault('identity.names.0.text', t('Write one name. Any name that they go by is enough.'));
  return names ?? [];
}

/** A year alone is kept as its middle, marked as a guess; an unknown birth as none, which makes them presumed a child. */
function withBirth(identity: Identity, form: Sent, reader: FormReader, today: PlainDate): Identity {
  const { dateOfBirth: _day, dateOfBirthIsGuess: _isGuess, ...rest } = identity;
  const [day, year] = [textIn(form, 'dateOfBirth'), textIn(form, 'birthYear')];
  const choice = textIn(form, 'birth') || (day && !year ? 'day' : year && !day ? 'about' : '');
  if ((day && choice !== 'day') || (year && choice !== 'about')) {
    reader.fault('birth', t('Choose how much they know of their birth, and fill in only what belongs to it.'));
    return rest;
  }
  if (choice === 'day') return { ...rest, dateOfBirth: dayIn(reader) };
  if (choice !== 'about') return rest;
  if (!/^(19|20)\d\d$/.test(year) || year > today.slice(0, 4)) {
    reader.fault('birthYear', t('Give the year in four digits, like 1990.'));
    return rest;
  }
  return { ...rest, dateOfBirth: middleOf(year, today), dateOfBirthIsGuess: true };
}

function dayIn(reader: FormReader): string {
  const found = reader.faults.length;
  const day = reader.day('dateOfBirth');
  for (const fault of reader.faults.slice(found)) fault.href = '#identity.dateOfBirth';
  if (day === undefined)
    reader.fault('identity.dateOfBirth', t('Give the day of birth, or choose that it is not known.'));
  return day ?? '';
}

/** The search for people registered twice knows 1 July, and 1 January, as what is written when nobody knows the day. */
const middleOf = (year: string, today: PlainDate) => (`${year}-07-01` <= today ? `${year}-07-01` : `${year}-01-01`);

function cohortIn(form: Sent, reader: FormReader): string {
  const [chosen, written] = [textIn(form, 'cohort'), textIn(form, 'newCohort')];
  if (chosen !== '' && written !== '') reader.fault('cohort', t('Choose a cohort, or write a new one; not both.'));
  else if (chosen === '' && written === '') reader.fault('cohort', t('Choose a cohort, or write a new one below.'));
  return chosen || slugIn(reader, 'newCohort');
}

/** "Mae Sot 2026" as what a cohort or a case is kept as: "mae-sot-2026". Letters of other scripts are asked about, and not dropped. */
function slugIn(reader: FormReader, name: string): string {
  const text = reader.text(name, 80);
  const slug = text
    .toLowerCase()
    .replace(/[\s_./-]+/g, '-')
    .replace(/^-|-$/g, '');
  if (text !== '' && !/^[a-z0-9][a-z0-9-]{0,39}$/.test(slug))
    reader.fault(name, t('Write it in Latin letters and digits, at most 40 of them.'));
  return slug;
}

async function faultsOfApi(client: NewClient): Promise<Fault[]> {
  try {
    await asApiTakes(NewClientDto, client);
    return [];
  } catch (thrown) {
    return refusalOf(thrown).faults;
  }
}

const FIELDS_IN_ORDER = [
  ...['language', 'interpreter', 'holdData', 'bePaid', 'rails', 'beContacted', 'beQuoted'],
  ...['identity.names', 'birth', 'identity.dateOfBirth', 'birthYear', 'identity'],
  ...['country', 'region', 'cohort', 'newCohort', 'caseGroup'],
];

function inOrderOfPage(faults: Fault[]): Fault[] {
  const placeOf = ({ href = '' }: Fault) =>
    FIELDS_IN_ORDER.findIndex((field) => href === `#${field}` || href.startsWith(`#${field}.`));
  return [...faults].sort((one, other) => placeOf(one) - placeOf(other));
}
