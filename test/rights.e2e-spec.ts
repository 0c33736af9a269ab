/** The client's rights: what is wrong is corrected, everything held is shown, and what is erased is gone while books and proofs stand. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { scheduleActor } from '../src/access/domain/actor.js';
import { ClientsService, standingOf } from '../src/clients/clients.service.js';
import { InstructionsService } from '../src/transfers/instructions.service.js';
import {
  clientBody,
  enrolClient,
  newId,
  openFund,
  prepareRun,
  registerClient,
  releaseRun,
} from './support/builders.js';
import { sql } from './support/database.js';
import { expectProblem } from './support/raw-requests.js';
import { report } from './support/runs.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());

const whole = {
  names: [
    { text: 'အောင်မြင့်ဦး', script: 'Mymr', romanised: 'Aung Myint Oo' },
    { text: 'ออง มิน อู', script: 'Thai' },
  ],
  dateOfBirth: '1988-04-12',
  phone: '+95 9 111 111',
  otherPhones: ['+66 8 222 222', '+95 9 333 333'],
  address: '12 Strand Road\nMawlamyine',
  otherAddresses: ['Pier 4, Mahachai'],
  payee: { bank: 'KBZ', account: '0042-4711' },
  documents: [{ kind: 'Passport', number: 'MA 123456', country: 'MM' }],
  guardian: { names: [{ text: 'Daw Khin' }], relation: 'aunt', phone: '+95 9 444 444' },
  kin: [{ names: [{ text: 'U Ba', romanised: 'U Ba' }], relation: 'father', phone: '+95 9 555 555', mayKnow: false }],
  safety: ['The broker lives next door.\nNever call in the evening.'],
};

async function registerWhole(identity: object = whole): Promise<string> {
  const answer = await service
    .as('caseworker')
    .post('/api/v1/clients', { ...clientBody(), identity })
    .expect(201);
  return answer.body.code as string;
}

const correct = (code: string, identity: object, expectedVersion: number) =>
  service.as('caseworker').post(`/api/v1/clients/${code}/identity`, { identity, expectedVersion });
const identityOf = async (code: string) =>
  (await service.as('caseworker').get(`/api/v1/clients/${code}/identity`).expect(200)).body as typeof whole & {
    version: number;
  };
const refusalOf = (answer: { status: number; body: { code?: string } }) => ({
  status: answer.status,
  code: answer.body.code,
});
const idOf = async (code: string) =>
  (await sql<{ id: string }>(service.db.url, 'select id from casework.client where code = $1', [code]))[0]?.id ?? '';

describe('Who a client is', () => {
  it('is kept whole: names in their scripts, phones, documents, addresses, kin and notes on safety', async () => {
    const code = await registerWhole();
    expect(await identityOf(code)).toEqual({ version: 1, ...whole });
  });

  it.each<[string, object, string, string]>([
    ['a document without a number', { documents: [{ kind: 'Passport' }] }, 'missing', 'identity.documents.0.number'],
    ['kin without a name', { kin: [{ names: [] }] }, 'array-min-size', 'identity.kin.0.names'],
    ['a phone of two lines', { otherPhones: ['1\n2'] }, 'text-malformed', 'identity.otherPhones'],
    ['a name of two lines', { names: [{ text: 'a\nb' }] }, 'text-malformed', 'identity.names.0.text'],
    ['no name', { names: [{ text: ' ' }] }, 'text-empty', 'identity.names.0.text'],
    ['a name that nobody sees', { names: [{ text: '\u200b' }] }, 'text-empty', 'identity.names.0.text'],
    ['a name of digits', { names: [{ text: '12' }] }, 'text-empty', 'identity.names.0.text'],
    [
      'a guardian of nothing',
      { guardian: { names: [{ text: '\u3164\uffa0\u115f\u1160' }] } },
      'text-empty',
      'identity.guardian.names.0.text',
    ],
    ['kin of nothing', { kin: [{ names: [{ text: '\u2800' }] }] }, 'text-empty', 'identity.kin.0.names.0.text'],
    [
      'a spelling of nothing',
      { names: [{ text: 'Ko Htet', romanised: '\u00ad' }] },
      'text-empty',
      'identity.names.0.romanised',
    ],
    ['an account of nothing', { payee: { bank: 'KBZ', account: '\u2060' } }, 'text-empty', 'identity.payee.account'],
    ['a phone of nothing', { otherPhones: ['1', '\u200d'] }, 'text-empty', 'identity.otherPhones'],
    ['an address that clears the screen', { address: 'Mae Sot\u001b[2J' }, 'text-malformed', 'identity.address'],
    ['a note with a control character of one byte', { safety: ['x', '\u009b2J'] }, 'text-malformed', 'identity.safety'],
    [
      'an address that turns the direction',
      { otherAddresses: ['\u202egnp.exe\u2066'] },
      'text-malformed',
      'identity.otherAddresses',
    ],
    ['an address that overwrites its line', { address: 'Mae Sot\rMyawaddy' }, 'text-malformed', 'identity.address'],
    ['eleven notes', { safety: Array(11).fill('x') }, 'array-max-size', 'identity.safety'],
  ])('is not taken with %s', async (_, part, code, field) => {
    const answer = await service
      .as('caseworker')
      .post('/api/v1/clients', { ...clientBody(), identity: { ...whole, ...part } });
    expectProblem(answer, { status: 422, code, field });
  });

  it('has no guardian on record who is nobody, though an earlier version of this service took one', () => {
    const nobody = { names: [{ text: 'Mg Mg' }], guardian: { names: [{ text: '\u3164' }] } };
    expect(standingOf(nobody, TODAY).guardianOnRecord).toBe(false);
    expect(standingOf(whole, TODAY).guardianOnRecord).toBe(true);
  });

  it('is not taken where it is more than can be kept of one person', async () => {
    const names = Array.from({ length: 10 }, () => ({ text: 'က'.repeat(200), romanised: 'က'.repeat(200) }));
    const kin = Array.from({ length: 8 }, () => ({ names }));
    const answer = await service
      .as('caseworker')
      .post('/api/v1/clients', { ...clientBody(), identity: { ...whole, kin: kin.slice(0, 6) } });
    expectProblem(answer, { status: 422, code: 'identity-too-large', field: 'identity' });
  });
});

describe('A correction', () => {
  it('is a new version: it is shown from then on, and the earlier one stays sealed', async () => {
    const code = await registerWhole();
    const corrected = { ...whole, names: [{ text: 'အောင်မြတ်ဦး', script: 'Mymr' }], kin: [] };
    const answer = await correct(code, corrected, 1).expect(200);
    expect(answer.body).toEqual({ version: 2, changed: ['names', 'kin'] });
    expect(await identityOf(code)).toEqual({ version: 2, ...corrected });
    const versions = await sql(service.db.url, 'select version from pii.identity where client_id = $1 order by 1', [
      await idOf(code),
    ]);
    expect(versions).toEqual([{ version: 1 }, { version: 2 }]);
  });

  it('of a version that somebody else corrected meanwhile is refused', async () => {
    const code = await registerWhole();
    await correct(code, { ...whole, phone: '1' }, 1).expect(200);
    expectProblem(await correct(code, { ...whole, phone: '2' }, 1), {
      status: 409,
      code: 'changed-meanwhile',
      field: 'expectedVersion',
    });
    expect((await identityOf(code)).phone).toBe('1');
  });

  it('is kept once when two people send theirs at the same moment', async () => {
    const code = await registerWhole();
    const answers = await Promise.all(['1', '2', '3', '4'].map((phone) => correct(code, { ...whole, phone }, 1)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    expect((await identityOf(code)).version).toBe(2);
  });

  it('that changes nothing makes no version', async () => {
    const code = await registerWhole();
    expect((await correct(code, whole, 1).expect(200)).body).toEqual({ version: 1, changed: [] });
  });

  it('makes an adult or a child of somebody, and takes a guardian from the record, at once', async () => {
    const code = await registerWhole();
    const standing = async () =>
      (
        await sql(service.db.url, 'select age_band, guardian_on_record from casework.client where code = $1', [code])
      )[0];
    expect(await standing()).toEqual({ age_band: 'adult', guardian_on_record: true });
    const { guardian, ...alone } = whole;
    expect(guardian).toBeDefined();
    await correct(code, { ...alone, dateOfBirth: '2012-04-12' }, 1).expect(200);
    expect(await standing()).toEqual({ age_band: 'child', guardian_on_record: false });
    await correct(code, { ...whole, dateOfBirth: '2007-07-01', dateOfBirthIsGuess: true }, 2).expect(200);
    expect(await standing()).toEqual({ age_band: 'unknown', guardian_on_record: true });
  });

  it('is recorded by the names of the fields that changed, and by nothing that is in them', async () => {
    const code = await registerWhole();
    await correct(code, { ...whole, payee: { bank: 'AYA', account: 'Zq-999' } }, 1).expect(200);
    await service.as('caseworker').post(`/api/v1/clients/${code}/corrections`, { region: 'Zqregion' }).expect(200);
    const events = await sql<{ act: string; detail: object }>(
      service.db.url,
      'select act, detail from access.audit_event where subject_id = $1 order by seq',
      [await idOf(code)],
    );
    expect(events.slice(-3)).toEqual([
      { act: 'identity.read', detail: { reason: 'correction' } },
      { act: 'identity.correct', detail: { fields: ['payee'], version: 2 } },
      { act: 'client.correct', detail: { fields: ['region'] } },
    ]);
    expect(JSON.stringify(events)).not.toMatch(/Zq/);
  });

  it('of a case file changes what is given and leaves the rest', async () => {
    const code = await registerClient(service, { region: 'Yangon' });
    const change = (body: object) => service.as('caseworker').post(`/api/v1/clients/${code}/corrections`, body);
    expect((await change({ region: null, cohort: 'kantang' }).expect(200)).body).toEqual({
      changed: ['cohort', 'region'],
    });
    expect((await change({ cohort: 'kantang' }).expect(200)).body).toEqual({ changed: [] });
    const { body } = await service.as('caseworker').get(`/api/v1/clients/${code}`).expect(200);
    expect(body).toMatchObject({ cohort: 'kantang', caseGroup: 'test', region: null, country: 'MM' });
    expectProblem(await change({ country: 'XX' }), { status: 422, code: 'unknown-country', field: 'country' });
  });

  it('moves nobody to another country while three transfers are owed by the wage of this one', async () => {
    const { client, id } = await enrolClient(service, await openFund(service), TODAY);
    const move = () => service.as('caseworker').post(`/api/v1/clients/${client}/corrections`, { country: 'TH' });
    expectProblem(await move(), { status: 409, code: 'country-of-enrolment', field: 'country' });
    await service.as('supervisor').post(`/api/v1/enrolments/${id}/cancellation`).expect(204);
    expect((await move().expect(200)).body).toEqual({ changed: ['country'] });
  });

  it('is for those who work with the client, and for nobody else', async () => {
    const code = await registerWhole();
    for (const who of [service.as('caseworker', 2), service.as('finance-approver'), service.as('administrator')]) {
      const answer = await who.post(`/api/v1/clients/${code}/identity`, { identity: whole, expectedVersion: 1 });
      expect([403, 404]).toContain(answer.status);
    }
  });
});

describe('Who is paid', () => {
  const enrolled = async (rail: 'manual' | 'cash' = 'manual') => {
    const fund = await openFund(service);
    const code = await registerWhole();
    const body = { id: newId(), client: code, fund, anchorOn: TODAY, rail };
    const enrolment = await service.as('supervisor').post('/api/v1/enrolments', body).expect(201);
    return { code, transfer: (enrolment.body.transfers as { id: string }[])[0]?.id ?? '', enrolment: body.id };
  };
  const refOf = async (enrolment: string) =>
    (
      await sql<{ payee_ref: string }>(service.db.url, 'select payee_ref from payments.enrolment where id = $1', [
        enrolment,
      ])
    )[0]?.payee_ref;
  const elsewhere = { ...whole, payee: { bank: 'AYA', account: '1' } };

  it('can be corrected before a run is released, which then has to be put together again', async () => {
    const { code, enrolment } = await enrolled();
    expect(await refOf(enrolment)).toBe('identity/1');
    const run = await prepareRun(service, TODAY);
    await correct(code, elsewhere, 1).expect(200);
    expect(await refOf(enrolment)).toBe('identity/2');
    const approval = await service
      .as('finance-approver')
      .post(`/api/v1/runs/${run.id}/approvals`, { digest: run.digest });
    expectProblem(approval, { status: 409, code: 'digest-mismatch', field: approval.body.field });
    await service.as('finance-preparer').post(`/api/v1/runs/${run.id}/send-back`, { reason: 'payee' }).expect(200);
    await service.as('supervisor').post(`/api/v1/enrolments/${enrolment}/cancellation`).expect(204);
  });

  it.each([
    ['names', { names: [{ text: 'Accomplice' }] }],
    ['dateOfBirth', { dateOfBirth: '1970-01-01' }],
    ['dateOfBirthIsGuess', { dateOfBirthIsGuess: true }],
    ['guardian', { guardian: { names: [{ text: 'Trafficker' }] } }],
    ['payee', { payee: { bank: 'AYA', account: '1' } }],
  ])('by cash too: whoever corrects the %s after an approval takes it back', async (_, change) => {
    const { code, enrolment } = await enrolled('cash');
    const run = await prepareRun(service, TODAY);
    await service.as('finance-approver').post(`/api/v1/runs/${run.id}/approvals`, { digest: run.digest }).expect(200);
    await correct(code, { ...whole, ...change }, 1).expect(200);
    const release = await service.as('finance-releaser').post(`/api/v1/runs/${run.id}/release`, { digest: run.digest });
    expect(refusalOf(release)).toMatchObject({ status: 409, code: 'digest-mismatch' });
    await service.as('finance-preparer').post(`/api/v1/runs/${run.id}/send-back`, { reason: 'payee' }).expect(200);
    await service.as('supervisor').post(`/api/v1/enrolments/${enrolment}/cancellation`).expect(204);
  });

  it('is whom the released run named, whatever is corrected since, and counts from the next run on', async () => {
    const { code, transfer, enrolment } = await enrolled('cash');
    const run = await releaseRun(service, TODAY);
    await correct(code, { ...whole, names: [{ text: 'Accomplice' }] }, 1).expect(200);
    const list = await service.as('finance-releaser').get(`/api/v1/runs/${run.id}/payment-list`).expect(200);
    expect(list.body.items).toMatchObject([{ standing: 'to-pay', payTo: { names: whole.names } }]);
    expect(JSON.stringify(list.body)).not.toContain('Accomplice');
    expect(await refOf(enrolment)).toBe('identity/2');
    await report(service, run.id, { transfer, outcome: 'failed', code: 'not-collected' });
    await service.as('finance-releaser').post(`/api/v1/transfers/${transfer}/reissue`).expect(204);
    const next = await prepareRun(service, TODAY);
    const nextList = await service.as('finance-releaser').get(`/api/v1/runs/${next.id}/payment-list`).expect(200);
    expect(nextList.body.items).toMatchObject([{ payTo: { names: [{ text: 'Accomplice' }] } }]);
    await service.as('finance-preparer').post(`/api/v1/runs/${next.id}/send-back`, { reason: 'test' }).expect(200);
    await service.as('caseworker').post(`/api/v1/transfers/${transfer}/hold`, { reason: 'client-wish' }).expect(204);
  });

  it('is by the database what the run names, in every attempt', async () => {
    const { code, enrolment } = await enrolled('cash');
    const run = await prepareRun(service, TODAY);
    await service.as('finance-approver').post(`/api/v1/runs/${run.id}/approvals`, { digest: run.digest }).expect(200);
    const insert = (rail: string, payee: string) =>
      sql(
        service.db.url,
        `insert into payments.attempt (id, obligation_id, run_id, attempt_no, rail, payee_ref, correlation_id, currency, amount_minor, instructed_at, instructed_on, state)
         select gen_random_uuid(), o.id, o.run_id, 1, $2, $3, 'by-hand', o.currency, o.amount_minor, now(), '2026-03-02', 'instructed'
         from payments.obligation o join casework.client c on c.id = o.client_id where c.code = $1 and o.run_id is not null`,
        [code, rail, payee],
        'uct_service',
      );
    await expect(insert('cash', 'identity/2')).rejects.toMatchObject({ code: 'UCT06' });
    await expect(insert('manual', 'identity/1')).rejects.toMatchObject({ code: expect.stringMatching(/^UCT(06|44)$/) });
    await service.as('finance-preparer').post(`/api/v1/runs/${run.id}/send-back`, { reason: 'test' }).expect(200);
    await service.as('supervisor').post(`/api/v1/enrolments/${enrolment}/cancellation`).expect(204);
  });

  it('is corrected before a signature or after it, never beside it, when both come at once', async () => {
    for (let round = 0; round < 8; round++) {
      const { code, enrolment } = await enrolled('cash');
      const run = await prepareRun(service, TODAY);
      await service.as('finance-approver').post(`/api/v1/runs/${run.id}/approvals`, { digest: run.digest }).expect(200);
      const [release] = await Promise.all([
        service.as('finance-releaser').post(`/api/v1/runs/${run.id}/release`, { digest: run.digest }),
        correct(code, { ...whole, names: [{ text: 'Accomplice' }] }, 1).expect(200),
      ]);
      const list = await service.as('finance-releaser').get(`/api/v1/runs/${run.id}/payment-list`).expect(200);
      if (release.status === 200) {
        expect(list.body.items).toMatchObject([{ client: code, payTo: { names: whole.names } }]);
        // Whoever holds a row at that moment is passed over; the schedule comes back to it.
        await service.app.get(InstructionsService).instruct(scheduleActor('test'), run.id);
        await report(service, run.id, { transfer: list.body.items[0].transfer, outcome: 'settled' });
      } else {
        expect(refusalOf(release)).toMatchObject({ status: 409, code: 'digest-mismatch' });
        await service.as('finance-preparer').post(`/api/v1/runs/${run.id}/send-back`, { reason: 'test' }).expect(200);
        await service.as('supervisor').post(`/api/v1/enrolments/${enrolment}/cancellation`).expect(204);
      }
    }
  });

  it('stands from the release of a run until the result is known', async () => {
    const { code, transfer } = await enrolled();
    const run = await releaseRun(service, TODAY);
    expectProblem(await correct(code, elsewhere, 1), {
      status: 409,
      code: 'payment-under-way',
      field: 'identity.payee',
    });
    await correct(code, { ...whole, phone: '1' }, 1).expect(200);
    await report(service, run.id, { transfer, outcome: 'settled' });
    await correct(code, { ...elsewhere, phone: '1' }, 2).expect(200);
  });
});

describe('Opening a case file with who the client is', () => {
  it('takes two questions to the database and records the reading', async () => {
    const code = await registerWhole();
    const db = service.app.get(DataSource);
    const asked: string[] = [];
    const logger = { ...db.logger, logQuery: (query: string) => void asked.push(query) };
    const { logger: before, options } = db;
    Object.assign(db, { logger });
    const file = await service.app.get(ClientsService).openCaseFile(service.actor('caseworker'), code);
    Object.assign(db, { logger: before });
    expect(options.type).toBe('postgres');
    expect(asked.length).toBe(2);
    expect(file).toMatchObject({ client: { code }, version: 1, identity: whole });
    expect(file.consents[0]).toMatchObject({ purpose: 'hold-data', given: true, recordedOn: TODAY });
    const [read] = await sql<{ act: string; actor_id: string }>(
      service.db.url,
      'select act, actor_id from access.audit_event where subject_id = $1 order by seq desc limit 1',
      [file.client.id],
    );
    expect(read).toEqual({ act: 'identity.read', actor_id: service.actor('caseworker').userId });
  });
});
