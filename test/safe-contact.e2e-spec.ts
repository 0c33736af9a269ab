/** Safe contact: the rules are read before a contact is recorded, and what is recorded says by which rules. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { Browser, faultsOf } from './support/browser.js';
import { newId, registerClient } from './support/builders.js';
import { sql } from './support/database.js';
import { outcomesAs } from './support/outcomes.js';
import { expectProblem } from './support/raw-requests.js';
import { watchRows } from './support/rows.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const RULES = {
  channels: ['call', 'through-somebody'],
  how: '081 234 5678, his own',
  when: 'after 18:00',
  language: 'my',
  byWhom: 'a woman',
  never: 'never by letter',
  wording: 'Greetings from the tea shop',
  interviewer: 'a woman',
  interpreter: 'not from Myawaddy',
};

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());

const caseworker = () => service.as('caseworker');
const change = (client: string, replaces: number, rules: object = RULES) =>
  caseworker().post(`/api/v1/clients/${client}/safe-contact`, { replaces, rules });
const contact = (changes: object = {}) => ({
  id: newId(),
  rulesVersion: 1,
  direction: 'incoming',
  channel: 'call',
  outcome: 'reached',
  ...changes,
});
const record = (client: string, changes: object = {}) =>
  caseworker().post(`/api/v1/clients/${client}/contacts`, contact(changes));
const allowContact = (client: string) =>
  caseworker()
    .post(`/api/v1/clients/${client}/consents`, { purpose: 'be-contacted', given: true, language: 'my' })
    .expect(204);
const idOf = async (code: string) =>
  (await sql<{ id: string }>(service.db.url, 'select id from casework.client where code = $1', [code]))[0]?.id ?? '';

describe('the rules of safe contact', () => {
  it('are none at first, then in versions of which the latest counts', async () => {
    const client = await registerClient(service);
    const read = async () =>
      (await caseworker().get(`/api/v1/clients/${client}/safe-contact`).expect(200)).body as object;
    expect(await read()).toEqual({ client, version: 0, rules: null, recordedAt: null, consentsToBeContacted: false });
    expect((await change(client, 0).expect(201)).body).toEqual({ version: 1 });
    await allowContact(client);
    expect(await read()).toMatchObject({ client, version: 1, rules: RULES, consentsToBeContacted: true });
    expect((await change(client, 1, { ...RULES, when: 'never on Sundays' }).expect(201)).body).toEqual({ version: 2 });
    expect(await read()).toMatchObject({ version: 2, rules: { when: 'never on Sundays' } });
  });

  it('are not written over by somebody who has not read the latest, also at the same moment', async () => {
    const client = await registerClient(service);
    await change(client, 0).expect(201);
    expectProblem(await change(client, 0), { status: 409, code: 'safe-contact-rules-changed', field: 'replaces' });
    expectProblem(await change(client, 7), { status: 409, code: 'safe-contact-rules-changed', field: 'replaces' });
    const answers = await Promise.all([change(client, 1), change(client, 1), change(client, 1)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const id = await idOf(client);
    const skipping = `insert into casework.safe_contact values ('${id}', 9, '\\x00', '${service.actor('caseworker').userId}', now())`;
    expect(await outcomesAs(service.db.url, 'uct_service', [skipping])).toEqual({ [skipping]: 'UCT42' });
  });

  it('say how never, by which channels and in which language', async () => {
    const client = await registerClient(service);
    for (const [wrong, field] of [
      [{ ...RULES, never: '' }, 'rules.never'],
      [{ ...RULES, channels: [] }, 'rules.channels'],
      [{ ...RULES, channels: ['pigeon'] }, 'rules.channels'],
      [{ ...RULES, language: 'Burmese' }, 'rules.language'],
    ] as const) {
      const answer = await change(client, 0, wrong);
      expect([answer.status, answer.body.field]).toEqual([422, field]);
    }
  });

  it('take several lines, and no control characters, nor do the words on a contact, on the page either', async () => {
    const client = await registerClient(service);
    for (const field of ['how', 'when', 'byWhom', 'never', 'wording', 'interviewer', 'interpreter']) {
      const answer = await change(client, 0, { ...RULES, [field]: 'x\u001b]0;y\u0007' });
      expectProblem(answer, { status: 422, code: 'text-malformed', field: `rules.${field}` });
    }
    await change(client, 0, { ...RULES, how: 'first\n\tthen' }).expect(201);
    await allowContact(client);
    expectProblem(await record(client, { words: '\u202eabc' }), {
      status: 422,
      code: 'text-malformed',
      field: 'words',
    });
    const browser = new Browser(service);
    await browser.giveEmailAndPassword('caseworker-1@test.example');
    const page = `/clients/${client}/safe-contact`;
    const answer = await browser.send(page, page, { ...RULES, never: 'x\u001b[2J' });
    expect([answer.status, faultsOf(answer)[0]?.[0]]).toEqual([422, '#never']);
  });

  it('leave a trace when they are read, and lie sealed', async () => {
    const client = await registerClient(service);
    await change(client, 0).expect(201);
    const reads = "select detail from access.audit_event where act = 'safe-contact.read' and subject_id = $1";
    await caseworker().get(`/api/v1/clients/${client}/safe-contact`).expect(200);
    expect(await sql(service.db.url, reads, [await idOf(client)])).toEqual([
      { detail: { version: 1, reason: 'case-file' } },
    ]);
    const rows = await watchRows(service.db.url);
    const everything = Object.values(await rows.dump()).join('\n');
    await rows.stop();
    for (const text of ['081 234 5678', 'tea shop', 'Myawaddy'])
      for (const form of [text, Buffer.from(text).toString('hex'), Buffer.from(text).toString('base64')])
        expect(everything).not.toContain(form);
  });
});

describe('a contact', () => {
  it('is recorded with the rules that were read, once, and is read with what was said', async () => {
    const client = await registerClient(service);
    await change(client, 0).expect(201);
    const body = contact({ words: 'Wants to move the day', happenedOn: '2026-03-01', outcome: 'message-left' });
    const send = () => caseworker().post(`/api/v1/clients/${client}/contacts`, body);
    await send().expect(201);
    await send().expect(200);
    expect((await caseworker().post(`/api/v1/clients/${client}/contacts`, { ...body, words: 'other' })).body.code).toBe(
      'id-conflict',
    );
    const { body: listed } = await caseworker().get(`/api/v1/clients/${client}/contacts`).expect(200);
    expect(listed.items).toEqual([{ ...body, by: 'caseworker 1' }]);
    const [read] = await sql(
      service.db.url,
      "select detail from access.audit_event where act = 'contact.read' and subject_id = $1",
      [await idOf(client)],
    );
    expect(read).toEqual({ detail: { contacts: 1, reason: 'case-file' } });
  });

  it('is not recorded before there are rules, nor with rules that have changed since', async () => {
    const client = await registerClient(service);
    await allowContact(client);
    for (const direction of ['incoming', 'outgoing']) {
      const answer = await record(client, { direction });
      expectProblem(answer, { status: 409, code: 'no-safe-contact-rules', field: 'rulesVersion' });
    }
    await change(client, 0).expect(201);
    await change(client, 1).expect(201);
    for (const rulesVersion of [0, 1, 3])
      expectProblem(await record(client, { rulesVersion }), {
        status: 409,
        code: 'safe-contact-rules-changed',
        field: 'rulesVersion',
      });
    await record(client, { rulesVersion: 2 }).expect(201);
  });

  it('by us is recorded only while the client consents to it; they may come to us at any time', async () => {
    const client = await registerClient(service);
    await change(client, 0).expect(201);
    const outgoing = () => record(client, { direction: 'outgoing' });
    expectProblem(await outgoing(), { status: 409, code: 'no-consent-to-be-contacted', field: 'direction' });
    await record(client).expect(201);
    await allowContact(client);
    await outgoing().expect(201);
    await caseworker()
      .post(`/api/v1/clients/${client}/consents/withdrawals`, { purpose: 'be-contacted', language: 'my' })
      .expect(204);
    expectProblem(await outgoing(), { status: 409, code: 'no-consent-to-be-contacted', field: 'direction' });
    await record(client).expect(201);
  });

  it('is of a kind that there is, and of no day to come', async () => {
    const client = await registerClient(service);
    await change(client, 0).expect(201);
    for (const [changes, code, field] of [
      [{ channel: 'pigeon' }, 'unknown-channel', 'channel'],
      [{ outcome: 'fine' }, 'unknown-outcome', 'outcome'],
      [{ direction: 'up' }, 'unknown-direction', 'direction'],
      [{ happenedOn: '2026-03-03' }, 'date-in-the-future', 'happenedOn'],
      [{ happenedOn: 'yesterday' }, 'date-malformed', 'happenedOn'],
    ] as const)
      expectProblem(await record(client, changes), { status: 422, code, field });
  });

  it('cannot go round the rules by SQL', async () => {
    const client = await registerClient(service);
    const insert = (version: number, direction: string) =>
      `insert into casework.contact (id, client_id, rules_version, happened_on, direction, channel, outcome, recorded_by, recorded_at, content_sha256)
       select gen_random_uuid(), id, ${version}, '${TODAY}', '${direction}', 'call', 'reached', caseworker_id, now(), sha256('')
       from casework.client where code = '${client}'`;
    const without = insert(1, 'incoming');
    expect(await outcomesAs(service.db.url, 'uct_service', [without])).toEqual({ [without]: 'UCT42' });
    await change(client, 0).expect(201);
    await change(client, 1).expect(201);
    const [old, unknown, unasked, right] = [
      insert(1, 'incoming'),
      insert(3, 'incoming'),
      insert(2, 'outgoing'),
      insert(2, 'incoming'),
    ] as const;
    expect(await outcomesAs(service.db.url, 'uct_service', [old, unknown, unasked, right])).toEqual({
      [old]: 'UCT42',
      [unknown]: 'UCT42',
      [unasked]: 'UCT43',
      [right]: 'done',
    });
  });

  it('waits for rules that are being changed, and is refused when they have changed meanwhile', async () => {
    const client = await registerClient(service);
    await change(client, 0).expect(201);
    const changing = new pg.Client({ connectionString: service.db.url });
    await changing.connect();
    await changing.query('begin');
    await changing.query("insert into casework.safe_contact values ($1, 2, '\\x00', $2, now())", [
      await idOf(client),
      service.actor('caseworker').userId,
    ]);
    let isAnswered = false;
    const answering = record(client).then((answer) => {
      isAnswered = true;
      return answer;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isAnswered).toBe(false);
    await changing.query('commit');
    await changing.end();
    expectProblem(await answering, { status: 409, code: 'safe-contact-rules-changed', field: 'rulesVersion' });
  });
});
