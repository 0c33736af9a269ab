/** What was typed while a session ended is carried through signing in, without a script, and sent once. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { registerClient } from './support/builders.js';
import { Browser, hiddenFields, titleOf } from './support/browser.js';
import { sql } from './support/database.js';
import { startTestService, TEST_PASSWORD, type TestService } from './support/service.js';

const EMAIL = 'caseworker-1@test.example';
const WORDS = '  She said "come back on Monday" & <later>\n';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: '2026-03-02' });
});
afterAll(() => service.close());

it('a note whose session has ended is there after signing in, and is kept when it is sent', async () => {
  const code = await registerClient(service);
  const browser = new Browser(service);
  await browser.giveEmailAndPassword(EMAIL);
  const { text: form } = await browser.open(`/clients/${code}/notes`).expect(200);
  await sql(service.db.url, `update access.session set revoked_at = now() where kind = 'browser'`);
  const typed = {
    ...hiddenFields(form.slice(form.indexOf(`action="/clients/${code}/notes"`))),
    kind: 'call',
    words: WORDS,
  };
  const asked = await browser.post(`/clients/${code}/notes`, typed);
  expect([asked.status, titleOf(asked)]).toEqual([401, 'Sign in – UCT Ledger']);

  const carried = (/<textarea name="carried" hidden>([^<]*)</.exec(asked.text)?.[1] ?? '')
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#39;', "'")
    .replaceAll('&#92;', '\\')
    .replaceAll('&amp;', '&');
  const signedIn = await browser.post('/sign-in', {
    ...hiddenFields(asked.text.slice(asked.text.indexOf('action="/sign-in"'))),
    carried,
    email: EMAIL,
    password: TEST_PASSWORD,
  });
  expect([signedIn.status, titleOf(signedIn)]).toEqual([200, 'You are signed in again – UCT Ledger']);
  expect(signedIn.text).toContain('&lt;later&gt;');

  const fields = Object.fromEntries(
    (JSON.parse(carried) as { fields: { name: string; value: string }[] }).fields.map(({ name, value }) => [
      name,
      value,
    ]),
  );
  const again = hiddenFields(signedIn.text.slice(signedIn.text.indexOf(`action="/clients/${code}/notes"`)));
  const sent = await browser.post(`/clients/${code}/notes`, { ...fields, ...again });
  expect([sent.status, sent.headers.location]).toEqual([303, `/clients/${code}/notes?done=note`]);
  const { body } = await service.as('caseworker').get(`/api/v1/clients/${code}/case-notes`).expect(200);
  expect((body as { items: { words: string }[] }).items.map(({ words }) => words)).toEqual([WORDS.trim()]);
});
