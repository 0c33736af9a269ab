/** What the service refuses, how it says so, and that a refusal leaves no trace: the whole database is compared before and after. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response, Test } from 'supertest';
import { needsCatalogue } from '../src/needs/catalogue.js';
import {
  clientBody,
  enrolClient,
  newId,
  openFund,
  prepareRun,
  ranks,
  registerClient,
  type RunBody,
} from './support/builders.js';
import { sql } from './support/database.js';
import {
  expectNoInternals,
  expectProblem,
  hireAgainstTheRules,
  raw,
  tokenOf,
  type ExpectedProblem,
} from './support/raw-requests.js';
import { watchRows, type RowWatch } from './support/rows.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const LONG = 'x'.repeat(10_000);
const CLIENTS = '/api/v1/clients';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const NO_SUCH_ID = '00000000-0000-4000-8000-000000000000';

let service: TestService;
let rows: RowWatch;
let fund: string;
let fundId: string;
let client: string;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  rows = await watchRows(service.db.url);
  fund = await openFund(service, { code: 'well-funded' });
  [{ id: fundId }] = (await sql<{ id: string }>(service.db.url, 'select id from payments.fund')) as [{ id: string }];
  client = await registerClient(service);
});
afterAll(async () => {
  await rows.stop();
  await service.close();
});

/** Makes the call, checks that it is refused like that, and that not one row of any table is new, gone or different. */
async function refuses(call: () => Test, expected: ExpectedProblem): Promise<Response> {
  const before = await rows.now();
  const answer = await call();
  expectProblem(answer, expected);
  expect(await rows.now()).toEqual(before);
  return answer;
}

/** The same body twice, then under the same id in capitals, then with something changed. */
async function keepsTheFirstContent(
  send: (body: object) => Test,
  body: Record<string, unknown> & { id: string },
  changed: object,
): Promise<void> {
  const first = await send(body);
  expect(first.status).toBe(201);
  const kept = await rows.now();
  const again = await send(body);
  expect({ status: again.status, body: again.body }).toEqual({ status: 200, body: first.body });
  const inCapitals = await send({ ...body, id: body.id.toUpperCase() });
  expect({ status: inCapitals.status, body: inCapitals.body }).toEqual({ status: 200, body: first.body });
  expect(await rows.now()).toEqual(kept);
  await refuses(() => send({ ...body, ...changed }), { status: 409, code: 'id-conflict', field: 'id' });
  await refuses(() => send({ ...body, ...changed, id: body.id.toUpperCase() }), {
    status: 409,
    code: 'id-conflict',
    field: 'id',
  });
}

const assessment = (changed: object = {}) => ({ id: newId(), assessedOn: TODAY, ranks: ranks('food'), ...changed });
const assess = (body: object) => service.as('caseworker').post(`${CLIENTS}/${client}/needs-assessments`, body);
const item = (changed: object = {}) => ({
  need: 'debt',
  description: 'A loan',
  amount: '500.00',
  currency: 'THB',
  ...changed,
});
const plan = (changed: object = {}) => ({ id: newId(), items: [item()], ...changed });
const write = (body: object) => service.as('caseworker').post(`${CLIENTS}/${client}/spending-plans`, body);
const register = (body: object) => service.as('caseworker').post(CLIENTS, body);
const enrol = (body: object) => service.as('supervisor').post('/api/v1/enrolments', body);
const grant = (changed: object = {}) => ({
  id: newId(),
  amount: '500.00',
  currency: 'THB',
  receivedOn: '2026-02-01',
  reference: 'grant 2',
  ...changed,
});
const receive = (body: object) => service.as('finance-preparer').post(`/api/v1/funds/${fundId}/grants`, body);
const fundBody = (changed: object = {}) => ({
  id: newId(),
  donor: 'A donor',
  code: `fund-${newId().slice(0, 8)}`,
  name: 'A fund',
  currency: 'THB',
  ...changed,
});
const open = (body: object) => service.as('finance-preparer').post('/api/v1/funds', body);
const prepare = (body: object) => service.as('finance-preparer').post('/api/v1/runs', body);

describe('a needs assessment is refused', () => {
  const without = (...codes: string[]) =>
    Object.fromEntries(Object.entries(ranks()).filter(([code]) => !codes.includes(code)));

  it('with 20 ranks, naming the need that is missing', async () => {
    const answer = await refuses(() => assess(assessment({ ranks: without('debt') })), {
      status: 422,
      code: 'ranks-incomplete',
      field: 'ranks',
    });
    expect(answer.body.errors).toEqual([expect.objectContaining({ field: 'ranks.debt', code: 'missing' })]);
  });

  it('with no ranks at all', async () => {
    await refuses(() => assess(assessment({ ranks: {} })), { status: 422, code: 'ranks-incomplete', field: 'ranks' });
    await refuses(() => assess(assessment({ ranks: undefined })), { status: 422, code: 'missing', field: 'ranks' });
    await refuses(() => assess(assessment({ ranks: null })), { status: 422, code: 'is-object', field: 'ranks' });
    await refuses(() => assess(assessment({ ranks: Array(21).fill(4) })), {
      status: 422,
      code: 'is-object',
      field: 'ranks',
    });
  });

  it.each(['wealth', 'toString', 'hasOwnProperty', 'FOOD', ''])(
    'with a 22nd rank, for a need called %p',
    async (need) => {
      await refuses(() => assess(assessment({ ranks: { ...ranks(), [need]: 4 } })), {
        status: 422,
        code: 'unknown-need',
        field: `ranks.${need}`,
      });
    },
  );

  it.each(['__proto__', 'constructor', 'prototype'])(
    'with a rank for %s, whether it comes on top or instead',
    async (need) => {
      const token = await tokenOf(service, 'caseworker');
      for (const others of [ranks(), without('food')]) {
        const sent = JSON.stringify(assessment({ ranks: { ...others, SLOT: 4 } })).replace('SLOT', need);
        await refuses(() => raw(service, token, 'post', `${CLIENTS}/${client}/needs-assessments`, sent), {
          status: 422,
          code: 'unknown-field',
          field: `ranks.${need}`,
        });
      }
      expect(({} as Record<string, unknown>)['food']).toBeUndefined();
    },
  );

  it.each<unknown>([0, 5, -1, 2.5, 1e9, '4', '', true, null, {}, { valueOf: 4 }])('with the rank %p', async (rank) => {
    await refuses(() => assess(assessment({ ranks: { ...ranks(), food: rank } })), {
      status: 422,
      code: 'rank-out-of-range',
      field: 'ranks.food',
    });
  });

  it.each([
    [
      'of a need that is not ranked 4',
      { debt: 'The moneylender comes every week' },
      'interpretation-without-highest-priority',
      'interpretations.debt',
    ],
    ['of an unknown need', { wealth: 'Much' }, 'unknown-need', 'interpretations.wealth'],
    ['that is not text', { food: { say: 'rice' } }, 'text-malformed', 'interpretations.food'],
    ['that is very long', { food: LONG }, 'text-too-long', 'interpretations.food'],
  ])('with an interpretation %s', async (_, interpretations, code, field) => {
    await refuses(() => assess(assessment({ interpretations })), { status: 422, code, field });
  });

  it('with interpretations that are null is an assessment without any', async () => {
    await assess(assessment({ interpretations: null })).expect(201);
  });

  it.each(
    [
      '2026-02-30',
      '2025-02-29',
      '2026-13-01',
      '02.03.2026',
      '2026-3-2',
      '20260302',
      '1899-12-31',
      '9999-12-31',
      '0000-00-00',
      '+02026-03-02',
      '2026-03-02T00:00:00Z',
      '',
      LONG,
    ].map((day) => [day.slice(0, 20), day] as const),
  )('on the day "%s"', async (_, assessedOn) => {
    await refuses(() => assess(assessment({ assessedOn })), {
      status: 422,
      code: 'date-malformed',
      field: 'assessedOn',
    });
  });

  it('on a day to come', async () => {
    await refuses(() => assess(assessment({ assessedOn: '2026-03-03' })), {
      status: 422,
      code: 'date-in-the-future',
      field: 'assessedOn',
    });
  });

  it.each([
    ['nobody', 'C-00000000'],
    ['a code that cannot be', 'C-UUUUUUUU'],
    ['SQL', "C-'; drop table casework.client; --"],
    ['a null byte', 'C-0000000%00'],
    ['a way out', '..%2f..%2fruns'],
    ['10,000 characters', LONG],
  ])('for %s', async (_, code) => {
    await refuses(
      () =>
        service
          .as('caseworker')
          .post(`${CLIENTS}/${encodeURI(code).replaceAll('%25', '%')}/needs-assessments`, assessment()),
      {
        status: 404,
        code: 'not-found',
        field: 'code',
      },
    );
  });
});

