import { describe, expect, it } from '@jest/globals';
import { intakePlaces } from './anchors.js';
import { addDays, addMonths } from '../../kernel/domain/plain-date.js';
import { dayOfMonth, dueOn, monthOf } from './transfer-days.js';
import { drawIncidents } from './incidents.js';
import { drawRails } from './paying-details.js';
import type { CountryCode, Incident, Rail } from './scripted-pilot.js';
import { seededDraws } from './seeded-draws.js';

/** A settlement may take a day, and a reissue up to three. */
const SETTLING_DAYS = 1;
const REISSUE_DAYS = 3;

const rehearsals = Array.from({ length: 40 }, (_, seed) => {
  const places = intakePlaces();
  const rails = drawRails(places, seededDraws(seed, 'rails'));
  const clients = places.map((place, index) => ({ ...place, rail: rails[index] ?? 'cash' }));
  const incidents = drawIncidents(clients, seededDraws(seed, 'incidents'));
  return incidents.map((incident) => {
    const client = clients.find(({ key }) => key === incident.client);
    if (client === undefined) throw new Error(`${incident.client} is not a client`);
    return { incident, client, due: dueOn(client.anchorOn, incident.instalment) };
  });
});
const all = rehearsals.flat();

/** As many clients in each country and on each rail, all of them first due early in a month. */
function clientsOfEachKind(count: number): { key: string; country: CountryCode; rail: Rail; anchorOn: string }[] {
  return (['TH', 'MM', 'LA'] as const).flatMap((country) =>
    (['cash', 'manual'] as const).flatMap((rail) =>
      Array.from({ length: count }, (_, index) => ({
        key: `${country}-${rail}-${index}`,
        country,
        rail,
        anchorOn: addMonths('2015-06-05', index),
      })),
    ),
  );
}

function daysUntilOver(incident: Incident): number {
  switch (incident.kind) {
    case 'fails':
      return SETTLING_DAYS + REISSUE_DAYS;
    case 'returns':
    case 'reversed':
      return SETTLING_DAYS + incident.afterDays + REISSUE_DAYS;
    case 'unknown-paid':
    case 'unknown-not-paid':
      return incident.resolvedAfterDays + REISSUE_DAYS;
    case 'held':
      return incident.days;
  }
}

describe('incidents', () => {
  it.each([
    ['fails', 9],
    ['returns', 4],
    ['unknown-paid', 5],
    ['unknown-not-paid', 3],
    ['reversed', 2],
    ['held', 5],
  ] as const)('of the kind %s happen at least %i times', (kind, times) => {
    for (const told of rehearsals) {
      expect(told.filter(({ incident }) => incident.kind === kind).length).toBeGreaterThanOrEqual(times);
    }
  });

  it('strike a transfer at most once, even where clients are few', () => {
    const amongFew = drawIncidents(clientsOfEachKind(4), seededDraws(1, 'incidents'));
    for (const incidents of [...rehearsals.map((told) => told.map(({ incident }) => incident)), amongFew]) {
      const struck = incidents.map(({ client, instalment }) => `${client} ${instalment}`);
      expect(new Set(struck).size).toBe(struck.length);
    }
  });

  it('strike no client again while another has had no trouble', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const incidents = drawIncidents(clientsOfEachKind(11), seededDraws(seed, 'incidents'));
      expect(new Set(incidents.map(({ client }) => client)).size).toBe(incidents.length);
    }
  });

  it('are over in the calendar month in which the transfer is due', () => {
    for (const { incident, due } of all) {
      expect(dayOfMonth(due)).toBeLessThanOrEqual(10);
      expect(monthOf(addDays(due, daysUntilOver(incident)))).toBe(monthOf(due));
    }
  });

  it('fail for a reason that fits the rail, and for each of the reasons', () => {
    for (const told of rehearsals) {
      const codes = { cash: new Set<string>(), manual: new Set<string>() };
      for (const { incident, client } of told) if (incident.kind === 'fails') codes[client.rail].add(incident.code);
      expect([...codes.cash]).toEqual(['not-collected']);
      expect([...codes.manual].sort()).toEqual(['AC01', 'AC04', 'rejected-by-bank']);
    }
  });

  it('return or reverse only what went through a bank, two to six days after', () => {
    for (const { incident, client } of all) {
      if (incident.kind !== 'returns' && incident.kind !== 'reversed') continue;
      expect(client.rail).toBe('manual');
      expect(incident.afterDays).toBeGreaterThanOrEqual(2);
      expect(incident.afterDays).toBeLessThanOrEqual(6);
    }
  });

  it('leave a payment unknown until after its silence is noticed, for an agent later than for a bank', () => {
    for (const { incident, client } of all) {
      if (incident.kind !== 'unknown-paid' && incident.kind !== 'unknown-not-paid') continue;
      const [earliest, latest] = client.rail === 'manual' ? [5, 9] : [9, 12];
      expect(incident.resolvedAfterDays).toBeGreaterThanOrEqual(earliest);
      expect(incident.resolvedAfterDays).toBeLessThanOrEqual(latest);
    }
  });

  it('hold a transfer for three to six days, at the wish of a client or for safety', () => {
    for (const told of rehearsals) {
      const holds = told.flatMap(({ incident }) => (incident.kind === 'held' ? [incident] : []));
      expect(new Set(holds.map(({ reason }) => reason))).toEqual(new Set(['client-wish', 'safety']));
      for (const { days } of holds) {
        expect(days).toBeGreaterThanOrEqual(3);
        expect(days).toBeLessThanOrEqual(6);
      }
    }
  });

  it('spread over countries, rails, instalments and all thirteen months of paying', () => {
    for (const told of rehearsals) {
      expect(new Set(told.map(({ client }) => client.country)).size).toBe(3);
      expect(new Set(told.map(({ client }) => client.rail)).size).toBe(2);
      expect(new Set(told.map(({ incident }) => incident.instalment)).size).toBe(3);
      expect(new Set(told.map(({ due }) => monthOf(due))).size).toBe(13);
    }
  });

  it('are told in the order in which the transfers are due', () => {
    for (const told of rehearsals) {
      const days = told.map(({ due }) => due);
      expect(days).toEqual([...days].sort());
    }
  });

  it('cannot be drawn when no transfer leaves the time to put them right', () => {
    const late = clientsOfEachKind(11).map((client) => ({ ...client, anchorOn: '2015-06-11' }));
    expect(() => drawIncidents(late, seededDraws(1, 'incidents'))).toThrow('No transfer left');
  });
});
