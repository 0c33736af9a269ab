/** One verification: reads entries in the order in which they were made, and the leaves of the log epoch by epoch, and holds them together. */
import type pg from 'pg';
import { at, type EntryRow } from '../transparency-log/domain/entry-row.js';
import { LARGEST_EPOCH } from '../transparency-log/domain/epoch.js';
import { parseQuarter } from '../../kernel/domain/plain-date.js';
import { TILE_WIDTH } from '../transparency-log/domain/merkle-hash.js';
import { NO_SUBJECT } from '../transparency-log/period-seals.js';
import { QUORUM } from '../transparency-log/witnesses.service.js';
import { checkBalances, checkRules } from './books-check.js';
import { CheckpointCheck, describe, readCheckpoints, readNote, type CheckpointRow } from './checkpoint-check.js';
import { BooksFold, periodOf, type BookAccount } from './domain/books-fold.js';
import { Check, type Findings } from './domain/findings.js';
import { checkSeal, type SealFacts } from './domain/seal-check.js';
import { LeafRows } from './leaf-rows.js';
import type { EntryStream } from './entry-stream.js';
import type { Content, EpochRow } from './epoch-rebuild.js';
import { HashingThread } from './hashing/hashing-thread.js';
import { ReadingFailed, rowsOf } from './rows.js';
import { LogRebuild, type TileRow } from './log-rebuild.js';

export interface VerifyOptions {
  /** Signed notes that somebody kept outside of the database, by name: this ledger must still contain what they say. */
  kept?: readonly { name: string; note: string }[];
  onProgress?: (entries: number, ofAbout: number) => void;
}

/** By what a verification measures time. */
export interface Hours {
  now: Date;
  /** Between two checkpoints. */
  everyHours: number;
}

const PROGRESS_EVERY = 20_000;
const HOUR_MS = 3_600_000;
/** More than are ever told. */
const LATE_KEPT = 1_000;
/** Checkpoints from the end of a quarter by which it has to be sealed, with one to spare. */
const SEALED_WITHIN = 5;
/** Of the bank account, see `ledger.open_account`. */
const NO_FLOOR = -(10n ** 15n);

export class Verifying {
  private readonly checks = {
    accounts: new Check('accounts'),
    balances: new Check('balances'),
    floors: new Check('floors'),
    phases: new Check('phases'),
    leaves: new Check('leaves'),
    tree: new Check('tree'),
    checkpoints: new Check('checkpoints'),
    seals: new Check('seals'),
    waiting: new Check('waiting'),
    kept: new Check('kept'),
  };
  /** Entries that were read and have no leaf yet: late ones, logged in a later epoch, and what is not logged at all. */
  private readonly ahead = new Map<number, EntryRow>();
  private hasEntriesLeft = true;
  /** The row that the stream stands on is in the books. */
  private isTaken = true;
  private isPastLog = false;
  private lastSeq = 0;
  /** How far the walk has come. */
  private where = 'the first epoch';
  /** What was numbered until then is in the log, or was rolled back. */
  private finished = 0;
  private waiting = 0;
  private readonly late: { id: string; seq: string; isPassedOver: boolean }[] = [];
  private heldUp = false;
  private lastButOne: CheckpointRow | undefined;
  private ofAbout = 0;
  private books: BooksFold;
  private onProgress: VerifyOptions['onProgress'];
  private thread: HashingThread | undefined;

  constructor(
    private readonly entries: EntryStream,
    private readonly client: pg.ClientBase,
    private readonly witnessKeys: readonly string[],
    private readonly hours: Hours,
  ) {}

  async run(options: VerifyOptions): Promise<Findings> {
    this.onProgress = options.onProgress;
    try {
      return await this.verify(options);
    } finally {
      await this.thread?.close();
    }
  }