describe('a registration is refused', () => {
  const identity = (changed: object) => ({ ...clientBody(), identity: { ...clientBody().identity, ...changed } });

  it('without consent to hold data', async () => {
    const { consents, ...body } = clientBody();
    await refuses(() => register({ ...body, consents: consents.slice(1) }), {
      status: 422,
      code: 'consent-to-hold-data-missing',
      field: 'consents',
    });
    await refuses(() => register({ ...body, consents: [] }), {
      status: 422,
      code: 'consent-to-hold-data-missing',
      field: 'consents',
    });
  });

  it.each<[string, object, string, string]>([
    ['a country without wages', { ...clientBody(), country: 'XX' }, 'unknown-country', 'country'],
    ['a country in small letters', { ...clientBody(), country: 'mm' }, 'unknown-country', 'country'],
    ['a cohort with spaces', { ...clientBody(), cohort: 'the boat' }, 'slug-malformed', 'cohort'],
    ['no name', identity({ names: [] }), 'array-min-size', 'identity.names'],
    ['an empty name', identity({ names: [{ text: '' }] }), 'is-length', 'identity.names.0.text'],
    ['a name of 10,000 letters', identity({ names: [{ text: LONG }] }), 'is-length', 'identity.names.0.text'],
    ['a name that is a list', identity({ names: [[]] }), 'is-object', 'identity.names'],
    ['a name that is nothing', identity({ names: [null] }), 'is-object', 'identity.names'],
    ['a birth tomorrow', identity({ dateOfBirth: '2026-03-04' }), 'born-in-the-future', 'identity.dateOfBirth'],
    ['a birth on 30 February', identity({ dateOfBirth: '1990-02-30' }), 'date-malformed', 'identity.dateOfBirth'],
    ['a birth in the year 1', identity({ dateOfBirth: '0001-01-01' }), 'date-malformed', 'identity.dateOfBirth'],
    ['a guardian without a name', identity({ guardian: { names: [] } }), 'array-min-size', 'identity.guardian.names'],
    ['an unknown field', { ...clientBody(), nickname: 'Ko Ko' }, 'unknown-field', 'nickname'],
    ['an unknown field of the identity', identity({ passport: 'MA 123456' }), 'unknown-field', 'identity.passport'],
    ['a state of our own', { ...clientBody(), caseworkerId: newId() }, 'unknown-field', 'caseworkerId'],
    ['an id that is none', { ...clientBody(), id: 'C-1' }, 'id-malformed', 'id'],
    ['consents that are lists', { ...clientBody(), consents: [...clientBody().consents, []] }, 'is-object', 'consents'],
    [
      'an unknown consent',
      { ...clientBody(), consents: [{ purpose: 'everything', given: true, language: 'my' }] },
      'unknown-consent',
      'consents.0.purpose',
    ],
    [
      'a consent that is a word',
      { ...clientBody(), consents: [{ purpose: 'hold-data', given: 'yes', language: 'my' }] },
      'is-boolean',
      'consents.0.given',
    ],
    [
      'a consent given tomorrow week',
      { ...clientBody(), consents: [{ purpose: 'hold-data', given: true, language: 'my', recordedOn: '2026-03-10' }] },
      'date-in-the-future',
      'consents.recordedOn',
    ],
  ])('with %s', async (_, body, code, field) => {
    await refuses(() => register(body), { status: 422, code, field });
  });

  it('when a consent that is recorded later lies in the future', async () => {
    const consent = { purpose: 'be-quoted', given: true, language: 'my', recordedOn: '2199-12-31' };
    await refuses(() => service.as('caseworker').post(`${CLIENTS}/${client}/consents`, consent), {
      status: 422,
      code: 'date-in-the-future',
      field: 'recordedOn',
    });
  });
});

describe('a spending plan is refused', () => {
  it.each<[string, object, string, string]>([
    ['no items', { items: [] }, 'plan-empty', 'items'],
    ['41 items', { items: Array.from({ length: 41 }, () => item()) }, 'too-many-items', 'items'],
    ['items that are lists', { items: [[item()]] }, 'is-object', 'items'],
    ['an unknown need', { items: [item({ need: 'wealth' })] }, 'unknown-need', 'items.0.need'],
    ['the need __proto__', { items: [item({ need: '__proto__' })] }, 'unknown-need', 'items.0.need'],
    ['the need constructor', { items: [item({ need: 'constructor' })] }, 'unknown-need', 'items.0.need'],
    [
      'a description of 10,000 letters',
      { items: [item({ description: LONG })] },
      'text-too-long',
      'items.0.description',
    ],
    ['a day to come', { writtenOn: '2026-03-03' }, 'date-in-the-future', 'writtenOn'],
    ['30 February', { writtenOn: '2026-02-30' }, 'date-malformed', 'writtenOn'],
    ['a day that is null', { writtenOn: null }, 'date-malformed', 'writtenOn'],
  ])('with %s', async (_, changed, code, field) => {
    await refuses(() => write(plan(changed)), { status: 422, code, field });
  });

  it('when it tells of an item that is not in it, or of one twice', async () => {
    const { body } = await write(plan()).expect(201);
    const track = (items: object[]) =>
      service.as('caseworker').post(`${CLIENTS}/${client}/spending-plans/${body.id}/tracking`, { id: newId(), items });
    const told = { item: 1, spent: '1', currency: 'THB' };
    await refuses(() => track([{ ...told, item: 2 }]), { status: 422, code: 'unknown-item', field: 'items.0.item' });
    await refuses(() => track([told, told]), { status: 422, code: 'item-repeated', field: 'items.1.item' });
    await refuses(() => track([{ ...told, currency: 'USD' }]), {
      status: 422,
      code: 'currency-not-planned',
      field: 'items.0.currency',
    });
    await refuses(() => track([{ ...told, cameOf: LONG }]), {
      status: 422,
      code: 'text-too-long',
      field: 'items.0.cameOf',
    });
    await refuses(() => track([{ ...told, spent: '-1' }]), {
      status: 422,
      code: 'amount-not-positive',
      field: 'items.0.spent',
    });
    await refuses(() => track([]), { status: 422, code: 'tracking-empty', field: 'items' });
  });
});

