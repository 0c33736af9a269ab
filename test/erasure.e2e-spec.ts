/** Everything held of a client is shown to them, and is gone when they ask for it, while books, proofs and published reports stand. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { operatorActor, scheduleActor, type Role } from '../src/access/domain/actor.js';
import { HeldData } from '../src/clients/rights/held-data.js';
import { ErasureService } from '../src/clients/rights/erasure.service.js';
import { ExportService, type HeldExport } from '../src/clients/rights/export.service.js';
import { DonorReportsService } from '../src/donor-reports/donor-reports.service.js';
import { ReportBundlesService } from '../src/donor-reports/report-bundles.service.js';
import { BooksService } from '../src/ledger/books.service.js';
import { SequencerService } from '../src/ledger/transparency-log/sequencer.service.js';
import { VerificationService } from '../src/ledger/verification/verification.service.js';
import { heldText } from '../src/web/held-words.js';
import { clientBody, newId, openFund, prepareRun, ranks, registerClient, releaseRun } from './support/builders.js';
import { sightings } from './support/canaries.js';
import { sql } from './support/database.js';
import { outcomesAs } from './support/outcomes.js';
import { expectProblem } from './support/raw-requests.js';
import { watchRows } from './support/rows.js';
import { brokenRules, report, transfersOf } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

const CANARIES = {
  identity: [
    'Zxname',
    'Zxroman',
    '1961-12-03',
    'Zx-phone',
    'Zxstreet',
    'Zxbank',
    'Zx-account',
    'Zx-passport',
    'Zxguardian',
    'Zxkin',
    'Zxdanger',
  ],
  words: ['Zxneed', 'Zxplan', 'Zxcameof', 'Zxnever', 'Zxcontact', 'Zxnote', 'Zxemergency', 'Zxparty'],
  corrected: ['Zxsecondname'],
};
const everyCanary = Object.values(CANARIES).flat();

const identity = {
  names: [{ text: 'Zxname', script: 'Latn', romanised: 'Zxroman' }],
  dateOfBirth: '1961-12-03',
  otherPhones: ['Zx-phone'],
  otherAddresses: ['Zxstreet'],
  payee: { bank: 'Zxbank', account: 'Zx-account' },
  documents: [{ kind: 'Passport', number: 'Zx-passport' }],
  guardian: { names: [{ text: 'Zxguardian' }] },
  kin: [{ names: [{ text: 'Zxkin' }], mayKnow: false }],
  safety: ['Zxdanger'],
};

let service: TestService;
let fund: string;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  fund = await openFund(service);
});
afterAll(() => service.close());

/** A client of whom every room holds something; enrolled, with the transfers. */
async function clientKnownEverywhere(options: { enrolled?: boolean; inEmergency?: boolean; fund?: string } = {}) {
  const registered = await service
    .as('caseworker')
    .post('/api/v1/clients', { ...clientBody(), identity })
    .expect(201);
  const code = registered.body.code as string;
  const work = `/api/v1/clients/${code}`;
  const post = (path: string, body: object) => service.as('caseworker').post(`${work}/${path}`, body).expect(201);
  const { body: corrected } = await service
    .as('caseworker')
    .post(`${work}/identity`, {
      identity: { ...identity, names: [...identity.names, { text: 'Zxsecondname' }] },
      expectedVersion: 1,
    })
    .expect(200);
  expect(corrected).toEqual({ version: 2, changed: ['names'] });
  await post('needs-assessments', {
    id: newId(),
    assessedOn: TODAY,
    ranks: ranks('food'),
    interpretations: { food: 'Zxneed' },
  });
  const plan = newId();
  await post('spending-plans', {
    id: plan,
    items: [{ need: 'debt', description: 'Zxplan', amount: '500.00', currency: 'THB' }],
  });
  await post(`spending-plans/${plan}/tracking`, {
    id: newId(),
    items: [{ item: 1, spent: '450.00', currency: 'THB', cameOf: 'Zxcameof' }],
  });
  await post('safe-contact', { replaces: 0, rules: { channels: ['call'], language: 'my', never: 'Zxnever' } });
  await post('contacts', {
    id: newId(),
    rulesVersion: 1,
    direction: 'incoming',
    channel: 'call',
    outcome: 'reached',
    words: 'Zxcontact',
  });
  await post('case-notes', { id: newId(), kind: 'call', nextOn: TODAY, words: 'Zxnote' });
  await service
    .as('caseworker')
    .post(`${work}/consents`, { purpose: 'share', given: true, party: 'Zxparty', language: 'my' })
    .expect(204);
  // Nobody opens more than five.
  if (options.inEmergency)
    await service
      .as('caseworker', 2)
      .post(`${work}/emergency-access`, { reason: 'medical', words: 'Zxemergency' })
      .expect(201);
  let transfers: { id: string }[] = [];
  if (options.enrolled !== false) {
    const body = { id: newId(), client: code, fund: options.fund ?? fund, anchorOn: TODAY, rail: 'manual' };
    const enrolled = await service
      .as('supervisor')
      .post('/api/v1/enrolments', body)
      .set('idempotency-key', newId())
      .expect(201);
    transfers = enrolled.body.transfers as { id: string }[];
  }
  const [{ id }] = (await sql<{ id: string }>(service.db.url, 'select id from casework.client where code = $1', [
    code,
  ])) as [{ id: string }];
  return { code, id, work, transfers };
}

