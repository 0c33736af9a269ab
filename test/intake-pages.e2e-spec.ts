/** Intake as people meet it on a phone without JavaScript: nothing is kept before somebody agrees, and one form registers one person. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import type { Role } from '../src/access/domain/actor.js';
import { Browser, faultsOf, hiddenFields, titleOf } from './support/browser.js';
import { newId, registerClient } from './support/builders.js';
import { connect } from './support/connection.js';
import { sql } from './support/database.js';
import { watchRows } from './support/rows.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;
let caseworker: Browser;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  caseworker = await signedIn('caseworker');
});
afterAll(() => service.close());

async function signedIn(role: Role, number: 1 | 2 = 1): Promise<Browser> {
  const browser = new Browser(service);
  expect(await browser.giveEmailAndPassword(`${role}-${number}@test.example`)).toBe('/');
  return browser;
}

type Typed = Record<string, string | readonly string[]>;

const AGREED: Typed = { language: 'my', interpreter: 'staff', holdData: 'yes' };
const somebody = (name = `Somebody ${newId().replace(/\d/g, 'x')}`): Typed => ({
  ...AGREED,
  'names.0.text': name,
  country: 'MM',
  newCohort: 'test',
});
const send = (typed: Typed) => caseworker.send('/clients/new', '/clients', typed);
const codeIn = (answer: Response) =>
  /^\/clients\/(C-[0-9A-Z]{8})\/next$/.exec(String(answer.headers.location))?.[1] ?? '';
const codeAfter = async (typed: Typed) => {
  const answer = await send(typed);
  expect({ status: answer.status, faults: faultsOf(answer) }).toEqual({ status: 303, faults: [] });
  return codeIn(answer);
};
const read = async (code: string, what = '') =>
  (await service.as('caseworker').get(`/api/v1/clients/${code}${what}`).expect(200)).body as Record<string, unknown>;
const clientsThere = async () =>
  (await sql<{ n: number }>(service.db.url, 'select count(*)::int n from casework.client'))[0]?.n ?? 0;
async function untilWaiting(sessions: number): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const waiting = await sql(
      service.db.url,
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (waiting.length >= sessions) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nobody came to wait');
}
const hrefsOf = (answer: Response) => faultsOf(answer).map(([href]) => href);

describe('A whole intake', () => {
  it('leads from the list of clients over what is explained and agreed to a code and what to do next', async () => {
    const list = await caseworker.open('/clients').expect(200);
    expect(list.text).toMatch(/<a href="\/clients\/new"[^>]*>\s*Register a client/);
    const form = await caseworker.open('/clients/new').expect(200);
    expect(titleOf(form)).toBe('Register a client – UCT Ledger');
    const inOrder = [
      'Explain this first',
      'does not depend on what you answer',
      'What they agree to',
      'Who they are',
      'Register the client',
    ];
    const places = inOrder.map((text) => form.text.indexOf(text));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);

    const typed = {
      language: 'shn',
      interpreter: 'outside',
      holdData: 'yes',
      bePaid: 'some',
      rails: ['cash', 'mobile-money'],
      beContacted: 'yes',
      beQuoted: 'no',
      'names.0.text': 'စိုင်းလှ',
      'names.0.script': 'Mymr',
      'names.0.romanised': 'Sai Hla',
      'names.1.text': 'ไซ ลา',
      'names.1.script': 'Thai',
      birth: 'day',
      dateOfBirth: '1991-02-03',
      phone: '+66 81 234 5678',
      address: 'Pier 4\nMahachai',
      'documents.0.kind': 'Passport',
      'documents.0.number': 'MA 123',
      'documents.0.country': 'mm',
      'payee.bank': 'Wave Money',
      'payee.account': '09 777 000 333',
      'payee.kind': 'wallet',
      'kin.0.names.0.text': 'Nang Mya',
      'safety.0': 'The broker lives next door',
      country: 'TH',
      region: 'Samut Sakhon',
      newCohort: 'Mae Sot 2026',
      caseGroup: 'Vessel no. 7',
    };
    const code = await codeAfter(typed);
    const next = await caseworker.open(`/clients/${code}/next`).expect(200);
    expect(titleOf(next)).toBe(`Client ${code} is registered – UCT Ledger`);
    for (const page of ['safe-contact', 'interview', 'identification', 'plans/new', 'notes', ''])
      expect(next.text).toContain(`href="/clients/${code}${page && `/${page}`}"`);
    expect(next.text).not.toMatch(/Sai Hla|may be registered under another code|no guardian/);

    const { consents, ...file } = await read(code);
    expect(file).toMatchObject({
      cohort: 'mae-sot-2026',
      caseGroup: 'vessel-no-7',
      country: 'TH',
      region: 'Samut Sakhon',
      ageBand: 'adult',
    });
    const said = { recordedOn: TODAY, language: 'shn', interpreter: 'outside' };
    const ofPurpose = (purpose: string) =>
      (consents as { purpose: string }[]).filter((consent) => consent.purpose === purpose);
    expect(ofPurpose('hold-data')).toMatchObject([{ given: true, ...said }]);
    expect(ofPurpose('be-paid')).toMatchObject([
      { party: null, given: false, recordedOn: null },
      { party: 'cash', given: true, ...said },
      { party: 'mobile-money', given: true, ...said },
    ]);
    expect(ofPurpose('be-contacted')).toMatchObject([{ given: true, ...said }]);
    expect(ofPurpose('be-quoted')).toMatchObject([{ given: false, ...said }]);
    expect(ofPurpose('share')).toMatchObject([{ given: false, recordedOn: null }]);
    expect(await read(code, '/identity')).toEqual({
      version: 1,
      names: [
        { text: 'စိုင်းလှ', script: 'Mymr', romanised: 'Sai Hla' },
        { text: 'ไซ ลา', script: 'Thai' },
      ],
      dateOfBirth: '1991-02-03',
      phone: '+66 81 234 5678',
      address: 'Pier 4\nMahachai',
      documents: [{ kind: 'Passport', number: 'MA 123', country: 'MM' }],
      payee: { bank: 'Wave Money', account: '09 777 000 333', kind: 'wallet' },
      kin: [{ names: [{ text: 'Nang Mya' }], mayKnow: false }],
      safety: ['The broker lives next door'],
    });
  });

  it('needs no more than one name, in whatever letters, and where they live; what was not asked is not agreed to', async () => {
    const code = await codeAfter({ ...AGREED, 'names.0.romanised': 'Ma Nwe', country: 'MM', newCohort: 'test' });
    expect(await read(code, '/identity')).toEqual({ version: 1, names: [{ text: 'Ma Nwe', script: 'Latn' }] });
    const { consents, caseGroup } = await read(code);
    expect(caseGroup).toBe('test');
    const given = (consents as { purpose: string; given: boolean; recordedOn: string | null }[]).filter(
      ({ recordedOn }) => recordedOn !== null,
    );
    expect(given.map(({ purpose }) => purpose)).toEqual(['hold-data']);
  });

  it('takes a cohort that is there, and being paid in any way', async () => {
    await registerClient(service, { cohort: 'benjina', name: 'First Of The Cohort' });
    const form = await caseworker.open('/clients/new').expect(200);
    expect(form.text).toContain('<option value="benjina">Benjina</option>');
    const { newCohort: _none, ...typed } = somebody();
    const code = await codeAfter({ ...typed, cohort: 'benjina', bePaid: 'any' });
    const { cohort, consents } = await read(code);
    expect(cohort).toBe('benjina');
    expect(consents).toContainEqual(expect.objectContaining({ purpose: 'be-paid', party: null, given: true }));
  });

  it('takes ways to be paid that were ticked alone for what they say', async () => {
    const code = await codeAfter({ ...somebody(), rails: 'cash' });
    expect((await read(code)).consents).toContainEqual(
      expect.objectContaining({ purpose: 'be-paid', party: 'cash', given: true }),
    );
  });

  it('is for caseworkers and supervisors', async () => {
    await (await signedIn('supervisor')).open('/clients/new').expect(200);
    for (const role of ['finance-approver', 'auditor'] as const)
      expect((await (await signedIn(role)).open('/clients/new')).status).toBe(403);
    const code = await codeAfter(somebody());
    expect((await (await signedIn('caseworker', 2)).open(`/clients/${code}/next`)).status).toBe(404);
  });
});

describe('Without consent to hold data', () => {
  it('nothing is in any table, not even that somebody was asked, and what was typed is gone from the page', async () => {
    const typed = { ...somebody('Zqnothing Kept'), holdData: 'no', phone: 'Zq 42', birth: 'nonsense' };
    const rows = await watchRows(service.db.url);
    const before = await rows.now();
    const answer = await send(typed);
    expect([answer.status, answer.headers.location]).toEqual([303, '/clients/new?done=nothing-kept']);
    expect(answer.text).not.toContain('Zq');
    const shown = await caseworker.open('/clients/new?done=nothing-kept').expect(200);
    expect(shown.text).toContain('nothing of what was typed is kept');
    expect(shown.text).not.toContain('Zq');
    const after = await rows.now();
    await rows.stop();
    const changed = Object.keys(after).filter((table) => before[table] !== after[table]);
    expect(changed.filter((table) => table !== 'access.session')).toEqual([]);
  });

  it('nothing is registered while it was not asked, and what was typed is still on the page', async () => {
    const before = await clientsThere();
    const answer = await send({ ...somebody('Zqnot Asked'), holdData: '', phone: 'Zq 42' });
    expect([answer.status, hrefsOf(answer)]).toEqual([422, ['#holdData']]);
    expect(answer.text).toContain('value="Zqnot Asked"');
    expect(answer.text).toContain('value="Zq 42"');
    expect(await clientsThere()).toBe(before);
  });
});

describe('A refusal', () => {
  it('says everything at once, in the order of the page, and keeps all that was typed', async () => {
    const typed = {
      holdData: 'yes',
      bePaid: 'any',
      rails: ['cash'],
      beContacted: 'no',
      'names.0.text': 'x'.repeat(300),
      'names.1.text': 'ကိုထက်',
      birth: 'about',
      birthYear: '90',
      otherPhone: '',
      'otherPhones.0': '+95 9 1',
      address: 'By the <gate>',
      'documents.0.kind': 'Passport',
      'guardian.names.0.text': 'Daw Khin',
      'kin.0.names.0.text': 'U Ba',
      'kin.0.mayKnow': 'yes',
      'payee.bank': 'KBZ',
      'safety.0': 'Beware of the white car',
      region: 'Shan',
      newCohort: 'ရေလုပ်သား',
      caseGroup: 'Vessel 7',
    };
    const before = await clientsThere();
    const answer = await send(typed);
    expect(answer.status).toBe(422);
    expect(titleOf(answer)).toBe('Error: Register a client – UCT Ledger');
    expect(hrefsOf(answer)).toEqual([
      '#language',
      '#interpreter',
      '#bePaid',
      '#identity.names.0.text',
      '#birthYear',
      '#identity.payee.account',
      '#identity.documents.0.number',
      '#country',
      '#newCohort',
    ]);
    for (const [, href] of hrefsOf(answer).entries()) expect(answer.text).toContain(`id="${href?.slice(1)}"`);
    for (const [name, value] of Object.entries(typed)) {
      if (value === '' || /^(holdData|bePaid|rails|beContacted|birth|kin\.0\.mayKnow)$/.test(name)) continue;
      const escaped = String(value).replace('<', '&lt;').replace('>', '&gt;');
      expect({ name, isThere: answer.text.includes(escaped) }).toEqual({ name, isThere: true });
    }
    for (const [name, value] of [
      ['holdData', 'yes'],
      ['bePaid', 'any'],
      ['rails', 'cash'],
      ['beContacted', 'no'],
      ['birth', 'about'],
      ['kin.0.mayKnow', 'yes'],
    ])
      expect(answer.text).toMatch(new RegExp(`name="${name}" type="(radio|checkbox)" value="${value}" checked`));
    expect(answer.text.match(/<details class="govuk-details" open>/g)).toHaveLength(6);
    expect(await clientsThere()).toBe(before);
    expect(answer.text).toContain(
      `name="id" value="${hiddenFields(answer.text.split('action="/clients"')[1] ?? '').id}"`,
    );
  });

  it.each<[string, Typed, string[]]>([
    ['no name', { 'names.0.text': ' ' }, ['#identity.names.0.text']],
    ['a day that does not exist', { birth: 'day', dateOfBirth: '1990-02-31' }, ['#identity.dateOfBirth']],
    ['a day to come', { birth: 'day', dateOfBirth: '2027-01-01' }, ['#identity.dateOfBirth']],
    ['a day that was not given', { birth: 'day' }, ['#identity.dateOfBirth']],
    ['a year that was not given', { birth: 'about' }, ['#birthYear']],
    ['a year to come', { birth: 'about', birthYear: '2027' }, ['#birthYear']],
    ['a day that is not known and given', { birth: 'unknown', dateOfBirth: '1990-01-02' }, ['#birth']],
    ['a day and a year', { dateOfBirth: '1990-01-02', birthYear: '1990' }, ['#birth']],
    ['ways to be paid, and none', { bePaid: 'some' }, ['#rails']],
    ['a refusal to be paid, and a way', { bePaid: 'no', rails: 'cash' }, ['#bePaid']],
    ['a country that the service does not know', { country: 'FR' }, ['#country']],
    ['no cohort', { newCohort: '' }, ['#cohort']],
    ['two cohorts', { cohort: 'test' }, ['#cohort']],
    ['a cohort in letters that reports do not take', { newCohort: 'เรือ 5' }, ['#newCohort']],
    ['a case of 41 letters', { caseGroup: 'x'.repeat(41) }, ['#caseGroup']],
    ['a region that clears the screen', { region: 'Shan\u001b[2J' }, ['#region']],
  ])('is given for %s', async (_, wrong, faults) => {
    const before = await clientsThere();
    const answer = await send({ ...somebody(), ...wrong });
    expect([answer.status, hrefsOf(answer)]).toEqual([422, faults]);
    expect(await clientsThere()).toBe(before);
  });
});

describe('The same form', () => {
  it('registers one client, sent twice, one after the other or while the first is still being taken', async () => {
    const { text } = await caseworker.open('/clients/new');
    const fields = { ...hiddenFields(text.split('action="/clients"')[1] ?? ''), ...somebody() };
    const before = await clientsThere();
    const registrations = await connect(service.db.url);
    await registrations.query('begin');
    await registrations.query('select pii.await_other_registrations()');
    const post = async () => caseworker.post('/clients', fields);
    const first = post();
    await registrations.waitUntilSomebodyWaits();
    const second = post();
    await untilWaiting(2);
    await registrations.query('commit');
    await registrations.end();
    const answers = [await first, await second, await post()];
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect(new Set(answers.map(codeIn)).size).toBe(1);
    expect(await clientsThere()).toBe(before + 1);
  });

  it('with other words, sent after going back, leads to whom it registered, and registers somebody else when sent again', async () => {
    const { text } = await caseworker.open('/clients/new');
    const fields = { ...hiddenFields(text.split('action="/clients"')[1] ?? ''), ...somebody('Ko Before') };
    const code = codeIn(await caseworker.post('/clients', fields));
    const changed = { ...fields, 'names.0.text': 'Ko After' };
    const refused = await caseworker.post('/clients', changed);
    expect([refused.status, faultsOf(refused)]).toEqual([409, []]);
    expect(refused.text).toContain(`<a href="/clients/${code}">This form registered somebody before`);
    expect(refused.text).toContain('value="Ko After"');
    const { id } = hiddenFields(refused.text.split('action="/clients"')[1] ?? '');
    const other = await caseworker.post('/clients', { ...changed, id: id ?? '' });
    expect(codeIn(other)).not.toBe(code);
    expect(codeIn(other)).not.toBe('');
  });
});

describe('Somebody', () => {
  const bandOf = async (typed: Typed) => {
    const code = await codeAfter({ ...somebody(), ...typed });
    const { ageBand } = await read(code);
    return { code, ageBand };
  };

  it('whose birth is not known is presumed a child, and the page says what that means for payment', async () => {
    const { code, ageBand } = await bandOf({ birth: 'unknown' });
    expect(ageBand).toBe('unknown');
    const next = await caseworker.open(`/clients/${code}/next`).expect(200);
    expect(next.text).toContain('Nothing can be paid before there is one');
    expect(next.text).toContain(`href="/clients/${code}/identity"`);
  });

  it('who is a child with a guardian on record is told nothing of it', async () => {
    const { code, ageBand } = await bandOf({ dateOfBirth: '2012-05-06', 'guardian.names.0.text': 'Daw Khin' });
    expect(ageBand).toBe('child');
    expect((await caseworker.open(`/clients/${code}/next`).expect(200)).text).not.toContain('Nothing can be paid');
  });

  it('who knows about when has the middle of that year as a guess, and is an adult only beyond doubt', async () => {
    const adult = await bandOf({ birth: 'about', birthYear: '1990' });
    expect(adult.ageBand).toBe('adult');
    expect(await read(adult.code, '/identity')).toMatchObject({ dateOfBirth: '1990-07-01', dateOfBirthIsGuess: true });
    expect((await bandOf({ birthYear: '2007' })).ageBand).toBe('unknown');
    expect((await bandOf({ birthYear: '2026' })).ageBand).toBe('child');
  });

  it('who may be registered already is registered all the same, and whoever did it is told as on the client’s page', async () => {
    const twin = { 'names.0.text': 'Twin Person Xyz', dateOfBirth: '1981-02-03' };
    const first = await codeAfter({ ...somebody(), ...twin });
    const second = await codeAfter({ ...somebody(), ...twin });
    const next = await caseworker.open(`/clients/${second}/next`).expect(200);
    expect(next.text).toContain('This person may be registered under another code too');
    expect(next.text).toContain(`href="/clients/${first}"`);
    const other = await (await signedIn('supervisor')).open(`/clients/${second}/next`).expect(200);
    expect(other.text).not.toContain(`href="/clients/${first}"`);
  });
});

describe('The identification', () => {
  const page = (code: string) => `/clients/${code}/identification`;
  const tick = (name: string, value: string) =>
    new RegExp(`name="${name}" type="(radio|checkbox)" value="${value}" checked`);

  it('is recorded in parts: what was told before stands in the form, and each version is shown', async () => {
    const code = await codeAfter({ ...somebody(), dateOfBirth: '1985-01-02' });
    const empty = await caseworker.open(page(code)).expect(200);
    expect(empty.text).toContain('neither help nor a payment waits for it');
    expect(empty.text).toContain('Presumed: help does not wait for it.');
    expect(empty.text).toMatch(tick('formal.status', 'not-asked'));
    const first = { acts: ['recruitment', 'transfer'], 'words.acts': 'Zq a man <came>', 'formal.status': 'not-asked' };
    const sent = await caseworker.send(page(code), page(code), first);
    expect([sent.status, sent.headers.location]).toEqual([303, `${page(code)}?done=recorded`]);
    const shown = await caseworker.open(`${page(code)}?done=recorded`).expect(200);
    expect(shown.text).toContain('It is recorded.');
    expect(shown.text).toContain('Zq a man &lt;came&gt;');
    expect(shown.text).toMatch(tick('acts', 'transfer'));
    const second = {
      acts: 'recruitment',
      means: 'deception',
      purposes: ['forced-labour', 'other'],
      'words.acts': 'Zq a man <came>',
      ageThen: 'adult',
      'formal.status': 'identified',
      'formal.decidedOn': '2026-02-03',
      'formal.authority': 'Team of the province',
      'reflection.from': '2026-02-01',
      'reflection.to': '2026-03-17',
    };
    expect((await caseworker.send(page(code), page(code), second)).status).toBe(303);
    const whole = await caseworker.open(page(code)).expect(200);
    expect(whole.text).toContain('All three elements were told of.');
    expect(whole.text).toContain('from 1\u00a0February 2026 to 17\u00a0March 2026');
    expect(whole.text).toContain('Team of the province');
    expect(whole.text.match(/<details class="govuk-details">/g)).toHaveLength(1);
    expect(whole.text).toMatch(tick('purposes', 'other'));
    const supervisor = await (await signedIn('supervisor')).open(page(code)).expect(200);
    expect(supervisor.text).toContain('Team of the province');
    expect((await (await signedIn('caseworker', 2)).open(page(code))).status).toBe(404);
  });

  it('loses nothing of what was typed, neither when something is wrong nor when somebody else recorded meanwhile', async () => {
    const code = await codeAfter(somebody());
    const typed = {
      acts: 'harbouring',
      'words.means': 'Zq my papers',
      'formal.status': 'not-asked',
      'formal.authority': 'Zq police',
      'reflection.from': '2026-02-01',
    };
    const form = await caseworker.open(page(code));
    const fields = { ...hiddenFields(form.text.split(`action="${page(code)}"`)[1] ?? ''), ...typed };
    const lacking = await caseworker.post(page(code), fields);
    expect([lacking.status, hrefsOf(lacking)]).toEqual([422, ['#reflection.to']]);
    const contradicting = await caseworker.post(page(code), { ...fields, 'reflection.to': '2026-03-10' });
    expect([contradicting.status, hrefsOf(contradicting)]).toEqual([422, ['#formal.status']]);
    for (const answer of [lacking, contradicting]) {
      expect(answer.text).toMatch(tick('acts', 'harbouring'));
      for (const text of ['Zq my papers', 'value="Zq police"', 'value="2026-02-01"'])
        expect(answer.text).toContain(text);
    }
    const nothing = await caseworker.send(page(code), page(code), { 'formal.status': 'not-asked' });
    expect([nothing.status, hrefsOf(nothing)]).toEqual([422, ['#acts']]);
    const other = { id: newId(), replaces: null, purposes: ['servitude'], words: { purposes: 'Zq the other one' } };
    await service
      .as('supervisor')
      .post(`/api/v1${page(code)}`, other)
      .expect(201);
    const mended = { ...fields, 'formal.authority': '', 'reflection.from': '' };
    const late = await caseworker.post(page(code), mended);
    expect([late.status, hrefsOf(late)]).toEqual([409, ['#replaces']]);
    for (const text of ['Zq the other one', 'Zq my papers']) expect(late.text).toContain(text);
    expect(late.text).toMatch(tick('acts', 'harbouring'));
    const again = hiddenFields(late.text.split(`action="${page(code)}"`)[1] ?? '');
    expect((await caseworker.post(page(code), { ...mended, ...again })).status).toBe(303);
  });

  it('records one version, however often the form is sent', async () => {
    const code = await codeAfter(somebody());
    const form = await caseworker.open(page(code));
    const fields = { ...hiddenFields(form.text.split(`action="${page(code)}"`)[1] ?? ''), acts: 'receipt' };
    const answers = await Promise.all([1, 2].map(async () => caseworker.post(page(code), fields)));
    answers.push(await caseworker.post(page(code), fields));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    const { earlier } = await read(code, '/identification');
    expect(earlier).toEqual([]);
  });

  it('says of a child that the means are not needed, and asks no age', async () => {
    const code = await codeAfter({ ...somebody(), birth: 'unknown' });
    const form = await caseworker.open(page(code)).expect(200);
    expect(form.text).toContain('means are not needed. Tick what they told of all the same.');
    expect(form.text).not.toContain('How old were they when it began?');
    const told = { acts: 'recruitment', purposes: 'servitude' };
    expect((await caseworker.send(page(code), page(code), told)).status).toBe(303);
    expect((await caseworker.open(page(code))).text).toContain('Means are not needed because of age.');
  });

  it('is led to from the client’s page, but not in an emergency', async () => {
    const code = await codeAfter(somebody());
    expect((await caseworker.open(`/clients/${code}`).expect(200)).text).toContain(`href="${page(code)}"`);
    await service
      .as('caseworker', 2)
      .post(`/api/v1/clients/${code}/emergency-access`, { reason: 'medical' })
      .expect(201);
    const stranger = await signedIn('caseworker', 2);
    expect((await stranger.open(`/clients/${code}`).expect(200)).text).not.toContain(`href="${page(code)}"`);
  });
});
