/** The cryptography of a check, by the browser's own. */
import { fromHex } from '../../ledger/transparency-log/domain/bytes.js';
import type { Primitives } from '../../ledger/transparency-log/domain/primitives.js';

export const webPrimitives: Primitives = {
  sha256: async (data) => new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(data))),
  verifyEd25519: async (publicKey, signature, message) => {
    const key = await crypto.subtle.importKey('raw', new Uint8Array(publicKey), 'Ed25519', false, ['verify']);
    return crypto.subtle.verify('Ed25519', key, new Uint8Array(signature), new Uint8Array(message));
  },
};

/** RFC 8032 section 7.1, test 2: the message 0x72. */
const KNOWN = {
  publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  signature:
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
    '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
};

/** Whether this browser tells a true signature from a false one: it is tried, not looked up. */
export async function canVerifyHere(): Promise<boolean> {
  const [publicKey, signature] = [fromHex(KNOWN.publicKey), fromHex(KNOWN.signature)];
  if (!publicKey || !signature) return false;
  try {
    const ofMessage = (message: number) => webPrimitives.verifyEd25519(publicKey, signature, Uint8Array.of(message));
    return (await ofMessage(0x72)) && !(await ofMessage(0x73));
  } catch {
    return false;
  }
}
