/** Whose data each route reaches, decided by a person: the matrix asks every role for its own, for another's and for what is nowhere. */
import { roleNames, type Role } from '../../src/access/domain/actor.js';
import { payingAccountBody } from './bank-files.js';
import { clientBody, newId } from './builders.js';
import { CALLBACK_TOKEN } from './rail-simulator/gsma-http.js';
import { wageFrom } from './wages.js';
import { assessment, SECOND_TEAM, TODAY, type TwoOffices, type Whose } from './two-offices.js';

/** What an address names, and who may reach only part of it. */
interface Subject {
  /** The address's parameters, for one's own (of whoever asks), another's and what is nowhere. */
  parameters(offices: TwoOffices, whose: Whose, who: Role): Record<string, string>;
  /** Roles for which another's is not there (404). Every other role that the route is open to reaches all of it. */
  scoped: readonly Role[];
}

const caseworkers: readonly Role[] = ['caseworker', 'supervisor'];

export const subjects = {
  client: { parameters: ({ of }, whose) => ({ code: of[whose].client }), scoped: caseworkers },
  // An emergency makes another's client readable: that is what it is for.
  'any client': { parameters: ({ of }, whose) => ({ code: of[whose].client }), scoped: [] },
  'client who leaves': { parameters: ({ of }, whose) => ({ code: of[whose].leaving.overApi }), scoped: caseworkers },
  'client who leaves, on a page': {
    parameters: ({ of }, whose) => ({ code: of[whose].leaving.onPage }),
    scoped: caseworkers,
  },
  // The number stands on a certificate and says nothing of whom.
  erasure: { parameters: ({ of }, whose) => ({ number: of[whose].erasure }), scoped: [] },
  emergency: { parameters: ({ of }, whose) => ({ id: of[whose].emergency }), scoped: caseworkers },
  pair: { parameters: ({ of }, whose) => ({ id: of[whose].pair }), scoped: caseworkers },
  session: { parameters: ({ accounts }, whose, who) => ({ id: accounts[whose][who].session }), scoped: roleNames },
  token: { parameters: ({ accounts }, whose, who) => ({ id: accounts[whose][who].token }), scoped: roleNames },
  'session on a page': {
    parameters: ({ accounts }, whose, who) => ({ id: accounts[whose][who].onPages.session }),
    scoped: roleNames,
  },
  'token on a page': {
    parameters: ({ accounts }, whose, who) => ({ id: accounts[whose][who].onPages.token }),
    scoped: roleNames,
  },
  user: { parameters: ({ users }, whose) => ({ id: users[whose].id }), scoped: [] },
  'token of a user': {
    parameters: ({ users }, whose) => ({ id: users[whose].id, token: users[whose].token }),
    scoped: [],
  },
  'token of a user, on a page': {
    parameters: ({ users }, whose) => ({ id: users[whose].id, token: users[whose].onPages.token }),
    scoped: [],
  },
  plan: { parameters: ({ of }, whose) => ({ code: of[whose].client, id: of[whose].plan }), scoped: caseworkers },
  note: { parameters: ({ of }, whose) => ({ code: of[whose].client, id: of[whose].note }), scoped: caseworkers },
  enrolment: { parameters: ({ of }, whose) => ({ id: of[whose].enrolment }), scoped: caseworkers },
  transfer: { parameters: ({ of }, whose) => ({ id: of[whose].transfer }), scoped: caseworkers },
  voucher: { parameters: ({ of }, whose) => ({ id: of[whose].voucher }), scoped: caseworkers },
  count: { parameters: ({ of }, whose) => ({ id: of[whose].count }), scoped: caseworkers },
  'change of an enrolment': { parameters: ({ of }, whose) => ({ id: of[whose].change }), scoped: caseworkers },
  'change of an enrolment, on a page': {
    parameters: ({ of }, whose) => ({ code: of[whose].client, id: of[whose].change }),
    scoped: caseworkers,
  },
  fund: { parameters: ({ of }, whose) => ({ id: of[whose].fundId }), scoped: [] },
  'policy change': {
    parameters: ({ of }, whose) => ({ id: of[whose].fundId, change: of[whose].policyChange }),
    scoped: [],
  },
  wage: { parameters: ({ of, wage }, whose) => ({ id: whose === 'none' ? of.none.plan : wage }), scoped: [] },
  'value review': {
    parameters: ({ of, review }, whose) => ({ id: whose === 'none' ? of.none.plan : review.id }),
    scoped: [],
  },
  rate: { parameters: ({ of, rate }, whose) => ({ id: whose === 'none' ? of.none.plan : rate }), scoped: [] },
  grant: { parameters: ({ of }, whose) => ({ id: of[whose].fundId, grant: of[whose].grant }), scoped: [] },
  report: { parameters: ({ of }, whose) => ({ id: of[whose].report }), scoped: ['donor'] },
  run: { parameters: ({ of, run }, whose) => ({ id: whose === 'none' ? of.none.plan : run.id }), scoped: [] },
  releasedRun: {
    parameters: ({ of, released }, whose) => ({ id: whose === 'none' ? of.none.plan : released.id }),
    scoped: [],
  },
  'unknown payment': {
    parameters: ({ of, unknown }, whose) => ({ id: whose === 'none' ? of.none.plan : unknown.payment }),
    scoped: [],
  },
  'approval limits': {
    parameters: ({ of, limits }, whose) => ({ id: whose === 'none' ? of.none.plan : limits }),
    scoped: [],
  },
  'told result': {
    parameters: ({ of, unknown }, whose) => ({ id: whose === 'none' ? of.none.plan : unknown.told }),
    scoped: [],
  },
  bankFile: {
    parameters: ({ of, bankFile }, whose) => ({ id: whose === 'none' ? of.none.plan : bankFile }),
    scoped: [],
  },
  payingAccount: {
    parameters: ({ of, payingAccount }, whose) => ({ id: whose === 'none' ? of.none.plan : payingAccount }),
    scoped: [],
  },
  bankReport: {
    parameters: ({ of, bankReport }, whose) => ({ id: whose === 'none' ? of.none.plan : bankReport.report }),
    scoped: [],
  },
  workItem: {
    parameters: ({ of, bankReport }, whose) => ({ id: whose === 'none' ? of.none.plan : bankReport.workItem }),
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
  /** A rule that may stand in the way of a valid request, by its code, or by its status where a page says it in words. */
  orElse?: string | number;
  /** How it is answered what is nowhere, when not with `not-found`. */
  nowhere?: { status: number; code: string };
  /** Changes what other cells need: sent last when it succeeds. */
  last?: true;
  /** What the address needs beyond its subject: a query, or a parameter that no subject has. */
  address?: (path: string) => string;
}

const planForm = () => ({
  do: 'save',
  rows: '1',
  'description-1': 'a boat',
  'need-1': 'debt',
  'amount-1': '1',
  'currency-1': 'THB',
});

const digestOf = ({ run }: TwoOffices) => ({ digest: run.digest });

/** By handler. A route that is missing here fails the matrix. */
export const decisions: Record<string, Decision> = {
  'SessionsApiController.signIn': { reaches: 'nobody' },
  'SessionsApiController.signOut': { reaches: 'nobody', last: true },
  'SessionsApiController.list': { reaches: 'nobody' },
  'SessionsApiController.signOutElsewhere': { reaches: 'nobody', last: true },
  'SessionsApiController.revoke': { reaches: 'session' },
  'MachineTokensApiController.list': { reaches: 'nobody' },
  'MachineTokensApiController.make': {
    reaches: 'nobody',
    body: () => ({ name: 'a program', scope: ['catalogue:read'], days: 30 }),
  },
  'MachineTokensApiController.revoke': { reaches: 'token' },
  'TeamsApiController.list': { reaches: 'nobody' },
  'TeamsApiController.open': { reaches: 'nobody' },
  'UsersApiController.list': { reaches: 'nobody' },
  'UsersApiController.invite': { reaches: 'nobody' },
  'UsersApiController.find': { reaches: 'user' },
  'UsersApiController.setRoles': { reaches: 'user', body: () => ({ roles: ['auditor'] }) },
  'UsersApiController.move': { reaches: 'user', body: () => ({ team: SECOND_TEAM }) },
  'UsersApiController.disable': { reaches: 'user', last: true },
  'UsersApiController.enable': { reaches: 'user', last: true },
  'UsersApiController.makeResetLink': { reaches: 'user' },
  'UsersApiController.resetSecondFactor': { reaches: 'user', last: true },
  'UsersApiController.confirm': {
    reaches: 'user',
    body: () => ({ awaited: [newId()] }),
    orElse: 'confirmation-changed',
  },
  'UsersApiController.liftLockOut': { reaches: 'user' },
  'UsersApiController.revokeSessions': { reaches: 'user', last: true },
  'UsersApiController.revokeToken': { reaches: 'token of a user' },
  'ExternalIdentitiesApiController.unbind': { reaches: 'user' },
  'AuditEventsApiController.list': { reaches: 'nobody' },

  'ClientsApiController.register': { reaches: 'nobody' },
  'ClientsApiController.list': { reaches: 'list of clients' },
  'ClientsApiController.find': { reaches: 'client' },
  'ClientsApiController.identity': { reaches: 'client' },
  'ConsentsApiController.record': {
    reaches: 'client',
    body: () => ({ purpose: 'be-quoted', given: true, language: 'my' }),
  },
  'ConsentsApiController.withdraw': { reaches: 'client', body: () => ({ purpose: 'be-quoted', language: 'my' }) },
  'AssignmentsApiController.assign': {
    reaches: 'client',
    body: ({ service }) => ({ caseworker: service.actor('caseworker').userId }),
    last: true,
  },
  'AssignmentsApiController.list': { reaches: 'client' },
  'ContactsApiController.rules': { reaches: 'client' },
  'ContactsApiController.changeRules': {
    reaches: 'client',
    body: () => ({ replaces: 0, rules: { channels: ['call'], language: 'my', never: 'at night' } }),
  },
  'ContactsApiController.list': { reaches: 'client' },
  'ContactsApiController.record': {
    reaches: 'client',
    body: () => ({ id: newId(), rulesVersion: 1, direction: 'incoming', channel: 'call', outcome: 'reached' }),
  },
  'IdentificationApiController.record': {
    reaches: 'client',
    body: () => ({ id: newId(), replaces: null, acts: ['recruitment'] }),
    orElse: 'identification-changed',
  },
  'IdentificationApiController.ofClient': { reaches: 'client' },
  'CorrectionsApiController.correctIdentity': {
    reaches: 'client',
    body: () => ({ expectedVersion: 1, identity: clientBody().identity }),
  },
  'CorrectionsApiController.correctCaseFile': { reaches: 'client', body: () => ({ region: 'Yangon' }) },
  'EmergenciesApiController.open': { reaches: 'any client', body: () => ({ reason: 'medical' }), last: true },
  'EmergenciesApiController.list': { reaches: 'nobody' },
  'EmergenciesApiController.see': { reaches: 'emergency' },
  'RightsApiController.export': { reaches: 'client' },
  'RightsApiController.erase': { reaches: 'client who leaves', last: true },
  'RightsApiController.find': { reaches: 'erasure' },
  'RightsApiController.check': { reaches: 'nobody' },
  'StaffAccountsApiController.replace': { reaches: 'nobody', body: () => ({ accounts: ['123-4-56789-0'] }) },
  'DuplicatesApiController.list': { reaches: 'nobody' },
  'DuplicatesApiController.decide': { reaches: 'pair', body: () => ({ decision: 'different' }) },
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
  'CaseNotesApiController.write': {
    reaches: 'client',
    body: () => ({ id: newId(), kind: 'call', words: 'She found work.' }),
  },
  'CaseNotesApiController.list': { reaches: 'client' },

  'EnrolmentsApiController.enrol': {
    reaches: 'a client in the body',
    body: ({ of }, whose) => ({ id: newId(), client: of[whose].client, fund: of.own.fund, anchorOn: '2026-09-01' }),
  },
  'EnrolmentsApiController.approve': { reaches: 'enrolment' },
  'EnrolmentsApiController.cancel': { reaches: 'enrolment', last: true },
  'EnrolmentChangesApiController.propose': {
    reaches: 'enrolment',
    body: () => ({ id: newId(), rail: 'manual' }),
    orElse: 'payment-under-way',
  },
  'EnrolmentChangesApiController.approve': { reaches: 'change of an enrolment', orElse: 'payment-under-way' },
  'EnrolmentChangesApiController.decline': { reaches: 'change of an enrolment', last: true },
  'TransfersApiController.list': { reaches: 'nobody' },
  'TransfersApiController.ofClient': { reaches: 'client' },
  'TransfersApiController.hold': { reaches: 'transfer', body: () => ({ reason: 'client-wish' }) },
  'TransfersApiController.endHold': { reaches: 'transfer' },
  'TransfersApiController.reissue': { reaches: 'transfer' },

  'MobileMoneyApiController.put': { reaches: 'nobody', address: (path) => path.replace(':token', CALLBACK_TOKEN) },
  'MobileMoneyApiController.post': { reaches: 'nobody', address: (path) => path.replace(':token', CALLBACK_TOKEN) },
  'MobileMoneyApiController.list': { reaches: 'nobody' },
  'MobileMoneyApiController.asked': { reaches: 'nobody' },
  'MobileMoneyApiController.reverse': {
    reaches: 'transfer',
    body: () => ({ id: newId(), attempt: 1, reason: 'client-wish' }),
    orElse: 'not-reversible',
  },

  'RunsApiController.prepare': {
    reaches: 'nobody',
    body: () => ({ id: newId(), dueThrough: TODAY }),
    orElse: 'nothing-due',
  },
  'RunsApiController.preview': { reaches: 'nobody', body: () => ({ dueThrough: TODAY }) },
  'RunsApiController.list': { reaches: 'nobody' },
  'RunsApiController.find': { reaches: 'run' },
  'RunsApiController.paymentList': { reaches: 'run' },
  'RunsApiController.approve': { reaches: 'run', body: digestOf, last: true },
  'RunsApiController.release': { reaches: 'run', body: digestOf, last: true },
  'RunsApiController.sendBack': { reaches: 'run', body: () => ({ reason: 'a mistake' }), last: true },
  'RunsApiController.record': {
    reaches: 'releasedRun',
    body: ({ of }) => ({ results: [{ transfer: of.own.firstTransfer, outcome: 'settled', reference: 'slip 1' }] }),
    nowhere: { status: 422, code: 'transfer-not-in-run' },
  },
  'ApprovalLimitsApiController.list': { reaches: 'nobody' },
  'ApprovalLimitsApiController.propose': {
    reaches: 'nobody',
    body: () => ({ id: newId(), currency: 'THB', steps: [{ above: '0', approvals: 1 }] }),
  },
  'ApprovalLimitsApiController.confirm': { reaches: 'approval limits' },
  'ResultsApiController.listUnknown': { reaches: 'nobody' },
  'ResultsApiController.listUnreadable': { reaches: 'nobody' },
  'ResultsApiController.assign': {
    reaches: 'unknown payment',
    body: ({ service }) => ({ owner: service.actor('finance-preparer').userId }),
    orElse: 'not-found', // once somebody has confirmed what became of it
  },
  'ResultsApiController.listWaiting': { reaches: 'nobody' },
  'ResultsApiController.confirm': { reaches: 'told result', orElse: 'not-found', last: true },

  'BankFilesApiController.make': { reaches: 'releasedRun' },
  'BankFilesApiController.list': { reaches: 'releasedRun' },
  'BankFilesApiController.content': { reaches: 'bankFile' },
  'BankFilesApiController.abandon': {
    reaches: 'bankFile',
    body: () => ({ reason: 'wrong-day' }),
    last: true,
    orElse: 'file-left',
  },
  'PayingAccountsApiController.list': { reaches: 'nobody' },
  'PayingAccountsApiController.open': { reaches: 'nobody', body: () => payingAccountBody([]) },
  'PayingAccountsApiController.tie': { reaches: 'payingAccount', body: ({ of }) => ({ fund: of.own.fund }) },
  'VouchersApiController.issue': { reaches: 'run' },
  'VouchersApiController.list': { reaches: 'nobody' },
  'VouchersApiController.listHolders': { reaches: 'nobody' },
  'VouchersApiController.find': { reaches: 'voucher' },
  'VouchersApiController.handOut': {
    reaches: 'voucher',
    body: ({ service }) => ({ id: newId(), holder: service.actor('caseworker').userId }),
  },
  'VouchersApiController.handIn': { reaches: 'voucher', body: () => ({ id: newId(), because: 'carried-again' }) },
  // Of another office's voucher that is offered to nobody, or by whoever asks.
  'VouchersApiController.receive': { reaches: 'voucher', body: () => ({ offer: newId() }) },
  'VouchersApiController.notCollected': { reaches: 'voucher' },
  'VouchersApiController.handOver': {
    reaches: 'voucher',
    body: () => ({ id: newId(), kind: 'client-mark' }),
    last: true,
  },
  'VouchersApiController.confirm': { reaches: 'voucher', body: () => ({ handover: newId() }) },
  'TillCountsApiController.places': { reaches: 'nobody' },
  'TillCountsApiController.list': { reaches: 'nobody' },
  // Whoever carries cash counts their own only; `cash` tests it.
  'TillCountsApiController.count': {
    reaches: 'nobody',
    body: ({ of }) => ({ id: newId(), fund: of.own.fund, currency: 'THB', pieces: [], books: '0.00' }),
    orElse: 'forbidden',
  },
  'TillCountsApiController.confirm': { reaches: 'count', last: true },
  'ReconciliationApiController.take': { reaches: 'nobody', orElse: 'content-type-unsupported' },
  'ReconciliationApiController.list': { reaches: 'nobody' },
  'ReconciliationApiController.find': { reaches: 'bankReport' },
  'ReconciliationApiController.workItems': { reaches: 'nobody' },
  'ReconciliationApiController.resolve': { reaches: 'workItem', body: () => ({ resolution: 'bank-charge' }) },
  'ReconciliationApiController.typeBalance': {
    reaches: 'nobody',
    body: () => ({ account: 'none', day: TODAY, amount: '1.00' }),
    orElse: 'unknown-paying-account',
  },
  'ReconciliationApiController.monthEnd': { reaches: 'nobody' },

  'FundsApiController.list': { reaches: 'nobody' },
  'FundsApiController.open': { reaches: 'nobody' },
  'FundsApiController.openAccounts': { reaches: 'fund', body: () => ({ currency: 'USD' }) },
  'FundsApiController.proposePolicy': {
    reaches: 'fund',
    body: () => ({ id: newId(), policy: 'freeze', reason: 'as before' }),
  },
  'FundsApiController.confirmPolicy': { reaches: 'policy change' },
  'FundsApiController.declinePolicy': {
    reaches: 'policy change',
    body: () => ({ reason: 'out-of-date' }),
    orElse: 'policy-decided-before',
  },
  'FundsApiController.withdrawPolicy': { reaches: 'policy change', orElse: 'policy-decided-before' },
  'ValueReviewsApiController.listAlerts': { reaches: 'nobody' },
  'ValueReviewsApiController.list': { reaches: 'nobody' },
  'ValueReviewsApiController.propose': {
    reaches: 'nobody',
    body: ({ review: { fund, wageRate } }) => ({ id: newId(), fund, wageRate }),
    orElse: 'nothing-to-review',
  },
  'ValueReviewsApiController.find': { reaches: 'value review' },
  'ValueReviewsApiController.items': { reaches: 'value review' },
  'ValueReviewsApiController.approve': { reaches: 'value review' },
  'ValueReviewsApiController.decline': { reaches: 'value review', orElse: 'review-approved', last: true },
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
  'ExchangeApiController.confirm': { reaches: 'rate' },
  'ExchangeApiController.doubt': { reaches: 'rate', body: () => ({ reason: 'mistyped' }), last: true },
  'ExchangeApiController.strikeOut': { reaches: 'rate', orElse: 'second-person-needed', last: true },
  'ExchangeApiController.exchange': {
    reaches: 'fund',
    body: ({ rate }) => ({ id: newId(), rate, sold: '100.00', bought: '2.75', exchangedOn: TODAY, reference: 'slip' }),
  },

  'LedgerApiController.trialBalance': { reaches: 'nobody' },
  'LogApiController.checkpoint': { reaches: 'nobody' },
  'LogApiController.tile': { reaches: 'nobody', address: () => '/api/v1/ledger/tile/0/000' },
  'LogApiController.proof': { reaches: 'entry' },
  'WageIndexApiController.list': { reaches: 'nobody' },
  'WageIndexApiController.open': { reaches: 'nobody' },
  'WageIndexApiController.propose': { reaches: 'nobody', body: () => wageFrom('MY', '71', '2026-10-01') },
  'WageIndexApiController.confirm': { reaches: 'wage' },
  'WageIndexApiController.decline': { reaches: 'wage', orElse: 'wage-confirmed', last: true },

  'DonorReportsApiController.make': { reaches: 'nobody' },
  'DonorReportsApiController.list': { reaches: 'list of reports' },
  'DonorReportsApiController.find': { reaches: 'report' },
  'DonorReportsApiController.csv': { reaches: 'report' },
  'DonorReportsApiController.bundle': { reaches: 'report' },

  'StartPagesController.start': { reaches: 'nobody' },
  'ExitPagesController.leave': { reaches: 'nobody', last: true },
  'DeviceFormsPagesController.withoutConnection': { reaches: 'nobody' },
  'DeviceFormsPagesController.freshToken': { reaches: 'nobody' },
  'LanguagePagesController.form': { reaches: 'nobody' },
  'LanguagePagesController.choose': { reaches: 'nobody' },
  'SignInPagesController.form': { reaches: 'nobody' },
  'SignInPagesController.signIn': { reaches: 'nobody' },
  'SignInPagesController.signOut': { reaches: 'nobody', last: true },
  'SignInPagesController.codeForm': { reaches: 'nobody' },
  'SignInPagesController.giveCode': { reaches: 'nobody', orElse: 'not-signed-in' },
  'SignInPagesController.welcome': { reaches: 'nobody' },
  'SignInPagesController.choosePassword': { reaches: 'nobody' },
  // Not there where no provider is set up; `openid-connect` tests them with one.
  'OpenIdPagesController.begin': { reaches: 'nobody', orElse: 'not-found' },
  'OpenIdPagesController.finish': { reaches: 'nobody', orElse: 'not-found' },
  'AccountPagesController.show': { reaches: 'nobody' },
  'AccountPagesController.endSession': { reaches: 'session on a page' },
  'AccountPagesController.signOutElsewhere': { reaches: 'nobody', last: true },
  'AccountPagesController.passwordForm': { reaches: 'nobody' },
  'AccountPagesController.changePassword': { reaches: 'nobody' },
  'AccountPagesController.secondFactorForm': { reaches: 'nobody' },
  'AccountPagesController.setUpSecondFactor': { reaches: 'nobody' },
  'AccountPagesController.confirmation': { reaches: 'nobody' },
  'AccountPagesController.recoveryCodesForm': { reaches: 'nobody' },
  'AccountPagesController.makeRecoveryCodes': { reaches: 'nobody', orElse: 401 },
  'AccountPagesController.tokenForm': { reaches: 'nobody' },
  'AccountPagesController.makeToken': { reaches: 'nobody' },
  'AccountPagesController.revokeToken': { reaches: 'token on a page' },
  'UsersPagesController.list': { reaches: 'nobody' },
  'UsersPagesController.invitation': { reaches: 'nobody' },
  'UsersPagesController.invite': { reaches: 'nobody' },
  'UsersPagesController.openTeam': { reaches: 'nobody' },
  'UsersPagesController.show': { reaches: 'user' },
  'UsersPagesController.confirm': { reaches: 'user', body: () => ({ awaited: newId() }), orElse: 409 },
  'UsersPagesController.setRoles': { reaches: 'user' },
  'UsersPagesController.move': { reaches: 'user', body: () => ({ team: SECOND_TEAM }) },
  'UsersPagesController.disable': { reaches: 'user', last: true },
  'UsersPagesController.enable': { reaches: 'user', last: true },
  'UsersPagesController.makeResetLink': { reaches: 'user' },
  'UsersPagesController.resetSecondFactor': { reaches: 'user', last: true },
  'UsersPagesController.liftLockOut': { reaches: 'user' },
  'UsersPagesController.revokeSessions': { reaches: 'user', last: true },
  'UsersPagesController.revokeToken': { reaches: 'token of a user, on a page' },
  'AuditPagesController.list': { reaches: 'nobody' },
  'DuplicatesPagesController.list': { reaches: 'nobody' },
  'DuplicatesPagesController.decide': { reaches: 'pair', body: () => ({ decision: 'different' }) },
  'IdentityPagesController.show': { reaches: 'client' },
  'IdentityPagesController.correctIdentity': { reaches: 'client' },
  'IdentityPagesController.correctCaseFile': { reaches: 'client' },
  'IntakePagesController.show': { reaches: 'nobody' },
  'IntakePagesController.register': { reaches: 'nobody' },
  'IntakePagesController.next': { reaches: 'client' },
  'IdentificationPagesController.show': { reaches: 'client' },
  'IdentificationPagesController.record': {
    reaches: 'client',
    body: () => ({ acts: 'recruitment', status: 'not-asked' }),
  },
  'HealthController.live': { reaches: 'nobody' },
  'HealthController.ready': { reaches: 'nobody' },
  'MetricsController.show': { reaches: 'nobody' },
  'ClientsPagesController.list': { reaches: 'list of clients' },
  'ClientsPagesController.show': { reaches: 'client' },
  'ClientsPagesController.recordConsent': {
    reaches: 'client',
    body: () => ({ purpose: 'be-quoted', language: 'my', interpreter: 'none' }),
  },
  'ClientsPagesController.withdrawConsent': {
    reaches: 'client',
    body: () => ({ purpose: 'be-quoted', language: 'my' }),
  },
  'ClientsPagesController.assign': {
    reaches: 'client',
    body: ({ service }) => ({ caseworker: service.actor('caseworker').userId }),
    last: true,
  },
  'PlansPagesController.begin': { reaches: 'client' },
  'PlansPagesController.write': { reaches: 'client', body: planForm },
  'PlansPagesController.change': { reaches: 'plan' },
  'PlansPagesController.show': { reaches: 'plan' },
  'PlansPagesController.card': { reaches: 'plan' },
  'PlanTrackingPagesController.begin': { reaches: 'plan' },
  'PlanTrackingPagesController.track': { reaches: 'plan', body: () => ({ 'spent-1': '1' }) },
  'ContactsPagesController.show': { reaches: 'client' },
  'ContactsPagesController.record': {
    reaches: 'client',
    body: () => ({ rulesVersion: '1', direction: 'incoming', channel: 'call', outcome: 'reached' }),
  },
  'ContactsPagesController.edit': { reaches: 'client' },
  'ContactsPagesController.change': {
    reaches: 'client',
    body: () => ({ replaces: '1', channels: 'call', language: 'my', never: 'at night' }),
  },
  'InterviewPagesController.form': { reaches: 'client' },
  'InterviewPagesController.keep': { reaches: 'client', body: () => ({ 'ranks.food': '4', 'words.food': 'rice' }) },
  'InterviewPagesController.review': { reaches: 'client' },
  'InterviewPagesController.save': { reaches: 'client', body: () => ({ id: newId() }), orElse: 'not-found' },
  'InterviewPagesController.discard': { reaches: 'client' },
  'InterviewPagesController.compare': { reaches: 'client' },
  'CaseNotesPagesController.show': { reaches: 'client' },
  'CaseNotesPagesController.write': { reaches: 'client', body: () => ({ kind: 'call', words: 'She found work.' }) },
  'CaseNotesPagesController.correction': { reaches: 'note' },
  'CaseNotesPagesController.correct': {
    reaches: 'note',
    body: () => ({ kind: 'call', words: 'She found work.' }),
    orElse: 409, // once another has corrected it
  },
  'TeamPagesController.show': { reaches: 'nobody' },
  'EmergenciesPagesController.show': { reaches: 'nobody' },
  'EmergenciesPagesController.open': { reaches: 'nobody' },
  'EmergenciesPagesController.see': { reaches: 'emergency' },
  'RightsPagesController.held': { reaches: 'client' },
  'RightsPagesController.ask': { reaches: 'client' },
  'RightsPagesController.erase': {
    reaches: 'client who leaves, on a page',
    body: ({ of }, whose) => ({ code: of[whose].leaving.onPage }),
    last: true,
  },
  'RightsPagesController.erased': { reaches: 'erasure' },
  'PrioritiesPagesController.priorities': { reaches: 'nobody' },
  'NewRunPagesController.show': { reaches: 'nobody' },
  'NewRunPagesController.prepare': { reaches: 'nobody', orElse: 422 },
  'ApprovalLimitsPagesController.show': { reaches: 'nobody' },
  'ApprovalLimitsPagesController.propose': { reaches: 'nobody', orElse: 422 },
  'ApprovalLimitsPagesController.confirm': { reaches: 'approval limits' },
  'PayingAccountsPagesController.list': { reaches: 'nobody' },
  'PayingAccountsPagesController.open': { reaches: 'nobody', body: () => payingAccountBody([]) },
  'PayingAccountsPagesController.tie': { reaches: 'payingAccount', body: ({ of }) => ({ fund: of.own.fund }) },
  'StatementBalancesPagesController.show': { reaches: 'nobody' },
  'StatementBalancesPagesController.type': {
    reaches: 'nobody',
    body: () => ({ account: 'none', day: TODAY, amount: '1.00' }),
    orElse: 422,
  },
  'FundPoliciesPagesController.show': { reaches: 'nobody' },
  'FundPoliciesPagesController.propose': {
    reaches: 'nobody',
    body: ({ of }) => ({ fund: of.own.fundId, policy: 'freeze', reason: 'as before' }),
  },
  'FundPoliciesPagesController.confirm': { reaches: 'policy change' },
  'FundPoliciesPagesController.decline': {
    reaches: 'policy change',
    body: () => ({ because: 'out-of-date' }),
    orElse: 409,
  },
  'FundPoliciesPagesController.withdraw': { reaches: 'policy change', orElse: 409 },
  'OpenPaymentsPagesController.show': { reaches: 'nobody' },
  'OpenPaymentsPagesController.assign': {
    reaches: 'unknown payment',
    body: ({ service }) => ({ owner: service.actor('finance-preparer').userId }),
    orElse: 'not-found',
  },
  'OpenPaymentsPagesController.resolve': {
    reaches: 'unknown payment',
    body: () => ({ outcome: 'resolved-paid', reference: 'enquiry 2' }),
    orElse: 'not-found',
  },
  // What cannot be read, of which these offices have nothing.
  'OpenPaymentsPagesController.tellNotSent': {
    reaches: 'nobody',
    orElse: 'not-found',
    address: (path) => path.replace(':id', newId()),
  },
  'OpenPaymentsPagesController.confirm': { reaches: 'told result', orElse: 'not-found', last: true },
  'NotArrivedPagesController.list': { reaches: 'nobody' },
  'NotArrivedPagesController.putBack': { reaches: 'transfer', orElse: 409 },
  'ReversalsPagesController.list': { reaches: 'nobody' },
  // What an operator paid, of which these offices have nothing.
  'ReversalsPagesController.form': { reaches: 'nobody', orElse: 'not-found' },
  'ReversalsPagesController.ask': { reaches: 'nobody', body: () => ({ reason: 'client-wish' }), orElse: 'not-found' },
  'ReversalsPagesController.confirm': {
    reaches: 'nobody',
    orElse: 'not-found',
    address: (path) => path.replace(':id', newId()),
  },
  'EnrolmentPagesController.show': { reaches: 'client' },
  'EnrolmentPagesController.propose': { reaches: 'client', body: () => ({ rail: 'manual' }), orElse: 409 },
  'EnrolmentPagesController.approve': { reaches: 'change of an enrolment, on a page', orElse: 409 },
  'EnrolmentPagesController.decline': { reaches: 'change of an enrolment, on a page', last: true },
  'ValueReviewsPagesController.list': { reaches: 'nobody' },
  'ValueReviewsPagesController.propose': {
    reaches: 'nobody',
    body: ({ review: { fund, wageRate } }) => ({ fund, wageRate }),
    orElse: 422,
  },
  'ValueReviewsPagesController.show': { reaches: 'value review' },
  'ValueReviewsPagesController.approve': { reaches: 'value review' },
  'ValueReviewsPagesController.decline': { reaches: 'value review', orElse: 409, last: true },
  'ExchangeRatesPagesController.list': { reaches: 'nobody' },
  'ExchangeRatesPagesController.record': {
    reaches: 'nobody',
    body: () => ({ base: 'THB', quote: 'USD', rate: '0.0274', asOf: TODAY, source: 'a bank' }),
  },
  'ExchangeRatesPagesController.confirm': { reaches: 'rate' },
  'WagesPagesController.list': { reaches: 'nobody' },
  'WagesPagesController.propose': {
    reaches: 'nobody',
    body: () => ({ ...wageFrom('MY', '72', '2026-11-01') }),
  },
  'WagesPagesController.confirm': { reaches: 'wage' },
  'WagesPagesController.decline': { reaches: 'wage', orElse: 409, last: true },
  'RunsPagesController.list': { reaches: 'nobody' },
  'RunsPagesController.show': { reaches: 'run' },
  'RunsPagesController.paymentList': { reaches: 'run' },
  'RunsPagesController.approve': { reaches: 'run', body: digestOf, last: true },
  'RunsPagesController.release': { reaches: 'run', body: digestOf, last: true },
  'RunsPagesController.makeBankFiles': { reaches: 'releasedRun' },
  'RunsPagesController.sendBack': { reaches: 'run', body: () => ({ reason: 'a mistake' }), last: true },
  'BankFilesPagesController.content': { reaches: 'bankFile' },
  'BankFilesPagesController.abandon': {
    reaches: 'bankFile',
    body: () => ({ reason: 'wrong-day' }),
    last: true,
    orElse: 409,
  },
  'CashPagesController.show': { reaches: 'nobody' },
  'CashPagesController.handOut': { reaches: 'nobody' },
  'CashPagesController.issue': { reaches: 'run' },
  'CashPagesController.takeIn': { reaches: 'voucher' },
  'CashPagesController.handIn': { reaches: 'voucher' },
  'CashPagesController.notCollected': { reaches: 'voucher' },
  'CashCarriedPagesController.show': { reaches: 'nobody' },
  'CashCarriedPagesController.take': { reaches: 'voucher' },
  'CashCarriedPagesController.handOver': { reaches: 'voucher' },
  'CashCarriedPagesController.confirm': { reaches: 'voucher' },
  'CashCarriedPagesController.handIn': { reaches: 'voucher' },
  'TillCountsPagesController.list': { reaches: 'nobody' },
  // They name the place in a query; `cash` tests it.
  'TillCountsPagesController.form': { reaches: 'nobody', orElse: 'not-found' },
  'TillCountsPagesController.count': { reaches: 'nobody', orElse: 'not-found' },
  'TillCountsPagesController.confirm': { reaches: 'count', last: true },
  'TillCountsPagesController.slip': { reaches: 'voucher' },
  'ReconciliationPagesController.list': { reaches: 'nobody' },
  'ReconciliationPagesController.take': { reaches: 'nobody', orElse: 422 },
  'ReconciliationPagesController.show': { reaches: 'bankReport' },
  'ReconciliationPagesController.workItems': { reaches: 'nobody' },
  'ReconciliationPagesController.workItem': { reaches: 'workItem' },
  'ReconciliationPagesController.resolve': { reaches: 'workItem', body: () => ({ resolution: 'bank-charge' }) },
  'ReconciliationPagesController.monthEnd': { reaches: 'nobody' },
  'TransfersPagesController.list': { reaches: 'nobody' },
  'BooksPagesController.show': { reaches: 'nobody' },
  'LogPagesController.show': { reaches: 'nobody' },
  'LogPagesController.verify': { reaches: 'nobody' },
  'ReportsPagesController.list': { reaches: 'list of reports' },
  'ReportsPagesController.show': { reaches: 'report' },
  'ReportProofPagesController.proof': { reaches: 'report' },
  'ReportProofPagesController.check': { reaches: 'report' },
  'MyFundsPagesController.list': { reaches: 'list of reports' },
};

export function decisionOn(handler: string): Decision {
  const decision = decisions[handler];
  if (decision) return decision;
  throw new Error(
    `Nobody decided whose data ${handler} reaches. Write in test/support/route-decisions.ts '${handler}': { reaches: ... }, one of: ${[
      ...Object.keys(subjects),
      'a client in the body',
      'list of clients',
      'list of reports',
      'nobody',
    ].join(', ')}; and a valid body when it takes one.`,
  );
}

/** The route's address with the ids of what is one's own, another's or nowhere. */
export function addressOf(
  route: { handler: string; path: string },
  offices: TwoOffices,
  whose: Whose,
  who: Role,
): string {
  const decision = decisionOn(route.handler);
  const subject: Subject | undefined =
    decision.reaches in subjects ? subjects[decision.reaches as keyof typeof subjects] : undefined;
  const filled = Object.entries(subject?.parameters(offices, whose, who) ?? {}).reduce(
    (path, [name, value]) => path.replace(`:${name}`, value),
    decision.address ? decision.address(route.path) : route.path,
  );
  if (/[:*]/.test(filled))
    throw new Error(`${route.handler}: ${filled} has a parameter that subject ${decision.reaches} does not name`);
  return filled;
}
