/**
 * The transparency log: hashing and appending leaves; verifying the whole ledger against COPY of the same rows out; making a proof.
 * Wanted: 80,000 leaves a second of CPU; verification in at most 3 times COPY; a proof of at most 20 hashes in under 1 ms of CPU.
 * `npm run bench:log [-- entries [rounds]]`
 */
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { to as copyTo } from 'pg-copy-streams';
import { scheduleActor } from '../src/access/domain/actor.js';
import { Clock } from '../src/kernel/clock.js';
import { Frontier } from '../src/ledger/transparency-log/domain/frontier.js';
import { leafHashInto } from '../src/ledger/transparency-log/domain/merkle-hash.js';
import { SequencerService } from '../src/ledger/transparency-log/sequencer.service.js';
import { inclusionProof } from '../src/ledger/transparency-log/domain/merkle-proof.js';
import { TileNodes, tilesForInclusion } from '../src/ledger/transparency-log/domain/tile-nodes.js';
import { readTiles } from '../src/ledger/transparency-log/tile-store.js';
import { VerificationService } from '../src/ledger/verification/verification.service.js';
import { createService } from '../src/service.js';
import { benchDatabase, type BenchDatabase } from './bench-database.js';
import { figure, median, progress, seconds } from './measured.js';

const entries = Number(process.argv[2] ?? '1000000');
const rounds = Number(process.argv[3] ?? '3');
const LEAVES = 500_000;
const PROOFS = 200;

hashing();
const db = await benchDatabase();
const app = await createService(
  {
    databaseUrl: db.url,
    queue: { on: 'postgres', url: db.url },
    masterKey: Buffer.alloc(32, 1),
    clock: new Clock(),
    timeZone: 'Asia/Bangkok',
    worksOnJobs: false,
  },
  { quiet: true },
);
try {
  await fill(db, entries);
  progress(`${entries} entries are there`);
  const publishSeconds = await seconds(() => app.get(SequencerService).publishDue(scheduleActor('bench')));
  figure('logging entries', { entriesPerSecond: entries / publishSeconds, seconds: publishSeconds });
  await db.admin.query('vacuum analyze ledger.entry, ledger.leaf, ledger.leaf_salt, ledger.tile');
  const ratios: number[] = [];
  const [verifying, copying]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const copySeconds = await seconds(() => copyOut(db));
    const verifySeconds = await seconds(async () => {
      const findings = await app.get(VerificationService).run(scheduleActor('bench'));
      if (!findings.holds) throw new Error(`it does not verify: ${JSON.stringify(findings.findings)}`);
    });
    if (round === 0) continue; // warms caches and code
    ratios.push(verifySeconds / copySeconds);
    verifying.push(verifySeconds);
    copying.push(copySeconds);
    progress(`round ${round}: verify ${verifySeconds.toFixed(2)} s, COPY ${copySeconds.toFixed(2)} s`);
  }
  figure(`verifying ${entries} entries against COPY of the same rows out`, {
    ratio: median(ratios),
    wantedAtMost: 3,
    secondsVerify: median(verifying),
    secondsCopy: median(copying),
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  });
  await proofs(db);
} finally {
  await app.close();
  await db.close();
}

function hashing(): void {
  const data = randomBytes(97);
  const frontier = Frontier.empty();
  const hash = Buffer.alloc(32);
  const before = process.cpuUsage();
  for (let k = 0; k < LEAVES; k++) {
    data.writeUInt32BE(k, 1);
    leafHashInto(data, hash, 0);
    frontier.append(hash);
  }
  frontier.root();
  const { user, system } = process.cpuUsage(before);
  figure('hashing and appending leaves', {
    leavesPerCpuSecond: LEAVES / ((user + system) / 1e6),
    wantedAtLeast: 80_000,
  });
}

async function proofs({ service }: BenchDatabase): Promise<void> {
  const [end] = await service.query<{ size: string }[]>('select max(size)::text size from ledger.checkpoint');
  const size = Number(end?.size);
  let [cpu, most] = [0, 0];
  for (let k = 0; k < PROOFS; k++) {
    const index = Math.floor((size * k) / PROOFS);
    const nodes = new TileNodes(await readTiles(service.manager, tilesForInclusion(index, size)));
    const before = process.cpuUsage();
    most = Math.max(most, inclusionProof(nodes, index, size).length);
    const { user, system } = process.cpuUsage(before);
    cpu += (user + system) / 1000;
  }
  figure(`an inclusion proof among ${size} leaves`, { cpuMilliseconds: cpu / PROOFS, wantedAtMost: 1, hashes: most });
}

/** What the verification reads. */
async function copyOut({ admin }: BenchDatabase): Promise<void> {
  for (const table of ['entry', 'leaf', 'leaf_salt', 'tile']) {
    const stream = admin.query(copyTo(`copy ledger.${table} to stdout`));
    for await (const chunk of stream) void chunk;
  }
}

/** Server-side, past the posting function, with the balances that follow. */
async function fill({ admin }: BenchDatabase, count: number): Promise<void> {
  await admin.query(`
    insert into ledger.currency values ('THB', 2, 100) on conflict do nothing;
    insert into payments.donor values ('00000000-0000-7000-8000-0000000000d0', 'bench', now());
    insert into payments.fund (id, donor_id, code, name, currency, opened_at)
    values ('00000000-0000-7000-8000-0000000000f0', '00000000-0000-7000-8000-0000000000d0', 'bench', 'bench', 'THB', now());
    select ledger.open_account('00000000-0000-7000-8000-0000000000f0', 'THB', k, r)
    from (values ('bank', ''), ('fund', ''), ('committed', ''), ('paid', ''), ('returned', ''), ('exchange', ''), ('clearing', 'cash')) a(k, r);`);
  const account = (kind: string) => `(select id from ledger.account where kind = '${kind}')`;
  await admin.query(
    `insert into ledger.entry (id, debit_id, credit_id, currency, amount_minor, phase, kind, source_id, obligation_id, rail, happened_on,
                               evidence_sha256, booked_on, recorded_at)
     select gen_random_uuid(), case n % 2 when 0 then ${account('clearing')} else ${account('paid')} end,
            case n % 2 when 0 then ${account('bank')} else ${account('clearing')} end, 'THB', 900000, 'single',
            case n % 2 when 0 then 'instruct' else 'settle' end, gen_random_uuid(), gen_random_uuid(), 'cash', current_date,
            case n % 2 when 1 then sha256(n::text::bytea) end, current_date, now()
     from generate_series(0, $1::int - 1) n`,
    [count],
  );
  await admin.query(`
    update ledger.balance b set debits_posted = f.debits_posted, credits_posted = f.credits_posted
    from ledger.folded_balance f where f.account_id = b.account_id;`);
}
