/** Who somebody is, and what they said, stands sealed in the database and open nowhere: searched for in every shape, everywhere. */
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { operatorActor } from '../src/access/domain/actor.js';
import { identityFields } from '../src/clients/domain/identity.js';
import { FundsService } from '../src/funds/funds.service.js';
import { registerSchedules } from '../src/service.js';
import { clientBody, newId, openFund, ranks, releaseRun } from './support/builders.js';
import { canaryIdentity, canaryWords, registerCanaryClient, textsIn } from './support/canary-client.js';
import { sightings } from './support/canaries.js';
import { sql } from './support/database.js';
import { expectProblem, hire, raw, tokenOf } from './support/raw-requests.js';
import { routesOf } from './support/routes.js';
import { watchRows } from './support/rows.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const METRICS_TOKEN = 'qY7dK2xN9vB4mT8wZ3pL6rF1';
/** In the identity: shown by no call but the reading of the identity itself. */
const identityCanaries = textsIn(canaryIdentity());
const said = canaryWords();
/** What paying needs to know, and nothing else. */
const { names, payee } = canaryIdentity();
const whoIsPaid = textsIn([names.map(({ text, romanised }) => [text, romanised]), payee]);
/** The client's own words, and what was written of them: shown to those who work with them, and to nobody else. */
const wordCanaries = Object.values(said);
const wordsOfContact = wordCanaries.filter(
  (word) => !/Zq(need|plan|came|note|emerg|acts|means|purposes|authority)/.test(word),
);
const canaries = [...identityCanaries, ...wordCanaries];

const NAME = names[0]!.text;
const ROMANISED = names[0]!.romanised ?? '';
const { phone: PHONE, address: ADDRESS } = canaryIdentity();

let service: TestService;
let client: string;
let otherClient: string;
let fund: string;
let ids: Record<string, string>;

beforeAll(async () => {
  service = await startTestService({ today: TODAY, metricsToken: METRICS_TOKEN });
  fund = await openFund(service);
  client = await registerCanaryClient(service, TODAY);
  otherClient = await registerCanaryClient(service, TODAY, ' again');
  const enrolment = { id: newId(), client, fund, anchorOn: TODAY, rail: 'manual' };
  const { token } = { token: await tokenOf(service, 'supervisor') };
  const enrolled = await raw(service, token, 'post', '/api/v1/enrolments', JSON.stringify(enrolment), {
    'content-type': 'application/json',
    'idempotency-key': newId(),
  });
  expect(enrolled.status).toBe(201);
  const paid = await releaseRun(service, TODAY);
  const transfer = enrolled.body.transfers[0].id as string;
  await service
    .as('finance-preparer')
    .post(`/api/v1/runs/${paid.id}/results`, { results: [{ transfer, outcome: 'settled', reference: 'statement 1' }] })
    .expect(200);
  // The list of a run names those who are still to be paid.
  await service
    .as('supervisor')
    .post('/api/v1/enrolments', { ...enrolment, id: newId(), client: otherClient })
    .expect(201);
  const run = await releaseRun(service, TODAY);
  travel(service, '2026-04-02');
  const preparer = await tokenOf(service, 'finance-preparer');
  const report = await raw(
    service,
    preparer,
    'post',
    '/api/v1/donor-reports',
    JSON.stringify({ fund, period: '2026-Q1' }),
  );
  expect(report.status).toBe(201);
  travel(service, TODAY);
  await service.app
    .get(FundsService)
    .addDonorMember(operatorActor('test'), `Donor of ${fund}`, service.actor('donor').userId);
  await registerSchedules(service.app);
  const plans = await service.as('caseworker').get(`/api/v1/clients/${client}/spending-plans`).expect(200);
  ids = {
    run: run.id,
    plans: plans.body.items[0].id as string,
    report: report.body.id as string,
    transfer,
    users: service.actor('caseworker').userId,
  };
});
afterAll(() => service.close());

const seenIn = (text: string, of: readonly string[] = canaries) => of.flatMap((canary) => sightings(text, canary));

