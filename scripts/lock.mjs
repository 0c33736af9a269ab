/** Lets one process at a time do a piece of work in this folder; a lock whose holder died holds nobody up. */
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './child.mjs';

const HEARTBEAT_MS = 5_000;
/** A process id may have been given to another program since; a holder that lives also keeps the file's time fresh. */
const STALE_AFTER_MS = 60_000;

/** Runs `work` while holding `file`; `onWait` is called once when another process holds it. Answers what `work` answers. */
export async function withLock(file, work, onWait = () => undefined) {
  for (let failures = 0; !take(file);) {
    failures += 1;
    if (failures === 1) continue; // the first failure may only have removed what a dead process left
    if (failures === 2) onWait();
    await sleep(200);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    if (isMine(file)) utimesSync(file, now, now);
  }, HEARTBEAT_MS);
  const release = () => isMine(file) && rmSync(file);
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.off('exit', release);
    release();
  }
}

function take(file) {
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, file); // takes its place in one step with its content, or fails because another is there
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    removeWhenStale(file);
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

function removeWhenStale(file) {
  const holder = holderOf(file);
  if (!holder || (isAlive(holder.pid) && Date.now() - holder.seenMs < STALE_AFTER_MS)) return;
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch {
    return; // another process was quicker
  }
  try {
    // Between the look and the move another process may have taken the lock anew: then it gets it back.
    if (holderOf(aside)?.pid !== holder.pid) linkSync(aside, file);
  } catch {
    // A third one holds it by now.
  } finally {
    rmSync(aside, { force: true });
  }
}

/** A machine that slept for long may have lost it to another process meanwhile. */
function isMine(file) {
  return holderOf(file)?.pid === process.pid;
}

function holderOf(file) {
  try {
    return { pid: Number(readFileSync(file, 'utf8')), seenMs: statSync(file).mtimeMs };
  } catch {
    return undefined;
  }
}
