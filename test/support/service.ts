/** The real service on a database of its own, with a clock that the test sets, and staff who are signed in. */
import type { Server } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { DataSource } from 'typeorm';
import { operatorActor, roleNames, type Actor, type Role } from '../../src/access/domain/actor.js';
import { hashPassword } from '../../src/access/passwords.js';
import { SessionsService } from '../../src/access/sessions.service.js';
import { UsersService } from '../../src/access/users.service.js';
import { TravellingClock } from '../../src/kernel/clock.js';
import type { KernelOptions } from '../../src/kernel/kernel.module.js';
import type {
  BankReportSettings,
  KeySettings,
  LogSettings,
  MobileMoneySettings,
  OpenIdSettings,
} from '../../src/kernel/settings.js';
import { Readiness } from '../../src/kernel/readiness.js';
import { createService } from '../../src/service.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { watchConnections } from './two-connections.js';

export const TEST_PASSWORD = 'correct horse battery';

export interface TestService {
  app: NestExpressApplication;
  db: TestDatabase;
  clock: TravellingClock;
  /** A request signed in as somebody of that role: `service.as('supervisor').get('/api/v1/...')`. */
  as(role: Role, number?: 1 | 2): SignedIn;
  /** The same person as an actor, for calling services. */
  actor(role: Role, number?: 1 | 2): Actor;
  /** Not signed in. */
  anybody(): ReturnType<typeof request>;
  /** Where a second connection was asked for inside a transaction, so far. */
  secondConnections(): string[];
  /** Throws when a second connection was asked for inside a transaction. */
  close(): Promise<void>;
}

export interface SignedIn {
  get(path: string): request.Test;
  post(path: string, body?: object): request.Test;
  put(path: string, body: object): request.Test;
  delete(path: string): request.Test;
}

/** Starts it on a day (10:00 in Bangkok). `jobs`: works on jobs too. There are two people of each role. */
export async function startTestService(
  options: {
    today?: string;
    /** At this moment, and not on a day at 10:00: a session from 10:00 has ended when it is late. */
    at?: Date;
    jobs?: boolean;
    queue?: KernelOptions['queue'];
    db?: TestDatabase;
    masterKey?: Buffer;
    earlierMasterKeys?: Buffer[];
    keys?: KeySettings;
    log?: LogSettings;
    metricsToken?: string;
    openId?: OpenIdSettings;
    bankReports?: BankReportSettings;
    mobileMoney?: MobileMoneySettings;
    /** Of one session; as good as none when left out, because a suite asks more in a minute than anybody. */
    requestsPerMinute?: number;
    formsOnDevices?: boolean;
  } = {},
): Promise<TestService> {
  const db = options.db ?? (await createTestDatabase());
  const clock = new TravellingClock();
  clock.travelTo(options.at ?? new Date(`${options.today ?? '2026-03-02'}T10:00:00+07:00`));
  const app = await createService(
    {
      databaseUrl: db.url,
      queue: options.queue ?? { on: 'postgres', url: db.url },
      masterKey: options.masterKey ?? Buffer.alloc(32, 7),
      earlierMasterKeys: options.earlierMasterKeys,
      keys: options.keys,
      clock,
      timeZone: 'Asia/Bangkok',
      log: options.log,
      metricsToken: options.metricsToken,
      openId: options.openId,
      bankReports: options.bankReports,
      mobileMoney: options.mobileMoney,
      web: {
        requestsPerMinute: options.requestsPerMinute ?? 1_000_000,
        formsOnDevices: options.formsOnDevices,
      },
      worksOnJobs: options.jobs ?? false,
    },
    { quiet: true },
  );
  const secondConnections = watchConnections(app.get(DataSource));
  app.get(Readiness).markReady();
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer();
  const people = await signInStaff(app);
  const person = (role: Role, number: number) => {
    const found = people.get(`${role}/${number}`);
    if (!found) throw new Error(`no ${role} ${number}`);
    return found;
  };
  return {
    app,
    db,
    clock,
    as: (role, number = 1) => signedIn(server, person(role, number).token),
    actor: (role, number = 1) => person(role, number).actor,
    anybody: () => request(server),
    secondConnections,
    close: async () => {
      await app.close();
      if (!options.db) await db.drop();
      const [found] = secondConnections();
      if (found) throw new Error(found);
    },
  };
}

export function travel(service: TestService, day: string, time = '10:00'): void {
  service.clock.travelTo(new Date(`${day}T${time}:00+07:00`));
}

function signedIn(server: Server, token: string): SignedIn {
  const auth = (test: request.Test) => test.set('authorization', `Bearer ${token}`);
  return {
    get: (path) => auth(request(server).get(path)),
    post: (path, body = {}) => auth(request(server).post(path)).send(body),
    put: (path, body) => auth(request(server).put(path)).send(body),
    delete: (path) => auth(request(server).delete(path)),
  };
}

/** Two people of each role, signed in. A session lasts 12 hours of the clock: a test that travels further calls services as actors, or travels back. */
async function signInStaff(app: NestExpressApplication): Promise<Map<string, { token: string; actor: Actor }>> {
  const [db, users, sessions] = [app.get(DataSource), app.get(UsersService), app.get(SessionsService)];
  const passwordHash = await testPasswordHash();
  const people = new Map<string, { token: string; actor: Actor }>();
  for (const role of roleNames) {
    for (const number of [1, 2]) {
      const email = `${role}-${number}@test.example`;
      const person = { email, displayName: `${role} ${number}`, roles: [role], secondFactorWaived: true };
      const found = await users.idByEmail(email);
      const opened = await db.transaction(async (manager) => {
        const id = found ?? (await users.add(manager, operatorActor('test'), person, passwordHash));
        const session = { kind: 'api', agent: 'the tests', secondFactorDone: false } as const;
        return { id, token: (await sessions.open(manager, id, session, 'test')).token };
      });
      const actor = await users.actorOf(opened.id, 'test');
      if (!actor) throw new Error('a user just made is not there');
      people.set(`${role}/${number}`, { token: opened.token, actor });
    }
  }
  return people;
}

let hashed: Promise<string> | undefined;

/** Of `TEST_PASSWORD`, once for every service of a suite: hashing is slow by design, and what it does is tested where people sign in. */
function testPasswordHash(): Promise<string> {
  return (hashed ??= hashPassword(TEST_PASSWORD));
}