async function bundleOf(reportId: string): Promise<string> {
  const { parts } = await service.app.get(ReportBundlesService).open(service.actor('auditor'), reportId, 'auditor');
  let text = '';
  for await (const part of parts) text += part;
  return text;
}

const exportOf = async (code: string, role: Role = 'supervisor'): Promise<HeldExport> =>
  (await service.as(role).get(`/api/v1/clients/${code}/export`).expect(200)).body as HeldExport;
const erase = (code: string) => service.as('supervisor').delete(`/api/v1/clients/${code}`);
const missingIn = (text: string) => everyCanary.filter((canary) => sightings(text, canary).length === 0);

describe('Everything that is held of a client', () => {
  it('is in the export, in JSON, on the page and in the text: every version, every word, the money and who looked', async () => {
    const { code, transfers } = await clientKnownEverywhere({ inEmergency: true });
    const held = await exportOf(code);
    expect(held).toMatchObject({ format: 'uct-ledger/held-data/1', client: code });
    expect(missingIn(JSON.stringify(held))).toEqual(
      ['1961-12-03'].filter((day) => !JSON.stringify(held).includes(day)),
    );
    expect(Object.keys(held.held).sort()).toEqual(
      service.app
        .get(HeldData)
        .holders.map(({ name }) => name)
        .sort(),
    );
    expect(held.held.transfers).toMatchObject([
      {
        amountOfEach: '4707.00',
        currency: 'THB',
        paidBy: 'manual',
        transfers: [{ instalment: 1, dueOn: TODAY, state: 'scheduled' }, {}, {}],
      },
    ]);
    expect(transfers).toHaveLength(3);
    const acts = (held.held.records as { act: string; actedAs: string[] }[]).map(({ act, actedAs }) => [act, actedAs]);
    expect(acts).toContainEqual(['assessment.record', ['caseworker']]);
    expect(acts).toContainEqual(['enrolment.approve', ['supervisor']]);
    expect(acts).toContainEqual(['identity.read', ['caseworker']]);
    expect(JSON.stringify(held)).not.toMatch(/caseworker 1|supervisor 1/);

    const page = await service.as('supervisor').get(`/clients/${code}/export`).set('accept', 'text/html').expect(200);
    for (const text of [page.text, heldText(held)]) {
      expect(missingIn(text)).toEqual(['1961-12-03']); // as a person writes it:
      expect(text).toMatch(/3.December 1961/);
      expect(text).toMatch(/4,707\.00.THB/);
      expect(text).not.toMatch(/undefined|\[object/);
    }
  });

  it('does nothing to the terminal that it is printed on, whatever somebody wrote into it', async () => {
    const { code } = await clientKnownEverywhere({ enrolled: false });
    const held = await exportOf(code);
    const written = 'one\r\n\ttwo\u001b]0;owned\u0007\u009b2J\u202eabc\u2066\rthree';
    const text = heldText({ ...held, held: { ...held.held, identity: { now: { address: written } } } });
    expect(text).not.toMatch(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/u);
    expect(text).toMatch(/one\n +\ttwo\ufffd\]0;owned\ufffd\ufffd2J\ufffdabc\ufffd\ufffdthree/);
  });

  it('tells a caseworker nothing of what was said in an emergency, which may be about them: a supervisor gives it', async () => {
    const { code } = await clientKnownEverywhere({ enrolled: false, inEmergency: true });
    const held = await exportOf(code, 'caseworker');
    expect(missingIn(JSON.stringify(held))).toEqual(['Zxemergency']);
    expect(held.held.emergencies).toMatchObject([{ reason: 'medical', notesAreGivenBy: 'a supervisor' }]);
    const page = await service.as('caseworker').get(`/clients/${code}/export`).set('accept', 'text/html').expect(200);
    expect(page.text).not.toContain('Zxemergency');
    expect(page.text).toMatch(/What was said is given to you by[\s\S]{0,80}a supervisor/);
    const operator = await service.app.get(ExportService).make(operatorActor('test'), code);
    expect(missingIn(JSON.stringify(operator))).toEqual([]);
  });

  it('is there for them when they withdrew their consent to holding it', async () => {
    const { code, work } = await clientKnownEverywhere({ enrolled: false, inEmergency: true });
    await service
      .as('caseworker')
      .post(`${work}/consents`, { purpose: 'hold-data', given: false, language: 'my' })
      .expect(204);
    expect(missingIn(JSON.stringify(await exportOf(code)))).toEqual([]);
  });

  it('is recorded as put together, for those within reach and for the operator only', async () => {
    const { code, id } = await clientKnownEverywhere({ enrolled: false });
    expectProblem(await service.as('caseworker', 2).get(`/api/v1/clients/${code}/export`), {
      status: 404,
      code: 'not-found',
      field: 'code',
    });
    expect((await service.as('finance-preparer').get(`/api/v1/clients/${code}/export`)).status).toBe(403);
    const exports = () =>
      sql(
        service.db.url,
        "select act from access.audit_event where subject_id = $1 and act in ('client.export', 'identity.read') order by seq",
        [id],
      );
    const before = (await exports()).length;
    await service.app.get(ExportService).make(operatorActor('test'), code);
    expect((await exports()).slice(before)).toEqual([{ act: 'identity.read' }, { act: 'client.export' }]);
  });

  it('is in tables that a holder answers for: no table with client data is forgotten', async () => {
    const named = service.app.get(HeldData).holders.flatMap(({ tables }) => tables);
    const found = await sql<{ name: string }>(service.db.url, TABLES_WITH_CLIENT_DATA);
    expect(found.length).toBeGreaterThan(15);
    expect(found.map(({ name }) => name).filter((name) => !named.includes(name))).toEqual([]);
    const all = await sql<{ name: string }>(
      service.db.url,
      "select schemaname || '.' || tablename name from pg_tables",
    );
    expect(named.filter((name) => !all.some((table) => table.name === name))).toEqual([]);
  });
});

