/** The pages of a client: consents, safe contact, assignment and emergency access, as people fill them in. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import type { Role } from '../src/access/domain/actor.js';
import { enrolClient, newId, openFund, ranks, registerClient } from './support/builders.js';
import { raw, tokenOf } from './support/raw-requests.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;
const tokens = new Map<string, string>();
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  for (const role of ['caseworker', 'supervisor', 'auditor'] as const)
    for (const number of [1, 2] as const) tokens.set(`${role}/${number}`, await tokenOf(service, role, number));
});
afterAll(() => service.close());

type Who = Role | `${Role}/2`;
const token = (who: Who) => tokens.get(who.includes('/') ? who : `${who}/1`);
const page = (path: string, who: Who = 'caseworker') =>
  raw(service, token(who), 'GET', path, undefined, { accept: 'text/html' });
/** Sent as a browser sends a form. */
const send = (path: string, fields: Record<string, string | string[]>, who: Who = 'caseworker') => {
  const form = new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as [string, string])),
  );
  return raw(service, token(who), 'POST', path, form.toString(), {
    accept: 'text/html',
    'content-type': 'application/x-www-form-urlencoded',
  });
};
const hidden = (answer: Response, name: string) =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(answer.text)?.[1] ?? '';
const summaryOf = (answer: Response) =>
  [...answer.text.matchAll(/<a href="(#[a-zA-Z]+)">([^<]*)<\/a>/g)].map(([, href]) => href);

describe('consents on the page', () => {
  it('are given with language and interpreter, and withdrawn with one button', async () => {
    const code = await registerClient(service);
    const given = await send(`/clients/${code}/consents`, {
      purpose: 'share',
      organisation: 'Legal Aid Centre',
      language: 'shn',
      interpreter: 'outside',
    });
    expect([given.status, given.headers.location]).toEqual([303, `/clients/${code}?done=consent`]);
    const shown = await page(`/clients/${code}?done=consent`).expect(200);
    expect(shown.text).toContain('To share named data: Legal Aid Centre');
    expect(shown.text).toMatch(/in Shan/);
    const withdrawn = await send(`/clients/${code}/consents/withdrawals`, {
      purpose: 'share',
      party: 'Legal Aid Centre',
      language: 'shn',
    });
    expect([withdrawn.status, withdrawn.headers.location]).toEqual([303, `/clients/${code}?done=withdrawal`]);
    const { body } = await service.as('caseworker').get(`/api/v1/clients/${code}`).expect(200);
    expect(body.consents).toContainEqual(expect.objectContaining({ party: 'Legal Aid Centre', given: false }));
  });

  it('that lack something are asked for again, with all that was chosen', async () => {
    const code = await registerClient(service);
    const answer = await send(`/clients/${code}/consents`, { purpose: 'share', language: 'my', organisation: ' ' });
    expect(answer.status).toBe(422);
    expect(summaryOf(answer)).toEqual(['#interpreter', '#organisation']);
    expect(answer.text).toContain('<option value="share" selected>');
    expect(answer.text).toContain('<option value="my" selected>');
  });

  it('are not withdrawn by a form that no page of ours sends, and that is no fault of ours', async () => {
    const code = await registerClient(service);
    const wrongs: Record<string, string>[] = [
      { language: 'THB' },
      { language: '' },
      { purpose: 'everything' },
      { party: 'x'.repeat(250) },
    ];
    for (const wrong of wrongs) {
      const fields = { purpose: 'share', language: 'my', ...wrong };
      const answer = await send(`/clients/${code}/consents/withdrawals`, fields);
      expect({ wrong, status: answer.status }).toEqual({ wrong, status: 422 });
    }
  });

  it('without that to hold data leave what was told unshown, and say what it means for payment', async () => {
    const fund = await openFund(service);
    const { client } = await enrolClient(service, fund, TODAY);
    const words = { food: 'Rice for all of us' };
    await service
      .as('caseworker')
      .post(`/api/v1/clients/${client}/needs-assessments`, {
        id: newId(),
        assessedOn: TODAY,
        ranks: ranks('food'),
        interpretations: words,
      })
      .expect(201);
    expect((await page(`/clients/${client}`).expect(200)).text).toContain('Rice for all of us');
    await send(`/clients/${client}/consents/withdrawals`, { purpose: 'hold-data', party: '', language: 'my' }).expect(
      303,
    );
    const shown = await page(`/clients/${client}`).expect(200);
    expect(shown.text).not.toContain('Rice for all of us');
    expect(shown.text).toContain('does not consent to data being held');
    expect(shown.text).toMatch(/Was due on .* and is not paid/);
    expect((await page(`/clients/${client}/identity`)).status).toBe(409);
    expect((await page(`/clients/${client}/contacts`)).status).toBe(409);
  });
});

