/** How an event of the audit trail is hashed and where the chain of hashes stands; written apart from the SQL that makes the chain, to check it. */
import { createHash } from 'node:crypto';
import { Problem } from '../../../kernel/domain/problem.js';

/** The columns of `access.audit_event` in the order in which they are hashed. */
export const HASHED_COLUMNS = [
  'id',
  'seq',
  'at',
  'actor_id',
  'act',
  'subject_kind',
  'subject_id',
  'request_id',
  'detail',
] as const;

/** An event's columns as texts; `at` as seconds since 1970 with six decimals. Null where somebody has taken a value away. */
export type EventTexts = Record<(typeof HASHED_COLUMNS)[number], string | null>;

/** What the chain stands on before its first link. */
export const CHAIN_START = Buffer.alloc(32);

const LEAF = Buffer.from([0x00]);
const LINK = Buffer.from([0x01]);

/** SHA-256 of every column with its length in front; null when a value is missing. */
export function leafOf(event: EventTexts): Buffer | null {
  const hash = createHash('sha256').update(LEAF);
  for (const column of HASHED_COLUMNS) {
    const text = event[column];
    if (text === null) return null;
    const bytes = Buffer.from(text);
    const length = Buffer.alloc(4);
    length.writeInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest();
}

export function chained(before: Buffer, leaf: Buffer): Buffer {
  return createHash('sha256').update(LINK).update(before).update(leaf).digest();
}

/** Where the chain stood: its last number and hash. Whoever keeps it elsewhere can tell later that nothing up to there was changed. */
export interface Head {
  no: number;
  chain: Buffer;
}

/** "128:5f0c…": number and hash, to be written down elsewhere. */
export function headText({ no, chain }: Head): string {
  return `${no}:${chain.toString('hex')}`;
}

/** Throws `head-malformed` (400). */
export function parseHead(text: string): Head {
  const [, no, hash] = /^(0|[1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text.trim().toLowerCase()) ?? [];
  if (no === undefined || hash === undefined) {
    throw Problem.malformed('head-malformed', 'A head is a number, a colon and 64 hexadecimal digits.', 'head');
  }
  return { no: Number(no), chain: Buffer.from(hash, 'hex') };
}