/** Whatever refers to a client, however many steps away, has a column that names one, or holds something sealed. */
const TABLES_WITH_CLIENT_DATA = `
  with recursive reaches(id) as (
    select 'casework.client'::regclass::oid
    union select conrelid from pg_constraint join reaches on confrelid = reaches.id where contype = 'f'
  )
  select n.nspname || '.' || c.relname name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema', 'bullmq')
    and (c.oid in (select id from reaches)
         or exists (select from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
                    and (a.attname in ('client_id', 'obligation_id', 'enrolment_id') or a.attname like '%\\_sealed')))
  order by 1`;

describe('Erasing a client', () => {
  it('waits while a payment is under way, and changes nothing', async () => {
    const { code, transfers } = await clientKnownEverywhere();
    const run = await prepareRun(service, TODAY);
    const rows = await watchRows(service.db.url);
    const before = await rows.now();
    expectProblem(await erase(code), { status: 409, code: 'payment-under-way', field: undefined });
    expect(await rows.now()).toEqual(before);
    await rows.stop();
    await service.as('finance-approver').post(`/api/v1/runs/${run.id}/approvals`, { digest: run.digest }).expect(200);
    await service.as('finance-releaser').post(`/api/v1/runs/${run.id}/release`, { digest: run.digest }).expect(200);
    expectProblem(await erase(code), { status: 409, code: 'payment-under-way', field: undefined });
    const { items } = (await service.as('auditor').get(`/api/v1/transfers?run=${run.id}`).expect(200)).body as {
      items: { id: string }[];
    };
    await report(
      service,
      run.id,
      ...items.map(({ id }) => ({ transfer: id, outcome: 'failed' as const, code: 'AC01' })),
    );
    await service.as('finance-releaser').post(`/api/v1/transfers/${transfers[0]?.id}/reissue`).expect(204);
    const answer = await erase(code).expect(200);
    expect(answer.body.deleted).toMatchObject({ transfersEnded: 3 });
    const states = await sql(
      service.db.url,
      'select instalment, state from payments.obligation where id = any($1) order by 1',
      [transfers.map(({ id }) => id)],
    );
    // The first was to be paid again: it is as it was when it did not arrive, so that late news of it has a place.
    expect(states).toEqual([
      { instalment: 1, state: 'failed' },
      { instalment: 2, state: 'cancelled' },
      { instalment: 3, state: 'cancelled' },
    ]);
    await report(service, run.id, { transfer: transfers[0]?.id ?? '', outcome: 'settled', reference: 'late' });
    expect(await brokenRules(service)).toEqual([]);
  });

  it('is certified by a certificate that can be checked, and of which nothing tells whom it is about', async () => {
    const { code } = await clientKnownEverywhere({ enrolled: false });
    const certificate = (await erase(code).expect(200)).body as { number: string; formerCode: string };
    const check = (body: object) => service.as('supervisor').post('/api/v1/erasures/check', body);
    expect((await check(certificate).expect(200)).body).toEqual({ genuine: true });
    expect((await check({ ...certificate, formerCode: 'C-00000000' }).expect(200)).body).toEqual({ genuine: false });
    const kept = await service.as('supervisor').get(`/api/v1/erasures/${certificate.number}`).expect(200);
    expect(Object.keys(kept.body as object).sort()).toEqual([
      'backupsClearOn',
      'deleted',
      'erasedAt',
      'kept',
      'number',
    ]);
    const page = await service
      .as('supervisor')
      .get(`/erasures/${certificate.number}`)
      .set('accept', 'text/html')
      .expect(200);
    expect(page.text).toContain(certificate.number);
    expect(page.text).not.toContain(code);
  });

  it('is for supervisors of the team and for the operator', async () => {
    const { code, work } = await clientKnownEverywhere({ enrolled: false });
    for (const who of [service.as('caseworker'), service.as('finance-approver'), service.as('auditor')]) {
      expect((await who.delete(work)).status).toBe(403);
    }
    await service.as('supervisor').get(`/api/v1/clients/${code}`).expect(200);
  });

  it('leaves nobody who writes at the same moment behind it: it is written before and erased, or refused', async () => {
    const written = await Promise.all(
      Array.from({ length: 6 }, async (_, n) => {
        // Whoever is enrolled may be in the run before the erasure comes, which is refused then.
        const { code, id, work } = await clientKnownEverywhere({ enrolled: n < 3 });
        const plan = { id: newId(), items: [{ need: 'debt', description: 'Zxlate', amount: '1.00', currency: 'THB' }] };
        const assessment = {
          id: newId(),
          assessedOn: TODAY,
          ranks: ranks('food'),
          interpretations: { food: 'Zxlate' },
        };
        const answers = await Promise.all([
          service.as('caseworker').post(`${work}/needs-assessments`, assessment),
          service.as('caseworker').post(`${work}/spending-plans`, plan),
          erase(code),
          service.as('caseworker').post(`${work}/case-notes`, { id: newId(), kind: 'call', words: 'Zxlate' }),
          service.as('caseworker').post(`${work}/identity`, { identity, expectedVersion: 2 }),
          service.as('finance-preparer').post('/api/v1/runs', { id: newId(), dueThrough: TODAY }),
        ]);
        expect(answers.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
        return { id, isErased: answers[2].status === 200 };
      }),
    );
    const erased = written.filter(({ isErased }) => isErased).map(({ id }) => id);
    expect(erased.length).toBeGreaterThan(0);
    for (const id of erased) {
      const left = (await sql<{ hex: string | null }>(service.db.url, SEALED_WORDS_OF_CLIENT, [id])).filter(
        ({ hex }) => hex !== null,
      );
      expect(left).toEqual([]);
      const open = await sql(
        service.db.url,
        "select state from payments.obligation where client_id = $1 and state in ('planned', 'scheduled', 'on_hold', 'in_run')",
        [id],
      );
      expect(open).toEqual([]);
    }
  });
});

describe('What the database refuses of somebody who is erased, whoever asks', () => {
  let id: string;
  let living: string;

  beforeAll(async () => {
    const gone = await clientKnownEverywhere();
    ({ id } = gone);
    living = (await clientKnownEverywhere()).id;
    await erase(gone.code).expect(200);
  });

  it('is anything new', async () => {
    const user = service.actor('caseworker').userId;
    const digest = "decode(repeat('00', 32), 'hex')";
    const statements = [
      `insert into casework.consent (id, client_id, purpose, given, language, recorded_on, recorded_by, recorded_at)
       values (gen_random_uuid(), '${id}', 'be-paid', true, 'my', current_date, '${user}', now())`,
      `insert into casework.assignment (id, client_id, caseworker_id, previous_id, assigned_by, assigned_at)
       values (gen_random_uuid(), '${id}', '${user}', '${user}', '${user}', now())`,
      `select pii.store_identity('${id}', 1, '\\x${'00'.repeat(40)}', now())`,
      `insert into casework.plan_tracking (id, plan_id, told_on, recorded_by, recorded_at, content_sha256)
       select gen_random_uuid(), id, current_date, '${user}', now(), ${digest} from casework.spending_plan where client_id = '${id}'`,
      `update casework.client set region = 'x' where id = '${id}'`,
      `update payments.obligation set state = 'scheduled', cancelled_at = null where client_id = '${id}' and state = 'cancelled'`,
    ];
    for (const role of ['uct_service', null]) {
      const ended = await outcomesAs(service.db.url, role, statements);
      expect(Object.values(ended).map((code) => (['UCT16', 'UCT41'].includes(code) ? 'refused' : code))).toEqual(
        statements.map((statement) =>
          role && /assignment/.test(statement) ? ended[statement] && 'refused' : 'refused',
        ),
      );
    }
  });

  it('is any change but that words go, and of nobody who is not erased', async () => {
    const ofClient = (whose: string) =>
      `assessment_id in (select id from casework.needs_assessment where client_id = '${whose}')`;
    const refused = [
      `update casework.need_rank set interpretation_sealed = null where interpretation_sealed is not null and ${ofClient(living)}`,
      `update casework.need_rank set interpretation_sealed = '\\x00' where rank = 4 and ${ofClient(id)}`,
      `update casework.need_rank set rank = 3 where ${ofClient(id)}`,
      `update casework.needs_assessment set content_sha256 = casework.random_digest() where client_id = '${living}'`,
      `update casework.needs_assessment set assessed_on = current_date where client_id = '${id}'`,
      `delete from casework.need_rank where ${ofClient(id)}`,
      `update casework.safe_contact set content_sealed = null where client_id = '${living}'`,
      `update casework.case_note set words_sealed = null, next_on = null where client_id = '${living}'`,
      `update casework.case_note set next_on = current_date where client_id = '${id}'`,
      `delete from casework.case_note where client_id = '${id}'`,
      `delete from pii.identity where client_id = '${living}'`,
      `update pii.identity set sealed = sealed where client_id = '${living}'`,
      'delete from access.idempotent_answer',
      "update access.idempotent_answer set body = '{}'",
    ];
    for (const role of ['uct_owner', null]) {
      expect(await outcomesAs(service.db.url, role, refused)).toEqual(
        Object.fromEntries(refused.map((statement) => [statement, 'UCT01'])),
      );
    }
    expect(
      await outcomesAs(service.db.url, null, [`update casework.client set erased_at = now() where id = '${living}'`]),
    ).toEqual({
      [`update casework.client set erased_at = now() where id = '${living}'`]: 'UCT16',
    });
  });

  it('is nothing of what a restored list of the erased asks for: an older copy forgets them too', async () => {
    const { id: older, code } = await clientKnownEverywhere({ inEmergency: true });
    await sql(service.db.url, 'select pii.restore_erased($1, $2)', [[older], [new Date()]], 'uct_service');
    const left = (await sql<{ hex: string | null }>(service.db.url, SEALED_WORDS_OF_CLIENT, [older])).filter(
      ({ hex }) => hex !== null,
    );
    expect(left).toEqual([]);
    const [client] = await sql<{ code: string; erased: boolean }>(
      service.db.url,
      'select code, erased_at is not null erased from casework.client where id = $1',
      [older],
    );
    expect(client?.erased).toBe(true);
    expect(client?.code).not.toBe(code);
  });
});

/** Last: a quarter is closed by it, and nothing is booked there any more. */
describe('Once a client is erased', () => {
  it('nothing of them is in any table, and books, proofs and published reports are as they were', async () => {
    const reported = await openFund(service);
    const { code, id, transfers } = await clientKnownEverywhere({ inEmergency: true, fund: reported });
    const other = await registerClient(service, { name: 'Somebody Else' });
    const run = await releaseRun(service, TODAY);
    await report(service, run.id, { transfer: transfers[0]?.id ?? '', outcome: 'settled' });
    travel(service, '2026-04-01');
    const { report: made } = await service.app
      .get(DonorReportsService)
      .make(service.actor('finance-preparer'), { fund: reported, period: '2026-Q1' });
    for (const day of ['2026-04-02', '2026-04-03']) {
      travel(service, day);
      await service.app.get(SequencerService).publishDue(scheduleActor('test'));
    }
    const published = async () => ({
      report: await sql(service.db.url, 'select t::text as row from reports.donor_report t where id = $1', [made.id]),
      bundle: await bundleOf(made.id),
      books: await service.app.get(BooksService).trialBalance(operatorActor('test')),
      ledger: await sql(service.db.url, 'select t::text as row from ledger.entry t order by seq'),
    });
    const before = await published();
    const sealed = (await sql<{ hex: string }>(service.db.url, SEALED_OF_CLIENT, [id])).map(({ hex }) => hex);
    expect(sealed.length).toBeGreaterThanOrEqual(16);
    const found = async () => {
      const rows = await watchRows(service.db.url);
      const dump = Object.values(await rows.dump()).join('\n');
      await rows.stop();
      return sealed.filter((hex) => dump.includes(hex)).length + sightings(dump, code).length;
    };
    expect(await found()).toBeGreaterThan(sealed.length);

    const certificate = await service.app.get(ErasureService).erase(operatorActor('test'), code);

    expect(await found()).toBe(0);
    expect(certificate).toMatchObject({
      formerCode: code,
      backupsClearOn: '2026-05-03',
      deleted: {
        identityVersions: 2,
        dataKeys: 1,
        ownWords: 3,
        safeContactRules: 1,
        contactNotes: 2,
        caseNotes: 1,
        transfersEnded: 2,
      },
    });
    expect(await published()).toEqual(before);
    expect(await brokenRules(service)).toEqual([]);
    expect((await service.app.get(VerificationService).run(operatorActor('test'))).holds).toBe(true);
    travel(service, TODAY);
    for (const path of ['', '/identity', '/export', '/needs-assessments/latest', '/spending-plans', '/case-notes']) {
      expectProblem(await service.as('supervisor').get(`/api/v1/clients/${code}${path}`), {
        status: 404,
        code: 'not-found',
        field: 'code',
      });
    }
    const listed = await service.as('supervisor').get('/api/v1/clients?limit=1000').expect(200);
    expect((listed.body.items as { id: string }[]).map((client) => client.id)).not.toContain(id);
    await service.as('caseworker').get(`/api/v1/clients/${other}/identity`).expect(200);
    expectProblem(await erase(code), { status: 404, code: 'not-found', field: 'code' });
    const [first] = await transfersOf(
      service,
      (await sql<{ code: string }>(service.db.url, 'select code from casework.client where id = $1', [id]))[0]?.code ??
        '',
    );
    expect(first).toMatchObject({ state: 'settled', amount: '4707.00' });
  });
});

const WORDS = `
  select encode(r.interpretation_sealed, 'hex') hex from casework.need_rank r join casework.needs_assessment a on a.id = r.assessment_id where a.client_id = $1
  union all select encode(i.description_sealed, 'hex') from casework.plan_item i join casework.spending_plan p on p.id = i.plan_id where p.client_id = $1
  union all select encode(i.came_of_sealed, 'hex') from casework.tracked_item i join casework.spending_plan p on p.id = i.plan_id where p.client_id = $1
  union all select encode(content_sealed, 'hex') from casework.safe_contact where client_id = $1
  union all select encode(words_sealed, 'hex') from casework.contact where client_id = $1
  union all select encode(words_sealed, 'hex') from casework.emergency_access where client_id = $1
  union all select encode(words_sealed, 'hex') from casework.case_note where client_id = $1
  union all select encode(sealed, 'hex') from pii.identity where client_id = $1
  union all select encode(wrapped, 'hex') from pii.data_key where client_id = $1`;
const SEALED_WORDS_OF_CLIENT = `select hex from (${WORDS}) words`;
/** With the keyed digests of what was written. */
const SEALED_OF_CLIENT = `
  select hex from (${WORDS}
    union all select encode(content_sha256, 'hex') from casework.client where id = $1
    union all select encode(content_sha256, 'hex') from casework.needs_assessment where client_id = $1
    union all select encode(content_sha256, 'hex') from casework.spending_plan where client_id = $1
    union all select encode(t.content_sha256, 'hex') from casework.plan_tracking t join casework.spending_plan p on p.id = t.plan_id where p.client_id = $1
    union all select encode(content_sha256, 'hex') from casework.case_note where client_id = $1
    union all select encode(content_sha256, 'hex') from casework.contact where client_id = $1) sealed
  where hex is not null`;
