/** The needs interview as a caseworker goes through it on a phone without scripts: kept page by page, looked at, saved once. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { needsCatalogue } from '../src/needs/catalogue.js';
import { InterviewDraftsService } from '../src/needs/interview-drafts.service.js';
import { newId, ranks, registerClient } from './support/builders.js';
import { Browser, faultsOf, hiddenFields, titleOf } from './support/browser.js';
import { sql } from './support/database.js';
import { startTestService, type TestService } from './support/service.js';

let service: TestService;
let browser: Browser;
let code: string;
beforeAll(async () => {
  service = await startTestService({ today: '2026-03-02' });
  browser = await signedIn(1);
});
afterAll(() => service.close());
beforeEach(async () => {
  code = await registerClient(service);
});

async function signedIn(number: 1 | 2): Promise<Browser> {
  const one = new Browser(service);
  await one.giveEmailAndPassword(`caseworker-${number}@test.example`);
  return one;
}
const at = (rest = '') => `/clients/${code}/interview${rest}`;
const ranked = (highest: string[]) =>
  Object.fromEntries(Object.entries(ranks(...highest)).map(([need, rank]) => [`ranks.${need}`, String(rank)]));
/** What a browser sends of the page of all needs: each need's words, and the ranks that were chosen. */
const whole = (typed: Record<string, string>) => ({
  ...Object.fromEntries(needsCatalogue.needs.map((need) => [`words.${need.code}`, ''])),
  ...typed,
});
const latest = async () =>
  (await service.as('caseworker').get(`/api/v1/clients/${code}/needs-assessments/latest`)).body as {
    ranks: Record<string, number>;
    interpretations: Record<string, string>;
    assessedOn: string;
  };
const count = async (table: string) =>
  Number((await sql<{ n: string }>(service.db.url, `select count(*) n from casework.${table}`))[0]?.n);

