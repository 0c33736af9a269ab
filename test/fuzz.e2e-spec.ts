/** Valid requests, broken at random, over every route that takes a body: whatever comes, it is never our fault and never tells a secret. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { FIRST_TEAM_ID } from '../src/access/users/teams.service.js';
import { BooksService } from '../src/ledger/books.service.js';
import { SelfCheckService } from '../src/transfers/self-check.service.js';
import { clientBody, enrolClient, newId, openFund, prepareRun, ranks, releaseRun } from './support/builders.js';
import { sql } from './support/database.js';
import { expectNoInternals, hire, hireAgainstTheRules, raw } from './support/raw-requests.js';
import { requestsOfPaying } from './support/requests-of-paying.js';
import { routesOf } from './support/routes.js';
import { startTestService, TEST_PASSWORD, type TestService } from './support/service.js';

const ROUNDS = 400;
const TODAY = '2026-03-02';
/** The same seed does the same again: UCT_FUZZ_SEED=123 npm test -- fuzz */
const seed = Number(process.env.UCT_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32));
const SECRETS = [
  'Nan Htwe Secretname',
  '1988-04-12',
  '+95 9 777 000 111',
  'KBZ-555-0001',
  'Hidden Lane',
  'Auntie Secretguard',
];

/** Pages that show again who the client is, to somebody who may see it. */
const SHOWS_WHO = [
  'POST /clients/:code/identity',
  'POST /clients/:code/corrections',
  'POST /clients/:code/consents',
  'POST /clients/:code/consents/withdrawals',
  'POST /clients/:code/assignments',
  'POST /clients/:code/contacts',
  'POST /clients/:code/safe-contact',
  'POST /clients/:code/notes',
  'POST /clients/:code/notes/:id/correct',
  'POST /clients/:code/identification',
  'POST /clients',
  'POST /emergency-access',
];

let service: TestService;
let token: string;
let requests: Record<string, { path: string; body: Record<string, unknown> }>;

