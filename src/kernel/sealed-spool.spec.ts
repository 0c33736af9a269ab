import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { SealedSpool } from './sealed-spool.js';

async function all(spool: SealedSpool): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of spool.read()) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('what is put aside', () => {
  it('is read back as it was, more than once', async () => {
    const spool = await SealedSpool.open();
    const text = Array.from({ length: 20_000 }, (_, at) => `line ${at}`);
    for (const line of text) await spool.write(Buffer.from(line));
    expect(await all(spool)).toBe(text.join(''));
    expect(await all(spool)).toBe(text.join(''));
    await spool.close();
  });

  it('has no name, and is on no disk in clear', async () => {
    const before = readdirSync(tmpdir());
    const spool = await SealedSpool.open();
    await spool.write(Buffer.from('Aung Myint Oo'));
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('uct-ledger-') && !before.includes(name))).toEqual(
      [],
    );
    const { fd } = (spool as unknown as { file: { fd: number } }).file;
    const onDisk = readFileSync(`/proc/self/fd/${fd}`);
    expect(onDisk).toHaveLength(13);
    expect(onDisk.toString()).not.toContain('Aung');
    await spool.close();
  });
});
