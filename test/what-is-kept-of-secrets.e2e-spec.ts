/** What people and programs sign in with, and what a job that fails has met, stand in no table and in no log as they are. */
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { getQueueToken } from '@nestjs/bullmq';
import type { Queue } from 'bullmq';
import { AUDIT_QUEUE } from '../src/access/audit/audit-jobs.js';
import { REPORTS_QUEUE } from '../src/donor-reports/report-jobs.js';
import { LEDGER_QUEUE } from '../src/ledger/ledger-jobs.js';
import { TRANSFERS_QUEUE } from '../src/transfers/jobs.js';
import { sightings } from './support/canaries.js';
import { sql } from './support/database.js';
import { raw, signIn } from './support/raw-requests.js';
import { watchRows } from './support/rows.js';
import { enrol } from './support/second-factors.js';
import { startTestService, TEST_PASSWORD, type TestService } from './support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ jobs: true });
});
afterAll(() => service.close());
afterEach(() => {
  jest.restoreAllMocks();
});

/** All that is written to the console and to the streams below it from now on. */
function listen(): string[] {
  const heard: string[] = [];
  for (const stream of [process.stdout, process.stderr])
    jest.spyOn(stream, 'write').mockImplementation((chunk) => heard.push(String(chunk)) > 0);
  for (const method of ['log', 'warn', 'error', 'info', 'debug'] as const)
    jest
      .spyOn(console, method)
      .mockImplementation((...parts: unknown[]) => void heard.push(parts.map(String).join(' ')));
  return heard;
}

async function everyRow(): Promise<string> {
  const rows = await watchRows(service.db.url);
  const dump = await rows.dump();
  await rows.stop();
  return Object.values(dump).join('\n');
}

describe('what somebody signs in with', () => {
  it('is in no row and no line of the log', async () => {
    const heard = listen();
    const person = await enrol(service, 'finance-preparer');
    const session = await signIn(service, 'auditor-1@test.example');
    const asked = { name: 'a program', scope: ['catalogue:read'], days: 30 };
    const made = await raw(service, session, 'post', '/api/v1/tokens', JSON.stringify(asked));
    const invited = await service
      .as('administrator')
      .post('/api/v1/users', { email: 'new@test.example', displayName: 'New', roles: ['donor'] })
      .expect(201);
    const link = String((invited.body as { link: string }).link).split('#')[1] ?? '';
    await raw(service, session, 'get', `/api/v1/clients/${session}`); // a token at the wrong place
    await raw(service, undefined, 'post', '/api/v1/sessions', JSON.stringify({ email: session, password: session }));
    jest.restoreAllMocks();
    const secrets = [
      TEST_PASSWORD,
      session,
      (made.body as { token: string }).token,
      link,
      person.secret.replaceAll(' ', ''),
      ...person.recoveryCodes,
    ];
    for (const secret of secrets) expect(secret.length).toBeGreaterThan(8);
    const kept = await everyRow();
    for (const secret of secrets) {
      expect(sightings(kept, secret)).toEqual([]);
      expect(sightings(heard.join('\n'), secret)).toEqual([]);
    }
  });
});

describe('a job that fails', () => {
  const CANARY = 'Zqjob Daw Khin, 0042-4711';

  it.each([
    [TRANSFERS_QUEUE, 'self-check', 'payments.obligation'],
    [LEDGER_QUEUE, 'verify-ledger', 'ledger.entry'],
    [REPORTS_QUEUE, 'donor-reports', 'payments.fund'],
    [AUDIT_QUEUE, 'verify-audit', 'access.audit_link'],
  ])('on the queue %s leaves nothing of what the database said, in its row or in the log', async (name, job, table) => {
    const queue = service.app.get<Queue>(getQueueToken(name), { strict: false });
    const [schema, relation] = table.split('.');
    // Whoever reads the table is told a name by the database, as a failed cast would do.
    await sql(
      service.db.url,
      `alter table ${table} rename to was_${relation};
       create function ${schema}.tell() returns int stable language plpgsql as $$ begin raise exception '${CANARY}'; end $$;
       create view ${table} as select t.* from ${schema}.was_${relation} t where ${schema}.tell() > 0;
       grant all on ${table} to uct_service, uct_reports, uct_owner; grant execute on function ${schema}.tell to public`,
    );
    const heard = listen();
    try {
      const added = await queue.add(job, {});
      for (let tries = 0; tries < 200 && !(await added.isFailed()); tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await added.isFailed()).toBe(true);
    } finally {
      jest.restoreAllMocks();
      await sql(
        service.db.url,
        `drop view ${table}; drop function ${schema}.tell; alter table ${schema}.was_${relation} rename to ${relation}`,
      );
    }
    expect(heard.join('\n')).toMatch(/\[Jobs\].*code P0001/);
    expect(sightings(heard.join('\n'), CANARY)).toEqual([]);
    const kept = await everyRow();
    expect(kept).toContain('The job failed; the log of the service says where.');
    expect(sightings(kept, CANARY)).toEqual([]);
  });
});
