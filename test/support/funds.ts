/** What the tests of funds do over and over: open one with an id at hand, tell of grants, and look at what it holds. */
import { newId } from './builders.js';
import { sql } from './database.js';
import type { TestService } from './service.js';

export interface OpenedFund {
  id: string;
  code: string;
}

/** A fund of the pilot's decided amounts with accounts in these currencies, the first one its own, and nothing in them. */
export async function openFundIn(service: TestService, ...currencies: [string, ...string[]]): Promise<OpenedFund> {
  const [currency, ...others] = currencies;
  const id = newId();
  const code = `fund-${id.slice(0, 8)}`;
  const body = { id, donor: `Donor of ${code}`, code, name: `Fund ${code}`, currency, decidedLabel: 'pilot-2015' };
  await service.as('finance-preparer').post('/api/v1/funds', body).expect(201);
  for (const other of others)
    await service.as('finance-preparer').post(`/api/v1/funds/${id}/accounts`, { currency: other }).expect(201);
  return { id, code };
}

export const grantOf = (amount: string, changed: object = {}) => ({
  id: newId(),
  amount,
  currency: 'THB',
  receivedOn: '2026-02-20',
  reference: 'grant agreement 1',
  ...changed,
});

export const tellOfGrant = (service: TestService, fund: OpenedFund, grant: object) =>
  service.as('finance-preparer').post(`/api/v1/funds/${fund.id}/grants`, grant);

export interface Holding {
  currency: string;
  available: string;
  atBank: string;
}

/** What the fund holds in each currency, as the list of funds says. */
export async function holdings(service: TestService, { id }: OpenedFund): Promise<Record<string, Holding>> {
  const { body } = await service.as('auditor').get('/api/v1/funds').expect(200);
  const found = (body as { items: (Holding & { id: string; inOtherCurrencies: Holding[] })[] }).items.find(
    (item) => item.id === id,
  );
  if (!found) throw new Error('the fund is not on the list');
  return Object.fromEntries([found, ...found.inOtherCurrencies].map((holding) => [holding.currency, holding]));
}

/** How often an act was put into the audit trail for that fund. */
export async function audited(service: TestService, { id }: OpenedFund, act: string): Promise<number> {
  const [row] = await sql<{ n: number }>(
    service.db.url,
    'select count(*)::int n from access.audit_event where act = $1 and subject_id = $2',
    [act, id],
  );
  return row?.n ?? 0;
}

/** A rate of a bank for the first days of March 2026, recorded and confirmed; the id. */
export async function recordRate(service: TestService, base: string, quote: string, rate: string): Promise<string> {
  const body = { id: newId(), base, quote, rate, asOf: '2026-03-01', source: 'Bank of Tests, notice of 1 March' };
  await service.as('finance-preparer').post('/api/v1/exchange-rates', body).expect(201);
  await service.as('finance-approver').post(`/api/v1/exchange-rates/${body.id}/confirmation`).expect(200);
  return body.id;
}

export const exchangeOf = (rate: string, sold: string, bought: string, changed: object = {}) => ({
  id: newId(),
  rate,
  sold,
  bought,
  exchangedOn: '2026-03-01',
  reference: 'statement line 17',
  ...changed,
});

export const tellOfExchange = (service: TestService, fund: OpenedFund, exchange: object) =>
  service.as('finance-preparer').post(`/api/v1/funds/${fund.id}/exchanges`, exchange);
