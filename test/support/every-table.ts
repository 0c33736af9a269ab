/** A service at work until every table of its database holds something, made as people make it. */
import { AuditVerification } from '../../src/access/audit/audit-verification.js';
import { scheduleActor } from '../../src/access/domain/actor.js';
import type { ListedUser } from '../../src/access/users/user-directory.service.js';
import { DispatchService } from '../../src/transfers/rails/mobile-money/dispatch.service.js';
import { DonorReportsService } from '../../src/donor-reports/donor-reports.service.js';
import { InterviewDraftsService } from '../../src/needs/interview-drafts.service.js';
import { SequencerService } from '../../src/ledger/transparency-log/sequencer.service.js';
import { VerificationService } from '../../src/ledger/verification/verification.service.js';
import { bankPayee, contentOf, makeFile, openPayingAccount } from './bank-files.js';
import { enrolClient, newId, openFund, ranks, registerClient, releaseRun } from './builders.js';
import { handOut, say, sayToo, voucherFor } from './cash.js';
import { payingAccount } from './bank-payments.js';
import { camt } from './bank-reports.js';
import { createTestDatabase, sql, type TestDatabase } from './database.js';
import { raw, tokenOf } from './raw-requests.js';
import { RailSimulator } from './rail-simulator/core.js';
import { startOperator } from './rail-simulator/gsma-http.js';
import { report } from './runs.js';
import { enrol } from './second-factors.js';
import { takeUp } from './links.js';
import { startTestService, travel, type TestService } from './service.js';
import { confirmWage, openWageFund, regionWithWage, review, wageFrom } from './wages.js';

const TODAY = '2026-03-02';

export interface FullService {
  service: TestService;
  db: TestDatabase;
  close(): Promise<void>;
}

/** `before`: what is to be done to the database before the service first starts on it. */
export async function startFullService(before?: (url: string) => Promise<void>): Promise<FullService> {
  const db = await createTestDatabase();
  await before?.(db.url);
  const operator = await startOperator(new RailSimulator(TODAY));
  const service = await startTestService({ today: TODAY, db, mobileMoney: operator.settings });
  const fund = await openFund(service);
  await payInCash(service, fund, TODAY);
  const { client, transfers } = await enrolClient(service, fund, TODAY);
  await registerClient(service); // the same person once more
  const twice = await service.as('supervisor').get('/api/v1/possible-duplicates').expect(200);
  const [pair] = (twice.body as { items: { id: string }[] }).items;
  await service
    .as('supervisor')
    .post(`/api/v1/possible-duplicates/${pair?.id}/decisions`, { decision: 'different' })
    .expect(200);
  const work = `/api/v1/clients/${client}`;
  await service
    .as('caseworker')
    .post(`${work}/needs-assessments`, { id: newId(), assessedOn: TODAY, ranks: ranks('debt') })
    .expect(201);
  const plan = newId();
  const item = { need: 'debt', description: 'to pay back my aunt', amount: '4000.00', currency: 'THB' };
  await service
    .as('caseworker')
    .post(`${work}/spending-plans`, { id: plan, items: [item] })
    .expect(201);
  const changed = { id: newId(), replaces: [plan], items: [{ ...item, amount: '3000.00' }] };
  await service.as('caseworker').post(`${work}/spending-plans`, changed).expect(201);
  const told = { item: 1, spent: '3500.00', currency: 'THB', cameOf: 'she is paid' };
  await service
    .as('caseworker')
    .post(`${work}/spending-plans/${plan}/tracking`, { id: newId(), toldOn: TODAY, items: [told] })
    .expect(201);
  const identified = { id: newId(), replaces: null, acts: ['recruitment'], purposes: ['forced-labour'] };
  await service.as('caseworker').post(`${work}/identification`, identified).expect(201);
  await careFor(service, work);
  await openPayingAccount(service, [fund]);
  await enrolClient(service, fund, TODAY, { name: 'By Bank', rail: 'bank-file', payee: bankPayee() });
  const run = await releaseRun(service, TODAY);
  await contentOf(service, await makeFile(service, run));
  await report(service, run.id, { transfer: transfers[0]?.id ?? '', outcome: 'settled' });
  await payByMobileMoney(service, fund);
  await service
    .as('finance-preparer')
    .post(`/api/v1/transfers/${transfers[1]?.id}/hold`, { reason: 'safety' })
    .set('idempotency-key', newId())
    .expect(204);
  await importStatement(service, fund);
  await valueOverTime(service, fund);
  travel(service, '2026-04-01');
  await service.app.get(DonorReportsService).make(service.actor('finance-preparer'), { fund, period: '2026-Q1' });
  for (const day of ['2026-04-02', '2026-04-03']) {
    travel(service, day);
    await service.app.get(SequencerService).publishDue(scheduleActor('test'));
  }
  await service.app.get(AuditVerification).run(scheduleActor('test'));
  await service.app.get(VerificationService).run(scheduleActor('test'));
  travel(service, TODAY);
  await signInInEveryWay(service);
  await registerClient(service);
  await service
    .as('supervisor')
    .delete(`/api/v1/clients/${await registerClient(service)}`)
    .expect(200);
  await sql(db.url, WHAT_NOBODY_DOES_HERE);
  return {
    service,
    db,
    close: async () => {
      await service.close();
      await operator.close();
      await db.drop();
    },
  };
}

