import { createReadStream, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { camt, inPieces, pain002, paymentRow } from '../../../../test/support/bank-reports.js';
import type { EndItem, ReportItem } from '../domain/report-items.js';
import { readReport } from './read-report.js';

const MEGABYTE = 1024 * 1024;
const DOCUMENT = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>';

async function read(
  bytes: AsyncIterable<Buffer>,
  limitBytes = 160 * MEGABYTE,
): Promise<{ items: number; end: EndItem }> {
  let items = 0;
  for await (const item of readReport(bytes, { limitBytes })) {
    if (item.item === 'end') return { items, end: item };
    if (item.item !== 'about') items += 1;
  }
  throw new Error('the file had no end');
}

/** A beginning and then, over and over, the same, without ever being in memory. */
async function* endless(start: string, repeated: string, bytes: number): AsyncGenerator<Buffer> {
  const block = Buffer.from(repeated.repeat(Math.max(1, Math.ceil(MEGABYTE / repeated.length))));
  yield Buffer.from(start);
  for (let sent = 0; sent < bytes; sent += block.length) {
    await Promise.resolve();
    yield block;
  }
}

describe('a file that means harm', () => {
  it.each([
    ['a billion laughs', '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><d>&b;</d>'],
    ['a file of the machine', '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'],
    ['an address in the network', '<!DOCTYPE d SYSTEM "http://169.254.169.254/latest/meta-data/"><d/>'],
    ['parameter entities', '<!DOCTYPE d [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]><d/>'],
    ['an empty one', '<!DOCTYPE d><d/>'],
  ])('by a DOCTYPE, %s, is refused', async (_, text) => {
    expect(await read(inPieces(`<?xml version="1.0"?>\n${text}`, 5))).toEqual({
      items: 0,
      end: expect.objectContaining({ fault: 'doctype' }),
    });
  });

  it('by a DOCTYPE that never ends is refused before much of it is read', async () => {
    const { end } = await read(endless('<!DOCTYPE d [', '<!ENTITY a "ha">', 50 * MEGABYTE));
    expect(end.fault).toBe('too-long');
    expect(end.byte).toBeLessThan(MEGABYTE);
  });

  it.each(['&b;', '&constructor;', '&__proto__;', '&toString;', '&#0;', '&#x110000;'])(
    'that names the entity %s, which nobody has declared, is not well-formed',
    async (entity) => {
      const text = pain002({ lots: [{ id: 'L', rows: [{ endToEndId: `e${entity}`, status: 'ACSC' }] }] });
      expect(await read(inPieces(text))).toEqual({
        items: 0,
        end: expect.objectContaining({ fault: 'not-well-formed' }),
      });
    },
  );

  it.each([
    ['elements in elements', '<a>', 'too-deep'],
    ['one text', 'x', 'too-long'],
    ['one comment', '<!-- ', 'too-long'],
    ['attributes of one element', ' a="1"', 'too-long'],
    ['a name', 'name', 'too-long'],
  ])('with %s without an end is given up early', async (what, repeated, fault) => {
    const opening = what.startsWith('attributes') || what === 'a name' ? `${DOCUMENT}<a` : DOCUMENT;
    const { end } = await read(
      endless(opening + (what === 'one comment' ? '<!--' : ''), what === 'one comment' ? 'x' : repeated, 20 * MEGABYTE),
    );
    expect(['too-deep', 'too-long', 'not-well-formed']).toContain(end.fault);
    if (what !== 'attributes of one element') expect(end.fault).toBe(fault);
    expect(end.byte).toBeLessThan(2 * MEGABYTE);
  });

  it('with one record of a million elements keeps none of them, and goes on after it', async () => {
    const big = `<TxInfAndSts>${'<X>1</X>'.repeat(100_000)}</TxInfAndSts>`;
    const text = pain002({ lots: [{ id: 'L', rows: [{ endToEndId: 'e1', status: 'ACSC' }] }] }).replace(
      '<TxInfAndSts>',
      `${big}<TxInfAndSts>`,
    );
    const items: ReportItem[] = [];
    for await (const item of readReport(inPieces(text, 10_000), { limitBytes: 10 * MEGABYTE })) items.push(item);
    expect(items.slice(1)).toEqual([
      expect.objectContaining({ item: 'unreadable', code: 'too-long' }),
      expect.objectContaining({ item: 'status', endToEndId: 'e1' }),
      expect.objectContaining({ item: 'end', fault: null }),
    ]);
  });

  it('has names of no prototype in it', async () => {
    const { end } = await read(inPieces('<constructor><__proto__><toString/></__proto__></constructor>'));
    expect(end.fault).toBe('not-a-bank-report');
  });
});

describe('the encoding of a file', () => {
  const text = pain002({ lots: [{ id: 'L', rows: [{ endToEndId: 'e1', status: 'ACSC', text: 'ไม่พบบัญชี' }] }] });

  it('may be UTF-8 with a mark', async () => {
    expect(await read(inPieces(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]), 1))).toMatchObject({
      items: 1,
      end: { fault: null },
    });
  });

  it.each([
    ['UTF-16 with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])],
    ['UTF-16 without one', Buffer.from(text, 'utf16le')],
    ['what the file calls ISO-8859-1', Buffer.from(text.replace('UTF-8', 'ISO-8859-1'))],
    ['what the file calls TIS-620', Buffer.from(text.replace('UTF-8', 'TIS-620'))],
  ])('may not be %s', async (_, bytes) => {
    expect(await read(inPieces(bytes, 7))).toEqual({ items: 0, end: expect.objectContaining({ fault: 'encoding' }) });
  });

  it('may not change in the middle: what came before stands, and the byte is named', async () => {
    const rows = paymentRow({ endToEndId: 'e2', status: 'ACSC' });
    const bytes = Buffer.concat([Buffer.from(text.replace('</OrgnlPmtInfAndSts>', '')), Buffer.from(rows)]);
    const at = bytes.length - 40;
    for (const bad of [0xff, 0xc0, 0xed]) {
      bytes[at] = bad;
      bytes[at + 1] = 0xa0;
      const { items, end } = await read(inPieces(bytes.subarray(0, bytes.length), 100));
      expect(items).toBe(1);
      expect(end.fault).toMatch(/not-(utf-8|well-formed)/);
    }
  });

  it('has no NUL', async () => {
    const { end } = await read(inPieces(text.replace('e1', 'e\0')));
    expect(end).toMatchObject({ fault: 'not-well-formed' });
  });
});