describe('an amount is refused', () => {
  const amounts: [string, unknown, string][] = [
    ['negative', '-500.00', 'amount-not-positive'],
    ['nothing', '0.00', 'amount-not-positive'],
    ['less than nothing by a sign', '-0', 'amount-not-positive'],
    ['more precise than its currency', '500.001', 'amount-too-precise'],
    ['with an exponent', '5e3', 'amount-malformed'],
    ['hexadecimal', '0x1F', 'amount-malformed'],
    ['larger than all the money', '10000000000000.01', 'amount-too-large'],
    ['huge', '9'.repeat(30), 'amount-too-large'],
    ['in Thai digits', '๕๐๐', 'amount-malformed'],
    ['in Burmese digits', '၅၀၀', 'amount-malformed'],
    ['in full-width digits', '５００', 'amount-malformed'],
    ['with a comma', '1,000.00', 'amount-malformed'],
    ['with a plus', '+500', 'amount-malformed'],
    ['with a space', ' 500', 'amount-malformed'],
    ['with a line end', '500\n', 'amount-malformed'],
    ['without digits behind its point', '500.', 'amount-malformed'],
    ['empty', '', 'amount-malformed'],
    ['not a number', 'NaN', 'amount-malformed'],
    ['endless', 'Infinity', 'amount-malformed'],
    ['a number of JSON', 500, 'is-string'],
    ['a list', ['500'], 'is-string'],
  ];

  it.each(amounts)('in a spending plan when it is %s', async (_, amount, code) => {
    await refuses(() => write(plan({ items: [item(), item({ amount })] })), {
      status: 422,
      code,
      field: 'items.1.amount',
    });
  });

  it.each(amounts)('in a grant when it is %s', async (_, amount, code) => {
    await refuses(() => receive(grant({ amount })), { status: 422, code, field: 'amount' });
  });

  it('when it is 10,000 digits long', async () => {
    await refuses(() => write(plan({ items: [item({ amount: '9'.repeat(10_000) })] })), {
      status: 422,
      code: 'amount-malformed',
      field: 'items.0.amount',
    });
    await refuses(() => receive(grant({ amount: '9'.repeat(10_000) })), {
      status: 422,
      code: 'max-length',
      field: 'amount',
    });
  });

  it.each(['XXX', 'thb', 'BTC', '\u0000\u0000\u0000'])(
    'in the currency %p, which nobody here knows',
    async (currency) => {
      await refuses(() => write(plan({ items: [item({ currency })] })), {
        status: 422,
        code: 'unknown-currency',
        field: 'items.0.currency',
      });
      await refuses(() => receive(grant({ currency })), { status: 422, code: 'unknown-currency', field: 'currency' });
      await refuses(() => open(fundBody({ currency })), { status: 422, code: 'unknown-currency', field: 'currency' });
    },
  );

  it('in a currency that the fund does not hold', async () => {
    await refuses(() => receive(grant({ currency: 'USD' })), {
      status: 422,
      code: 'currency-not-held',
      field: 'currency',
    });
  });
});

describe('a fund is refused', () => {
  it.each<[string, object, ExpectedProblem]>([
    ['a code that another has', { code: 'well-funded' }, { status: 409, code: 'fund-code-taken', field: 'code' }],
    ['a code with capitals', { code: 'Fund' }, { status: 422, code: 'slug-malformed', field: 'code' }],
    [
      'a decision that nobody made',
      { decidedLabel: 'pilot-2099' },
      { status: 422, code: 'unknown-decision', field: 'decidedLabel' },
    ],
    [
      'a multiplier of nothing',
      { multiplier: '0.0000' },
      { status: 422, code: 'multiplier-malformed', field: 'multiplier' },
    ],
    ['a negative multiplier', { multiplier: '-1' }, { status: 422, code: 'multiplier-malformed', field: 'multiplier' }],
    [
      'a multiplier of five decimals',
      { multiplier: '1.00001' },
      { status: 422, code: 'multiplier-malformed', field: 'multiplier' },
    ],
    ['a donor of 10,000 letters', { donor: LONG }, { status: 422, code: 'is-length', field: 'donor' }],
    ['a donor with a null byte', { donor: 'a\u0000b' }, { status: 422, code: 'text-malformed', field: 'donor' }],
    ['a name with a null byte', { name: 'a\u0000b' }, { status: 422, code: 'text-malformed', field: 'name' }],
    ['a name of two lines', { name: 'a\nb' }, { status: 422, code: 'text-malformed', field: 'name' }],
    ['a name that turns the direction', { name: 'a\u202eb' }, { status: 422, code: 'text-malformed', field: 'name' }],
  ])('with %s', async (_, changed, expected) => {
    await refuses(() => open(fundBody(changed)), expected);
  });

  it.each<[string, object, string, string]>([
    ['received on 30 February', { receivedOn: '2026-02-30' }, 'date-malformed', 'receivedOn'],
    ['received in the year 10000', { receivedOn: '10000-01-1' }, 'date-malformed', 'receivedOn'],
    ['without a reference', { reference: '' }, 'is-length', 'reference'],
    ['with a reference of 10,000 letters', { reference: LONG }, 'is-length', 'reference'],
  ])('when a grant is %s', async (_, changed, code, field) => {
    await refuses(() => receive(grant(changed)), { status: 422, code, field });
  });

  it('when there is no such fund', async () => {
    await refuses(() => service.as('finance-preparer').post(`/api/v1/funds/${NO_SUCH_ID}/grants`, grant()), {
      status: 404,
      code: 'not-found',
    });
  });
});