/** A payment in cash that a second person said had arrived, and a count of the till that two people made. */
async function payInCash(service: TestService, fund: string, today: string): Promise<void> {
  const payment = await voucherFor(service, today, { fund, name: 'Naw Paid In Cash', dateOfBirth: '1971-07-07' });
  await handOut(service, payment);
  const id = newId();
  const second = service.actor('caseworker', 2).userId;
  await say(service, payment, { id, kind: 'witness', second }).expect(200);
  await sayToo(service, payment, id).expect(200);
  const places = await service.as('finance-preparer').get('/api/v1/cash-places').expect(200);
  const till = (places.body as { items: { fund: string; books: string; holder: object | null }[] }).items.find(
    (place) => place.fund === fund && place.holder === null,
  );
  const count = { id: newId(), fund, currency: 'THB', pieces: [], books: till?.books };
  const missing = { reason: 'not-fetched-from-bank', amount: `-${till?.books}` };
  await service
    .as('finance-preparer')
    .post('/api/v1/till-counts', { ...count, explanations: till?.books === '0.00' ? [] : [missing] })
    .expect(201);
  await service.as('finance-approver').post(`/api/v1/till-counts/${count.id}/confirmation`).expect(200);
}

/** A statement with a balance and a line that one person has said something of, and a balance that was typed in. */
async function importStatement(service: TestService, fund: string): Promise<void> {
  const { number, code } = await payingAccount(service, fund);
  const text = camt({
    account: number,
    day: TODAY,
    closing: '1.00',
    entries: [{ amount: '1.00', direction: 'CRDT', day: TODAY }],
  });
  const type = { 'content-type': 'application/xml' };
  await raw(service, await tokenOf(service, 'finance-preparer'), 'post', '/api/v1/bank-reports', text, type).expect(
    201,
  );
  const { body } = await service.as('finance-preparer').get('/api/v1/work-items').expect(200);
  const [item] = (body as { items: { id: string }[] }).items;
  const said = { resolution: 'other-movement' };
  await service.as('finance-preparer').post(`/api/v1/work-items/${item?.id}/resolution`, said).expect(200);
  const balance = { account: code, day: TODAY, amount: '1.00' };
  await service.as('finance-preparer').post('/api/v1/statement-balances', balance).expect(200);
}

/** A payment that an operator makes, and is asked to take back. */
async function payByMobileMoney(service: TestService, fund: string): Promise<void> {
  const payee = { bank: 'Wave Money', account: '09 777 000 222', kind: 'wallet' } as const;
  const { transfers } = await enrolClient(service, fund, TODAY, { rail: 'mobile-money', payee });
  await releaseRun(service, TODAY);
  await service.app.get(DispatchService).dispatchDue(scheduleActor('test'));
  const reversal = { id: newId(), attempt: 1, reason: 'client-wish' };
  for (const role of ['finance-preparer', 'finance-approver'] as const)
    await service.as(role).post(`/api/v1/transfers/${transfers[0]?.id}/reversal`, reversal).expect(202);
}