describe('safe contact on the page', () => {
  const rules = {
    replaces: '0',
    channels: ['call', 'visit'],
    language: 'my',
    never: 'Not his brother',
    when: 'mornings',
  };

  it('shows the rules before the form, and no form while there are no rules', async () => {
    const code = await registerClient(service);
    const empty = await page(`/clients/${code}/contacts`).expect(200);
    expect(empty.text).toContain('No rules are on record');
    expect(empty.text).not.toContain('Record the contact');
    const kept = await send(`/clients/${code}/safe-contact`, rules);
    expect([kept.status, kept.headers.location]).toEqual([303, `/clients/${code}/contacts?done=rules`]);
    const shown = await page(`/clients/${code}/contacts`).expect(200);
    expect(shown.text.indexOf('Not his brother')).toBeGreaterThan(0);
    expect(shown.text.indexOf('Not his brother')).toBeLessThan(shown.text.indexOf('Record the contact'));
    expect(hidden(shown, 'rulesVersion')).toBe('1');
  });

  it('records a contact once, however often the form is sent', async () => {
    const code = await registerClient(service);
    await send(`/clients/${code}/safe-contact`, rules).expect(303);
    const shown = await page(`/clients/${code}/contacts`);
    const fields = {
      id: hidden(shown, 'id'),
      rulesVersion: hidden(shown, 'rulesVersion'),
      direction: 'incoming',
      channel: 'visit',
      outcome: 'reached',
      words: 'Asks for a doctor',
    };
    for (let time = 0; time < 2; time += 1) await send(`/clients/${code}/contacts`, fields).expect(303);
    const after = await page(`/clients/${code}/contacts`).expect(200);
    expect(after.text.split('Asks for a doctor')).toHaveLength(2);
    // With other words the id is no use any more: the page has another, under which it is taken.
    const other = await send(`/clients/${code}/contacts`, { ...fields, words: 'Asks for a lawyer' });
    expect([other.status, hidden(other, 'id') === fields.id]).toEqual([409, false]);
    const again = { ...fields, words: 'Asks for a lawyer', id: hidden(other, 'id') };
    await send(`/clients/${code}/contacts`, again).expect(303);
  });

  it('loses nothing that was typed: not when something lacks, not when the rules changed meanwhile', async () => {
    const code = await registerClient(service);
    await send(`/clients/${code}/safe-contact`, rules).expect(303);
    const shown = await page(`/clients/${code}/contacts`);
    const fields = { id: hidden(shown, 'id'), rulesVersion: '1', channel: 'call', words: 'Asks when <soon>' };
    const lacking = await send(`/clients/${code}/contacts`, fields);
    expect(lacking.status).toBe(422);
    expect(summaryOf(lacking)).toEqual(['#direction', '#outcome']);
    expect(lacking.text).toContain('Asks when &lt;soon&gt;');
    await send(`/clients/${code}/safe-contact`, { ...rules, replaces: '1', never: 'Never by phone' }).expect(303);
    const late = await send(`/clients/${code}/contacts`, { ...fields, direction: 'incoming', outcome: 'reached' });
    expect(late.status).toBe(409);
    expect(late.text).toContain('Never by phone');
    expect(late.text).toContain('Asks when &lt;soon&gt;');
    // Sent again under the rules that are shown now, it is taken.
    expect(hidden(late, 'rulesVersion')).toBe('2');
    await send(`/clients/${code}/contacts`, {
      ...fields,
      rulesVersion: '2',
      direction: 'incoming',
      outcome: 'reached',
    }).expect(303);
    const incomplete = await send(`/clients/${code}/safe-contact`, {
      replaces: '2',
      language: 'my',
      how: 'By the gate',
    });
    expect(incomplete.status).toBe(422);
    expect(summaryOf(incomplete)).toEqual(['#channels', '#never']);
    expect(incomplete.text).toContain('By the gate');
  });
});

