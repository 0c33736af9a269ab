/** Guessing: it gets slower, locks out, tells nothing, and is no way to keep others from working. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from './support/browser.js';
import { newId } from './support/builders.js';
import { sql } from './support/database.js';
import { expectProblem, hire } from './support/raw-requests.js';
import { startTestService, TEST_PASSWORD, travel, type TestService } from './support/service.js';
import { watchRows } from './support/rows.js';

const TODAY = '2026-03-02';
const FREE = 5;

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());
afterEach(async () => {
  travel(service, TODAY);
  await sql(service.db.url, 'delete from access.sign_in_failure');
});

const attempt = (email: string, password = TEST_PASSWORD) =>
  service.anybody().post('/api/v1/sessions').send({ email, password });
const guess = (email: string) => attempt(email, 'not the password');
const wait = (seconds: number) => service.clock.travelTo(new Date(service.clock.now().getTime() + seconds * 1000));
const audited = async (act: string, subject: string) =>
  (
    await sql<{ actor_id: string; detail: object }>(
      service.db.url,
      'select actor_id, detail from access.audit_event where act = $1 and subject_id = $2',
      [act, subject],
    )
  ).map(({ actor_id, detail }) => ({ actor_id, detail }));
const newPerson = async () => {
  const email = `${newId()}@test.example`;
  const { id } = await hire(service, email, ['caseworker']);
  return { id, email };
};
/** As if the failures of these accounts had come from another network address. */
const fromElsewhere = () =>
  sql(service.db.url, "update access.sign_in_failure set address = sha256('elsewhere') where address <> ''");

