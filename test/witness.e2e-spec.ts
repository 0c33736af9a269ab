/** The witness as its operator runs it: started as a process, stopped, called wrongly, and killed in the middle of its work. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodePrimitives } from '../src/ledger/transparency-log/domain/node-primitives.js';
import { parseVerifierKey, type VerifierKey } from '../src/ledger/transparency-log/domain/signed-note.js';
import { requestCosignature } from '../src/ledger/transparency-log/witness/witness-client.js';
import { chanceFor } from './support/chance.js';
import { DemonstrationLog } from './support/demonstration-log.js';

const KILLS = 25;
const STOP_MS = 10_000;
const command = pathToFileURL(
  join(import.meta.dirname, '..', 'dist', 'ledger', 'transparency-log', 'witness', 'witness-command.js'),
);
const script = `import { runWitness } from ${JSON.stringify(command.href)}; process.exit(await runWitness(process.argv.slice(1)));`;

const log = new DemonstrationLog('log.example');
const fork = new DemonstrationLog('log.example', { history: 'second' });
let dir: string;
let running: ChildProcess | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'witness-'));
});
afterEach(() => {
  running?.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

interface Started {
  child: ChildProcess;
  url: string;
  key: VerifierKey;
}

function run(...args: string[]): ChildProcess {
  running = spawn(process.execPath, ['--input-type=module', '-e', script, '--', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return running;
}

async function start(): Promise<Started> {
  const args = ['--dir', dir, '--name', 'witness.example', '--log', log.signer.vkey, '--listen', '127.0.0.1:0'];
  const child = run(...args);
  const written = { out: '', err: '' };
  child.stderr?.on('data', (chunk: Buffer) => (written.err += chunk.toString()));
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    written.out += chunk.toString();
    const [, url] = /listens on (http:\S+)\n/.exec(written.out) ?? [];
    const [, vkey] = /^(witness\.example\+\S+)\n/m.exec(written.out) ?? [];
    if (url && vkey) return { child, url, key: await parseVerifierKey(vkey, nodePrimitives) };
  }
  throw new Error(`The witness did not start: ${written.err}`);
}

async function ended(child: ChildProcess): Promise<{ code: number | null; err: string }> {
  let err = '';
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdout?.resume();
  const [code] = (await once(child, 'close', { signal: AbortSignal.timeout(STOP_MS) })) as [number | null];
  return { code, err };
}

const ask = ({ url, key }: Started, of: DemonstrationLog, oldSize: number, newSize: number) =>
  requestCosignature({ url, key, note: of.note(newSize), oldSize, proof: of.proof(oldSize, newSize) });

describe('the command', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('ends on %s and lets go of the folder', async (signal) => {
    const { child } = await start();
    expect(existsSync(join(dir, 'witness.lock'))).toBe(true);
    const end = ended(child);
    child.kill(signal);
    expect((await end).code).toBe(0);
    expect(existsSync(join(dir, 'witness.lock'))).toBe(false);
  });

  it.each([
    [[], 'Give --dir, --name and at least one --log.'],
    [['--surprise'], '--surprise'],
    [['--dir', 'D', '--name', 'witness.example', '--log', 'log.example'], 'log.example: A verifier key is'],
    [['--dir', 'D', '--name', 'two words', '--log', log.signer.vkey], 'no spaces'],
    [['--dir', 'D', '--name', 'w', '--log', log.signer.vkey, '--listen', '8381'], '--listen is a host and a port'],
    [['--dir', 'D', '--name', 'w', '--log', log.signer.vkey, '--listen', 'localhost:99999'], '--listen is a host'],
  ])('called with %j says what is wrong', async (args, sentence) => {
    const { code, err } = await ended(run(...args.map((one) => (one === 'D' ? join(dir, 'new') : one))));
    expect([code, err]).toEqual([2, expect.stringContaining(sentence)]);
    expect(existsSync(join(dir, 'new'))).toBe(false);
  });

  it('does not run twice from one folder', async () => {
    const { child } = await start();
    await expect(start()).rejects.toThrow(`already runs from ${dir} (process ${child.pid})`);
    child.kill('SIGKILL');
  });
});

it('killed at any moment, a witness has cosigned one history only, and remembers all of it that it answered', async () => {
  const chance = chanceFor('killing a witness');
  const roots = new Map<number, Set<string>>();
  let known = 4;
  let answered = 0;
  {
    const first = await start();
    expect((await ask(first, log, 0, known)).kind).toBe('cosigned');
    first.child.kill('SIGKILL');
    await once(first.child, 'close');
  }
  for (let round = 0; round < KILLS; round++) {
    const witness = await start();
    const told = await ask(witness, log, 1, 5); // never its size, so it says it
    if (told.kind !== 'conflict') throw new Error(`The witness says ${JSON.stringify(told)}.`);
    expect(told.size).toBeGreaterThanOrEqual(known);
    known = told.size;

    const isDead = once(witness.child, 'close');
    // The kill comes some moment after so many answers, so that a slow machine kills between the same steps as a quick one.
    const answersFirst = answered + (round % 4);
    const growing = (async () => {
      // Both histories at once, each from where this witness says it is.
      for (let size = known, alive = true; alive;) {
        const next = size + chance.integer(1, 8);
        const replies = await Promise.all(
          chance.shuffled([log, fork]).map(async (of) => ({ of, reply: await ask(witness, of, size, next) })),
        );
        for (const { of, reply } of replies) {
          if (reply.kind === 'cosigned') {
            roots.set(next, (roots.get(next) ?? new Set()).add(of.root(next).toString('hex')));
            [size, known] = [next, next];
            answered++;
          }
          if (reply.kind === 'failed' && reply.code === 'unreachable') alive = false;
        }
      }
    })();
    while (answered < answersFirst && witness.child.exitCode === null) await sleep(1);
    await sleep(chance.integer(0, 15));
    witness.child.kill('SIGKILL');
    await Promise.all([growing, isDead]);
  }
  expect(answered).toBeGreaterThan(KILLS);
  const histories = [log, fork].filter((of) =>
    [...roots].every(([size, seen]) => seen.size === 1 && seen.has(of.root(size).toString('hex'))),
  );
  expect(histories).toHaveLength(1);
});
