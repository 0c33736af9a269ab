/** Reading and verifying a text with signatures under it (C2SP signed-note and, for witnesses, tlog-cosignature). */
import { concatBytes, fromBase64, fromHex, toBase64, toHex, utf8Bytes } from './bytes.js';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type Primitives } from './primitives.js';

export const MAX_NOTE_BYTES = 64 * 1024;
export const MAX_SIGNATURES = 100;
const KEY_ID_BYTES = 4;
const TIMESTAMP_BYTES = 8;

/** What a key signs: the text itself, or that its holder saw the text at a time and knows of nothing against it. */
export type KeyKind = 'ed25519' | 'cosignature';

/** The byte by which a key says its kind. */
const TYPE_OF: Record<KeyKind, number> = { ed25519: 0x01, cosignature: 0x04 };

export interface VerifierKey {
  name: string;
  /** Four bytes in hexadecimal: tells keys of one name apart, and proves nothing. */
  keyId: string;
  kind: KeyKind;
  publicKey: Uint8Array;
}

export interface NoteSignature {
  name: string;
  keyId: string;
  bytes: Uint8Array;
  /** As it stood in the note, with its new line. */
  line: string;
}

export interface SignedNote {
  /** What is signed, with its last new line. */
  text: string;
  signatures: NoteSignature[];
}

export interface VerifiedSignature {
  key: VerifierKey;
  signature: NoteSignature;
  /** Unix seconds at which a witness signed. */
  timestamp?: number;
}

export type NoteErrorCode =
  | 'malformed-note'
  | 'note-too-large'
  | 'too-many-signatures'
  | 'malformed-key'
  | 'unknown-key-type'
  | 'key-id-mismatch'
  | 'bad-signature'
  | 'not-signed-by-known-key';

