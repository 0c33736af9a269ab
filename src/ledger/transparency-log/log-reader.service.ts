/** Reading the log: checkpoints with their cosignatures, tiles, and the proof that one entry is in it. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Problem } from '../../kernel/domain/problem.js';
import type { Opening } from './domain/bundle.js';
import { entryText, type LoggedAccount } from './domain/entry-leaf.js';
import { at, ENTRY_LINE, ENTRY_SESSION, EntryRow } from './domain/entry-row.js';
import { inclusionProof } from './domain/merkle-proof.js';
import { HASH_BYTES } from './domain/primitives.js';
import { TILE_WIDTH } from './domain/merkle-hash.js';
import { tileKey, TileNodes, tilesForInclusion, type TileId } from './domain/tile-nodes.js';
import { loggedAccounts } from './logged-accounts.js';
import { readTiles } from './tile-store.js';

export interface PublishedCheckpoint {
  size: number;
  /** Signed note, with the lines of every witness that cosigned. */
  note: string;
  slot: Date;
  witnesses: string[];
}

/** One entry for an auditor: its place in the log, what opens its commitments to donor and auditor, and the proof that it is in the tree. */
export interface ProofOfEntry {
  entry: string;
  index: number;
  commitments: string[];
  donor: Opening;
  auditor: Opening;
  checkpoint: string;
  /** Base64, from the leaf upwards. */
  proof: string[];
}

@Injectable()
export class LogReader {
  constructor(private readonly db: DataSource) {}

  /** The latest checkpoint. Throws `not-found` (404) before the first is published. */
  async latest(): Promise<PublishedCheckpoint> {
    const [checkpoint] = await this.checkpoints(1);
    if (!checkpoint) throw Problem.notFound('checkpoint');
    return checkpoint;
  }

  /** The newest checkpoints, newest first. */
  checkpoints(limit: number): Promise<PublishedCheckpoint[]> {
    return readCheckpoints(this.db.manager, 'true', [], 'c.size desc', limit);
  }

  /** A tile of the tree, 32 bytes for each hash; `width` when less than the full tile is asked for. Throws `not-found` (404). */
  async tile(tile: TileId, width: number): Promise<Buffer> {
    const hashes = (await readTiles(this.db.manager, [tile])).get(tileKey(tile));
    if (!hashes || hashes.length < width * HASH_BYTES || width > TILE_WIDTH) throw Problem.notFound('tile');
    return hashes.subarray(0, width * HASH_BYTES);
  }

  /** Throws `not-found` (404), `not-logged-yet` (409). */
  async proofOfEntry(actor: Actor, entryId: string): Promise<ProofOfEntry> {
    requirePermission(actor, 'audit:read');
    return this.db.transaction('REPEATABLE READ', async (manager) => {
      await manager.query(ENTRY_SESSION);
      const [found] = await manager.query<LoggedEntry[]>(LOGGED_ENTRY, [entryId]);
      if (!found) throw Problem.notFound('entry');
      const [checkpoint] = await readCheckpoints(manager, 'c.size > $1', [found.log_index], 'c.size desc', 1);
      if (found.log_index === null || !checkpoint)
        throw Problem.conflict('not-logged-yet', 'The entry enters the log with the next checkpoint.');
      const index = Number(found.log_index);
      const tiles = await readTiles(manager, tilesForInclusion(index, checkpoint.size));
      return {
        entry: entryId,
        index,
        commitments: commitmentsInHex(found.commitments),
        ...openings(found, await loggedAccounts(manager)),
        checkpoint: checkpoint.note,
        proof: proofInBase64(inclusionProof(new TileNodes(tiles), index, checkpoint.size)),
      };
    });
  }
}

/** `where` and `order` are ours; `$1`… are its parameters. */
export async function readCheckpoints(
  manager: EntityManager,
  where: string,
  parameters: unknown[],
  order: string,
  limit: number,
): Promise<PublishedCheckpoint[]> {
  const rows = await manager.query<{ size: string; note: string; slot: Date; lines: string[]; witnesses: string[] }[]>(
    `select c.size::text, c.note, c.slot,
            array(select s.line from ledger.cosignature s where s.size = c.size order by s.witness) lines,
            array(select s.witness from ledger.cosignature s where s.size = c.size order by s.witness) witnesses
     from ledger.checkpoint c where ${where} order by ${order} limit ${limit}`,
    parameters,
  );
  return rows.map(({ size, note, slot, lines, witnesses }) => ({
    size: Number(size),
    note: [note, ...lines].join(''),
    slot,
    witnesses,
  }));
}

export interface LoggedEntry {
  line: string;
  log_index: string | null;
  commitments: Buffer;
  donor_salt: Buffer;
  auditor_salt: Buffer;
}

/** Columns of an entry `e` with its leaf `l` and salts `s`. */
export const LOGGED_ENTRY_COLUMNS = `${ENTRY_LINE} line, l.log_index::text, l.commitments,
  s.donor donor_salt, s.auditor auditor_salt`;

/** $1 id of the entry. */
const LOGGED_ENTRY = `
  select ${LOGGED_ENTRY_COLUMNS}
  from ledger.entry e left join ledger.leaf l on l.entry_seq = e.seq left join ledger.leaf_salt s on s.log_index = l.log_index
  where e.id = $1`;

/** What donor and auditor may open of an entry: the texts, made from its row again, and the salts. */
export function openings(
  { line, donor_salt: donorSalt, auditor_salt: auditorSalt }: LoggedEntry,
  accounts: ReadonlyMap<number, LoggedAccount>,
): { donor: Opening; auditor: Opening } {
  const row = EntryRow.of(line);
  const debit = accounts.get(row.number(at.debit));
  const credit = accounts.get(row.number(at.credit));
  if (!debit || !credit) throw new Error('an account of an entry is not there');
  return {
    donor: { text: entryText('donor', row, debit, credit), salt: donorSalt.toString('hex') },
    auditor: { text: entryText('auditor', row, debit, credit), salt: auditorSalt.toString('hex') },
  };
}

export function commitmentsInHex(commitments: Buffer): [string, string, string] {
  const part = (k: number) => commitments.subarray(k * HASH_BYTES, (k + 1) * HASH_BYTES).toString('hex');
  return [part(0), part(1), part(2)];
}

export function proofInBase64(proof: readonly Buffer[]): string[] {
  return proof.map((hash) => hash.toString('base64'));
}
