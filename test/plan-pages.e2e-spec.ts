/** The pages of spending plans as a caseworker uses them on a phone that runs no script: every button comes back with everything that was typed. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { enrolClient, newId, openFund, ranks, registerClient } from './support/builders.js';
import { raw, tokenOf } from './support/raw-requests.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;
let fund: string;
const tokens = new Map<string, string>();
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  fund = await openFund(service);
  for (const role of ['caseworker', 'supervisor'] as const) tokens.set(role, await tokenOf(service, role));
});
afterAll(() => service.close());

let client: string;
beforeEach(async () => {
  client = await registerClient(service);
});

type Who = 'caseworker' | 'supervisor';
type Fields = Record<string, string | string[]>;

const page = (path: string, who: Who = 'caseworker', language = 'en') =>
  raw(service, tokens.get(who), 'GET', path, undefined, { accept: 'text/html', 'accept-language': language });
/** Sent as a browser sends a form. */
const send = (path: string, fields: Fields, who: Who = 'caseworker', language = 'en') => {
  const form = new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as [string, string])),
  );
  return raw(service, tokens.get(who), 'POST', path, form.toString(), {
    accept: 'text/html',
    'accept-language': language,
    'content-type': 'application/x-www-form-urlencoded',
  });
};
const plansOf = (code = client) => `/clients/${code}/plans`;
const kept = async (code = client) =>
  (await service.as('caseworker').get(`/api/v1/clients/${code}/spending-plans`).expect(200)).body.items as {
    id: string;
    replaces: string[];
    standing: boolean;
    items: object[];
    tracking: { items: object[] }[];
  }[];

/** What the page's form would send now: every field with what stands in it. */
function formOf({ text }: Response): Fields {
  const form = text.slice(text.indexOf('<form action="/clients/'));
  const body = form.slice(0, form.indexOf('</form>'));
  const fields: Fields = {};
  const add = (name: string, value: string) => {
    const before = fields[name];
    fields[name] = before === undefined ? plain(value) : [...[before].flat(), plain(value)];
  };
  for (const [, attributes = ''] of body.matchAll(/<input([^>]*)>/g)) {
    const [, name = ''] = /name="([^"]*)"/.exec(attributes) ?? [];
    add(name, /value="([^"]*)"/.exec(attributes)?.[1] ?? '');
  }
  for (const [, name = '', value = ''] of body.matchAll(/<textarea[^>]*name="([^"]*)"[^>]*>([^<]*)<\/textarea>/g))
    add(name, value);
  for (const [, name = '', options = ''] of body.matchAll(/<select[^>]*name="([^"]*)"[^>]*>([\s\S]*?)<\/select>/g))
    add(
      name,
      /<option value="([^"]*)" selected>/.exec(options)?.[1] ?? /<option value="([^"]*)"/.exec(options)?.[1] ?? '',
    );
  return fields;
}
const plain = (html: string) =>
  html
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
const faultsOf = ({ text }: Response) =>
  [...text.slice(0, text.indexOf('<form action="/clients/')).matchAll(/<a href="(#[^"]*)">/g)]
    .map(([, href]) => href)
    .filter((href) => href !== '#main-content');
const sumsOf = ({ text }: Response) =>
  [...text.matchAll(/class="app-left__(?:sum|detail)">([^<]*)</g)].map(([, words = '']) =>
    words.replaceAll('\u00a0', ' '),
  );

const item = (n: number, changed: Fields = {}): Fields => ({
  [`description-${n}`]: `Thing ${n}`,
  [`need-${n}`]: 'debt',
  [`amount-${n}`]: '1,200.50',
  [`currency-${n}`]: 'THB',
  ...changed,
});

/** Writes and saves one as it is typed; where it led to. */
async function save(fields: Fields, who: Who = 'caseworker', start = `${plansOf()}/new`): Promise<string> {
  const form = formOf(await page(start, who).expect(200));
  const answer = await send(plansOf(), { ...form, ...fields, do: 'save' }, who);
  expect(answer.status).toBe(303);
  return (answer.headers.location as string).replace(/\?.*/, '');
}
const idIn = (address: string) => address.slice(address.lastIndexOf('/') + 1);