describe('the canaries', () => {
  it('are in every field that an identity has', () => {
    expect(Object.keys(canaryIdentity()).sort()).toEqual([...identityFields].sort());
    expect(new Set(canaries).size).toBe(canaries.length);
    expect(canaries.length).toBeGreaterThan(35);
  });

  it('are in no table of any schema: not in the audit trail, not in remembered answers, not in the queue', async () => {
    const rows = await watchRows(service.db.url);
    const tables = await rows.dump();
    await rows.stop();
    for (const table of [
      'access.audit_event',
      'access.idempotent_answer',
      'pii.identity',
      'casework.plan_item',
      'bullmq.job',
      'reports.donor_report',
    ]) {
      expect({ table, rows: (tables[table] ?? '').length > 0 }).toEqual({ table, rows: true });
    }
    for (const [table, text] of Object.entries(tables))
      expect({ table, seen: seenIn(text) }).toEqual({ table, seen: [] });
  });

  /** Who asks, and the only addresses at which they are told something, with what it is. */
  const readers: [string, () => Promise<string>, [RegExp, readonly string[]][]][] = [
    ...(['caseworker', 'supervisor'] as const).map((role): (typeof readers)[number] => [
      `the client's own ${role}`,
      () => tokenOf(service, role),
      [
        [/\/identity$/, identityCanaries],
        // What was said in an emergency may be about the caseworker.
        [/\/export$/, role === 'supervisor' ? canaries : canaries.filter((one) => one !== said.emergency)],
        [/(case-)?notes$/, [said.note]],
        [/needs-assessments|spending-plans|\/plans\/|\/interviews?$/, [said.need, said.plan, said.cameOf]],
        [/\/identification$/, [said.acts, said.means, said.purposes, said.authority]],
        [/\/(safe-contact|contacts)$/, wordsOfContact],
        [/^\/clients\/C-[^/]+$/, [...wordsOfContact, said.need, said.plan, said.cameOf, said.note]],
        ...(role === 'supervisor' ? [[/emergency-access$/, [said.emergency]] satisfies [RegExp, string[]]] : []),
      ],
    ]),
    [
      'whoever opened the case file in an emergency',
      () => tokenOf(service, 'caseworker', 2),
      [
        [/\/identity$/, identityCanaries],
        [/\/(safe-contact|contacts)$|^\/clients\/C-[^/]+$/, wordsOfContact],
      ],
    ],
    ['another caseworker', async () => (await hire(service, `${newId()}@test.example`, ['caseworker'])).token, []],
    ...(['finance-preparer', 'finance-approver', 'finance-releaser'] as const).map((role): (typeof readers)[number] => [
      `a ${role}`,
      () => tokenOf(service, role),
      [[/payment-list$/, whoIsPaid]],
    ]),
    ...(['donor', 'auditor', 'administrator'] as const).map((role): (typeof readers)[number] => [
      `a ${role}`,
      () => tokenOf(service, role),
      [],
    ]),
    ['nobody', () => Promise.resolve(''), []],
  ];

  it.each(readers)('are in no answer that %s gets, but where they belong', async (_, signedIn, belongs) => {
    const token = await signedIn();
    const shown = new Set<RegExp>();
    const wrong: unknown[] = [];
    let answered = 0;
    for (const { path, accept } of addresses()) {
      const answer = await raw(service, token || undefined, 'get', path, undefined, { accept });
      if (answer.status >= 500) wrong.push({ path, status: answer.status });
      if (answer.status === 200) answered += 1;
      const seen = seenIn(answer.text + JSON.stringify(answer.headers));
      const open = belongs.filter(([where]) => where.test(path.replace(/\?.*/, '')));
      for (const [where, what] of open) if (seenIn(answer.text, what).length > 0) shown.add(where);
      const allowed = open.flatMap(([, what]) => what);
      const misplaced = seen.filter((sighting) => !allowed.some((canary) => sighting.startsWith(`${canary} (`)));
      if (misplaced.length > 0) wrong.push({ path, accept, misplaced });
    }
    expect(wrong).toEqual([]);
    expect(answered).toBeGreaterThan(4);
    expect([...shown].map(String).sort()).toEqual(belongs.map(([where]) => String(where)).sort());
  });

  it('are in no figure, and in no description of the API', async () => {
    const headers = { authorization: `Bearer ${METRICS_TOKEN}` };
    for (const path of ['/metrics', '/api/docs', '/api/docs/openapi.json', '/health/ready']) {
      const answer = await service.anybody().get(path).set(headers).expect(200);
      expect(seenIn(answer.text)).toEqual([]);
      expect(answer.text).not.toContain(client);
    }
  });

  it('are not kept by whoever stands between: no answer may be stored', async () => {
    const answer = await service.as('caseworker').get(`/api/v1/clients/${client}/identity`);
    expect(answer.headers['cache-control']).toContain('no-store');
  });

  /** Every address that can be read, with the ids of what really is there. */
  function addresses(): { path: string; accept: string }[] {
    // Not the one that signs out: it says nothing, and nothing would be asked after it.
    const readable = routesOf(service.app).filter(({ method, path }) => method === 'GET' && path !== '/exit');
    return readable
      .flatMap(({ path }) => {
        const subject = /report|transfer|users|plans/.exec(path)?.[0] ?? 'run';
        const real = path
          .replace(':code', client)
          .replace(':id', ids[subject] ?? '')
          .replace(/:\w+|\*\w+/, newId());
        return ['application/json', 'text/html'].map((accept) => ({ path: real, accept }));
      })
      .concat([
        { path: `/api/v1/transfers?client=${client}`, accept: 'application/json' },
        { path: `/transfers?client=${client}`, accept: 'text/html' },
        { path: `/api/v1/donor-reports/${ids.report}.csv`, accept: 'text/csv' },
        { path: `/api/v1/donor-reports/${ids.report}/bundle?for=auditor`, accept: 'application/json' },
        { path: '/api/v1/needs/priorities?cohort=test&country=MM', accept: 'application/json' },
        { path: '/audit?act=identity.read', accept: 'text/html' },
      ]);
  }
});

