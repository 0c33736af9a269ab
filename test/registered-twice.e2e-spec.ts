/** A person who is registered twice, in whatever spelling, is found and shown to a human. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientsService } from '../src/clients/clients.service.js';
import type { Identity } from '../src/clients/domain/identity.js';
import type { PossibleDuplicate } from '../src/clients/matching/duplicates.service.js';
import { clientBody, newId } from './support/builders.js';
import { burmesePerson, inZawgyi, metAgain } from './support/burmese-people.js';
import { chanceFor } from './support/chance.js';
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
  ['marks of direction', named('\u202eAung Kyaw Myint\u202c')],
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
  possibleDuplicate: { found: boolean; yourClients: string[] };
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
    expect(first.possibleDuplicate).toEqual({ found: false, yourClients: [] });
  });

  it('there are 23 of them, and they are different', () => {
    expect(new Set(SPELLINGS.map(([, identity]) => JSON.stringify(identity))).size).toBe(23);
  });

  it.each(SPELLINGS)('is found with %s', async (_, identity) => {
    const again = await register(identity);
    expect(again.possibleDuplicate.found).toBe(true);
    expect(again.possibleDuplicate.yourClients).toContain(first.code);
    const pair = await pairOf(first.code, again.code);
    expect(pair).toMatchObject({ waits: true, clients: [{ code: first.code }, { code: again.code }] });
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
void newId;
