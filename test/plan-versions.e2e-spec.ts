/** Changing a spending plan: the earlier one stays, and what two people made of the same plan stays both, until somebody makes one of them. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId, registerClient } from './support/builders.js';
import { sql } from './support/database.js';
import { outcomesAs } from './support/outcomes.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;
let client: string;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());
beforeEach(async () => {
  client = await registerClient(service);
});

const item = (description: string) => ({ need: 'debt', description, amount: '500.00', currency: 'THB' });
const plans = (code = client) => `/api/v1/clients/${code}/spending-plans`;

interface Body {
  id?: string;
  description?: string;
  replaces?: string[];
}
const send = (
  { id = newId(), description = 'A boat', replaces }: Body,
  who: 'caseworker' | 'supervisor' = 'caseworker',
) => service.as(who).post(plans(), { id, items: [item(description)], ...(replaces && { replaces }) });

async function written(body: Body = {}, who: 'caseworker' | 'supervisor' = 'caseworker'): Promise<string> {
  const answer = await send(body, who).expect(201);
  return (answer.body as { id: string }).id;
}

interface Listed {
  id: string;
  replaces: string[];
  standing: boolean;
  versionsOf: string[];
  otherVersions: string[];
  writtenBy: string;
  recordedAt: string;
  items: { description: string }[];
}
const listed = async () => (await service.as('caseworker').get(plans()).expect(200)).body.items as Listed[];

describe('a plan that is changed', () => {
  it('stays as it was, and the new one says what it was changed from and who wrote it', async () => {
    const first = await written({ description: 'A boat' });
    const second = await written({ description: 'Half a boat', replaces: [first] }, 'supervisor');
    const [was, is] = await listed();
    expect(was).toMatchObject({ id: first, standing: false, replaces: [], writtenBy: 'caseworker 1' });
    expect(was?.items).toMatchObject([{ description: 'A boat' }]);
    expect(is).toMatchObject({
      id: second,
      standing: true,
      replaces: [first],
      versionsOf: [],
      otherVersions: [],
      writtenBy: 'supervisor 1',
      recordedAt: '2026-03-02T03:00:00.000Z',
    });
  });

  it('is no other plan: one that names nothing stands beside it', async () => {
    await written();
    await written({ description: 'A second thing' });
    expect(await listed()).toMatchObject([
      { standing: true, otherVersions: [] },
      { standing: true, otherVersions: [] },
    ]);
  });

  it('sent twice is one, and with other predecessors it is another content', async () => {
    const [a, b] = [await written(), await written()];
    const change = { id: newId(), replaces: [a, b] };
    await send(change).expect(201);
    await send({ ...change, replaces: [b.toUpperCase(), a, b] }).expect(200);
    const other = await send({ ...change, replaces: [a] });
    expect([other.status, other.body.code]).toEqual([409, 'id-conflict']);
    expect(await listed()).toHaveLength(3);
  });

  it('sent without predecessors has the content that it had before there were any', async () => {
    const id = await written({ id: newId() });
    await service
      .as('caseworker')
      .post(plans(), { id, items: [item('A boat')], replaces: [] })
      .expect(200);
  });

  it.each([
    ['not of this client', async () => written.call(null, {}), true],
    ['nowhere', () => Promise.resolve(newId()), false],
  ])('names no plan that is %s', async (_, make, isOfAnother) => {
    const named = await make();
    if (isOfAnother) client = await registerClient(service);
    const answer = await send({ replaces: [named] });
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'unknown-plan', 'replaces']);
    expect(await listed()).toEqual([]);
  });

  it('names ids, and not more than anybody would', async () => {
    const malformed = await send({ replaces: ['the one of yesterday'] });
    expect([malformed.status, malformed.body.field]).toEqual([422, 'replaces']);
    const many = await send({ replaces: Array.from({ length: 11 }, () => newId()) });
    expect([many.status, many.body.code]).toEqual([422, 'too-many-replaced']);
  });
});

describe('a plan that two people change', () => {
  it('has both versions, and each who writes later is told of the other', async () => {
    const first = await written();
    const mine = await written({ description: 'Mine', replaces: [first] });
    const answer = await send({ description: 'Theirs', replaces: [first] }, 'supervisor').expect(201);
    const theirs = answer.body.id as string;
    expect(answer.body).toMatchObject({ otherVersions: [mine] });
    expect(await listed()).toMatchObject([
      { id: first, standing: false },
      { id: mine, standing: true, versionsOf: [first], otherVersions: [theirs] },
      { id: theirs, standing: true, versionsOf: [first], otherVersions: [mine] },
    ]);
  });

  it('at the same moment, tells at least one of them', async () => {
    for (let round = 0; round < 5; round += 1) {
      const first = await written();
      const answers = await Promise.all([
        send({ description: 'Mine', replaces: [first] }),
        send({ description: 'Theirs', replaces: [first] }, 'supervisor'),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([201, 201]);
      expect(answers.flatMap(({ body }) => body.otherVersions as string[])).toHaveLength(1);
    }
  });

  it('becomes one again by a plan that replaces both', async () => {
    const first = await written();
    const mine = await written({ replaces: [first] });
    const theirs = await written({ replaces: [first] }, 'supervisor');
    const answer = await send({ description: 'Of both', replaces: [mine, theirs] }).expect(201);
    expect(answer.body.otherVersions).toEqual([]);
    const standing = (await listed()).filter((plan) => plan.standing);
    expect(standing).toMatchObject([{ id: answer.body.id, replaces: [mine, theirs], otherVersions: [] }]);
  });
});

describe('what a plan replaces, in the database', () => {
  let owner: string;
  let [first, second]: string[] = [];
  beforeEach(async () => {
    first = await written();
    second = await written({ replaces: [first] });
    const [row] = await sql<{ id: string }>(service.db.url, 'select id from casework.client where code = $1', [client]);
    owner = row?.id ?? '';
  });

  const by = () => service.actor('caseworker').userId;
  const fresh = (id: string, of = owner) =>
    `insert into casework.spending_plan (id, client_id, written_on, recorded_by, recorded_at, content_sha256)
     values ('${id}', '${of}', '${TODAY}', '${by()}', now(), sha256(''));`;
  const replace = (plan: string | undefined, replaced: string | undefined, of = owner) =>
    `insert into casework.plan_replacement values ('${plan}', '${replaced}', '${of}');`;

  it('is said when it is written, of earlier plans of the same client, and never again', async () => {
    const id = newId();
    const other = await registerClient(service);
    const [another] = await sql<{ id: string }>(service.db.url, 'select id from casework.client where code = $1', [
      other,
    ]);
    const later = newId();
    const expected: [string, string][] = [
      [fresh(id) + replace(id, first), 'done'],
      [replace(second, first), 'UCT15'],
      [replace(first, second), 'UCT15'],
      [fresh(id) + replace(id, id), 'UCT18'],
      [fresh(id) + fresh(later) + replace(id, later), 'UCT18'],
      [fresh(id) + fresh(later) + replace(later, id), 'done'],
      [fresh(id, another?.id) + replace(id, first, another?.id), '23503'],
      [fresh(id) + replace(id, first, another?.id), '23503'],
      [fresh(id) + replace(id, newId()), 'UCT18'],
      [`update casework.plan_replacement set replaces_id = plan_id`, 'UCT01'],
      [`delete from casework.plan_replacement`, 'UCT01'],
    ];
    for (const role of [null, 'uct_service']) {
      const tried = await outcomesAs(
        service.db.url,
        role,
        expected.map(([statement]) => statement),
      );
      const asked = Object.fromEntries(
        expected.map(([statement, code]) => [statement, role && code === 'UCT01' ? '42501' : code]),
      );
      expect(tried).toEqual(asked);
    }
  });
});

describe('what is told of a plan', () => {
  it('may be words without a sum', async () => {
    const id = await written();
    const told = { id: newId(), items: [{ item: 1, currency: 'THB', cameOf: 'The boat floats' }] };
    await service.as('caseworker').post(`${plans()}/${id}/tracking`, told).expect(201);
    await service.as('caseworker').post(`${plans()}/${id}/tracking`, told).expect(200);
    const [plan] = (await service.as('caseworker').get(plans()).expect(200)).body.items;
    expect(plan.tracking[0].items).toEqual([{ item: 1, spent: null, currency: 'THB', cameOf: 'The boat floats' }]);
    const empty = { id: newId(), items: [{ item: 1, currency: 'THB' }] };
    const answer = await service.as('caseworker').post(`${plans()}/${id}/tracking`, empty);
    expect([answer.status, answer.body.code, answer.body.field]).toEqual([422, 'missing', 'items.0.spent']);
  });
});

describe('everything held of a client', () => {
  it('tells which plan was changed from which', async () => {
    const first = await written();
    await written({ replaces: [first] });
    const { body } = await service.as('caseworker').get(`/api/v1/clients/${client}/export`).expect(200);
    expect(body.held.spendingPlans).toMatchObject([
      { plan: '1', standsAsItIs: false },
      { plan: '2', changedFromPlan: ['1'], standsAsItIs: true },
    ]);
    expect(body.held.spendingPlans[0]).not.toHaveProperty('changedFromPlan');
  });
});
