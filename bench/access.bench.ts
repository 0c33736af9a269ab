/**
 * What asking who calls, what they may and whose data it is costs, and recording it: requests a second on the real routes, against the same
 * service on a database of its own with the look-up of the session and the audit trail taken out. Every commit is durable. The callers sit
 * in a thread of their own. `npm run bench:access [-- rounds]`
 */
import 'reflect-metadata';
import { Worker } from 'node:worker_threads';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AuditTrail } from '../src/access/audit-trail.js';
import { operatorActor, type Role } from '../src/access/domain/actor.js';
import { SessionsService } from '../src/access/sessions.service.js';
import { UsersService } from '../src/access/users.service.js';
import { Clock } from '../src/kernel/clock.js';
import { Readiness } from '../src/kernel/readiness.js';
import { createService } from '../src/service.js';
import { benchDatabase, type BenchDatabase } from './bench-database.js';
import type { Load, LoadDone } from './access-load.js';
import { figure, median, progress } from './measured.js';

const CALLERS = [1, 16];
const CALLS_A_ROUND: Record<number, number> = { 1: 300, 16: 1_600 };
const rounds = Number(process.argv[2] ?? '9');
const PASSWORD = 'a password for a benchmark';

interface Bench {
  db: BenchDatabase;
  app: NestExpressApplication;
  url: string;
  token: string;
  client: string;
}

const guarded = await open();
const bare = await open();
const caller = new Worker(new URL('./access-load.js', import.meta.url)); // a fault in there ends the process
try {
  await takeAccessOut(bare);
  const routes = {
    'reading a case file (GET /clients/:code)': (bench: Bench) => ({
      method: 'GET',
      path: `/api/v1/clients/${bench.client}`,
    }),
    'reading an identity (GET /clients/:code/identity), which is recorded': (bench: Bench) => ({
      method: 'GET',
      path: `/api/v1/clients/${bench.client}/identity`,
    }),
    'recording a consent (POST /clients/:code/consents), which is recorded': (bench: Bench) => ({
      method: 'POST',
      path: `/api/v1/clients/${bench.client}/consents`,
      body: JSON.stringify({ purpose: 'be-quoted', given: true, language: 'my' }),
    }),
  };
  for (const [name, route] of Object.entries(routes)) {
    for (const callers of CALLERS) {
      const ratios: number[] = [];
      const rates: number[] = [];
      for (let round = 0; round <= rounds; round++) {
        const rate = { guarded: 0, bare: 0 };
        // Who comes first in a round changes, so that neither has the warmer machine.
        for (const which of round % 2 === 0 ? (['guarded', 'bare'] as const) : (['bare', 'guarded'] as const)) {
          const bench = which === 'guarded' ? guarded : bare;
          rate[which] = await perSecond({
            ...route(bench),
            url: bench.url,
            token: bench.token,
            callers,
            calls: CALLS_A_ROUND[callers] ?? 0,
          });
        }
        if (round === 0) continue; // the first round warms caches and plans
        ratios.push(rate.guarded / rate.bare);
        rates.push(rate.guarded);
        progress(
          `${name}, ${callers} callers, round ${round}: ${Math.round(rate.guarded)}/s with, ${Math.round(rate.bare)}/s without`,
        );
      }
      figure(`${name}, ${callers} callers: with the permission and audit layer against without`, {
        ratio: median(ratios),
        ratios: ratios.map((ratio) => Number(ratio.toPrecision(3))),
        callsPerSecond: median(rates),
      });
    }
  }
} finally {
  await caller.terminate();
  for (const { app, db } of [guarded, bare]) {
    await app.close();
    await db.close();
  }
}

async function open(): Promise<Bench> {
  const db = await benchDatabase();
  const app = await createService(
    {
      databaseUrl: db.url,
      queue: { on: 'postgres', url: db.url },
      masterKey: Buffer.alloc(32, 1),
      clock: new Clock(),
      timeZone: 'Asia/Bangkok',
      web: { requestsPerMinute: 10_000_000 },
      worksOnJobs: false,
    },
    { quiet: true },
  );
  app.get(Readiness).markReady();
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  await hire(app, 'caseworker');
  const { token } = await ask<{ token: string }>(url, '/api/v1/sessions', {
    email: 'caseworker@bench.example',
    password: PASSWORD,
  });
  const consent = { purpose: 'hold-data', given: true, language: 'my' };
  const registration = {
    cohort: 'bench',
    country: 'MM',
    identity: { names: [{ text: 'Bench' }], dateOfBirth: '1988-04-12' },
    consents: [consent],
  };
  const { code } = await ask<{ code: string }>(url, '/api/v1/clients', registration, token);
  return { db, app, url, token, client: code };
}

/** Nobody is looked up and nothing is recorded there: what the layer costs is what is missing. */
async function takeAccessOut({ app, db }: Bench): Promise<void> {
  const id = await app.get(UsersService).idByEmail('caseworker@bench.example');
  const actor = id && (await app.get(UsersService).actorOf(id, 'bench'));
  if (!actor) throw new Error('the caseworker is not there');
  app.get(SessionsService).holderOf = () => Promise.resolve({ id: 'bench', kind: 'api', stage: 'open', actor });
  app.get(AuditTrail).recordAll = () => Promise.resolve();
  const [before] = (
    await db.admin.query<{ source: string }>("select pg_get_functiondef('pii.open_identity'::regproc) source")
  ).rows;
  const silent = before?.source.replace(/insert into access\.audit_event[^;]*;/, '');
  if (!silent || silent === before?.source) throw new Error('the function does not record any more');
  await db.admin.query(silent);
}

async function hire(app: NestExpressApplication, role: Role): Promise<void> {
  await app.get(UsersService).create(operatorActor('bench'), {
    email: `${role}@bench.example`,
    displayName: role,
    password: PASSWORD,
    roles: [role],
  });
}

async function ask<Answer>(url: string, path: string, body: object, token?: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return (await answer.json()) as Answer;
}

async function perSecond(load: Load): Promise<number> {
  const done = new Promise<LoadDone>((resolve) => caller.once('message', resolve));
  caller.postMessage(load);
  const { seconds, wrong } = await done;
  if (wrong > 0) throw new Error(`${wrong} calls of ${load.path} were not answered as they should be`);
  return load.calls / seconds;
}
