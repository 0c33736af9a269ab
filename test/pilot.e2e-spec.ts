/** The whole product as a person starts it: the rebuilt pilot in a process of its own, killed in the middle, and what it must show. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeCluster } from '../src/kernel/database/embedded-postgres.js';
import { sql } from './support/database.js';

const START_LIMIT_MS = 600_000;

interface Runtime {
  url: string;
  databaseUrl: string;
  pid: number;
}

interface Transfer {
  client: string;
  dueOn: string;
  settledOn: string | null;
  state: string;
  amount: string;
  country: string;
  attempts: { state: string }[];
}

const dataDir = mkdtempSync(join(tmpdir(), 'uct-pilot-'));
chmodSync(dataDir, 0o711);
const table = JSON.parse(readFileSync('config/pilot-table1.json', 'utf8')) as {
  cohorts: Record<string, number>;
  rows: { kind: string; code: string; percent: Record<string, number>; count: Record<string, number> }[];
};

let service: ChildProcess;
let output = '';
let occupied: Server | undefined;

function start(port: number): ChildProcess {
  const started = spawn(process.execPath, ['dist/main.js'], {
    env: { PATH: process.env.PATH, UCT_DATA_DIR: dataDir, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [started.stdout, started.stderr])
    stream?.on('data', (text: Buffer) => (output += text.toString()));
  return started;
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + START_LIMIT_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline)
      throw new Error(`${what} did not come; the service said:\n${output.slice(-2000)}`);
    await sleep(100);
  }
}

const ended = (child: ChildProcess) => until('the end', () => child.exitCode !== null || child.signalCode !== null);
const readJson = <T>(file: string) => JSON.parse(readFileSync(join(dataDir, file), 'utf8')) as T;
const rebuiltThrough = () =>
  existsSync(join(dataDir, 'demonstration.json')) ? (readJson<{ day: string }>('demonstration.json').day ?? '') : '';
const isReady = async () => {
  if (!existsSync(join(dataDir, 'runtime.json'))) return false;
  const answer = await fetch(`${readJson<Runtime>('runtime.json').url}/health/ready`).catch(() => undefined);
  return answer?.status === 200;
};

async function signIn(role: string): Promise<(path: string) => Promise<Record<string, unknown>>> {
  const { url } = readJson<Runtime>('runtime.json');
  const account = readJson<{ email: string; password: string; role: string }[]>('demo-accounts.json').find(
    (one) => one.role === role,
  );
  const answer = await fetch(`${url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: account?.email, password: account?.password }),
  });
  const { token } = (await answer.json()) as { token: string };
  return async (path) =>
    (await (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })).json()) as Record<
      string,
      unknown
    >;
}

async function allTransfers(): Promise<Transfer[]> {
  const get = await signIn('auditor');
  const items: Transfer[] = [];
  let next: string | null = '';
  while (next !== null) {
    const page = (await get(`/api/v1/transfers?limit=100${next ? `&after=${next}` : ''}`)) as {
      items: Transfer[];
      next: string | null;
    };
    items.push(...page.items);
    next = page.next;
  }
  return items;
}

async function uct(...args: string[]): Promise<{ code: number | null; stdout: string }> {
  const child = spawn(process.execPath, ['dist/cli.js', ...args], {
    env: { PATH: process.env.PATH, UCT_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  await ended(child);
  return { code: child.exitCode, stdout };
}

const monthNumber = (day: string) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
const areConsecutive = (days: string[]) => {
  const months = days.map(monthNumber).sort((a, b) => a - b);
  return months.length === 3 && months.every((month, index) => month === (months[0] ?? 0) + index);
};

describe('the rebuilt pilot', () => {
  const port = 20_000 + (process.pid % 20_000);

  beforeAll(async () => {
    // The port is taken, so that the service has to find the next free one.
    occupied = createServer().listen(port, '127.0.0.1');
    service = start(port);
    await until('the rebuild', () => rebuiltThrough() > '2015-07-20');
    expect(await isReady()).toBe(false);
    service.kill('SIGKILL');
    await ended(service);

    // Its database runs on without it; the next start finds and stops it, and goes on where the rebuild was.
    service = start(port);
    await until('more of the rebuild', () => rebuiltThrough() > '2015-11-10');
    const postmaster = Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(postmaster, 'SIGKILL');
    await ended(service);
    expect(service.exitCode).toBe(1);

    service = start(port);
    await until('readiness', isReady);
  }, START_LIMIT_MS);

  afterAll(async () => {
    occupied?.close();
    service.kill('SIGKILL');
    await ended(service);
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
    if (existsSync(pidFile)) {
      process.kill(Number(readFileSync(pidFile, 'utf8').split('\n')[0]), 'SIGQUIT');
      await until('the end of the database', () => !existsSync(pidFile));
    }
    removeCluster(join(dataDir, 'postgres'));
    rmSync(dataDir, { recursive: true, force: true });
  }, 60_000);

  it('gives every cell of the published table', async () => {
    const get = await signIn('caseworker');
    for (const [cohort, n] of Object.entries(table.cohorts)) {
      const answer = await get(`/api/v1/needs/priorities${cohort === 'all' ? '' : `?cohort=${cohort}`}`);
      const rows = answer.rows as { kind: string; code: string; n: number; count: number; percent: number }[];
      expect(rows).toHaveLength(table.rows.length);
      for (const wanted of table.rows) {
        const row = rows.find((candidate) => candidate.kind === wanted.kind && candidate.code === wanted.code);
        // 42 % of 54 is the rounding of no whole number of clients: the paper's one cell that cannot be had.
        const isMisprint = cohort === 'benjina' && wanted.kind === 'any' && wanted.code === 'basic';
        expect({ cohort, code: wanted.code, ...row }).toMatchObject({
          n,
          count: wanted.count[cohort],
          percent: isMisprint ? 43 : wanted.percent[cohort],
        });
      }
    }
  });

  it('has paid 117 clients exactly three times, in three consecutive months, at the decided amounts', async () => {
    const transfers = await allTransfers();
    expect(transfers).toHaveLength(351);
    expect(transfers.every((transfer) => transfer.state === 'settled')).toBe(true);
    const byClient = groupByClient(transfers);
    expect(byClient.size).toBe(117);
    for (const own of byClient.values()) {
      expect(areConsecutive(own.map((transfer) => transfer.dueOn))).toBe(true);
      expect(areConsecutive(own.map((transfer) => transfer.settledOn ?? ''))).toBe(true);
    }
    const amounts: Record<string, string> = { TH: '9000.00', MM: '4707.00', LA: '3360.00' };
    for (const transfer of transfers) expect(transfer.amount).toBe(amounts[transfer.country]);
  });

  it('has seen payments fail, come back, be reversed and stay unknown until resolved', async () => {
    const { databaseUrl } = readJson<Runtime>('runtime.json');
    const kinds = await sql<{ kind: string }>(databaseUrl, 'select distinct kind from payments.evidence order by kind');
    expect(kinds.map((row) => row.kind)).toEqual([
      'accepted',
      'failed',
      'resolved-not-paid',
      'resolved-paid',
      'returned',
      'reversed',
      'settled',
      'silence',
    ]);
    const holds = await sql(databaseUrl, "select 1 from access.audit_event where act = 'transfer.hold'");
    expect(holds.length).toBeGreaterThan(0);
    const dead = (await allTransfers())
      .flatMap((transfer) => transfer.attempts)
      .filter((attempt) => attempt.state !== 'settled');
    expect(new Set(dead.map((attempt) => attempt.state))).toEqual(new Set(['failed', 'returned', 'reversed']));
  });

  it('balances, as its own command says', async () => {
    const balance = await uct('trial-balance', '--json');
    expect(balance.code).toBe(0);
    const { currencies } = JSON.parse(balance.stdout) as { currencies: { currency: string; difference: string }[] };
    expect(currencies).toEqual([expect.objectContaining({ currency: 'THB', difference: '0.00' })]);
    expect((await uct('self-check')).code).toBe(0);
  });

  it('never lets one person sign a run twice, and the schedule only prepares', async () => {
    const { databaseUrl } = readJson<Runtime>('runtime.json');
    const faults = await sql(
      databaseUrl,
      `select run_id from payments.run_signature where act <> 'send-back' group by run_id
       having count(distinct user_id) <> count(*) or not array['prepare', 'approve', 'release'] <@ array_agg(act)`,
    );
    expect(faults).toEqual([]);
  });

  it('makes a report for each fund and each quarter in which its money moved', async () => {
    const { items } = (await (
      await signIn('auditor')
    )('/api/v1/donor-reports')) as { items: { period: string; statement: { paidToDate: string } }[] };
    expect(items.map((report) => report.period).sort()).toEqual(
      ['2015-Q2', '2015-Q3', '2015-Q4', '2016-Q1', '2016-Q2'].flatMap((period) => [period, period, period]),
    );
    const paid = items.filter((report) => report.period === '2016-Q2').map((report) => report.statement.paidToDate);
    expect(paid.sort()).toEqual(['1072215.00', '558288.00', '848934.00']);
  });

  it('gives the database role of the service no right to change an entry', async () => {
    const { databaseUrl } = readJson<Runtime>('runtime.json');
    for (const statement of [
      'update ledger.entry set amount_minor = 1',
      'delete from ledger.entry',
      'truncate ledger.entry',
    ]) {
      await expect(sql(databaseUrl, statement)).rejects.toThrow(/permission denied/);
    }
  });

  it('stops cleanly when asked, finds its data again and changes nothing', async () => {
    const before = await allTransfers();
    service.kill('SIGINT');
    await ended(service);
    expect(service.exitCode).toBe(0);
    expect(existsSync(join(dataDir, 'runtime.json'))).toBe(false);
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
    service = start(port);
    await until('readiness', isReady);
    expect(await allTransfers()).toEqual(before);
  }, 120_000);

  it('refuses to be started twice on the same data', async () => {
    const second = start(port);
    await ended(second);
    expect(second.exitCode).toBe(1);
    expect(output).toContain('already runs from this folder');
    expect(await isReady()).toBe(true);
  }, 60_000);
});

function groupByClient(transfers: Transfer[]): Map<string, Transfer[]> {
  const groups = new Map<string, Transfer[]>();
  for (const transfer of transfers) groups.set(transfer.client, [...(groups.get(transfer.client) ?? []), transfer]);
  return groups;
}
