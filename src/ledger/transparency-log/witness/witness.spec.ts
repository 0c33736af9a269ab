import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DemonstrationLog } from '../../../../test/support/demonstration-log.js';
import { formatCheckpoint } from '../domain/checkpoint.js';
import { EMPTY_ROOT } from '../domain/merkle-hash.js';
import { nodePrimitives } from '../domain/node-primitives.js';
import { Cosigner, Ed25519Signer, privateKeyFromSeed } from '../domain/note-signer.js';
import { parseNote, verifyNote } from '../domain/signed-note.js';
import { WitnessState } from './witness-state.js';
import { Witness } from './witness.js';

const NOW = 1_700_000_000;
const log = new DemonstrationLog('log.example');
const fork = new DemonstrationLog('log.example', { history: 'second' });
const other = new DemonstrationLog('other.example');
let dir: string;
let state: WitnessState;
let witness: Witness;
let warnings: string[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'witness-'));
  state = await WitnessState.open(dir, 'witness.example');
  warnings = [];
  const logs = [log.signer.key, other.signer.key];
  witness = new Witness({ state, logs, now: () => NOW, warn: (sentence) => warnings.push(sentence) });
});
afterEach(() => {
  state.close();
  rmSync(dir, { recursive: true, force: true });
});

const ask = (of: DemonstrationLog, oldSize: number, newSize: number) =>
  witness.addCheckpoint(of.request(oldSize, newSize));
const sizeAnswer = (size: number) => ({ status: 409, contentType: 'text/x.tlog.size', body: `${size}\n` });

