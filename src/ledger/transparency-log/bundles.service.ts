/** Writes the file with which somebody outside checks a fund's quarter: for its donor the seal, for an auditor every entry as well. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { addDays, quarterOf, type Quarter } from '../../kernel/domain/plain-date.js';
import { Problem } from '../../kernel/domain/problem.js';
import type { Bundle, EntryProof, SealProof } from './domain/bundle.js';
import { ENTRY_SESSION } from './domain/entry-row.js';
import { consistencyProof, inclusionProof } from './domain/merkle-proof.js';
import { TileNodes, tilesForConsistency, tilesForInclusion } from './domain/tile-nodes.js';
import {
  commitmentsInHex,
  LOGGED_ENTRY_COLUMNS,
  openings,
  proofInBase64,
  readCheckpoints,
  type LoggedEntry,
  type PublishedCheckpoint,
} from './log-reader.service.js';
import { loggedAccounts } from './logged-accounts.js';
import { LogSigner } from './log-signer.js';
import { readTiles } from './tile-store.js';
import { QUORUM, Witnesses } from './witnesses.service.js';

export type Audience = 'donor' | 'auditor';

const ENTRIES_AT_ONCE = 2_000;

interface SealRow {
  log_index: string;
  commitments: Buffer;
  donor_text: string;
  auditor_text: string;
  donor_salt: Buffer;
  auditor_salt: Buffer;
}

@Injectable()
export class BundlesService {
  constructor(
    private readonly db: DataSource,
    private readonly signer: LogSigner,
    private readonly witnesses: Witnesses,
  ) {}

  /**
   * The bundle of a fund's quarter as text, in parts, so that a large one is never held as a whole. What may be seen is decided by whoever
   * calls. Throws `not-sealed-yet` (409) before the quarter's seal stands in a published checkpoint.
   */
  async *write(fund: Bundle['fund'], quarter: Quarter, audience: Audience): AsyncGenerator<string> {
    const { vkey } = await this.signer.signer(); // before a transaction holds a connection
    const { bundle, checkpoint } = await this.reading((manager) => this.head(manager, vkey, fund, quarter, audience));
    const text = JSON.stringify(bundle, null, 1);
    if (audience === 'donor') {
      yield `${text}\n`;
      return;
    }
    yield `${text.slice(0, text.lastIndexOf('\n}'))},\n "entries": [`;
    let isFirst = true;
    for await (const entry of this.entries(fund.id, quarter, checkpoint)) {
      yield `${isFirst ? '' : ','}\n${JSON.stringify(entry)}`;
      isFirst = false;
    }
    yield '\n ]\n}\n';
  }

  /** In a transaction that ends before anything is sent: a slow reader holds no connection. */
  private reading<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.db.transaction('REPEATABLE READ', async (manager) => {
      await manager.query(ENTRY_SESSION);
      return work(manager);
    });
  }

  private async head(
    manager: EntityManager,
    vkey: string,
    fund: Bundle['fund'],
    quarter: Quarter,
    audience: Audience,
  ): Promise<{ bundle: Bundle; checkpoint: PublishedCheckpoint }> {
    const seal = await sealOf(manager, fund.id, quarter);
    const checkpoint = seal && (await checkpointFor(manager, seal));
    if (!seal || !checkpoint) {
      throw Problem.conflict(
        'not-sealed-yet',
        'The quarter is sealed with one of the first checkpoints after its end. Try again later.',
      );
    }
    const before = quarterOf(addDays(quarter.from, -1));
    const sealBefore = await sealOf(manager, fund.id, before);
    const checkpointBefore = sealBefore && (await checkpointFor(manager, sealBefore));
    const previous = sealBefore &&
      checkpointBefore && {
        period: before.period,
        checkpoint: checkpointBefore.note,
        proof: await this.continuation(manager, checkpointBefore.size, checkpoint.size),
        seal: await this.sealProof(manager, sealBefore, checkpoint.size, audience),
      };
    return {
      checkpoint,
      bundle: {
        format: 'uct-ledger/bundle/1',
        fund,
        period: { name: quarter.period, from: quarter.from, through: quarter.through },
        log: { vkey, witnesses: this.witnesses.keys },
        checkpoint: checkpoint.note,
        seal: await this.sealProof(manager, seal, checkpoint.size, audience),
        previous: previous || null,
      },
    };
  }

  private async sealProof(manager: EntityManager, seal: SealRow, size: number, audience: Audience): Promise<SealProof> {
    return {
      ...(await this.leafProof(manager, seal, size)),
      donor: { text: seal.donor_text, salt: seal.donor_salt.toString('hex') },
      ...(audience === 'auditor'
        ? { auditor: { text: seal.auditor_text, salt: seal.auditor_salt.toString('hex') } }
        : {}),
    };
  }

  private async leafProof(manager: EntityManager, leaf: { log_index: string; commitments: Buffer }, size: number) {
    const index = Number(leaf.log_index);
    const tiles = await readTiles(manager, tilesForInclusion(index, size));
    return {
      index,
      commitments: commitmentsInHex(leaf.commitments),
      proof: proofInBase64(inclusionProof(new TileNodes(tiles), index, size)),
    };
  }

  private async continuation(manager: EntityManager, oldSize: number, size: number): Promise<string[]> {
    const tiles = await readTiles(manager, tilesForConsistency(oldSize, size));
    return proofInBase64(consistencyProof(new TileNodes(tiles), oldSize, size));
  }

  /** Page by page: a quarter that is sealed does not change between two of them. */
  private async *entries(fundId: string, quarter: Quarter, { size }: PublishedCheckpoint): AsyncGenerator<EntryProof> {
    for (let after = '-1'; ;) {
      const page = await this.reading((manager) => this.page(manager, fundId, quarter, size, after));
      yield* page;
      const last = page.at(-1);
      if (!last || page.length < ENTRIES_AT_ONCE) return;
      after = String(last.index);
    }
  }

  private async page(
    manager: EntityManager,
    fundId: string,
    quarter: Quarter,
    size: number,
    after: string,
  ): Promise<EntryProof[]> {
    const accounts = await loggedAccounts(manager);
    const rows = await manager.query<(LoggedEntry & { log_index: string })[]>(ENTRIES, [
      fundId,
      quarter.from,
      quarter.through,
      after,
      ENTRIES_AT_ONCE,
    ]);
    const wanted = uniqueTiles(rows.flatMap((row) => tilesForInclusion(Number(row.log_index), size)));
    const nodes = new TileNodes(await readTiles(manager, wanted));
    return rows.map((row) => {
      const index = Number(row.log_index);
      return {
        index,
        commitments: commitmentsInHex(row.commitments),
        ...openings(row, accounts),
        proof: proofInBase64(inclusionProof(nodes, index, size)),
      };
    });
  }
}