describe('an enrolment is refused', () => {
  const enrolment = (changed: object = {}) => ({ id: newId(), client, fund, anchorOn: TODAY, ...changed });

  it.each<[string, object, ExpectedProblem]>([
    ['a fourth instalment', { instalments: 4 }, { status: 422, code: 'instalment-out-of-range', field: 'instalments' }],
    ['two instalments', { instalments: 2 }, { status: 422, code: 'instalment-out-of-range', field: 'instalments' }],
    ['no client that is known', { client: 'C-00000000' }, { status: 404, code: 'not-found', field: 'code' }],
    ['no fund that is known', { fund: 'no-such-fund' }, { status: 404, code: 'not-found', field: 'fund' }],
    ['SQL for a fund', { fund: "x' or '1'='1" }, { status: 404, code: 'not-found', field: 'fund' }],
    ['a null byte for a fund', { fund: '\u0000' }, { status: 400, code: 'text-malformed' }],
    ['a rail that is not there', { rail: 'pigeon' }, { status: 422, code: 'unknown-rail', field: 'rail' }],
    ['30 February', { anchorOn: '2026-02-30' }, { status: 422, code: 'date-malformed', field: 'anchorOn' }],
    [
      'a first transfer in two years',
      { anchorOn: '2028-03-02' },
      { status: 422, code: 'anchor-too-far', field: 'anchorOn' },
    ],
    [
      'a first transfer in 2199',
      { anchorOn: '2199-12-31' },
      { status: 422, code: 'anchor-too-far', field: 'anchorOn' },
    ],
    [
      'a first transfer before any amount was decided',
      { anchorOn: '1900-01-01' },
      { status: 422, code: 'no-decided-amount', field: 'country' },
    ],
    ['an amount of its own', { amount: '1000000.00' }, { status: 422, code: 'unknown-field', field: 'amount' }],
  ])('with %s', async (_, changed, expected) => {
    await refuses(() => enrol(enrolment(changed)), expected);
  });

  it('without consent to be paid, also where it was given and withdrawn', async () => {
    const silent = await registerClient(service, { consentToBePaid: false });
    const withdrawn = await registerClient(service);
    await service
      .as('caseworker')
      .post(`${CLIENTS}/${withdrawn}/consents`, { purpose: 'be-paid', given: false, language: 'my' })
      .expect(204);
    for (const code of [silent, withdrawn]) {
      await refuses(() => enrol(enrolment({ client: code })), {
        status: 422,
        code: 'consent-to-be-paid-missing',
        field: 'client',
      });
    }
  });

  it('for a child, and for somebody whose age is not known, as long as no guardian is on record', async () => {
    const child = await registerClient(service, { dateOfBirth: '2008-03-03' });
    const ofUnknownAge = await registerClient(service, { dateOfBirth: null });
    for (const code of [child, ofUnknownAge]) {
      await refuses(() => enrol(enrolment({ client: code })), {
        status: 422,
        code: 'guardian-missing',
        field: 'client',
      });
    }
    const eighteenToday = await registerClient(service, { dateOfBirth: '2008-03-02' });
    const guarded = await registerClient(service, { dateOfBirth: null, guardian: true });
    for (const code of [eighteenToday, guarded]) await enrol(enrolment({ client: code })).expect(201);
  });

  it('for a child whose guardian is an empty word of JSON', async () => {
    const body = clientBody({ dateOfBirth: null });
    const answer = await register({ ...body, identity: { ...body.identity, guardian: null } }).expect(201);
    await refuses(() => enrol(enrolment({ client: answer.body.code })), {
      status: 422,
      code: 'guardian-missing',
      field: 'client',
    });
  });

  it('into a fund of another currency than the wage', async () => {
    const dollars = await openFund(service, { currency: 'USD', decidedLabel: null });
    await refuses(() => enrol(enrolment({ fund: dollars })), { status: 422, code: 'currency-not-held', field: 'fund' });
  });

  it('for a client who is enrolled: there is no second set of three transfers', async () => {
    const { client: enrolled } = await enrolClient(service, fund, '2026-12-01');
    await refuses(() => enrol(enrolment({ client: enrolled })), {
      status: 409,
      code: 'client-already-enrolled',
      field: 'client',
    });
  });

  it('when two are asked for at the same moment: one stands', async () => {
    const code = await registerClient(service);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => enrol(enrolment({ client: code, anchorOn: '2026-12-01' }))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(7).fill(409)]);
    const [{ count }] = (await sql<{ count: number }>(
      service.db.url,
      'select count(*)::int from payments.obligation o join casework.client c on c.id = o.client_id where c.code = $1',
      [code],
    )) as [{ count: number }];
    expect(count).toBe(3);
  });
});

describe('a run', () => {
  let run: RunBody;
  let jack: string; // of both trades

  beforeAll(async () => {
    ({ token: jack } = await hireAgainstTheRules(service, 'jack@test.example', [
      'finance-preparer',
      'finance-approver',
      'finance-releaser',
    ]));
    await enrolClient(service, fund, TODAY);
    await enrolClient(service, fund, TODAY);
    const prepared = await raw(
      service,
      jack,
      'post',
      '/api/v1/runs',
      JSON.stringify({ id: newId(), dueThrough: TODAY, country: 'MM' }),
    );
    expect(prepared.status).toBe(201);
    run = prepared.body as RunBody;
  });

  const sign = (act: 'approvals' | 'release', digest: string, token = jack, id = run.id) =>
    raw(service, token, 'post', `/api/v1/runs/${id}/${act}`, JSON.stringify({ digest }));

  it('is not prepared when nothing is due', async () => {
    await refuses(() => prepare({ id: newId(), dueThrough: TODAY, country: 'PH' }), {
      status: 422,
      code: 'nothing-due',
      field: 'dueThrough',
    });
  });

  it('is not prepared when the money is not there, and says which fund lacks how much', async () => {
    const poor = await openFund(service, { amount: '3359.99' });
    await enrolClient(service, poor, TODAY, { country: 'LA' });
    const answer = await refuses(() => prepare({ id: newId(), dueThrough: TODAY, country: 'LA' }), {
      status: 422,
      code: 'run-unfunded',
      field: 'fund',
    });
    expect(answer.body.detail).toContain(`${poor} does not have 3360.00 THB`);
  });

  it.each<[string, object, string, string]>([
    ['30 February', { dueThrough: '2026-02-30' }, 'date-malformed', 'dueThrough'],
    ['a day of 10,000 letters', { dueThrough: LONG }, 'max-length', 'dueThrough'],
    ['an unknown country', { dueThrough: TODAY, country: 'ZZ' }, 'unknown-country', 'country'],
    ['an amount of its own', { dueThrough: TODAY, amount: '1.00' }, 'unknown-field', 'amount'],
  ])('is not prepared with %s', async (_, body, code, field) => {
    await refuses(() => prepare({ id: newId(), ...body }), { status: 422, code, field });
  });

  it('is not approved by whoever prepared it', async () => {
    const answer = await sign('approvals', run.digest);
    expectProblem(answer, { status: 422, code: 'approver-is-preparer', field: 'signatures' });
  });

  it('is neither approved nor released over another digest', async () => {
    const other = (run.digest.startsWith('0') ? '1' : '0') + run.digest.slice(1);
    const approve = (digest: string) =>
      service.as('finance-approver').post(`/api/v1/runs/${run.id}/approvals`, { digest });
    await refuses(() => approve(other), { status: 409, code: 'digest-mismatch', field: 'digest' });
    for (const digest of [run.digest.toUpperCase(), run.digest.slice(1), `${run.digest}\n`, '']) {
      await refuses(() => approve(digest), { status: 422, code: 'digest-malformed', field: 'digest' });
    }
  });

  it('is not released before it is approved', async () => {
    await refuses(() => service.as('finance-releaser').post(`/api/v1/runs/${run.id}/release`, { digest: run.digest }), {
      status: 409,
      code: 'run-not-approved',
      field: 'signatures',
    });
  });

  it('is not approved when one of its transfers was held meanwhile', async () => {
    const { transfers } = await enrolClient(service, fund, TODAY, { country: 'TH' });
    const other = await prepareRun(service, TODAY, 'TH');
    await service.as('supervisor').post(`/api/v1/transfers/${transfers[0]?.id}/hold`, { reason: 'safety' }).expect(204);
    await refuses(
      () => service.as('finance-approver').post(`/api/v1/runs/${other.id}/approvals`, { digest: other.digest }),
      {
        status: 409,
        code: 'digest-mismatch',
        field: 'digest',
      },
    );
    await refuses(
      () => service.as('supervisor').post(`/api/v1/transfers/${transfers[0]?.id}/hold`, { reason: 'no-plan' }),
      {
        status: 422,
        code: 'unknown-hold-reason',
        field: 'reason',
      },
    );
  });

  it('is not released by whoever approved it, nor by whoever prepared it', async () => {
    const { token } = await hireAgainstTheRules(service, 'jill@test.example', ['finance-approver', 'finance-releaser']);
    expect((await sign('approvals', run.digest, token)).status).toBe(200);
    await refuses(() => sign('release', run.digest, token), {
      status: 422,
      code: 'releaser-signed-before',
      field: 'signatures',
    });
    await refuses(() => sign('release', run.digest), {
      status: 422,
      code: 'releaser-signed-before',
      field: 'signatures',
    });
  });

  it('is released once, and then neither approved again nor sent back', async () => {
    const release = () => service.as('finance-releaser').post(`/api/v1/runs/${run.id}/release`, { digest: run.digest });
    await release().expect(200);
    const released = await rows.now();
    await release().expect(200);
    expect(await rows.now()).toEqual(released);
    await refuses(
      () => service.as('finance-releaser', 2).post(`/api/v1/runs/${run.id}/release`, { digest: run.digest }),
      {
        status: 409,
        code: 'run-already-released',
        field: 'signatures',
      },
    );
    await refuses(
      () => service.as('finance-preparer').post(`/api/v1/runs/${run.id}/send-back`, { reason: 'a mistake' }),
      {
        status: 409,
        code: 'run-already-released',
        field: 'signatures',
      },
    );
  });

  it('takes no results that cannot be', async () => {
    const { body } = await service.as('auditor').get(`/api/v1/transfers?run=${run.id}`).expect(200);
    const transfer = body.items[0].id as string;
    const tell = (results: unknown) =>
      service.as('finance-preparer').post(`/api/v1/runs/${run.id}/results`, { results });
    const told = { transfer, outcome: 'settled' };
    await refuses(() => tell([told, { ...told, transfer: newId() }]), {
      status: 422,
      code: 'transfer-not-in-run',
      field: 'results.1.transfer',
    });
    await refuses(() => tell([{ ...told, outcome: 'paid' }]), {
      status: 422,
      code: 'unknown-outcome',
      field: 'results.0.outcome',
    });
    await refuses(() => tell([{ ...told, happenedOn: '2026-03-03' }]), {
      status: 422,
      code: 'date-in-the-future',
      field: 'results.0.happenedOn',
    });
    await refuses(() => tell([{ ...told, happenedOn: '2026-03-01' }]), {
      status: 422,
      code: 'date-before-instruction',
      field: 'results.0.happenedOn',
    });
    await refuses(() => tell([{ ...told, happenedOn: '2026-02-30' }]), {
      status: 422,
      code: 'date-malformed',
      field: 'results.0.happenedOn',
    });
    await refuses(() => tell([{ ...told, outcome: 'resolved-paid' }]), {
      status: 422,
      code: 'evidence-reference-missing',
      field: 'results.0.reference',
    });
    await refuses(() => tell([{ ...told, reference: 'a\u0000b' }]), { status: 400, code: 'text-malformed' });
    await refuses(() => tell([[told]]), { status: 422, code: 'is-object', field: 'results' });
    await refuses(() => tell([]), { status: 422, code: 'array-min-size', field: 'results' });
    await refuses(() => tell({ 0: told, length: 1 }), { status: 422, code: 'is-array', field: 'results' });
  });
});

