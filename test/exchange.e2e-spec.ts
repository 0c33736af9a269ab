/** Exchange: rates as banks gave them, money changed at them in linked entries, and what books and donors' statements say of it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DonorReportsService } from '../src/donor-reports/donor-reports.service.js';
import { ExchangeService } from '../src/funds/exchange.service.js';
import { ExchangeRatesService } from '../src/funds/exchange-rates.service.js';
import type { Role } from '../src/access/domain/actor.js';
import { GrantReversalsService } from '../src/funds/grant-reversals.service.js';
import { currencies } from '../src/kernel/reference-data.js';
import { enrolClient, newId, prepareRun } from './support/builders.js';
import { chanceFor } from './support/chance.js';
import { sql } from './support/database.js';
import {
  audited,
  exchangeOf,
  grantOf,
  holdings,
  openFundIn,
  recordRate,
  tellOfExchange,
  tellOfGrant,
  type OpenedFund,
} from './support/funds.js';
import { expectProblem, type ExpectedProblem } from './support/raw-requests.js';
import { watchRows, type RowWatch } from './support/rows.js';
import { books, brokenRules, callOffWhatIsDue } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const NO_SUCH_ID = '00000000-0000-4000-8000-000000000000';

let service: TestService;
let rows: RowWatch;
let usdToThb: string;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  rows = await watchRows(service.db.url);
  usdToThb = await recordRate(service, 'USD', 'THB', '36.5125');
});
afterAll(async () => {
  await rows.stop();
  await service.close();
});

const rateBody = (changed: object = {}) => ({
  id: newId(),
  base: 'USD',
  quote: 'THB',
  rate: '36.5',
  asOf: '2026-03-01',
  source: 'Bank of Tests',
  ...changed,
});
const tellOfRate = (body: object) => service.as('finance-preparer').post('/api/v1/exchange-rates', body);

/** A THB fund that holds so many USD. */
async function fundWithDollars(amount: string): Promise<OpenedFund> {
  const fund = await openFundIn(service, 'THB', 'USD');
  await tellOfGrant(service, fund, grantOf(amount, { currency: 'USD' })).expect(201);
  return fund;
}

async function leavesNoTrace(call: () => PromiseLike<{ status: number }>, expected: ExpectedProblem): Promise<void> {
  const before = await rows.now();
  expectProblem((await call()) as never, expected);
  expect(await rows.now()).toEqual(before);
}

describe('a rate', () => {
  it('is recorded once, however its decimals are written, and stands for its first content', async () => {
    const body = rateBody();
    const first = await tellOfRate(body).expect(201);
    expect(first.body).toEqual(body);
    const again = await tellOfRate({ ...body, rate: '36.5000' }).expect(200);
    expect(again.body).toEqual(body);
    for (const changed of [{ rate: '36.51' }, { base: 'EUR' }, { asOf: '2026-02-28' }, { source: 'Another bank' }]) {
      await leavesNoTrace(() => tellOfRate({ ...body, ...changed }), { status: 409, code: 'id-conflict', field: 'id' });
    }
    const [audit] = await sql<{ n: number }>(
      service.db.url,
      "select count(*)::int n from access.audit_event where act = 'exchange-rate.record' and subject_id = $1",
      [body.id],
    );
    expect(audit?.n).toBe(1);
  });

  it.each<[string, object, string, string]>([
    ['an unknown base', { base: 'XXX' }, 'unknown-currency', 'base'],
    ['an unknown quote', { quote: 'usd' }, 'unknown-currency', 'quote'],
    ['the same currency twice', { quote: 'USD' }, 'exchange-same-currency', 'quote'],
    ['a comma', { rate: '36,5' }, 'rate-malformed', 'rate'],
    ['nothing', { rate: '0.00' }, 'rate-not-positive', 'rate'],
    ['eleven decimals', { rate: '0.00000000001' }, 'rate-too-precise', 'rate'],
    ['eleven digits', { rate: '10000000000' }, 'rate-too-large', 'rate'],
    ['a number', { rate: 36.5 }, 'is-string', 'rate'],
    ['a day that is to come', { asOf: '2026-03-03' }, 'date-in-the-future', 'asOf'],
    ['30 February', { asOf: '2026-02-30' }, 'date-malformed', 'asOf'],
    ['no source', { source: '' }, 'is-length', 'source'],
  ])('with %s is refused', async (_, changed, code, field) => {
    await leavesNoTrace(() => tellOfRate(rateBody(changed)), { status: 422, code, field });
  });

  it('is on pages, latest day first, each once', async () => {
    const days = ['2026-01-10', '2026-01-11', '2026-01-11', '2026-01-12', '2026-01-12'];
    const ids = days.map(() => newId());
    await Promise.all(days.map((asOf, n) => tellOfRate(rateBody({ id: ids[n], asOf })).expect(201)));
    const seen: { id: string; asOf: string }[] = [];
    let next: string | null = '';
    while (next !== null) {
      const after: string = next && `&after=${next}`;
      const { body } = await service.as('auditor').get(`/api/v1/exchange-rates?limit=2${after}`).expect(200);
      const page = body as { items: { id: string; asOf: string }[]; next: string | null };
      seen.push(...page.items);
      next = page.next;
    }
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    expect(seen.map(({ id }) => id)).toEqual(expect.arrayContaining([usdToThb, ...ids]));
    expect(seen.map(({ asOf }) => asOf)).toEqual(
      seen
        .map(({ asOf }) => asOf)
        .sort()
        .reverse(),
    );
    const answer = await service.as('auditor').get('/api/v1/exchange-rates?after=yesterday');
    expectProblem(answer, { status: 400, code: 'cursor-malformed', field: 'after' });
  });
});

