/** Keys derived from one secret, each for one use (HKDF, RFC 5869), and sealing with AES-256-GCM bound to its place. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { canonicalJson } from './domain/canonical.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals plaintext with AES-256-GCM: nonce (12 bytes), ciphertext, tag (16 bytes).
 * `place` (which row and column it belongs to) is associated data: a ciphertext moved elsewhere does not open.
 */
export function seal(key: Buffer, place: string, plaintext: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what `seal` made; throws when the key, the place or any byte is another. */
export function open(key: Buffer, place: string, sealed: Buffer): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error('sealed data is too short');
  // Without a length of its own a tag cut to 4 bytes would be taken, and could be guessed.
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(place)).setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

/** What is derived from the root secret of a database; it stays the same when the master key is changed. */
export class Secrets {
  constructor(private readonly root: Buffer) {
    if (root.length !== 32) throw new Error('the root secret has 32 bytes');
  }

  /** A 32-byte key for one use, the same for the same use. */
  keyFor(use: string): Buffer {
    return derived(this.root, use);
  }

  /** Keyed digest (32 bytes) of a content that may hold identity: tells equal from other, and cannot be guessed from outside. */
  fingerprint(use: string, content: unknown): Buffer {
    return createHmac('sha256', this.keyFor(`fingerprint/${use}`))
      .update(canonicalJson(content))
      .digest();
  }
}

/** The master key, and those from before it as long as something is still sealed under them. */
export class MasterKeys {
  /** The current one first, then the latest before it. */
  readonly all: readonly [Buffer, ...Buffer[]];

  constructor(current: Buffer, earlier: readonly Buffer[] = []) {
    this.all = [current, ...earlier];
    if (this.all.some((key) => key.length !== 32)) throw new Error('the master key has 32 bytes');
  }

  /** One 32-byte key for that use of each master key, the current one's first. */
  keysFor(use: string): readonly [Buffer, ...Buffer[]] {
    return this.all.map((key) => derived(key, use)) as [Buffer, ...Buffer[]];
  }
}

function derived(secret: Buffer, use: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `uct-ledger/${use}`, 32));
}
