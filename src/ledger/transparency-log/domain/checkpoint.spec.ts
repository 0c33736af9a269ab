import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CheckpointError, formatCheckpoint, parseCheckpoint, type Checkpoint } from './checkpoint.js';

const root = 'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=';
const text = `example.com/behind-the-sofa\n20852163\n${root}\n`;

describe('a checkpoint', () => {
  it('is read as the specification wrote it, and written back', () => {
    const checkpoint = parseCheckpoint(text);
    expect(checkpoint).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163, extensions: [] });
    expect(Buffer.from(checkpoint.root).toString('base64')).toBe(root);
    expect(formatCheckpoint(checkpoint)).toBe(text);
  });

  it('is read as it was written', () => {
    const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter((one) => [...one].every((sign) => sign >= ' '));
    const checkpoint = fc.record({
      origin: line,
      size: fc.maxSafeNat(),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      extensions: fc.array(line, { maxLength: 3 }),
    });
    fc.assert(fc.property(checkpoint, (one) => expect(parseCheckpoint(formatCheckpoint(one))).toEqual(one)));
  });

  it.each([
    ['nothing', ''],
    ['no last new line', text.slice(0, -1)],
    ['no root', 'log\n1\n'],
    ['an empty origin', `\n1\n${root}\n`],
    ['a control character', `l\u0007og\n1\n${root}\n`],
    ['a leading zero', `log\n01\n${root}\n`],
    ['a sign', `log\n+1\n${root}\n`],
    ['a fraction', `log\n1.0\n${root}\n`],
    ['a size past what a number holds', `log\n9007199254740993\n${root}\n`],
    ['no size', `log\n\n${root}\n`],
    ['a short root', 'log\n1\nAAAA\n'],
    ['a second spelling of the root', `log\n1\n${root.slice(0, -2)}J=\n`],
    ['a root without its padding', `log\n1\n${root.slice(0, -1)}\n`],
    ['carriage returns', `log\r\n1\r\n${root}\r\n`],
    ['an empty extension', `${text}\n`],
  ])('has not %s', (_, malformed) => expect(() => parseCheckpoint(malformed)).toThrow(CheckpointError));

  it.each<[string, Partial<Checkpoint>]>([
    ['a line in its origin', { origin: 'log\n5' }],
    ['a line in an extension', { extensions: ['a\nb'] }],
    ['an empty extension', { extensions: [''] }],
    ['a negative size', { size: -1 }],
    ['a short root', { root: new Uint8Array(31) }],
  ])('is not written with %s', (_, change) =>
    expect(() => formatCheckpoint({ ...parseCheckpoint(text), ...change })).toThrow(CheckpointError),
  );
});
