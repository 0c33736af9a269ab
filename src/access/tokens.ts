/** What somebody proves themselves with by showing it: 256 bits by chance, of which the database keeps the SHA-256. */
import { createHash, randomBytes } from 'node:crypto';

/** 43 letters of base64url. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

export function sha256(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
