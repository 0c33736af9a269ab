/** Grants: received in any currency that the fund holds, many at once in one transaction, and none lost, doubled or mixed up. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FundsService } from '../src/funds/funds.service.js';
import { GrantsService } from '../src/funds/grants.service.js';
import type { Problem } from '../src/kernel/domain/problem.js';
import { enrolClient, newId, prepareRun } from './support/builders.js';
import { connect } from './support/connection.js';
import { createTestDatabase, sql } from './support/database.js';
import { audited, grantOf, holdings, openFundIn, tellOfGrant, type OpenedFund } from './support/funds.js';
import { expectProblem } from './support/raw-requests.js';
import { watchRows } from './support/rows.js';
import { brokenRules, callOffWhatIsDue } from './support/runs.js';
import { startTestService, type TestService } from './support/service.js';

const NO_SUCH_ID = '00000000-0000-4000-8000-000000000000';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: '2026-03-02' });
});
afterAll(() => service.close());

const openAccounts = (fund: OpenedFund, currency: string) =>
  service.as('finance-preparer').post(`/api/v1/funds/${fund.id}/accounts`, { currency });

/** Grants recorded for the fund, the entries that posted them, and in how many transactions. */
async function recorded(
  url: string,
  { id }: OpenedFund,
): Promise<{ grants: number; entries: number; commits: number }> {
  const [row] = await sql<{ grants: number; entries: number; commits: number }>(
    url,
    `select count(*)::int grants, count(e.id)::int entries, count(distinct e.xact)::int commits
     from payments.grant_received g left join ledger.entry e on e.source_id = g.id and e.kind = 'grant' and e.amount_minor = g.amount_minor
     where g.fund_id = $1`,
    [id],
  );
  if (!row) throw new Error('no row');
  return row;
}

/** Holds the fund's balances, so that whatever posts there waits until the answer is called, or for ten seconds when a test fails before. */
async function holdBooks(url: string, { id }: OpenedFund): Promise<() => Promise<void>> {
  const session = await connect(url);
  await session.query('begin');
  await session.query(
    'select from ledger.balance where account_id in (select id from ledger.account where fund_id = $1) for update',
    [id],
  );
  let ended: Promise<void> | undefined;
  const release = () => (ended ??= session.end());
  const giveUp = setTimeout(() => void release(), 10_000);
  return () => {
    clearTimeout(giveUp);
    return release();
  };
}

describe('accounts in another currency', () => {
  it('are opened once, and the second call finds them open', async () => {
    const fund = await openFundIn(service, 'THB');
    const first = await openAccounts(fund, 'USD').expect(201);
    const again = await openAccounts(fund, 'USD').expect(200);
    expect([first.body, again.body]).toEqual(Array(2).fill({ id: fund.id, currency: 'USD' }));
    expect(await audited(service, fund, 'fund.open-accounts')).toBe(1);
    expect(Object.keys(await holdings(service, fund))).toEqual(['THB', 'USD']);
  });

  it("that are the fund's own are open from the start", async () => {
    const fund = await openFundIn(service, 'THB');
    await openAccounts(fund, 'THB').expect(200);
    expect(Object.keys(await holdings(service, fund))).toEqual(['THB']);
  });

  it('are opened once by eight who ask at the same moment', async () => {
    const fund = await openFundIn(service, 'THB');
    const funds = service.app.get(FundsService);
    const actor = service.actor('finance-preparer');
    const answers = await Promise.all(Array.from({ length: 8 }, () => funds.openAccounts(actor, fund.id, 'VND')));
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(await audited(service, fund, 'fund.open-accounts')).toBe(1);
  });

  it('are refused in a currency that nobody knows, and for a fund that is not there', async () => {
    const fund = await openFundIn(service, 'THB');
    expectProblem(await openAccounts(fund, 'XXX'), { status: 422, code: 'unknown-currency', field: 'currency' });
    expectProblem(await openAccounts({ id: NO_SUCH_ID, code: '' }, 'USD'), { status: 404, code: 'not-found' });
  });
});

