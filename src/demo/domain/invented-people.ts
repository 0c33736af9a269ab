/** Who the clients are on paper: invented names in their own scripts, and dates of birth that make everyone an adult. */

import { addDays, addMonths } from '../../kernel/domain/plain-date.js';
import { BURMESE_PARTS, FAMILY_NAME_PARTS, type FamilyNameParts, type NamePart } from './name-parts.js';
import type { Cohort, CountryCode, Language, ScriptedName } from './scripted-pilot.js';
import type { Draws } from './seeded-draws.js';

interface Person {
  cohort: Cohort;
  country: CountryCode;
  language: Language;
}

interface InventedName extends ScriptedName {
  /** What an official wrote on the Thai card of someone whose name is Burmese. */
  onThaiCard: string | null;
}

/** Two of the cohorts came off fishing boats, where only men worked. */
const WOMEN_PERCENT: Record<Cohort, number> = { benjina: 0, kantang: 0, mahachai: 40, other: 35 };

const CLIENTS_WITH_THAI_CARD = 7;
const CLIENTS_WITH_NICKNAME = 4;
const MAX_TRIES_FOR_A_NEW_NAME = 500;

/** The names of each person, in the order given; the first is the person's own and a few have a second one. */
export function inventNames(people: readonly Person[], draws: Draws): ScriptedName[][] {
  const taken = new Set<string>();
  const invented = people.map((person) => newName(person, taken, draws));

  const indexes = draws.shuffled(people.map((_, index) => index));
  const withCard = indexes
    .filter((index) => people[index]?.language === 'my' && people[index]?.country === 'TH')
    .slice(0, CLIENTS_WITH_THAI_CARD);
  const withNickname = indexes.filter((index) => people[index]?.language !== 'my').slice(0, CLIENTS_WITH_NICKNAME);

  return people.map(({ language }, index) => {
    const { onThaiCard, ...own } = invented[index] as InventedName;
    if (withCard.includes(index) && onThaiCard !== null) {
      return [own, { script: 'Thai', text: onThaiCard, romanised: own.romanised }];
    }
    const nickname = withNickname.indexOf(index);
    if (nickname < 0 || language === 'my') return [own];
    const { script, nicknames } = FAMILY_NAME_PARTS[language];
    return [own, { script, ...(nicknames[nickname] as NamePart) }];
  });
}

/** From 19 to 48 years old on the day, which leaves a margin over the age at which the pilot takes people in. */
export function drawDateOfBirth(intakeOn: string, draws: Draws): string {
  const fullYears = draws.integer(19, 32) + draws.integer(0, 16);
  return addDays(addMonths(intakeOn, -12 * fullYears), -draws.integer(1, 364));
}

function newName(person: Person, taken: Set<string>, draws: Draws): InventedName {
  const given = draws.integer(1, 100) <= WOMEN_PERCENT[person.cohort] ? 'women' : 'men';
  for (let tries = 0; tries < MAX_TRIES_FOR_A_NEW_NAME; tries += 1) {
    const name =
      person.language === 'my'
        ? burmeseName(given, draws)
        : familyName(FAMILY_NAME_PARTS[person.language], given, draws);
    // The romanised spelling is compared too, because it is all that some readers can tell two people apart by.
    if (taken.has(name.text) || taken.has(name.romanised)) continue;
    taken.add(name.text).add(name.romanised);
    return name;
  }
  throw new Error(`The name parts are used up for language ${person.language}`);
}

function burmeseName(given: 'men' | 'women', draws: Draws): InventedName {
  const parts = draws.shuffled(BURMESE_PARTS[given]).slice(0, draws.pick([2, 3, 3]));
  return {
    script: 'Mymr',
    text: parts.map((part) => part.text).join(''),
    romanised: parts.map((part) => part.romanised).join(' '),
    onThaiCard: parts.map((part) => part.thai).join(' '),
  };
}

function familyName(parts: FamilyNameParts, given: 'men' | 'women', draws: Draws): InventedName {
  const givenFirst = [draws.pick(parts[given]), draws.pick(parts.families)];
  const ordered = parts.order === 'given-first' ? givenFirst : givenFirst.reverse();
  return {
    script: parts.script,
    text: ordered.map((part) => part.text).join(' '),
    romanised: ordered.map((part) => part.romanised).join(' '),
    onThaiCard: null,
  };
}
