/** Case notes: written once, corrected by another, read by those who work with the client, and sealed from everybody else. */
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CaseNotesService, type CaseNote } from '../src/case-notes/case-notes.service.js';
import { newId, registerClient } from './support/builders.js';
import { inZawgyi } from './support/burmese-people.js';
import { sql } from './support/database.js';
import { outcomesAs } from './support/outcomes.js';
import { expectProblem } from './support/raw-requests.js';
import { watchRows, withoutTrail } from './support/rows.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const BURMESE = 'အောင်မြင့်ဦး ဆေးခန်းသွားမယ်'.normalize('NFC');

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());

const caseworker = () => service.as('caseworker');
const noteBody = (changes: object = {}) => ({ id: newId(), kind: 'call', words: 'She found work.', ...changes });
const post = (client: string, body: object, who = caseworker()) =>
  who.post(`/api/v1/clients/${client}/case-notes`, body);
const write = async (client: string, changes: object = {}, who = caseworker()): Promise<string> => {
  const body = noteBody(changes);
  await post(client, body, who).expect(201);
  return body.id;
};
const list = async (client: string, query = '', who = caseworker()) => {
  const answer = await who.get(`/api/v1/clients/${client}/case-notes${query}`).expect(200);
  return answer.body as { items: CaseNote[]; next: string | null };
};
const wordsOf = async (client: string, query = '') => (await list(client, query)).items.map(({ words }) => words);
const idOf = async (code: string) =>
  (await sql<{ id: string }>(service.db.url, 'select id from casework.client where code = $1', [code]))[0]?.id ?? '';
const acts = async (client: string, act: string) =>
  sql<{ actor_id: string; detail: object }>(
    service.db.url,
    'select actor_id, detail from access.audit_event where act = $1 and subject_id = $2 order by seq',
    [act, await idOf(client)],
  );

describe('a case note', () => {
  it('is written down, and read with who wrote it and when', async () => {
    const client = await registerClient(service);
    const body = noteBody({
      happenedOn: '2026-02-27',
      nextOn: '2026-03-09',
      words: 'She found work.\nHer aunt helps.',
    });
    const answer = await post(client, body).expect(201);
    expect(answer.body).toEqual({ id: body.id, client, happenedOn: '2026-02-27' });
    expect(await list(client)).toEqual({
      items: [
        {
          id: body.id,
          kind: 'call',
          happenedOn: '2026-02-27',
          nextOn: '2026-03-09',
          words: 'She found work.\nHer aunt helps.',
          original: null,
          by: 'caseworker 1',
          recordedAt: '2026-03-02T03:00:00.000Z',
          corrects: null,
          correctedBy: null,
        },
      ],
      next: null,
    });
  });

  it('is of the day that it is where the client lives, unless it says another', async () => {
    const client = await registerClient(service, { country: 'MM' });
    travel(service, '2026-03-03', '00:10'); // in Bangkok; in Yangon it is half an hour before
    const notes = service.app.get(CaseNotesService);
    const actor = service.actor('caseworker');
    const note = { id: newId(), kind: 'call', words: 'She found work.' } as const;
    expect((await notes.write(actor, client, note)).happenedOn).toBe(TODAY);
    const tomorrow = { ...note, id: newId(), happenedOn: '2026-03-03' };
    await expect(notes.write(actor, client, tomorrow)).rejects.toMatchObject({ code: 'date-in-the-future' });
    travel(service, TODAY);
  });

  it('is kept once, however often and however many at once send it', async () => {
    const client = await registerClient(service);
    const body = noteBody();
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(client, body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 201]);
    travel(service, '2026-03-02', '18:00');
    await post(client, { ...body, id: body.id.toUpperCase() }).expect(200);
    travel(service, TODAY);
    expect(await wordsOf(client)).toEqual(['She found work.']);
    expect(await acts(client, 'note.write')).toHaveLength(1);
  });

  it('of an id that came with other content, or for another client, is refused', async () => {
    const [client, other] = [await registerClient(service), await registerClient(service)];
    const body = noteBody();
    await post(client, body).expect(201);
    const conflict = { status: 409, code: 'id-conflict', field: 'id' };
    for (const change of [{ words: 'other' }, { kind: 'visit' }, { nextOn: TODAY }, { happenedOn: TODAY }])
      expectProblem(await post(client, { ...body, ...change }), conflict);
    expectProblem(await post(other, body), conflict);
    expect(await list(other)).toEqual({ items: [], next: null });
  });

  it.each([
    [{ kind: 'interrogation' }, 'unknown-kind', 'kind'],
    [{ kind: undefined }, 'missing', 'kind'],
    [{ words: undefined }, 'missing', 'words'],
    [{ words: ' \n\u200b ' }, 'missing', 'words'],
    [{ words: 'x\u0007' }, 'text-malformed', 'words'],
    [{ words: 'x'.repeat(10_001) }, 'text-too-long', 'words'],
    [{ happenedOn: '2026-03-03' }, 'date-in-the-future', 'happenedOn'],
    [{ happenedOn: '02.03.2026' }, 'date-malformed', 'happenedOn'],
    [{ nextOn: '2026-03-01' }, 'next-before-note', 'nextOn'],
    [{ nextOn: '2027-04-07' }, 'next-too-late', 'nextOn'],
    [{ amount: '500.00' }, 'unknown-field', 'amount'],
    [{ id: 'x' }, undefined, 'id'],
  ])('that says %p is refused, and nothing is kept', async (change, code, field) => {
    const client = await registerClient(service);
    const answer = await post(client, noteBody(change));
    expect([answer.status, answer.body.field]).toEqual([422, field]);
    if (code) expect(answer.body.code).toBe(code);
    expect(await list(client)).toEqual({ items: [], next: null });
  });

  it('has 10,000 characters in any script, and any length of lines', async () => {
    const client = await registerClient(service);
    const long = ['က', '\u{1f642}'].map((letter) => `x${letter.repeat(9_999)}`);
    for (const words of long) await write(client, { words });
    expect((await wordsOf(client)).sort()).toEqual([...long].sort());
  });

  it('typed in Zawgyi can be read by everybody, and is kept as it was typed', async () => {
    const client = await registerClient(service);
    const typed = `Clinic:\n${inZawgyi(BURMESE)}`;
    await write(client, { words: typed });
    await write(client, { words: `Clinic:\n${BURMESE}` });
    const { items } = await list(client);
    expect(items.map(({ words, original }) => ({ words, original }))).toEqual([
      { words: `Clinic:\n${BURMESE}`, original: null },
      { words: `Clinic:\n${BURMESE}`, original: typed },
    ]);
  });
});