describe('An interview on one page', () => {
  it('is kept, looked at as a whole, and saved in two submissions', async () => {
    const typed = { ...ranked(['food', 'debt']), 'words.food': 'အစားအစာ for the\r\nchildren', 'words.debt': ' ' };
    const kept = await browser.send(at(), at(), { ...whole(typed), go: 'review' });
    expect([kept.status, kept.headers.location]).toEqual([303, at('/review')]);
    const review = await browser.open(at('/review')).expect(200);
    expect(review.text).toContain('<q>အစားအစာ for the\nchildren</q>');
    const saved = await browser.send(at('/review'), at('/save'));
    expect([saved.status, saved.headers.location]).toEqual([303, `/clients/${code}?done=interview`]);
    const { ranks: kept4, interpretations, assessedOn } = await latest();
    expect(kept4).toEqual(ranks('food', 'debt'));
    expect(interpretations).toEqual({ food: 'အစားအစာ for the\nchildren' });
    expect(assessedOn).toBe('2026-03-02');
    expect(await count('interview_draft')).toBe(0);
  });

  it('offers each of the 21 needs with its four ranks, and room for words', async () => {
    const { text } = await browser.open(at()).expect(200);
    expect(text.match(/type="radio"/g)).toHaveLength(21 * 4);
    expect(text.match(/<textarea/g)).toHaveLength(21);
    for (const { label } of needsCatalogue.needs) expect(text).toContain(label);
  });

  it('that is sent twice is recorded once', async () => {
    await browser.send(at(), at(), { ...whole(ranked(['food'])), go: 'review' });
    const { text } = await browser.open(at('/review'));
    const form = {
      _csrf: /name="_csrf" value="([^"]*)"/.exec(text)?.[1] ?? '',
      id: /name="id" value="([^"]*)"/.exec(text)?.[1] ?? '',
    };
    const before = await count('needs_assessment');
    const answers = [await browser.post(at('/save'), form), await browser.post(at('/save'), form)];
    expect(answers.map(({ status, headers }) => [status, headers.location])).toEqual(
      [1, 2].map(() => [303, `/clients/${code}?done=interview`]),
    );
    expect(await count('needs_assessment')).toBe(before + 1);
  });

  it('is kept and saved at once by a device that looked at it with the client, and once only when it sends it again', async () => {
    const { text } = await browser.open(at());
    const form = {
      ...hiddenFields(text.slice(text.indexOf(`action="${at()}"`))),
      ...whole(ranked(['food'])),
      go: 'save',
    };
    const before = await count('needs_assessment');
    for (const sent of [form, form, { ...form, go: 'review' }]) {
      const { status, headers } = await browser.post(at(), sent);
      expect([status, headers.location]).toEqual([303, `/clients/${code}?done=interview`]);
    }
    expect([await count('needs_assessment'), await count('interview_draft')]).toEqual([before + 1, 0]);
  });

  it('sent whole without all ranks is kept, and says which are missing', async () => {
    const { 'ranks.food': _, ...rest } = ranked(['debt']);
    const refused = await browser.send(at(), at(), { ...whole(rest), go: 'save' });
    expect(refused.status).toBe(422);
    expect(faultsOf(refused)).toEqual([['#ranks.food', expect.any(String)]]);
    expect(await count('interview_draft')).toBe(1);
    await service.app.get(InterviewDraftsService).discard(service.actor('caseworker'), code);
  });

  it('that was saved and comes again with other words is refused, with what was typed, and loses nothing', async () => {
    const { text } = await browser.open(at());
    const hidden = hiddenFields(text.slice(text.indexOf(`action="${at()}"`)));
    const form = { ...hidden, ...whole(ranked(['food'])), 'words.food': 'rice', go: 'save' };
    expect((await browser.post(at(), form)).status).toBe(303);
    const late = await browser.post(at(), { ...form, 'words.food': 'rice and oil' });
    expect([late.status, late.text.includes('>rice and oil</textarea>')]).toEqual([409, true]);
    expect(hiddenFields(late.text.slice(late.text.indexOf(`action="${at()}"`))).id).not.toBe(hidden.id);
    expect((await latest()).interpretations).toEqual({ food: 'rice' });
    expect(await count('interview_draft')).toBe(0);
  });

  it('of a page that is older than what is kept takes nothing away, and is asked about where both say something', async () => {
    const { text } = await browser.open(at());
    const old = hiddenFields(text.slice(text.indexOf(`action="${at()}"`)));
    await browser.send(at(), at(), { ...whole({ 'ranks.food': '4', 'words.food': 'rice' }), go: 'keep' });
    const adds = await browser.post(at(), { ...old, ...whole({ 'ranks.debt': '3' }), go: 'keep' });
    expect(adds.status).toBe(303);
    const undoes = await browser.post(at(), { ...old, ...whole({ 'ranks.food': '2' }), go: 'keep' });
    expect([undoes.status, faultsOf(undoes)[0]?.[0]]).toEqual([409, '#ranks.food']);
    const drafts = service.app.get(InterviewDraftsService);
    expect(await drafts.find(service.actor('caseworker'), code)).toMatchObject({
      ranks: { food: 4, debt: 3 },
      words: { food: 'rice' },
    });
    await drafts.discard(service.actor('caseworker'), code);
  });

  it('whose draft stayed when the service stopped after saving is not offered, and gives way to the next', async () => {
    const drafts = service.app.get(InterviewDraftsService);
    const actor = service.actor('caseworker');
    const kept = await drafts.keep(actor, code, { ranks: { food: 4 }, words: {} });
    const body = { id: kept?.id, assessedOn: '2026-03-02', ranks: ranks('food') };
    await service.as('caseworker').post(`/api/v1/clients/${code}/needs-assessments`, body).expect(201);
    expect(await drafts.find(actor, code)).toBeNull();
    const next = await drafts.keep(actor, code, { ranks: { debt: 4 }, words: {} }, { id: newId() });
    expect([next?.ranks, next?.id === kept?.id]).toEqual([{ debt: 4 }, false]);
    await drafts.discard(actor, code);
  });

  it('does not take the id of an interview of somebody else', async () => {
    const drafts = service.app.get(InterviewDraftsService);
    const taken = await drafts.keep(service.actor('caseworker'), await registerClient(service), {
      ranks: {},
      words: {},
    });
    const refused = await browser.send(at(), at(), { ...whole(ranked(['food'])), id: taken?.id ?? '' });
    expect([refused.status, await count('interview_draft')]).toEqual([409, 1]);
    await sql(service.db.url, 'delete from casework.interview_draft');
  });

  it('that lacks ranks is not saved, and says of which needs', async () => {
    const { 'ranks.food': _, ...rest } = ranked(['debt']);
    await browser.send(at(), at(), { ...whole(rest), go: 'review' });
    const review = await browser.open(at('/review')).expect(200);
    expect(review.text).toContain('1 need has no rank yet:');
    expect(review.text).toContain(`href="${at('#ranks.food')}"`);
    expect(review.text).not.toContain(`action="${at('/save')}"`);
    const discarded = await browser.send(at('/review'), at('/discard'));
    expect(discarded.headers.location).toBe(`/clients/${code}?done=interview-discarded`);
    expect(await count('interview_draft')).toBe(0);
  });

  it('keeps what was typed when something of it is wrong, and says what to do', async () => {
    const long = 'ก'.repeat(2001);
    const wrong = await browser.send(at(), at(), {
      ...whole({ ...ranked(['food', 'debt']), 'words.food': long, 'words.debt': 'to my uncle' }),
      assessedOn: '31.12.2025',
    });
    expect([wrong.status, titleOf(wrong)]).toEqual([422, expect.stringMatching(/^Error: /)]);
    expect(faultsOf(wrong)).toEqual([
      ['#words.food', 'Shorten this to 2000 characters; it has 2001.'],
      ['#assessedOn', 'Give the day as a date, like 2026-03-02.'],
    ]);
    expect(wrong.text).toContain(long);
    expect(wrong.text).toContain('>to my uncle</textarea>');
    expect(wrong.text).toContain('value="31.12.2025"');
    expect(wrong.text.match(/ checked/g)).toHaveLength(21);
    expect(await count('interview_draft')).toBe(0);
  });

  it('does not take a day to come', async () => {
    await browser.send(at(), at(), { ...whole(ranked(['food'])), assessedOn: '2026-03-03', go: 'review' });
    const refused = await browser.send(at('/review'), at('/save'));
    expect(refused.status).toBe(422);
    expect(refused.text).toMatch(new RegExp(`href="${at('#assessedOn')}">[^<]*future`));
    expect(await count('interview_draft')).toBe(1);
    await service.app.get(InterviewDraftsService).discard(service.actor('caseworker'), code);
  });
});

