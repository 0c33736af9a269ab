/** Time-based one-time passwords (RFC 6238) as every authenticator has them: SHA-1, 6 digits, 30 seconds, one step of tolerance. */
import { Secret, TOTP } from 'otpauth';
import { encodeQR } from 'qr';

const ISSUER = 'UCT Ledger';
const SECRET_BYTES = 20;
const STEP_MS = 30_000;
const SETTINGS = { algorithm: 'SHA1', digits: 6, period: STEP_MS / 1000 } as const;

export function newSecret(): Buffer {
  return Buffer.from(new Secret({ size: SECRET_BYTES }).bytes);
}

/** The time step that this code is right for, or null when it is right for none around now. */
export function stepOf(secret: Buffer, code: string, now: Date): number | null {
  const timestamp = now.getTime();
  const delta = TOTP.validate({ ...SETTINGS, token: code, secret: toSecret(secret), timestamp, window: 1 });
  return delta === null ? null : Math.floor(timestamp / STEP_MS) + delta;
}

/** The secret in letters, in groups of four, for whoever types it. */
export function secretText(secret: Buffer): string {
  return toSecret(secret).base32.replace(/(.{4})(?=.)/g, '$1 ');
}

/** A drawing (SVG) that the camera of an authenticator reads. */
export function secretDrawing(secret: Buffer, label: string): string {
  const uri = new TOTP({ ...SETTINGS, issuer: ISSUER, label, secret: toSecret(secret) }).toString();
  return encodeQR(uri, 'svg', { ecc: 'medium' });
}

function toSecret(secret: Buffer): Secret {
  return new Secret({ buffer: new Uint8Array(secret).buffer });
}
