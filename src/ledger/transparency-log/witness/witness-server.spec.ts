import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DemonstrationLog } from '../../../../test/support/demonstration-log.js';
import { nodePrimitives } from '../domain/node-primitives.js';
import { Cosigner, privateKeyFromSeed } from '../domain/note-signer.js';
import { cosignedMessage, formatSignatureLine, parseVerifierKey, type VerifierKey } from '../domain/signed-note.js';
import { requestCosignature, type CosignatureRequest } from './witness-client.js';
import { startWitness, type RunningWitness } from './witness-server.js';

const NOW = 1_700_000_000;
const log = new DemonstrationLog('log.example');
const fork = new DemonstrationLog('log.example', { history: 'second' });
let dir: string;
let witness: RunningWitness;
let key: VerifierKey;

const settings = () => ({
  dir,
  name: 'witness.example',
  logs: [log.signer.vkey],
  host: '127.0.0.1',
  port: 0,
  now: () => NOW,
  warn: () => undefined,
});
const asking = (of: DemonstrationLog, oldSize: number, newSize: number): CosignatureRequest => ({
  url: witness.url,
  key,
  note: of.note(newSize),
  oldSize,
  proof: of.proof(oldSize, newSize),
});

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'witness-'));
  witness = await startWitness(settings());
  key = await parseVerifierKey(witness.vkey, nodePrimitives);
});
afterEach(async () => {
  await witness.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('a witness on the network', () => {
  it('cosigns, tells a conflict, refuses a fork, and remembers over a restart', async () => {
    const first = await requestCosignature(asking(log, 0, 7));
    expect(first).toMatchObject({
      kind: 'cosigned',
      timestamp: NOW,
      line: expect.stringMatching(/^— witness\.example .+\n$/),
    });
    await witness.close();
    witness = await startWitness(settings());
    expect(await requestCosignature(asking(log, 0, 9))).toEqual({ kind: 'conflict', size: 7 });
    expect(await requestCosignature(asking(fork, 7, 9))).toEqual({ kind: 'failed', code: 'refused', status: 422 });
    expect(await requestCosignature(asking(log, 7, 9))).toMatchObject({ kind: 'cosigned' });
  });

  it('says who it is and what it has cosigned', async () => {
    await requestCosignature(asking(log, 0, 7));
    const page = await fetch(`${witness.url}/`);
    expect(await page.text()).toBe(`Witness witness.example\n${witness.vkey}\n\nlog.example: 7 leaves cosigned\n`);
    const hash = createHash('sha256').update('log.example').digest('hex');
    expect(await (await fetch(`${witness.url}/${hash}/checkpoint`)).text()).toContain(log.note(7));
  });

  it.each([
    ['GET', '/add-checkpoint'],
    ['POST', '/'],
    ['GET', '/checkpoints.json'],
    ['GET', '/../witness-key.pem'],
    ['PUT', '/add-checkpoint'],
    ['POST', '/add-checkpoint/'],
    ['GET', `/${'0'.repeat(64)}/checkpoint`],
  ])('has nothing for %s %s', async (method, path) =>
    expect((await fetch(`${witness.url}${path}`, { method })).status).toBe(404),
  );

  it('does not read more than a checkpoint can have, nor what is no text', async () => {
    const post = (body: string | Uint8Array<ArrayBuffer>) =>
      fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body });
    expect((await post('x'.repeat(128 * 1024 + 1))).status).toBe(413);
    expect((await post('x'.repeat(4 * 1024 * 1024))).status).toBe(413);
    expect((await post('x'.repeat(128 * 1024))).status).toBe(400);
    expect((await post(Buffer.of(0xff, 0xfe))).status).toBe(400);
  });

  it('is not started twice from one folder, nor with what is no name or key', async () => {
    const elsewhere = join(dir, 'elsewhere');
    await expect(startWitness({ ...settings(), dir: elsewhere, name: 'two words' })).rejects.toThrow('no spaces');
    await expect(startWitness({ ...settings(), dir: elsewhere, logs: ['log.example'] })).rejects.toThrow(
      'log.example: ',
    );
    await expect(startWitness({ ...settings(), dir: elsewhere, logs: [witness.vkey] })).rejects.toThrow(
      'key of a witness',
    );
    const { port } = new URL(witness.url);
    await expect(startWitness({ ...settings(), dir: elsewhere, port: Number(port) })).rejects.toThrow('EADDRINUSE');
    await (await startWitness({ ...settings(), dir: elsewhere })).close(); // each of them let go of the folder
  });
});

