/** Stops the PostgreSQL of a folder when the process that started it died without stopping it. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './child.mjs';

const STOP_LIMIT_MS = 25_000;

/** Answers whether no server runs on that folder any more. */
export async function stopLeftBehindPostgres(dataDir) {
  const pidFile = join(dataDir, 'postmaster.pid');
  if (!existsSync(pidFile)) return true;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n', 1)[0]);
  const places = [dataDir, realpathSync(dataDir)];
  // The id may belong to another program by now.
  const runs = () => isAlive(pid) && places.some((place) => commandOf(pid).includes(place));
  if (runs()) process.kill(pid, 'SIGINT');
  for (const startedMs = performance.now(); runs() && performance.now() - startedMs < STOP_LIMIT_MS;) await sleep(100);
  return !runs();
}

/** The command line of a process, empty when there is none. */
export function commandOf(pid) {
  const file = `/proc/${pid}/cmdline`;
  if (existsSync('/proc/self/cmdline')) return existsSync(file) ? readFileSync(file, 'utf8') : '';
  return spawnSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
}
