/** Whose data each route reaches, decided by a person: the matrix asks every role for its own, for another's and for what is nowhere. */
import type { Role } from '../../src/access/domain/actor.js';
import { newId } from './builders.js';
import { assessment, TODAY, type TwoOffices, type Whose } from './two-offices.js';

/** What an address names, and who may reach only part of it. */
interface Subject {
  /** The address's parameters, for one's own, another's and what is nowhere. */
  parameters(offices: TwoOffices, whose: Whose): Record<string, string>;
  /** Roles for which another's is not there (404). Every other role that the route is open to reaches all of it. */
  scoped: readonly Role[];
}

const caseworkers: readonly Role[] = ['caseworker', 'supervisor'];

export const subjects = {
  client: { parameters: ({ of }, whose) => ({ code: of[whose].client }), scoped: caseworkers },
  plan: { parameters: ({ of }, whose) => ({ code: of[whose].client, id: of[whose].plan }), scoped: caseworkers },
  enrolment: { parameters: ({ of }, whose) => ({ id: of[whose].enrolment }), scoped: caseworkers },
  transfer: { parameters: ({ of }, whose) => ({ id: of[whose].transfer }), scoped: caseworkers },
  fund: { parameters: ({ of }, whose) => ({ id: of[whose].fundId }), scoped: [] },
  grant: { parameters: ({ of }, whose) => ({ id: of[whose].fundId, grant: of[whose].grant }), scoped: [] },
  report: { parameters: ({ of }, whose) => ({ id: of[whose].report }), scoped: ['donor'] },
  run: { parameters: ({ of, run }, whose) => ({ id: whose === 'none' ? of.none.plan : run.id }), scoped: [] },
  releasedRun: {
    parameters: ({ of, released }, whose) => ({ id: whose === 'none' ? of.none.plan : released.id }),
    scoped: [],
  },
  entry: { parameters: ({ of, entry }, whose) => ({ entry: whose === 'none' ? of.none.plan : entry }), scoped: [] },
} as const satisfies Record<string, Subject>;

export interface Decision {
  /**
   * A subject of the above: the address names it. 'a client in the body': no parameter, but the body names whose. 'list of clients' and
   * 'list of reports': whoever asks gets their own and not another's. 'nobody': the same for everybody who may call it.
   */
  reaches: keyof typeof subjects | 'a client in the body' | 'list of clients' | 'list of reports' | 'nobody';
  /** A body that would be taken, so that a refusal is about whose data it is and not about what was sent. */
  body?: (offices: TwoOffices, whose: Whose) => object;
  /** A rule of the domain that may stand in the way of a valid body, by its code. */
  orElse?: string;
  /** How it is answered what is nowhere, when not with `not-found`. */
  nowhere?: { status: number; code: string };
  /** Changes what other cells need: sent last when it succeeds. */
  last?: true;
  /** What the address needs beyond its subject: a query, or a parameter that no subject has. */
  address?: (path: string) => string;
}

const digestOf = ({ run }: TwoOffices) => ({ digest: run.digest });

