/** The tree of RFC 6962 section 2.1, written down as the RFC does, slow and plain: what the log's tree is compared with. */
import { createHash } from 'node:crypto';

const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();

export class ReferenceTree {
  private readonly known = new Map<string, Buffer>();

  constructor(private readonly leaves: readonly Uint8Array[]) {}

  /** MTH(D[from:to]) */
  root(to: number, from = 0): Buffer {
    const key = `${from}:${to}`;
    const root = this.known.get(key) ?? this.computed(from, to);
    this.known.set(key, root);
    return root;
  }

  /** PATH(m, D[from:to]) */
  path(m: number, to: number, from = 0): Buffer[] {
    if (to - from === 1) return [];
    const k = split(to - from);
    return m < k
      ? [...this.path(m, from + k, from), this.root(to, from + k)]
      : [...this.path(m - k, to, from + k), this.root(from + k, from)];
  }

  /** PROOF(m, D[n]) */
  proof(m: number, n: number): Buffer[] {
    return this.subproof(m, 0, n, true);
  }

  private subproof(m: number, from: number, to: number, b: boolean): Buffer[] {
    if (m === to - from) return b ? [] : [this.root(to, from)];
    const k = split(to - from);
    return m <= k
      ? [...this.subproof(m, from, from + k, b), this.root(to, from + k)]
      : [...this.subproof(m - k, from + k, to, false), this.root(from + k, from)];
  }

  private computed(from: number, to: number): Buffer {
    if (to === from) return sha256();
    if (to - from === 1) return sha256(Buffer.of(0), this.leaves[from] ?? Buffer.alloc(0));
    const k = split(to - from);
    return sha256(Buffer.of(1), this.root(from + k, from), this.root(to, from + k));
  }
}

/** Leaves that differ. */
export function numberedLeaves(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => Buffer.from(`leaf ${index}`));
}

function split(n: number): number {
  return 2 ** (Math.ceil(Math.log2(n)) - 1);
}