describe('writing a plan', () => {
  it('begins with one item, the needs that the client ranked highest, and all 21 of them', async () => {
    await service
      .as('caseworker')
      .post(`/api/v1/clients/${client}/needs-assessments`, {
        id: newId(),
        assessedOn: TODAY,
        ranks: ranks('food', 'debt'),
        interpretations: { food: 'Rice for all of us' },
      })
      .expect(201);
    const shown = await page(`${plansOf()}/new`).expect(200);
    const select = /<select[^>]*name="need-1"[^>]*>([\s\S]*?)<\/select>/.exec(shown.text)?.[1] ?? '';
    const groups = [...select.matchAll(/<optgroup label="([^"]*)">([\s\S]*?)<\/optgroup>/g)].map(
      ([, label, needs = '']) => ({
        label,
        needs: [...needs.matchAll(/value="([^"]*)"/g)].map(([, code]) => code),
      }),
    );
    expect(groups[0]).toEqual({ label: 'Most important to the client', needs: ['debt', 'food'] });
    const all = groups.flatMap(({ needs }) => needs);
    expect([all.length, new Set(all).size]).toEqual([21, 21]);
    expect(shown.text).toContain('Rice for all of us');
  });

  it('takes items one by one, each button coming back with everything that was typed', async () => {
    const first = formOf(await page(`${plansOf()}/new`));
    const more = await send(plansOf(), {
      ...first,
      ...item(1, { 'description-1': 'Rice & "fish" <soon>' }),
      do: 'add',
    });
    expect(more.status).toBe(200);
    const second = formOf(more);
    expect(second).toMatchObject({ ...item(1, { 'description-1': 'Rice & "fish" <soon>' }), rows: '2', id: first.id });
    const third = formOf(await send(plansOf(), { ...second, ...item(2), do: 'add' }));
    expect(third).toMatchObject({ ...item(2), 'description-3': '', rows: '3' });
    const removed = formOf(await send(plansOf(), { ...third, ...item(3), do: 'remove 1' }));
    expect(removed).toMatchObject({ 'description-1': 'Thing 2', 'description-2': 'Thing 3', rows: '2' });
    expect(removed).not.toHaveProperty('description-3');
    expect(await kept()).toEqual([]);
  });

  it('keeps an item to write in, however many are removed', async () => {
    const form = formOf(await page(`${plansOf()}/new`));
    const empty = formOf(await send(plansOf(), { ...form, ...item(1), do: 'remove 1' }));
    expect(empty).toMatchObject({ 'description-1': '', 'amount-1': '', rows: '1' });
  });

  it('presses nothing that takes away or keeps when somebody presses Enter', async () => {
    const { text } = await page(`${plansOf()}/new`);
    const [, firstButton = ''] = /<form action="\/clients\/[\s\S]*?<button([^>]*)>/.exec(text) ?? [];
    expect(firstButton).toContain('value="look"');
    const form = formOf(await page(`${plansOf()}/new`));
    expect(formOf(await send(plansOf(), { ...form, ...item(1), do: 'look' }))).toMatchObject(item(1));
    expect(await kept()).toEqual([]);
  });

  it('is saved with amounts as they are typed, and shown', async () => {
    const at = await save({
      ...item(1, { 'amount-1': '๑,๒๐๐.๕๐' }),
      ...item(2, { 'description-2': 'ဆန်', 'amount-2': '၃၀၀', 'need-2': 'food' }),
      rows: '2',
    });
    expect(await kept()).toMatchObject([
      {
        id: idIn(at),
        replaces: [],
        items: [
          { need: 'debt', description: 'Thing 1', amount: '1200.50', currency: 'THB' },
          { need: 'food', description: 'ဆန်', amount: '300.00', currency: 'THB' },
        ],
      },
    ]);
    const shown = await page(at).expect(200);
    for (const words of ['ဆန်', 'Paying outstanding debt', '1,200.50\u00a0THB', '1,500.50\u00a0THB', 'caseworker 1'])
      expect(shown.text).toContain(words);
  });

  it('sent twice, by a finger or by the network, is one plan', async () => {
    const form = { ...formOf(await page(`${plansOf()}/new`)), ...item(1), do: 'save' };
    const answers = await Promise.all([send(plansOf(), form), send(plansOf(), form)]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    await send(plansOf(), form).expect(303);
    expect(await kept()).toHaveLength(1);
  });

  it('lacking something, comes back with everything and a way to each fault', async () => {
    const form = formOf(await page(`${plansOf()}/new`));
    const fields = {
      ...form,
      ...item(1, { 'amount-1': '1.200' }),
      ...item(2, { 'description-2': '', 'need-2': '', 'amount-2': 'much' }),
      ...item(3, { 'description-3': ' ', 'need-3': '', 'amount-3': '' }),
      ...item(4, { 'amount-4': '', 'currency-4': 'XXX' }),
      rows: '4',
      writtenOn: 'yesterday',
    };
    const answer = await send(plansOf(), { ...fields, do: 'save' });
    expect(answer.status).toBe(422);
    // The third item is empty, and so none.
    expect(faultsOf(answer)).toEqual([
      '#amount-1',
      '#description-2',
      '#need-2',
      '#amount-2',
      '#currency-4',
      '#amount-4',
      '#writtenOn',
    ]);
    expect(answer.text).toContain('can be read in more than one way. Write it like 1,200.50.');
    expect(formOf(answer)).toMatchObject({
      'description-1': 'Thing 1',
      'amount-1': '1.200',
      'amount-2': 'much',
      'description-4': 'Thing 4',
      writtenOn: 'yesterday',
      rows: '4',
    });
    const nothing = await send(plansOf(), { ...form, do: 'save' });
    expect([nothing.status, faultsOf(nothing)]).toEqual([422, ['#description-1']]);
    const later = await send(plansOf(), { ...form, ...item(1), writtenOn: '2026-03-05', do: 'save' });
    expect([later.status, faultsOf(later)]).toEqual([422, ['#writtenOn']]);
    expect(await kept()).toEqual([]);
  });

  it('is read by the marks of the language in which its page was written', async () => {
    const form = { ...formOf(await page(`${plansOf()}/new`, 'caseworker', 'lo')), ...item(1) };
    const inLao = (amount: string) => send(plansOf(), { ...form, 'amount-1': amount, do: 'save' }, 'caseworker', 'lo');
    const unclear = await inLao('1,200.50');
    expect([unclear.status, faultsOf(unclear)]).toEqual([422, ['#amount-1']]);
    expect(unclear.text).toContain('1.200,50');
    await inLao('໑.໒໐໐,໕໐').then(({ status }) => expect(status).toBe(303));
    expect(await kept()).toMatchObject([{ items: [{ amount: '1200.50' }] }]);
  });

  it('has at most 40 items', async () => {
    const form = formOf(await page(`${plansOf()}/new`));
    const full = await send(plansOf(), { ...form, rows: '40', do: 'add' });
    expect(formOf(full).rows).toBe('40');
    expect(full.text).toContain('as many items as a plan can have');
    expect(formOf(await send(plansOf(), { ...form, rows: '4000', do: 'look' })).rows).toBe('40');
  });

  it('sent again after going back and writing on, becomes a new version of what was saved', async () => {
    const form = { ...formOf(await page(`${plansOf()}/new`)), ...item(1) };
    await send(plansOf(), { ...form, do: 'save' }).expect(303);
    const again = await send(plansOf(), { ...form, 'description-1': 'Something else', do: 'save' });
    expect(again.status).toBe(409);
    expect(again.text).toContain('This plan was saved before');
    const kindly = formOf(again);
    expect(kindly).toMatchObject({ 'description-1': 'Something else', replaces: form.id });
    await send(plansOf(), { ...kindly, do: 'save' }).expect(303);
    expect(await kept()).toMatchObject([{ standing: false }, { standing: true, replaces: [form.id] }]);
  });
});

