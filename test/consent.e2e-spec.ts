/** Consent by purpose and scope, and that withdrawing it counts at once, by the API and in the database. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { scheduleActor } from '../src/access/domain/actor.js';
import { InstructionsService } from '../src/transfers/instructions.service.js';
import { RunsService } from '../src/transfers/runs.service.js';
import {
  clientBody,
  enrolClient,
  newId,
  openFund,
  prepareRun,
  ranks,
  registerClient,
  type RunBody,
} from './support/builders.js';
import { sql } from './support/database.js';
import { outcomesAs } from './support/outcomes.js';
import { expectProblem } from './support/raw-requests.js';
import { watchRows } from './support/rows.js';
import { books, brokenRules, callOffWhatIsDue, firstTransfer, refusal, report } from './support/runs.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());

const caseworker = () => service.as('caseworker');
const give = (client: string, purpose: string, party?: string) =>
  caseworker().post(`/api/v1/clients/${client}/consents`, { purpose, party, given: true, language: 'my' });
const withdraw = (client: string, purpose: string, party?: string) =>
  caseworker().post(`/api/v1/clients/${client}/consents/withdrawals`, { purpose, party, language: 'my' });

interface State {
  purpose: string;
  party: string | null;
  given: boolean;
}
const states = async (client: string, purpose: string) => {
  const { body } = await caseworker().get(`/api/v1/clients/${client}`).expect(200);
  const { consents } = body as { consents: State[] };
  return consents.filter((one) => one.purpose === purpose).map(({ party, given }) => [party, given]);
};

const enrol = (client: string, fund: string, rail: 'cash' | 'manual') =>
  service.as('supervisor').post('/api/v1/enrolments', { id: newId(), client, fund, anchorOn: TODAY, rail });

const approve = (run: RunBody) =>
  service.as('finance-approver').post(`/api/v1/runs/${run.id}/approvals`, { digest: run.digest }).expect(200);
const release = (run: RunBody) =>
  service.as('finance-releaser').post(`/api/v1/runs/${run.id}/release`, { digest: run.digest });

/** The client's id, by which the database knows them. */
const idOf = async (code: string) =>
  (await sql<{ id: string }>(service.db.url, 'select id from casework.client where code = $1', [code]))[0]?.id ?? '';

