/**
 * Two witnesses for the demonstration, so that its checkpoints carry cosignatures as those of a real programme do. They are the ones that
 * partners run, each with its own folder and key; but they run in this very process, so they prove nothing to an outsider.
 */
import { join } from 'node:path';
import type { Clock } from '../kernel/clock.js';
import type { Secrets } from '../kernel/secrets.js';
import { derivedSigner } from '../ledger/transparency-log/log-signer.js';
import { startWitness, type RunningWitness } from '../ledger/transparency-log/witness/witness-server.js';

/** The page of the log knows them by how they begin. */
const NAMES = ['demonstration-one.invalid', 'demonstration-two.invalid'];

export interface DemoWitnesses {
  witnesses: { vkey: string; url: string }[];
  close(): Promise<void>;
}

export async function startDemoWitnesses(
  dataDir: string,
  secrets: Secrets,
  clock: Clock,
  origin: string | undefined,
): Promise<DemoWitnesses> {
  const { vkey } = derivedSigner(secrets, origin);
  const running: RunningWitness[] = [];
  for (const name of NAMES) {
    running.push(
      await startWitness({
        dir: join(dataDir, 'witnesses', name),
        name,
        logs: [vkey],
        host: '127.0.0.1',
        port: 0,
        now: () => Math.floor(clock.now().getTime() / 1000),
        warn: (sentence) => process.stderr.write(`${sentence}\n`),
      }),
    );
  }
  return {
    witnesses: running.map((witness) => ({ vkey: witness.vkey, url: witness.url })),
    close: async () => {
      for (const witness of running) await witness.close();
    },
  };
}