describe('An interview of one category a page', () => {
  it('goes on where it was left, also hours later and on another device, and leads from category to category', async () => {
    const path = [];
    for (const category of needsCatalogue.categories) {
      const page = at(`?category=${category.code}`);
      const typed = Object.fromEntries(category.needs.map((need) => [`ranks.${need.code}`, '2']));
      const { headers } = await browser.send(page, at(), { ...typed, category: category.code, go: 'next' });
      path.push(headers.location);
      if (category.code === 'basic') {
        service.clock.travelTo(new Date('2026-03-02T19:00:00+07:00'));
        browser = await signedIn(1);
      }
    }
    expect(path).toEqual([
      ...needsCatalogue.categories.slice(1).map((category) => at(`?category=${category.code}`)),
      at('/review'),
    ]);
    expect((await browser.open(at('/review'))).text).not.toContain('has no rank yet');
    await browser.send(at('/review'), at('/save'));
    expect(Object.values((await latest()).ranks)).toEqual(Array.from({ length: 21 }, () => 2));
  });

  it('lets a rank that was chosen be another one, and the words come back with a 4', async () => {
    const send = (typed: Record<string, string>) => browser.send(at('?category=basic'), at(), { ...typed, go: 'keep' });
    await send({ 'ranks.food': '4', 'words.food': 'rice' });
    await send({ 'ranks.food': '2', 'words.food': 'rice' });
    await send({ 'ranks.housing': '4', 'words.food': 'rice' });
    const draft = await service.app.get(InterviewDraftsService).find(service.actor('caseworker'), code);
    expect(draft).toMatchObject({ ranks: { food: 2, housing: 4 }, words: { food: 'rice' } });
    await service.app.get(InterviewDraftsService).discard(service.actor('caseworker'), code);
  });

  it('two pages that are kept at once do not undo each other', async () => {
    const drafts = service.app.get(InterviewDraftsService);
    const actor = service.actor('caseworker');
    await Promise.all(
      needsCatalogue.needs.map((need) => drafts.keep(actor, code, { ranks: { [need.code]: 3 }, words: {} })),
    );
    expect(Object.keys((await drafts.find(actor, code))?.ranks ?? {})).toHaveLength(21);
    await drafts.discard(actor, code);
  });
});