describe('an id that was seen before stands for its first content', () => {
  it('of a registration', () =>
    keepsTheFirstContent(register, { ...clientBody({ id: newId() }), id: newId() }, { cohort: 'another' }));

  it('of an assessment', () =>
    keepsTheFirstContent(assess, assessment({ interpretations: { food: 'Rice' } }), {
      interpretations: { food: 'Fish' },
    }));

  it('of a spending plan', () => keepsTheFirstContent(write, plan(), { items: [item({ amount: '500.01' })] }));

  it('of what was told of a plan', async () => {
    const { body } = await write(plan()).expect(201);
    const track = (told: object) =>
      service.as('caseworker').post(`${CLIENTS}/${client}/spending-plans/${body.id}/tracking`, told);
    const told = { item: 1, spent: '500', currency: 'THB' };
    await keepsTheFirstContent(track, { id: newId(), items: [told] }, { items: [{ ...told, spent: '499.99' }] });
  });

  it.each<[string, object]>([
    ['code', { code: `other-${newId().slice(0, 8)}` }],
    ['currency', { currency: 'USD' }],
    ['value rule', { decidedLabel: 'pilot-2015' }],
    ['multiplier', { multiplier: '0.5' }],
    ['donor', { donor: 'Another donor' }],
    ['name', { name: 'Another fund' }],
  ])('of a fund, whose %s cannot be changed by sending it again', (_, changed) =>
    keepsTheFirstContent(open, fundBody(), changed),
  );

  it('of a grant, also under the id of its fund in capitals', async () => {
    await keepsTheFirstContent(receive, grant(), { reference: 'another letter' });
    await keepsTheFirstContent(receive, grant(), { amount: '500.01' });
    const body = grant();
    const inCapitals = () => service.as('finance-preparer').post(`/api/v1/funds/${fundId.toUpperCase()}/grants`, body);
    await inCapitals().expect(201);
    await inCapitals().expect(200);
    await receive(body).expect(200);
  });

  it('of an enrolment', async () => {
    const body = { id: newId(), client: await registerClient(service), fund, anchorOn: '2026-11-01' };
    await keepsTheFirstContent(enrol, body, { anchorOn: '2026-11-02' });
  });

  it('of a run', async () => {
    await enrolClient(service, fund, '2026-02-27', { country: 'TH' });
    await keepsTheFirstContent(
      prepare,
      { id: newId(), dueThrough: '2026-02-28', country: 'TH' },
      { country: undefined },
    );
  });

  it('when it comes eight times at once', async () => {
    const body = { ...clientBody(), id: newId() };
    const answers = await Promise.all(Array.from({ length: 8 }, () => register(body)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => ![200, 201, 409].includes(status))).toEqual([]);
    expect(answers.filter(({ body, status }) => status === 409 && body.code !== 'try-again')).toEqual([]);
    expect(await sql(service.db.url, 'select from casework.client where id = $1', [body.id])).toHaveLength(1);
  });

  it('in capitals in an address: the same run, and the same row in the audit trail', async () => {
    await enrolClient(service, fund, '2026-02-20', { country: 'TH' });
    const run = await prepareRun(service, '2026-02-20', 'TH');
    const path = `/api/v1/runs/${run.id.toUpperCase()}`;
    await service.as('finance-approver').post(`${path}/approvals`, { digest: run.digest }).expect(200);
    await service.as('finance-releaser').post(`${path}/release`, { digest: run.digest }).expect(200);
    const { body } = await service.as('auditor').get(`/api/v1/transfers?run=${run.id.toUpperCase()}`).expect(200);
    const results = [{ transfer: body.items[0].id.toUpperCase(), outcome: 'failed', code: 'not-collected' }];
    await service.as('finance-preparer').post(`${path}/results`, { results }).expect(200);
    await service
      .as('finance-releaser')
      .post(`/api/v1/transfers/${body.items[0].id.toUpperCase()}/reissue`)
      .expect(204);
    const shouted = await sql(
      service.db.url,
      "select act, subject_id from access.audit_event where subject_id ~ '[A-F]' and subject_id ~ '^[0-9A-F]{8}-'",
    );
    expect(shouted).toEqual([]);
  });
});

