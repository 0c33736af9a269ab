/** One process at a time in a folder: a file with the id of the one that works there. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export class DirectoryLock {
  private constructor(private readonly file: string) {}

  /** Takes the folder, also over from a process that is gone. Throws when another one works there. */
  static take(dir: string): DirectoryLock {
    const file = join(dir, 'witness.lock');
    const holder = readHolder(file);
    if (holder !== undefined && holder !== process.pid && isRunning(holder)) throw heldBy(holder, dir);
    rmSync(file, { force: true });
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw heldBy(readHolder(file), dir);
      throw error;
    }
    return new DirectoryLock(file);
  }

  /** Throws when another process took the folder, as two can that start at the same moment. */
  check(): void {
    if (readHolder(this.file) !== process.pid) throw new Error(`Another process took ${this.file}.`);
  }

  release(): void {
    if (readHolder(this.file) === process.pid) rmSync(this.file, { force: true });
  }
}

function heldBy(pid: number | undefined, dir: string): Error {
  return new Error(`A witness already runs from ${dir} (process ${pid ?? 'unknown'}). Stop it first.`);
}

function readHolder(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  try {
    // Process ids are used again: on Linux it can be seen whether it is still one of ours.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node');
  } catch {
    return true;
  }
}
