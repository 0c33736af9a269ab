/** Builders of test data, over the API as people use it. */
import { randomUUID } from 'node:crypto';
import type { Payee } from '../../src/clients/domain/identity.js';
import type { Rail } from '../../src/funds/rails.js';
import type { ValuePolicy } from '../../src/funds/value-policy.js';
import { needsCatalogue } from '../../src/needs/catalogue.js';
import type { TestService } from './service.js';

export const newId = (): string => randomUUID();

/** All 21 needs ranked; those named get a 4, the others a 2. */
export function ranks(...highest: string[]): Record<string, number> {
  return Object.fromEntries(needsCatalogue.needs.map(({ code }) => [code, highest.includes(code) ? 4 : 2]));
}

export interface ClientOptions {
  id?: string;
  cohort?: string;
  caseGroup?: string;
  country?: string;
  region?: string;
  name?: string;
  dateOfBirth?: string | null;
  guardian?: boolean;
  consentToBePaid?: boolean;
  payee?: Payee;
}

/** The body of a registration: an adult in Myanmar who consents to data and payment, unless said otherwise. */
export function clientBody(options: ClientOptions = {}) {
  const consent = (purpose: string, given: boolean) => ({ purpose, given, language: 'my' });
  return {
    ...(options.id ? { id: options.id } : {}),
    cohort: options.cohort ?? 'test',
    ...(options.caseGroup ? { caseGroup: options.caseGroup } : {}),
    country: options.country ?? 'MM',
    ...(options.region ? { region: options.region } : {}),
    identity: {
      names: [{ text: options.name ?? 'အောင်မြင့်ဦး', script: 'Mymr', romanised: 'Aung Myint Oo' }],
      ...(options.dateOfBirth === null ? {} : { dateOfBirth: options.dateOfBirth ?? '1988-04-12' }),
      ...(options.payee ? { payee: options.payee } : {}),
      ...(options.guardian
        ? { guardian: { names: [{ text: 'Daw Khin', romanised: 'Daw Khin' }], relation: 'aunt' } }
        : {}),
    },
    consents: [consent('hold-data', true), consent('be-paid', options.consentToBePaid ?? true)],
  };
}

/** A registered client of caseworker 1; the code. */
export async function registerClient(service: TestService, options: ClientOptions = {}): Promise<string> {
  const answer = await service.as('caseworker').post('/api/v1/clients', clientBody(options)).expect(201);
  return (answer.body as { code: string }).code;
}

/** An open fund with money in it, valued by the pilot's decided amounts (THB) unless said otherwise; its code. */
export async function openFund(
  service: TestService,
  options: {
    code?: string;
    amount?: string;
    currency?: string;
    decidedLabel?: string | null;
    valuePolicy?: ValuePolicy;
    receivedOn?: string;
  } = {},
): Promise<string> {
  const id = newId();
  const code = options.code ?? `fund-${id.slice(0, 8)}`;
  const currency = options.currency ?? 'THB';
  const decidedLabel = options.decidedLabel === null ? {} : { decidedLabel: options.decidedLabel ?? 'pilot-2015' };
  await service
    .as('finance-preparer')
    .post('/api/v1/funds', {
      id,
      donor: `Donor of ${code}`,
      code,
      name: `Fund ${code}`,
      currency,
      ...decidedLabel,
      ...(options.valuePolicy ? { valuePolicy: options.valuePolicy } : {}),
    })
    .expect(201);
  const amount = options.amount ?? '1000000.00';
  if (amount !== '0.00') {
    await service
      .as('finance-preparer')
      .post(`/api/v1/funds/${id}/grants`, {
        id: newId(),
        amount,
        currency,
        receivedOn: options.receivedOn ?? '2026-01-05',
        reference: 'grant 1',
      })
      .expect(201);
  }
  return code;
}

/** A client enrolled and approved by a supervisor, first transfer on `anchorOn`; client code and the three transfers. */
export async function enrolClient(
  service: TestService,
  fund: string,
  anchorOn: string,
  options: ClientOptions & { rail?: Rail } = {},
) {
  const client = await registerClient(service, options);
  const answer = await service
    .as('supervisor')
    .post('/api/v1/enrolments', { id: newId(), client, fund, anchorOn, rail: options.rail ?? 'cash' })
    .expect(201);
  return {
    client,
    ...(answer.body as {
      id: string;
      transfers: { id: string; instalment: number; dueOn: string; amount: string; currency: string; state: string }[];
    }),
  };
}

export interface RunBody {
  id: string;
  digest: string;
  state: string;
  count: number;
  totals: { fund: string; amount: string; count: number }[];
  progress: Record<string, number>;
}

export async function prepareRun(
  service: TestService,
  dueThrough: string,
  country?: string,
  catchUp?: true,
): Promise<RunBody> {
  const answer = await service
    .as('finance-preparer')
    .post('/api/v1/runs', { id: newId(), dueThrough, ...(country ? { country } : {}), ...(catchUp ? { catchUp } : {}) })
    .expect(201);
  return answer.body as RunBody;
}

/** Prepared, approved and released: its transfers are instructed. */
export async function releaseRun(service: TestService, dueThrough: string, country?: string): Promise<RunBody> {
  const run = await prepareRun(service, dueThrough, country);
  await service.as('finance-approver').post(`/api/v1/runs/${run.id}/approvals`, { digest: run.digest }).expect(200);
  const answer = await service
    .as('finance-releaser')
    .post(`/api/v1/runs/${run.id}/release`, { digest: run.digest })
    .expect(200);
  return answer.body as RunBody;
}
