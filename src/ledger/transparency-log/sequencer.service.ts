/**
 * The one sequencer: after commit, it gives every entry its place in the log and publishes a checkpoint for each slot of a fixed schedule.
 * The database says what is not logged yet, and for which slot there is a checkpoint; running this twice, or in two processes, changes nothing.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import { Settings } from '../../kernel/settings.js';
import { formatCheckpoint } from './domain/checkpoint.js';
import { beginInput, commitToInput } from './domain/commitments.js';
import { entryTextWriters, type LoggedAccount } from './domain/entry-leaf.js';
import { at, ENTRY_LINE, ENTRY_SESSION, EntryRow } from './domain/entry-row.js';
import { buildEpoch, LARGEST_EPOCH, nextEpochSize, type EpochSize } from './domain/epoch.js';
import { Frontier } from './domain/frontier.js';
import { COMMITMENTS_BYTES, READERS, SALT_BYTES } from './domain/leaf-format.js';
import { HASH_BYTES } from './domain/primitives.js';
import { LogSigner } from './log-signer.js';
import { loggedAccounts } from './logged-accounts.js';
import { LOCK_SEQUENCER, PeriodSeals } from './period-seals.js';
import { Witnesses } from './witnesses.service.js';

/** How long a publication waits for transactions that were open when it began; what is still open then is logged by the next one. */
const WAIT_FOR_OPEN_MS = 5_000;
const WAIT_STEP_MS = 20;
const HOUR_MS = 3_600_000;
/** Of a commitment to a text of an entry; no text comes near it. */
const LONGEST_INPUT_BYTES = 64 * 1024;

export interface Published {
  slot: Date;
  /** Leaves in the log, dummies included. */
  size: number;
  entries: number;
  seals: number;
  cosignatures: number;
}

/** Which entries can be logged now. Transaction ids and seqs are text, for they pass what a number holds. */
interface Window {
  /** What was numbered until then is in the log already, or was rolled back. */
  low: string;
  /** The oldest transaction that is open. */
  xmin: string;
  /** This one: what was numbered until `seqSeen` belongs to transactions before it. */
  ceiling: string;
  seqSeen: string;
  /** What was numbered until then is of transactions that have ended, so all of it that is there gets into the log now. */
  finished: string;
}

interface LogEnd {
  epoch: number;
  epochSize: EpochSize;
  frontier: Frontier;
}