describe('whatever is sent', () => {
  it('is answered with an end and never with an exception', async () => {
    const text = Buffer.from(
      camt({ opening: '1.00', entries: [{ amount: '9.00', direction: 'DBIT', details: [{ endToEndId: 'e1' }] }] }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(text.length - 1), fc.nat(255)), { maxLength: 6 }), async (changes) => {
        const bytes = Buffer.from(text);
        for (const [at, byte] of changes) bytes[at] = byte;
        await expect(read(inPieces(bytes, 50))).resolves.toBeDefined();
      }),
      { numRuns: 500 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        await expect(read(inPieces(Buffer.from(bytes), 11))).resolves.toBeDefined();
      }),
    );
  });
});

describe('a large file', () => {
  const start = `${DOCUMENT}<OrgnlPmtInfAndSts>`;
  const row = paymentRow({ endToEndId: 'e1', status: 'ACSC', amount: '9000.00' });

  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;

  /** Reads 200 MB up to a limit; the most memory that was held meanwhile, what could be collected aside. */
  async function peakOf(limitBytes: number): Promise<number> {
    let [peak, given, looks] = [0, 0, 0];
    const watched = async function* () {
      for await (const block of endless(start, row, 200 * MEGABYTE)) {
        given += block.length;
        if (given > ((looks + 1) * limitBytes) / 4) {
          looks += 1;
          collectGarbage();
          const { heapUsed, external } = process.memoryUsage();
          peak = Math.max(peak, heapUsed + external);
        }
        yield block;
      }
    };
    const { items, end } = await read(watched(), limitBytes);
    expect(end).toMatchObject({ fault: 'too-large', byte: limitBytes });
    expect(items).toBeGreaterThan(limitBytes / (2 * row.length));
    expect(looks).toBeGreaterThanOrEqual(3);
    return peak;
  }

  it('of 200 MB is given up at the limit, and ten times as much takes no more memory', async () => {
    const [short, long] = [await peakOf(4 * MEGABYTE), await peakOf(40 * MEGABYTE)];
    expect(long - short).toBeLessThan(10 * MEGABYTE);
  });

  it('is read from a disk as from anywhere', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'uct-report-')), 'answer.xml');
    const rows = Array.from({ length: 2_000 }, (_, n) => ({ endToEndId: `e${n}`, status: 'ACSC' }));
    writeFileSync(file, pain002({ lots: [{ id: 'L', rows }] }));
    expect(await read(createReadStream(file))).toMatchObject({ items: 2_000, end: { fault: null } });
  });
});
