/** People of one naming culture, who are many and share few syllables; and how the same person is written down a second time. */
import myanmarTools from 'myanmar-tools';
import type { Identity } from '../../src/clients/domain/identity.js';
import { BURMESE_PARTS } from '../../src/demo/domain/name-parts.js';
import type { Chance } from './chance.js';

const zawgyi = new myanmarTools.ZawgyiConverter();
export const inZawgyi = (text: string): string => zawgyi.unicodeToZawgyi(text);

/** Two or three syllables, in both scripts; a date of birth that is known to all but one in ten; a phone of half. */
export function burmesePerson(chance: Chance): Identity {
  const parts = chance
    .shuffled(chance.percent(60) ? BURMESE_PARTS.men : BURMESE_PARTS.women)
    .slice(0, chance.pick([2, 3, 3]));
  const name = {
    text: parts.map(({ text }) => text).join(''),
    script: 'Mymr',
    romanised: parts.map(({ romanised }) => romanised).join(' '),
  };
  return {
    names: [name],
    ...(chance.percent(90) ? { dateOfBirth: dateOf(chance) } : {}),
    ...(chance.percent(50) ? { phone: `09 ${chance.integer(400_000_000, 999_999_999)}` } : {}),
  };
}

/** The same person met by somebody else: one script only, one thing written otherwise, and the phone is another one or none. */
export function metAgain({ names: [name], dateOfBirth }: Identity, chance: Chance): Identity {
  const latin = name?.romanised ?? '';
  const burmese = name?.text ?? '';
  const written = chance.pick<() => string>([
    () => latin.toUpperCase(),
    () => latin.replaceAll(' ', ''),
    () => `${chance.pick(['U', 'Ko', 'Ma', 'Daw'])} ${latin}`,
    () => chance.shuffled(latin.split(' ')).join(' '),
    () => withSlip(latin, chance),
    () => withSlip(latin, chance),
    () => inZawgyi(burmese),
    () => `${chance.pick(['ဦး', 'ဒေါ်'])}${burmese}`,
    () => [...burmese].join('\u200b'),
  ])();
  return { names: [{ text: written }], ...bornAgain(dateOfBirth, chance) };
}

/** One letter left out, added, mistaken, or swapped with its neighbour. */
export function withSlip(name: string, chance: Chance): string {
  const letters = [...name];
  const place = chance.integer(0, letters.length - 2);
  const other = chance.pick([...'aeiouhyntkm']);
  chance.pick([
    () => letters.splice(place, 1),
    () => letters.splice(place, 0, other),
    () => letters.splice(place, 1, other),
    () => letters.splice(place, 2, letters[place + 1] ?? '', letters[place] ?? ''),
  ])();
  return letters.join('');
}

function bornAgain(dateOfBirth: string | undefined, chance: Chance): Pick<Identity, 'dateOfBirth'> {
  if (!dateOfBirth) return {};
  const [year = '', month = '', day = ''] = dateOfBirth.split('-');
  const swapped = Number(day) <= 12 ? `${year}-${day}-${month}` : dateOfBirth;
  return { dateOfBirth: chance.pick([dateOfBirth, dateOfBirth, dateOfBirth, swapped]) };
}

function dateOf(chance: Chance): string {
  const two = (number: number) => String(number).padStart(2, '0');
  return `${chance.integer(1968, 2006)}-${two(chance.integer(1, 12))}-${two(chance.integer(1, 28))}`;
}