describe('the money left to plan', () => {
  it('is not certain while nothing is approved, and a plan is written all the same', async () => {
    expect(sumsOf(await page(`${plansOf()}/new`))).toEqual([
      'Planned so far: 0.00 MMK',
      'No sum is certain yet. You can plan all the same.',
    ]);
    expect(await save(item(1))).toMatch(/plans\/[0-9a-f-]{36}$/);
  });

  it('is what is approved without what is planned, said again after each button', async () => {
    ({ client } = await enrolClient(service, fund, TODAY));
    const start = await page(`${plansOf()}/new`);
    expect(sumsOf(start)).toEqual(['Left to plan: 14,121.00 THB', 'Planned: 0.00 THB. Approved: 14,121.00 THB.']);
    expect(formOf(start)['currency-1']).toBe('THB');
    const more = await send(plansOf(), { ...formOf(start), ...item(1), do: 'add' });
    expect(sumsOf(more)[0]).toBe('Left to plan: 12,920.50 THB');
    const dollars = await send(plansOf(), {
      ...formOf(more),
      ...item(2, { 'amount-2': '20', 'currency-2': 'USD' }),
      do: 'look',
    });
    expect(sumsOf(dollars)).toEqual([
      'Left to plan: 12,920.50 THB',
      'Planned: 1,200.50 THB. Approved: 14,121.00 THB.',
      'Planned so far: 20.00 USD',
      'No transfer is in this currency.',
    ]);
    const unread = await send(plansOf(), { ...formOf(more), ...item(2, { 'amount-2': '1.200' }), do: 'look' });
    expect(sumsOf(unread)[0]).toBe('Left to plan: 12,920.50 THB');
    expect(unread.text).toContain('An amount that cannot be read is not counted yet.');
  });

  it('may be less than nothing: that is said, and saved', async () => {
    ({ client } = await enrolClient(service, fund, TODAY));
    const form = formOf(await page(`${plansOf()}/new`));
    const over = await send(plansOf(), { ...form, ...item(1, { 'amount-1': '15,000' }), do: 'look' });
    expect(over.status).toBe(200);
    expect(sumsOf(over)[0]).toBe('More than the transfers by 879.00 THB');
    const at = await save(item(1, { 'amount-1': '15,000' }));
    expect(sumsOf(await page(at))[0]).toBe('More than the transfers by 879.00 THB');
    const exactly = await send(plansOf(), { ...form, ...item(1, { 'amount-1': '14121' }), do: 'look' });
    expect(sumsOf(exactly)[0]).toMatch(/^More than the transfers by 15,000.00 THB/); // with the plan that stands beside it
  });

  it('counts other plans that stand, but not what came of the same plan', async () => {
    ({ client } = await enrolClient(service, fund, TODAY));
    const first = await save(item(1, { 'amount-1': '4000' }));
    expect(sumsOf(await page(`${plansOf()}/new`))).toEqual([
      'Left to plan: 10,121.00 THB',
      'Planned: 4,000.00 THB, of which 4,000.00 THB in other plans. Approved: 14,121.00 THB.',
    ]);
    expect(sumsOf(await page(`${first}/change`))).toEqual([
      'Left to plan: 10,121.00 THB',
      'Planned: 4,000.00 THB. Approved: 14,121.00 THB.',
    ]);
    await save({ 'amount-1': '5000' }, 'caseworker', `${first}/change`);
    const theirs = await save({ 'amount-1': '6000' }, 'supervisor', `${first}/change`).catch(() => '');
    expect(theirs).not.toBe('');
    // Of the two versions the last one counts.
    expect(sumsOf(await page(`${plansOf()}/new`))[0]).toBe('Left to plan: 8,121.00 THB');
  });
});