describe('a consent', () => {
  it('is asked for by purpose, and is not given when nobody asked', async () => {
    const client = await registerClient(service);
    const { body } = await caseworker().get(`/api/v1/clients/${client}`).expect(200);
    expect(body.consents).toEqual([
      { purpose: 'hold-data', party: null, given: true, recordedOn: TODAY, language: 'my', interpreter: 'none' },
      { purpose: 'be-paid', party: null, given: true, recordedOn: TODAY, language: 'my', interpreter: 'none' },
      ...['share', 'be-quoted', 'be-contacted'].map((purpose) => ({
        purpose,
        party: null,
        given: false,
        recordedOn: null,
        language: null,
        interpreter: null,
      })),
    ]);
  });

  it('to hold data may stand anywhere among those of a registration', async () => {
    const body = clientBody();
    const { code } = (await caseworker().post('/api/v1/clients', { ...body, consents: body.consents.reverse() })).body;
    expect(await states(code as string, 'be-paid')).toEqual([[null, true]]);
  });

  it('says in which language it was explained and who interpreted', async () => {
    const client = await registerClient(service);
    await caseworker()
      .post(`/api/v1/clients/${client}/consents`, {
        purpose: 'be-quoted',
        given: true,
        language: 'shn',
        interpreter: 'outside',
      })
      .expect(204);
    const { body } = await caseworker().get(`/api/v1/clients/${client}`).expect(200);
    expect(body.consents).toContainEqual({
      purpose: 'be-quoted',
      party: null,
      given: true,
      recordedOn: TODAY,
      language: 'shn',
      interpreter: 'outside',
    });
  });

  it('to share is for one party by name, in whatever letters, and withdrawn from one or from all', async () => {
    const client = await registerClient(service);
    for (const nobody of [undefined, ' ', '\u200b', '\u3164', '-'])
      expectProblem(await give(client, 'share', nobody), { status: 422, code: 'party-missing', field: 'party' });
    await give(client, 'share', 'Legal Aid  Centre').expect(204);
    await give(client, 'share', 'Clinic').expect(204);
    await withdraw(client, 'share', 'LEGAL AID CENTRE').expect(204);
    expect(await states(client, 'share')).toEqual([
      [null, false],
      ['Clinic', true],
      ['Legal Aid Centre', false],
    ]);
    await withdraw(client, 'share').expect(204);
    expect(await states(client, 'share')).toEqual([
      [null, false],
      ['Clinic', false],
      ['Legal Aid Centre', false],
    ]);
  });

  it.each([
    ['hold-data', 'somebody', 'consent-without-party'],
    ['be-contacted', 'somebody', 'consent-without-party'],
    ['be-paid', 'pigeon', 'unknown-rail'],
  ])('%s is not for %s', async (purpose, party, code) => {
    const client = await registerClient(service);
    expectProblem(await give(client, purpose, party), { status: 422, code, field: 'party' });
    expectProblem(await withdraw(client, purpose, party), { status: 422, code, field: 'party' });
    const id = await idOf(client);
    const insert = `insert into casework.consent (id, client_id, purpose, party, given, language, recorded_on, recorded_by, recorded_at)
                    select gen_random_uuid(), '${id}', '${purpose}', '${party}', true, 'my', current_date, caseworker_id, now()
                    from casework.client where id = '${id}'`;
    expect(await outcomesAs(service.db.url, 'uct_service', [insert])).toEqual({ [insert]: '23514' });
  });

  it('to share with nobody in particular is refused by the database too', async () => {
    const id = await idOf(await registerClient(service));
    const insert = `insert into casework.consent (id, client_id, purpose, given, language, recorded_on, recorded_by, recorded_at)
                    select gen_random_uuid(), '${id}', 'share', true, 'my', current_date, caseworker_id, now() from casework.client where id = '${id}'`;
    expect(await outcomesAs(service.db.url, 'uct_service', [insert])).toEqual({ [insert]: '23514' });
  });

  it('leaves its purpose in the audit trail, and no party', async () => {
    const client = await registerClient(service);
    await give(client, 'share', 'Clinic of Somewhere').expect(204);
    await withdraw(client, 'share').expect(204);
    const rows = await sql<{ act: string; detail: object }>(
      service.db.url,
      "select act, detail from access.audit_event where subject_id = $1 and act like 'consent.%' order by seq",
      [await idOf(client)],
    );
    expect(rows).toEqual([
      { act: 'consent.give', detail: { purpose: 'share' } },
      { act: 'consent.withdraw', detail: { purpose: 'share' } },
    ]);
  });
});

