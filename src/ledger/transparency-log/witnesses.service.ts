/** Asks witnesses to cosign what was published. One that is away is asked again with the next publication, and by every look in between. */
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../kernel/clock.js';
import { Settings } from '../../kernel/settings.js';
import { consistencyProof } from './domain/merkle-proof.js';
import { nodePrimitives } from './domain/node-primitives.js';
import { parseVerifierKey, type VerifierKey } from './domain/signed-note.js';
import { tilesForConsistency, TileNodes } from './domain/tile-nodes.js';
import { readTiles } from './tile-store.js';
import { requestCosignature } from './witness/witness-client.js';

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
      'select size::text, note from ledger.checkpoint order by size desc limit 1',
    );
    if (!latest) return 0;
    const asked = await Promise.all(
      (this.settings.log.witnesses ?? []).map(async ({ vkey, url }) => {
        const key = await parseVerifierKey(vkey, nodePrimitives);
        return this.cosign(latest, key, url).catch((error: unknown) => {
          this.log.warn(
            `witness ${key.name} did not cosign: ${error instanceof Error ? error.message : String(error)}`,
          );
          return false;
        });
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
    let answer = await this.ask(latest, key, url, Number(had?.size ?? 0));
    // It may have seen a checkpoint of which its answer was lost; then it says how far it is.
    if (!answer.ok && 'conflict' in answer) answer = await this.ask(latest, key, url, answer.conflict);
    if (!answer.ok) {
      const why = 'conflict' in answer ? `it knows a tree of ${answer.conflict} leaves` : answer.error;
      this.log.error(`witness ${key.name} refused checkpoint ${latest.size}: ${why}`);
      return false;
    }
    await this.db.query(
      'insert into ledger.cosignature (size, witness, line, received_at) values ($1, $2, $3, $4) on conflict do nothing',
      [latest.size, key.name, answer.line, this.clock.now()],
    );
    return true;
  }

  private async ask(latest: Latest, key: VerifierKey, url: string, oldSize: number) {
    const size = Number(latest.size);
    if (oldSize > size) return { ok: false as const, error: `it knows a larger tree, of ${oldSize} leaves` };
    const tiles = await readTiles(this.db.manager, tilesForConsistency(oldSize, size));
    return requestCosignature({
      url,
      vkey: key,
      noteText: latest.note,
      oldSize,
      proof: consistencyProof(new TileNodes(tiles), oldSize, size),
    });
  }
}