describe('a grant', () => {
  it('comes in any currency in which the fund has accounts, and in no other', async () => {
    const fund = await openFundIn(service, 'THB', 'USD', 'VND');
    await tellOfGrant(service, fund, grantOf('1000.00')).expect(201);
    await tellOfGrant(service, fund, grantOf('250.50', { currency: 'USD' })).expect(201);
    await tellOfGrant(service, fund, grantOf('70000', { currency: 'VND' })).expect(201);
    expectProblem(await tellOfGrant(service, fund, grantOf('1.00', { currency: 'EUR' })), {
      status: 422,
      code: 'currency-not-held',
      field: 'currency',
    });
    expect(await holdings(service, fund)).toMatchObject({
      THB: { available: '1000.00', atBank: '1000.00' },
      USD: { available: '250.50', atBank: '250.50' },
      VND: { available: '70000', atBank: '70000' },
    });
  });

  it('is not the same grant in another currency', async () => {
    const fund = await openFundIn(service, 'THB', 'USD');
    const grant = grantOf('500.00');
    await tellOfGrant(service, fund, grant).expect(201);
    await tellOfGrant(service, fund, grant).expect(200);
    const answer = await tellOfGrant(service, fund, { ...grant, currency: 'USD' });
    expectProblem(answer, { status: 409, code: 'id-conflict', field: 'id' });
    expect(await recorded(service.db.url, fund)).toMatchObject({ grants: 1, entries: 1 });
  });
});

describe('64 grants at once on one fund', () => {
  it('share transactions, each is there once, and who repeats another gets what a repetition gets', async () => {
    const fund = await openFundIn(service, 'THB');
    const grants = Array.from({ length: 40 }, (_, n) => grantOf(`${n + 1}.00`));
    const repeated = grants.slice(0, 16);
    const falsified = grants.slice(16, 24).map((grant) => ({ ...grant, reference: 'another letter' }));
    const answers = await Promise.all(
      [...grants, ...repeated, ...falsified].map((grant) => tellOfGrant(service, fund, grant)),
    );
    const statusOf = (id: string) => answers.flatMap(({ status }, n) => (allIds[n] === id ? [status] : [])).sort();
    const allIds = [...grants, ...repeated, ...falsified].map(({ id }) => id);
    for (const { id } of repeated) expect(statusOf(id)).toEqual([200, 201]);
    for (const { id } of falsified) expect(statusOf(id)).toEqual([201, 409]);
    for (const { id } of grants.slice(24)) expect(statusOf(id)).toEqual([201]);
    for (const answer of answers.filter(({ status }) => status === 409))
      expectProblem(answer, { status: 409, code: 'id-conflict', field: 'id' });

    const { grants: rows, entries, commits } = await recorded(service.db.url, fund);
    expect([rows, entries]).toEqual([40, 40]);
    expect(commits).toBeLessThan(20);
    expect(await audited(service, fund, 'fund.receive-grant')).toBe(40);
    expect((await holdings(service, fund)).THB).toMatchObject({ available: '820.00', atBank: '820.00' });
    expect(await brokenRules(service)).toEqual([]);
  });

  it('that say the same are one received, one there before and one in conflict, also within one transaction', async () => {
    const fund = await openFundIn(service, 'THB');
    const grant = grantOf('5.00');
    const told = [grant, grant, { ...grant, amount: '5.01' }].map((one) => ({
      actor: service.actor('finance-preparer'),
      fundId: fund.id,
      grant: one,
    }));
    expect(await service.app.get(GrantsService).receiveTogether(told)).toEqual([
      { created: true },
      { created: false },
      expect.objectContaining({ status: 409, code: 'id-conflict', field: 'id' }),
    ]);
    expect(await recorded(service.db.url, fund)).toEqual({ grants: 1, entries: 1, commits: 1 });
  });

  it('leave nobody with the fault of another, whether we see it or the database does', async () => {
    const fund = await openFundIn(service, 'THB');
    const good = Array.from({ length: 58 }, () => grantOf('10.00'));
    const bad: [object, { status: number; code: string; field?: string }][] = [
      [grantOf('0.00'), { status: 422, code: 'amount-not-positive', field: 'amount' }],
      [grantOf('1.001'), { status: 422, code: 'amount-too-precise', field: 'amount' }],
      [grantOf('1.00', { currency: 'XXX' }), { status: 422, code: 'unknown-currency', field: 'currency' }],
      [grantOf('1.00', { currency: 'USD' }), { status: 422, code: 'currency-not-held', field: 'currency' }],
      [grantOf('1.00', { reference: 'a\u0000b' }), { status: 400, code: 'text-malformed' }],
    ];
    const elsewhere = tellOfGrant(service, { id: NO_SUCH_ID, code: '' }, grantOf('1.00'));
    const answers = Promise.all(good.map((grant) => tellOfGrant(service, fund, grant)));
    const refused = await Promise.all(bad.map(([grant]) => tellOfGrant(service, fund, grant)));
    expectProblem(await elsewhere, { status: 404, code: 'not-found' });
    bad.forEach(([, expected], n) => expectProblem(refused[n]!, expected));
    expect((await answers).map(({ status }) => status)).toEqual(Array(58).fill(201));
    expect(await recorded(service.db.url, fund)).toMatchObject({ grants: 58, entries: 58 });
    expect(await audited(service, fund, 'fund.receive-grant')).toBe(58);
    expect((await holdings(service, fund)).THB?.available).toBe('580.00');
  });
});