describe('consent to be paid', () => {
  it('is for every rail unless one is named, and the latest word counts for each', async () => {
    const fund = await openFund(service);
    const client = await registerClient(service, { consentToBePaid: false });
    const refused = { status: 422, code: 'consent-to-be-paid-missing' };
    expect(refusal(await enrol(client, fund, 'cash'))).toEqual(refused);
    await give(client, 'be-paid', 'cash').expect(204);
    expect(refusal(await enrol(client, fund, 'manual'))).toEqual(refused);
    await give(client, 'be-paid').expect(204);
    await withdraw(client, 'be-paid', 'cash').expect(204);
    expect(refusal(await enrol(client, fund, 'cash'))).toEqual(refused);
    await enrol(client, fund, 'manual').expect(201);
    await callOffWhatIsDue(service);
  });

  it('withdrawn for another rail stops nothing; for this one or for all it does', async () => {
    const fund = await openFund(service);
    const { client } = await enrolClient(service, fund, TODAY, { rail: 'cash' });
    await withdraw(client, 'be-paid', 'cash').expect(204);
    const prepare = () => service.as('finance-preparer').post('/api/v1/runs', { id: newId(), dueThrough: TODAY });
    expect(refusal(await prepare())).toEqual({ status: 422, code: 'nothing-due' });
    await give(client, 'be-paid').expect(204);
    await withdraw(client, 'be-paid', 'manual').expect(204);
    await prepare().expect(201);
    await withdraw(client, 'be-paid').expect(204);
    await callOffWhatIsDue(service);
    const other = await enrolClient(service, fund, TODAY, { rail: 'cash' });
    await withdraw(other.client, 'be-paid').expect(204);
    expect(refusal(await prepare())).toEqual({ status: 422, code: 'nothing-due' });
    await callOffWhatIsDue(service);
  });

  it('cannot be gone round by SQL: neither enrolling, nor approving, nor paying', async () => {
    const fund = await openFund(service);
    const willing = await enrolClient(service, fund, TODAY, { rail: 'cash' });
    const unwilling = await registerClient(service, { consentToBePaid: false });
    const enrolment = `insert into payments.enrolment
        select gen_random_uuid(), '${await idOf(unwilling)}', fund_id, country, time_zone, anchor_on, rail, payee_ref, currency, amount_minor,
               wage_rate_id, decided_amount_id, derivation, proposed_by, proposed_at, approved_by, approved_at, cancelled_at, content_sha256
        from payments.enrolment where id = '${willing.id}'`;
    expect(await outcomesAs(service.db.url, 'uct_service', [enrolment])).toEqual({ [enrolment]: 'UCT44' });

    const run = await prepareRun(service, TODAY);
    await approve(run);
    await service.app.get(RunsService).release(service.actor('finance-releaser'), run.id, run.digest);
    await withdraw(willing.client, 'be-paid', 'cash').expect(204);
    const attempt = `insert into payments.attempt (id, obligation_id, run_id, attempt_no, rail, correlation_id, currency, amount_minor, instructed_at, instructed_on, state)
        select gen_random_uuid(), obligation_id, run_id, 1, 'cash', 'by hand', currency, amount_minor, now(), current_date, 'instructed'
        from payments.run_item where run_id = '${run.id}'`;
    expect(await outcomesAs(service.db.url, 'uct_service', [attempt])).toEqual({ [attempt]: 'UCT44' });
    await service.app.get(InstructionsService).instruct(scheduleActor('test'), run.id);
    await give(willing.client, 'be-paid').expect(204);
    expect(await outcomesAs(service.db.url, 'uct_service', [attempt])).toEqual({ [attempt]: 'UCT06' });
    await callOffWhatIsDue(service);
  });

  it('is needed again when a proposed enrolment is approved', async () => {
    const fund = await openFund(service);
    const client = await registerClient(service);
    const id = newId();
    await caseworker().post('/api/v1/enrolments', { id, client, fund, anchorOn: TODAY }).expect(201);
    await withdraw(client, 'be-paid').expect(204);
    const answer = await service.as('supervisor').post(`/api/v1/enrolments/${id}/approval`);
    expect(refusal(answer)).toEqual({ status: 422, code: 'consent-to-be-paid-missing' });
    const approval = `update payments.enrolment set approved_by = proposed_by, approved_at = now() where id = '${id}'`;
    expect(await outcomesAs(service.db.url, 'uct_service', [approval])).toEqual({ [approval]: 'UCT44' });
    await callOffWhatIsDue(service);
  });
});

