/** How each client can be reached and paid: region, phone, rail, payee and fund, none of which could be real. */

import type { Cohort, CountryCode, Fund, Rail, ScriptedClient } from './scripted-pilot.js';
import type { Draws } from './seeded-draws.js';

const REGIONS: Record<Cohort, readonly (string | null)[]> = {
  benjina: ['Samut Sakhon', 'Bangkok', null],
  kantang: ['Phuket', 'Phuket', 'Bangkok', null],
  mahachai: ['Samut Sakhon'],
  other: ['Bangkok', 'Bangkok', 'Phuket', null],
};

const INVENTED_BANKS: Record<CountryCode, readonly string[]> = {
  TH: ['Lotus Pond Bank', 'Blue Heron Savings Bank', 'Nine Sails Bank'],
  MM: ['Jasmine Gate Bank', 'Tall Teak Savings Bank'],
  LA: ['White Orchid Bank', 'Quiet Water Savings Bank'],
};

/** One client in so many is paid through a bank; few have an account outside Thailand. */
const ONE_MANUAL_IN: Record<CountryCode, number> = { TH: 2, MM: 4, LA: 4 };

const FUND_SIZES: readonly [Fund, number][] = [
  ['fund-a', 50],
  ['fund-b', 40],
];

export function drawRegion(
  { country, cohort }: Pick<ScriptedClient, 'country' | 'cohort'>,
  draws: Draws,
): string | null {
  return country === 'TH' ? draws.pick(REGIONS[cohort]) : null;
}

/** Counted off in the order of intake, so that every batch has clients of both kinds where it is large enough. */
export function drawRails(places: readonly { country: CountryCode }[], draws: Draws): Rail[] {
  const start: Record<CountryCode, number> = {
    TH: draws.integer(0, ONE_MANUAL_IN.TH - 1),
    MM: draws.integer(0, ONE_MANUAL_IN.MM - 1),
    LA: draws.integer(0, ONE_MANUAL_IN.LA - 1),
  };
  const counted = { ...start };
  return places.map(({ country }) => {
    const turn = counted[country];
    counted[country] += 1;
    return turn % ONE_MANUAL_IN[country] === 0 ? 'manual' : 'cash';
  });
}

/** No telephone number begins with three zeros; a third of the clients have no phone. */
export function drawPhones(clients: number, draws: Draws): (string | null)[] {
  const serials = Array.from({ length: clients }, (_, index) => index + 1);
  return draws.shuffled(
    serials.map((serial) => {
      if (serial % 3 === 0) return null;
      return `000${draws.integer(1000, 9999)}${String(serial).padStart(3, '0')}`;
    }),
  );
}

/** The serial makes the account number the only one of its kind. */
export function inventPayee(country: CountryCode, serial: number, draws: Draws): { bank: string; account: string } {
  return { bank: draws.pick(INVENTED_BANKS[country]), account: `000-0-00${String(serial).padStart(3, '0')}-0` };
}

/** Dealt to everybody alike, so that each fund reaches several case groups and countries. */
export function drawFunds(clients: number, draws: Draws): Fund[] {
  const sized = FUND_SIZES.flatMap(([fund, size]) => Array.from({ length: size }, () => fund));
  const rest = Array.from({ length: clients - sized.length }, (): Fund => 'fund-c');
  return draws.shuffled([...sized, ...rest]);
}