describe('what goes wrong', () => {
  const logged: string[] = [];
  const listen = () => {
    logged.length = 0;
    for (const stream of [process.stdout, process.stderr]) {
      jest.spyOn(stream, 'write').mockImplementation((chunk) => logged.push(String(chunk)) > 0);
    }
    for (const method of ['log', 'warn', 'error', 'info', 'debug'] as const) {
      jest
        .spyOn(console, method)
        .mockImplementation((...parts: unknown[]) => void logged.push(parts.map(String).join(' ')));
    }
  };
  afterEach(() => {
    jest.restoreAllMocks();
  });

  const registration = () => ({
    ...clientBody({ id: newId() }),
    identity: {
      names: [{ text: NAME, romanised: ROMANISED }],
      phone: PHONE,
      address: ADDRESS,
    },
  });

  it('is answered without the words that were sent', async () => {
    const body = registration();
    const plan = {
      id: newId(),
      items: [{ need: 'debt', description: said.plan, amount: '-1', currency: 'THB' }],
    };
    const refused = [
      service.as('caseworker').post('/api/v1/clients', { ...body, country: 'XX' }),
      service
        .as('caseworker')
        .post('/api/v1/clients', { ...body, identity: { ...body.identity, phone: PHONE.repeat(20) } }),
      service.as('caseworker').post('/api/v1/clients', { ...body, identity: NAME }),
      service.as('caseworker').post('/api/v1/clients', { ...body, cohort: ROMANISED }),
      service.as('caseworker').post('/api/v1/clients', { ...body, region: `${ADDRESS}\u0000` }),
      service.as('caseworker').post(`/api/v1/clients/${client}/spending-plans`, plan),
      service.as('caseworker').post(`/api/v1/clients/${client}/needs-assessments`, {
        id: newId(),
        assessedOn: said.need,
        ranks: ranks(),
      }),
      service.as('caseworker').post(`/api/v1/clients/${client}/needs-assessments`, {
        id: newId(),
        assessedOn: TODAY,
        ranks: ranks(),
        interpretations: { food: said.need },
      }),
      service.as('caseworker').get(`/api/v1/clients/${encodeURIComponent(ROMANISED)}`),
      service.anybody().post('/api/v1/sessions').send({ email: ROMANISED, password: payee.account }),
    ];
    for (const call of refused) {
      const answer = await call;
      expect({ status: answer.status >= 400 && answer.status < 500, seen: seenIn(answer.text) }).toEqual({
        status: true,
        seen: [],
      });
    }
    const torn = await raw(
      service,
      await tokenOf(service, 'caseworker'),
      'post',
      '/api/v1/clients',
      JSON.stringify(body).slice(0, -5),
    );
    expect({ status: torn.status, seen: seenIn(torn.text) }).toEqual({ status: 400, seen: [] });
  });

  it.each([
    ['casework.client', 'insert', () => service.as('caseworker').post('/api/v1/clients', registration())],
    [
      'casework.plan_item',
      'insert',
      () =>
        service.as('caseworker').post(`/api/v1/clients/${client}/spending-plans`, {
          id: newId(),
          items: [{ need: 'debt', description: said.plan, amount: '1', currency: 'THB' }],
        }),
    ],
    ['access.audit_event', 'insert', () => service.as('caseworker').post('/api/v1/clients', registration())],
    [
      'casework.need_rank',
      'select',
      () => service.as('caseworker').get(`/api/v1/clients/${client}/needs-assessments/latest`),
    ],
  ])(
    'on our side, when %s refuses an %s, is logged and answered without them, and nothing is half-written',
    async (table, right, call) => {
      await sql(service.db.url, `revoke ${right} on ${table} from uct_service`);
      const rows = await watchRows(service.db.url);
      try {
        const before = await rows.now();
        listen();
        const answer = await call();
        jest.restoreAllMocks();
        expectProblem(answer, { status: 500, code: 'internal-error' });
        expect(seenIn(answer.text)).toEqual([]);
        const log = logged.join('\n');
        expect(log).toContain(String(answer.body.requestId));
        expect(seenIn(log)).toEqual([]);
        expect(log).not.toMatch(/C-[0-9A-Z]{8}/);
        expect(await rows.now()).toEqual(before);
      } finally {
        await rows.stop();
        await sql(service.db.url, `grant ${right} on ${table} to uct_service`);
      }
    },
  );
});