describe('an exchange', () => {
  it("takes what was sold, brings what it is worth at the rate, and keeps the bank's rounding apart", async () => {
    const fund = await fundWithDollars('1000.00');
    // 250.01 x 36.5125 = 9128.490125: the fund gets 9,128.49, and the bank gave one satang more.
    const answer = await tellOfExchange(service, fund, exchangeOf(usdToThb, '250.01', '9128.50')).expect(201);
    expect(answer.body).toMatchObject({
      base: 'USD',
      quote: 'THB',
      sold: '250.01',
      bought: '9128.50',
      worth: '9128.49',
      leftOver: '0.01',
    });
    expect(await holdings(service, fund)).toMatchObject({
      USD: { available: '749.99', atBank: '749.99' },
      THB: { available: '9128.49', atBank: '9128.50' },
    });
    const entries = await sql(
      service.db.url,
      `select e.kind, e.amount_minor::text amount, e.currency, e.happened_on::text, e.exchange_rate_id = $2 at_rate, length(e.evidence_sha256) proven
       from ledger.entry e join ledger.account a on a.id = e.debit_id where a.fund_id = $1 and e.kind like 'exchange%' order by e.seq`,
      [fund.id, usdToThb],
    );
    const shared = { happened_on: '2026-03-01', at_rate: true, proven: 32 };
    expect(entries).toEqual([
      { kind: 'exchange-out', amount: '25001', currency: 'USD', ...shared },
      { kind: 'exchange-in', amount: '912849', currency: 'THB', ...shared },
      { kind: 'exchange-residue', amount: '1', currency: 'THB', ...shared },
    ]);
    expect(await audited(service, fund, 'fund.exchange')).toBe(1);
    expect(await brokenRules(service)).toEqual([]);
  });

  it('leaves nothing over when the bank gave what the rate says', async () => {
    const fund = await fundWithDollars('100.00');
    await tellOfExchange(service, fund, exchangeOf(usdToThb, '100.00', '3651.25')).expect(201);
    expect(await holdings(service, fund)).toMatchObject({
      USD: { available: '0.00', atBank: '0.00' },
      THB: { available: '3651.25', atBank: '3651.25' },
    });
  });

  it('is there once, however often it is told, and stands for its first content', async () => {
    const fund = await fundWithDollars('1000.00');
    const body = exchangeOf(usdToThb, '100.00', '3651.25');
    const first = await tellOfExchange(service, fund, body).expect(201);
    const kept = await rows.now();
    const again = await tellOfExchange(service, fund, body).expect(200);
    expect(again.body).toEqual(first.body);
    expect(await rows.now()).toEqual(kept);
    const otherRate = await recordRate(service, 'USD', 'THB', '36.5125');
    for (const changed of [{ sold: '99.99' }, { bought: '3651.26' }, { reference: 'line 18' }, { rate: otherRate }]) {
      await leavesNoTrace(() => tellOfExchange(service, fund, { ...body, ...changed }), {
        status: 409,
        code: 'id-conflict',
        field: 'id',
      });
    }
  });

  it.each<[string, () => object, ExpectedProblem]>([
    [
      'less than the rate gives',
      () => ({ bought: '3651.24' }),
      { status: 422, code: 'exchange-below-rate', field: 'bought' },
    ],
    ['a digit too many', () => ({ bought: '36512.50' }), { status: 422, code: 'exchange-above-rate', field: 'bought' }],
    [
      'more than the fund has free',
      () => ({ sold: '1000.01', bought: '36513.00' }),
      { status: 422, code: 'insufficient-funds', field: 'sold' },
    ],
    ['nothing sold', () => ({ sold: '0.00' }), { status: 422, code: 'amount-not-positive', field: 'sold' }],
    ['a third decimal', () => ({ bought: '3651.255' }), { status: 422, code: 'amount-too-precise', field: 'bought' }],
    [
      'a day to come',
      () => ({ exchangedOn: '2026-03-03' }),
      { status: 422, code: 'date-in-the-future', field: 'exchangedOn' },
    ],
    [
      '30 February',
      () => ({ exchangedOn: '2026-02-30' }),
      { status: 422, code: 'date-malformed', field: 'exchangedOn' },
    ],
    ['no reference', () => ({ reference: '' }), { status: 422, code: 'is-length', field: 'reference' }],
    ['a rate that nobody recorded', () => ({ rate: NO_SUCH_ID }), { status: 404, code: 'not-found', field: 'rate' }],
  ])('with %s is refused', async (_, changed, expected) => {
    const fund = await fundWithDollars('1000.00');
    await leavesNoTrace(
      () => tellOfExchange(service, fund, exchangeOf(usdToThb, '100.00', '3651.25', changed())),
      expected,
    );
  });

  it('between currencies that the fund does not hold, or for a fund that is not there, is refused', async () => {
    const fund = await openFundIn(service, 'THB');
    const exchange = exchangeOf(usdToThb, '1.00', '36.52');
    await leavesNoTrace(() => tellOfExchange(service, fund, exchange), {
      status: 422,
      code: 'currency-not-held',
      field: 'rate',
    });
    await leavesNoTrace(() => tellOfExchange(service, { id: NO_SUCH_ID, code: '' }, exchange), {
      status: 404,
      code: 'not-found',
    });
  });

  it('at a rate that nobody else confirmed is refused', async () => {
    const fund = await fundWithDollars('100.00');
    const body = rateBody({ rate: '37', asOf: TODAY });
    await tellOfRate(body).expect(201);
    const sold = exchangeOf(body.id, '10.00', '370.00');
    const refused: ExpectedProblem = { status: 409, code: 'rate-not-confirmed', field: 'rate' };
    await leavesNoTrace(() => tellOfExchange(service, fund, sold), refused);
    const confirm = (role: Role) => service.as(role).post(`/api/v1/exchange-rates/${body.id}/confirmation`);
    await confirm('finance-preparer').expect(403);
    await expect(
      sql(
        service.db.url,
        'insert into payments.exchange_rate_confirmed select id, recorded_by, now() from payments.exchange_rate where id = $1',
        [body.id],
        'uct_service',
      ),
    ).rejects.toMatchObject({ code: 'UCT31' });
    const confirmed = await confirm('finance-approver').expect(200);
    expect(confirmed.body).toMatchObject({ state: 'in-force', confirmed: { by: 'finance-approver 1' } });
    await confirm('finance-approver').expect(200);
    await tellOfExchange(service, fund, sold).expect(201);
  });

  it('at a rate that was recorded before a second person was asked goes on', async () => {
    const fund = await fundWithDollars('100.00');
    const id = newId();
    await sql(
      service.db.url,
      `insert into payments.exchange_rate (id, base, quote, rate, as_of, source, recorded_by, recorded_at, needs_confirmation)
       select $1, 'USD', 'THB', 37, '2026-03-01', 'a bank', id, '2026-03-01', false from access.app_user limit 1`,
      [id],
    );
    await tellOfExchange(service, fund, exchangeOf(id, '10.00', '370.00')).expect(201);
  });

  it('at a rate that two people struck out is refused, and what was changed at it before stays', async () => {
    const fund = await fundWithDollars('100.00');
    const rate = await recordRate(service, 'USD', 'THB', '37');
    const sold = exchangeOf(rate, '10.00', '370.00');
    await tellOfExchange(service, fund, sold).expect(201);
    await service
      .as('finance-preparer', 2)
      .post(`/api/v1/exchange-rates/${rate}/doubts`, { reason: 'wrong-day' })
      .expect(200);
    await service.as('finance-approver').post(`/api/v1/exchange-rates/${rate}/striking-out`).expect(200);
    expectProblem(await tellOfExchange(service, fund, exchangeOf(rate, '10.00', '370.00')), {
      status: 409,
      code: 'rate-struck-out',
      field: 'rate',
    });
    await tellOfExchange(service, fund, sold).expect(200);
    expect(await brokenRules(service)).toEqual([]);
  });

  it('does not touch what a run has reserved', async () => {
    const fund = await openFundIn(service, 'THB', 'USD');
    await tellOfGrant(service, fund, grantOf('10000.00')).expect(201);
    await enrolClient(service, fund.code, TODAY);
    await prepareRun(service, TODAY);
    const thbToUsd = await recordRate(service, 'THB', 'USD', '0.0275');
    // 10,000 less the 4,707 that are reserved leaves 5,293.
    expectProblem(await tellOfExchange(service, fund, exchangeOf(thbToUsd, '5293.01', '145.56')), {
      status: 422,
      code: 'insufficient-funds',
      field: 'sold',
    });
    await tellOfExchange(service, fund, exchangeOf(thbToUsd, '5293.00', '145.56')).expect(201);
    expect((await holdings(service, fund)).THB).toMatchObject({ available: '0.00', atBank: '4707.00' });
    await callOffWhatIsDue(service);
  });

  it('is made as often as there is money for it, by whoever asks at once', async () => {
    const fund = await fundWithDollars('350.00');
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => tellOfExchange(service, fund, exchangeOf(usdToThb, '100.00', '3651.25'))),
    );
    const outcomes = answers
      .map(({ status, body }) => (status === 201 ? 'made' : (body as { code: string }).code))
      .sort();
    expect(outcomes).toEqual([...Array<string>(9).fill('insufficient-funds'), ...Array<string>(3).fill('made')]);
    expect(await holdings(service, fund)).toMatchObject({ USD: { atBank: '50.00' }, THB: { atBank: '10953.75' } });
  });

  it('one way does not wait in a circle for one the other way', async () => {
    const fund = await openFundIn(service, 'THB', 'USD');
    const thbToUsd = await recordRate(service, 'THB', 'USD', '0.0275');
    await tellOfGrant(service, fund, grantOf('10000.00')).expect(201);
    await tellOfGrant(service, fund, grantOf('10000.00', { currency: 'USD' })).expect(201);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0
          ? tellOfExchange(service, fund, exchangeOf(usdToThb, '1.00', '36.52'))
          : tellOfExchange(service, fund, exchangeOf(thbToUsd, '100.00', '2.75')),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(await brokenRules(service)).toEqual([]);
  });

  it('of any amount at any rate is what the database too takes for right', async () => {
    const chance = chanceFor('exchanges of any amount at any rate');
    const actor = service.actor('finance-preparer');
    const rates = service.app.get(ExchangeRatesService);
    const codes = ['THB', 'USD', 'VND'] as const;
    const fund = await openFundIn(service, ...codes);
    for (const code of codes) await tellOfGrant(service, fund, grantOf('1000000000', { currency: code })).expect(201);
    for (let round = 0; round < 60; round += 1) {
      const [base = 'THB', quote = 'USD'] = chance.shuffled(codes);
      const decimals = chance.integer(0, 10);
      const rate = `${chance.integer(0, 40_000)}.${String(chance.integer(1, 9_999_999_999)).padStart(10, '0').slice(0, decimals) || '5'}`;
      if (/^0\.0*$/.test(rate)) continue;
      const recorded = { id: newId(), base, quote, rate, asOf: TODAY, source: 'chance' };
      await rates.record(actor, recorded);
      await rates.confirm(service.actor('finance-approver'), recorded.id);
      const sold = currencies.format(BigInt(chance.integer(1, 1_000_000)), base);
      const told = { id: newId(), rate: recorded.id, sold, exchangedOn: TODAY, reference: `round ${round}` };
      const exchange = (bought: string) =>
        service.app.get(ExchangeService).exchange(actor, fund.id, { ...told, bought });
      // Counted in integers, apart from the code under test.
      const [whole = '', fraction = ''] = rate.split('.');
      const units = (code: string) => BigInt(currencies.get(code).minorUnits);
      const worth =
        (BigInt(sold.replace('.', '')) * BigInt(whole + fraction) * 10n ** units(quote)) /
        10n ** (units(base) + BigInt(fraction.length));
      if (worth === 0n) {
        await expect(exchange(currencies.format(1n, quote))).rejects.toMatchObject({ code: 'exchange-too-small' });
        continue;
      }
      const leftOver = chance.percent(50) ? 0n : worth / 200n;
      await expect(exchange(currencies.format(worth + leftOver, quote))).resolves.toMatchObject({
        created: true,
        exchange: { worth: currencies.format(worth, quote), leftOver: currencies.format(leftOver, quote) },
      });
    }
    expect(await brokenRules(service)).toEqual([]);
  });

  it('and its rate are never changed and never removed', async () => {
    for (const statement of [
      'update payments.exchange_rate set rate = 1',
      'delete from payments.exchange_rate',
      'update payments.exchange set sold_minor = 1',
      'truncate payments.exchange_rate cascade',
    ])
      await expect(sql(service.db.url, statement)).rejects.toMatchObject({ code: 'UCT01' });
  });
});

