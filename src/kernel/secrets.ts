/** Keys derived from the one master key, each for one use (HKDF, RFC 5869), and sealing with AES-256-GCM bound to its place. */
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
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Opens what `seal` made; throws when the key, the place or any byte is another. */
export function open(key: Buffer, place: string, sealed: Buffer): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error('sealed data is too short');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(place)).setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

export class Secrets {
  constructor(private readonly masterKey: Buffer) {
    if (masterKey.length !== 32) throw new Error('the master key has 32 bytes');
  }

  /** A 32-byte key for one use, the same for the same use. */
  keyFor(use: string): Buffer {
    return Buffer.from(hkdfSync('sha256', this.masterKey, Buffer.alloc(0), `uct-ledger/${use}`, 32));
  }

  /** Keyed digest (32 bytes) of a content that may hold identity: tells equal from other, and cannot be guessed from outside. */
  fingerprint(use: string, content: unknown): Buffer {
    return createHmac('sha256', this.keyFor(`fingerprint/${use}`))
      .update(canonicalJson(content))
      .digest();
  }
}