  private async verify(options: VerifyOptions): Promise<Findings> {
    const { checks } = this;
    const accounts = await this.rows<Omit<BookAccount, 'floorMinor'>>(ACCOUNTS);
    this.books = new BooksFold(
      // What the floor has to be, not what the row says that it is.
      accounts.map((account) => ({ ...account, floorMinor: account.kind === 'bank' ? NO_FLOOR : 0n })),
      checks,
    );
    const logged = new Map(accounts.map(({ id, fund, currency, name }) => [id, { fund, currency, name }]));
    const erasures = await this.rows<{ id: string }>('select obligation_id::text id from ledger.subject_erasure');
    const log = new LogRebuild(
      logged,
      {
        erasures: new Set(erasures.map(({ id }) => id)),
        leavesCheck: checks.leaves,
        thread: (this.thread = new HashingThread(logged)),
        spare: [],
      },
      checks.tree,
    );
    this.ofAbout = Number(
      (await this.rows<{ n: string }>('select last_value::text n from ledger.entry_seq_seq'))[0]?.n ?? 0,
    );
    const epochs = await this.rows<EpochRow>(EPOCHS);
    const checkpoints = await readCheckpoints(this.client);
    const seals = new Map((await this.rows<SealFacts & { id: string }>(SEALS)).map((seal) => [seal.id, seal]));
    const upper = tilesByKey(await this.rows<TileRow>(`${TILES} where level > 0`));

    const kept = (options.kept ?? []).map(({ name, note }) => ({ name, note, checkpoint: readNote(note) }));
    const wanted = new Set([...checkpoints.map((one) => one.size), ...kept.map((one) => one.checkpoint?.size)]);
    const roots = new Map<number, Buffer>();
    const contents = new Map(
      [...seals].map(([id, { donorText, auditorText }]) => [
        id,
        { id, texts: [donorText, auditorText, NO_SUBJECT] as const },
      ]),
    );
    this.finished = epochs.reduce((most, { seqFinished }) => Math.max(most, seqFinished), 0);
    if (this.finished > this.ofAbout)
      checks.waiting.fault(
        `it is said that all is logged up to seq ${this.finished}, and that many were never numbered`,
        'epochs',
      );
    this.lastButOne = checkpoints.at(-2);
    const isWhole = await this.judged(
      checks.tree,
      () => this.where,
      async () => {
        await this.walk(log, epochs, checkpoints, contents, upper, (size) => {
          if (wanted.has(size)) roots.set(size, log.root());
        });
        this.isPastLog = true;
        for (const row of this.ahead.values()) this.wait(row);
        this.ahead.clear();
        while (await this.next()) continue;
      },
    );
    if (!isWhole) {
      for (const check of Object.values(checks))
        if (check !== checks.tree) check.fault('it was not looked at to its end', this.where);
      return this.findings(log, checkpoints.length, 0, seals.size, kept.length);
    }
    await this.checkLate();
    await this.judged(checks.phases, 'entries', () => checkRules(this.client, checks.phases));
    await this.judged(checks.balances, 'balances', () => checkBalances(this.client, this.books, checks.balances));
    await this.judged(checks.seals, 'seals', () => this.checkSeals(seals, log, checkpoints));
    await this.checkTiles(log.size);
    const { now } = this.hours;
    const check = await CheckpointCheck.with(this.client, checks.checkpoints, roots, this.witnessKeys, now);
    let witnessed = 0;
    for (const checkpoint of checkpoints)
      await this.judged(checks.checkpoints, describe(checkpoint), async () => {
        if (await check.isWitnessed(checkpoint)) witnessed += 1;
      });
    const ends = new Set(checkpoints.map(({ size }) => size));
    // A publication makes one epoch after the other only when they are full, and a checkpoint after the last.
    for (const { number, firstIndex, size, leafCount } of epochs)
      if (!ends.has(firstIndex + size) && (leafCount < LARGEST_EPOCH || number === epochs.at(-1)?.number))
        checks.checkpoints.fault('no checkpoint follows it, and one did', `epoch ${number}`);
    for (const one of kept) await check.checkKept(one, checks.kept);
    return this.findings(log, checkpoints.length, witnessed, seals.size, kept.length);
  }

