import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { addDays } from '../../kernel/domain/plain-date.js';
import { dueOn, monthOf } from './transfer-days.js';
import { writePilotScript, type NeedsCatalogue, type PilotTable } from './pilot-script.js';

const table = JSON.parse(readFileSync('config/pilot-table1.json', 'utf8')) as PilotTable;
const catalogue = JSON.parse(readFileSync('config/needs-catalogue.json', 'utf8')) as NeedsCatalogue;
const needs = catalogue.categories.flatMap((category) => category.needs.map(({ code }) => code));
const cohorts = ['all', 'benjina', 'kantang', 'mahachai', 'other'] as const;

const script = writePilotScript(table, catalogue);
const otherScript = writePilotScript(table, catalogue, 7);
const { clients } = script;

const needsOf = (row: PilotTable['rows'][number]): string[] => {
  if (row.kind === 'need') return [row.code];
  return catalogue.categories
    .filter(({ code }) => code === row.code)
    .flatMap((one) => one.needs.map(({ code }) => code));
};
const cells = table.rows.flatMap((row) => cohorts.map((cohort) => ({ cohort, row, title: `${row.kind} ${row.code}` })));

describe('the highest priorities of the script', () => {
  it('are compared with the 27 rows and five columns of the published table', () => {
    expect(cells).toHaveLength(27 * 5);
  });

  it.each(cells)('come out as published for $title in $cohort', ({ cohort, row }) => {
    for (const written of [script, otherScript]) {
      const counted = written.clients
        .filter((client) => cohort === 'all' || client.cohort === cohort)
        .filter((client) => needsOf(row).some((need) => client.ranks[need] === 4));
      expect(counted).toHaveLength(row.count[cohort]);
    }
  });

  it('leave no client without one, and every need is ranked from 1 to 4', () => {
    for (const { ranks } of clients) {
      expect(Object.keys(ranks).sort()).toEqual([...needs].sort());
      expect(Object.values(ranks)).toContain(4);
      for (const rank of Object.values(ranks)) expect([1, 2, 3, 4]).toContain(rank);
    }
  });

  it('are each explained by the client, and no other need is', () => {
    for (const { ranks, interpretations } of clients) {
      const highest = needs.filter((need) => ranks[need] === 4);
      expect(Object.keys(interpretations).sort()).toEqual(highest.sort());
    }
  });
});

describe('the clients of the script', () => {
  it('are 117, each with a key and a name of their own', () => {
    expect(new Set(clients.map(({ key }) => key)).size).toBe(117);
    expect(new Set(clients.map(({ names }) => names[0]?.text)).size).toBe(117);
  });

  it('were interviewed as adults under fifty, some days before the first transfer', () => {
    for (const { dateOfBirth, intakeOn, anchorOn } of clients) {
      const age = Number(intakeOn.slice(0, 4)) - Number(dateOfBirth.slice(0, 4));
      expect(age).toBeGreaterThanOrEqual(19);
      expect(age).toBeLessThanOrEqual(50);
      expect(intakeOn <= addDays(anchorOn, -5)).toBe(true);
      expect(intakeOn >= addDays(anchorOn, -16)).toBe(true);
    }
  });

  it('have a payee exactly when they are paid through a bank', () => {
    for (const { rail, payee } of clients) expect(payee !== null).toBe(rail === 'manual');
  });

  it('are due three transfers in three calendar months that follow each other', () => {
    const nextMonth = (on: string): string => monthOf(addDays(`${monthOf(on)}-28`, 4));
    for (const { anchorOn } of clients) {
      expect(monthOf(dueOn(anchorOn, 2))).toBe(nextMonth(anchorOn));
      expect(monthOf(dueOn(anchorOn, 3))).toBe(nextMonth(dueOn(anchorOn, 2)));
    }
  });

  it('plan for their own highest priorities', () => {
    for (const { plan, ranks } of clients) {
      expect(plan.length).toBeGreaterThan(0);
      for (const { need } of plan) expect(ranks[need]).toBe(4);
    }
  });

  it('tell afterwards what they spent, four out of five of them', () => {
    const tracked = clients.filter(({ tracking }) => tracking.length > 0).length;
    expect(tracked / clients.length).toBeCloseTo(0.8, 1);
  });
});

describe('the script as a whole', () => {
  it('begins with the first interview and ends six weeks after the last transfer, past the end of the quarter', () => {
    const days = clients.flatMap(({ intakeOn, anchorOn }) => [intakeOn, dueOn(anchorOn, 3)]).sort();
    expect(script.firstDay).toBe(days[0]);
    expect(script.lastDay).toBe(addDays(days.at(-1) ?? '', 42));
    expect(script.lastDay >= '2016-07-15').toBe(true);
  });

  it('is the same for the same seed and another for another', () => {
    expect(writePilotScript(table, catalogue)).toEqual(script);
    expect(otherScript.clients.map(({ names }) => names)).not.toEqual(clients.map(({ names }) => names));
    expect(otherScript.incidents).not.toEqual(script.incidents);
  });

  it('strikes only clients that it has', () => {
    const keys = clients.map(({ key }) => key);
    expect(script.incidents.length).toBeGreaterThanOrEqual(28);
    for (const { client } of script.incidents) expect(keys).toContain(client);
  });

  it('is not written for a pilot of another size', () => {
    const larger = { ...table, cohorts: { ...table.cohorts, kantang: 22 } };
    expect(() => writePilotScript(larger, catalogue)).toThrow('kantang has 21 intake places, but 22 clients');
  });
});