describe('the asking of a witness', () => {
  let impostor: Server | undefined;
  afterEach(() => {
    impostor?.closeAllConnections();
    impostor?.close();
    impostor = undefined;
  });

  /** A witness that answers so, whatever it is asked. */
  async function answering(status: number, body: string, headers = {}): Promise<CosignatureRequest> {
    impostor = createServer((request, response) => {
      request.resume();
      if (status !== 0) response.writeHead(status, headers).end(body);
    });
    await new Promise<void>((resolve) => impostor?.listen(0, '127.0.0.1', resolve));
    const { port } = impostor.address() as AddressInfo;
    return { ...asking(log, 0, 7), url: `http://127.0.0.1:${port}/` };
  }

  it('believes only the cosignature of that witness on that checkpoint', async () => {
    const stranger = new Cosigner('witness.example', privateKeyFromSeed(Buffer.alloc(32, 5)));
    const genuine = await requestCosignature(asking(log, 0, 7));
    if (genuine.kind !== 'cosigned') throw new Error(`not cosigned: ${genuine.kind}`);
    for (const body of [
      '',
      'hello\n',
      stranger.cosign(log.text(7), NOW),
      genuine.line.replace(/.{4}==\n$/, 'AAAA==\n'),
      genuine.line.trimEnd(),
      log.signer.sign(log.text(7)),
    ]) {
      const request = await answering(200, body);
      expect(await requestCosignature(request)).toEqual({ kind: 'failed', code: 'bad-cosignature' });
      impostor?.close();
    }
    const another = await answering(200, genuine.line);
    expect(await requestCosignature({ ...another, note: log.note(9) })).toEqual({
      kind: 'failed',
      code: 'bad-cosignature',
    });
    impostor?.close();
    expect(await requestCosignature(await answering(200, stranger.cosign(log.text(7), NOW) + genuine.line))).toEqual(
      genuine,
    );
  });

  it.each<[number, string, Record<string, string>, object]>([
    [409, '12\n', {}, { kind: 'conflict', size: 12 }],
    [409, '12', {}, { kind: 'failed', code: 'malformed-answer' }],
    [409, '-1\n', {}, { kind: 'failed', code: 'malformed-answer' }],
    [409, '9007199254740993\n', {}, { kind: 'failed', code: 'malformed-answer' }],
    [403, '', {}, { kind: 'failed', code: 'refused', status: 403 }],
    [500, '', {}, { kind: 'failed', code: 'refused', status: 500 }],
    [200, 'x'.repeat(70_000), {}, { kind: 'failed', code: 'malformed-answer' }],
  ])('that answers %i %.5s', async (status, body, headers, reply) =>
    expect(await requestCosignature(await answering(status, body, headers))).toEqual(reply),
  );

  it('does not let itself be sent elsewhere', async () => {
    const request = await answering(307, '', { location: `${witness.url}/add-checkpoint` });
    expect(await requestCosignature(request)).toEqual({ kind: 'failed', code: 'unreachable' });
  });

  it('wants to know when the witness saw the checkpoint', async () => {
    const privateKey = privateKeyFromSeed(Buffer.alloc(32, 5));
    const timeless = new Cosigner('timeless.example', privateKey).key;
    const signature = sign(null, cosignedMessage(log.text(7), 0), privateKey);
    const request = await answering(200, formatSignatureLine(timeless, Buffer.concat([Buffer.alloc(8), signature])));
    expect(await requestCosignature({ ...request, key: timeless })).toEqual({
      kind: 'failed',
      code: 'bad-cosignature',
    });
  });

  it('wants its signature under this very text, not under one that the answer makes longer', async () => {
    const witnessed = new Cosigner('longer.example', privateKeyFromSeed(Buffer.alloc(32, 5)));
    const line = witnessed.cosign(`${log.text(7)}\ninjected\n`, NOW);
    const request = await answering(200, `injected\n\n${line}`);
    expect(await requestCosignature({ ...request, key: witnessed.key })).toEqual({
      kind: 'failed',
      code: 'malformed-answer',
    });
  });

  it('ends when it begins to answer and stops, also when memory was cleaned up in between', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const request = await answering(0, '');
    impostor?.on('request', (_, response) => void response.writeHead(200).write('—'));
    const collecting = setInterval(collect, 20);
    const reply = await requestCosignature({ ...request, timeoutMs: 300 }).finally(() => clearInterval(collecting));
    expect(reply).toEqual({ kind: 'failed', code: 'timed-out' });
  });

  it('ends when it does not answer or is not there', async () => {
    const request = await answering(0, '');
    expect(await requestCosignature({ ...request, timeoutMs: 50 })).toEqual({ kind: 'failed', code: 'timed-out' });
    impostor?.closeAllConnections();
    await new Promise((resolve) => impostor?.close(resolve));
    expect(await requestCosignature(request)).toEqual({ kind: 'failed', code: 'unreachable' });
  });
});
