/** A bundle from outside, read strictly: whatever is not exactly of the format is refused here, before anything is believed. */
import { isPlainDate, parseQuarter } from '../../../kernel/domain/plain-date.js';
import { LARGEST_BUNDLE_BYTES, type Bundle, type EntryProof, type Opening, type SealProof } from './bundle.js';
import { CheckpointError, parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { entryStates, type AuditorEntry, type DonorEntry } from './entry-text.js';
import type { Primitives } from './primitives.js';
import { countBands, type AuditorSeal, type DonorSeal, type SealedBalances, type SealedSums } from './seal-text.js';
import {
  NoteError,
  parseNote,
  parseVerifierKey,
  type KeyKind,
  type SignedNote,
  type VerifierKey,
} from './signed-note.js';
import {
  at,
  byCode,
  canonicalText,
  count,
  countParts,
  fields,
  FormFault,
  listOf,
  oneOf,
  orNull,
  parseJson,
  refuse,
  refuseDuplicates,
  text,
  type Form,
} from './strict-form.js';

export interface ReadCheckpoint {
  note: SignedNote;
  checkpoint: Checkpoint;
}

/** A bundle of the right form, and what its texts say. None of it is verified. */
export interface ReadBundle {
  bundle: Bundle;
  logKey: VerifierKey;
  witnessKeys: VerifierKey[];
  checkpoint: ReadCheckpoint;
  seal: DonorSeal;
  auditorSeal?: AuditorSeal;
  previous?: { checkpoint: ReadCheckpoint; seal: DonorSeal };
}

const MOST_WITNESSES = 100;
const MOST_CURRENCIES = 50;
const MOST_ENTRIES = 5_000_000;
/** A proof has a hash for each level at most, and sizes are safe integers. */
const MOST_HASHES = 64;

/** A bundle as it comes: the bytes of a file, its text, or what was parsed of it. */
export type BundleFile = Uint8Array | string | Bundle;

/** The text of a file. Raises `FormFault`: bytes that are not UTF-8 could be read as more than one text. */
export function bundleText(file: Uint8Array): string {
  if (file.length > LARGEST_BUNDLE_BYTES) refuse('too-large', `is larger than ${LARGEST_BUNDLE_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file);
  } catch {
    return refuse('not-json', 'is no text in UTF-8');
  }
}

/** Takes a bundle apart and verifies nothing. Raises `FormFault`. */
export async function readBundle(primitives: Primitives, file: BundleFile): Promise<ReadBundle> {
  const bundle = parseBundle(file);
  const keyAt = async (path: string[], vkey: string, kind: KeyKind) => {
    const key = await parseVerifierKey(vkey, primitives).catch((error: unknown) => faultAt(path, error));
    if (key.kind !== kind) faultAt(path, new FormFault('malformed-field', `is no key for ${KEY_USE[kind]}`));
    return key;
  };
  const logKey = await keyAt(['log', 'vkey'], bundle.log.vkey, 'ed25519');
  const witnessKeys: VerifierKey[] = [];
  for (const [index, vkey] of bundle.log.witnesses.entries())
    witnessKeys.push(await keyAt(['log', 'witnesses', String(index)], vkey, 'cosignature'));
  return {
    bundle,
    logKey,
    witnessKeys,
    checkpoint: checkpointAt(['checkpoint'], bundle.checkpoint),
    seal: JSON.parse(bundle.seal.donor.text) as DonorSeal,
    ...(bundle.seal.auditor && { auditorSeal: JSON.parse(bundle.seal.auditor.text) as AuditorSeal }),
    ...(bundle.previous && {
      previous: {
        checkpoint: checkpointAt(['previous', 'checkpoint'], bundle.previous.checkpoint),
        seal: JSON.parse(bundle.previous.seal.donor.text) as DonorSeal,
      },
    }),
  };
}

/** A signed checkpoint. Raises `NoteError` and `CheckpointError`. */
export function readCheckpoint(note: string): ReadCheckpoint {
  const parsed = parseNote(note);
  return { note: parsed, checkpoint: parseCheckpoint(parsed.text) };
}

/** What a reader kept from before: a checkpoint, or a whole bundle, of which its checkpoint is taken. */
export function keptCheckpoint(kept: string): string {
  if (!kept.trimStart().startsWith('{')) return kept;
  try {
    const { checkpoint } = JSON.parse(kept) as Partial<Bundle>;
    return typeof checkpoint === 'string' ? checkpoint : kept;
  } catch {
    return kept;
  }
}

const KEY_USE: Record<KeyKind, string> = { ed25519: 'a log', cosignature: 'a witness' };

function parseBundle(file: BundleFile): Bundle {
  if (ArrayBuffer.isView(file)) return parseBundle(bundleText(file));
  if (typeof file !== 'string') {
    bundleForm(file);
    return file;
  }
  if (file.length > LARGEST_BUNDLE_BYTES) refuse('too-large', `is larger than ${LARGEST_BUNDLE_BYTES} bytes`);
  const written = countParts(file);
  const parsed = parseJson(file);
  bundleForm(parsed);
  refuseDuplicates(written, parsed);
  return parsed as Bundle;
}

function checkpointAt(path: string[], note: string): ReadCheckpoint {
  try {
    return readCheckpoint(note);
  } catch (error) {
    return faultAt(path, error);
  }
}

function faultAt(path: string[], error: unknown): never {
  const fault =
    error instanceof NoteError || error instanceof CheckpointError
      ? new FormFault('malformed-field', `is malformed: ${error.message}`)
      : error;
  if (fault instanceof FormFault) fault.path.unshift(...path);
  throw fault;
}

// The forms, from the inside outwards.

const hexHash = text(/^[0-9a-f]{64}$/, '32 bytes in hexadecimal');
/** The last sign of 32 bytes holds four bits, so only these can stand there: one spelling for each hash. */
const base64Hash = text(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, '32 bytes in base64');
const uuid = text(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'an id');
const note = text(/^[^]{1,65536}$/, 'a signed note');
const line = text(/^[^]{1,1000}$/, 'a short text');
const label = text(
  /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]{1,500}$/u,
  'a name of at most 500 characters',
);
const currency = /^[A-Z]{3}$/;
const balance = text(/^(0|-?[1-9]\d{0,29})$/, 'a whole number of minor units');
const day: Form = (value) => {
  if (typeof value !== 'string' || !isPlainDate(value)) refuse('malformed-field', 'is no day of the calendar');
};
const quarter = text(/^(19|20|21)\d\d-Q[1-4]$/, 'a quarter like 2026-Q1');

/** An object with the first and the last day of the quarter that one of its fields names. */
function quarterIn<T extends { from: string; through: string }>(name: keyof T & string, form: Form): Form {
  return (value) => {
    form(value);
    const { from, through, [name]: period } = value as T;
    const days = parseQuarter(period as string);
    if (from !== days.from) at('from', () => refuse('malformed-field', `is not the first day of ${days.period}`));
    if (through !== days.through)
      at('through', () => refuse('malformed-field', `is not the last day of ${days.period}`));
  };
}

const sums = fields<SealedSums>({
  granted: balance,
  paid: balance,
  returned: balance,
  exchangedIn: balance,
  exchangedOut: balance,
});

const balances = fields<SealedBalances>({
  bank: balance,
  clearing: balance,
  float: balance,
  paid: balance,
  fund: balance,
  committed: balance,
  returned: balance,
  exchange: balance,
});

const donorSeal = quarterIn<DonorSeal>(
  'period',
  fields<DonorSeal>({
    type: oneOf('seal'),
    fund: uuid,
    period: quarter,
    from: day,
    through: day,
    countBand: oneOf(...countBands),
    sums: byCode(currency, sums, MOST_CURRENCIES),
    balances: byCode(currency, balances, MOST_CURRENCIES),
    digest: hexHash,
  }),
);

const auditorSeal = fields<AuditorSeal>({
  type: oneOf('seal'),
  entries: text(/^(0|[1-9]\d{0,14})$/, 'a count'),
  transfersPaid: text(/^(0|-?[1-9]\d{0,14})$/, 'a count'),
  digestSalt: hexHash,
});

const donorEntry = fields<DonorEntry>({
  type: oneOf('entry'),
  fund: uuid,
  currency: text(currency, 'a code of a currency'),
  amount: text(/^[1-9]\d{0,18}$/, 'a number of minor units above zero'),
  month: text(/^(19|20|21)\d\d-(0[1-9]|1[0-2])$/, 'a month like 2026-03'),
  state: oneOf(...entryStates),
});

const auditorEntry = fields<AuditorEntry>({
  type: oneOf('entry'),
  entry: uuid,
  seq: text(/^(0|[1-9]\d{0,18})$/, 'a number'),
  phase: oneOf('single', 'pending', 'post', 'void'),
  debit: orNull(line),
  credit: orNull(line),
  booked_on: day,
  happened_on: orNull(day),
  recorded_at: orNull(line),
  evidence: orNull(line),
  rail: orNull(line),
  rate: orNull(line),
  link: orNull(line),
  pending: orNull(line),
  reverses: orNull(line),
});

const opening = (content: Form) => fields<Opening>({ text: canonicalText(content), salt: hexHash });

const threeCommitments: Form = (value) => {
  listOf(hexHash, 3)(value);
  if ((value as unknown[]).length !== 3) refuse('malformed-field', 'is not three commitments');
};

const leaf = { index: count, commitments: threeCommitments, proof: listOf(base64Hash, MOST_HASHES) };

const sealProof = fields<SealProof>({ ...leaf, donor: opening(donorSeal), auditor: opening(auditorSeal) }, ['auditor']);

const entryProof = fields<EntryProof>({ ...leaf, donor: opening(donorEntry), auditor: opening(auditorEntry) });

const bundleFields = fields<Bundle>(
  {
    format: oneOf('uct-ledger/bundle/1'),
    fund: fields<Bundle['fund']>({ id: uuid, code: label, name: label, donor: label }),
    period: quarterIn<Bundle['period']>('name', fields<Bundle['period']>({ name: quarter, from: day, through: day })),
    log: fields<Bundle['log']>({ vkey: line, witnesses: listOf(line, MOST_WITNESSES) }),
    checkpoint: note,
    seal: sealProof,
    previous: orNull(
      fields<NonNullable<Bundle['previous']>>({
        period: quarter,
        checkpoint: note,
        proof: listOf(base64Hash, MOST_HASHES),
        seal: sealProof,
      }),
    ),
    entries: listOf(entryProof, MOST_ENTRIES),
  },
  ['entries'],
);

function bundleForm(value: unknown): void {
  bundleFields(value);
  const { entries, seal } = value as Bundle;
  if ((entries === undefined) !== (seal.auditor === undefined))
    at('entries', () => refuse('missing-field', "and the auditor's opening of the seal go together"));
}
