/** Every transfer is prepared on its day: at the ends of months of 28 to 31 days, in leap years, by the client's own clock, and after a week in which nothing ran. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { scheduleActor } from '../src/access/domain/actor.js';
import { ClientsService, type NewClient } from '../src/clients/clients.service.js';
import { addDays, type PlainDate } from '../src/kernel/domain/plain-date.js';
import { EnrolmentsService } from '../src/transfers/enrolments.service.js';
import { ReleasesService } from '../src/transfers/releases.service.js';
import { RunsService } from '../src/transfers/runs.service.js';
import { clientBody, newId, openFund } from './support/builders.js';
import { sql } from './support/database.js';
import { callOffWhatIsDue } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-12-20';

let service: TestService;
let fund: string;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  fund = await openFund(service, { amount: '5000000.00' });
});
afterAll(() => service.close());
beforeEach(async () => {
  travel(service, TODAY); // sessions last for hours
  await callOffWhatIsDue(service);
});

/** By the services themselves: sessions end within hours, and these clients are enrolled in other years. */
async function enrol(anchorOn: PlainDate, country = 'MM'): Promise<string> {
  const body = clientBody({ id: newId(), country });
  const { client } = await service.app.get(ClientsService).register(service.actor('caseworker'), body as NewClient);
  const enrolment = { id: newId(), client: client.code, fund, anchorOn };
  await service.app.get(EnrolmentsService).enrol(service.actor('supervisor'), enrolment);
  return client.code;
}

const runs = () => service.app.get(RunsService);
const prepareDue = (country = 'MM') => runs().prepareDue(scheduleActor('test'), country);

async function release(...ids: string[]): Promise<void> {
  for (const id of ids) {
    const { digest } = await runs().find(service.actor('auditor'), id);
    await runs().approve(service.actor('finance-approver'), id, digest);
    await service.app.get(ReleasesService).release(service.actor('finance-releaser'), id, digest);
  }
}

/** What the schedule does each morning, and people after it, on every day between the two. */
async function everyMorning(from: PlainDate, through: PlainDate): Promise<void> {
  for (let day = from; day <= through; day = addDays(day, 1)) {
    travel(service, day, '06:30');
    await release(...(await prepareDue()));
  }
}

/** On which days a client's transfers were instructed, first to third. */
async function instructedOn(client: string): Promise<string[]> {
  const rows = await sql<{ day: string }>(
    service.db.url,
    `select a.instructed_on::text as day from payments.attempt a join payments.obligation o on o.id = a.obligation_id
     join casework.client c on c.id = o.client_id where c.code = $1 order by o.instalment`,
    [client],
  );
  return rows.map(({ day }) => day);
}

describe('Transfers that begin at the end of January', () => {
  it.each<[string, Record<string, string[]>]>([
    [
      'of 2027 are paid on the last of February where it has no such day, and on their own day in March',
      {
        '2027-01-28': ['2027-01-28', '2027-02-28', '2027-03-28'],
        '2027-01-29': ['2027-01-29', '2027-02-28', '2027-03-29'],
        '2027-01-30': ['2027-01-30', '2027-02-28', '2027-03-30'],
        '2027-01-31': ['2027-01-31', '2027-02-28', '2027-03-31'],
      },
    ],
    [
      'of 2028, a leap year, are paid on the 29th of February',
      {
        '2028-01-28': ['2028-01-28', '2028-02-28', '2028-03-28'],
        '2028-01-29': ['2028-01-29', '2028-02-29', '2028-03-29'],
        '2028-01-30': ['2028-01-30', '2028-02-29', '2028-03-30'],
        '2028-01-31': ['2028-01-31', '2028-02-29', '2028-03-31'],
      },
    ],
  ])('%s', async (_, expected) => {
    const [first = ''] = Object.keys(expected);
    travel(service, addDays(first, -1));
    const enrolled: Record<string, string> = {};
    for (const anchorOn of Object.keys(expected)) enrolled[anchorOn] = await enrol(anchorOn);
    await everyMorning(first, `${first.slice(0, 4)}-04-01`);
    for (const [anchorOn, days] of Object.entries(expected))
      expect({ anchorOn, days: await instructedOn(enrolled[anchorOn] ?? '') }).toEqual({ anchorOn, days });
  });
});

describe('In Yangon, half an hour behind Bangkok,', () => {
  it('a transfer is due when its day has begun there', async () => {
    const client = await enrol('2027-02-01');
    const thai = await enrol('2027-02-01', 'TH');
    travel(service, '2027-02-01', '00:29');
    expect(await prepareDue('MM')).toEqual([]);
    await release(...(await prepareDue('TH')));
    travel(service, '2027-02-01', '00:30');
    await release(...(await prepareDue('MM')));
    expect(await instructedOn(client)).toEqual(['2027-02-01']);
    expect(await instructedOn(thai)).toEqual(['2027-02-01']);
  });

  it('a month ends half an hour later, and a second instalment waits for that', async () => {
    const client = await enrol('2027-01-01');
    travel(service, '2027-01-31');
    await release(...(await prepareDue()));
    const byHand = () =>
      runs().prepare(service.actor('finance-preparer'), { id: newId(), dueThrough: '2027-02-01', country: 'MM' });
    travel(service, '2027-02-01', '00:29');
    await expect(byHand()).rejects.toMatchObject({ code: 'nothing-due' });
    travel(service, '2027-02-01', '00:30');
    await release((await byHand()).run.id);
    expect(await instructedOn(client)).toEqual(['2027-01-31', '2027-02-01']);
  });
});

describe('A week of downtime over the end of a month', () => {
  it('loses nothing and pays nobody two instalments in a month of itself', async () => {
    const clients: string[] = [];
    for (const anchorOn of ['2027-01-29', '2027-01-30', '2027-01-31', '2027-02-01', '2027-02-03'])
      clients.push(await enrol(anchorOn));
    await everyMorning('2027-01-26', '2027-01-28');
    // Down from the 29th of January; back on the 4th of February.
    for (let day = '2027-02-04'; day <= '2027-04-30'; day = addDays(day, 1)) {
      travel(service, day, '06:30');
      for (const id of await prepareDue()) {
        const run = await runs().find(service.actor('auditor'), id);
        if (run.catchUp) await runs().sendBack(service.actor('finance-approver'), id, 'one a month');
        else await release(id);
      }
    }
    for (const client of clients) {
      const days = await instructedOn(client);
      expect(days[0]).toBe('2027-02-04');
      expect(days.map((day) => day.slice(0, 7))).toEqual(['2027-02', '2027-03', '2027-04']);
    }
  });
});