describe('changing a plan', () => {
  it('begins with what it says, and keeps the one before', async () => {
    const first = await save({ ...item(1), ...item(2), rows: '2' });
    const form = formOf(await page(`${first}/change`).expect(200));
    expect(form).toMatchObject({ 'description-2': 'Thing 2', 'amount-1': '1200.50', replaces: idIn(first), rows: '2' });
    const second = await save({ 'description-1': 'Another thing' }, 'caseworker', `${first}/change`);
    expect(await kept()).toMatchObject([
      { standing: false },
      { id: idIn(second), standing: true, replaces: [idIn(first)] },
    ]);
    const earlier = await page(first).expect(200);
    expect(earlier.text).toContain('This plan was changed since');
    expect(earlier.text).toContain(`href="${second}"`);
    expect(earlier.text).not.toContain(`${first}/change`);
    expect((await page(second)).text).toContain(`href="${first}"`);
  });

  it('by two people at once keeps both, shows them side by side, and lets somebody make one of them', async () => {
    const first = await save(item(1, { 'description-1': 'A boat' }));
    const [mine, theirs] = await Promise.all([page(`${first}/change`), page(`${first}/change`, 'supervisor')]);
    const a = await send(plansOf(), { ...formOf(mine), 'description-1': 'Half a boat', do: 'save' });
    expect(a.status).toBe(303);
    // Whoever is still writing is told at their next button, and loses nothing.
    const told = await send(plansOf(), { ...formOf(theirs), 'description-1': 'A net', do: 'add' }, 'supervisor');
    expect(told.text).toContain('Somebody changed the same plan since you opened it');
    expect(formOf(told)['description-1']).toBe('A net');
    const b = await send(plansOf(), { ...formOf(told), do: 'save' }, 'supervisor').expect(303);
    const [atA, atB] = [a, b].map(({ headers }) => (headers.location as string).replace(/\?.*/, ''));

    const beside = await page(atB ?? '').expect(200);
    for (const words of [
      'Two versions of the same plan',
      'Half a boat',
      'A net',
      'Version of caseworker 1',
      'Version of supervisor 1',
    ])
      expect(beside.text).toContain(words);
    expect(beside.text).toContain(`href="${atA}/change"`);
    expect(beside.text).toContain(`href="${atB}/change"`);
    expect((await page(atA ?? '')).text).toContain('Two versions of the same plan');

    const merge = await page(`${atA}/change`).expect(200);
    const form = formOf(merge);
    expect(form['description-1']).toBe('Half a boat');
    expect([form.replaces].flat().sort()).toEqual([idIn(atA ?? ''), idIn(atB ?? '')].sort());
    const button = /value="(take [^"]*)"/.exec(merge.text)?.[1] ?? '';
    expect(button).toBe(`take ${idIn(atB ?? '')} 1`);
    const taken = await send(plansOf(), { ...form, do: button });
    expect(formOf(taken)).toMatchObject({ 'description-1': 'Half a boat', 'description-2': 'A net', rows: '2' });
    expect(taken.text).not.toContain('value="take ');
    const one = await send(plansOf(), { ...formOf(taken), do: 'save' }).expect(303);
    const merged = (one.headers.location as string).replace(/\?.*/, '');
    expect((await page(merged)).text).not.toContain('Two versions');
    expect((await kept()).filter(({ standing }) => standing)).toMatchObject([{ id: idIn(merged) }]);
    expect(await kept()).toHaveLength(4);
  });
});

