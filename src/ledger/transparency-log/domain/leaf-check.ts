/** Whether leaves of a bundle are in the log's tree and commit to the texts that were opened. Runs in a browser too. */
import type { LeafProof, Opening } from './bundle.js';
import { concatBytes, fromHex, toHex, utf8Bytes } from './bytes.js';
import type { Checkpoint } from './checkpoint.js';
import { commitmentInput, leafData, READERS, type Reader } from './leaf-format.js';
import { HASH_BYTES, type Primitives } from './primitives.js';
import { checkInclusion, leafHashOf } from './proof-check.js';

export type LeafFault = 'opening-false' | 'not-in-log';

/** Many times the hashes on the way of one leaf to the root of any tree. */
const MOST_REMEMBERED = 10_000;
const NODE_INPUT_BYTES = 1 + 2 * HASH_BYTES;

/**
 * Checks leaves against one state of the log. Neighbours in a tree share most of their way to its root, so what was just decoded or
 * hashed there is remembered: a leaf among many costs a few hashes, in whatever tree.
 */
export class LeafCheck {
  private readonly decoded = new Map<string, Uint8Array>();
  private readonly hashed = new Map<string, Uint8Array>();
  private readonly remembering: Primitives;

  constructor(
    private readonly primitives: Primitives,
    private readonly tree: Checkpoint,
  ) {
    this.remembering = { ...primitives, sha256: (data) => this.hash(data) };
  }

  /** The leaf's hash, or what does not hold of it. The leaf was read strictly. */
  async check(
    { index, commitments, proof }: LeafProof,
    openings: Partial<Record<Reader, Opening>>,
  ): Promise<Uint8Array | LeafFault> {
    for (const [place, reader] of READERS.entries()) {
      const opening = openings[reader];
      if (opening && toHex(await this.commitmentOf(opening)) !== commitments[place]) return 'opening-false';
    }
    const leafHash = await leafHashOf(this.primitives, leafData(concatBytes(...commitments.map(hexBytes))));
    const isIn = await checkInclusion(this.remembering, {
      leafHash,
      index,
      treeSize: this.tree.size,
      proof: proof.map((hash) => this.decode(hash)),
      root: this.tree.root,
    });
    return isIn ? leafHash : 'not-in-log';
  }

  private async commitmentOf({ text, salt }: Opening): Promise<Uint8Array> {
    return this.primitives.sha256(commitmentInput(hexBytes(salt), utf8Bytes(text)));
  }

  private decode(base64: string): Uint8Array {
    return this.decoded.get(base64) ?? remember(this.decoded, base64, hashBytes(base64));
  }

  private async hash(data: Uint8Array): Promise<Uint8Array> {
    if (data.length !== NODE_INPUT_BYTES) return this.primitives.sha256(data);
    const input = String.fromCharCode(...data);
    return this.hashed.get(input) ?? remember(this.hashed, input, await this.primitives.sha256(data));
  }
}

/** A hash in base64 that was read strictly, so that it has one spelling only. */
export function hashBytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function remember(known: Map<string, Uint8Array>, key: string, bytes: Uint8Array): Uint8Array {
  if (known.size === MOST_REMEMBERED) known.clear();
  known.set(key, bytes);
  return bytes;
}

function hexBytes(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}
