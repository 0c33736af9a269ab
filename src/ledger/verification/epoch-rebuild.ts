/** One epoch of the log, made of its rows again: the commitments that they make, the hashes of its leaves, and which rows are not as they were. */
import { commitInto, dummyCommitments } from '../transparency-log/domain/commitments.js';
import { at, EntryRow } from '../transparency-log/domain/entry-row.js';
import { COMMITMENTS_BYTES, READERS, SALT_BYTES, type Reader } from '../transparency-log/domain/leaf-format.js';
import { HASH_BYTES } from '../transparency-log/domain/primitives.js';
import type { Check } from './domain/findings.js';
import { NOT_THERE } from './binary-rows.js';
import type { LeafRows } from './leaf-rows.js';
import type { HashingThread } from './hashing/hashing-thread.js';
import { asBuffer } from './hashing/jobs.js';

/** What is hashed together: enough that handing it over costs nothing, little enough for a processor's cache. */
const BATCH_BYTES = 256 * 1024;
const BATCH_ROWS = 1_024;
/** A uuid, as text. */
const ID_BYTES = 36;

export interface EpochRow {
  number: number;
  firstIndex: number;
  size: number;
  leafCount: number;
  dummyKey: Buffer;
  frontier: Buffer;
  seqFinished: number;
}

export interface SealRow {
  id: string;
  texts: readonly [string, string, string];
}

/** What stands behind a leaf. */
export type Content = EntryRow | SealRow;

/** What the leaves of all epochs are held against. */
export interface LogContext {
  /** Transfers whose subject was erased. */
  erasures: ReadonlySet<string>;
  leavesCheck: Check;
  thread: HashingThread;
  /** What was hashed and can be filled again. */
  spare: Batch[];
}

/** Rows with their salts, and the place in the epoch of each. */
interface Batch {
  rows: Buffer<ArrayBuffer>;
  salts: Buffer<ArrayBuffer>;
  places: Int32Array;
  count: number;
  filled: number;
}

export class EpochRebuild {
  /** Of every place: dummies, until an entry or a seal takes it. */
  private readonly commitments: Buffer<ArrayBuffer>;
  /** What is sealed together, as `LogRebuild` numbers it; zero where there is no entry. */
  private readonly owners: Int32Array;
  /** The row that took the place, plus one. */
  private readonly rowAt: Int32Array;
  /** Of the entry in each place, as text; zeros where there is none. */
  private readonly entryIds: Buffer;
  private readonly changed = new Map<number, string>();
  private batch: Batch;
  private readonly jobs: Promise<void>[] = [];
  erased = 0;

  /** `since` names the checkpoint with which it was published. */
  constructor(
    readonly epoch: EpochRow,
    readonly since: string,
    private readonly leaves: LeafRows | undefined,
    private readonly context: LogContext,
  ) {
    this.commitments = Buffer.alloc(epoch.size * COMMITMENTS_BYTES); // its own memory, because it moves to the thread
    dummyCommitments(epoch.dummyKey, epoch.size).copy(this.commitments);
    this.batch = context.spare.pop() ?? newBatch();
    this.owners = new Int32Array(epoch.size);
    this.entryIds = Buffer.alloc(epoch.size * ID_BYTES);
    this.rowAt = new Int32Array(epoch.size);
  }

  /** Takes one of its leaves with what stands behind it. */
  put(leaves: LeafRows, row: number, content: Content | null, owner: number): void {
    const { epoch, since, commitments } = this;
    const { leavesCheck } = this.context;
    const place = leaves.index(row) - epoch.firstIndex;
    if (place < 0 || place >= epoch.size) {
      leavesCheck.fault('its place is outside its epoch', `leaf ${leaves.index(row)}`, since);
      return;
    }
    this.rowAt[place] = row + 1;
    this.owners[place] = owner;
    if (content && isEntry(content)) this.keepId(place, content);
    if (!leaves.copyCommitments(row, commitments, place * COMMITMENTS_BYTES))
      leavesCheck.fault('its commitments have another length', this.nameOf(place), since);
    if (content) this.recommit(leaves, row, place, content);
    else leavesCheck.fault('the row that it stands for is not there', this.nameOf(place), since);
  }

  /** The hashes of its leaves as the rows make them, and the root of each tile of them. Nothing can be put afterwards. */
  async hashed(): Promise<{ hashes: Buffer; roots: Buffer }> {
    this.send();
    await Promise.all(this.jobs);
    this.context.spare.push(this.batch);
    const { hashes, roots } = await this.context.thread.leaves({ commitments: this.commitments });
    return { hashes: asBuffer(hashes), roots: asBuffer(roots) };
  }

  /** The places of leaves that the rows do not make as they were logged, and of what that is said. */
  changes(): ReadonlyMap<number, string> {
    return this.changed;
  }

  isTaken(place: number): boolean {
    return this.rowAt[place] !== 0;
  }

  /** The number of what the entry in that place is sealed with; zero where there is no entry. */
  ownerOf(place: number): number {
    return this.owners[place] ?? 0;
  }

  nameOf(place: number): string {
    const index = this.epoch.firstIndex + place;
    const row = (this.rowAt[place] ?? 0) - 1;
    const seq = this.leaves?.seq(row) ?? null;
    if (seq === null) return `seal ${this.leaves?.sealId(row)} (leaf ${index})`;
    const id = this.entryIds.toString('latin1', place * ID_BYTES, (place + 1) * ID_BYTES);
    return this.entryIds[place * ID_BYTES]
      ? `entry ${id} (seq ${seq}, leaf ${index})`
      : `entry with seq ${seq} (leaf ${index})`;
  }