describe("the books' page", () => {
  it('shows each currency of a fund, with both sides of its books the same', async () => {
    const fund = await fundWithDollars('1000.00');
    await tellOfExchange(service, fund, exchangeOf(usdToThb, '250.01', '9128.50')).expect(201);
    const page = (await service.as('auditor').get('/books').set('accept', 'text/html').expect(200)).text;
    expect(page).toContain(
      'bank + in clearing + cash floats + paid = fund + committed + came back + left over by exchange',
    );
    const tableOf = (name: string) =>
      page
        .split('<table')
        .find((table) => table.includes(`${name} (${fund.code})`))
        ?.replace(/<[^>]+>/g, ' ')
        .replace(/\s+/g, ' ') ?? '';
    const [inThb, inUsd] = [tableOf(`Fund ${fund.code}`), tableOf(`Fund ${fund.code}, in USD`)];
    expect(inThb).toContain('Left over by exchange 0.00 0.01 0.01');
    expect(inThb).not.toContain('749.99');
    expect(inUsd).not.toContain('9,128.5');
    for (const [table, sum] of [
      [inThb, '9,128.50'],
      [inUsd, '749.99'],
    ] as const) {
      expect(table).toContain(`Bank + in clearing + cash floats + paid ${sum}`);
      expect(table).toContain(`Fund + committed + came back + left over by exchange ${sum}`);
    }
  });
});

