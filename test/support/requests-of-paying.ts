/** A request of the right shape for every route of paying that takes a body, for what breaks them at random. */
import { newId } from './builders.js';

export interface PayingSubjects {
  today: string;
  client: string;
  fund: string;
  fundPath: string;
  enrolment: string;
  transfer: string;
  /** Prepared, and released. */
  run: string;
  released: string;
  /** Somebody of the staff. */
  user: string;
}

type Requests = Record<string, { path: string; body: Record<string, unknown> }>;

/** By method and route. Where nothing of the kind is there, an id that nothing has stands in the address. */
export function requestsOfPaying(on: PayingSubjects): Requests {
  const nowhere = newId();
  const at = (route: string, body: Record<string, unknown>, names: Record<string, string> = {}): Requests => {
    const path = Object.entries({ ':id': nowhere, ...names }).reduce(
      (filled, [name, value]) => filled.replace(name, value),
      route.split(' ')[1] ?? '',
    );
    return { [route]: { path, body } };
  };
  const bare = (...routes: string[]) => Object.assign({}, ...routes.map((route) => at(route, {}))) as Requests;
  const callback = (method: 'POST' | 'PUT') =>
    at(
      `${method} /api/v1/rails/mobile-money/callbacks/:token`,
      { transactionStatus: 'completed', requestingOrganisationTransactionReference: nowhere },
      { ':token': 'x'.repeat(43) },
    );
  const handover = { id: newId(), kind: 'witness', second: on.user, happenedOn: on.today };
  const count = {
    id: newId(),
    fund: on.fund,
    currency: 'THB',
    pieces: [{ piece: '1000', count: 4 }],
    books: '4707.00',
  };
  const wage = {
    id: newId(),
    country: 'TH',
    unit: 'day',
    amount: '400',
    currency: 'THB',
    effectiveFrom: on.today,
    instrument: 'Notification 14',
    sourceUrl: 'https://example.org/wage',
    confidence: 'confirmed',
  };
  const account = {
    name: 'Hill and River',
    bank: 'Lotus Bank',
    bankCode: 'KASITHBK',
    account: '9990001112',
    accountKind: 'bban',
    currency: 'THB',
    country: 'TH',
    layout: 'pain.001.001.09',
  };
  const review = { id: newId(), fund: on.fund, wageRate: '1' };
  return {
    ...at('PUT /api/v1/own-accounts', { accounts: ['123-4-56789-0'] }),
    ...at('POST /api/v1/approval-limits', { id: newId(), currency: 'THB', steps: [{ above: '0', approvals: 1 }] }),
    ...at('POST /approval-limits', { currency: 'THB', above2: '100000.00', above3: '' }),
    ...at('POST /api/v1/runs/dry-run', { dueThrough: on.today, country: 'TH', catchUp: true }),
    ...at('POST /runs', { id: newId(), dueThrough: on.today, country: 'TH', catchUp: 'yes' }),
    ...at('POST /api/v1/unknown-payments/:id/owner', { owner: on.user }),
    ...at('POST /unknown-payments/:id/owner', { owner: on.user }),
    ...at('POST /unknown-payments/:id/outcome', { outcome: 'resolved-paid', happenedOn: on.today, reference: 'slip' }),
    ...bare(
      'POST /api/v1/approval-limits/:id/confirmation',
      'POST /approval-limits/:id/confirmation',
      'POST /api/v1/results-to-confirm/:id/confirmation',
      'POST /unknown-payments/told/:id/confirmation',
      'POST /unknown-payments/:id/not-sent',
    ),

    ...at('POST /api/v1/paying-accounts', { ...account, id: newId(), code: 'fuzz', funds: [on.fund] }),
    ...at('POST /paying-accounts', { ...account, id: newId(), code: 'fuzz-page', funds: on.fund }),
    ...at('POST /api/v1/paying-accounts/:id/funds', { fund: on.fund }),
    ...at('POST /paying-accounts/:id/funds', { fund: on.fund }),
    ...at('POST /api/v1/runs/:id/bank-files', { executionOn: on.today }, { ':id': on.released }),
    ...at('POST /runs/:id/bank-files', { executionOn: on.today }, { ':id': on.released }),
    ...at('POST /api/v1/bank-files/:id/abandonment', { reason: 'wrong-day' }),
    ...at('POST /bank-files/:id/abandon', { reason: 'wrong-day' }),
    ...at('POST /api/v1/bank-reports', {}),
    ...at('POST /bank-reports', { layout: 'generic' }),
    ...at('POST /api/v1/statement-balances', { account: 'fuzz', day: on.today, amount: '1.00' }),
    ...at('POST /statement-balances', { account: 'fuzz', day: on.today, amount: '1.00' }),
    ...at('POST /fund-policies', { id: newId(), fund: on.fund, policy: 'freeze', reason: 'as agreed' }),
    ...at('POST /fund-policies/:id/changes/:change/confirmation', {}, { ':id': on.fund, ':change': newId() }),
    ...at(
      'POST /fund-policies/:id/changes/:change/decline',
      { because: 'out-of-date' },
      { ':id': on.fund, ':change': newId() },
    ),
    ...at('POST /fund-policies/:id/changes/:change/withdrawal', {}, { ':id': on.fund, ':change': newId() }),
    ...at('POST /api/v1/work-items/:id/resolution', { resolution: 'is-payment', transfer: on.transfer, attemptNo: 1 }),
    ...at('POST /work-items/:id', { resolution: 'other-movement' }),

    ...at(
      'POST /api/v1/transfers/:id/reversal',
      { id: newId(), attempt: 1, reason: 'client-wish' },
      { ':id': on.transfer },
    ),
    ...at('POST /not-arrived/:id/put-back', {}, { ':id': on.transfer }),
    ...at('POST /reversals', { id: newId(), transfer: on.transfer, attempt: '1', reason: 'client-wish' }),
    ...bare('POST /reversals/:id/confirmation'),
    ...callback('POST'),
    ...callback('PUT'),

    ...bare('POST /api/v1/runs/:id/vouchers', 'POST /api/v1/vouchers/:id/not-collected'),
    ...at('POST /cash/runs/:id/vouchers', {}, { ':id': on.released }),
    ...at('POST /api/v1/vouchers/:id/hand-out', { id: newId(), holder: on.user }),
    ...at('POST /api/v1/vouchers/:id/receipt', { offer: newId() }),
    ...at('POST /api/v1/vouchers/:id/hand-in', { id: newId(), because: 'not-collected' }),
    ...at('POST /api/v1/vouchers/:id/acknowledgement', handover),
    ...at('POST /api/v1/vouchers/:id/acknowledgement/confirmation', { handover: newId() }),
    ...at('POST /api/v1/till-counts', {
      ...count,
      explanations: [{ reason: 'not-fetched-from-bank', amount: '-707.00' }],
    }),
    ...bare('POST /api/v1/till-counts/:id/confirmation', 'POST /cash-counts/:id/confirm'),
    ...at('POST /cash-counts', { fund: on.fund, currency: 'THB', 'piece.1000': '4' }),
    ...at('POST /cash/hand-out', { holder: on.user, voucher: nowhere }),
    ...bare(
      'POST /cash/vouchers/:id/hand-in',
      'POST /cash/vouchers/:id/not-collected',
      'POST /cash/vouchers/:id/take-in',
    ),
    ...bare('POST /cash-i-carry/:id/confirm', 'POST /cash-i-carry/:id/hand-in', 'POST /cash-i-carry/:id/take'),
    ...at('POST /cash-i-carry/:id/hand-over', { kind: 'witness', second: on.user, happenedOn: on.today }),

    ...at('POST /api/v1/wage-rates', wage),
    ...at('POST /wages', wage),
    ...bare(
      'POST /api/v1/wage-rates/:id/confirmation',
      'POST /api/v1/wage-rates/:id/decline',
      'POST /wages/:id/confirm',
      'POST /wages/:id/decline',
    ),
    ...at('POST /api/v1/value-reviews', review),
    ...at('POST /value-reviews', review),
    ...bare(
      'POST /api/v1/value-reviews/:id/approval',
      'POST /api/v1/value-reviews/:id/decline',
      'POST /value-reviews/:id/approve',
      'POST /value-reviews/:id/decline',
    ),
    'POST /api/v1/funds/:id/policy-changes': {
      path: `${on.fundPath}/policy-changes`,
      body: { id: newId(), policy: 'raise_only', reason: 'the donor agreed' },
    },
    'POST /api/v1/funds/:id/policy-changes/:change/confirmation': {
      path: `${on.fundPath}/policy-changes/${nowhere}/confirmation`,
      body: {},
    },
    'POST /api/v1/funds/:id/policy-changes/:change/decline': {
      path: `${on.fundPath}/policy-changes/${nowhere}/decline`,
      body: { reason: 'out-of-date' },
    },
    'POST /api/v1/funds/:id/policy-changes/:change/withdrawal': {
      path: `${on.fundPath}/policy-changes/${nowhere}/withdrawal`,
      body: {},
    },
    ...at('POST /api/v1/enrolments/:id/changes', { id: newId(), rail: 'manual' }, { ':id': on.enrolment }),
    ...bare('POST /api/v1/enrolment-changes/:id/approval', 'POST /api/v1/enrolment-changes/:id/decline'),
    ...at('POST /clients/:code/enrolment/changes', { rail: 'manual', country: 'TH' }, { ':code': on.client }),
    ...at('POST /clients/:code/enrolment/changes/:id/approve', {}, { ':code': on.client }),
    ...at('POST /clients/:code/enrolment/changes/:id/decline', {}, { ':code': on.client }),
  };
}
