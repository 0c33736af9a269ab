/** Which needs each client of a cohort gives the highest rank, so that the cohort's column of the table comes out exactly. */

import type { Cohort, NeedsCatalogue, PilotTable } from './scripted-pilot.js';
import type { Draws } from './seeded-draws.js';

type Category = NeedsCatalogue['categories'][number];

/**
 * One set of need codes for each client of the cohort, none of them empty.
 * Raises an error when no set of clients could produce the table's counts.
 */
export function drawHighestPriorities(
  cohort: Cohort,
  table: PilotTable,
  catalogue: NeedsCatalogue,
  draws: Draws,
): Set<string>[] {
  const cohortSize = table.cohorts[cohort];
  const everybody = Array.from({ length: cohortSize }, (_, client) => client);
  const concerned = catalogue.categories.map((category) =>
    draws.shuffled(everybody).slice(0, countIn(table, 'any', category.code, cohort)),
  );
  const nobodyLeftOut = everybody.reduce(giveUpOnePlace, concerned);

  const priorities = everybody.map(() => new Set<string>());
  catalogue.categories.forEach((category, index) => {
    const clients = nobodyLeftOut[index] ?? [];
    for (const [need, client] of dealNeeds(category, clients, cohort, table)) priorities[client]?.add(need);
  });
  return priorities;
}

/**
 * Every client of the pilot had at least one highest priority. A client whom no category concerns takes over one place
 * of the client who is concerned by the most, which leaves the size of every category as it was.
 */
function giveUpOnePlace(concerned: number[][], client: number): number[][] {
  const placesOf = (someone: number): number => concerned.filter((clients) => clients.includes(someone)).length;
  if (placesOf(client) > 0) return concerned;

  const busiest = concerned.flat().reduce((most, other) => (placesOf(other) > placesOf(most) ? other : most), client);
  if (placesOf(busiest) < 2) throw new Error('The table leaves too few places for every client to have a priority');
  const from = concerned.findIndex((clients) => clients.includes(busiest));
  return concerned.map((clients, index) =>
    index === from ? clients.map((other) => (other === busiest ? client : other)) : clients,
  );
}

/**
 * Going round the concerned clients from need to need reaches each of them once the counts add up to their number, and
 * gives no need twice to one client while no count is above it.
 */
function dealNeeds(
  category: Category,
  clients: readonly number[],
  cohort: Cohort,
  table: PilotTable,
): [need: string, client: number][] {
  const hands = category.needs.flatMap(({ code }) => {
    const count = countIn(table, 'need', code, cohort);
    if (count > clients.length) throw new Error(`${code} has more clients than its category in ${cohort}`);
    return Array.from({ length: count }, () => code);
  });
  if (hands.length < clients.length) throw new Error(`${category.code} has clients without a need in ${cohort}`);

  return hands.map((need, turn) => [need, clients[turn % clients.length] as number]);
}

function countIn(table: PilotTable, kind: 'any' | 'need', code: string, cohort: Cohort): number {
  const row = table.rows.find((candidate) => candidate.kind === kind && candidate.code === code);
  if (row === undefined) throw new Error(`The table has no row for ${kind} ${code}`);
  return row.count[cohort];
}