describe('what is sealed opens only where it was put', () => {
  /** Changes rows as nobody but a superuser with ill will could, looks what happens, and puts them back. */
  async function tampered(change: string, back: string, look: () => Promise<void>): Promise<void> {
    const asIntruder = (statement: string) =>
      sql(service.db.url, `do $$ begin set local session_replication_role = replica; ${statement}; end $$`);
    await asIntruder(change);
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      await look();
    } finally {
      jest.restoreAllMocks();
      await asIntruder(back);
    }
  }

  const idOf = (code: string) => `(select id from casework.client where code = '${code}')`;
  const swap = (table: string, column: string) =>
    `update ${table} t set ${column} = o.${column} from ${table} o
     where t.client_id in (${idOf(client)}, ${idOf(otherClient)}) and o.client_id in (${idOf(client)}, ${idOf(otherClient)}) and o.client_id <> t.client_id`;
  const DAMAGED = { status: 409, code: 'identity-does-not-open' };
  const KEY_DAMAGED = { status: 409, code: 'key-does-not-open' };
  const refusesToOpen = async (path: string, because = { status: 500, code: 'internal-error' }) => {
    const answer = await service.as('caseworker').get(`/api/v1/clients/${client}${path}`);
    expectProblem(answer, because);
    expect(seenIn(answer.text)).toEqual([]);
  };

  afterEach(async () => {
    await service.as('caseworker').get(`/api/v1/clients/${client}/identity`).expect(200);
  });

  it.each([
    ['an identity in the row of another client', 'pii.identity', 'sealed', DAMAGED],
    ['a data key in the row of another client', 'pii.data_key', 'wrapped', KEY_DAMAGED],
  ])('not %s', async (_, table, column, because) => {
    await tampered(swap(table, column), swap(table, column), () => refusesToOpen('/identity', because));
  });

  it('not an identity whose key was moved with it', async () => {
    const both = `${swap('pii.identity', 'sealed')}; ${swap('pii.data_key', 'wrapped')}`;
    await tampered(both, both, () => refusesToOpen('/identity', KEY_DAMAGED));
  });

  it('not an identity under another version, nor with a byte changed', async () => {
    const version = (from: number, to: number) =>
      `update pii.identity set version = ${to} where version = ${from} and client_id = ${idOf(client)}`;
    await tampered(version(1, 2), version(2, 1), () => refusesToOpen('/identity', DAMAGED));
    const flip = `update pii.identity set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) where client_id = ${idOf(client)}`;
    await tampered(flip, flip, () => refusesToOpen('/identity', DAMAGED));
  });

  it("not a client's words at another need of theirs, nor at another client's", async () => {
    const rankOf = (code: string) =>
      `(select a.id from casework.needs_assessment a where a.client_id = ${idOf(code)} limit 1)`;
    const rename = (from: string, to: string) =>
      `update casework.need_rank set need = '${to}' where need = '${from}' and assessment_id = ${rankOf(client)}`;
    const turn = `${rename('food', 'x')}; ${rename('debt', 'food')}; ${rename('x', 'debt')}`;
    await tampered(turn, turn, () =>
      refusesToOpen('/needs-assessments/latest', { status: 409, code: 'words-do-not-open' }),
    );
    const swapWords = `update casework.need_rank t set interpretation_sealed = o.interpretation_sealed from casework.need_rank o
      where t.need = 'food' and o.need = 'food' and t.assessment_id in (${rankOf(client)}, ${rankOf(otherClient)})
        and o.assessment_id in (${rankOf(client)}, ${rankOf(otherClient)}) and o.assessment_id <> t.assessment_id`;
    await tampered(swapWords, swapWords, () =>
      refusesToOpen('/needs-assessments/latest', { status: 409, code: 'words-do-not-open' }),
    );
  });
});