describe('more grants than can be taken', () => {
  it('are refused with Retry-After, and what was taken is there when it is answered', async () => {
    const fund = await openFundIn(service, 'THB');
    const actor = service.actor('finance-preparer');
    const release = await holdBooks(service.db.url, fund);
    const outcomes = Array.from({ length: 6_000 }, () =>
      service.app
        .get(GrantsService)
        .receive(actor, fund.id, grantOf('1.00'))
        .then(
          ({ created }) => (created ? 'created' : 'exists'),
          (error: Problem) => error.code,
        ),
    );
    const late = grantOf('1.00');
    const answer = await tellOfGrant(service, fund, late);
    expectProblem(answer, { status: 429, code: 'ledger-busy' });
    expect(answer.headers['retry-after']).toBe('1');
    expect(await recorded(service.db.url, fund)).toMatchObject({ grants: 0 });

    await release();
    const ended = await Promise.all(outcomes);
    expect(new Set(ended)).toEqual(new Set(['created', 'ledger-busy']));
    const created = ended.filter((outcome) => outcome === 'created').length;
    expect(created).toBeGreaterThanOrEqual(4_000);
    expect(await recorded(service.db.url, fund)).toMatchObject({ grants: created, entries: created });
    expect((await holdings(service, fund)).THB?.available).toBe(`${created}.00`);
    await tellOfGrant(service, fund, late).expect(201);
    expect(await brokenRules(service)).toEqual([]);
  });

  it('or that come while the service stops, are either recorded and answered, or refused', async () => {
    const db = await createTestDatabase();
    const stopping = await startTestService({ db });
    const fund = await openFundIn(stopping, 'THB');
    const receive = () =>
      stopping.app.get(GrantsService).receive(stopping.actor('finance-preparer'), fund.id, grantOf('1.00'));
    const release = await holdBooks(db.url, fund);
    const taken = Array.from({ length: 20 }, receive);
    const closed = stopping.close();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const late = receive().catch((error: unknown) => error);
    await release();
    expect(await late).toMatchObject({ status: 503, code: 'stopping' });
    expect((await Promise.all(taken)).every(({ created }) => created)).toBe(true);
    await closed;
    expect(await recorded(db.url, fund)).toMatchObject({ grants: 20, entries: 20 });
    await db.drop();
  });
});

