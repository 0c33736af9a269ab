import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DemonstrationLog } from '../../../../test/support/demonstration-log.js';
import { parseCheckpoint } from '../domain/checkpoint.js';
import { WitnessState, type CosignedCheckpoint } from './witness-state.js';

const NAME = 'witness.example/one';
const log = new DemonstrationLog('log.example');
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'witness-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const cosigned = (state: WitnessState, size: number, of = log): CosignedCheckpoint => ({
  checkpoint: parseCheckpoint(of.text(size)),
  note: of.note(size) + state.cosigner.cosign(of.text(size), 1_700_000_000),
});
async function remembering(...sizes: number[]): Promise<string> {
  const state = await WitnessState.open(dir, NAME);
  for (const size of sizes) await state.remember(cosigned(state, size));
  state.close();
  return state.cosigner.vkey;
}
const path = (file: string) => join(dir, file);

describe('what a witness keeps', () => {
  it('is made on the first start, for its owner only, and found on the next', async () => {
    const vkey = await remembering(5, 7);
    expect(statSync(path('witness-key.pem')).mode & 0o777).toBe(0o600);
    const again = await WitnessState.open(dir, NAME);
    expect(again.cosigner.vkey).toBe(vkey);
    expect(again.last('log.example')?.checkpoint).toEqual(parseCheckpoint(log.text(7)));
    expect(again.last('other.example')).toBeUndefined();
    again.close();
    expect(readdirSync(dir).sort()).toEqual(['checkpoints.json', 'witness-key.pem']);
  });

  it('holds the last checkpoint of each log', async () => {
    const state = await WitnessState.open(dir, NAME);
    const other = new DemonstrationLog('other.example');
    await state.remember(cosigned(state, 5));
    await state.remember(cosigned(state, 9, other));
    state.close();
    const again = await WitnessState.open(dir, NAME);
    expect([again.last('log.example')?.checkpoint.size, again.last('other.example')?.checkpoint.size]).toEqual([5, 9]);
    again.close();
  });

  it('is the last that was written whole, when a write was cut off', async () => {
    await remembering(5);
    writeFileSync(path('checkpoints.json.part'), '{"checkpoints": ["log.exam');
    const state = await WitnessState.open(dir, NAME);
    expect(state.last('log.example')?.checkpoint.size).toBe(5);
    await state.remember(cosigned(state, 6));
    state.close();
  });

  it('is for one process at a time, until that one is gone', async () => {
    const state = await WitnessState.open(dir, NAME);
    const lock = path('witness.lock');
    writeFileSync(lock, String(process.ppid)); // runs, and is not this process
    await expect(WitnessState.open(dir, NAME)).rejects.toThrow(`already runs from ${dir} (process ${process.ppid})`);
    await expect(state.remember(cosigned(state, 5))).rejects.toThrow('Another process took');
    state.close();
    expect(readFileSync(lock, 'utf8')).toBe(String(process.ppid)); // it is the other's
    writeFileSync(lock, '4194304'); // one more than Linux gives
    (await WitnessState.open(dir, NAME)).close();
  });
});

describe('a witness does not begin anew', () => {
  const opening = (name = NAME) => WitnessState.open(dir, name);

  it('when its checkpoints are missing', async () => {
    await remembering();
    rmSync(path('checkpoints.json'));
    await expect(opening()).rejects.toThrow('checkpoints.json is missing');
  });

  it('when its key is missing, unless it has cosigned nothing', async () => {
    await remembering();
    rmSync(path('witness-key.pem'));
    await remembering(5);
    rmSync(path('witness-key.pem'));
    await expect(opening()).rejects.toThrow('witness-key.pem is missing');
  });

  it('when its key is damaged', async () => {
    await remembering(5);
    writeFileSync(path('witness-key.pem'), '-----BEGIN PRIVATE KEY-----\n');
    await expect(opening()).rejects.toThrow('witness-key.pem is damaged');
  });

  it('when any character of its checkpoints was changed', async () => {
    await remembering(5);
    const content = readFileSync(path('checkpoints.json'), 'utf8');
    const spaces = /^\s$/; // those around the note mean nothing
    for (let at = 0; at < content.length; at++) {
      const character = content[at] as string;
      if (spaces.test(character)) continue;
      writeFileSync(
        path('checkpoints.json'),
        content.slice(0, at) + (character === '7' ? '8' : '7') + content.slice(at + 1),
      );
      const state = await opening().catch((error: Error) => error);
      if (state instanceof Error) expect(state.message).toContain('checkpoints.json is damaged');
      // The log's own signature is kept for others; the witness's covers what it goes by.
      else expect([at, state.last('log.example')?.checkpoint.size, state.close()]).toEqual([at, 5, undefined]);
    }
  });

  it.each(['', '{}', '[]', 'null', '{"checkpoints": [1]}', '{"checkpoints": ["log.example\\n5\\n"]}'])(
    'when its checkpoints are %j',
    async (content) => {
      await remembering(5);
      writeFileSync(path('checkpoints.json'), content);
      await expect(opening()).rejects.toThrow('checkpoints.json is damaged');
      expect(existsSync(path('witness.lock'))).toBe(false);
    },
  );

  it('when its checkpoints tell two sizes of one log', async () => {
    const state = await WitnessState.open(dir, NAME);
    const notes = [cosigned(state, 7), cosigned(state, 5)].map(({ note }) => note);
    state.close();
    writeFileSync(path('checkpoints.json'), JSON.stringify({ checkpoints: notes }));
    await expect(opening()).rejects.toThrow('checkpoints.json is damaged');
  });

  it('when it is given another name', async () => {
    await remembering(5);
    await expect(opening('witness.example/two')).rejects.toThrow('was the witness given another name or key?');
  });
});