function uniqueTiles<Tile extends { level: number; index: number }>(tiles: readonly Tile[]): Tile[] {
  return [...new Map(tiles.map((tile) => [`${tile.level}/${tile.index}`, tile])).values()];
}

async function sealOf(manager: EntityManager, fundId: string, quarter: Quarter): Promise<SealRow | undefined> {
  const [row] = await manager.query<SealRow[]>(
    `select l.log_index::text, l.commitments, p.donor_text, p.auditor_text, s.donor donor_salt, s.auditor auditor_salt
     from ledger.period_seal p join ledger.leaf l on l.seal_id = p.id join ledger.leaf_salt s using (log_index)
     where p.fund_id = $1 and p.through = $2`,
    [fundId, quarter.through],
  );
  return row;
}

/** The first checkpoint with the seal in it that enough witnesses cosigned, so that a bundle stays the same; else the newest there is. */
async function checkpointFor(manager: EntityManager, seal: SealRow): Promise<PublishedCheckpoint | undefined> {
  const [witnessed] = await readCheckpoints(
    manager,
    `c.size > $1 and (select count(*) from ledger.cosignature s where s.size = c.size) >= ${QUORUM}`,
    [seal.log_index],
    'c.size',
    1,
  );
  return witnessed ?? (await readCheckpoints(manager, 'c.size > $1', [seal.log_index], 'c.size desc', 1))[0];
}

/** $1 fund, $2 from, $3 through, $4 after which place, $5 how many. */
const ENTRIES = `
  select ${LOGGED_ENTRY_COLUMNS}
  from ledger.leaf l join ledger.leaf_salt s on s.log_index = l.log_index join ledger.entry e on e.seq = l.entry_seq
  join ledger.account a on a.id = e.debit_id
  where a.fund_id = $1 and e.booked_on between $2 and $3 and l.log_index > $4
  order by l.log_index limit $5`;