export class NoteError extends Error {
  constructor(
    readonly code: NoteErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Takes a note apart and verifies nothing. Raises `NoteError`. */
export function parseNote(note: string): SignedNote {
  if (note.length > MAX_NOTE_BYTES || utf8Bytes(note).length > MAX_NOTE_BYTES)
    throw new NoteError('note-too-large', `A note has at most ${MAX_NOTE_BYTES} bytes.`);
  if (!isNoteText(note)) throw new NoteError('malformed-note', 'A note has no control characters but new lines.');
  const split = note.lastIndexOf('\n\n');
  if (split < 0 || !note.endsWith('\n') || split + 2 === note.length)
    throw new NoteError('malformed-note', 'A note is a text, an empty line, and lines of signatures.');
  const lines = note.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES)
    throw new NoteError('too-many-signatures', `A note has at most ${MAX_SIGNATURES} signatures.`);
  return { text: note.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

/**
 * Which of the keys signed the note. A signature by another key is passed over; a false one by a known key spoils the whole
 * note; of several by one key the first counts. Raises `NoteError`, also when none of the keys signed.
 */
export async function verifyNote(
  primitives: Primitives,
  note: SignedNote,
  keys: readonly VerifierKey[],
): Promise<VerifiedSignature[]> {
  const verified = new Map<VerifierKey, VerifiedSignature>();
  for (const signature of note.signatures) {
    const key = keys.find(({ name, keyId }) => name === signature.name && keyId === signature.keyId);
    if (!key || verified.has(key)) continue;
    verified.set(key, await verifySignature(primitives, note.text, signature, key));
  }
  if (verified.size === 0) throw new NoteError('not-signed-by-known-key', 'No known key signed the note.');
  return [...verified.values()];
}

/** Reads `name+keyid+base64`. Raises `NoteError`. */
export async function parseVerifierKey(text: string, { sha256 }: Primitives): Promise<VerifierKey> {
  const [, name = '', keyId = '', encoded = ''] = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text) ?? [];
  const bytes = fromBase64(encoded);
  if (!isKeyName(name) || fromHex(keyId)?.length !== KEY_ID_BYTES || !bytes || bytes.length === 0)
    throw new NoteError(
      'malformed-key',
      'A verifier key is a name, a key id of 8 digits and a key in base64, joined by +.',
    );
  const [kind] = (Object.keys(TYPE_OF) as KeyKind[]).filter((one) => TYPE_OF[one] === bytes[0]);
  if (!kind) throw new NoteError('unknown-key-type', `Keys of type ${bytes[0]} are not known here.`);
  const publicKey = bytes.slice(1);
  if (publicKey.length !== PUBLIC_KEY_BYTES)
    throw new NoteError('malformed-key', `A public key has ${PUBLIC_KEY_BYTES} bytes.`);
  if (toHex((await sha256(keyIdInput(name, kind, publicKey))).slice(0, KEY_ID_BYTES)) !== keyId)
    throw new NoteError(
      'key-id-mismatch',
      'The key id is not that of this name and key: one of the three was changed.',
    );
  return { name, keyId, kind, publicKey };
}

export function formatVerifierKey({ name, keyId, kind, publicKey }: VerifierKey): string {
  return `${name}+${keyId}+${toBase64(concatBytes(Uint8Array.of(TYPE_OF[kind]), publicKey))}`;
}

/** What is hashed for a key id, of which the first four bytes count. */
export function keyIdInput(name: string, kind: KeyKind, publicKey: Uint8Array): Uint8Array {
  return concatBytes(utf8Bytes(`${name}\n`), Uint8Array.of(TYPE_OF[kind]), publicKey);
}

export function formatSignatureLine({ name, keyId }: VerifierKey, signature: Uint8Array): string {
  return `— ${name} ${toBase64(concatBytes(fromHex(keyId) ?? new Uint8Array(), signature))}\n`;
}

/** What a witness signs. */
export function cosignedMessage(noteText: string, timestamp: number): Uint8Array {
  return utf8Bytes(`cosignature/v1\ntime ${timestamp}\n${noteText}`);
}

/** Not empty, and nothing in it that ends a name elsewhere. */
export function isKeyName(name: string): boolean {
  return name !== '' && isNoteText(name) && !/[\p{White_Space}+]/u.test(name);
}

function parseSignatureLine(line: string): NoteSignature {
  const [, name = '', encoded = ''] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (!isKeyName(name) || !bytes || bytes.length <= KEY_ID_BYTES)
    throw new NoteError(
      'malformed-note',
      'A line of a signature is —, the name of the key and the signature in base64.',
    );
  return { name, keyId: toHex(bytes.slice(0, KEY_ID_BYTES)), bytes: bytes.slice(KEY_ID_BYTES), line: `${line}\n` };
}

async function verifySignature(
  { verifyEd25519 }: Primitives,
  text: string,
  signature: NoteSignature,
  key: VerifierKey,
): Promise<VerifiedSignature> {
  const timestamp = key.kind === 'cosignature' ? timestampOf(signature) : undefined;
  const message = timestamp === undefined ? utf8Bytes(text) : cosignedMessage(text, timestamp);
  const bytes = timestamp === undefined ? signature.bytes : signature.bytes.slice(TIMESTAMP_BYTES);
  if (bytes.length !== SIGNATURE_BYTES || !(await verifyEd25519(key.publicKey, bytes, message)))
    throw badSignature(signature);
  return timestamp === undefined ? { key, signature } : { key, signature, timestamp };
}

function timestampOf(signature: NoteSignature): number {
  if (signature.bytes.length !== TIMESTAMP_BYTES + SIGNATURE_BYTES) throw badSignature(signature);
  const timestamp = signature.bytes.slice(0, TIMESTAMP_BYTES).reduce((value, byte) => value * 256 + byte, 0);
  // A time that a number cannot hold would be verified over another text than was signed.
  if (!Number.isSafeInteger(timestamp)) throw badSignature(signature);
  return timestamp;
}

function badSignature({ name, keyId }: NoteSignature): NoteError {
  return new NoteError('bad-signature', `The signature of ${name}+${keyId} is false.`);
}

/** Well-formed Unicode without control characters other than new lines. */
function isNoteText(text: string): boolean {
  return !/\p{Surrogate}/u.test(text) && [...text].every((character) => character >= ' ' || character === '\n');
}
