/** Builders of wages that come with time, of funds that value by them, and of value reviews. */
import type { Role } from '../../src/access/domain/actor.js';
import type { ValuePolicy } from '../../src/funds/value-policy.js';
import { countryOf } from '../../src/kernel/reference-data.js';
import { newId, openFund } from './builders.js';
import type { TestService } from './service.js';

export interface ReviewBody {
  id: string;
  policy: ValuePolicy;
  worth: string;
  enrolments: number;
  leftOut: number;
  acts: Record<string, { count: number; amount: string }>;
  state: string;
}

/** A daily wage of a country, or of a region of it. */
export function wageFrom(country: string, amount: string, effectiveFrom: string, region?: string) {
  return {
    id: newId(),
    country,
    ...(region ? { region } : {}),
    unit: 'day',
    amount,
    currency: countryOf(country).currency,
    effectiveFrom,
    instrument: `Notification of ${effectiveFrom}`,
    sourceUrl: 'https://example.org/wages',
    confidence: 'official',
  };
}

/** Proposed by one person, confirmed by another; the id of the wage that it became. */
export async function confirmWage(
  service: TestService,
  wage: { id: string } & Record<string, string>,
): Promise<string> {
  await service.as('finance-preparer').post('/api/v1/wage-rates', wage).expect(201);
  const confirmed = await service.as('finance-approver').post(`/api/v1/wage-rates/${wage.id}/confirmation`).expect(200);
  return (confirmed.body as { wageRate: string }).wageRate;
}

/** A fund that values by the minimum wage; its code. */
export function openWageFund(
  service: TestService,
  valuePolicy: ValuePolicy,
  options: { currency?: string; receivedOn?: string } = {},
): Promise<string> {
  return openFund(service, { decidedLabel: null, valuePolicy, amount: '100000000.00', ...options });
}

let regions = 0;

/** A region of Thailand that nothing else is about, with a daily wage since 2025. */
export async function regionWithWage(service: TestService, amount: string): Promise<string> {
  regions += 1;
  const region = `Region ${regions}`;
  await confirmWage(service, wageFrom('TH', amount, '2025-01-01', region));
  return region;
}

export async function proposeReview(
  service: TestService,
  fund: string,
  wageRate: string,
  by: Role = 'finance-preparer',
): Promise<ReviewBody> {
  const answer = await service.as(by).post('/api/v1/value-reviews', { id: newId(), fund, wageRate }).expect(201);
  return answer.body as ReviewBody;
}

/** Proposed by one person, approved by another. */
export async function review(service: TestService, fund: string, wageRate: string): Promise<ReviewBody> {
  const { id } = await proposeReview(service, fund, wageRate);
  const answer = await service.as('finance-approver').post(`/api/v1/value-reviews/${id}/approval`).expect(200);
  return answer.body as ReviewBody;
}
