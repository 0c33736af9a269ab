/** The pages of the client's rights as a browser without JavaScript meets them: correcting who somebody is, reading what is held, erasing. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Role } from '../src/access/domain/actor.js';
import { Browser, faultsOf, titleOf } from './support/browser.js';
import { clientBody, enrolClient, openFund, registerClient } from './support/builders.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());

async function signedIn(role: Role): Promise<Browser> {
  const browser = new Browser(service);
  expect(await browser.giveEmailAndPassword(`${role}-1@test.example`)).toBe('/');
  return browser;
}

it('correcting who a client is takes a form with numbered rows, and what is left empty is gone', async () => {
  const code = await registerClient(service);
  const page = `/clients/${code}/identity`;
  const browser = await signedIn('caseworker');
  const typed = {
    'names.0.text': 'Ko Htet',
    'names.1.text': 'ကိုထက်',
    'names.1.script': 'Mymr',
    dateOfBirth: '1990-01-02',
    'payee.bank': 'KBZ',
    'payee.account': '0042',
    'kin.0.names.0.text': 'Daw Mya',
    'kin.0.mayKnow': 'yes',
    'safety.0': 'Call before noon',
  };
  const answer = await browser.send(page, page, typed);
  expect([answer.status, answer.headers.location]).toEqual([303, `${page}?done=corrected`]);
  const shown = await browser.open(`${page}?done=corrected`);
  for (const text of ['Ko Htet', 'ကိုထက်', '2\u00a0January 1990', 'KBZ, account 0042', 'Daw Mya', 'Call before noon'])
    expect(shown.text).toContain(text);
  const { body } = await service.as('caseworker').get(`/api/v1${page}`).expect(200);
  expect(body).toEqual({
    version: 2,
    names: [{ text: 'Ko Htet' }, { text: 'ကိုထက်', script: 'Mymr' }],
    dateOfBirth: '1990-01-02',
    payee: { bank: 'KBZ', account: '0042' },
    kin: [{ names: [{ text: 'Daw Mya' }], mayKnow: true }],
    safety: ['Call before noon'],
  });
});

it('a day of birth that is a guess is shown as one, and stays one until somebody says otherwise', async () => {
  const code = await registerClient(service);
  const page = `/clients/${code}/identity`;
  const browser = await signedIn('caseworker');
  const typed = { 'names.0.text': 'Ko Htet', dateOfBirth: '1990-07-01', dateOfBirthIsGuess: 'yes' };
  expect((await browser.send(page, page, typed)).status).toBe(303);
  const shown = await browser.open(page).expect(200);
  expect(shown.text).toContain('About 1\u00a0July 1990');
  expect(shown.text).toMatch(/name="dateOfBirthIsGuess" type="checkbox" value="yes" checked/);
  const { body } = await service.as('caseworker').get(`/api/v1${page}`).expect(200);
  expect(body).toMatchObject({ dateOfBirth: '1990-07-01', dateOfBirthIsGuess: true });
  expect((await browser.send(page, page, { ...typed, dateOfBirthIsGuess: '' })).status).toBe(303);
  expect((await browser.open(page).expect(200)).text).not.toContain('a guess, nobody knows the day');
});

it('what is wrong is told at its field, with everything that was typed still there', async () => {
  const code = await registerClient(service);
  const page = `/clients/${code}/identity`;
  const browser = await signedIn('caseworker');
  const wrong = await browser.send(page, page, { 'names.0.text': 'x'.repeat(300), 'safety.0': 'still here' });
  expect([wrong.status, titleOf(wrong)]).toEqual([422, `Error: Who client ${code} is – UCT Ledger`]);
  expect(faultsOf(wrong).map(([href]) => href)).toEqual(['#identity.names.0.text']);
  expect(wrong.text).toContain('id="identity.names.0.text"');
  expect(wrong.text).toContain('still here');
});

it('the form of a version that somebody else corrected meanwhile is refused', async () => {
  const code = await registerClient(service);
  const page = `/clients/${code}/identity`;
  const browser = await signedIn('caseworker');
  const typed = { 'names.0.text': 'Ko Htet', expectedVersion: '7' };
  expect((await browser.send(page, page, typed)).status).toBe(409);
});

it('erasing says what goes, what stays and what is not paid any more, and asks for the code', async () => {
  const { client } = await enrolClient(service, await openFund(service), TODAY);
  const page = `/clients/${client}/erase`;
  const browser = await signedIn('supervisor');
  const question = await browser.open(page).expect(200);
  expect(question.text.match(/will not be paid/g)).toHaveLength(3);
  const unsure = await browser.send(page, page, { code: 'C-00000000' });
  expect([unsure.status, faultsOf(unsure)[0]?.[0]]).toEqual([422, '#code']);
  const certificate = await browser.send(page, page, { code: client.toLowerCase() });
  expect(certificate.status).toBe(200);
  expect(titleOf(certificate)).toMatch(/^Certificate of erasure E-/);
  expect(certificate.text).toContain(client);
  expect(certificate.text).toContain('3 transfers that were owed and are not paid any more');
  expect((await browser.open(page)).status).toBe(404);
});

it('erasing one of two codes of a person says so first, and afterwards no list puts the two side by side', async () => {
  const identity = { names: [{ text: 'Twin Person Xyz' }], dateOfBirth: '1981-02-03' };
  const register = async () =>
    (
      await service
        .as('caseworker')
        .post('/api/v1/clients', { ...clientBody(), identity })
        .expect(201)
    ).body.code as string;
  const [one, other] = [await register(), await register()];
  const listed = async (state: string) =>
    (await service.as('supervisor').get(`/api/v1/possible-duplicates?state=${state}`).expect(200)).body.items as {
      id: string;
      clients: { code: string }[];
    }[];
  const [pair] = await listed('waiting');
  await service
    .as('supervisor')
    .post(`/api/v1/possible-duplicates/${pair?.id}/decisions`, { decision: 'same' })
    .expect(200);
  const page = `/clients/${one}/erase`;
  const browser = await signedIn('supervisor');
  expect((await browser.open(page).expect(200)).text).toContain(`The same person is registered as ${other} too`);
  expect((await browser.send(page, page, { code: one })).status).toBe(200);
  expect(await listed('decided')).toEqual([]);
  expect((await browser.open(`/clients/${other}/erase`).expect(200)).text).not.toContain('The same person');
});

it('the case file leads to each right of those who may see to it', async () => {
  const code = await registerClient(service);
  const linksFor = async (role: Role) => {
    const { text } = await (await signedIn(role)).open(`/clients/${code}`).expect(200);
    return ['identity', 'export', 'erase'].filter((right) => text.includes(`href="/clients/${code}/${right}"`));
  };
  expect(await linksFor('caseworker')).toEqual(['identity', 'export']);
  expect(await linksFor('supervisor')).toEqual(['identity', 'export', 'erase']);
});
