/** Somebody whose identity was damaged is recorded anew, and paid by that: what waited is told as not sent, put back, and paid in another run. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { scheduleActor } from '../src/access/domain/actor.js';
import type { Payee } from '../src/clients/domain/identity.js';
import { ResultsService } from '../src/transfers/results.service.js';
import { bankPayee, contentOf, makeFiles, releasedForBank } from './support/bank-files.js';
import { Browser } from './support/browser.js';
import { clientBody, newId, registerClient, releaseRun } from './support/builders.js';
import { bringKeyBack, damage, damageKey, hideKey } from './support/damaged.js';
import { sql } from './support/database.js';
import { learnt, startPayingService, stateOf, TODAY, WALLET, type PayingService } from './support/mobile-money.js';
import { brokenRules, callOffWhatIsDue, firstTransfer, refusal, reissue } from './support/runs.js';
import { travel } from './support/service.js';

const PAGE = '/unknown-payments';

let paying: PayingService;

beforeAll(async () => {
  paying = await startPayingService();
});
afterAll(() => paying.close());
afterEach(async () => {
  travel(paying.service, TODAY);
  await callOffWhatIsDue(paying.service);
});

async function signedIn(who: string): Promise<Browser> {
  const browser = new Browser(paying.service);
  await browser.giveEmailAndPassword(`${who}-1@test.example`);
  return browser;
}

const correct = (client: string, payee: Payee, expectedVersion: number) =>
  paying.service.as('caseworker').post(`/api/v1/clients/${client}/identity`, {
    identity: { ...clientBody().identity, payee },
    expectedVersion,
  });
const attemptsOf = (transfer: string) =>
  sql<{ id: string; payee_ref: string; state: string }>(
    paying.service.db.url,
    'select id, payee_ref, state from payments.attempt where obligation_id = $1 order by attempt_no',
    [transfer],
  );
const listed = async () =>
  (
    (await paying.service.as('finance-preparer').get('/api/v1/unreadable-payees').expect(200)).body as {
      items: { id: string; isCorrected: boolean; nextAt: string | null }[];
    }
  ).items;
const minutesLater = (minutes: number) =>
  paying.service.clock.travelTo(new Date(paying.service.clock.now().getTime() + minutes * 60_000));

describe('by mobile money, somebody whose identity was damaged', () => {
  it('is recorded anew on the page, and paid by that in another run', async () => {
    const { service, operator } = paying;
    const one = await paying.instructed({ mode: 'accept-now' });
    await damage(service, one.client);
    expect(await paying.send()).toBe(0);

    const caseworker = await signedIn('caseworker');
    const identityPage = `/clients/${one.client}/identity`;
    const shown = await caseworker.open(identityPage).expect(200);
    expect(shown.text).toContain('was damaged and cannot be read');
    expect(shown.text).not.toContain(WALLET.account);
    const typed = {
      'names.0.text': 'Ma Hnin',
      dateOfBirth: '1990-01-02',
      'payee.bank': WALLET.bank,
      'payee.kind': 'wallet',
      'payee.account': '09 777 555 111',
    };
    expect((await caseworker.send(identityPage, identityPage, typed)).status).toBe(303);
    expect((await caseworker.open(identityPage).expect(200)).text).toContain('09 777 555 111');

    minutesLater(16);
    expect(await paying.send()).toBe(0);
    expect(await listed()).toMatchObject([{ id: one.attempt, isCorrected: true, nextAt: null }]);
    const finance = await signedIn('finance-preparer');
    expect((await finance.open(PAGE)).text).toContain('it was recorded anew who they are');
    const told = await finance.send(PAGE, `${PAGE}/${one.attempt}/not-sent`);
    expect([told.status, told.headers.location]).toEqual([303, `${PAGE}?done=not-sent`]);
    expect(await learnt(service, one.attempt)).toEqual({ state: 'failed', evidence: ['failed not-sent'] });
    expect(await listed()).toEqual([]);

    await reissue(service, one.transfer);
    await releaseRun(service, TODAY);
    const [, second] = await attemptsOf(one.transfer);
    expect(second?.payee_ref).toBe('identity/2');
    operator.plan(second?.id ?? '', { mode: 'accept-now' });
    expect(await paying.send()).toBe(1);
    expect(await firstTransfer(service, one.client)).toMatchObject({ state: 'settled' });
    expect(paying.simulator.timesPaid(second?.id ?? '')).toBe(1);
    expect(paying.simulator.received).not.toContain(one.attempt);
    expect(await brokenRules(service)).toEqual([]);
  });

  it('is not paid as before by what was signed, whatever opens again, in SQL neither', async () => {
    const { service } = paying;
    const one = await paying.instructed({ mode: 'accept-now' });
    await hideKey(service, one.client);
    await paying.send();
    await bringKeyBack(service, one.client);
    await correct(one.client, { ...WALLET, account: '09 777 555 222' }, 1).expect(200);
    minutesLater(16);
    expect(await paying.send()).toBe(0);
    expect(await stateOf(service, one.attempt)).toBe('instructed');
    await expect(
      sql(
        service.db.url,
        "insert into payments.dispatch values ($1, sha256('x'), now())",
        [one.attempt],
        'uct_service',
      ),
    ).rejects.toMatchObject({ code: 'UCT76' });
    const finance = await signedIn('finance-preparer');
    expect((await finance.send(PAGE, `${PAGE}/${one.attempt}/not-sent`)).status).toBe(303);
  });

  it('has no payee changed while a payment may have left', async () => {
    const { service } = paying;
    const one = await paying.instructed({ mode: 'accept-now' });
    const other = { ...WALLET, account: '09 777 555 333' };
    expect(refusal(await correct(one.client, other, 1))).toEqual({ status: 409, code: 'payment-under-way' });
    await damage(service, one.client);
    expect(refusal(await correct(one.client, other, 1))).toEqual({ status: 409, code: 'payment-under-way' });
    await damage(service, one.client);
    expect(await paying.send()).toBe(1);
  });

  it('is told as not sent by finance, and of nothing else', async () => {
    const { service } = paying;
    const one = await paying.instructed({ mode: 'accept-now' });
    await damage(service, one.client);
    await paying.send();
    const auditor = await signedIn('auditor');
    expect((await auditor.open(PAGE)).text).not.toContain(`${PAGE}/${one.attempt}/not-sent`);
    const finance = await signedIn('finance-preparer');
    const { text } = await finance.open(PAGE);
    const token = /name="_csrf" value="([^"]*)"/.exec(text)?.[1] ?? '';
    await damage(service, one.client);
    minutesLater(16);
    expect(await paying.send()).toBe(1);
    expect((await finance.post(`${PAGE}/${one.attempt}/not-sent`, { _csrf: token })).status).toBe(404);
    expect(await stateOf(service, one.attempt)).toBe('settled');
  });
});

it('somebody whose key was damaged is told what is possible, and nothing is corrected', async () => {
  const { service } = paying;
  const client = await registerClient(service);
  await damageKey(service, client);
  const page = await (await signedIn('caseworker')).open(`/clients/${client}/identity`);
  expect(page.status).toBe(409);
  expect(page.text).toContain('a backup of the keys may bring it back');
  expect(refusal(await correct(client, WALLET, 1))).toEqual({ status: 409, code: 'key-does-not-open' });
  await damageKey(service, client);
  await service.as('caseworker').get(`/api/v1/clients/${client}/identity`).expect(200);
});

it('what is held of somebody whose identity was damaged and corrected is still given to them', async () => {
  const { service } = paying;
  const client = await registerClient(service);
  await damage(service, client);
  expect(refusal(await service.as('caseworker').get(`/api/v1/clients/${client}/identity`))).toEqual({
    status: 409,
    code: 'identity-does-not-open',
  });
  await correct(client, WALLET, 1).expect(200);
  const { body } = await service.as('supervisor').get(`/api/v1/clients/${client}/export`).expect(200);
  expect(JSON.stringify(body)).toContain('"damaged":true');
  expect(JSON.stringify(body)).toContain(WALLET.account);
});

describe('by a bank’s file, somebody whose identity was damaged', () => {
  it('is recorded anew over the API, and paid by that in another run’s file', async () => {
    const { service } = paying;
    const { run, paid } = await releasedForBank(service, TODAY, [{}, { payee: bankPayee('81') }]);
    const [, two] = paid;
    if (!two) throw new Error('two were instructed');
    await damage(service, two.client);
    await makeFiles(service, run);
    const [waiting] = await listed();
    expect(waiting?.nextAt).toBeNull();
    const finance = await signedIn('finance-preparer');
    expect((await finance.open(PAGE)).text).toContain(`/runs/${run.id}#bank-files`);
    await correct(two.client, bankPayee('8282828282'), 1).expect(200);
    await damage(service, two.client); // the version that was signed opens again, and is not paid by all the same
    const again = await service
      .as('finance-releaser')
      .post(`/api/v1/runs/${run.id}/bank-files`)
      .set('idempotency-key', newId())
      .expect(200);
    expect(again.body).toMatchObject({ items: [{ count: 1 }], unreadable: [{ transfer: two.transfer }] });
    expect((await finance.send(PAGE, `${PAGE}/${waiting?.id}/not-sent`)).status).toBe(303);
    await reissue(service, two.transfer);
    const next = await releaseRun(service, TODAY);
    const [file] = (await makeFiles(service, next)).items;
    const content = (await contentOf(service, file ?? { id: '' })).toString();
    expect(content).toContain('8282828282');
    expect(await brokenRules(service)).toEqual([]);
  });
});

describe('of what waits because it cannot be read whom it goes to', () => {
  it.each(['mobile money', 'a bank’s file'])('nobody tells that it arrived by %s, in SQL neither', async (rail) => {
    const { service } = paying;
    let one: { client: string; transfer: string; run: string };
    if (rail === 'mobile money') {
      one = await paying.instructed({ mode: 'accept-now' });
      await damage(service, one.client);
      await paying.send();
    } else {
      const { run, paid } = await releasedForBank(service, TODAY, [{}, { payee: bankPayee('83') }]);
      one = { client: paid[1]?.client ?? '', transfer: paid[1]?.transfer ?? '', run: run.id };
      await damage(service, one.client);
      await makeFiles(service, run);
    }
    const [attempt] = await attemptsOf(one.transfer);
    travel(service, '2026-03-07');
    await service.app.get(ResultsService).noticeSilence(scheduleActor('test'));
    travel(service, TODAY);
    expect(await stateOf(service, attempt?.id ?? '')).toBe('unknown');

    const unknown = await service.as('finance-preparer').get('/api/v1/unknown-payments').expect(200);
    expect(JSON.stringify(unknown.body)).not.toContain(attempt?.id);
    const { text } = await (await signedIn('finance-preparer')).open(PAGE);
    expect(text).toContain(`${PAGE}/${attempt?.id}/not-sent`);
    expect(text).not.toContain(`${PAGE}/${attempt?.id}/outcome`);

    for (const outcome of ['resolved-paid', 'settled', 'returned'] as const) {
      const results = [{ transfer: one.transfer, outcome, reference: 'slip 7' }];
      const answer = await service.as('finance-preparer').post(`/api/v1/runs/${one.run}/results`, { results });
      expect(refusal(answer)).toEqual({ status: 409, code: 'was-not-sent' });
    }
    await expect(
      sql(
        service.db.url,
        `insert into payments.evidence (id, attempt_id, kind, happened_on, reference, recorded_by, recorded_at, source, confirmed_by)
         select gen_random_uuid(), $1, 'resolved-paid', '2026-03-05', 'slip 7', $2, now(), 'person', $3`,
        [attempt?.id, service.actor('finance-preparer').userId, service.actor('finance-approver').userId],
        'uct_service',
      ),
    ).rejects.toMatchObject({ code: 'UCT97' });
    const told = { transfer: one.transfer, outcome: 'failed', code: 'not-sent' };
    await service
      .as('finance-preparer')
      .post(`/api/v1/runs/${one.run}/results`, { results: [told] })
      .expect(200);
    expect(await stateOf(service, attempt?.id ?? '')).toBe('failed');
  });
});