describe('schema pii', () => {
  const tables = [
    'pii.staff_account',
    'pii.person_token',
    'pii.person_birth',
    'pii.identity',
    'pii.erased_client',
    'pii.data_key',
  ];

  it.each(['uct_service', 'uct_reports'])('has no table that %s may read, write or empty', async (role) => {
    for (const table of tables) {
      for (const statement of [
        `select 1 from ${table}`,
        table === 'pii.staff_account'
          ? `update ${table} set user_id = user_id`
          : `update ${table} set client_id = client_id`,
        `delete from ${table}`,
        `truncate ${table}`,
        `insert into ${table} select * from ${table}`,
      ]) {
        await expect(sql(service.db.url, statement, [], role)).rejects.toThrow(/permission denied/);
      }
    }
  });

  it('has no door for those who build reports, who cannot reach words, consents and plans either', async () => {
    const anyId = newId();
    for (const statement of [
      `select pii.open_identity('${anyId}', '${anyId}', '${anyId}', 'x', 'x', now())`,
      `select pii.wrapped_data_key('${anyId}')`,
      'select interpretation_sealed from casework.need_rank',
      'select * from casework.need_rank',
      'select code from casework.client',
      'select * from casework.consent',
      'select * from casework.plan_item',
      'select * from casework.tracked_item',
      'select * from casework.case_note',
      'select * from access.app_user',
      'select * from access.audit_event',
    ]) {
      await expect(sql(service.db.url, statement, [], 'uct_reports')).rejects.toThrow(/permission denied/);
    }
  });

  it('has no table that the tests forgot', async () => {
    const found = await sql<{ name: string }>(
      service.db.url,
      "select 'pii.' || tablename as name from pg_tables where schemaname = 'pii' order by 1 desc",
    );
    expect(found.map(({ name }) => name)).toEqual(tables);
  });

  it('opens an identity only together with a row in the audit trail', async () => {
    const [{ id }] = (await sql<{ id: string }>(service.db.url, 'select id from casework.client where code = $1', [
      client,
    ])) as [{ id: string }];
    const user = service.actor('caseworker').userId;
    const open = (event: string) =>
      sql(
        service.db.url,
        'select * from pii.open_identity($1, $2, $3, $4, $5, now())',
        [id, event, user, 'request', 'curiosity'],
        'uct_service',
      );
    const event = newId();
    expect(await open(event)).toHaveLength(1);
    expect(await sql(service.db.url, 'select from access.audit_event where id = $1', [event])).toHaveLength(1);
    await expect(open(event)).rejects.toThrow(/duplicate key/);
  });
});