describe('consent withdrawn after a run was released and before its transfers were instructed', () => {
  it.each(['be-paid', 'hold-data'])(
    'counts: the transfer leaves the run, for the record, and stays owed (%s)',
    async (purpose) => {
      const fund = await openFund(service);
      const leaves = await enrolClient(service, fund, TODAY);
      const stays = await enrolClient(service, fund, TODAY);
      const run = await prepareRun(service, TODAY);
      await approve(run);
      await service.app.get(RunsService).release(service.actor('finance-releaser'), run.id, run.digest);
      await withdraw(leaves.client, purpose).expect(204);
      const instructions = service.app.get(InstructionsService);
      await expect(instructions.instruct(scheduleActor('test'), run.id)).resolves.toBe(1);
      await expect(instructions.unfinishedRuns()).resolves.toEqual([]);
      expect(await firstTransfer(service, stays.client)).toMatchObject({ state: 'instructed' });
      expect(await firstTransfer(service, leaves.client)).toMatchObject({ state: 'scheduled', attempts: [] });
      const transfer = leaves.transfers[0]?.id ?? '';
      expect(
        await sql(service.db.url, 'select run_id, reason from payments.run_departure where obligation_id = $1', [
          transfer,
        ]),
      ).toEqual([{ run_id: run.id, reason: 'no-consent' }]);
      expect(
        await sql(
          service.db.url,
          "select detail from access.audit_event where act = 'transfer.leave-run' and subject_id = $1",
          [transfer],
        ),
      ).toEqual([{ detail: { run: run.id, reason: 'no-consent' } }]);
      const answer = await service.as('finance-preparer').get(`/api/v1/runs/${run.id}`).expect(200);
      expect(answer.body).toMatchObject({
        state: 'released',
        count: 2,
        departed: [{ reason: 'no-consent', count: 1 }],
        progress: { instructed: 1 },
      });

      // Its money was committed by the release, and is not taken from the fund a second time when it is paid after all.
      const before = await books(service, fund);
      await give(leaves.client, purpose).expect(204);
      const again = await prepareRun(service, TODAY);
      expect(again.count).toBe(1);
      await approve(again);
      await release(again).expect(200);
      await report(service, run.id, { transfer: stays.transfers[0]?.id ?? '', outcome: 'settled' });
      await report(service, again.id, { transfer, outcome: 'settled' });
      expect((await books(service, fund)).fund).toBe(before.fund);
      expect(await firstTransfer(service, leaves.client)).toMatchObject({
        state: 'settled',
        attempts: [{ attemptNo: 1 }],
      });
      expect(await brokenRules(service)).toEqual([]);
      await callOffWhatIsDue(service);
    },
  );

  it('or at that very moment: the transfer is instructed before the withdrawal, or never', async () => {
    const fund = await openFund(service);
    for (let round = 0; round < 6; round += 1) {
      const { client } = await enrolClient(service, fund, TODAY);
      const run = await prepareRun(service, TODAY);
      await approve(run);
      const [withdrawn, released] = await Promise.all([withdraw(client, 'be-paid'), release(run)]);
      expect(withdrawn.status).toBe(204);
      const { state, attempts } = await firstTransfer(service, client);
      expect([200, 409]).toContain(released.status);
      if (state === 'instructed') expect(released.status).toBe(200);
      else expect(attempts).toEqual([]);
      await callOffWhatIsDue(service);
    }
    expect(await brokenRules(service)).toEqual([]);
  });

  it('waits for the transfers that are being instructed, and they for it', async () => {
    const fund = await openFund(service);
    const { client } = await enrolClient(service, fund, TODAY);
    const run = await prepareRun(service, TODAY);
    await approve(run);
    await service.app.get(RunsService).release(service.actor('finance-releaser'), run.id, run.digest);
    let isWithdrawn = false;
    const instructing = new pg.Client({ connectionString: service.db.url });
    await instructing.connect();
    await instructing.query('begin; select payments.hold_off_withdrawals()');
    const withdrawal = withdraw(client, 'be-paid').then(() => (isWithdrawn = true));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(isWithdrawn).toBe(false);
    await instructing.query('commit');
    await instructing.end();
    await withdrawal;
    expect(isWithdrawn).toBe(true);
    await expect(service.app.get(InstructionsService).instruct(scheduleActor('test'), run.id)).resolves.toBe(0);
    await callOffWhatIsDue(service);
  });
});