@Injectable()
export class SequencerService {
  private readonly log = new Logger(SequencerService.name);

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
    private readonly signer: LogSigner,
    private readonly seals: PeriodSeals,
    private readonly witnesses: Witnesses,
  ) {}

  /** The latest slot of the schedule that has begun. */
  currentSlot(): Date {
    const everyMs = (this.settings.log.everyHours ?? 24) * HOUR_MS;
    return new Date(Math.floor(this.clock.now().getTime() / everyMs) * everyMs);
  }

  /** Publishes for the current slot, unless that was done: then null. Asks the witnesses in any case, for one may have been away. */
  async publishDue(actor: Actor): Promise<Published | null> {
    requirePermission(actor, 'books:publish');
    const slot = this.currentSlot();
    if (await this.isPublished(this.db.manager, slot)) {
      await this.witnesses.cosignLatest();
      return null;
    }
    await this.signer.signer(); // before a transaction holds a connection
    await this.seals.closeEnded(actor);
    await this.waitForOpenTransactions();
    const published = await this.db.transaction(async (manager) => {
      const done = await this.publish(manager, slot);
      // Sizes are padded, so they may be told; how many entries there were is not.
      if (done)
        await this.audit.record(manager, actor, 'log.publish', { kind: 'checkpoint', id: String(done.size) }, {});
      return done;
    });
    if (!published) return null;
    return { ...published, cosignatures: await this.witnesses.cosignLatest() };
  }

  private async publish(manager: EntityManager, slot: Date): Promise<Omit<Published, 'cosignatures'> | null> {
    await manager.query(LOCK_SEQUENCER);
    if (await this.isPublished(manager, slot)) return null;
    const window = await this.window(manager);
    const end = await this.end(manager);
    const fresh = await this.seals.sealReady(manager, window.xmin, window.low);
    await manager.query(ENTRY_SESSION);
    const accounts = await loggedAccounts(manager);
    let entries = 0;
    for (let sealsLeft = fresh, isFirst = true; ; isFirst = false) {
      const most = LARGEST_EPOCH - sealsLeft.length;
      const rows = await this.unlogged(manager, window, most);
      if (rows.length === 0 && !isFirst) break;
      await this.append(manager, end, window, accounts, rows, sealsLeft);
      entries += rows.length;
      sealsLeft = [];
      if (rows.length < most) break;
      window.low = rows.at(-1)?.text(at.seq) ?? window.low; // of what comes before, all that can be logged now just was
    }
    const signer = await this.signer.signer();
    const size = end.frontier.size;
    const text = formatCheckpoint({ origin: signer.key.name, size, root: end.frontier.root(), extensions: [] });
    await manager.query('select ledger.publish_checkpoint($1, $2, $3, $4, $5)', [
      size,
      end.epoch,
      slot,
      `${text}\n${signer.sign(text)}`,
      this.clock.now(),
    ]);
    return { slot, size, entries, seals: fresh.length };
  }

  private async append(
    manager: EntityManager,
    end: LogEnd,
    window: Window,
    accounts: ReadonlyMap<number, LoggedAccount>,
    rows: readonly EntryRow[],
    seals: readonly { id: string; salts: Buffer; commitments: Buffer }[],
  ): Promise<void> {
    const count = rows.length + seals.length;
    const salts = Buffer.concat([
      randomBytes(rows.length * READERS.length * SALT_BYTES),
      ...seals.map((seal) => seal.salts),
    ]);
    const commitments = Buffer.concat([
      Buffer.alloc(rows.length * COMMITMENTS_BYTES),
      ...seals.map((seal) => seal.commitments),
    ]);
    const input = Buffer.alloc(LONGEST_INPUT_BYTES);
    rows.forEach((row, k) => {
      const debit = accountOf(accounts, row.number(at.debit));
      const credit = accountOf(accounts, row.number(at.credit));
      entryTextWriters.forEach((write, reader) => {
        const textAt = beginInput(salts, (k * READERS.length + reader) * SALT_BYTES, input, 0);
        const end = write(row, debit, credit, input, textAt);
        commitToInput(input.subarray(0, end), commitments, k * COMMITMENTS_BYTES + reader * HASH_BYTES);
      });
    });
    const firstIndex = end.frontier.size;
    const size = nextEpochSize(count, end.epochSize);
    const built = await buildEpoch(commitments, size, end.frontier, (level, from, through) =>
      tileRoots(manager, level, from, through),
    );
    end.epoch += 1;
    end.epochSize = size;
    await manager.query(
      'select ledger.append_epoch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)',
      [
        end.epoch,
        firstIndex,
        size,
        built.dummyKey,
        window.seqSeen,
        window.ceiling,
        // Should another epoch of this publication follow, it says so again; it is all one transaction.
        window.finished,
        Buffer.concat(end.frontier.hashes),
        this.clock.now(),
        built.indexes,
        [...rows.map((row) => row.text(at.seq)), ...seals.map(() => null)],
        [...rows.map(() => null), ...seals.map((seal) => seal.id)],
        commitments,
        salts,
        built.tiles.map((tile) => tile.level),
        built.tiles.map((tile) => tile.index),
        Buffer.concat(built.tiles.map((tile) => tile.hashes)),
        Buffer.concat(built.tiles.map((tile) => tile.root)),
      ],
    );
  }

  private async unlogged(manager: EntityManager, { low, xmin }: Window, limit: number): Promise<EntryRow[]> {
    const lines = await manager.query<{ line: string }[]>(UNLOGGED, [low, xmin, limit]);
    return lines.map(({ line }) => EntryRow.of(line));
  }

  /**
   * The seq is read first, then this transaction takes its id, and then the snapshot is taken: every seq drawn so far belongs to a transaction
   * with a lower id, because posting takes its id before it draws one. The snapshot's own upper end would not do: it lies one past the last
   * transaction that has ended, and one that is open can have that very number.
   */
  private async window(manager: EntityManager): Promise<Window> {
    const [drawn] = await manager.query<{ seq: string; own: string | null }[]>(
      'select case when is_called then last_value else 0 end::text seq, pg_current_xact_id_if_assigned()::text own from ledger.entry_seq_seq',
    );
    if (drawn?.own !== null) throw new Error('this transaction took its id too early');
    await manager.query('select pg_current_xact_id()');
    const [seen] = await manager.query<Omit<Window, 'seqSeen'>[]>(WINDOW, [drawn.seq]);
    if (!seen) throw new Error('the database did not say where it stands');
    return { ...seen, seqSeen: drawn.seq };
  }

  private async end(manager: EntityManager): Promise<LogEnd> {
    const [last] = await manager.query<{ number: number; first_index: string; size: EpochSize; frontier: Buffer }[]>(
      'select number, first_index::text, size, frontier from ledger.epoch order by number desc limit 1',
    );
    const least = (this.settings.log.leastEpoch ?? 256) as EpochSize;
    if (!last) return { epoch: 0, epochSize: least, frontier: Frontier.empty() };
    const hashes = Array.from({ length: last.frontier.length / HASH_BYTES }, (_, k) =>
      last.frontier.subarray(k * HASH_BYTES, (k + 1) * HASH_BYTES),
    );
    return {
      epoch: last.number,
      epochSize: Math.max(last.size, least) as EpochSize,
      frontier: Frontier.from(Number(last.first_index) + last.size, hashes),
    };
  }

  private async isPublished(manager: EntityManager, slot: Date): Promise<boolean> {
    const rows = await manager.query<unknown[]>('select 1 from ledger.checkpoint where slot = $1', [slot]);
    return rows.length > 0;
  }

  /** Until everything that was open at this moment has ended, or patience has. */
  private async waitForOpenTransactions(): Promise<void> {
    // Takes an id of its own: everything that is open has a lower one.
    const [now] = await this.db.query<{ id: string }[]>('select pg_current_xact_id()::text id');
    for (let waitedMs = 0; waitedMs < WAIT_FOR_OPEN_MS; waitedMs += WAIT_STEP_MS) {
      const [then] = await this.db.query<{ ended: boolean }[]>(
        'select pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 as ended',
        [now?.id],
      );
      if (then?.ended) return;
      await sleep(WAIT_STEP_MS);
    }
    this.log.warn('a transaction has been open for long; what it posts is logged by the next publication');
  }
}