const SAFE_CONTACT = {
  how: 'Hidden Lane',
  when: 'mornings',
  language: 'my',
  byWhom: 'a woman',
  never: 'at night',
  wording: 'Hello',
};
const CONTACT = { direction: 'incoming', channel: 'call', outcome: 'reached' };

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  // One person who may do everything that takes a body, so that no mutation stops at the door.
  ({ token } = await hireAgainstTheRules(service, 'everybody@test.example', [
    'supervisor',
    'finance-preparer',
    'finance-approver',
    'finance-releaser',
    'administrator',
  ]));
  const { id: changed } = await hire(service, 'changed@test.example', ['donor']);
  const user = `/api/v1/users/${changed}`;
  const userPage = `/users/${changed}`;
  const fund = await openFund(service);
  const funds = await service.as('auditor').get('/api/v1/funds').expect(200);
  const fundPath = `/api/v1/funds/${funds.body.items[0].id}`;
  const [grant] = await sql<{ id: string }>(service.db.url, 'select id from payments.grant_received');
  const rate = { id: newId(), base: 'THB', quote: 'USD', rate: '0.0275', asOf: TODAY, source: 'a bank' };
  await service.as('finance-preparer').post('/api/v1/exchange-rates', rate).expect(201);
  await service.as('finance-approver').post(`/api/v1/exchange-rates/${rate.id}/confirmation`).expect(200);
  await service.as('finance-preparer').post(`${fundPath}/accounts`, { currency: 'USD' }).expect(201);
  const { client, id: enrolment, transfers } = await enrolClient(service, fund, TODAY, { name: 'Nan Htwe Secretname' });
  const released = await releaseRun(service, TODAY);
  await enrolClient(service, fund, TODAY, { country: 'TH' });
  const { id: run, digest } = await prepareRun(service, TODAY, 'TH');
  const plan = { id: newId(), items: [{ need: 'debt', description: 'A loan', amount: '500.00', currency: 'THB' }] };
  await service.as('caseworker').post(`/api/v1/clients/${client}/spending-plans`, plan).expect(201);
  const note = { id: newId(), kind: 'call', words: 'Beware of Hidden Lane' };
  await service.as('caseworker').post(`/api/v1/clients/${client}/case-notes`, note).expect(201);
  const clients = '/api/v1/clients';
  const runs = '/api/v1/runs';
  const identity = {
    ...clientBody().identity,
    names: [{ text: 'Nan Htwe Secretname', script: 'Mymr', romanised: 'Nan Htwe Secretname' }],
    phone: '+95 9 777 000 111',
    address: 'Hidden Lane',
    payee: { bank: 'KBZ', account: 'KBZ-555-0001' },
    guardian: { names: [{ text: 'Auntie Secretguard' }], relation: 'aunt' },
  };
  requests = {
    'POST /api/v1/sessions': {
      path: '/api/v1/sessions',
      body: { email: 'donor-1@test.example', password: TEST_PASSWORD },
    },
    'POST /sign-in': { path: '/sign-in', body: { email: 'donor-1@test.example', password: TEST_PASSWORD } },
    'POST /api/v1/sessions/sign-out-elsewhere': { path: '/api/v1/sessions/sign-out-elsewhere', body: {} },
    'POST /api/v1/tokens': { path: '/api/v1/tokens', body: { name: 'nightly', scope: ['books:read'], days: 30 } },
    'POST /api/v1/teams': { path: '/api/v1/teams', body: { name: 'North' } },
    'POST /api/v1/users': {
      path: '/api/v1/users',
      body: { email: 'invited@test.example', displayName: 'Invited', roles: ['donor'], team: FIRST_TEAM_ID },
    },
    'PUT /api/v1/users/:id/roles': { path: `${user}/roles`, body: { roles: ['donor'] } },
    'PUT /api/v1/users/:id/team': { path: `${user}/team`, body: { team: FIRST_TEAM_ID } },
    'POST /api/v1/users/:id/disable': { path: `${user}/disable`, body: {} },
    'POST /api/v1/users/:id/enable': { path: `${user}/enable`, body: {} },
    'POST /api/v1/users/:id/reset-link': { path: `${user}/reset-link`, body: {} },
    'POST /api/v1/users/:id/reset-second-factor': { path: `${user}/reset-second-factor`, body: {} },
    'POST /api/v1/users/:id/confirmation': { path: `${user}/confirmation`, body: { awaited: [newId()] } },
    'POST /api/v1/users/:id/lift-lock-out': { path: `${user}/lift-lock-out`, body: {} },
    'POST /api/v1/users/:id/revoke-sessions': { path: `${user}/revoke-sessions`, body: {} },
    'POST /sign-in/code': { path: '/sign-in/code', body: { otp: '123456' } },
    'POST /welcome': {
      path: '/welcome',
      body: { code: 'x'.repeat(43), password: 'a'.repeat(12), again: 'a'.repeat(12) },
    },
    'POST /account/sessions/:id/end': { path: `/account/sessions/${newId()}/end`, body: {} },
    'POST /account/sign-out-elsewhere': { path: '/account/sign-out-elsewhere', body: {} },
    'POST /account/password': {
      path: '/account/password',
      body: { present: 'not this one', password: 'a'.repeat(12), again: 'a'.repeat(12) },
    },
    'POST /account/second-factor': { path: '/account/second-factor', body: { code: '123456', otp: '123456' } },
    'POST /account/recovery-codes': { path: '/account/recovery-codes', body: { otp: '123456' } },
    'POST /account/tokens': { path: '/account/tokens', body: { name: 'mine', days: '30', scope: 'books:read' } },
    'POST /account/tokens/:id/revoke': { path: `/account/tokens/${newId()}/revoke`, body: {} },
    'POST /users/invite': {
      path: '/users/invite',
      body: { email: 'by-page@test.example', displayName: 'By Page', roles: 'donor' },
    },
    'POST /users/teams': { path: '/users/teams', body: { name: 'South' } },
    ...Object.fromEntries(
      Object.entries({
        roles: { roles: 'donor' },
        team: { team: FIRST_TEAM_ID },
        disable: {},
        enable: {},
        'reset-link': {},
        'reset-second-factor': {},
        confirmation: { awaited: newId() },
        'lift-lock-out': {},
        'revoke-sessions': {},
      }).map(([what, body]) => [`POST /users/:id/${what}`, { path: `${userPage}/${what}`, body }]),
    ),
    'POST /users/:id/tokens/:token/revoke': { path: `${userPage}/tokens/${newId()}/revoke`, body: {} },
    'POST /sign-out': { path: '/sign-out', body: {} },
    'POST /log/verifications': { path: '/log/verifications', body: {} },
    'POST /api/v1/funds': {
      path: '/api/v1/funds',
      body: {
        id: newId(),
        donor: 'Fuzz',
        code: 'fuzz',
        name: 'Fuzz',
        currency: 'THB',
        decidedLabel: 'pilot-2015',
        multiplier: '1',
      },
    },
    'POST /api/v1/funds/:id/accounts': { path: `${fundPath}/accounts`, body: { currency: 'USD' } },
    'POST /api/v1/funds/:id/grants': {
      path: `${fundPath}/grants`,
      body: { id: newId(), amount: '500.00', currency: 'THB', receivedOn: TODAY, reference: 'a letter' },
    },
    'POST /api/v1/funds/:id/grants/:grant/reversal': {
      path: `${fundPath}/grants/${grant?.id}/reversal`,
      body: { id: newId(), reason: 'recorded by mistake' },
    },
    'POST /api/v1/exchange-rates': {
      path: '/api/v1/exchange-rates',
      body: { id: newId(), base: 'THB', quote: 'USD', rate: '0.0275', asOf: TODAY, source: 'a bank' },
    },
    'POST /api/v1/exchange-rates/:id/confirmation': {
      path: `/api/v1/exchange-rates/${newId()}/confirmation`,
      body: {},
    },
    'POST /exchange-rates': {
      path: '/exchange-rates',
      body: { id: newId(), base: 'THB', quote: 'USD', rate: '0.0275', asOf: TODAY, source: 'a bank' },
    },
    'POST /exchange-rates/:id/confirmation': { path: `/exchange-rates/${newId()}/confirmation`, body: {} },
    'POST /api/v1/exchange-rates/:id/doubts': {
      path: `/api/v1/exchange-rates/${newId()}/doubts`,
      body: { reason: 'mistyped' },
    },
    'POST /api/v1/exchange-rates/:id/striking-out': {
      path: `/api/v1/exchange-rates/${newId()}/striking-out`,
      body: {},
    },
    'POST /api/v1/funds/:id/exchanges': {
      path: `${fundPath}/exchanges`,
      body: { id: newId(), rate: rate.id, sold: '100.00', bought: '2.75', exchangedOn: TODAY, reference: 'slip 2' },
    },
    'POST /api/v1/clients': { path: clients, body: { ...clientBody({ id: newId(), region: 'Yangon' }), identity } },
    'POST /api/v1/clients/:code/identity': {
      path: `${clients}/${client}/identity`,
      body: {
        identity: {
          ...identity,
          otherPhones: ['+95 9 777 000 111'],
          otherAddresses: ['Hidden Lane'],
          documents: [{ kind: 'passport', number: 'KBZ-555-0001', country: 'MM' }],
          kin: [{ names: [{ text: 'Auntie Secretguard' }], relation: 'aunt', mayKnow: false }],
          safety: ['Beware of Hidden Lane'],
        },
        expectedVersion: 1,
      },
    },
    'POST /api/v1/clients/:code/corrections': {
      path: `${clients}/${client}/corrections`,
      body: { cohort: 'test', caseGroup: 'test', country: 'MM', region: 'Yangon' },
    },
    'POST /clients/:code/identity': {
      path: `/clients/${client}/identity`,
      body: { expectedVersion: '1', 'names.0.text': 'Nan Htwe Secretname', 'payee.bank': 'KBZ', 'safety.0': 'Beware' },
    },
    'POST /api/v1/erasures/check': {
      path: '/api/v1/erasures/check',
      body: {
        number: 'E-00000000',
        formerCode: client,
        erasedAt: TODAY,
        backupsClearOn: TODAY,
        deleted: { a: 1 },
        kept: [],
        proof: 'x',
      },
    },
    'POST /clients/:code/erase': { path: `/clients/${client}/erase`, body: { code: 'C-00000000' } },
    'POST /clients/:code/corrections': {
      path: `/clients/${client}/corrections`,
      body: { cohort: 'test', caseGroup: 'test', country: 'MM', region: 'Yangon' },
    },
    'POST /api/v1/clients/:code/consents': {
      path: `${clients}/${client}/consents`,
      body: { purpose: 'be-quoted', given: true, language: 'my', recordedOn: TODAY },
    },
    'POST /api/v1/clients/:code/consents/withdrawals': {
      path: `${clients}/${client}/consents/withdrawals`,
      body: { purpose: 'share', party: 'Legal Aid', language: 'my', interpreter: 'staff', recordedOn: TODAY },
    },
    'POST /api/v1/clients/:code/assignments': {
      path: `${clients}/${client}/assignments`,
      body: { caseworker: service.actor('caseworker').userId },
    },
    'POST /api/v1/clients/:code/emergency-access': {
      path: `${clients}/${client}/emergency-access`,
      body: { reason: 'medical', words: 'Beware of Hidden Lane' },
    },
    'POST /api/v1/emergency-access/:id/seen': { path: `/api/v1/emergency-access/${newId()}/seen`, body: {} },
    'POST /api/v1/clients/:code/safe-contact': {
      path: `${clients}/${client}/safe-contact`,
      body: { replaces: 0, rules: { ...SAFE_CONTACT, channels: ['call'] } },
    },
    'POST /api/v1/clients/:code/contacts': {
      path: `${clients}/${client}/contacts`,
      body: { id: newId(), rulesVersion: 1, ...CONTACT, happenedOn: TODAY, words: 'Beware of Hidden Lane' },
    },
    'POST /api/v1/clients/:code/identification': {
      path: `${clients}/${client}/identification`,
      body: {
        ...{ id: newId(), replaces: null, recordedOn: TODAY, ageThen: 'child' },
        ...{ acts: ['receipt'], means: ['fraud'], purposes: ['slavery'], words: { acts: 'Beware of Hidden Lane' } },
        formal: { status: 'identified', decidedOn: TODAY, authority: 'A team' },
        reflection: { from: TODAY, to: '2026-04-15' },
      },
    },
    'POST /clients/:code/identification': {
      path: `/clients/${client}/identification`,
      body: {
        ...{ id: newId(), replaces: '', acts: 'receipt', 'words.means': 'Beware of Hidden Lane' },
        ...{ 'formal.status': 'identified', 'formal.decidedOn': TODAY, 'reflection.from': TODAY },
      },
    },
    'POST /clients': {
      path: '/clients',
      body: {
        ...{ id: newId(), language: 'my', interpreter: 'none', holdData: 'yes', bePaid: 'some', rails: 'cash' },
        ...{ 'names.0.text': 'Nan Htwe Secretname', birth: 'day', dateOfBirth: '1990-01-02', address: 'Hidden Lane' },
        ...{ country: 'MM', newCohort: 'Mae Sot', caseGroup: 'Vessel 7' },
      },
    },
    'POST /clients/:code/consents': {
      path: `/clients/${client}/consents`,
      body: { purpose: 'share', organisation: 'Legal Aid', language: 'my', interpreter: 'none' },
    },
    'POST /clients/:code/consents/withdrawals': {
      path: `/clients/${client}/consents/withdrawals`,
      body: { purpose: 'share', party: 'Legal Aid', language: 'my' },
    },
    'POST /clients/:code/assignments': {
      path: `/clients/${client}/assignments`,
      body: { caseworker: service.actor('caseworker').userId },
    },
    'POST /clients/:code/safe-contact': {
      path: `/clients/${client}/safe-contact`,
      body: { replaces: '0', channels: 'call', ...SAFE_CONTACT },
    },
    'POST /clients/:code/contacts': {
      path: `/clients/${client}/contacts`,
      body: { id: newId(), rulesVersion: '1', ...CONTACT, happenedOn: TODAY, words: 'Beware of Hidden Lane' },
    },
    'POST /clients/:code/plans': {
      path: `/clients/${client}/plans`,
      body: {
        id: newId(),
        rows: '1',
        replaces: plan.id,
        'description-1': 'A loan',
        'need-1': 'debt',
        'amount-1': '500',
        'currency-1': 'THB',
        writtenOn: TODAY,
        do: 'save',
      },
    },
    'POST /clients/:code/plans/:id/tracking': {
      path: `/clients/${client}/plans/${plan.id}/tracking`,
      body: { id: newId(), 'spent-1': '1', 'cameOf-1': 'Peace', toldOn: TODAY },
    },
    'POST /emergency-access': {
      path: '/emergency-access',
      body: { code: client, reason: 'law', words: 'Beware of Hidden Lane' },
    },
    'POST /emergency-access/:id/seen': { path: `/emergency-access/${newId()}/seen`, body: {} },
    'POST /api/v1/possible-duplicates/:id/decisions': {
      path: `/api/v1/possible-duplicates/${newId()}/decisions`,
      body: { decision: 'different' },
    },
    'POST /duplicates/:id/decisions': { path: `/duplicates/${newId()}/decisions`, body: { decision: 'different' } },
    'POST /api/v1/clients/:code/needs-assessments': {
      path: `${clients}/${client}/needs-assessments`,
      body: { id: newId(), assessedOn: TODAY, ranks: ranks('food'), interpretations: { food: 'Rice' } },
    },
    'POST /api/v1/clients/:code/spending-plans': {
      path: `${clients}/${client}/spending-plans`,
      body: { ...plan, id: newId(), writtenOn: TODAY, replaces: [plan.id] },
    },
    'POST /api/v1/clients/:code/spending-plans/:id/tracking': {
      path: `${clients}/${client}/spending-plans/${plan.id}/tracking`,
      body: { id: newId(), toldOn: TODAY, items: [{ item: 1, spent: '1', currency: 'THB', cameOf: 'Peace' }] },
    },
    'POST /api/v1/clients/:code/case-notes': {
      path: `${clients}/${client}/case-notes`,
      body: { ...note, id: newId(), happenedOn: TODAY, nextOn: TODAY, corrects: note.id },
    },
    'POST /language': { path: '/language', body: { language: 'th', digits: 'own', years: 'buddhist' } },
    'POST /clients/:code/interview': {
      path: `/clients/${client}/interview`,
      body: { 'ranks.food': '4', 'words.food': 'rice', assessedOn: TODAY, go: 'keep' },
    },
    'POST /clients/:code/interview/save': { path: `/clients/${client}/interview/save`, body: { id: newId() } },
    'POST /clients/:code/interview/discard': { path: `/clients/${client}/interview/discard`, body: {} },
    'POST /clients/:code/notes': {
      path: `/clients/${client}/notes`,
      body: { ...note, id: newId(), happenedOn: TODAY, nextOn: TODAY },
    },
    'POST /clients/:code/notes/:id/correct': {
      path: `/clients/${client}/notes/${note.id}/correct`,
      body: { ...note, id: newId(), happenedOn: TODAY, nextOn: TODAY },
    },
    'POST /api/v1/enrolments': {
      path: '/api/v1/enrolments',
      body: { id: newId(), client, fund, anchorOn: TODAY, rail: 'cash', instalments: 3 },
    },
    'POST /api/v1/enrolments/:id/approval': { path: `/api/v1/enrolments/${enrolment}/approval`, body: {} },
    'POST /api/v1/enrolments/:id/cancellation': { path: `/api/v1/enrolments/${enrolment}/cancellation`, body: {} },
    'POST /api/v1/runs': { path: runs, body: { id: newId(), dueThrough: TODAY, country: 'TH' } },
    'POST /api/v1/runs/:id/approvals': { path: `${runs}/${run}/approvals`, body: { digest } },
    'POST /api/v1/runs/:id/release': { path: `${runs}/${run}/release`, body: { digest } },
    'POST /api/v1/runs/:id/send-back': { path: `${runs}/${released.id}/send-back`, body: { reason: 'a mistake' } },
    'POST /api/v1/runs/:id/results': {
      path: `${runs}/${released.id}/results`,
      body: {
        results: [
          { transfer: transfers[0]?.id, outcome: 'settled', code: 'ok', happenedOn: TODAY, reference: 'slip 1' },
        ],
      },
    },
    'POST /api/v1/transfers/:id/hold': {
      path: `/api/v1/transfers/${transfers[1]?.id}/hold`,
      body: { reason: 'safety' },
    },
    'POST /api/v1/transfers/:id/end-hold': { path: `/api/v1/transfers/${transfers[1]?.id}/end-hold`, body: {} },
    'POST /api/v1/transfers/:id/reissue': { path: `/api/v1/transfers/${transfers[0]?.id}/reissue`, body: {} },
    'POST /api/v1/donor-reports': { path: '/api/v1/donor-reports', body: { fund, period: '2025-Q4' } },
    'POST /runs/:id/approve': { path: `/runs/${run}/approve`, body: { digest } },
    'POST /runs/:id/release': { path: `/runs/${run}/release`, body: { digest } },
    'POST /runs/:id/send-back': { path: `/runs/${run}/send-back`, body: { digest, reason: 'a mistake' } },
    ...requestsOfPaying({
      today: TODAY,
      client,
      fund,
      fundPath,
      enrolment,
      transfer: transfers[0]?.id ?? '',
      run,
      released: released.id,
      user: changed,
    }),
  };
});
afterAll(() => service.close());

