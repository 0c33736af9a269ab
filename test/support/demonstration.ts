/** The demonstration's first weeks: its people, clients, funds and runs as the rebuild of the pilot makes them, on a test's database. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlainDate } from '../../src/kernel/domain/plain-date.js';
import { demoAccounts, type DemoAccount } from '../../src/demo/demo-accounts.js';
import { rebuildPilot } from '../../src/demo/pilot-rebuild.js';
import { raw, signIn } from './raw-requests.js';
import { startTestService, travel, type TestService } from './service.js';

export interface Demonstration {
  service: TestService;
  /** Of "caseworker@demo.example" and the others. */
  account(name: string): DemoAccount;
  /** What the person of that name sends over the API; the answer's body. */
  send(name: string, path: string, body: object): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** Lived through that day, from the first grant on; the clock stands at ten the morning after. */
export async function openDemonstration(through: PlainDate, morningAfter: PlainDate): Promise<Demonstration> {
  const service = await startTestService({ today: '2015-05-18', jobs: true });
  const dataDir = mkdtempSync(join(tmpdir(), 'uct-demonstration-'));
  // There are people already, the tests' own; a rebuild that has begun goes on all the same.
  writeFileSync(join(dataDir, 'demonstration.json'), JSON.stringify({ state: 'building', day: null }));
  let lived: PlainDate = '';
  await rebuildPilot(service.app, {
    dataDir,
    clock: service.clock,
    onProgress: (_, day) => (lived = day),
    shouldStop: () => lived >= through,
  });
  travel(service, morningAfter);
  const account = (name: string) => {
    const found = demoAccounts(dataDir).find(({ email }) => email === `${name}@demo.example`);
    if (!found) throw new Error(`nobody is called ${name} in the demonstration`);
    return found;
  };
  return {
    service,
    account,
    send: async (name, path, body) => {
      const { email, password } = account(name);
      const answer = await raw(service, await signIn(service, email, password), 'post', path, JSON.stringify(body));
      if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
      return answer.body as Record<string, unknown>;
    },
    close: async () => {
      await service.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
