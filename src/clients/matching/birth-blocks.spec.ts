import { describe, expect, it } from '@jest/globals';
import { BirthBlocks } from './birth-blocks.js';

const ONE = '019cac7d-0381-789e-b856-2cad50e8f276';
const OTHER = '019cac7d-0381-78a4-94df-2b1bce5f1f0a';
const blocks = new BirthBlocks(Buffer.alloc(32, 1));

describe('a date of birth in the index', () => {
  it('opens with the others that were found, each for its client', () => {
    const sealed = [
      { clientId: ONE, block: blocks.seal(ONE, '1988-04-12') },
      { clientId: OTHER, block: blocks.seal(OTHER, '0999-12-31') },
    ];
    expect(blocks.open(sealed)).toEqual(['1988-04-12', '0999-12-31']);
    expect(blocks.open([])).toEqual([]);
  });

  it('is another block for every client and key', () => {
    const other = new BirthBlocks(Buffer.alloc(32, 2));
    const all = [blocks.seal(ONE, '1988-04-12'), blocks.seal(OTHER, '1988-04-12'), other.seal(ONE, '1988-04-12')];
    expect(new Set(all.map((block) => block.toString('hex'))).size).toBe(3);
  });

  it('does not open for another client, with a bit changed, or under another key', () => {
    const block = blocks.seal(ONE, '1988-04-12');
    expect(() => blocks.open([{ clientId: OTHER, block }])).toThrow('not of this client');
    for (let byte = 0; byte < block.length; byte++) {
      const changed = Buffer.from(block);
      changed.writeUInt8(changed.readUInt8(byte) ^ 1, byte);
      expect(() => blocks.open([{ clientId: ONE, block: changed }])).toThrow('not of this client');
    }
    expect(() => new BirthBlocks(Buffer.alloc(32, 2)).open([{ clientId: ONE, block }])).toThrow('not of this client');
  });
});
