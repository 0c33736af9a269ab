/** Equal contents have equal digests: those of their canonical texts. */
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

export { canonicalJson };

/** SHA-256 of the canonical JSON, in hexadecimal. For content without identity only; see `Secrets.fingerprint` for the rest. */
export function contentDigest(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