describe('a body is refused', () => {
  let token: string;
  beforeAll(async () => {
    token = await tokenOf(service, 'supervisor');
  });
  const send = (body: string | Buffer | undefined, headers?: Record<string, string>, path = '/api/v1/enrolments') =>
    raw(service, token, 'post', path, body, headers);

  it.each([
    '{',
    '{"id":}',
    "{'id': 1}",
    '{"id": 1,}',
    '{"a": NaN}',
    '[',
    'null',
    '"text"',
    '17',
    'true',
    '\u0000',
    '{"a": "\u0001"}',
    '{"a": "\\x"}',
    '<xml/>',
    '{"a": 01}',
    '{"a": 1} {"b": 2}',
  ])('that is not a JSON object: %p', async (body) => {
    await refuses(() => send(body), { status: 400, code: 'json-malformed', field: 'body' });
  });

  it.each([
    ['[]', 'missing'],
    ['[{}]', 'unknown-field'],
    ['[[]]', 'unknown-field'],
  ])('that is a list: %s', async (body, code) => {
    for (const [path, field] of [
      [CLIENTS, 'cohort'],
      ['/api/v1/enrolments', 'id'],
      [`${CLIENTS}/${client}/needs-assessments`, 'id'],
      [`${CLIENTS}/${client}/spending-plans`, 'id'],
      ['/api/v1/sessions', 'email'],
    ] as const) {
      await refuses(() => send(body, undefined, path), { status: 422, code, field: code === 'missing' ? field : '0' });
    }
  });

  it('that is empty or missing, as one without its fields', async () => {
    const missing = { status: 422, code: 'missing', field: 'id' };
    await refuses(() => send('{}'), missing);
    await refuses(() => send(''), missing);
    await refuses(() => send(undefined, {}), missing);
    await refuses(() => send('', { 'content-type': 'text/plain', 'content-length': '0' }), missing);
  });

  it.each([
    ['text', '{"id": "x"}', 'text/plain'],
    ['XML', '<id>x</id>', 'application/xml'],
    ['a form', 'id=x', 'application/x-www-form-urlencoded'],
    ['a form with files', '--x\r\n\r\n--x--', 'multipart/form-data; boundary=x'],
    ['JSON that says it is something else', '{"id": "x"}', 'application/jsonp'],
    ['JSON in another charset', '{"id": "x"}', 'application/json; charset=utf-16'],
    ['JSON in a charset that nobody reads', '{"id": "x"}', 'application/json;charset="klingon"'],
    ['something that does not say what it is', '{"id": "x"}', ''],
  ])('that is not JSON in UTF-8: %s', async (_, body, type) => {
    const unsupported = { status: 415, code: 'content-type-unsupported', field: 'Content-Type' };
    await refuses(() => send(body, { 'content-type': type }), unsupported);
    await refuses(
      () => raw(service, undefined, 'post', '/api/v1/sessions', body, { 'content-type': type }),
      unsupported,
    );
  });

  it('on a page, when it is neither a form nor JSON', async () => {
    await refuses(() => send('id=x', { 'content-type': 'text/plain' }, '/sign-in'), {
      status: 415,
      code: 'content-type-unsupported',
      field: 'Content-Type',
    });
  });

  it.each([
    '{"id": "x", "client": "C-00000000", "client": "C-11111111"}',
    '{"id": "x", "\\u0069d": "y"}',
    '{"id": {"a": 1, "a": 1}}',
  ])('in which a name stands twice: %s', async (body) => {
    await refuses(() => send(body), { status: 400, code: 'json-name-repeated', field: 'body' });
  });

  it('in bytes that are not UTF-8', async () => {
    const body = Buffer.from([...Buffer.from('{"id": "'), 0xc3, 0x28, ...Buffer.from('"}')]);
    const sent = await fetch(`${await service.app.getUrl()}/api/v1/enrolments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await tokenOf(service, 'supervisor')}`, 'content-type': 'application/json' },
      body,
    });
    expect([sent.status, ((await sent.json()) as { code: string }).code]).toEqual([400, 'body-not-utf-8']);
  });

  it('over 512 KB, as JSON and as a form, before anything of it is looked at', async () => {
    const tooLarge = { status: 413, code: 'body-too-large', field: 'body' };
    const padded = (bytes: number) => JSON.stringify({ id: newId() }).padEnd(bytes, ' ');
    await refuses(() => send(padded(512 * 1024 + 1)), tooLarge);
    await refuses(() => send(`id=${'x'.repeat(512 * 1024)}`, FORM, '/sign-in'), tooLarge);
    await refuses(() => raw(service, undefined, 'post', '/api/v1/sessions', padded(600_000)), tooLarge);
    await refuses(() => send(padded(512 * 1024)), { status: 422, code: 'missing', field: 'client' });
  });

  it('in a form of more than 200 fields', async () => {
    const form = Array.from({ length: 201 }, (_, index) => `f${index}=1`).join('&');
    await refuses(() => send(form, FORM, '/sign-in'), {
      status: 413,
      code: 'body-unreadable',
      field: 'body',
    });
  });

  it('packed in an unknown way', async () => {
    await refuses(() => send('{}', { 'content-type': 'application/json', 'content-encoding': 'zip' }), {
      status: 415,
      code: 'body-unreadable',
      field: 'body',
    });
  });

  it('behind headers of more than 16 KB', async () => {
    const answer = await send('{}', { 'content-type': 'application/json', 'x-long': 'x'.repeat(17_000) });
    expect([answer.status, answer.text]).toEqual([431, '']);
  });

  it('packed as gzip and broken', async () => {
    await refuses(() => send('{}', { 'content-type': 'application/json', 'content-encoding': 'gzip' }), {
      status: 400,
      code: 'http-400',
    });
  });

  it.each([
    ['__proto__', '{"__proto__": {"client": "C-00000000"}}'],
    ['constructor', '{"constructor": {"prototype": {"client": 1}}}'],
    ['a.0.__proto__', '{"a": [{"__proto__": {"client": 1}}]}'],
  ])('with a field that JavaScript keeps for itself: %s', async (field, body) => {
    for (const path of ['/api/v1/enrolments', CLIENTS, '/api/v1/sessions']) {
      await refuses(() => send(body, undefined, path), { status: 422, code: 'unknown-field', field });
    }
    expect(({} as Record<string, unknown>)['client']).toBeUndefined();
  });

  it('with a field of 10,000 letters, or thousands of fields, without sending all of them back', async () => {
    const answer = await refuses(() => send(JSON.stringify({ [LONG]: 1 })), {
      status: 422,
      code: 'unknown-field',
      field: LONG.slice(0, 60),
    });
    expect(answer.text.length).toBeLessThan(2_000);
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`field${index}`, index]));
    expect((await send(JSON.stringify(many))).text.length).toBeLessThan(5_000);
  });

  it('nested 15,000 deep', async () => {
    const deep = (open: string, close: string) => `${open.repeat(15_000)}1${close.repeat(15_000)}`;
    const bodies = [
      deep('{"a":', '}'),
      `{"id":${deep('[', ']')}}`,
      `{"id":"${newId()}","assessedOn":"${TODAY}","ranks":{"food":${deep('[', ']')}}}`,
    ];
    for (const path of ['/api/v1/enrolments', CLIENTS, `${CLIENTS}/${client}/needs-assessments`]) {
      for (const body of bodies) {
        await refuses(() => send(body, { 'content-type': 'application/json', 'idempotency-key': newId() }, path), {
          status: 400,
          code: 'json-too-deep',
        });
      }
    }
  });

  it('whose Idempotency-Key is too short, too long, or came with another body', async () => {
    const key = newId();
    const keyed = (idempotencyKey: string, body: object) =>
      raw(service, token, 'post', '/api/v1/enrolments', JSON.stringify(body), {
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      });
    const body = { id: newId(), client: await registerClient(service), fund, anchorOn: '2026-10-01' };
    for (const bad of ['short', 'x'.repeat(129)]) {
      await refuses(() => keyed(bad, body), {
        status: 400,
        code: 'idempotency-key-malformed',
        field: 'Idempotency-Key',
      });
    }
    const first = await keyed(key, body);
    expect(first.status).toBe(201);
    const again = await keyed(key, body);
    expect({ status: again.status, body: again.body }).toEqual({ status: 201, body: first.body });
    await refuses(() => keyed(key, { ...body, anchorOn: '2026-10-02' }), {
      status: 409,
      code: 'idempotency-key-reused',
      field: 'Idempotency-Key',
    });
  });
});