describe('a grant recorded by mistake', () => {
  const takeBack = (fund: OpenedFund, grant: { id: string }, body: object) =>
    service.as('finance-preparer').post(`/api/v1/funds/${fund.id}/grants/${grant.id}/reversal`, body);
  const reversal = (changed: object = {}) => ({ id: newId(), reason: 'meant for another fund', ...changed });

  /** A fund with these grants in it. */
  async function fundWith(...amounts: string[]) {
    const fund = await openFundIn(service, 'THB');
    const grants = amounts.map((amount) => grantOf(amount));
    for (const grant of grants) await tellOfGrant(service, fund, grant).expect(201);
    return { fund, grants: grants as [(typeof grants)[number], ...typeof grants] };
  }

  it('is taken back as a whole, leaves both entries standing, and is not a grant again', async () => {
    const { fund, grants } = await fundWith('700.00', '50.00');
    const body = reversal();
    const answer = await takeBack(fund, grants[0], body).expect(201);
    expect(answer.body).toEqual({ id: body.id, grant: grants[0].id });
    expect((await holdings(service, fund)).THB).toMatchObject({ available: '50.00', atBank: '50.00' });
    const entries = await sql(
      service.db.url,
      `select back.amount_minor::text amount, back.source_id, back.debit_id = first.credit_id and back.credit_id = first.debit_id is_mirrored
       from ledger.entry first join ledger.entry back on back.reverses_id = first.id where first.source_id = $1 and back.kind = 'reversal'`,
      [grants[0].id],
    );
    expect(entries).toEqual([{ amount: '70000', source_id: body.id, is_mirrored: true }]);
    expect(await audited(service, fund, 'fund.reverse-grant')).toBe(1);
    await tellOfGrant(service, fund, grants[0]).expect(200);
    expect((await holdings(service, fund)).THB?.available).toBe('50.00');
    expect(await brokenRules(service)).toEqual([]);
  });

  it('is taken back once: the same again changes nothing, another is refused', async () => {
    const { fund, grants } = await fundWith('700.00', '700.00');
    const body = reversal();
    await takeBack(fund, grants[0], body).expect(201);
    await takeBack(fund, grants[0], body).expect(200);
    expectProblem(await takeBack(fund, grants[0], reversal()), { status: 409, code: 'already-reversed' });
    expectProblem(await takeBack(fund, grants[0], { ...body, reason: 'another' }), {
      status: 409,
      code: 'id-conflict',
      field: 'id',
    });
    expectProblem(await takeBack(fund, grants[1]!, body), { status: 409, code: 'id-conflict', field: 'id' });
    expect((await holdings(service, fund)).THB?.available).toBe('700.00');
  });

  it('is taken back once by eight at once', async () => {
    const { fund, grants } = await fundWith('700.00', '700.00');
    const answers = await Promise.all(Array.from({ length: 8 }, () => takeBack(fund, grants[0], reversal())));
    const outcomes = answers.map(({ status, body }) =>
      status === 201 ? 'taken back' : (body as { code: string }).code,
    );
    expect(outcomes.sort()).toEqual([...Array<string>(7).fill('already-reversed'), 'taken back']);
    expect((await holdings(service, fund)).THB?.available).toBe('700.00');
  });

  it('stays when its money is promised, and says so in plain words', async () => {
    const { fund, grants } = await fundWith('4000.00', '1000.00');
    await enrolClient(service, fund.code, '2026-03-02');
    await prepareRun(service, '2026-03-02');
    const rows = await watchRows(service.db.url);
    const before = await rows.now();
    for (const grant of grants) {
      const answer = await takeBack(fund, grant, reversal());
      expectProblem(answer, { status: 422, code: 'insufficient-funds' });
      expect((answer.body as { detail: string }).detail).toMatch(/promised or spent already/);
    }
    expect(await rows.now()).toEqual(before);
    await rows.stop();
    await callOffWhatIsDue(service);
  });

  it('is taken back only while there is money for it, whichever of several is asked for at once', async () => {
    const { fund, grants } = await fundWith(...Array<string>(8).fill('1000.00'));
    await enrolClient(service, fund.code, '2026-03-02');
    await prepareRun(service, '2026-03-02');
    // 8,000 less the 4,707 that the run reserved: three of them are free.
    const answers = await Promise.all(grants.map((grant) => takeBack(fund, grant, reversal())));
    const outcomes = answers.map(({ status, body }) =>
      status === 201 ? 'taken back' : (body as { code: string }).code,
    );
    expect(outcomes.sort()).toEqual([
      ...Array<string>(5).fill('insufficient-funds'),
      ...Array<string>(3).fill('taken back'),
    ]);
    expect((await holdings(service, fund)).THB).toMatchObject({ available: '293.00', atBank: '5000.00' });
    expect(await brokenRules(service)).toEqual([]);
    await callOffWhatIsDue(service);
  });

  it('is found only in its own fund, and not taken back without a reason', async () => {
    const { fund, grants } = await fundWith('700.00');
    const other = await openFundIn(service, 'THB');
    expectProblem(await takeBack(other, grants[0], reversal()), { status: 404, code: 'not-found' });
    expectProblem(await takeBack(fund, { id: NO_SUCH_ID }, reversal()), { status: 404, code: 'not-found' });
    for (const reason of ['', 'x'.repeat(501)]) {
      const answer = await takeBack(fund, grants[0], reversal({ reason }));
      expectProblem(answer, { status: 422, code: 'is-length', field: 'reason' });
    }
  });
});