describe('assigning on the page', () => {
  it('is offered to a supervisor, by names of the team, and shows the history', async () => {
    const code = await registerClient(service);
    expect((await page(`/clients/${code}`)).text).not.toContain('Assign to');
    const shown = await page(`/clients/${code}`, 'supervisor').expect(200);
    const { userId } = service.actor('caseworker', 2);
    expect(shown.text).toContain(`<option value="${userId}">caseworker 2</option>`);
    await send(`/clients/${code}/assignments`, { caseworker: userId }, 'supervisor').expect(303);
    expect((await page(`/clients/${code}`)).status).toBe(404);
    expect((await page(`/clients/${code}`, 'supervisor')).text).toContain('From caseworker 1 to caseworker 2');
    const none = await send(`/clients/${code}/assignments`, { caseworker: '' }, 'supervisor');
    expect([none.status, summaryOf(none)]).toEqual([422, ['#caseworker']]);
  });
});

describe('emergency access on the page', () => {
  it('warns, opens the case file without what was said, and is told to the supervisor until they have looked', async () => {
    const code = await registerClient(service, { name: 'Ma Thida' });
    const form = await page('/emergency-access', 'caseworker/2').expect(200);
    expect(form.text).toContain('The supervisors are told');
    const opened = await send(
      '/emergency-access',
      { code: code.toLowerCase(), reason: 'medical', words: 'At the clinic' },
      'caseworker/2',
    );
    expect([opened.status, opened.headers.location]).toEqual([303, `/clients/${code}`]);
    const shown = await page(`/clients/${code}`, 'caseworker/2').expect(200);
    expect(shown.text).toContain('under an emergency access');
    expect(shown.text).not.toContain('Withdraw</button>');
    expect((await page(`/clients/${code}/identity`, 'caseworker/2').expect(200)).text).toContain('Ma Thida');
    expect((await page(`/clients/${code}/contacts`, 'caseworker/2').expect(200)).text).toContain(
      'No rules are on record',
    );

    expect((await page('/', 'supervisor').expect(200)).text).toContain('1 emergency access that nobody has looked at');
    const list = await page('/emergency-access', 'supervisor').expect(200);
    expect(list.text).toContain('At the clinic');
    const id = /action="\/emergency-access\/([0-9a-f-]+)\/seen"/.exec(list.text)?.[1] ?? '';
    await send(`/emergency-access/${id}/seen`, {}, 'supervisor').expect(303);
    expect((await page('/', 'supervisor/2').expect(200)).text).not.toContain('that nobody has looked at');
    const audited = await page('/emergency-access', 'auditor').expect(200);
    expect(audited.text).toContain('Seen by supervisor 1');
    expect(audited.text).not.toContain('At the clinic');
    expect(audited.text).not.toContain('Open, and tell the supervisors');
  });

  it('answers a wrong code and a missing reason in the form, with all that was typed', async () => {
    const wrong = await send('/emergency-access', { code: 'C-00000000', reason: 'law', words: 'It is urgent' });
    expect(wrong.status).toBe(404);
    expect(summaryOf(wrong)).toEqual(['#code']);
    for (const text of ['C-00000000', '<option value="law" selected>', 'It is urgent'])
      expect(wrong.text).toContain(text);
    const lacking = await send('/emergency-access', { code: '', words: 'It is urgent' });
    expect([lacking.status, summaryOf(lacking)]).toEqual([422, ['#code', '#reason']]);
  });
});