describe('strange texts are stored as they are or refused, and never break anything', () => {
  const SQL = "'; drop table casework.client; --";
  const MARKUP = '<script>alert(1)</script>{{ 7 * 7 }}';
  const UNSEEN: [string, string][] = [
    ['a null byte', 'a\u0000b'],
    ['half a surrogate pair', 'a\ud83db'],
    ['a change of direction', '\u202eabc\u2066'],
  ];

  it.each([
    ['SQL', SQL],
    ['markup', MARKUP],
  ])('%s in a name, a phone and an address', async (_, text) => {
    const registered = await register({
      ...clientBody(),
      identity: { names: [{ text, romanised: text }], phone: text.slice(0, 40), address: text },
    }).expect(201);
    const identity = await service.as('caseworker').get(`${CLIENTS}/${registered.body.code}/identity`).expect(200);
    expect(identity.body.names[0].text).toBe(text);
  });

  it.each(UNSEEN)('%s is in no name, and where no line breaks are', async (_, text) => {
    const named = { ...clientBody(), identity: { names: [{ text }] } };
    await refuses(() => register(named), { status: 422, code: 'text-malformed', field: 'identity.names.0.text' });
    const phoned = { ...clientBody(), identity: { ...clientBody().identity, phone: text } };
    await refuses(() => register(phoned), { status: 422, code: 'text-malformed', field: 'identity.phone' });
    const placed = { ...clientBody(), region: text };
    await refuses(() => register(placed), { status: 422, code: 'text-malformed', field: 'region' });
  });

  it.each([...UNSEEN, ['SQL', SQL], ['markup', MARKUP]])('%s in words and in a plan', async (_, text) => {
    const stored = text.replace('\ud83d', '\ufffd');
    await assess(assessment({ interpretations: { food: text } })).expect(201);
    const latest = await service.as('caseworker').get(`${CLIENTS}/${client}/needs-assessments/latest`).expect(200);
    expect(latest.body.interpretations.food).toBe(stored);
    const written = await write(plan({ items: [item({ description: text })] })).expect(201);
    const plans = await service.as('caseworker').get(`${CLIENTS}/${client}/spending-plans`).expect(200);
    expect(plans.body.items.find((one: { id: string }) => one.id === written.body.id).items[0].description).toBe(
      stored,
    );
  });

  it.each([
    ['a reference', () => receive(grant({ reference: 'a\u0000b' }))],
    [
      'an address at sign-in',
      () => service.anybody().post('/api/v1/sessions').send({ email: 'a\u0000@b', password: 'x' }),
    ],
  ])('a null byte in %s', async (_, call) => {
    await refuses(call, { status: 400, code: 'text-malformed' });
  });

  it('half a surrogate pair in a reference', async () => {
    await receive(grant({ reference: 'a\ud83d' })).expect(201);
  });
});