/** Rules of safe contact, an interview that is not finished, a contact, a note, an emergency access that a supervisor has seen, and a change of hands. */
async function careFor(service: TestService, work: string): Promise<void> {
  const rules = { channels: ['call'], language: 'my', never: 'at night' };
  await service.as('caseworker').post(`${work}/safe-contact`, { replaces: 0, rules }).expect(201);
  const filledIn = { ranks: { food: 4 }, words: { food: 'rice for the month' } };
  const code = work.split('/').at(-1) ?? '';
  await service.app.get(InterviewDraftsService).keep(service.actor('caseworker'), code, filledIn);
  const contact = { id: newId(), rulesVersion: 1, direction: 'incoming', channel: 'call', outcome: 'reached' };
  await service
    .as('caseworker')
    .post(`${work}/contacts`, { ...contact, words: 'asks when' })
    .expect(201);
  const note = { id: newId(), kind: 'call', words: 'asks for the clinic' };
  await service.as('caseworker').post(`${work}/case-notes`, note).expect(201);
  const opened = await service
    .as('caseworker', 2)
    .post(`${work}/emergency-access`, { reason: 'medical', words: 'from the clinic' })
    .expect(201);
  const { id } = opened.body as { id: string };
  await service.as('supervisor').post(`/api/v1/emergency-access/${id}/seen`).expect(204);
  const { userId } = service.actor('caseworker', 2);
  await service.as('supervisor').post(`${work}/assignments`, { caseworker: userId }).expect(204);
}

/** A wage that comes and is confirmed, what a fund makes of it, and an enrolment that changes its country. */
async function valueOverTime(service: TestService, decidedFund: string): Promise<void> {
  const fund = await openWageFund(service, 'freeze');
  const [row] = await sql<{ id: string }>(service.db.url, 'select id from payments.fund where code = $1', [fund]);
  const policy = { id: newId(), policy: 'raise_only', reason: 'the donor agreed' };
  const policies = `/api/v1/funds/${row?.id}/policy-changes`;
  await service.as('finance-preparer').post(policies, policy).expect(201);
  await service.as('finance-releaser').post(`${policies}/${policy.id}/confirmation`).expect(200);
  const region = await regionWithWage(service, '400');
  await enrolClient(service, fund, '2026-03-20', { country: 'TH', region });
  await review(service, fund, await confirmWage(service, wageFrom('TH', '410', '2026-03-20', region)));
  const { id } = await enrolClient(service, decidedFund, '2026-03-20');
  const change = { id: newId(), country: 'TH' };
  await service.as('caseworker').post(`/api/v1/enrolments/${id}/changes`, change).expect(201);
  await service.as('supervisor').post(`/api/v1/enrolment-changes/${change.id}/approval`).expect(200);
}

/** An invitation that is taken up and confirmed, a second factor with its recovery codes, a token for a machine, and a try that fails. */
async function signInInEveryWay(service: TestService): Promise<void> {
  const invitation = { email: 'invited@test.example', displayName: 'Invited', roles: ['caseworker'] };
  const { body } = await service.as('administrator').post('/api/v1/users', invitation).expect(201);
  const { id, link } = body as { id: string; link: string };
  await takeUp(service, link);
  const { awaited } = (await service.as('administrator', 2).get(`/api/v1/users/${id}`)).body as ListedUser;
  await service
    .as('administrator', 2)
    .post(`/api/v1/users/${id}/confirmation`, { awaited: awaited.map((one) => one.id) })
    .expect(204);
  await enrol(service, 'finance-approver');
  await service
    .as('auditor')
    .post('/api/v1/tokens', { name: 'nightly', scope: ['books:read'], days: 30 })
    .expect(201);
  const wrong = { email: 'nobody@test.example', password: 'not the password' };
  await service.anybody().post('/api/v1/sessions').send(wrong).expect(401);
}

