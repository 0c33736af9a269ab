/** The pages of case notes, as a caseworker fills them in on a phone: a note in one go, what went wrong with all that was typed, and corrections. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { Browser, faultsOf, hiddenFields, titleOf } from './support/browser.js';
import { newId, registerClient } from './support/builders.js';
import { inZawgyi } from './support/burmese-people.js';
import { sql } from './support/database.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const TYPED = { words: 'She found work.\n<b>Her aunt</b> helps.', kind: 'call', happenedOn: '2026-02-27', nextOn: '' };

let service: TestService;
let caseworker: Browser;
let supervisor: Browser;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  [caseworker, supervisor] = [new Browser(service), new Browser(service)];
  await caseworker.giveEmailAndPassword('caseworker-1@test.example');
  await supervisor.giveEmailAndPassword('supervisor-1@test.example');
});
afterAll(() => service.close());

const notesOf = (client: string) => `/clients/${client}/notes`;
const keep = (client: string, typed: object = {}, who = caseworker) =>
  who.send(notesOf(client), notesOf(client), { ...TYPED, ...typed });
const kept = (client: string) =>
  sql<{ id: string; kind: string; day: string; next: string | null; corrects: string | null }>(
    service.db.url,
    `select n.id, n.kind, n.happened_on::text as day, n.next_on::text as next, n.corrects
     from casework.case_note n join casework.client c on c.id = n.client_id where c.code = $1 order by n.seq`,
    [client],
  );
const valueOf = ({ text }: Response, name: string) =>
  new RegExp(`<input[^>]*name="${name}"[^>]*?value="([^"]*)"`).exec(text)?.[1] ?? '';
const wordsIn = ({ text }: Response) => /<textarea[^>]*name="words"[^>]*>([\s\S]*?)<\/textarea>/.exec(text)?.[1];
const checkedIn = ({ text }: Response) => /name="kind" type="radio" value="([^"]*)" checked/.exec(text)?.[1];
const formOf = (page: Response, action: string) =>
  hiddenFields(page.text.split('<form').find((part) => part.includes(`action="${action}"`)) ?? '');

describe('the page of notes', () => {
  it('has the form first, with the day where the client lives, and nothing chosen by itself', async () => {
    const client = await registerClient(service);
    const page = await caseworker.open(notesOf(client)).expect(200);
    expect(titleOf(page)).toBe(`Notes on client ${client} – UCT Ledger`);
    expect([valueOf(page, 'happenedOn'), valueOf(page, 'nextOn'), wordsIn(page)]).toEqual([TODAY, '', '']);
    expect(checkedIn(page)).toBeUndefined();
    expect(page.text).toContain('Nothing is on record yet.');
    expect(page.text.indexOf('name="words"')).toBeLessThan(page.text.indexOf('Nothing is on record yet.'));
  });

  it('keeps a note and shows it as it was written: its lines, and no markup', async () => {
    const client = await registerClient(service);
    const answer = await keep(client, { nextOn: '2026-03-09' });
    expect([answer.status, answer.headers.location]).toEqual([303, `${notesOf(client)}?done=note`]);
    const page = await caseworker.open(`${notesOf(client)}?done=note`).expect(200);
    expect(page.text).toContain('The note is kept.');
    expect(page.text).toContain(
      '<p class="app-words" lang="" dir="auto">She found work.\n&lt;b&gt;Her aunt&lt;/b&gt; helps.</p>',
    );
    expect(page.text).toMatch(/27.February 2026: A call/);
    expect(page.text).toMatch(/Talk again on 9.March 2026/);
    expect(page.text).toMatch(/Written by caseworker 1, 2.March 2026, 10:00\./);
    expect(await kept(client)).toMatchObject([{ kind: 'call', day: '2026-02-27', next: '2026-03-09' }]);
    expect((await supervisor.open(notesOf(client)).expect(200)).text).toContain('She found work.');
  });

  it('keeps one note, however often the form is sent', async () => {
    const client = await registerClient(service);
    const form = formOf(await caseworker.open(notesOf(client)), notesOf(client));
    const send = () => caseworker.post(notesOf(client), { ...form, ...TYPED });
    const answers = await Promise.all([send(), send(), send()]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    await send().expect(303);
    expect(await kept(client)).toHaveLength(1);
  });

  it('says of a form that was sent before with other words that they are kept, and keeps these beside them next time', async () => {
    const client = await registerClient(service);
    const form = formOf(await caseworker.open(notesOf(client)), notesOf(client));
    await caseworker.post(notesOf(client), { ...form, ...TYPED }).expect(303);
    const answer = await caseworker.post(notesOf(client), { ...form, ...TYPED, words: 'And one thing more.' });
    expect([answer.status, faultsOf(answer)]).toEqual([
      409,
      [['#words', expect.stringContaining('sent before with other words')]],
    ]);
    expect(wordsIn(answer)).toBe('And one thing more.');
    const again = { ...formOf(answer, notesOf(client)), ...TYPED, words: 'And one thing more.' };
    await caseworker.post(notesOf(client), again).expect(303);
    expect(await kept(client)).toHaveLength(2);
  });

  it.each([
    ['nothing at all', { words: ' ', kind: '', happenedOn: '' }, ['#words', '#kind']],
    ['a day to come', { happenedOn: '2026-03-03' }, ['#happenedOn']],
    ['days that are none', { happenedOn: 'yesterday', nextOn: '2026-02-30' }, ['#happenedOn', '#nextOn']],
    ['a day to talk before', { nextOn: '2026-02-26' }, ['#nextOn']],
    ['a day to talk in two years', { nextOn: '2028-03-02' }, ['#nextOn']],
    ['what nobody sees', { words: '\u200b' }, ['#words']],
    ['control characters', { words: 'x\u001b[2J' }, ['#words']],
    ['too much', { words: 'x'.repeat(10_001) }, ['#words']],
  ])('with %s asks again, with all that was typed', async (_, wrong, fields) => {
    const client = await registerClient(service);
    const typed = { ...TYPED, nextOn: '2026-03-09', ...wrong };
    const answer = await keep(client, typed);
    expect(answer.status).toBe(422);
    expect(faultsOf(answer).map(([href]) => href)).toEqual(fields);
    for (const field of fields) expect(answer.text).toContain(`id="${field.slice(1)}"`);
    expect(titleOf(answer)).toBe(`Error: Notes on client ${client} – UCT Ledger`);
    expect(wordsIn(answer)).toBe(typed.words.trim().replaceAll('<', '&lt;').replaceAll('>', '&gt;'));
    expect(checkedIn(answer)).toBe(typed.kind || undefined);
    expect([valueOf(answer, 'happenedOn'), valueOf(answer, 'nextOn')]).toEqual([typed.happenedOn, typed.nextOn]);
    expect(await kept(client)).toEqual([]);
  });

  it('gives back all of a text in Burmese that is far too long', async () => {
    const client = await registerClient(service);
    const words = 'ကျွန်မ '.repeat(2_500).trim();
    const answer = await keep(client, { words });
    expect([answer.status, faultsOf(answer)]).toEqual([422, [['#words', 'Write at most 10,000 characters.']]]);
    expect(wordsIn(answer)).toBe(words);
  });

  it('shows twenty notes, and the earlier ones behind a link', async () => {
    const client = await registerClient(service);
    for (let n = 1; n <= 21; n += 1) {
      const note = { id: newId(), kind: 'call', words: `note ${n}.` };
      await service.as('caseworker').post(`/api/v1/clients/${client}/case-notes`, note).expect(201);
    }
    const first = await caseworker.open(notesOf(client)).expect(200);
    expect([first.text.includes('note 21.'), first.text.includes('note 2.'), first.text.includes('note 1.')]).toEqual([
      true,
      true,
      false,
    ]);
    const next = /<a class="govuk-link" href="([^"]*)" rel="next">/.exec(first.text)?.[1] ?? '';
    const second = await caseworker.open(next).expect(200);
    expect([second.text.includes('note 2.'), second.text.includes('note 1.')]).toEqual([false, true]);
    expect(second.text).not.toContain('rel="next"');
    expect(second.text).toContain(`href="${notesOf(client)}"`);
  });

  it('shows what was typed in Zawgyi so that everybody can read it, and how it was typed', async () => {
    const client = await registerClient(service);
    const burmese = 'အောင်မြင့်ဦး ဆေးခန်းသွားမယ်'.normalize('NFC');
    await keep(client, { words: inZawgyi(burmese) });
    const page = await caseworker.open(notesOf(client)).expect(200);
    expect(page.text).toContain(`<p class="app-words" lang="" dir="auto">${burmese}</p>`);
    expect(page.text).toMatch(new RegExp(`As it was typed, in Zawgyi[\\s\\S]{0,200}${inZawgyi(burmese)}`));
  });

  it('is of the day where the client lives', async () => {
    const client = await registerClient(service, { country: 'MM' });
    travel(service, '2026-03-03', '00:10'); // in Yangon it is half an hour before
    const late = new Browser(service);
    await late.giveEmailAndPassword('caseworker-1@test.example');
    const page = await late.open(notesOf(client)).expect(200);
    travel(service, TODAY);
    expect(valueOf(page, 'happenedOn')).toBe(TODAY);
  });

  it('is not there for whoever does not work with the client, in an emergency either', async () => {
    const client = await registerClient(service);
    await keep(client);
    const [note] = await kept(client);
    const stranger = new Browser(service);
    await stranger.giveEmailAndPassword('caseworker-2@test.example');
    const emergency = { reason: 'medical' };
    const page = async () => (await stranger.open(notesOf(client))).status;
    expect(await page()).toBe(404);
    await service.as('caseworker', 2).post(`/api/v1/clients/${client}/emergency-access`, emergency).expect(201);
    const opened = await stranger.open(`/clients/${client}`).expect(200);
    expect(opened.text).not.toContain('She found work.');
    expect(await page()).toBe(404);
    await stranger.open(`${notesOf(client)}/${note?.id}/correct`).expect(404);
  });

  it('shows nothing once the consent to hold data is withdrawn', async () => {
    const client = await registerClient(service);
    await keep(client);
    const consent = { purpose: 'hold-data', given: false, language: 'my' };
    await service.as('caseworker').post(`/api/v1/clients/${client}/consents`, consent).expect(204);
    const page = await caseworker.open(notesOf(client)).expect(409);
    expect(page.text).not.toContain('She found work.');
  });
});

describe('correcting a note', () => {
  async function noted(): Promise<{ client: string; id: string; path: string }> {
    const client = await registerClient(service);
    await keep(client, { nextOn: '2026-03-09' });
    const [note] = await kept(client);
    return { client, id: note?.id ?? '', path: `${notesOf(client)}/${note?.id}/correct` };
  }

  it('begins with what stands there, and leaves that beneath what takes its place', async () => {
    const { client, id, path } = await noted();
    expect((await caseworker.open(notesOf(client))).text).toContain(`href="${path}"`);
    const page = await caseworker.open(path).expect(200);
    expect(wordsIn(page)).toBe('She found work.\n&lt;b&gt;Her aunt&lt;/b&gt; helps.');
    expect([checkedIn(page), valueOf(page, 'happenedOn'), valueOf(page, 'nextOn')]).toEqual([
      'call',
      '2026-02-27',
      '2026-03-09',
    ]);
    const answer = await caseworker.send(path, path, { ...TYPED, kind: 'visit', words: 'She found no work.' });
    expect([answer.status, answer.headers.location]).toEqual([303, `${notesOf(client)}?done=correction`]);
    expect(await kept(client)).toMatchObject([{ id }, { kind: 'visit', corrects: id, next: null }]);
    const shown = (await caseworker.open(`${notesOf(client)}?done=correction`).expect(200)).text;
    expect(shown).toContain('The note is corrected.');
    const places = ['She found no work.', 'Corrected: what stood here before', 'She found work.'].map((text) =>
      shown.indexOf(text),
    );
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(shown).not.toContain(`href="${path}"`);
  });

  it('asks again for what is missing, with all that was typed and the note as it stands', async () => {
    const { client, path } = await noted();
    const answer = await caseworker.send(path, path, {
      ...TYPED,
      words: 'She found no work.',
      happenedOn: '2026-03-03',
    });
    expect([answer.status, faultsOf(answer).map(([href]) => href)]).toEqual([422, ['#happenedOn']]);
    expect(wordsIn(answer)).toBe('She found no work.');
    expect(answer.text).toContain('The note as it stands');
    expect(await kept(client)).toHaveLength(1);
  });

  it('of a note that somebody corrected meanwhile shows that one, and corrects it when sent again', async () => {
    const { client, path } = await noted();
    const form = formOf(await caseworker.open(path), path);
    await supervisor.send(path, path, { ...TYPED, words: 'She found a place to live.' });
    const typed = { ...TYPED, words: 'She found no work.' };
    const answer = await caseworker.post(path, { ...form, ...typed });
    expect([answer.status, faultsOf(answer)]).toEqual([
      409,
      [['#words', expect.stringContaining('Somebody corrected this note since you opened it.')]],
    ]);
    expect(wordsIn(answer)).toBe('She found no work.');
    expect(answer.text).toContain('She found a place to live.');
    const [, second] = await kept(client);
    const now = `${notesOf(client)}/${second?.id}/correct`;
    await caseworker.post(now, { ...formOf(answer, now), ...typed }).expect(303);
    expect(await kept(client)).toMatchObject([{}, {}, { corrects: second?.id }]);
    // Whoever still has the address of the first comes to the one that stands.
    expect((await caseworker.open(path).expect(200)).text).toContain(
      `action="${notesOf(client)}/${(await kept(client))[2]?.id}/correct"`,
    );
  });

  it('is sent twice and done once', async () => {
    const { client, path } = await noted();
    const form = formOf(await caseworker.open(path), path);
    const send = () => caseworker.post(path, { ...form, ...TYPED, words: 'She found no work.' });
    expect((await Promise.all([send(), send()])).map(({ status }) => status)).toEqual([303, 303]);
    await send().expect(303);
    expect(await kept(client)).toHaveLength(2);
  });

  it('of what is no note of this client leads nowhere', async () => {
    const [{ id }, client] = [await noted(), await registerClient(service)];
    for (const wrong of [id, newId(), 'x']) {
      await caseworker.open(`${notesOf(client)}/${wrong}/correct`).expect(404);
      const form = formOf(await caseworker.open(notesOf(client)), notesOf(client));
      await caseworker.post(`${notesOf(client)}/${wrong}/correct`, { ...form, ...TYPED }).expect(404);
    }
    expect(await kept(client)).toEqual([]);
  });
});
