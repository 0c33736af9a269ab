/** The two pieces of cryptography that a check of the log needs; the runtime brings them (Node's crypto, or a browser's). */
export interface Primitives {
  sha256: (data: Uint8Array) => Promise<Uint8Array> | Uint8Array;
  /** Key and signature are in the plain encoding of RFC 8032: 32 and 64 bytes. */
  verifyEd25519: (publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array) => Promise<boolean> | boolean;
}

export const HASH_BYTES = 32;
export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;