describe('wrong tries at one account', () => {
  it('are slowed down after five, also for whoever has the right password then, until they have waited', async () => {
    const { email } = await newPerson();
    for (let tries = 0; tries < FREE; tries += 1)
      expectProblem(await guess(email), { status: 401, code: 'sign-in-failed' });
    const refused = await attempt(email);
    expectProblem(refused, { status: 429, code: 'try-later' });
    expect(Number(refused.headers['retry-after'])).toBe(30);
    wait(29);
    expect((await attempt(email)).status).toBe(429);
    wait(1);
    expect((await attempt(email)).status).toBe(201);
    for (let tries = 0; tries < FREE; tries += 1) expect((await guess(email)).status).toBe(401);
  });

  it('lock out for an hour when they go on after every wait, which is recorded', async () => {
    const { id, email } = await newPerson();
    let guesses = 0;
    for (let told = 0; told <= 900; wait(told > 900 ? 0 : told)) {
      const answer = await guess(email);
      if (answer.status === 401) guesses += 1;
      told = Number(answer.headers['retry-after'] ?? 0);
    }
    // Fifteen count, and while they waited a failure or two has faded.
    expect([16, 17, 18]).toContain(guesses);
    wait(3_599);
    expect((await attempt(email)).status).toBe(429);
    wait(1);
    expect((await attempt(email)).status).toBe(201);
    const nobody = '00000000-0000-7000-8000-000000000003';
    expect(await audited('session.lock-out', id)).toEqual([{ actor_id: nobody, detail: { of: 'account' } }]);
    expect((await audited('session.fail', id)).at(-1)).toEqual({ actor_id: nobody, detail: { by: 'password' } });
  });

  it('made all at once do not pass either', async () => {
    const { id, email } = await newPerson();
    const answers = await Promise.all(Array.from({ length: 20 }, () => guess(email)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(FREE);
    expect(statuses.filter((status) => status === 429)).toHaveLength(15);
    expect(await audited('session.fail', id)).toHaveLength(FREE);
  });

  it('are forgiven where they came from when the password is right, and not what came from elsewhere', async () => {
    const { email } = await newPerson();
    for (let tries = 0; tries < 3; tries += 1) await guess(email);
    await fromElsewhere();
    await guess(email);
    expect((await attempt(email)).status).toBe(201);
    expect((await guess(email)).status).toBe(401);
    expect((await guess(email)).status).toBe(401);
    expect((await guess(email)).status).toBe(429);
  });

  it('are lifted by an administrator, who sees until when it is', async () => {
    const { id, email } = await newPerson();
    for (let tries = 0; tries < FREE; tries += 1) await guess(email);
    const { body } = await service.as('administrator').get(`/api/v1/users/${id}`).expect(200);
    expect(body.lockedUntil).toBe(new Date(service.clock.now().getTime() + 30_000).toISOString());
    await service.as('administrator').post(`/api/v1/users/${id}/lift-lock-out`).expect(204);
    expect((await attempt(email)).status).toBe(201);
    expect(await audited('user.lift-lock-out', id)).toHaveLength(1);
  });

  it('are refused on the page as well, which says how long to wait', async () => {
    const { email } = await newPerson();
    for (let tries = 0; tries < FREE; tries += 1) await guess(email);
    const page = await new Browser(service).send('/sign-in', '/sign-in', { email, password: TEST_PASSWORD });
    expect([page.status, page.headers['retry-after']]).toEqual([429, '30']);
    expect(page.text).toContain('Try again in 30 seconds');
  });
});

describe('wrong tries from one network address', () => {
  it('at many accounts are slowed down after thirty, for every account', async () => {
    const { email } = await newPerson();
    for (let tries = 0; tries < 30; tries += 1) expect((await guess(`nobody-${tries}@test.example`)).status).toBe(401);
    expectProblem(await attempt(email), { status: 429, code: 'try-later' });
    wait(30);
    expect((await attempt(email)).status).toBe(201);
    // The right password of one account does not forgive what was tried at others.
    expect((await guess('nobody-31@test.example')).status).toBe(401);
    expect((await attempt(email)).status).toBe(429);
  });

  it('do not count when the password is right, however many sign in at once', async () => {
    const people = await Promise.all([newPerson(), newPerson(), newPerson()]);
    const all = Array.from({ length: 45 }, (_, place) => attempt(people[place % 3]?.email ?? ''));
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual(all.map(() => 201));
  });
});

describe('an address that nobody has', () => {
  it('is counted, slowed down and answered like any other', async () => {
    const { email } = await newPerson();
    const unknown = `${newId()}@test.example`;
    for (let tries = 0; tries < FREE; tries += 1) {
      const [one, other] = [await guess(email), await guess(unknown)];
      expect({ ...one.body, requestId: '' }).toEqual({ ...other.body, requestId: '' });
    }
    const [one, other] = [await guess(email), await guess(unknown)];
    expect([one.status, one.headers['retry-after'], { ...one.body, requestId: '' }]).toEqual([
      429,
      other.headers['retry-after'],
      { ...other.body, requestId: '' },
    ]);
  });

  it('stands nowhere in the database, nor does the network address', async () => {
    await guess('somebody.who.tried@elsewhere.example');
    const rows = await watchRows(service.db.url);
    const everything = Object.values(await rows.dump()).join('\n');
    await rows.stop();
    expect(everything).not.toMatch(/somebody\.who\.tried/);
    expect(everything).not.toContain(Buffer.from('somebody.who.tried@elsewhere.example').toString('hex'));
    expect(everything).not.toMatch(/127\.0\.0\.1|::1\b/);
    expect(await audited('session.fail', 'unknown')).not.toEqual([]);
  });

  it('takes as long to refuse as a wrong password, somebody disabled and somebody without a password', async () => {
    const [{ email }, gone, invited] = [await newPerson(), await newPerson(), await newPerson()];
    await sql(service.db.url, 'update access.app_user set disabled_at = now() where id = $1', [gone.id]);
    await sql(service.db.url, 'update access.app_user set password_hash = null where id = $1', [invited.id]);
    const kinds = { known: email, unknown: `${newId()}@test.example`, disabled: gone.email, invited: invited.email };
    const took: Record<string, number[]> = {};
    for (let round = 0; round < 15; round += 1) {
      for (const [kind, address] of Object.entries(kinds)) {
        await sql(service.db.url, 'delete from access.sign_in_failure');
        const started = process.hrtime.bigint();
        expect((await guess(address)).status).toBe(401);
        (took[kind] ??= []).push(Number(process.hrtime.bigint() - started) / 1e6);
      }
    }
    // The fastest of each: whatever else goes on here only makes one slower.
    const fastest = Object.values(took).map((times) => Math.min(...times));
    // Without the work on a decoy an unknown address would be refused several times faster.
    expect(Math.max(...fastest) / Math.min(...fastest)).toBeLessThan(1.6);
  });
});