/** By handler. A route that is missing here fails the matrix. */
export const decisions: Record<string, Decision> = {
  'SessionsApiController.signIn': { reaches: 'nobody' },
  'SessionsApiController.signOut': { reaches: 'nobody', last: true },

  'ClientsApiController.register': { reaches: 'nobody' },
  'ClientsApiController.list': { reaches: 'list of clients' },
  'ClientsApiController.find': { reaches: 'client' },
  'ClientsApiController.identity': { reaches: 'client' },
  'ClientsApiController.recordConsent': {
    reaches: 'client',
    body: () => ({ purpose: 'be-quoted', given: true, language: 'my' }),
  },
  'NeedsApiController.catalogue': { reaches: 'nobody' },
  'NeedsApiController.record': { reaches: 'client', body: assessment },
  'NeedsApiController.latest': { reaches: 'client' },
  'NeedsApiController.priorities': { reaches: 'nobody' },
  'PlansApiController.write': {
    reaches: 'client',
    body: () => ({ id: newId(), items: [{ need: 'debt', description: 'a boat', amount: '1.00', currency: 'THB' }] }),
  },
  'PlansApiController.track': {
    reaches: 'plan',
    body: () => ({ id: newId(), items: [{ item: 1, spent: '1.00', currency: 'THB' }] }),
  },
  'PlansApiController.list': { reaches: 'client' },

  'EnrolmentsApiController.enrol': {
    reaches: 'a client in the body',
    body: ({ of }, whose) => ({ id: newId(), client: of[whose].client, fund: of.own.fund, anchorOn: '2026-09-01' }),
  },
  'EnrolmentsApiController.approve': { reaches: 'enrolment' },
  'EnrolmentsApiController.cancel': { reaches: 'enrolment', last: true },
  'TransfersApiController.list': { reaches: 'nobody' },
  'TransfersApiController.ofClient': { reaches: 'client' },
  'TransfersApiController.hold': { reaches: 'transfer', body: () => ({ reason: 'client-wish' }) },
  'TransfersApiController.endHold': { reaches: 'transfer' },
  'TransfersApiController.reissue': { reaches: 'transfer' },

  'RunsApiController.prepare': {
    reaches: 'nobody',
    body: () => ({ id: newId(), dueThrough: TODAY }),
    orElse: 'nothing-due',
  },
  'RunsApiController.list': { reaches: 'nobody' },
  'RunsApiController.find': { reaches: 'run' },
  'RunsApiController.approve': { reaches: 'run', body: digestOf, last: true },
  'RunsApiController.release': { reaches: 'run', body: digestOf, last: true },
  'RunsApiController.sendBack': { reaches: 'run', body: () => ({ reason: 'a mistake' }), last: true },
  'RunsApiController.record': {
    reaches: 'releasedRun',
    body: ({ of }) => ({ results: [{ transfer: of.own.firstTransfer, outcome: 'settled', reference: 'slip 1' }] }),
    nowhere: { status: 422, code: 'transfer-not-in-run' },
  },

  'FundsApiController.list': { reaches: 'nobody' },
  'FundsApiController.open': { reaches: 'nobody' },
  'FundsApiController.openAccounts': { reaches: 'fund', body: () => ({ currency: 'USD' }) },
  'GrantsApiController.receive': {
    reaches: 'fund',
    body: () => ({ id: newId(), amount: '1.00', currency: 'THB', receivedOn: TODAY, reference: 'a letter' }),
  },
  'GrantsApiController.reverse': {
    reaches: 'grant',
    body: () => ({ id: newId(), reason: 'recorded twice' }),
    orElse: 'insufficient-funds',
    last: true,
  },
  'ExchangeApiController.list': { reaches: 'nobody' },
  'ExchangeApiController.recordRate': { reaches: 'nobody' },
  'ExchangeApiController.exchange': {
    reaches: 'fund',
    body: ({ rate }) => ({ id: newId(), rate, sold: '100.00', bought: '2.75', exchangedOn: TODAY, reference: 'slip' }),
  },

  'LedgerApiController.trialBalance': { reaches: 'nobody' },
  'LogApiController.checkpoint': { reaches: 'nobody' },
  'LogApiController.tile': { reaches: 'nobody', address: () => '/api/v1/ledger/tile/0/000' },
  'LogApiController.proof': { reaches: 'entry' },
  'WageIndexApiController.list': { reaches: 'nobody' },

  'DonorReportsApiController.make': { reaches: 'nobody' },
  'DonorReportsApiController.list': { reaches: 'list of reports' },
  'DonorReportsApiController.find': { reaches: 'report' },
  'DonorReportsApiController.csv': { reaches: 'report' },
  'DonorReportsApiController.bundle': { reaches: 'report' },

  'StartPagesController.start': { reaches: 'nobody' },
  'SignInPagesController.form': { reaches: 'nobody' },
  'SignInPagesController.signIn': { reaches: 'nobody' },
  'SignInPagesController.signOut': { reaches: 'nobody', last: true },
  'HealthController.live': { reaches: 'nobody' },
  'HealthController.ready': { reaches: 'nobody' },
  'MetricsController.show': { reaches: 'nobody' },
  'ClientsPagesController.list': { reaches: 'list of clients' },
  'ClientsPagesController.show': { reaches: 'client' },
  'PrioritiesPagesController.priorities': { reaches: 'nobody' },
  'RunsPagesController.list': { reaches: 'nobody' },
  'RunsPagesController.show': { reaches: 'run' },
  'RunsPagesController.approve': { reaches: 'run', body: digestOf, last: true },
  'RunsPagesController.release': { reaches: 'run', body: digestOf, last: true },
  'RunsPagesController.sendBack': { reaches: 'run', body: () => ({ reason: 'a mistake' }), last: true },
  'TransfersPagesController.list': { reaches: 'nobody' },
  'BooksPagesController.show': { reaches: 'nobody' },
  'LogPagesController.show': { reaches: 'nobody' },
  'LogPagesController.verify': { reaches: 'nobody' },
  'ReportsPagesController.list': { reaches: 'list of reports' },
  'ReportsPagesController.show': { reaches: 'report' },
};

export function decisionOn(handler: string): Decision {
  const decision = decisions[handler];
  if (decision) return decision;
  throw new Error(
    `Nobody decided whose data ${handler} reaches. Write in test/support/route-decisions.ts: '${handler}': { reaches: one of ${[
      ...Object.keys(subjects),
      'a client in the body',
      'list of clients',
      'list of reports',
      'nobody',
    ].join(', ')}; and a valid body when it takes one }`,
  );
}

/** The route's address with the ids of what is one's own, another's or nowhere. */
export function addressOf(route: { handler: string; path: string }, offices: TwoOffices, whose: Whose): string {
  const decision = decisionOn(route.handler);
  const subject = decision.reaches in subjects ? subjects[decision.reaches as keyof typeof subjects] : undefined;
  const filled = Object.entries(subject?.parameters(offices, whose) ?? {}).reduce(
    (path, [name, value]) => path.replace(`:${name}`, value),
    decision.address ? decision.address(route.path) : route.path,
  );
  if (/[:*]/.test(filled))
    throw new Error(`${route.handler}: ${filled} has a parameter that subject ${decision.reaches} does not name`);
  return filled;
}
