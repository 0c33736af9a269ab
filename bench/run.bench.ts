/**
 * A run of 8,192 and of 131,072 transfers through the real service: prepare, approve, release until every transfer is instructed.
 * Wanted: time grows at most 1.1 times as fast as the number of transfers, and the service stays under 512 MB.
 * `npm run bench:run [-- repeats]`
 */
import 'reflect-metadata';
import { UsersService } from '../src/access/users.service.js';
import { operatorActor, type Actor, type Role } from '../src/access/domain/actor.js';
import { Clock } from '../src/kernel/clock.js';
import { Ids } from '../src/kernel/ids.js';
import { FundsService } from '../src/funds/funds.service.js';
import { GrantsService } from '../src/funds/grants.service.js';
import { createService } from '../src/service.js';
import { InstructionsService } from '../src/transfers/instructions.service.js';
import { ReleasesService } from '../src/transfers/releases.service.js';
import { RunsService } from '../src/transfers/runs.service.js';
import { benchDatabase } from './bench-database.js';
import { DUE_THROUGH, seedClients, seedDueTransfers } from './due-transfers.js';
import { figure, median, progress, seconds } from './measured.js';

const SMALL = 8_192;
const LARGE = 131_072;
const GROWTH_ALLOWED = 1.1;
const MEMORY_ALLOWED_MB = 512;
/** What a peer, 121-platform, was measured to need for creating 8,192 payments on two cores; not run here. */
const PEER_SECONDS = 12;
const repeats = Number(process.argv[2] ?? '3');

interface Phases {
  prepare: number;
  approve: number;
  release: number;
  total: number;
}

const small: Phases[] = [];
const large: Phases[] = [];
await runOf(1_024); // warms the code
for (let k = 0; k < repeats; k++) {
  small.push(await runOf(SMALL));
  large.push(await runOf(LARGE));
}
const at = (phases: Phases[], phase: keyof Phases) => median(phases.map((one) => one[phase]));
for (const phase of ['prepare', 'approve', 'release', 'total'] as const) {
  figure(`${phase}: growth from ${SMALL} to ${LARGE} transfers against linear`, {
    ratio: at(large, phase) / at(small, phase) / (LARGE / SMALL),
    ...(phase === 'total' ? { wantedAtMost: GROWTH_ALLOWED } : {}),
    [`seconds${SMALL}`]: at(small, phase),
    [`seconds${LARGE}`]: at(large, phase),
  });
}
figure(`preparing ${SMALL} against a peer's 12 s for creating as many payments (measured elsewhere)`, {
  ratio: PEER_SECONDS / at(small, 'prepare'),
  wantedAtLeast: 20,
});
figure('memory of the service', {
  peakMegabytes: process.resourceUsage().maxRSS / 1024,
  wantedAtMost: MEMORY_ALLOWED_MB,
});
process.exit(0);

async function runOf(count: number): Promise<Phases> {
  const db = await benchDatabase();
  const clock = new Clock();
  const app = await createService(
    {
      databaseUrl: db.url,
      queue: { on: 'postgres', url: db.url },
      masterKey: Buffer.alloc(32, 1),
      clock,
      timeZone: 'Asia/Bangkok',
      worksOnJobs: false,
    },
    { quiet: true },
  );
  try {
    const ids = new Ids(clock);
    const operator = operatorActor('bench');
    const fundId = ids.newId();
    await app.get(FundsService).open(operator, {
      id: fundId,
      donor: 'bench',
      code: 'bench',
      name: 'bench',
      currency: 'THB',
      decidedLabel: 'pilot-2015',
    });
    await app.get(GrantsService).receive(operator, fundId, {
      id: ids.newId(),
      amount: '5000000000.00',
      currency: 'THB',
      receivedOn: '2026-01-05',
      reference: 'bench',
    });
    const preparer = await staff('finance-preparer');
    const approver = await staff('finance-approver');
    const releaser = await staff('finance-releaser');
    // Identity plays no part here.
    await seedClients(db.admin, count, preparer.userId);
    await seedDueTransfers(db.admin, { caseworker: preparer.userId, fund: fundId, rail: 'cash' });

    const runs = app.get(RunsService);
    const runId = ids.newId();
    let digest = '';
    const prepare = await seconds(async () => {
      digest = (await runs.prepare(preparer, { id: runId, dueThrough: DUE_THROUGH })).run.digest;
    });
    const approve = await seconds(() => runs.approve(approver, runId, digest));
    const release = await seconds(async () => {
      await app.get(ReleasesService).release(releaser, runId, digest);
      await app.get(InstructionsService).instruct(operatorActor('bench'), runId); // what the background job does for a large run
    });
    const { progress: states } = await runs.find(preparer, runId);
    if (states.instructed !== count) throw new Error(`not every transfer was instructed: ${JSON.stringify(states)}`);
    progress(
      `${count}: prepare ${prepare.toFixed(2)} s, approve ${approve.toFixed(2)} s, release ${release.toFixed(2)} s`,
    );
    return { prepare, approve, release, total: prepare + approve + release };

    async function staff(role: Role): Promise<Actor> {
      const users = app.get(UsersService);
      const id = await users.create(operator, {
        email: `${role}@bench.example`,
        displayName: role,
        password: 'a password for a benchmark',
        roles: [role],
      });
      const actor = await users.actorOf(id, 'bench');
      if (!actor) throw new Error('a user just made is not there');
      return actor;
    }
  } finally {
    await app.close();
    await db.close();
  }
}
