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
import { figure, median, progress, seconds } from './measured.js';

const SMALL = 8_192;
const LARGE = 131_072;
const GROWTH_ALLOWED = 1.1;
const MEMORY_ALLOWED_MB = 512;
/** What a peer, 121-platform, was measured to need for creating 8,192 payments on two cores; not run here. */
const PEER_SECONDS = 12;
const repeats = Number(process.argv[2] ?? '3');

/** Clients, consents, enrolments and first instalments, all due, one statement after the other as triggers ask for it. Identity plays no part here. */
const seedOf = (count: number, caseworker: string, fund: string) => [
  `create temporary table made as select uuidv7() client_id, uuidv7() enrolment_id, n from generate_series(1, ${count}) n`,
  `insert into casework.client (id, code, cohort, case_group, country, age_band, guardian_on_record, caseworker_id, registered_at, content_sha256)
   select client_id, 'C-' || translate(upper(lpad(to_hex(n), 8, '0')), 'ILOU', '1100'), 'bench', 'bench', 'TH', 'adult', false, '${caseworker}', now(), sha256('')
   from made`,
  ...['hold-data', 'be-paid'].map(
    (purpose) => `
      insert into casework.consent (id, client_id, purpose, given, language, recorded_on, recorded_by, recorded_at)
      select uuidv7(), client_id, '${purpose}', true, 'th', '2026-01-01', '${caseworker}', now() from made`,
  ),
  `insert into payments.enrolment (id, client_id, fund_id, country, time_zone, anchor_on, rail, payee_ref, currency, amount_minor, decided_amount_id,
                                   derivation, proposed_by, proposed_at, content_sha256)
   select enrolment_id, client_id, '${fund}', 'TH', 'Asia/Bangkok', '2026-01-15', 'cash', 'identity/1', 'THB', 900000,
          (select min(id) from payments.decided_amount), '{}', '${caseworker}', now(), sha256('') from made`,
  `insert into payments.obligation (id, enrolment_id, client_id, instalment, fund_id, country, due_on, currency, amount_minor, state)
   select uuidv7(), enrolment_id, client_id, 1, '${fund}', 'TH', '2026-01-15', 'THB', 900000, 'scheduled' from made`,
  'drop table made',
];

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
    for (const statement of seedOf(count, preparer.userId, fundId)) await db.admin.query(statement);
    for (const table of ['casework.client', 'casework.consent', 'payments.enrolment', 'payments.obligation'])
      await db.admin.query(`analyze ${table}`);

    const runs = app.get(RunsService);
    const runId = ids.newId();
    let digest = '';
    const prepare = await seconds(async () => {
      digest = (await runs.prepare(preparer, { id: runId, dueThrough: '2026-01-31' })).run.digest;
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
