/** The cryptography of a check, by Node's crypto. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Primitives } from './primitives.js';

export const nodePrimitives: Primitives = {
  sha256: (data) => createHash('sha256').update(data).digest(),
  verifyEd25519: (publicKey, signature, message) => {
    const x = Buffer.from(publicKey).toString('base64url');
    return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
  },
};