describe('the notes on a client', () => {
  it('come with those of the latest day first, in pages that leave none out', async () => {
    const client = await registerClient(service);
    const days = ['2026-02-10', '2026-03-01', '2026-02-10', '2025-12-24', '2026-03-01'];
    for (const [index, happenedOn] of days.entries()) await write(client, { happenedOn, words: `note ${index}` });
    const expected = ['note 4', 'note 1', 'note 2', 'note 0', 'note 3'];
    expect(await wordsOf(client)).toEqual(expected);
    for (const limit of [1, 2, 3]) {
      const seen: string[] = [];
      for (let next: string | null = ''; next !== null;) {
        const page = await list(client, `?limit=${limit}${next && `&before=${next}`}`);
        expect(page.items.length).toBeLessThanOrEqual(limit);
        seen.push(...page.items.map(({ words }) => words));
        next = page.next;
      }
      expect({ limit, seen }).toEqual({ limit, seen: expected });
    }
  });

  it('have no page after what is no note of theirs', async () => {
    const [client, other] = [await registerClient(service), await registerClient(service)];
    await write(client);
    const theirs = await write(other);
    expect(await wordsOf(client, `?before=${theirs}`)).toEqual([]);
    const path = `/api/v1/clients/${client}/case-notes`;
    expectProblem(await caseworker().get(`${path}?before=last`), {
      status: 400,
      code: 'cursor-malformed',
      field: 'before',
    });
    expect((await caseworker().get(`${path}?limit=101`)).status).toBe(422);
  });

  it('are read and written by the supervisor of the team too, and by nobody else', async () => {
    const client = await registerClient(service);
    await write(client, { words: 'of the caseworker' });
    await write(client, { words: 'of the supervisor' }, service.as('supervisor'));
    const { items } = await list(client, '', service.as('supervisor'));
    expect(items.map(({ by }) => by)).toEqual(['supervisor 1', 'caseworker 1']);
    const rows = await watchRows(service.db.url);
    const before = withoutTrail(await rows.now());
    const stranger = service.as('caseworker', 2);
    const notThere = { status: 404, code: 'not-found', field: 'code' };
    expectProblem(await post(client, noteBody(), stranger), notThere);
    expectProblem(await stranger.get(`/api/v1/clients/${client}/case-notes`), notThere);
    for (const role of ['finance-preparer', 'donor', 'auditor', 'administrator'] as const) {
      expectProblem(await post(client, noteBody(), service.as(role)), { status: 403, code: 'forbidden' });
      const reading = await service.as(role).get(`/api/v1/clients/${client}/case-notes`);
      expectProblem(reading, { status: 403, code: 'forbidden' });
    }
    expect(withoutTrail(await rows.now())).toEqual(before);
    await rows.stop();
  });

  it('are not shown under an emergency access', async () => {
    const client = await registerClient(service);
    await write(client);
    const helper = service.as('caseworker', 2);
    await helper.post(`/api/v1/clients/${client}/emergency-access`, { reason: 'medical' }).expect(201);
    await helper.get(`/api/v1/clients/${client}/contacts`).expect(200);
    const notThere = { status: 404, code: 'not-found', field: 'code' };
    expectProblem(await helper.get(`/api/v1/clients/${client}/case-notes`), notThere);
    expectProblem(await post(client, noteBody(), helper), notThere);
  });

  it('are neither written nor read once consent to hold data is withdrawn, and are there again when it is given', async () => {
    const client = await registerClient(service);
    await write(client);
    const consent = { purpose: 'hold-data', language: 'my' };
    await caseworker()
      .post(`/api/v1/clients/${client}/consents`, { ...consent, given: false })
      .expect(204);
    const withdrawn = { status: 409, code: 'consent-withdrawn', field: 'code' };
    expectProblem(await post(client, noteBody()), withdrawn);
    expectProblem(await caseworker().get(`/api/v1/clients/${client}/case-notes`), withdrawn);
    await caseworker()
      .post(`/api/v1/clients/${client}/consents`, { ...consent, given: true })
      .expect(204);
    expect(await wordsOf(client)).toEqual(['She found work.']);
  });

  it('leave a trace when they are written, corrected and read, which says how many and no word of them', async () => {
    const client = await registerClient(service);
    const first = await write(client);
    const second = await write(client, { corrects: first, words: 'She found work at a mill.' });
    await list(client, '', service.as('supervisor'));
    const [me, supervisor] = [service.actor('caseworker').userId, service.actor('supervisor').userId];
    expect(await acts(client, 'note.write')).toEqual([{ actor_id: me, detail: { note: first } }]);
    expect(await acts(client, 'note.correct')).toEqual([{ actor_id: me, detail: { note: second } }]);
    expect(await acts(client, 'note.read')).toEqual([{ actor_id: supervisor, detail: { notes: 2 } }]);
  });

  it('are in no table in clear, neither as they are read nor as they were typed', async () => {
    const client = await registerClient(service);
    const secret = 'Zynote the man at the pier';
    await write(client, { words: secret });
    await write(client, { words: inZawgyi(BURMESE) });
    await list(client);
    const rows = await watchRows(service.db.url);
    const everything = Object.values(await rows.dump()).join('\n');
    await rows.stop();
    for (const text of [secret, 'at the pier', BURMESE, inZawgyi(BURMESE), 'ဆေးခန်း'])
      for (const form of [text, Buffer.from(text).toString('hex'), Buffer.from(text).toString('base64')])
        expect(everything).not.toContain(form);
  });

  it('do not open in the place of another, not even of the same client', async () => {
    const client = await registerClient(service);
    const [one, other] = [await write(client, { words: 'one' }), await write(client, { words: 'other' })];
    const swap = `do $$ begin set local session_replication_role = replica;
      update casework.case_note t set words_sealed = o.words_sealed from casework.case_note o
      where t.id in ('${one}', '${other}') and o.id in ('${one}', '${other}') and o.id <> t.id; end $$`;
    await sql(service.db.url, swap);
    for (const stream of [process.stdout, process.stderr]) jest.spyOn(stream, 'write').mockReturnValue(true);
    const answer = await caseworker().get(`/api/v1/clients/${client}/case-notes`);
    jest.restoreAllMocks();
    expectProblem(answer, { status: 409, code: 'words-do-not-open' });
    await sql(service.db.url, swap);
    expect(await wordsOf(client)).toEqual(['other', 'one']);
  });
});