it('knows a valid request for every route that takes a body', () => {
  const routes = routesOf(service.app).filter(({ method }) => !['GET', 'DELETE'].includes(method));
  expect(Object.keys(requests).sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
});

it(`answers ${ROUNDS} broken requests without a fault of ours (seed ${seed})`, async () => {
  const random = generator(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const routes = Object.entries(requests);
  for (let round = 0; round < ROUNDS; round += 1) {
    const [route, { path, body }] = pick(routes);
    const broken = structuredClone(body);
    for (let times = 1 + Math.floor(random() * 2); times > 0; times -= 1) mutate(broken, random, pick);
    const asForm = random() < 0.1;
    const sent = asForm ? new URLSearchParams(flat(broken)).toString() : spoil(JSON.stringify(broken), random);
    const type = asForm ? 'application/x-www-form-urlencoded' : 'application/json';
    const keyed: Record<string, string> = random() < 0.3 ? { 'idempotency-key': `fuzz-${round}-${seed}` } : {};
    const strangePath =
      random() < 0.1
        ? path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}|C-[0-9A-Z]{8}/, encodeURIComponent(wellFormed(pick(STRANGE_TEXTS))))
        : path;
    const [method = ''] = route.split(' ');
    const answer = await raw(service, path === '/sign-out' ? undefined : token, method, strangePath, sent, {
      'content-type': type,
      ...keyed,
    });
    const told = { seed, round, route, sent: sent.slice(0, 2_000), answer: answer.text.slice(0, 500) };
    expect({ ...told, ours: answer.status >= 500 }).toEqual({ ...told, ours: false });
    if (answer.status < 400) continue;
    expectNoInternals(answer.text);
    if (SHOWS_WHO.includes(route)) continue;
    for (const secret of SECRETS)
      expect({ ...told, tells: answer.text.includes(secret) }).toEqual({ ...told, tells: false });
    if (!path.startsWith('/api/')) continue; // a page is asked again, with what is wrong
    expect({ ...told, code: (answer.body as { code?: unknown }).code }).toEqual({
      ...told,
      code: expect.stringMatching(/^[a-z0-9-]+$/),
    });
  }
});

