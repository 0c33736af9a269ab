/** One poster at work: batch after batch, each sent again with the same ids until it is acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Acknowledgements } from './account-of-acknowledgements.js';
import { startProxy, type CuttingProxy } from './cutting-proxy.js';
import { startPoster, type Poster } from './poster.js';
import type { Episode } from './stories.js';

export interface Line {
  proxy: CuttingProxy;
  /** Batches that were acknowledged. */
  acknowledged(): number;
  /** Batches that were sent again, by what the retry found of them: all of it there, or nothing of it. */
  retried: { wasThere: number; wasNot: number };
  /** How long a batch takes that nothing happens to. */
  usualMs(): number;
  /** Resolves when a batch has just been sent. */
  nextSend(): Promise<void>;
  killPoster(): void;
  /** Finishes the batch under way and sends no more. */
  finish(): Promise<void>;
  /** Sends no more, and does not wait for anything. */
  abandon(): Promise<void>;
}

/** What a fault may end a batch in: a lost process or connection, a server that starts or stops. Anything else is a fault of the ledger. */
const OF_A_FAULT = /^(killed|connection|ECONN\w+|EPIPE|08\w{3}|57P0[1-5])$/;

/** `nextBatch` is asked for what to post; `reach` is the URL with the port of the proxy left for `port` to fill in. */
export async function startLine(options: {
  day: string;
  postgresPort: number;
  reach: (port: number) => string;
  nextBatch: () => Episode[];
  acknowledgements: Acknowledgements;
}): Promise<Line> {
  const proxy = await startProxy();
  proxy.leadTo(options.postgresPort);
  const start = () => startPoster(options.reach(proxy.port), options.day);
  let poster = start();
  let spare: Poster = start(); // so that nobody waits for a process to begin
  let acknowledged = 0;
  let usualMs = 10;
  let isFinishing = false;
  let isAbandoned = false;
  let onSend: (() => void)[] = [];
  const retried = { wasThere: 0, wasNot: 0 };

  const work = async (): Promise<void> => {
    while (!isFinishing) {
      const batch = options.nextBatch();
      const entries = batch.flatMap((episode) => episode.entries);
      options.acknowledgements.sent(batch);
      for (let attempt = 1; ; attempt += 1) {
        const sentMs = performance.now();
        const answered = poster.post(entries);
        for (const tell of onSend) tell();
        onSend = [];
        const answer = await answered;
        if ('results' in answer) {
          options.acknowledgements.heard(entries, answer.results);
          acknowledged += 1;
          if (attempt === 1) usualMs = usualMs * 0.8 + (performance.now() - sentMs) * 0.2;
          else if (answer.results.includes('created')) retried.wasNot += 1;
          else retried.wasThere += 1;
          break;
        }
        if (isAbandoned) return;
        if (!OF_A_FAULT.test(answer.failed)) throw new Error(`a batch ended in ${answer.failed}: ${answer.message}`);
        if (answer.failed !== 'killed') await sleep(5);
      }
    }
  };
  const working = work();
  working.catch(() => undefined); // whoever finishes the line hears of it

  const end = async () => {
    poster.kill();
    spare.kill();
    await proxy.close();
  };

  return {
    proxy,
    acknowledged: () => acknowledged,
    retried,
    usualMs: () => usualMs,
    nextSend: () => Promise.race([working, new Promise<void>((resolve) => onSend.push(resolve))]),
    killPoster: () => {
      const killed = poster;
      poster = spare;
      spare = start();
      killed.kill();
    },
    finish: async () => {
      isFinishing = true;
      await working;
      await end();
    },
    abandon: async () => {
      isAbandoned = isFinishing = true;
      await end();
    },
  };
}
