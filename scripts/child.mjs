/** Runs another program to its end, so that a signal to stop reaches it once, however it was sent. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Ends a script with a sentence for a person and an exit code, without a stack. */
export class Refusal extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs a script's body; a refusal becomes its sentence on stderr and its exit code. */
export async function script(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.message) console.error(error.message);
    process.exitCode = error.exitCode;
  }
}

/** What a shell reports for a process that a signal ended. */
export function exitCodeOf(signal) {
  return 128 + constants.signals[signal];
}

/**
 * Runs a command to its end and answers `{ code, signal, asked }`: its exit code (128 + n after a signal), the signal that ended it, and
 * the signal to stop that came meanwhile. Only the first such signal is passed on: npm repeats the one that a terminal already sent.
 * `stopWithinMs`: a command that was asked to stop and is still there after so long is killed. `onStart` is given the child process.
 */
export function runChild(command, args, { stopWithinMs, onStart, ...options } = {}) {
  return new Promise((resolve, reject) => {
    let child;
    let asked;
    let impatience;
    const passOn = (signal) => {
      if (asked) return;
      asked = signal;
      child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
      if (stopWithinMs) impatience = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
    };
    const release = () => {
      clearTimeout(impatience);
      for (const signal of STOP_SIGNALS) process.off(signal, passOn);
    };
    for (const signal of STOP_SIGNALS) process.on(signal, passOn); // before the start: no moment in which a signal is lost
    child = spawn(command, args, { cwd: projectRoot, ...options });
    child.once('error', (error) => {
      release();
      reject(error);
    });
    child.once('close', (code, signal) => {
      release();
      resolve({ code: code ?? exitCodeOf(signal), signal, asked });
    });
    onStart?.(child);
  });
}

/** Whether a process with this id runs, ours or another user's. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