function accountOf(accounts: ReadonlyMap<number, LoggedAccount>, id: number): LoggedAccount {
  const found = accounts.get(id);
  if (!found) throw new Error(`account ${id} of an entry is not there`);
  return found;
}

async function tileRoots(manager: EntityManager, level: number, from: number, through: number): Promise<Buffer[]> {
  const rows = await manager.query<{ root: Buffer }[]>(
    'select root from ledger.tile where level = $1 and index between $2 and $3 order by index',
    [level, from, through],
  );
  if (rows.length !== through - from + 1)
    throw new Error(`tiles ${from} to ${through} of level ${level} are not all there`);
  return rows.map((row) => row.root);
}

/**
 * $1 the last seq drawn before this snapshot. Finished: of the epochs (and this moment) whose transactions had all begun before the oldest
 * that is open now, the furthest; never less than what was finished before, also when a backup was restored where transactions are numbered anew.
 */
const WINDOW = `
  select oldest::text xmin, own::text ceiling, low::text,
         greatest(low, case when own <= oldest then $1::bigint else 0 end,
                  (select coalesce(max(seq_seen), 0) from ledger.epoch where xact_ceiling <= oldest))::text finished
  from (select pg_snapshot_xmin(s) oldest, pg_current_xact_id() own, (select coalesce(max(seq_finished), 0) from ledger.epoch) low
        from pg_current_snapshot() s) now`;

/**
 * $1 low, $2 xmin, $3 at most how many. A row that is visible and yet of a transaction in the future came with a backup from another cluster,
 * where that transaction ended long ago.
 */
const UNLOGGED = `
  select ${ENTRY_LINE} line
  from ledger.entry e
  where e.seq > $1 and (e.xact < $2::xid8 or e.xact >= pg_snapshot_xmax(pg_current_snapshot()))
    and not exists (select from ledger.leaf l where l.entry_seq = e.seq)
  order by e.seq limit $3`;
