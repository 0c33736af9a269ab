/**
 * Backs up the wrapped data keys apart from everything else, and puts them back. The long-kept dump of the database holds no data keys, so it
 * opens nothing by itself; a key file opens it, for 30 days, and for nobody who was erased by then (see `rights/restoration.service.ts`).
 */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import { Secrets } from '../../kernel/secrets.js';
import { keyFileText, readKeyFile, type KeyFile } from '../domain/key-file.js';
import type { DataKeyRow } from './identity-vault.js';

const BATCH = 1000;
const BEFORE_ALL_CLIENTS = '00000000-0000-0000-0000-000000000000';

export interface BackedUp {
  text: string;
  keys: number;
  erased: number;
}

export interface PutBack {
  /** Keys that came back; those that were here already are not counted. */
  keys: number;
  /** Clients whom this database did not know as erased. */
  newlyErased: number;
  /** Clients who are not erased and whose key is in neither: nobody can open their identity. */
  withoutKey: number;
}

@Injectable()
export class KeyBackups {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly secrets: Secrets,
    private readonly audit: AuditTrail,
  ) {}

  /** The text of a key file as of now. Throws `forbidden` (403). */
  async backUp(actor: Actor): Promise<BackedUp> {
    requirePermission(actor, 'keys:rotate');
    // One sight of everything: nobody's erasure falls between the keys and the list of the erased.
    return this.db.transaction('REPEATABLE READ', async (manager) => {
      const keys = await wrappedKeys(manager);
      const erased = await manager.query<{ client_id: string; erased_at: Date }[]>(
        'select * from pii.erased_clients()',
      );
      const file = {
        madeAt: this.clock.now().toISOString(),
        keys,
        erased: erased.map((one) => ({ client: one.client_id, at: one.erased_at.toISOString() })),
      };
      const counts = { keys: keys.length, erased: erased.length };
      await this.audit.record(manager, actor, 'keys.back-up', { kind: 'keys', id: 'file' }, counts);
      return { text: keyFileText(file, this.macKey()), ...counts };
    });
  }

  /** What a key file holds. Throws what `readKeyFile` throws (422). */
  read(text: string): KeyFile {
    return readKeyFile(text, this.macKey(), this.clock.now());
  }

  /**
   * Puts back the keys in a file, but for those of clients whom the file or this database knows as erased; whom the file knows as erased loses
   * here what their being listed takes (see 0019_rights.sql). `Restoration` does the rest.
   */
  async putBack(manager: EntityManager, file: KeyFile): Promise<PutBack> {
    const newlyErased = await numberOf(manager, 'pii.restore_erased($1, $2)', [
      file.erased.map(({ client }) => client),
      file.erased.map(({ at }) => at),
    ]);
    let keys = 0;
    for (let from = 0; from < file.keys.length; from += BATCH)
      keys += await restoreKeys(manager, file.keys.slice(from, from + BATCH));
    const withoutKey = await numberOf(manager, 'pii.count_without_key()');
    return { keys, newlyErased, withoutKey };
  }

  private macKey(): Buffer {
    return this.secrets.keyFor('key-file');
  }
}

async function wrappedKeys(manager: EntityManager): Promise<KeyFile['keys']> {
  const keys: KeyFile['keys'] = [];
  for (let after = BEFORE_ALL_CLIENTS; ;) {
    const rows = await manager.query<(DataKeyRow & { client_id: string })[]>(
      'select * from pii.data_keys_after($1, $2)',
      [after, BATCH],
    );
    for (const row of rows)
      keys.push({
        client: row.client_id,
        provider: row.provider,
        keyId: row.key_id,
        wrapped: row.wrapped.toString('base64'),
      });
    const last = rows.at(-1);
    if (!last) return keys;
    after = last.client_id;
  }
}

function restoreKeys(manager: EntityManager, keys: KeyFile['keys']): Promise<number> {
  return numberOf(manager, 'pii.restore_data_keys($1, $2, $3, $4)', [
    keys.map(({ client }) => client),
    keys.map(({ provider }) => provider),
    keys.map(({ keyId }) => keyId),
    keys.map(({ wrapped }) => Buffer.from(wrapped, 'base64')),
  ]);
}

async function numberOf(manager: EntityManager, call: string, parameters: unknown[] = []): Promise<number> {
  const [row] = await manager.query<{ n: string }[]>(`select ${call} n`, parameters);
  return Number(row?.n ?? 0);
}
