/** A log in memory, with its key: grows, signs checkpoints, and can be made to tell a second history. */
import { formatCheckpoint } from '../../src/ledger/transparency-log/domain/checkpoint.js';
import { Ed25519Signer, privateKeyFromSeed } from '../../src/ledger/transparency-log/domain/note-signer.js';
import { numberedLeaves, ReferenceTree } from './reference-tree.js';

export class DemonstrationLog {
  readonly signer: Ed25519Signer;
  private readonly tree: ReferenceTree;

  /** From leaf number `forksAt` on, logs of different `history` have different leaves. */
  constructor(
    readonly origin: string,
    { history = 'first', forksAt = 4, leaves = 3000 } = {},
  ) {
    this.signer = new Ed25519Signer(origin, privateKeyFromSeed(Buffer.alloc(32, origin.length)));
    this.tree = new ReferenceTree(
      numberedLeaves(leaves).map((leaf, index) =>
        index < forksAt ? leaf : Buffer.from(`${history} ${leaf.toString()}`),
      ),
    );
  }

  root(size: number): Buffer {
    return this.tree.root(size);
  }

  proof(oldSize: number, newSize: number): Buffer[] {
    return oldSize === 0 ? [] : this.tree.proof(oldSize, newSize);
  }

  text(size: number): string {
    return formatCheckpoint({ origin: this.origin, size, root: this.root(size), extensions: [] });
  }

  note(size: number): string {
    return `${this.text(size)}\n${this.signer.sign(this.text(size))}`;
  }

  /** The body that asks a witness to cosign `newSize` leaves after `oldSize`. */
  request(oldSize: number, newSize: number): string {
    const proof = this.proof(oldSize, newSize).map((hash) => `${hash.toString('base64')}\n`);
    return `old ${oldSize}\n${proof.join('')}\n${this.note(newSize)}`;
  }
}