describe('consent to hold data, once withdrawn', () => {
  let client: string;
  let plan: string;
  let fund: string;

  beforeAll(async () => {
    fund = await openFund(service);
    client = await registerClient(service);
    plan = newId();
    await caseworker()
      .post(`/api/v1/clients/${client}/needs-assessments`, {
        id: newId(),
        assessedOn: TODAY,
        ranks: ranks('food'),
        interpretations: { food: 'Rice' },
      })
      .expect(201);
    const item = { need: 'debt', description: 'The boat', amount: '500.00', currency: 'THB' };
    await caseworker()
      .post(`/api/v1/clients/${client}/spending-plans`, { id: plan, items: [item] })
      .expect(201);
    const rules = { channels: ['call'], language: 'my', never: 'at night' };
    await caseworker().post(`/api/v1/clients/${client}/safe-contact`, { replaces: 0, rules }).expect(201);
    await withdraw(client, 'hold-data').expect(204);
  });

  it('lets nothing be written, and nothing that was told be read', async () => {
    const path = `/api/v1/clients/${client}`;
    const rows = await watchRows(service.db.url);
    const before = await rows.now();
    const tracked = { item: 1, spent: '1', currency: 'THB' };
    const rules = { channels: ['call'], language: 'my', never: 'at night' };
    const contact = { id: newId(), rulesVersion: 1, direction: 'incoming', channel: 'call', outcome: 'reached' };
    const item = { need: 'debt', description: 'The boat', amount: '500.00', currency: 'THB' };
    for (const attempt of [
      caseworker().post(`${path}/needs-assessments`, { id: newId(), assessedOn: TODAY, ranks: ranks() }),
      caseworker().post(`${path}/spending-plans`, { id: newId(), items: [item] }),
      caseworker().post(`${path}/spending-plans/${plan}/tracking`, { id: newId(), items: [tracked] }),
      caseworker().post(`${path}/safe-contact`, { replaces: 1, rules }),
      caseworker().post(`${path}/contacts`, contact),
      caseworker().post(`${path}/case-notes`, { id: newId(), kind: 'call', words: 'He called' }),
      caseworker().post('/api/v1/enrolments', { id: newId(), client, fund, anchorOn: TODAY }),
      caseworker().post(`${path}/corrections`, { region: 'behind the market' }),
      give(client, 'share', 'Another organisation'),
      give(client, 'be-paid'),
      give(client, 'be-contacted'),
      service.as('caseworker', 2).post(`${path}/emergency-access`, { reason: 'medical' }),
      caseworker().get(`${path}/identity`),
      caseworker().get(`${path}/needs-assessments/latest`),
      caseworker().get(`${path}/spending-plans`),
      caseworker().get(`${path}/safe-contact`),
      caseworker().get(`${path}/contacts`),
      caseworker().get(`${path}/case-notes`),
    ]) {
      const answer = await attempt;
      expect([answer.request.method, answer.request.url.replace(/^.*v1/, ''), answer.status, answer.body.code]).toEqual(
        [answer.request.method, answer.request.url.replace(/^.*v1/, ''), 409, 'consent-withdrawn'],
      );
    }
    expect(await rows.now()).toEqual(before);
    await rows.stop();
    await caseworker().get(path).expect(200);
  });

  it('is kept by the database, whoever writes', async () => {
    const id = await idOf(client);
    const by = service.actor('caseworker').userId;
    const sha = "sha256('')";
    const statements = [
      `insert into casework.needs_assessment (id, client_id, assessed_on, recorded_by, recorded_at, content_sha256) values (gen_random_uuid(), '${id}', '${TODAY}', '${by}', now(), ${sha})`,
      `insert into casework.spending_plan (id, client_id, written_on, recorded_by, recorded_at, content_sha256) values (gen_random_uuid(), '${id}', '${TODAY}', '${by}', now(), ${sha})`,
      `insert into casework.plan_item values ('${plan}', 2, 'debt', '\\x00', 1, 'THB')`,
      `insert into casework.plan_tracking (id, plan_id, told_on, recorded_by, recorded_at, content_sha256) values (gen_random_uuid(), '${plan}', '${TODAY}', '${by}', now(), ${sha})`,
      `insert into casework.tracked_item values (gen_random_uuid(), '${plan}', 1, 1, 'THB', null)`,
      `insert into casework.plan_replacement values ('${plan}', '${plan}', '${id}')`,
      `insert into casework.need_rank select id, 'food', 4, null from casework.needs_assessment where client_id = '${id}'`,
      `insert into casework.safe_contact values ('${id}', 2, '\\x00', '${by}', now())`,
      `insert into casework.contact (id, client_id, rules_version, happened_on, direction, channel, outcome, recorded_by, recorded_at, content_sha256)
       values (gen_random_uuid(), '${id}', 1, '${TODAY}', 'incoming', 'call', 'reached', '${by}', now(), ${sha})`,
      `insert into casework.case_note (id, client_id, happened_on, kind, words_sealed, recorded_by, recorded_at, content_sha256)
       values (gen_random_uuid(), '${id}', '${TODAY}', 'call', '\\x00', '${by}', now(), ${sha})`,
      `insert into casework.emergency_access select gen_random_uuid(), '${id}', u.id, u.team_id, 'medical', null, now(), now() + interval '1 hour' from access.app_user u where id = '${by}'`,
      `update casework.client set region = 'behind the market' where id = '${id}'`,
      `update casework.client set cohort = 'other', case_group = 'other' where id = '${id}'`,
      `insert into casework.consent (id, client_id, purpose, party, given, language, recorded_on, recorded_by, recorded_at)
       values (gen_random_uuid(), '${id}', 'share', 'Another', true, 'my', '${TODAY}', '${by}', now())`,
      `select pii.store_identity('${id}', 2, '\\x${'00'.repeat(32)}', now())`,
    ];
    for (const role of ['uct_service', null])
      expect(await outcomesAs(service.db.url, role, statements)).toEqual(
        Object.fromEntries(statements.map((statement) => [statement, 'UCT41'])),
      );
  });

  it('is asked of every table that says whose it is', async () => {
    const unasked = await sql<{ name: string }>(
      service.db.url,
      `select c.oid::regclass::text name from pg_class c join pg_attribute a on a.attrelid = c.oid
       where c.relnamespace = 'casework'::regnamespace and c.relkind = 'r' and a.attname in ('client_id', 'plan_id', 'assessment_id')
         and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'hold_only_with_consent' and t.tgenabled = 'O')
       group by c.oid order by 1`,
    );
    // Who works with the client, so that their rights can be seen to.
    expect(unasked.map(({ name }) => name)).toEqual(['casework.assignment']);
  });

  it('is whole again once it is given again', async () => {
    const back = await registerClient(service, { name: 'Ko Naing' });
    await withdraw(back, 'hold-data').expect(204);
    await caseworker().get(`/api/v1/clients/${back}/identity`).expect(409);
    for (const purpose of ['be-paid', 'share', 'be-quoted']) await withdraw(back, purpose).expect(204);
    await give(back, 'hold-data').expect(204);
    const { body } = await caseworker().get(`/api/v1/clients/${back}/identity`).expect(200);
    expect(body.names[0].text).toBe('Ko Naing');
  });

  it('at the very moment that something is written: it is there before, or it is refused', async () => {
    for (let round = 0; round < 5; round += 1) {
      const someone = await registerClient(service);
      const [written, withdrawn] = await Promise.all([
        caseworker().post(`/api/v1/clients/${someone}/needs-assessments`, {
          id: newId(),
          assessedOn: TODAY,
          ranks: ranks(),
        }),
        withdraw(someone, 'hold-data'),
      ]);
      expect(withdrawn.status).toBe(204);
      expect([201, 409]).toContain(written.status);
      const [after] = await sql<{ n: number }>(
        service.db.url,
        'select count(*)::int n from casework.needs_assessment where client_id = $1',
        [await idOf(someone)],
      );
      expect(after?.n).toBe(written.status === 201 ? 1 : 0);
    }
  });
});

describe('cash', () => {
  it('never needs consent to being reported, shared or contacted', async () => {
    const fund = await openFund(service);
    const { client } = await enrolClient(service, fund, TODAY);
    for (const purpose of ['be-quoted', 'share', 'be-contacted']) await withdraw(client, purpose).expect(204);
    const run = await prepareRun(service, TODAY);
    await approve(run);
    await release(run).expect(200);
    expect((await firstTransfer(service, client)).state).toBe('instructed');
    await callOffWhatIsDue(service);
  });

  it('looks at no other consent: what paying reads in the database names none', async () => {
    const read = await sql<{ text: string }>(
      service.db.url,
      `select pg_get_viewdef('casework.payment_standing'::regclass) as text
       union all select p.prosrc from pg_proc p where p.pronamespace in ('payments'::regnamespace, 'ledger'::regnamespace)`,
    );
    const everything = read.map(({ text }) => text).join('\n');
    expect(everything).toMatch(/be-paid/);
    expect(everything).not.toMatch(/be-quoted|be-contacted|'share'/);
  });
});