it(`leaves books that balance and nobody paid twice after all that (seed ${seed})`, async () => {
  const check = await service.app.get(SelfCheckService).run(service.actor('auditor'));
  expect(check.checks.filter(({ holds }) => !holds)).toEqual([]);
  const { currencies, balanced } = await service.app.get(BooksService).trialBalance(service.actor('auditor'));
  expect(balanced).toBe(true);
  expect(currencies.filter(({ difference }) => difference !== '0.00')).toEqual([]);
});

const STRANGE_TEXTS = [
  '',
  ' ',
  '0',
  '-1',
  '1e3',
  'null',
  'undefined',
  'NaN',
  'true',
  '[object Object]',
  "'",
  '"',
  "' or 1=1 --",
  '%',
  '%00',
  '\u0000',
  '\ud800',
  '๕๐๐',
  '\u202e',
  '../../etc/passwd',
  '${7*7}',
  '{{7*7}}',
  '<script>',
  'C-00000000',
  '00000000-0000-0000-0000-000000000000',
  '2026-02-30',
  '9999-12-31',
  '2026-03-02',
  'x'.repeat(10_000),
  '9'.repeat(40),
  '0.001',
  '-0.00',
  'constructor',
  '__proto__',
  'toString',
  'THB',
  'USD',
  'a'.repeat(64),
] as const;

