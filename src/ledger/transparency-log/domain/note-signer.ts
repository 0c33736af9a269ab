/** Signing notes: as the log, and as a witness of a log. */
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { fromBase64 } from './bytes.js';
import {
  cosignedMessage,
  formatSignatureLine,
  formatVerifierKey,
  isKeyName,
  keyIdInput,
  NoteError,
  type KeyKind,
  type VerifierKey,
} from './signed-note.js';

const SEED_BYTES = 32;
const TIMESTAMP_BYTES = 8;
/** What stands before the seed in the PKCS8 form of an Ed25519 key (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A log's key. */
export class Ed25519Signer {
  readonly key: VerifierKey;

  constructor(
    name: string,
    private readonly privateKey: KeyObject,
  ) {
    this.key = verifierKeyOf(name, 'ed25519', privateKey);
  }

  get vkey(): string {
    return formatVerifierKey(this.key);
  }

  /** The line to put under the text and an empty line, with its new line. */
  sign(noteText: string): string {
    checkNoteText(noteText);
    return formatSignatureLine(this.key, sign(null, Buffer.from(noteText), this.privateKey));
  }
}

/** A witness's key. */
export class Cosigner {
  readonly key: VerifierKey;

  constructor(
    name: string,
    private readonly privateKey: KeyObject,
  ) {
    this.key = verifierKeyOf(name, 'cosignature', privateKey);
  }

  get vkey(): string {
    return formatVerifierKey(this.key);
  }

  /** The line that says that this witness saw the checkpoint at that time, with its new line. */
  cosign(noteText: string, unixSeconds: number): string {
    checkNoteText(noteText);
    if (!Number.isSafeInteger(unixSeconds) || unixSeconds <= 0)
      throw new RangeError('A time is a whole number of seconds after 1970.');
    const timestamp = Buffer.alloc(TIMESTAMP_BYTES);
    timestamp.writeBigUInt64BE(BigInt(unixSeconds));
    const signature = sign(null, cosignedMessage(noteText, unixSeconds), this.privateKey);
    return formatSignatureLine(this.key, Buffer.concat([timestamp, signature]));
  }
}

export function privateKeyFromSeed(seed: Uint8Array): KeyObject {
  if (seed.length !== SEED_BYTES) throw new NoteError('malformed-key', `A seed has ${SEED_BYTES} bytes.`);
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

/** Raises `NoteError` for anything but an Ed25519 key. */
export function privateKeyFromPem(pem: string): KeyObject {
  const key = (() => {
    try {
      return createPrivateKey({ key: pem, format: 'pem' });
    } catch {
      // OpenSSL's own message could quote the key.
      throw new NoteError('malformed-key', 'This is no private key in PEM form.');
    }
  })();
  if (key.asymmetricKeyType !== 'ed25519')
    throw new NoteError('unknown-key-type', 'The private key is not for Ed25519.');
  return key;
}

/** Reads `PRIVATE+KEY+name+keyid+base64`, the form of Go's note package. */
export function signerFromNoteKey(text: string): Ed25519Signer {
  const [, name = '', keyId, encoded = ''] = /^PRIVATE\+KEY\+([^+]*)\+([0-9a-f]{8})\+(.*)$/.exec(text) ?? [];
  const bytes = fromBase64(encoded);
  if (!bytes || bytes.length !== 1 + SEED_BYTES || bytes[0] !== 0x01)
    throw new NoteError(
      'malformed-key',
      'A signer key is PRIVATE+KEY, a name, a key id and a seed in base64, joined by +.',
    );
  const signer = new Ed25519Signer(name, privateKeyFromSeed(bytes.slice(1)));
  if (signer.key.keyId !== keyId)
    throw new NoteError('key-id-mismatch', 'The key id is not that of this name and key.');
  return signer;
}

function verifierKeyOf(name: string, kind: KeyKind, privateKey: KeyObject): VerifierKey {
  if (!isKeyName(name)) throw new NoteError('malformed-key', 'The name of a key has no spaces and no plus signs.');
  if (privateKey.asymmetricKeyType !== 'ed25519')
    throw new NoteError('unknown-key-type', 'The private key is not for Ed25519.');
  const publicKey = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url');
  const keyId = createHash('sha256')
    .update(keyIdInput(name, kind, publicKey))
    .digest('hex')
    .slice(0, 8);
  return { name, keyId, kind, publicKey };
}

function checkNoteText(noteText: string): void {
  if (!noteText.endsWith('\n')) throw new NoteError('malformed-note', 'The text of a note ends with a new line.');
}
