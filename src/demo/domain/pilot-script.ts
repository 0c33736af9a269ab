/** The script of the rebuilt pilot of 2015 and 2016: 117 invented clients and what happens to each of them, day by day. */

import { intakePlaces, type IntakePlace } from './anchors.js';
import { addDays } from '../../kernel/domain/plain-date.js';
import { dueOn } from './transfer-days.js';
import { drawInterpretations } from './client-voices.js';
import { drawHighestPriorities } from './highest-priorities.js';
import { drawIncidents } from './incidents.js';
import { drawDateOfBirth, inventNames } from './invented-people.js';
import { drawFunds, drawPhones, drawRails, drawRegion, inventPayee } from './paying-details.js';
import type { Cohort, NeedsCatalogue, PilotScript, PilotTable, Rank, ScriptedClient } from './scripted-pilot.js';
import { seededDraws, type Draws } from './seeded-draws.js';
import { drawSpendingPlan } from './spending-plans.js';

export type * from './scripted-pilot.js';

const COHORTS: readonly Cohort[] = ['benjina', 'kantang', 'mahachai', 'other'];

/** Tracking is a conversation that one in five clients did not want or could not be reached for. */
const TRACKED_SHARE = 0.8;

/** Long enough for the last spending to be told, and past the end of the quarter in which the last transfer is due. */
const DAYS_AFTER_LAST_TRANSFER = 42;

/**
 * The same seed gives the same script, and any seed gives the table's counts.
 * Raises an error when table and catalogue do not fit the pilot's 117 clients.
 */
export function writePilotScript(table: PilotTable, catalogue: NeedsCatalogue, seed = 2015): PilotScript {
  const drawsFor = (topic: string): Draws => seededDraws(seed, topic);
  const places = intakePlaces();
  const priorities = prioritiesOf(places, table, catalogue, drawsFor('priorities'));
  const needs = catalogue.categories.flatMap((category) => category.needs.map(({ code }) => code));

  const names = inventNames(places, drawsFor('names'));
  const phones = drawPhones(places.length, drawsFor('phones'));
  const rails = drawRails(places, drawsFor('rails'));
  const funds = drawFunds(places.length, drawsFor('funds'));
  const tracked = drawsFor('tracked').shuffled(places.map((_, index) => index < places.length * TRACKED_SHARE));

  const clients = places.map((place, index): ScriptedClient => {
    const own = drawsFor(place.key);
    const intakeOn = addDays(place.anchorOn, -own.integer(5, 16));
    const highest = needs.filter((need) => priorities.get(place.key)?.has(need));
    const rail = at(rails, index);
    return {
      ...place,
      region: drawRegion(place, own),
      names: at(names, index),
      dateOfBirth: drawDateOfBirth(intakeOn, own),
      phone: at(phones, index),
      rail,
      payee: rail === 'manual' ? inventPayee(place.country, index + 1, own) : null,
      intakeOn,
      fund: at(funds, index),
      ranks: rankAll(needs, highest, own),
      interpretations: drawInterpretations(highest, own),
      ...drawSpendingPlan(highest, place.country, at(tracked, index), own),
    };
  });

  return {
    clients,
    incidents: drawIncidents(clients, drawsFor('incidents')),
    firstDay: earliest(clients.map(({ intakeOn }) => intakeOn)),
    lastDay: addDays(latest(clients.map(({ anchorOn }) => dueOn(anchorOn, 3))), DAYS_AFTER_LAST_TRANSFER),
  };
}

function prioritiesOf(
  places: readonly IntakePlace[],
  table: PilotTable,
  catalogue: NeedsCatalogue,
  draws: Draws,
): Map<string, Set<string>> {
  return new Map(
    COHORTS.flatMap((cohort) => {
      const members = places.filter((place) => place.cohort === cohort);
      if (members.length !== table.cohorts[cohort]) {
        throw new Error(`${cohort} has ${members.length} intake places, but ${table.cohorts[cohort]} clients`);
      }
      const priorities = drawHighestPriorities(cohort, table, catalogue, draws);
      return members.map(({ key }, index): [string, Set<string>] => [key, at(priorities, index)]);
    }),
  );
}

function rankAll(needs: readonly string[], highest: readonly string[], draws: Draws): Record<string, Rank> {
  const lower: readonly Rank[] = [1, 2, 2, 3];
  return Object.fromEntries(needs.map((need) => [need, highest.includes(need) ? 4 : draws.pick(lower)]));
}

function at<T>(items: readonly T[], index: number): T {
  if (index >= items.length) throw new RangeError(`Only ${items.length} were drawn`);
  return items[index] as T;
}

function earliest(days: readonly string[]): string {
  return days.reduce((first, day) => (day < first ? day : first));
}

function latest(days: readonly string[]): string {
  return days.reduce((last, day) => (day > last ? day : last));
}