describe('a note that corrects another', () => {
  it('takes its place, and the other stays and follows it as corrected, wherever pages end', async () => {
    const client = await registerClient(service);
    const first = await write(client, { happenedOn: '2026-02-01', words: 'He owes 500.' });
    const between = await write(client, { happenedOn: '2026-02-10', words: 'All is well.' });
    const second = await write(client, { corrects: first, happenedOn: '2026-02-01', words: 'He owes 5,000.' });
    const third = await write(client, { corrects: second, happenedOn: '2026-02-02', words: 'He owes nothing.' });
    const shown = ({ items }: { items: CaseNote[] }) =>
      items.map(({ id, corrects, correctedBy }) => [id, corrects, correctedBy]);
    const chain = [
      [third, second, null],
      [second, first, third],
      [first, null, second],
    ];
    expect(shown(await list(client))).toEqual([[between, null, null], ...chain]);
    const page = await list(client, '?limit=1');
    expect(shown(page)).toEqual([[between, null, null]]);
    expect(shown(await list(client, `?limit=1&before=${page.next}`))).toEqual(chain);
  });

  it('is the only one: what was corrected is not corrected again, not even by two at the same moment', async () => {
    const client = await registerClient(service);
    const first = await write(client);
    const correction = noteBody({ corrects: first, words: 'She found work at a mill.' });
    await post(client, correction).expect(201);
    await post(client, correction).expect(200);
    const refusal = { status: 409, code: 'note-corrected-before', field: 'corrects' };
    expectProblem(await post(client, noteBody({ corrects: first })), refusal);
    for (let round = 0; round < 4; round += 1) {
      const next = await write(client);
      const answers = await Promise.all(
        Array.from({ length: 4 }, (_, n) => post(client, noteBody({ corrects: next, words: `correction ${n}` }))),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
      for (const answer of answers.filter(({ status }) => status === 409)) expectProblem(answer, refusal);
    }
  });

  it('is of the same client, and of a note that is there', async () => {
    const [client, other] = [await registerClient(service), await registerClient(service)];
    const theirs = await write(other);
    const notThere = { status: 404, code: 'not-found', field: 'corrects' };
    expectProblem(await post(client, noteBody({ corrects: theirs })), notThere);
    expectProblem(await post(client, noteBody({ corrects: newId() })), notThere);
    const body = noteBody();
    expectProblem(await post(client, { ...body, corrects: body.id }), notThere);
  });
});

describe('what the database keeps to, whoever writes', () => {
  it('is that a note says something, of a day that was, once, and is never changed', async () => {
    const [client, other] = [await idOf(await registerClient(service)), await idOf(await registerClient(service))];
    const kept = newId();
    const insert = (values: Record<string, string> = {}) => {
      const row = {
        id: 'gen_random_uuid()',
        client_id: `'${client}'`,
        happened_on: `'${TODAY}'`,
        kind: "'call'",
        next_on: 'null',
        words_sealed: "'\\x00'",
        corrects: 'null',
        recorded_by: `'${service.actor('caseworker').userId}'`,
        recorded_at: `'${TODAY}T03:00:00Z'`,
        content_sha256: "sha256('')",
        ...values,
      };
      return `insert into casework.case_note (${Object.keys(row).join()}) values (${Object.values(row).join()})`;
    };
    await sql(service.db.url, insert({ id: `'${kept}'` }));
    await sql(service.db.url, insert({ corrects: `'${kept}'` }));
    const self = newId();
    const refused: Record<string, string> = {
      [insert({ words_sealed: 'null' })]: '23502',
      [insert({ kind: "'interrogation'" })]: '23514',
      [insert({ happened_on: "'2026-03-04'" })]: '23514',
      [insert({ next_on: "'2026-03-01'" })]: '23514',
      [insert({ next_on: "'2027-04-07'" })]: '23514',
      [insert({ corrects: `'${kept}'` })]: '23505',
      [insert({ id: `'${self}'`, corrects: `'${self}'` })]: '23514',
      [insert({ client_id: `'${other}'`, corrects: `(select id from casework.case_note where corrects = '${kept}')` })]:
        '23503',
    };
    expect(await outcomesAs(service.db.url, 'uct_service', Object.keys(refused))).toEqual(refused);
    const changes = [
      `update casework.case_note set words_sealed = '\\x01' where id = '${kept}'`,
      `update casework.case_note set words_sealed = null where id = '${kept}'`,
      `update casework.case_note set next_on = '${TODAY}' where id = '${kept}'`,
      `delete from casework.case_note where id = '${kept}'`,
    ];
    for (const [role, code] of [
      ['uct_service', '42501'],
      ['uct_owner', 'UCT01'],
    ] as const)
      expect(await outcomesAs(service.db.url, role, changes)).toEqual(
        Object.fromEntries(changes.map((statement) => [statement, code])),
      );
  });
});