/** A row in each table that the above leaves empty. */
const WHAT_NOBODY_DOES_HERE = `
  alter table payments.bank_file_abandoned disable trigger refuse_abandoning_what_left;
  insert into payments.bank_file_abandoned select id, 'wrong-day', made_by, now() from payments.bank_file limit 1;
  alter table payments.bank_file_abandoned enable trigger refuse_abandoning_what_left;
  insert into payments.payee_unreadable select id, 1, 'does-not-open', now(), now() + interval '1 hour' from payments.attempt limit 1;
  insert into ledger.currency values ('USD', 2, 100) on conflict do nothing;
  insert into payments.exchange_rate select gen_random_uuid(), 'USD', 'THB', 35, current_date, 'bank', id, now() from access.app_user limit 1;
  insert into payments.exchange_rate_confirmed select r.id, u.id, now() from payments.exchange_rate r, access.app_user u where u.email = 'finance-approver-1@test.example';
  insert into payments.exchange select gen_random_uuid(), f.id, r.id, 100, 3500, current_date, 'slip', r.recorded_by, now()
  from payments.fund f, payments.exchange_rate r limit 1;
  insert into payments.exchange_rate_doubt select r.id, u.id, 'mistyped', now() from payments.exchange_rate r, access.app_user u where u.email = 'finance-preparer-1@test.example';
  insert into payments.exchange_rate_struck_out select d.rate_id, d.asked_by, u.id, now() from payments.exchange_rate_doubt d, access.app_user u where u.email = 'finance-approver-1@test.example';
  insert into payments.grant_reversal select gen_random_uuid(), id, 'recorded twice', recorded_by, now() from payments.grant_received limit 1;
  insert into ledger.cosignature select size, 'witness', 'key', 'line', now() from ledger.checkpoint limit 1;
  insert into payments.run_departure select run_id, obligation_id, 'no-consent', now() from payments.run_item limit 1;
  insert into payments.told_result select gen_random_uuid(), id, 'resolved-not-paid', null, current_date, 'slip', (select id from access.app_user where email = 'finance-preparer-1@test.example'), now() from payments.attempt limit 1;
  insert into payments.unknown_owner (id, attempt_id, owner_id, assigned_by, assigned_at)
  select gen_random_uuid(), a.id, u.id, u.id, now() from payments.attempt a, access.app_user u where u.email = 'finance-preparer-1@test.example' limit 1;
  alter table payments.reissue disable trigger refuse_putting_back_alone;
  insert into payments.reissue select gen_random_uuid(), a.id, u.id, now() from payments.attempt a, access.app_user u where u.email = 'finance-preparer-1@test.example' limit 1;
  alter table payments.reissue enable trigger refuse_putting_back_alone;
  insert into payments.unknown_alert select id, now(), now() from payments.attempt limit 1;
  insert into payments.payee_change select gen_random_uuid(), c.id, 2, u.id, now() from casework.client c, access.app_user u limit 1;
  insert into pii.staff_account select id, 1 from access.app_user limit 1;
  insert into payments.approval_limits (id, currency, steps, proposed_by, proposed_at)
  select gen_random_uuid(), 'THB', '[{"aboveMinor": "0", "approvals": 1}]', id, now() from access.app_user where email = 'finance-preparer-1@test.example';
  insert into payments.approval_limits_confirmed (limits_id, proposed_by, confirmed_by, confirmed_at)
  select l.id, l.proposed_by, u.id, now() from payments.approval_limits l, access.app_user u where u.email = 'finance-approver-1@test.example';
  insert into payments.run_request select gen_random_uuid(), current_date, 'TH', false, id, now() from access.app_user where email = 'finance-preparer-1@test.example';
  insert into payments.run_request_refused select id, 'nothing-due', 'Nothing is due that could be paid.', now() from payments.run_request;
  insert into payments.stop_request select gen_random_uuid(), a.id, 'safety', u.id, now() from payments.attempt a, access.app_user u limit 1;
  insert into payments.stop_lifted select id, asked_by, now() from payments.stop_request limit 1;
  alter table payments.giving_up disable trigger require_ended;
  insert into payments.giving_up select gen_random_uuid(), o.id, 'enrolment-ended', u.id, now() from payments.obligation o, access.app_user u limit 1;
  alter table payments.giving_up enable trigger require_ended;
  insert into payments.donor_member select u.id, d.id from access.app_user u, payments.donor d limit 1;
  insert into access.master_key_check (sealed) values ('\\x00');
  insert into access.external_identity select 'https://id.example', 'subject', id, now() from access.app_user where kind = 'person' limit 1;
  insert into access.answered_openid_request values (decode(repeat('00', 32), 'hex'), now());
  insert into ledger.subject_erasure select gen_random_uuid(), id, now() from access.app_user limit 1;`;