describe('what the client tells of a plan', () => {
  it('is kept item by item, in their words, and nothing has to be told', async () => {
    const at = await save({ ...item(1), ...item(2), ...item(3), rows: '3' });
    const form = formOf(await page(`${at}/tracking`).expect(200));
    const told = { ...form, 'spent-1': '๑,๐๐๐', 'cameOf-2': 'လှေရတယ်' };
    await send(`${at}/tracking`, told).expect(303);
    await send(`${at}/tracking`, told).expect(303);
    const [plan] = await kept();
    expect(plan?.tracking.map(({ items }) => items)).toEqual([
      [
        { item: 1, spent: '1000.00', currency: 'THB', cameOf: null },
        { item: 2, spent: null, currency: 'THB', cameOf: 'လှေရတယ်' },
      ],
    ]);
    const shown = await page(at).expect(200);
    expect(shown.text).toContain('1,000.00\u00a0THB spent');
    expect(shown.text).toContain('<q>လှေရတယ်</q>');
    expect((await page(`${at}/tracking`)).text).toContain('<q>လှေရတယ်</q>');
  });

  it('comes back with everything when something cannot be read, or when nothing was written', async () => {
    const at = await save(item(1));
    const form = formOf(await page(`${at}/tracking`));
    const wrong = await send(`${at}/tracking`, { ...form, 'spent-1': 'all of it', 'cameOf-1': 'The boat floats' });
    expect([wrong.status, faultsOf(wrong)]).toEqual([422, ['#spent-1']]);
    expect(formOf(wrong)).toMatchObject({ 'spent-1': 'all of it', 'cameOf-1': 'The boat floats' });
    const nothing = await send(`${at}/tracking`, form);
    expect(nothing.status).toBe(422);
    expect(nothing.text).toContain('nothing has to be told');
    const zero = { ...form, 'spent-1': '0' };
    await send(`${at}/tracking`, zero).expect(303);
    const more = await send(`${at}/tracking`, { ...zero, 'cameOf-1': 'Nothing yet' });
    expect([more.status, formOf(more)['cameOf-1']]).toEqual([409, 'Nothing yet']);
    await send(`${at}/tracking`, formOf(more)).expect(303);
    expect((await kept())[0]?.tracking).toHaveLength(2);
  });
});