describe('An unfinished interview', () => {
  it('is nobody else’s, stands sealed in the database, is in what the client may see, and goes when they are erased', async () => {
    await browser.send(at(), at(), { ...whole({ 'ranks.food': '4', 'words.food': 'Kyauk-zwe-words' }), go: 'keep' });
    const [row] = await sql<{ text: string }>(
      service.db.url,
      `select content_sealed::text || encode(content_sealed, 'escape') as text from casework.interview_draft`,
    );
    expect(row?.text).not.toContain('Kyauk');
    const supervisor = service.actor('supervisor');
    expect(await service.app.get(InterviewDraftsService).find(supervisor, code)).toBeNull();
    const other = await (await signedIn(2)).open(at());
    expect(other.status).toBe(404);
    const held = await service.as('caseworker').get(`/api/v1/clients/${code}/export`).expect(200);
    expect(JSON.stringify(held.body)).toContain('Kyauk-zwe-words');
    const erased = await service.as('supervisor').delete(`/api/v1/clients/${code}`).expect(200);
    expect((erased.body as { deleted: object }).deleted).toMatchObject({ unfinishedInterviews: 1 });
    expect(await count('interview_draft')).toBe(0);
  });

  it('is not kept without consent to hold data', async () => {
    await service
      .as('caseworker')
      .post(`/api/v1/clients/${code}/consents`, { purpose: 'hold-data', given: false, language: 'my' })
      .expect(204);
    const refused = await browser.open(at());
    expect(refused.status).toBe(409);
  });
});

describe('Interviews side by side', () => {
  it('say what is more and what is less important than before', async () => {
    const record = (assessedOn: string, highest: string[], interpretations: object) =>
      service
        .as('caseworker')
        .post(`/api/v1/clients/${code}/needs-assessments`, {
          id: newId(),
          assessedOn,
          ranks: ranks(...highest),
          interpretations,
        })
        .expect(201);
    await record('2026-01-10', ['food'], { food: 'rice' });
    await record('2026-03-01', ['housing'], { housing: 'a door that locks' });
    const { text } = await browser.open(`/clients/${code}/interviews`).expect(200);
    expect(text).toMatch(/On 1[\u00a0 ]March 2026[\s\S]*On 10[\u00a0 ]January 2026/);
    expect(text.match(/more important than before/g)).toHaveLength(1);
    expect(text.match(/less important than before/g)).toHaveLength(1);
    expect(text).toContain('<q>a door that locks</q>');
    const asked = await browser.open(at()).expect(200);
    expect(asked.text).toContain('<q>a door that locks</q>');
  });
});
