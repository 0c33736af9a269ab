/** `uct witness`: runs a witness of one or more logs until it is stopped. */
import { parseArgs } from 'node:util';
import { Clock } from '../../../kernel/clock.js';
import { NoteError } from '../domain/signed-note.js';
import { startWitness, type RunningWitness } from './witness-server.js';

export const WITNESS_USAGE = 'witness --dir FOLDER --name NAME --log VKEY [--log VKEY] [--listen HOST:PORT]';
const LISTEN = '127.0.0.1:8381';

interface WitnessArguments {
  dir: string;
  name: string;
  logs: string[];
  host: string;
  port: number;
}

/** Returns the exit code: 0 when it was stopped, 1 when it could not start, 2 when it was called wrongly. */
export async function runWitness(args: string[]): Promise<number> {
  const read = readArguments(args);
  if (typeof read === 'string') {
    process.stderr.write(`${read}\nUse: uct ${WITNESS_USAGE}\n`);
    return 2;
  }
  const clock = new Clock();
  const now = () => Math.floor(clock.now().getTime() / 1000);
  const warn = (sentence: string) => process.stderr.write(`${clock.now().toISOString()} ${sentence}\n`);
  // Listened for from the start, so that a Ctrl-C meanwhile does not leave the folder locked.
  const stopped = asked();
  let witness: RunningWitness;
  try {
    witness = await startWitness({ ...read, now, warn });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof NoteError ? 2 : 1; // a name or a key that is none was given wrongly
  }
  process.stdout.write(
    `The witness ${read.name} listens on ${witness.url}\n` +
      `Give the operator of the log the address under which it can be reached from there, and this key:\n${witness.vkey}\n`,
  );
  await stopped;
  await witness.close();
  return 0;
}

/** The arguments, or the sentence that says what is wrong with them. */
function readArguments(args: string[]): WitnessArguments | string {
  try {
    const { values } = parseArgs({
      args,
      options: {
        dir: { type: 'string' },
        name: { type: 'string' },
        log: { type: 'string', multiple: true },
        listen: { type: 'string', default: LISTEN },
      },
    });
    const { dir, name, log: logs, listen } = values;
    if (!dir || !name || !logs) return 'Give --dir, --name and at least one --log.';
    const [, host, port] = /^(\[[^[\]]+\]|[^:]+):(\d{1,5})$/.exec(listen) ?? [];
    if (host === undefined || Number(port) > 65_535) return '--listen is a host and a port, such as 127.0.0.1:8381.';
    return { dir, name, logs, host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function asked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
