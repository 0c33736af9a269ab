/** How often somebody may ask: by session, and by address where nobody is signed in. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { RateLimits } from '../src/access/rate-limits.js';
import { expectProblem, raw, tokenOf } from './support/raw-requests.js';
import { startTestService, type TestService } from './support/service.js';

/** Signing in all the staff of a test takes 16 requests of the quarter that strangers have. */
const PER_MINUTE = 120;
const OF_STRANGERS = 30;

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ requestsPerMinute: PER_MINUTE });
});
afterAll(() => service.close());

/** What the library remembers, and under which keys. */
interface Kept {
  _storage: Map<string, unknown>;
}

const statuses = async (times: number, ask: () => PromiseLike<{ status: number }>) => {
  const seen: number[] = [];
  for (let time = 0; time < times; time += 1) seen.push((await ask()).status);
  return seen;
};

describe('too many requests', () => {
  it('of one session are refused with when to try again, and no other session is', async () => {
    const [busy, calm] = [await tokenOf(service, 'auditor'), await tokenOf(service, 'auditor')];
    const ask = (token: string) => raw(service, token, 'get', '/api/v1/wage-rates');
    expect(new Set(await statuses(PER_MINUTE, () => ask(busy)))).toEqual(new Set([200]));
    const refused = await ask(busy);
    expectProblem(refused, { status: 429, code: 'too-many-requests' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect((await ask(calm)).status).toBe(200);
  });

  it('by people are told in a page', async () => {
    const cookie = `uct_session=${await tokenOf(service, 'donor')}`;
    const ask = () => raw(service, undefined, 'get', '/', undefined, { cookie, accept: 'text/html' });
    await statuses(PER_MINUTE, ask);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(refused.text).toMatch(/<h1[^>]*>Too many requests<\/h1>/);
  });

  it('by a stranger are refused, with or without a made-up token, and nobody who is signed in there is', async () => {
    const token = await tokenOf(service, 'administrator');
    const made = () =>
      raw(service, createHash('sha256').update(`${Math.random()}`).digest('hex'), 'get', '/api/v1/clients');
    expect(await statuses(OF_STRANGERS, made)).toContain(429);
    expect((await made()).status).toBe(429);
    expect((await service.anybody().get('/sign-in')).status).toBe(429);
    const signingIn = service
      .anybody()
      .post('/api/v1/sessions')
      .send({ email: 'a@test.example', password: 'x'.repeat(12) });
    expect((await signingIn).status).toBe(429);
    expect((await raw(service, token, 'get', '/api/v1/wage-rates')).status).toBe(200);
  });

  it('never are those who watch whether the service lives, nor what pages load', async () => {
    const seen = await statuses(OF_STRANGERS + 5, () => service.anybody().get('/health/live'));
    expect(new Set(seen)).toEqual(new Set([200]));
    expect((await service.anybody().get('/assets/app.css')).status).not.toBe(429);
  });

  it('are counted under no token', async () => {
    const token = await tokenOf(service, 'auditor', 2).catch(() => undefined);
    expect(token).toBeUndefined(); // the stranger above has used up what the address has
    const kept = service.as('auditor');
    await kept.get('/api/v1/wage-rates');
    const limiters = service.app.get<Record<'sessions' | 'strangers', { _memoryStorage: Kept }>>(RateLimits);
    const keys = [limiters.sessions, limiters.strangers].flatMap((one) => [...one._memoryStorage._storage.keys()]);
    expect(keys.length).toBeGreaterThan(3);
    for (const key of keys) expect(key).toMatch(/^rlflx:([A-Za-z0-9+/]{43}=|127\.0\.0\.1)$/);
  });
});
