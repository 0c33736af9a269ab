/** The file in which wrapped data keys are kept apart from all other data: its text, its seal, and how long it may be used. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from '../../kernel/domain/canonical.js';
import { Problem } from '../../kernel/domain/problem.js';
import { sentence, type Sentence } from '../../kernel/domain/sentence.js';

const FORMAT = 'uct-ledger key file 1';
/** So that whoever is erased is erased in every backup by then. */
export const KEY_FILE_DAYS = 30;
const DAY_MS = 86_400_000;
/** Two machines do not tell quite the same time. */
const CLOCKS_APART_MS = 3_600_000;

export interface KeyFile {
  madeAt: string;
  /** `wrapped` in base64. */
  keys: { client: string; provider: string; keyId: string; wrapped: string }[];
  erased: { client: string; at: string }[];
}

/** The file's text, with a keyed digest over everything in it. */
export function keyFileText(file: KeyFile, key: Buffer): string {
  const content = { format: FORMAT, madeAt: file.madeAt, keys: file.keys, erased: file.erased };
  return `${JSON.stringify({ ...content, mac: macOf(content, key).toString('base64') }, null, 1)}\n`;
}

/** Reads what `keyFileText` made. Throws `key-file-unreadable`, `key-file-changed`, `key-file-too-old`, `key-file-of-the-future` (422). */
export function readKeyFile(text: string, key: Buffer, now: Date): KeyFile {
  const { mac, ...content } = parsed(text);
  const given = Buffer.from(typeof mac === 'string' ? mac : '', 'base64');
  const right = macOf(content, key);
  if (given.length !== right.length || !timingSafeEqual(given, right))
    throw refused(
      'key-file-changed',
      sentence('The file was changed, or it is of another database. Nothing was restored.'),
    );
  // From here on it is what this service wrote.
  const file = content as unknown as KeyFile;
  const age = now.getTime() - Date.parse(file.madeAt);
  if (age > KEY_FILE_DAYS * DAY_MS)
    throw refused(
      'key-file-too-old',
      sentence('The file is older than {days} days and is used no more. Delete it.', { days: KEY_FILE_DAYS }),
    );
  if (age < -CLOCKS_APART_MS)
    throw refused('key-file-of-the-future', sentence("The file is from the future: look at this machine's clock."));
  return file;
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'format' in value && value.format === FORMAT) return value;
  } catch {
    // said below
  }
  throw refused('key-file-unreadable', sentence('This is no key file of this service, or not all of it.'));
}

function macOf(content: object, key: Buffer): Buffer {
  return createHmac('sha256', key).update(canonicalJson(content)).digest();
}

const refused = (code: string, wording: Sentence) => Problem.refused(code, wording, 'file');