  private keepId(place: number, row: EntryRow): void {
    const from = row.from(at.id);
    for (let k = 0; k < ID_BYTES; k++) this.entryIds[place * ID_BYTES + k] = row.bytes[from + k] ?? 0;
  }

  /** Has the commitments made that the row and its salts make. */
  private recommit(leaves: LeafRows, row: number, place: number, content: Content): void {
    const saltsAt = leaves.saltsAt(row);
    this.checkSalts(saltsAt, place, content);
    if (!isEntry(content)) {
      const made = Buffer.alloc(COMMITMENTS_BYTES);
      content.texts.forEach((text, k) => {
        const saltAt = saltsAt[k] ?? NOT_THERE;
        if (saltAt !== NOT_THERE) commitInto(text, leaves.salts, saltAt, made, k * HASH_BYTES);
      });
      this.compare(made, 0, place);
      return;
    }
    const { begin, end } = content;
    if (this.batch.count === BATCH_ROWS || this.batch.filled + end - begin + 1 > BATCH_BYTES) this.send();
    const { batch } = this;
    content.bytes.copy(batch.rows, batch.filled, begin, end);
    batch.filled += end - begin;
    batch.rows[batch.filled++] = NEWLINE;
    for (let k = 0; k < READERS.length; k++) {
      const saltAt = saltsAt[k] ?? NOT_THERE;
      const target = (batch.count * READERS.length + k) * SALT_BYTES;
      if (saltAt !== NOT_THERE)
        for (let n = 0; n < SALT_BYTES; n++) batch.salts[target + n] = leaves.salts[saltAt + n] ?? 0;
    }
    batch.places[batch.count++] = place;
  }

  /** All three salts are there, but for the subject's of a transfer that was erased. */
  private checkSalts(saltsAt: readonly number[], place: number, content: Content): void {
    const { erasures, leavesCheck } = this.context;
    const isErased = erasures.size > 0 && isEntry(content) && erasures.has(content.text(at.obligation));
    for (let k = 0; k < READERS.length; k++) {
      const mayBeErased = isErased && READERS[k] === 'subject';
      if (saltsAt[k] !== NOT_THERE) {
        if (mayBeErased)
          leavesCheck.fault('its subject was erased, and its salt is still there', this.nameOf(place), this.since);
      } else if (mayBeErased) this.erased += 1;
      else leavesCheck.fault(`the salt of its ${READERS[k]}'s fields is gone`, this.nameOf(place), this.since);
    }
  }

  private send(): void {
    const { spare, thread } = this.context;
    const { rows, salts, places, count } = this.batch;
    if (count === 0) return;
    this.batch = spare.pop() ?? newBatch();
    const job = thread.commit({ rows, salts, count }).then((done) => {
      const made = asBuffer(done.commitments);
      const [anew, logged] = [inWords(made), inWords(this.commitments)];
      for (let k = 0; k < count; k++)
        if (!isSameLeaf(anew, k, logged, places[k] ?? 0)) this.compare(made, k * COMMITMENTS_BYTES, places[k] ?? 0);
      spare.push({ rows: asBuffer(done.rows), salts: asBuffer(done.salts), places, count: 0, filled: 0 });
    });
    job.catch(() => undefined); // `hashed` hears of it
    this.jobs.push(job);
  }

  /** Writes the commitments of a leaf to their place and notes which are not those that were logged. Where there is no salt, the logged one stands. */
  private compare(made: Buffer, from: number, place: number): void {
    const to = place * COMMITMENTS_BYTES;
    const saltsAt = this.leaves?.saltsAt((this.rowAt[place] ?? 0) - 1);
    const fields: string[] = [];
    for (let k = 0; k < READERS.length; k++) {
      const [madeAt, loggedAt] = [from + k * HASH_BYTES, to + k * HASH_BYTES];
      if (
        saltsAt?.[k] === NOT_THERE ||
        made.compare(this.commitments, loggedAt, loggedAt + HASH_BYTES, madeAt, madeAt + HASH_BYTES) === 0
      )
        continue;
      made.copy(this.commitments, loggedAt, madeAt, madeAt + HASH_BYTES);
      fields.push(FIELDS[READERS[k] as Reader]);
    }
    if (fields.length > 0) this.changed.set(place, fields.join(' and '));
  }
}

const WORD_BYTES = 4;
const LEAF_WORDS = COMMITMENTS_BYTES / WORD_BYTES;

/** Of memory of its own. Words are compared several times faster than bytes. */
function inWords({ buffer, byteLength }: Buffer<ArrayBuffer>): Int32Array {
  return new Int32Array(buffer, 0, byteLength / WORD_BYTES);
}

function isSameLeaf(one: Int32Array, oneLeaf: number, other: Int32Array, otherLeaf: number): boolean {
  for (let k = 0; k < LEAF_WORDS; k++)
    if (one[oneLeaf * LEAF_WORDS + k] !== other[otherLeaf * LEAF_WORDS + k]) return false;
  return true;
}

function newBatch(): Batch {
  return {
    rows: Buffer.allocUnsafeSlow(BATCH_BYTES),
    salts: Buffer.alloc(BATCH_ROWS * READERS.length * SALT_BYTES),
    places: new Int32Array(BATCH_ROWS),
    count: 0,
    filled: 0,
  };
}

const NEWLINE = 0x0a;
const FIELDS: Record<Reader, string> = {
  donor: 'fund, currency, amount, month or state',
  auditor: 'accounts, rail, evidence, days or phase',
  subject: 'the transfer or the cause',
};

export function isEntry(content: Content): content is EntryRow {
  return content instanceof EntryRow;
}
