/** The poster as seen from the test: a child process that can be sent a batch and killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { EntryInput, PostResult } from '../../../src/ledger/domain/entry.js';

/** Acknowledged; or failed with a code of PostgreSQL or of the network; or the process was gone before it answered. */
export type Answer = { results: PostResult[] } | { failed: string; message: string };

export interface Poster {
  post(entries: readonly EntryInput[]): Promise<Answer>;
  kill(): void;
}

const PROGRAM = fileURLToPath(new URL('posting-process.mjs', import.meta.url));

export function startPoster(url: string, day: string): Poster {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, url, day], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, (answer: Answer) => void>();
  let sent = 0;
  let isGone = false;
  const gone = () => {
    isGone = true;
    for (const answer of waiting.values()) answer({ failed: 'killed', message: 'the poster is gone' });
    waiting.clear();
  };
  child.once('exit', gone);
  child.stdin?.on('error', () => undefined); // it was killed while it was being written to
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    const { batch, ...answer } = JSON.parse(line) as { batch: number } & Answer;
    waiting.get(batch)?.(answer);
    waiting.delete(batch);
  });
  return {
    post: (entries) =>
      new Promise((resolve) => {
        if (isGone) {
          resolve({ failed: 'killed', message: 'the poster is gone' });
          return;
        }
        sent += 1;
        waiting.set(sent, resolve);
        const text = JSON.stringify({ batch: sent, entries }, (_, value: unknown) =>
          typeof value === 'bigint' ? value.toString() : value,
        );
        child.stdin?.write(`${text}\n`);
      }),
    kill: () => void child.kill('SIGKILL'),
  };
}
