/** The thread that hashes for a verification: what it answers, and that nobody waits for it forever. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { leafData, COMMITMENTS_BYTES } from '../src/ledger/transparency-log/domain/leaf-format.js';
import { leafHash, tileRoot } from '../src/ledger/transparency-log/domain/merkle-hash.js';
import { HashingThread } from '../src/ledger/verification/hashing/hashing-thread.js';

let thread: HashingThread;
afterEach(() => thread.close());

/** Bytes that may be moved to another thread. */
const own = (bytes: Uint8Array) => new Uint8Array(bytes);

describe('the hashing thread', () => {
  it('hashes leaves and their tiles', async () => {
    thread = new HashingThread(new Map());
    const commitments = randomBytes(512 * COMMITMENTS_BYTES);
    const expected = Array.from({ length: 512 }, (_, k) =>
      leafHash(leafData(commitments.subarray(k * COMMITMENTS_BYTES, (k + 1) * COMMITMENTS_BYTES))),
    );
    const { hashes, roots } = await thread.leaves({ commitments: own(commitments) });
    expect(Buffer.from(hashes)).toEqual(Buffer.concat(expected));
    expect(Buffer.from(roots)).toEqual(
      Buffer.concat([tileRoot(Buffer.concat(expected.slice(0, 256))), tileRoot(Buffer.concat(expected.slice(256)))]),
    );
  });

  it('commits to rows under their salts', async () => {
    thread = new HashingThread(
      new Map([
        [1, { fund: 'f', currency: 'THB', name: 'clearing/cash' }],
        [2, { fund: 'f', currency: 'THB', name: 'bank' }],
      ]),
    );
    const row = [7, 'id', 1, 2, 'THB', 900, 'single', '\\N', 'settle', 'source', 'transfer', '2026-03-31', 'then'];
    const line = [...row, '\\N', '\\N', '\\N', 'cash', '2026-03-30', '\\N'].join('\t');
    const salts = randomBytes(6 * 32);
    const { commitments } = await thread.commit({
      rows: own(Buffer.from(`${line}\n${line}\n`)),
      salts: own(salts),
      count: 2,
    });
    const texts = [
      '{"amount":"900","currency":"THB","fund":"f","month":"2026-03","state":"settle","type":"entry"}',
      '{"booked_on":"2026-03-31","credit":"bank","debit":"clearing/cash","entry":"id","evidence":null,"happened_on":"2026-03-30","link":null,"pending":null,"phase":"single","rail":"cash","rate":null,"recorded_at":"then","reverses":null,"seq":"7","type":"entry"}',
      '{"obligation":"transfer","source":"source","type":"entry"}',
    ];
    const expected = [...texts, ...texts].map((text, k) =>
      createHash('sha256')
        .update(Buffer.of(2))
        .update(salts.subarray(k * 32, (k + 1) * 32))
        .update(text)
        .digest(),
    );
    expect(Buffer.from(commitments)).toEqual(Buffer.concat(expected));
  });

  it('fails what it was asked when a job cannot be done, and what is asked afterwards', async () => {
    thread = new HashingThread(new Map());
    const bad = thread.commit({ rows: own(Buffer.from('no row\n')), salts: own(Buffer.alloc(96)), count: 1 });
    const next = thread.leaves({ commitments: own(Buffer.alloc(256 * COMMITMENTS_BYTES)) });
    await expect(bad).rejects.toThrow('19 columns');
    await expect(next).rejects.toThrow('19 columns');
    await expect(thread.leaves({ commitments: own(Buffer.alloc(0)) })).rejects.toThrow('19 columns');
  });

  it('fails what was not done when it is closed', async () => {
    thread = new HashingThread(new Map());
    const asked = thread.leaves({ commitments: own(Buffer.alloc(65_536 * COMMITMENTS_BYTES)) });
    const failed = expect(asked).rejects.toThrow('has ended');
    await thread.close();
    await failed;
  });
});
