/** Asks witnesses to cosign what was published. One that is away is asked again with the next publication, and by every look in between. */
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../kernel/clock.js';
import { Settings } from '../../kernel/settings.js';
import { consistencyProof } from './domain/merkle-proof.js';
import { nodePrimitives } from './domain/node-primitives.js';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from './domain/signed-note.js';
import { tilesForConsistency, TileNodes } from './domain/tile-nodes.js';
import { readTiles } from './tile-store.js';
import { requestCosignature, type CosignatureReply } from './witness/witness-client.js';

/** C2SP and common sense: one witness can be bought or broken, two of different houses hardly. */
export const QUORUM = 2;

interface Latest {
  size: string;
  note: string;
}

@Injectable()
export class Witnesses {
  private readonly log = new Logger(Witnesses.name);

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  /** Verifier keys of those who are asked. */
  get keys(): string[] {
    return (this.settings.log.witnesses ?? []).map((witness) => witness.vkey);
  }

  /** Asks every witness that has not cosigned the latest checkpoint yet; how many have by now. */
  async cosignLatest(): Promise<number> {
    const [latest] = await this.db.query<Latest[]>(
      'select c.size::text, c.note from ledger.checkpoint c order by c.size desc limit 1',
    );
    if (!latest) return 0;
    const asked = await Promise.all(
      (this.settings.log.witnesses ?? []).map(async ({ vkey, url }) => {
        return this.cosign(latest, await parseVerifierKey(vkey, nodePrimitives), url);
      }),
    );
    return asked.filter(Boolean).length;
  }

  private async cosign(latest: Latest, key: VerifierKey, url: string): Promise<boolean> {
    const [had] = await this.db.query<{ size: string }[]>(
      'select max(size)::text size from ledger.cosignature where witness = $1',
      [key.name],
    );
    if (had?.size === latest.size) return true;
    let reply = await this.ask(latest, key, url, Number(had?.size ?? 0));
    // It may have seen a checkpoint of which its answer was lost; then it says how far it is.
    if (reply.kind === 'conflict' && reply.size <= Number(latest.size))
      reply = await this.ask(latest, key, url, reply.size);
    if (reply.kind === 'conflict') {
      this.log.error(
        `witness ${key.name} knows another history of this log, of ${reply.size} leaves: find out why before anything else`,
      );
      return false;
    }
    if (reply.kind === 'failed') {
      const why = reply.code === 'refused' ? `it answered ${reply.status}` : reply.code;
      this.log.warn(`witness ${key.name} did not cosign checkpoint ${latest.size}: ${why}`);
      return false;
    }
    await this.db.query(
      'insert into ledger.cosignature (size, witness, vkey, line, received_at) values ($1, $2, $3, $4, $5) on conflict do nothing',
      [latest.size, key.name, formatVerifierKey(key), reply.line, this.clock.now()],
    );
    return true;
  }

  private async ask(latest: Latest, key: VerifierKey, url: string, oldSize: number): Promise<CosignatureReply> {
    const size = Number(latest.size);
    const tiles = await readTiles(this.db.manager, tilesForConsistency(oldSize, size));
    const proof = consistencyProof(new TileNodes(tiles), oldSize, size);
    return requestCosignature({ url, key, note: latest.note, oldSize, proof });
  }
}