  /** Reads leaves epoch by epoch, with the entries and seals that they stand for. */
  private async walk(
    log: LogRebuild,
    epochs: readonly EpochRow[],
    checkpoints: readonly CheckpointRow[],
    contents: ReadonlyMap<string, Content>,
    upper: ReadonlyMap<string, TileRow>,
    onSize: (size: number) => void,
  ): Promise<void> {
    const all = [...batches(epochs)];
    let coming = this.leavesOf(all[0]);
    let published = 0; // checkpoints by which the epochs before were published
    let ending: Promise<void> = Promise.resolve(); // of the epoch before, which is hashed while this one is read
    for (const [number, batch] of all.entries()) {
      const leaves = await coming;
      const tiles = await this.tilesOf(batch, upper);
      coming = this.leavesOf(all[number + 1]); // is read while this one is worked on
      const rows = leaves?.byEpoch() ?? new Map<number, Int32Array>();
      for (const epoch of batch) {
        this.where = `epoch ${epoch.number}`;
        const own = rows.get(epoch.number) ?? new Int32Array();
        while ((checkpoints[published]?.size ?? Infinity) < epoch.firstIndex + epoch.size) published += 1;
        const rebuilt = log.begin(epoch, leaves, own.length, sinceOf(checkpoints[published]));
        for (const row of own) {
          const sealId = leaves?.sealId(row);
          const seq = leaves?.seq(row) ?? null;
          const content = sealId ? (contents.get(sealId) ?? null) : (this.entryAtHand(seq) ?? (await this.entry(seq)));
          if (leaves) log.put(rebuilt, leaves, row, content);
        }
        await ending;
        ending = log.end(rebuilt, tiles).then(() => {
          onSize(log.size);
        });
        ending.catch(() => undefined); // whoever waits for it hears of it
      }
    }
    await ending;
  }

  private findings(log: LogRebuild, checkpoints: number, witnessed: number, seals: number, kept: number): Findings {
    const { checks } = this;
    const entries = this.books.entries;
    const findings = [
      checks.accounts.finding(`${counted(entries)} entries: each between two accounts of one fund and one currency`),
      checks.balances.finding('What is kept of balances is what the entries add up to, and debits equal credits'),
      checks.floors.finding('No account was ever below its floor, counting what was reserved'),
      checks.phases.finding('What was reserved was resolved once at the most, and never by more'),
      checks.leaves.finding(
        `Every entry in the log is as it was when it was logged${log.erased > 0 ? ` (of ${counted(log.erased)} leaves the subject was erased, as it may be)` : ''}`,
      ),
      checks.tree.finding(`${counted(log.size)} leaves in the log: the tree is what entries, seals and dummies make`),
      checks.checkpoints.finding(
        `${counted(checkpoints)} checkpoints have the root that the rows make and the log's signature; ${counted(witnessed)} of them are cosigned by ${QUORUM} witnesses or more`,
      ),
      checks.seals.finding(`${counted(seals)} sealed periods say what their entries add up to`),
      checks.waiting.finding(
        `${counted(this.waiting)} entries wait for the next checkpoint, none of them for longer than two${this.heldUp ? ', but for what a transaction that is still open holds up' : ''}`,
      ),
      ...(kept > 0
        ? [checks.kept.finding(`${counted(kept)} checkpoints that were kept elsewhere are of this ledger`)]
        : []),
    ];
    return { holds: findings.every((finding) => finding.holds), entries, leaves: log.size, findings };
  }

  /** Takes the next entry into the books; null when there is none. What is not asked for at once waits. */
  private async next(): Promise<EntryRow | null> {
    while (this.isTaken) {
      if (this.entries.next()) this.isTaken = false;
      else if (!(await this.entries.fill())) {
        this.hasEntriesLeft = false;
        return null;
      }
    }
    const row = this.take().copy();
    if (this.isPastLog) this.wait(row);
    else this.ahead.set(Number.isNaN(this.entries.seq) ? -1 - this.ahead.size : this.entries.seq, row);
    return row;
  }

  private take(): EntryRow {
    this.isTaken = true;
    const { row, seq } = this.entries;
    if (!(seq > this.lastSeq))
      this.checks.accounts.fault('its number is not above that of the one before', `entry ${row.text(at.id)}`);
    else this.lastSeq = seq;
    this.books.add(row);
    if (this.books.entries % PROGRESS_EVERY === 0) this.onProgress?.(this.books.entries, this.ofAbout);
    return row;
  }