describe('a witness', () => {
  it('cosigns a log that grows, with the time', async () => {
    let oldSize = 0;
    for (const newSize of [1, 4, 7, 256, 512, 2816]) {
      const { status, body } = await ask(log, oldSize, newSize);
      expect(status).toBe(200);
      const note = parseNote(`${log.text(newSize)}\n${body}`);
      expect(await verifyNote(nodePrimitives, note, [state.cosigner.key])).toMatchObject([{ timestamp: NOW }]);
      oldSize = newSize;
    }
    expect(witness.sizes).toEqual([
      { origin: 'log.example', size: 2816 },
      { origin: 'other.example', size: 0 },
    ]);
    expect(warnings).toEqual([]);
  });

  it('cosigns again what it has cosigned', async () => {
    await ask(log, 0, 4);
    expect((await ask(log, 4, 4)).status).toBe(200);
  });

  it('says the size it knows to a log that believes in another', async () => {
    expect(await ask(log, 3, 4)).toEqual(sizeAnswer(0));
    await ask(log, 0, 4);
    expect(await ask(log, 0, 4)).toEqual(sizeAnswer(4)); // a replay
    expect(await ask(log, 3, 7)).toEqual(sizeAnswer(4));
    await ask(log, 4, 7);
    expect(await ask(log, 4, 7)).toEqual(sizeAnswer(7));
    expect(await ask(log, 0, 3)).toEqual(sizeAnswer(7)); // going back
  });

  it('refuses a second history, larger or of the same size, and says so to its operator', async () => {
    await ask(log, 0, 4);
    await ask(log, 4, 7);
    expect((await ask(fork, 7, 9)).status).toBe(422);
    expect(warnings[0]).toContain('log.example showed 9 leaves');
    expect((await ask(fork, 7, 7)).status).toBe(422);
    expect(warnings[1]).toContain(fork.note(7)); // the log's signature is the evidence
    expect((await ask(log, 7, 9)).status).toBe(200);
    expect(witness.sizes[0]).toEqual({ origin: 'log.example', size: 9 });
  });

  it('keeps the logs apart', async () => {
    await ask(log, 0, 7);
    expect((await ask(other, 0, 3)).status).toBe(200);
    expect(await ask(other, 0, 3)).toEqual(sizeAnswer(3));
  });

  it('knows nothing of a log it was not told of', async () => {
    expect((await ask(new DemonstrationLog('unknown.example'), 0, 4)).status).toBe(404);
  });

  it('refuses a checkpoint that the log did not sign', async () => {
    const stranger = new Ed25519Signer('log.example', privateKeyFromSeed(Buffer.alloc(32, 1)));
    const text = log.text(4);
    const spoiled = log.signer.sign(text).replace(/.{3}=\n$/, 'AAA=\n');
    for (const lines of [
      stranger.sign(text),
      other.signer.sign(text),
      spoiled,
      log.signer.sign(log.text(5)),
      new Cosigner('log.example', privateKeyFromSeed(Buffer.alloc(32, 11))).cosign(text, NOW),
      spoiled + stranger.sign(text),
    ])
      expect((await witness.addCheckpoint(`old 0\n\n${text}\n${lines}`)).status).toBe(403);
    expect(
      (await witness.addCheckpoint(`old 0\n\n${text}\n${stranger.sign(text)}${log.signer.sign(text)}`)).status,
    ).toBe(200);
  });

  it.each<[string, (body: string) => string]>([
    ['nothing', () => ''],
    ['no old size', (body) => body.slice(body.indexOf('\n') + 1)],
    ['a leading zero', (body) => body.replace('old 4', 'old 04')],
    ['a sign', (body) => body.replace('old 4', 'old -4')],
    ['two spaces', (body) => body.replace('old 4', 'old  4')],
    ['a size past what a number holds', (body) => body.replace('old 4', 'old 9007199254740993')],
    ['an old size larger than the new', (body) => body.replace('old 4', 'old 8')],
    ['no empty line', (body) => body.replace('\n\n', '\n')],
    ['carriage returns', (body) => body.replaceAll('\n', '\r\n')],
    ['a short hash', (body) => body.replace('\n', '\nAAAA\n')],
    ['a hash that is no base64', (body) => body.replace('\n', `\n${'-'.repeat(43)}=\n`)],
    ['64 hashes', (body) => body.replace('\n', `\n${`${'A'.repeat(43)}=\n`.repeat(64)}`)],
    ['no signature', (body) => body.slice(0, body.indexOf('—'))],
    ['no last new line', (body) => body.slice(0, -1)],
    ['a size with a leading zero in the checkpoint', (body) => body.replace('example\n7', 'example\n07')],
    ['no root', (body) => body.replace(/example\n7\n.*\n/, 'example\n7\n')],
    ['an empty extension line', (body) => body.replace('\n\n—', '\n\n\n—')],
    ['a checkpoint longer than it keeps', (body) => body.replace('\n\n—', `\n${'x'.repeat(17_000)}\n\n—`)],
  ])('cannot read a request with %s', async (_, change) => {
    await ask(log, 0, 4);
    const body = log.request(4, 7);
    expect((await witness.addCheckpoint(change(body))).status).toBe(400);
    expect((await witness.addCheckpoint(body)).status).toBe(200);
  });

  it('wants the proof and no more', async () => {
    await ask(log, 0, 4);
    const body = log.request(4, 7);
    const hash = `${'A'.repeat(43)}=\n`;
    for (const changed of [
      body.replace(/^(old 4\n)[^\n]+\n/, '$1'),
      body.replace('\n', `\n${hash}`),
      body.replace('\n\n', `\n${hash}\n`),
      body.replace(/^(old 4\n)[^\n]+\n/, `$1${hash}`),
    ])
      expect((await witness.addCheckpoint(changed)).status).toBe(422);
    expect((await witness.addCheckpoint(other.request(0, 3).replace('\n', `\n${hash}`))).status).toBe(422);
  });

  it('cosigns an empty log under its one root', async () => {
    const empty = (root: Buffer) => {
      const text = formatCheckpoint({ origin: 'log.example', size: 0, root, extensions: [] });
      return `old 0\n\n${text}\n${log.signer.sign(text)}`;
    };
    expect((await witness.addCheckpoint(empty(Buffer.alloc(32)))).status).toBe(422);
    expect((await witness.addCheckpoint(empty(EMPTY_ROOT))).status).toBe(200);
    expect((await ask(log, 0, 4)).status).toBe(200);
  });

  it('cosigns one of two histories that arrive at the same time', async () => {
    await ask(log, 0, 4);
    const answers = await Promise.all([...Array<DemonstrationLog>(5).fill(log), fork].map((one) => ask(one, 4, 9)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    expect(witness.sizes[0]?.size).toBe(9);
  });

  it('gives no cosignature that it could not keep, and goes on from what it kept', async () => {
    await ask(log, 0, 4);
    rmSync(dir, { recursive: true });
    await expect(ask(log, 4, 7)).rejects.toThrow();
    expect(await ask(log, 7, 9)).toEqual(sizeAnswer(4));
  });

  it('shows the last checkpoint with both signatures', async () => {
    const hash = createHash('sha256').update('log.example').digest('hex');
    expect(witness.lastNote(hash)).toBeUndefined();
    const { body } = await ask(log, 0, 7);
    expect(witness.lastNote(hash)).toBe(`${log.note(7)}${body}`);
    expect(witness.lastNote('0'.repeat(64))).toBeUndefined();
  });

  it('is not for the key of a witness', () => {
    const logs = [state.cosigner.key];
    expect(() => new Witness({ state, logs, now: () => NOW, warn: () => undefined })).toThrow(
      'is the key of a witness',
    );
  });
});