describe('the card', () => {
  it('says the plan in the client’s words and what is approved, and nothing of whose it is', async () => {
    const enrolled = await enrolClient(service, fund, '2026-04-01');
    client = enrolled.client;
    const at = await save(item(1, { 'description-1': 'အိမ်ငှားခ', 'need-1': 'compensation' }));
    const card = await page(`${at}/card?language=en`).expect(200);
    for (const words of ['My plan', 'အိမ်ငှားခ', '1,200.50\u00a0THB', '1\u00a0April 2026', '4,707.00\u00a0THB'])
      expect(card.text).toContain(words);
    const seen = card.text
      .replace(/<p class="govuk-body app-plan-card__back">[\s\S]*?<\/p>/, '') // on the screen, not on paper
      .replace(/<link[^>]*>/g, '');
    for (const word of [
      client,
      fund,
      'UCT',
      'Ledger',
      'traffick',
      'survivor',
      'client',
      'donor',
      'transfer',
      'approved',
      'compensation',
      'caseworker',
    ])
      expect(seen.toLowerCase()).not.toContain(word.toLowerCase());
    const without = await page(`${at}/card?money=no`).expect(200);
    expect(without.text).toContain('အိမ်ငှားခ');
    expect(without.text).not.toContain('April');
  });

  it('says no day that is not certain, and nothing that is not approved', async () => {
    const enrolled = await enrolClient(service, fund, '2026-04-01');
    client = enrolled.client;
    const at = await save(item(1));
    await service
      .as('caseworker')
      .post(`/api/v1/transfers/${enrolled.transfers[0]?.id}/hold`, { reason: 'client-wish' })
      .set('idempotency-key', newId())
      .expect(204);
    const held = await page(`${at}/card?language=en`).expect(200);
    expect(held.text).toContain('The day is not certain yet');
    expect(held.text).not.toContain('April 2026');
    expect(held.text).toContain('May 2026');

    client = await registerClient(service);
    const proposed = { id: newId(), client, fund, anchorOn: '2026-04-01', rail: 'cash' };
    await service.as('caseworker').post('/api/v1/enrolments', proposed).expect(201);
    const notYet = await page(`${await save(item(1))}/card?language=en`).expect(200);
    expect(notYet.text).not.toContain('April 2026');
    expect(notYet.text).not.toContain('When money comes');
  });

  it('speaks the client’s language unless another is asked for', async () => {
    const at = await save(item(1));
    expect((await page(`${at}/card`)).text).toContain('<html lang="my"');
    const titles = new Set<string>();
    for (const language of ['en', 'th', 'my', 'lo', 'km', 'vi']) {
      const { text } = await page(`${at}/card?language=${language}`).expect(200);
      expect(text).toContain(`<html lang="${language}"`);
      titles.add(/<title>([^<]*)<\/title>/.exec(text)?.[1] ?? '');
    }
    expect(titles.size).toBe(6);
    expect((await page(`${at}/card?language=xx`)).text).toContain('<html lang="my"');
  });
});

describe('a plan that is nowhere', () => {
  it('has no pages, and another client’s is not found by way of one’s own', async () => {
    const at = await save(item(1));
    const other = await registerClient(service);
    for (const path of ['', '/change', '/tracking', '/card'])
      for (const plan of [newId(), 'soon', idIn(at)]) await page(`${plansOf(other)}/${plan}${path}`).expect(404);
    await page(`${plansOf('C-00000000')}/new`).expect(404);
  });
});