describe('an address is refused', () => {
  it.each([
    ['/api/v1/runs/1', 'id'],
    ['/api/v1/runs/run', 'id'],
    ['/api/v1/runs/%00', 'id'],
    ["/api/v1/runs/1'%20or%20'1'='1", 'id'],
    [`/api/v1/runs/${NO_SUCH_ID}0`, 'id'],
    [`/api/v1/runs/%7B${NO_SUCH_ID}%7D`, 'id'],
    ['/api/v1/donor-reports/1', 'id'],
    ['/api/v1/donor-reports/1.csv', 'id'],
  ])('with an id that is none: %s', async (path, field) => {
    await refuses(() => service.as('auditor').get(path), { status: 400, code: 'id-malformed', field });
  });

  it.each(['approvals', 'release', 'send-back', 'results'])(
    'with an id that is none, before the body is looked at: %s',
    async (act) => {
      const { token } = await hireAgainstTheRules(service, `${act}@test.example`, [
        'finance-preparer',
        'finance-approver',
        'finance-releaser',
      ]);
      await refuses(
        () =>
          raw(
            service,
            token,
            'post',
            `/api/v1/runs/x/${act}`,
            '{"digest":"' +
              'a'.repeat(64) +
              '","reason":"x","results":[{"transfer":"' +
              NO_SUCH_ID +
              '","outcome":"settled"}]}',
          ),
        {
          status: 400,
          code: 'id-malformed',
          field: 'id',
        },
      );
    },
  );

  it.each(['approvals', 'release', 'send-back'])('of a run that is not there: %s', async (act) => {
    const { token } = await hireAgainstTheRules(service, `nothing-${act}@test.example`, [
      'finance-preparer',
      'finance-approver',
      'finance-releaser',
    ]);
    const body = act === 'send-back' ? { reason: 'x' } : { digest: 'a'.repeat(64) };
    await refuses(() => raw(service, token, 'post', `/api/v1/runs/${NO_SUCH_ID}/${act}`, JSON.stringify(body)), {
      status: 404,
      code: 'not-found',
    });
  });

  it.each(
    [
      '/api/v1/nothing',
      '/api/v1',
      '/api',
      '/api/v2/clients',
      '/nothing',
      '/.env',
      '/api/v1/clients/..%2f..',
      '/api/v1/runs/a/b/c/d',
      `/${LONG.slice(0, 5000)}`,
      '/api/v1//clients/%2e%2e/',
    ].map((path) => [path.slice(0, 40), path] as const),
  )('that leads nowhere: %s', async (_, path) => {
    const answer = await raw(service, await tokenOf(service, 'caseworker'), 'get', path);
    expectProblem(answer, { status: 404, code: 'not-found', field: answer.body.field });
  });

  it.each(['/api/v1/clients/%E0%A4%A', '/api/v1/clients/%', '/api/v1/clients/%ff%fe'])(
    'that cannot be decoded: %s',
    async (path) => {
      const answer = await service.as('caseworker').get(path);
      expect(answer.status).toBe(400);
      expect(answer.body.code).toBe('address-malformed');
      expectNoInternals(answer.text);
    },
  );

  it.each([
    ['put', '/api/v1/clients'],
    ['patch', '/api/v1/runs'],
    ['delete', '/api/v1/funds'],
    ['put', '/api/v1/sessions'],
    ['get', '/api/v1/enrolments'],
    ['post', '/api/v1/needs/priorities'],
    ['delete', '/api/v1/transfers'],
    ['put', '/api/v1/ledger/trial-balance'],
  ])('by the wrong method: %s %s', async (method, path) => {
    const token = await tokenOf(service, 'supervisor');
    await refuses(() => raw(service, token, method, path, method === 'get' ? undefined : '{}'), {
      status: 404,
      code: 'not-found',
    });
  });

  it.each([
    ['administrator', 'users', { email: 'a@test.example', roles: ['donor'], displayName: ' ' }, 'displayName'],
    ['administrator', 'users', { email: 'a@test.example', roles: ['donor'], displayName: '\u3164' }, 'displayName'],
    ['administrator', 'teams', { name: '\u200b\u200b' }, 'name'],
    ['caseworker', 'tokens', { name: '\u2800', scope: ['clients:read'], days: 1 }, 'name'],
    [
      'finance-preparer',
      'funds',
      { id: NO_SUCH_ID, donor: 'Somebody', code: 'nameless', name: '\u00a0', currency: 'THB' },
      'name',
    ],
    [
      'finance-preparer',
      'funds',
      { id: NO_SUCH_ID, donor: ' - ', code: 'nameless', name: 'Named', currency: 'THB' },
      'donor',
    ],
  ] as const)('of a %s with a name that nobody sees: %s %j', async (role, path, body, field) => {
    await refuses(() => service.as(role).post(`/api/v1/${path}`, body), { status: 422, code: 'text-empty', field });
  });

  const filters: [string, string, string, string | undefined][] = [
    ['clients', 'limit=0', 'min', 'limit'],
    ['clients', 'limit=-1', 'min', 'limit'],
    ['clients', 'limit=1001', 'max', 'limit'],
    ['clients', 'limit=1.5', 'is-int', 'limit'],
    ['clients', 'limit=all', 'is-int', 'limit'],
    ['clients', 'limit=1&limit=2', 'is-int', 'limit'],
    ['clients', 'limit=9007199254740993', 'max', 'limit'],
    ['clients', 'limit=Infinity', 'is-int', 'limit'],
    ['clients', `after=${LONG.slice(0, 101)}`, 'max-length', 'after'],
    ['clients', 'after=a&after=b', 'is-string', 'after'],
    ['clients', 'after[]=a', 'unknown-field', 'after[]'],
    ['clients', 'after[$gt]=', 'unknown-field', 'after[$gt]'],
    ['clients', '__proto__[limit]=1', 'unknown-field', '__proto__[limit]'],
    ['clients', 'constructor[prototype][limit]=1', 'unknown-field', 'constructor[prototype][limit]'],
    ['transfers', 'state=paid', 'unknown-state', 'state'],
    ['transfers', 'state=settled&state=failed', 'unknown-state', 'state'],
    ['transfers', 'from=2026-02-30', 'date-malformed', 'from'],
    ['transfers', 'to=2026-13-01', 'date-malformed', 'to'],
    ['transfers', 'to=0000-00-00', 'date-malformed', 'to'],
    ['transfers', 'run=1', 'id-malformed', 'run'],
    ['transfers', 'or=1', 'unknown-field', 'or'],
    ['needs/priorities', "cohort=x'--", 'slug-malformed', 'cohort'],
    ['needs/priorities', 'cohort[]=x', 'unknown-field', 'cohort[]'],
    ['needs/priorities', 'country=T', 'unknown-country', 'country'],
  ];

  it.each(filters)('with a filter that cannot be: %s?%s', async (list, query, code, field) => {
    const role = list === 'transfers' ? 'finance-preparer' : 'supervisor';
    await refuses(() => service.as(role).get(`/api/v1/${list}?${query}`), { status: 422, code, field });
  });

  it.each([
    'x',
    '2026-02-30/00000000-0000-4000-8000-000000000000',
    '2026-03-02/x',
    '2026-03-02',
    '/',
    `2026-03-02/${'-'.repeat(36)}`,
    "2026-03-02/' or 1=1 --",
  ])('with a cursor that we never gave: %s', async (after) => {
    await refuses(() => service.as('auditor').get(`/api/v1/transfers?after=${encodeURIComponent(after)}`), {
      status: 400,
      code: 'cursor-malformed',
      field: 'after',
    });
  });

  it.each(['x', "' or 1=1 --", NO_SUCH_ID.slice(1)])('with a cursor of runs that we never gave: %s', async (after) => {
    await refuses(() => service.as('auditor').get(`/api/v1/runs?after=${encodeURIComponent(after)}`), {
      status: 400,
      code: 'cursor-malformed',
      field: 'after',
    });
  });

  it.each(['x', "' or 1=1 --", NO_SUCH_ID.slice(1)])('with a cursor of pairs that we never gave: %s', async (after) => {
    const path = `/api/v1/possible-duplicates?after=${encodeURIComponent(after)}`;
    await refuses(() => service.as('supervisor').get(path), { status: 400, code: 'cursor-malformed', field: 'after' });
  });

  it.each([
    ['clients?after=', "' or '1'='1", 'supervisor'],
    ['clients?after=', 'zzzz', 'supervisor'],
    ['transfers?client=', "C-1' or '1'='1", 'auditor'],
    ['transfers?client=', '%', 'auditor'],
    ['transfers?fund=', "x'); drop table payments.fund; --", 'auditor'],
    ['transfers?fund=', '*', 'auditor'],
    ['donor-reports?fund=', "x' or 1=1 --", 'auditor'],
  ] as const)('%s%s finds nothing and does nothing', async (path, value, role) => {
    const before = await rows.now();
    const answer = await service
      .as(role)
      .get(`/api/v1/${path}${encodeURIComponent(value)}`)
      .expect(200);
    if (value !== "' or '1'='1") expect(answer.body).toEqual({ items: [], next: null });
    expect(await rows.now()).toEqual(before);
  });

  it.each(['clients?after=%00', 'transfers?client=%00', 'transfers?fund=%00', 'donor-reports?fund=%00'])(
    'with a null byte: %s',
    async (path) => {
      await refuses(() => service.as(path.startsWith('clients') ? 'supervisor' : 'auditor').get(`/api/v1/${path}`), {
        status: 400,
        code: 'text-malformed',
      });
    },
  );

  it('also on the pages for people: strange filters never break one', async () => {
    const paths = ['/clients', '/transfers', '/runs', '/reports', '/priorities', '/books', '/'];
    const queries = [
      'after=x',
      'after=%00',
      'after=a&after=b',
      'from=2026-02-30',
      'to=x',
      'state=paid',
      'cohort=%00',
      "cohort='",
      'country=%00',
      'fund=%00',
      `after=${LONG}`,
      '__proto__=1',
      'constructor=1',
      'client=%00',
      'run=x',
      'period=x',
    ];
    for (const role of ['supervisor', 'finance-approver'] as const) {
      for (const path of paths) {
        for (const query of queries) {
          const answer = await service.as(role).get(`${path}?${query}`).set('accept', 'text/html');
          expect({ path, query, status: answer.status < 500 ? 'fine' : answer.status }).toEqual({
            path,
            query,
            status: 'fine',
          });
          expectNoInternals(answer.text.replace(/<style[\s\S]*?<\/style>|<script[\s\S]*?<\/script>/g, ''));
        }
      }
    }
  });
});

it('has 21 needs to refuse a 22nd of', () => {
  expect(needsCatalogue.needs).toHaveLength(21);
});