describe("a donor's statement", () => {
  const reportOn = async (day: string, fund: OpenedFund, period: string) => {
    travel(service, day);
    const { report } = await service.app
      .get(DonorReportsService)
      .make(service.actor('finance-preparer'), { fund: fund.id, period });
    travel(service, TODAY);
    return report;
  };
  const minor = (amount = '0.00') => BigInt(amount.replace('.', ''));

  it("is of the fund's own currency, with what came in and went out by exchange, and says what else it holds", async () => {
    const fund = await openFundIn(service, 'THB', 'USD', 'VND', 'EUR');
    await tellOfGrant(service, fund, grantOf('50000.00')).expect(201);
    await tellOfGrant(service, fund, grantOf('1000.00', { currency: 'USD' })).expect(201);
    await tellOfGrant(service, fund, grantOf('70000', { currency: 'VND' })).expect(201);
    await tellOfExchange(service, fund, exchangeOf(usdToThb, '250.01', '9128.50')).expect(201);
    const thbToUsd = await recordRate(service, 'THB', 'USD', '0.0275');
    await tellOfExchange(service, fund, exchangeOf(thbToUsd, '1000.00', '27.50')).expect(201);

    const report = await reportOn('2026-04-01', fund, '2026-Q1');
    const { statement, otherCurrencies } = report.content;
    expect(statement).toEqual({
      currency: 'THB',
      receivedInPeriod: '50000.00',
      paidInPeriod: '0.00',
      returnedInPeriod: '0.00',
      receivedToDate: '50000.00',
      paidToDate: '0.00',
      atBank: '58128.50',
      inTransit: '0.00',
      available: '58128.49',
      exchangedInInPeriod: '9128.50',
      exchangedIn: '9128.50',
      exchangedOutInPeriod: '1000.00',
      exchangedOut: '1000.00',
      toAccountFor: '58128.50',
    });
    expect(minor(statement.atBank) + minor(statement.inTransit) + minor(statement.paidToDate)).toBe(
      minor(statement.receivedToDate) + minor(statement.exchangedIn) - minor(statement.exchangedOut),
    );
    expect(otherCurrencies).toEqual([
      { currency: 'USD', atBank: '777.49' },
      { currency: 'VND', atBank: '70000' },
    ]);

    const api = `/api/v1/donor-reports/${report.id}`;
    expect((await service.as('auditor').get(api).expect(200)).body).toMatchObject({ statement, otherCurrencies });
    const csv = (await service.as('auditor').get(`${api}.csv`).expect(200)).text;
    expect(csv).toContain('"statement","exchangedIn","9128.50"');
    expect(csv).toContain('"other currencies at the bank","USD","777.49"');
    const page = (await service.as('auditor').get(`/reports/${report.id}`).set('accept', 'text/html').expect(200)).text;
    expect(page).toMatch(/Came in by exchange.*9,128\.50.*9,128\.50/);
    expect(page).toMatch(/Went out by exchange.*1,000\.00.*1,000\.00/);
    expect(page).toMatch(/Together: received and came in by exchange, less what went out by it.*58,128\.50/);
    expect(page.replace(/<[^>]+>|\u00a0/g, ' ').replace(/\s+/g, ' ')).toContain(
      'At the bank at the quarter&#39;s end: 777.49 USD , 70,000 VND',
    );
    expect((await reportOn('2026-07-01', fund, '2026-Q2')).content.statement).toMatchObject({
      exchangedInInPeriod: '0.00',
      exchangedIn: '9128.50',
      toAccountFor: '58128.50',
    });
  });

  it('of a fund without exchange says nothing of exchange', async () => {
    const fund = await openFundIn(service, 'THB', 'USD');
    await tellOfGrant(service, fund, grantOf('50000.00')).expect(201);
    const report = await reportOn('2026-04-01', fund, '2026-Q1');
    expect(Object.keys(report.content)).toEqual(['fund', 'period', 'statement', 'people']);
    expect(JSON.stringify(report.content)).not.toMatch(/exchange|toAccountFor/);
    const { text } = await service.as('auditor').get(`/reports/${report.id}`).set('accept', 'text/html').expect(200);
    const page = text.slice(text.indexOf('<h1'));
    expect(page).not.toContain('exchange');
    expect(page).not.toContain('other currencies');
    expect(page).toMatch(/Together: all that was received.*50,000\.00/);
  });

  it('takes a grant that was taken back off in the quarter in which that was done', async () => {
    const fund = await openFundIn(service, 'THB');
    const [kept, wrong] = [grantOf('50000.00'), grantOf('700.00')];
    for (const grant of [kept, wrong]) await tellOfGrant(service, fund, grant).expect(201);
    expect((await reportOn('2026-04-01', fund, '2026-Q1')).content.statement).toMatchObject({
      receivedInPeriod: '50700.00',
      receivedToDate: '50700.00',
    });
    travel(service, '2026-04-02');
    await service.app
      .get(GrantReversalsService)
      .reverse(service.actor('finance-preparer'), fund.id, wrong.id, { id: newId(), reason: 'of another fund' });
    expect((await reportOn('2026-07-01', fund, '2026-Q2')).content.statement).toMatchObject({
      receivedInPeriod: '-700.00',
      receivedToDate: '50000.00',
      atBank: '50000.00',
      available: '50000.00',
    });
    expect(await books(service, fund.code)).toMatchObject({ bank: '50000.00', fund: '50000.00' });
  });
});
