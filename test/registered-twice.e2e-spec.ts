/** A person who is registered twice, in whatever spelling, is found and shown to a human. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { operatorActor } from '../src/access/domain/actor.js';
import { ClientsService } from '../src/clients/clients.service.js';
import type { Identity } from '../src/clients/domain/identity.js';
import { DuplicateFinder } from '../src/clients/matching/duplicate-finder.js';
import type { PossibleDuplicate } from '../src/clients/matching/duplicates.service.js';
import { IndexRebuildService } from '../src/clients/matching/index-rebuild.service.js';
import { PersonTokens } from '../src/clients/matching/person-tokens.js';
import { Secrets } from '../src/kernel/secrets.js';
import { clientBody, newId, openFund } from './support/builders.js';
import { burmesePerson, inZawgyi, metAgain } from './support/burmese-people.js';
import { chanceFor } from './support/chance.js';
import { connect } from './support/connection.js';
import { sql } from './support/database.js';
import { startTestService, type TestService } from './support/service.js';

const BURMESE = 'အောင်ကျော်မြင့်';
const LATIN = 'Aung Kyaw Myint';
const BORN = '1988-04-12';
const FIRST: Identity = {
  names: [{ text: BURMESE, script: 'Mymr', romanised: LATIN }],
  dateOfBirth: BORN,
  phone: '09 420 123 456',
};
const named = (text: string): Identity => ({ names: [{ text }], dateOfBirth: BORN });
const withPhone = (phone: string): Identity => ({ names: [{ text: 'Zin Ko' }], phone });

const SPELLINGS: [string, Identity][] = [
  ['capitals', named('AUNG KYAW MYINT')],
  ['no spaces', named('Aungkyawmyint')],
  ['spaces elsewhere', named(' Au ng\u00a0Ky aw  Myint ')],
  ['hyphens and dots', named('Aung-Kyaw-Myint.')],
  ['marks of no width', named('Au\u200bng Ky\u200daw My\ufeffint')],
  ['soft hyphens and variation selectors', named('Aung Ky\u00adaw\ufe0f Myint')],
  ['marks of direction', named('\u200eAung Kyaw\u200f Myint')],
  ['letters of full width', named('Ａｕｎｇ Ｋｙａｗ Ｍｙｉｎｔ')],
  ['accents', named('Aúng Kyäw Mÿint')],
  ['Cyrillic look-alikes', named('Аung Куаw Муint')],
  ['Greek look-alikes', named('Αung Κyαw Μyιnτ')],
  ['another order', named('Myint Aung Kyaw')],
  ['a word of respect', named('U Aung Kyaw Myint')],
  ['a word of respect in Burmese', named(`ဦး${BURMESE}`)],
  ['marks typed in another order', named('အောင\u103aကျော\u103aမြင\u103a\u1037')],
  ['Burmese with spaces', named('အောင် ကျော် မြင့်')],
  ['Zawgyi', named(inZawgyi(BURMESE))],
  ['a letter left out', named('Aung Kyaw Myin')],
  ['a letter added', named('Aung Kyaw Myintt')],
  ['a letter mistaken', named('Aung Kyau Myint')],
  ['two letters swapped', named('Aung Kywa Myint')],
  ['the phone in Burmese digits, under another name', withPhone('၀၉ ၄၂၀ ၁၂၃ ၄၅၆')],
  ['the phone in Thai digits with the code of the country, under another name', withPhone('+๙๕ (๙) ๔๒๐-๑๒๓-๔๕๖')],
];

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: '2026-03-02' });
});
afterAll(() => service.close());

interface Registered {
  id: string;
  code: string;
  possibleDuplicate: { found: boolean; decidedSame: boolean; yourClients: string[] };
}

async function register(identity: Identity, number: 1 | 2 = 1): Promise<Registered> {
  const body = { ...clientBody(), identity };
  const answer = await service.as('caseworker', number).post('/api/v1/clients', body).expect(201);
  return answer.body as Registered;
}

async function pairs(state = 'waiting'): Promise<PossibleDuplicate[]> {
  const answer = await service
    .as('supervisor')
    .get(`/api/v1/possible-duplicates?state=${state}&limit=1000`)
    .expect(200);
  return (answer.body as { items: PossibleDuplicate[] }).items;
}

async function pairOf(one: string, other: string): Promise<PossibleDuplicate | undefined> {
  const all = [...(await pairs()), ...(await pairs('decided'))];
  return all.find(({ clients }) => [one, other].every((code) => clients.some((client) => client.code === code)));
}

describe('one person in 23 other spellings', () => {
  let first: Registered;
  beforeAll(async () => {
    first = await register(FIRST);
    expect(first.possibleDuplicate).toEqual({ found: false, decidedSame: false, yourClients: [] });
  });

  it('there are 23 of them, and they are different', () => {
    expect(new Set(SPELLINGS.map(([, identity]) => JSON.stringify(identity))).size).toBe(23);
  });

  it.each(SPELLINGS)('is found with %s', async (_, identity) => {
    const again = await register(identity);
    expect(again.possibleDuplicate.found).toBe(true);
    expect(again.possibleDuplicate.yourClients).toContain(first.code);
    expect(await pairOf(first.code, again.code)).toMatchObject({ waits: true, decision: null });
  });
});

describe('what is known besides the name', () => {
  it('a document, an account and a date of birth written wrong find the person, and are told as what they are', async () => {
    const clients = service.app.get(ClientsService);
    const caseworker = service.actor('caseworker');
    const enter = async (identity: Identity) =>
      (await clients.register(caseworker, { ...clientBody(), identity } as Parameters<typeof clients.register>[1]))
        .client.code;
    const first = await enter({
      names: [{ text: 'Nilar Hnin Phyu' }],
      dateOfBirth: '1991-03-08',
      payee: { bank: 'KBZ', account: '0021 4455 6677' },
      documents: [{ kind: 'national card', number: '12/OUKAMA(N)123456' }],
    });
    const byDocument = await enter({
      names: [{ text: 'Somebody' }],
      documents: [{ kind: 'card', number: '၁၂/ဥကမ(နိုင်)၁၂၃၄၅၆' }],
    });
    const byAccount = await enter({
      names: [{ text: 'Else' }],
      dateOfBirth: '1950-05-05',
      payee: { bank: 'Kanbawza', account: '0021-44556677' },
    });
    const byDate = await enter({ names: [{ text: 'nilar hnin phyu' }], dateOfBirth: '1991-08-03' });
    expect((await pairOf(first, byDocument))?.matched).toEqual(['same-document']);
    expect((await pairOf(first, byAccount))?.matched).toEqual(['same-account']);
    expect((await pairOf(first, byDate))?.matched).toEqual(['same-name', 'birth-date-near']);
  });

  it('the same name with another date of birth is another person', async () => {
    const one = await register({ names: [{ text: 'Thida Sandar Cho' }], dateOfBirth: '1990-02-14' });
    const other = await register({ names: [{ text: 'Thida Sandar Cho' }], dateOfBirth: '1979-11-30' });
    expect(other.possibleDuplicate.found).toBe(false);
    expect(await pairOf(one.code, other.code)).toBeUndefined();
  });

  it('a name with a slip is found where nobody knows a date of birth', async () => {
    const one = await register({ names: [{ text: 'Bounthan Xayavong' }] });
    const other = await register({ names: [{ text: 'Bountan Xayavong' }] });
    expect((await pairOf(one.code, other.code))?.matched).toEqual(['near-name']);
  });
});

describe('who learns of it', () => {
  it('a caseworker learns that somebody may be the same, and a code only of their own clients', async () => {
    const identity = { names: [{ text: 'Yamin Khin Zar' }], dateOfBirth: '1993-07-21' };
    const theirs = await register(identity, 1);
    const others = await register(identity, 2);
    expect(others.possibleDuplicate).toEqual({ found: true, decidedSame: false, yourClients: [] });
    const again = await register(identity, 2);
    expect(again.possibleDuplicate).toEqual({ found: true, decidedSame: false, yourClients: [others.code] });
    const file = await service.as('caseworker', 1).get(`/api/v1/clients/${theirs.code}`).expect(200);
    expect(file.body).toMatchObject({ possibleDuplicate: { found: true, yourClients: [] } });
    for (const path of ['/api/v1/possible-duplicates', '/duplicates'])
      await service.as('caseworker').get(path).expect(403);
  });

  it('a supervisor of another team does not see the pair', async () => {
    const identity = { names: [{ text: 'Zeyar Htet Paing' }], dateOfBirth: '1984-10-09' };
    const [one, other] = [await register(identity), await register(identity)];
    const pair = await pairOf(one.code, other.code);
    const team = newId();
    const stranger = service.actor('supervisor', 2).userId;
    await sql(
      service.db.url,
      `insert into access.team values ('${team}', 'another'); update access.app_user set team_id = '${team}' where id = '${stranger}'`,
    );
    const seen = await service.as('supervisor', 2).get('/api/v1/possible-duplicates').expect(200);
    expect(seen.body).toEqual({ items: [], next: null });
    await service
      .as('supervisor', 2)
      .post(`/api/v1/possible-duplicates/${pair?.id}/decisions`, { decision: 'same' })
      .expect(404);
  });

  it('nothing of what is written down says who they are', async () => {
    const rows = await sql<{ row: string }>(
      service.db.url,
      `select to_jsonb(p)::text row from casework.possible_duplicate p union all select to_jsonb(d)::text from casework.duplicate_decision d
       union all select to_jsonb(a)::text from access.audit_event a where a.act like 'duplicate.%'
       union all select to_jsonb(t)::text from pii.person_token t union all select to_jsonb(b)::text from pii.person_birth b`,
    );
    const all = rows.map(({ row }) => row).join('\n');
    const words = ['Aung', 'aungkyawmyint', 'Phyo', BURMESE, BORN, '9420123456'];
    expect(words.filter((word) => all.includes(word))).toEqual([]);
  });
});

describe('a decision', () => {
  let fund: string;
  let one: Registered;
  let other: Registered;
  beforeAll(async () => {
    fund = await openFund(service);
    const identity = { names: [{ text: 'Phyo Naing Thu' }], dateOfBirth: '1987-01-19', phone: '09 777 123 123' };
    [one, other] = [await register(identity), await register(identity, 2)];
  });

  const decide = async (decision: string) => {
    const pair = await pairOf(one.code, other.code);
    return service.as('supervisor').post(`/api/v1/possible-duplicates/${pair?.id}/decisions`, { decision });
  };
  const enrol = (client: string) =>
    service.as('supervisor').post('/api/v1/enrolments', { id: newId(), client, fund, anchorOn: '2026-03-05' });

  it('is a human one: until then both may be enrolled and nothing waits for it', async () => {
    expect(await pairOf(one.code, other.code)).toMatchObject({ waits: true, decision: null });
    await service
      .as('caseworker')
      .post(`/api/v1/possible-duplicates/${newId()}/decisions`, { decision: 'same' })
      .expect(403);
    expect((await decide('perhaps')).body.code).toBe('unknown-decision');
    const proposed = await service
      .as('caseworker', 2)
      .post('/api/v1/enrolments', { id: newId(), client: other.code, fund, anchorOn: '2026-03-05' })
      .expect(201);
    await service
      .as('supervisor')
      .post(`/api/v1/enrolments/${(proposed.body as { id: string }).id}/cancellation`)
      .expect(204);
  });

  it("'same' leaves both files as they are, and lets one of them be enrolled", async () => {
    const before = await sql(service.db.url, 'select * from casework.client where code = any($1) order by code', [
      [one.code, other.code],
    ]);
    const decided = await decide('same');
    expect(decided.body).toMatchObject({ waits: false, decision: 'same', decidedBy: 'supervisor 1' });
    expect(
      await sql(service.db.url, 'select * from casework.client where code = any($1) order by code', [
        [one.code, other.code],
      ]),
    ).toEqual(before);
    const file = await service.as('caseworker', 1).get(`/api/v1/clients/${one.code}`).expect(200);
    expect(file.body).toMatchObject({ possibleDuplicate: { found: true, decidedSame: true, yourClients: [] } });
    await enrol(one.code).expect(201);
    const refused = await enrol(other.code).expect(409);
    expect(refused.body).toMatchObject({ code: 'enrolled-under-another-code', field: 'client' });
  });

  it('can be taken back by another one, and each stays on record', async () => {
    expect((await decide('different')).body).toMatchObject({ decision: 'different', waits: false });
    const proposed = await service
      .as('caseworker', 2)
      .post('/api/v1/enrolments', { id: newId(), client: other.code, fund, anchorOn: '2026-03-05' })
      .expect(201);
    await decide('same');
    await decide('same');
    const approval = await service
      .as('supervisor')
      .post(`/api/v1/enrolments/${(proposed.body as { id: string }).id}/approval`);
    expect(approval.body).toMatchObject({ code: 'enrolled-under-another-code' });
    const pair = await pairOf(one.code, other.code);
    const acts = await sql<{ detail: unknown }>(
      service.db.url,
      `select detail from access.audit_event where act = 'duplicate.decide' and subject_id = $1 order by seq`,
      [pair?.id],
    );
    expect(acts.map(({ detail }) => detail)).toEqual([
      { decision: 'same', before: null },
      { decision: 'different', before: 'same' },
      { decision: 'same', before: 'different' },
    ]);
  });

  it('reaches a third code of the same person', async () => {
    const third = await register({ names: [{ text: 'Phyo Naing Thu' }], dateOfBirth: '1987-01-19' });
    const pair = await pairOf(other.code, third.code);
    await service
      .as('supervisor')
      .post(`/api/v1/possible-duplicates/${pair?.id}/decisions`, { decision: 'same' })
      .expect(200);
    const refused = await enrol(third.code).expect(409);
    expect(refused.body.code).toBe('enrolled-under-another-code');
  });
});

describe('the index', () => {
  it('makes two registrations at the same moment see each other', async () => {
    const identity = { names: [{ text: 'Hein Sithu Bhone' }], dateOfBirth: '1996-06-26' };
    const inTheWay = await connect(service.db.url);
    await inTheWay.query('begin');
    await inTheWay.query("select pg_advisory_xact_lock(hashtextextended('pii.person_token', 0))");
    const both = Promise.all([register(identity, 1), register(identity, 2)]);
    await inTheWay.waitUntilSomebodyWaits();
    await inTheWay.query('commit');
    await inTheWay.end();
    const [one, other] = await both;
    expect(await pairOf(one.code, other.code)).toMatchObject({ waits: true });
  });

  it('has other tokens under another key, and none that says what a name or a date of birth is', () => {
    const [mine, theirs] = [7, 8].map((byte) =>
      new PersonTokens(new Secrets(Buffer.alloc(32, byte))).kept(FIRST).map(({ value }) => value),
    );
    expect(mine?.length).toBeGreaterThan(20);
    expect(mine?.filter((token) => theirs?.includes(token))).toEqual([]);
    const sameBirthday = new PersonTokens(new Secrets(Buffer.alloc(32, 7))).kept({
      names: [{ text: 'Mali' }],
      dateOfBirth: BORN,
    });
    expect(sameBirthday.filter(({ value }) => mine?.includes(value))).toEqual([]);
  });

  it('forgets who is erased, and what nobody had decided about them', async () => {
    const identity = { names: [{ text: 'Nyi Than Lin' }], dateOfBirth: '1982-12-02' };
    const gone = await register(identity);
    const stays = await register(identity);
    expect(await pairOf(gone.code, stays.code)).toBeDefined();
    const forget = (role: string) => sql(service.db.url, 'select pii.forget_person($1)', [gone.id], role);
    await expect(forget('uct_service')).rejects.toMatchObject({ code: '42501' });
    await forget('uct_owner');
    expect(await pairOf(gone.code, stays.code)).toBeUndefined();
    expect(await sql(service.db.url, 'select from pii.person_token where client_id = $1', [gone.id])).toEqual([]);
    expect(await sql(service.db.url, 'select from pii.person_birth where client_id = $1', [gone.id])).toEqual([]);
    const again = await register(identity);
    expect(await pairOf(gone.code, again.code)).toBeUndefined();
    expect(await pairOf(stays.code, again.code)).toBeDefined();
  });

  it('is found by what was corrected, and no longer by what it was before', async () => {
    const wrong = { names: [{ text: 'Wrong Name Written' }], dateOfBirth: '1981-01-05' };
    const right = { names: [{ text: 'Moe Ye Aung Htet' }], dateOfBirth: '1981-05-05' };
    const client = await register(wrong);
    const { app } = service;
    await app
      .get(DataSource)
      .transaction((manager) =>
        app.get(DuplicateFinder).keepAndLook(manager, service.actor('caseworker'), client.id, right),
      );
    expect((await register(right)).possibleDuplicate.yourClients).toContain(client.code);
    expect((await register(wrong)).possibleDuplicate.found).toBe(false);
  });

  it('is made again from the identities, for whoever was there before it', async () => {
    const identity = { names: [{ text: 'Bhone Than Soe' }], dateOfBirth: '1977-03-17' };
    const before = await register(identity);
    await sql(service.db.url, 'delete from pii.person_token; delete from pii.person_birth');
    const unseen = await register(identity);
    expect(unseen.possibleDuplicate.found).toBe(false);
    const clients = await sql(service.db.url, 'select from casework.client');
    expect(await service.app.get(IndexRebuildService).run(operatorActor('test'))).toBe(clients.length);
    expect(await pairOf(before.code, unseen.code)).toBeDefined();
  });

  it('is reached through its functions only', async () => {
    for (const table of ['pii.person_token', 'pii.person_birth']) {
      for (const statement of [
        `select from ${table}`,
        `delete from ${table}`,
        `insert into ${table} select * from ${table}`,
      ]) {
        await expect(sql(service.db.url, statement, [], 'uct_service')).rejects.toThrow(/permission denied/);
      }
    }
    await expect(sql(service.db.url, 'select pii.find_persons(array[1], 1)', [], 'uct_reports')).rejects.toThrow(
      /permission denied/,
    );
  });
});

describe('among 1,000 different people of one naming culture', () => {
  it('those who are met again are found, and the others do not drown the list', async () => {
    const chance = chanceFor('people met twice');
    const { app } = service;
    const enter = async (identity: Identity) => {
      const input = { ...clientBody({ cohort: 'culture' }), identity } as Parameters<ClientsService['register']>[1];
      return (await app.get(ClientsService).register(service.actor('caseworker', 2), input)).client.id;
    };
    const people = Array.from({ length: 1000 }, () => burmesePerson(chance));
    const ids = new Map<string, Identity>();
    for (const person of people) ids.set(await enter(person), person);
    const again = chance.shuffled([...ids]).slice(0, 200);
    const truth = new Set<string>();
    for (const [id, person] of again) truth.add(pairKey(id, await enter(metAgain(person, chance))));

    const found = await sql<{ one_id: string; other_id: string; strength: number }>(
      service.db.url,
      `select p.one_id, p.other_id, p.strength from casework.possible_duplicate p join casework.client c on c.id = p.one_id
       join casework.client d on d.id = p.other_id where c.cohort = 'culture' and d.cohort = 'culture' order by strength desc`,
    );
    const right = found.filter(({ one_id, other_id }) => truth.has(pairKey(one_id, other_id)));
    const recall = right.length / truth.size;
    const precision = right.length / found.length;
    const wrongPerPerson = (found.length - right.length) / (people.length + again.length);
    process.stdout.write(
      `people met twice: recall ${recall.toFixed(3)}, precision ${precision.toFixed(3)}, ${wrongPerPerson.toFixed(3)} wrong pairs for each registration\n`,
    );
    expect(recall).toBeGreaterThan(0.9);
    expect(precision).toBeGreaterThan(0.5);
    expect(wrongPerPerson).toBeLessThan(0.2);
  }, 300_000);
});

const pairKey = (one: string, other: string) => [one, other].sort().join(' ');