const STRANGE_VALUES: readonly unknown[] = [
  ...STRANGE_TEXTS,
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e21,
  2 ** 53,
  [],
  {},
  [[]],
  [null],
  [{}],
  { length: 3 },
  { toString: 'x' },
  { then: 'x' },
  [1, 2, 3],
];

type Holder = Record<string, unknown>;

/** Changes, drops, doubles or adds one thing somewhere in it. */
function mutate(body: Holder, random: () => number, pick: <T>(from: readonly T[]) => T): void {
  const holders = holdersIn(body);
  const holder = pick(holders);
  const keys = Object.keys(holder);
  const key = keys.length > 0 ? pick(keys) : 'added';
  const kind = random();
  if (kind < 0.55) holder[key] = structuredClone(pick(STRANGE_VALUES));
  else if (kind < 0.7) delete holder[key];
  else if (kind < 0.8) holder[key] = [holder[key], holder[key]];
  else if (kind < 0.9)
    holder[pick(['added', 'id', 'toString', 'constructor', 'amountMinor', 'state', ''])] = pick(STRANGE_VALUES);
  else holder[key] = typeof holder[key] === 'string' ? turned(holder[key], random) : [holder[key]];
}

function holdersIn(value: unknown): Holder[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Holder, ...Object.values(value).flatMap(holdersIn)];
}

function turned(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length);
  return random() < 0.5
    ? text.slice(0, at) + text.slice(at + 1)
    : text.slice(0, at) + String.fromCharCode(Math.floor(random() * 0x3000)) + text.slice(at + 1);
}

/** Now and then the JSON itself is torn. */
function spoil(json: string, random: () => number): string {
  return random() < 0.05 ? json.slice(0, Math.floor(random() * json.length)) : json;
}

function flat(body: Holder): Record<string, string> {
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [
      key,
      typeof value === 'string' ? wellFormed(value) : (JSON.stringify(value) ?? ''),
    ]),
  );
}

/** Without halves of surrogate pairs, which an address cannot hold. */
function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udfff]/g, '');
}

/** mulberry32: small, and the same everywhere. */
function generator(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