  /** The entry when it is the very next one, as it nearly always is; nothing is waited for and nothing put aside. */
  private entryAtHand(seq: number | null): EntryRow | undefined {
    if (this.isTaken) {
      if (!this.entries.next()) return undefined;
      this.isTaken = false;
    }
    return this.entries.seq === seq ? this.take() : undefined;
  }

  /** The entry with that seq, wherever it is; null when it is nowhere. */
  private async entry(seq: number | null): Promise<EntryRow | null> {
    if (seq === null) return null;
    let row = this.ahead.get(seq);
    while (!row && this.hasEntriesLeft) {
      const read = await this.next();
      if (!read || this.entries.seq > seq) break;
      if (this.entries.seq === seq) row = read;
    }
    this.ahead.delete(seq);
    return row ?? null;
  }

  private leavesOf(batch: readonly EpochRow[] | undefined): Promise<LeafRows | undefined> {
    const [first, last] = [batch?.[0], batch?.at(-1)];
    if (!first || !last) return Promise.resolve(undefined);
    const reading = LeafRows.read(this.client, first.firstIndex, last.firstIndex + last.size);
    reading.catch(() => undefined); // whoever waits for it hears of it; nobody may, when something else fails first
    return reading;
  }

  private async tilesOf(
    batch: readonly EpochRow[],
    upper: ReadonlyMap<string, TileRow>,
  ): Promise<Map<string, TileRow>> {
    const [first, last] = [batch[0], batch.at(-1)];
    const rows = await this.rows<TileRow>(`${TILES} where level = 0 and index >= $1 and index < $2`, [
      (first?.firstIndex ?? 0) / TILE_WIDTH,
      ((last?.firstIndex ?? 0) + (last?.size ?? 0)) / TILE_WIDTH,
    ]);
    return new Map([...upper, ...tilesByKey(rows)]);
  }

  /** An entry without a leaf. It may wait for the next checkpoint; one that two have passed over, or should have, was kept out. */
  private wait(row: EntryRow): void {
    this.waiting += 1;
    const recordedAt = Date.parse(row.text(at.recordedAt).replace(' ', 'T').replace(/\+00$/, 'Z'));
    const now = this.hours.now.getTime();
    const patience = now - (2 * this.hours.everyHours + 1) * HOUR_MS;
    const entry = `entry ${row.text(at.id)} (seq ${row.text(at.seq)})`;
    if (row.number(at.seq) <= this.finished)
      this.checks.waiting.fault('it came in below what the log had finished with, so it will never be logged', entry);
    else if (!(recordedAt <= now + HOUR_MS)) this.checks.waiting.fault('it is of a time that has not come', entry);
    else {
      const isPassedOver = this.lastButOne !== undefined && recordedAt < Number(this.lastButOne.madeAt);
      if ((isPassedOver || recordedAt < patience) && this.late.length < LATE_KEPT)
        this.late.push({ id: row.text(at.id), seq: row.text(at.seq), isPassedOver });
    }
  }

  /** Of those that wait too long: a transaction that is still open holds up what came after it, and that is no fault of the books. */
  private async checkLate(): Promise<void> {
    const held = await this.rows<{ id: string }>(
      `select e.id::text from ledger.entry e, pg_current_snapshot() s
       where e.id = any ($1::uuid[]) and e.xact >= pg_snapshot_xmin(s) and e.xact < pg_snapshot_xmax(s)`,
      [this.late.map(({ id }) => id)],
    );
    const isHeld = new Set(held.map(({ id }) => id));
    this.heldUp = isHeld.size > 0;
    for (const { id, seq, isPassedOver } of this.late.filter((entry) => !isHeld.has(entry.id)))
      this.checks.waiting.fault(
        isPassedOver
          ? 'it was kept out of the log by two checkpoints'
          : 'it waits for longer than two checkpoints may take',
        `entry ${id} (seq ${seq})`,
        isPassedOver && this.lastButOne ? describe(this.lastButOne) : null,
      );
  }

  private async checkSeals(
    seals: ReadonlyMap<string, SealFacts & { id: string }>,
    log: LogRebuild,
    checkpoints: readonly CheckpointRow[],
  ): Promise<void> {
    const sealed = new Set<string>();
    for (const seal of seals.values()) {
      sealed.add(`${seal.fund}/${periodOf(seal.through)}`);
      const row = `seal of fund ${seal.fund} through ${seal.through}`;
      await this.judged(this.checks.seals, row, () => {
        for (const what of checkSeal(seal, this.books, log.digests)) this.checks.seals.fault(what, row);
      });
    }
    const lost = await this.rows<{ fund: string; through: string }>(
      `select fund_id::text fund, through::text from ledger.period_seal p where not exists (select from ledger.leaf l where l.seal_id = p.id)`,
    );
    for (const { fund, through } of lost)
      this.checks.seals.fault('it is not in the log', `seal of fund ${fund} through ${through}`);
    // The first checkpoint after a quarter closes it, and one of the next seals it, unless a transaction stays open.
    const slot = checkpoints.at(-SEALED_WITHIN)?.slot;
    for (const { fund, period } of this.books.quarters.values())
      await this.judged(this.checks.seals, `fund ${fund}, ${period}`, () => {
        const isOver = slot && parseQuarter(period).through < slot.toISOString().slice(0, 10);
        if (isOver && !sealed.has(`${fund}/${period}`))
          this.checks.seals.fault(
            `it was not sealed, and ${SEALED_WITHIN - 1} checkpoints came since`,
            `fund ${fund}, ${period}`,
          );
      });
  }

  /** There are as many tiles as the tree has, and no others. */
  private async checkTiles(size: number): Promise<void> {
    const kept = await this.rows<{ level: number; count: number; last: number }>(
      'select level, count(*)::int count, max(index)::float8 as last from ledger.tile group by level',
    );
    for (const { level, count, last } of kept) {
      const full = Math.floor(size / TILE_WIDTH ** (level + 1));
      if (count !== full || last !== full - 1)
        this.checks.tree.fault(
          `the tree has ${full} full tiles there, and ${count} are kept`,
          `tiles of level ${level}`,
        );
    }
  }

  /** What makes no sense is a fault of that row, and no end of the verification. Throws when the database could not be read. */
  private async judged(
    check: Check,
    row: string | (() => string),
    judge: () => void | Promise<void>,
  ): Promise<boolean> {
    try {
      await judge();
      return true;
    } catch (error) {
      if (error instanceof ReadingFailed || isOfTheThread(error)) throw error;
      check.fault(
        `it makes no sense: ${error instanceof Error ? error.message : String(error)}`,
        typeof row === 'string' ? row : row(),
      );
      return false;
    }
  }

  private rows<Row extends object>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return rowsOf<Row>(this.client, sql, parameters);
  }
}

const ACCOUNTS = `
  select a.id::float8 id, a.fund_id::text fund, a.currency, a.kind, concat_ws('/', a.kind, nullif(a.rail, ''), a.holder_id) as name,
         a.normal_side "normalSide"
  from ledger.account a order by a.id`;
const EPOCHS = `
  select number, first_index::float8 "firstIndex", size, leaf_count "leafCount", dummy_key "dummyKey", frontier,
         seq_finished::float8 "seqFinished"
  from ledger.epoch order by number`;
const SEALS = `
  select id::text, fund_id::text fund, through::text, donor_text "donorText", auditor_text "auditorText" from ledger.period_seal order by through`;
const TILES = 'select level, index::float8 "index", hashes, root from ledger.tile';

/** Epochs side by side, as many as one of the largest size would hold. */
function* batches(epochs: readonly EpochRow[]): Generator<EpochRow[]> {
  let batch: EpochRow[] = [];
  let size = 0;
  for (const epoch of epochs) {
    if (size + epoch.size > LARGEST_EPOCH && batch.length > 0) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(epoch);
    size += epoch.size;
  }
  if (batch.length > 0) yield batch;
}

/** A thread that could not go on says nothing about the ledger. */
function isOfTheThread(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_WORKER');
}

const counted = (count: number) => count.toLocaleString('en');

function tilesByKey(rows: readonly TileRow[]): Map<string, TileRow> {
  return new Map(rows.map((row) => [`${row.level}/${row.index}`, row]));
}

function sinceOf(checkpoint: CheckpointRow | undefined): string {
  return checkpoint ? describe(checkpoint) : 'the epoch that no checkpoint follows';
}
