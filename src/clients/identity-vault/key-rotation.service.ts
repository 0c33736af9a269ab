/**
 * Wraps every data key anew under the provider's current key, also when it was wrapped by another provider. What is sealed with the data keys
 * is not touched. It goes in batches that are committed one by one: whatever ends it, it goes on from there when it is run again.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Problem } from '../../kernel/domain/problem.js';
import { resealRoot } from '../../kernel/root-secret.js';
import { MasterKeys } from '../../kernel/secrets.js';
import { ASKED_AT_ONCE, DataKeys, type StoredKey } from './data-keys.js';
import { storedKey, type DataKeyRow } from './identity-vault.js';

const BATCH = 200;
const BEFORE_ALL_CLIENTS = '00000000-0000-0000-0000-000000000000';

export interface KeysUnder {
  provider: string;
  keyId: string;
  keys: number;
}

export interface Rotation {
  /** Under which key they are wanted. */
  provider: string;
  keyId: string;
  rewrapped: number;
  /** Keys that open under no key that was given; they were left as they are. */
  failed: number;
  /** How many keys there are in the end, by what they are wrapped under. */
  under: KeysUnder[];
}

type ClientKey = DataKeyRow & { client_id: string };

@Injectable()
export class KeyRotation {
  constructor(
    private readonly db: DataSource,
    private readonly keys: DataKeys,
    private readonly masterKeys: MasterKeys,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws `forbidden` (403), `keys-unavailable` (503); what was rewrapped by then stays so. */
  async run(actor: Actor, onProgress: (done: number, of: number) => void = () => undefined): Promise<Rotation> {
    requirePermission(actor, 'keys:rotate');
    await this.sealRoot(actor);
    const provider = this.keys.current.name;
    const keyId = await this.keys.current.currentKeyId();
    const of = total((await this.count()).filter((one) => one.provider !== provider || one.keyId !== keyId));
    let rewrapped = 0;
    let failed = 0;
    let after = BEFORE_ALL_CLIENTS;
    for (;;) {
      const batch = await this.db.query<ClientKey[]>('select * from pii.data_keys_to_rewrap($1, $2, $3, $4)', [
        provider,
        keyId,
        after,
        BATCH,
      ]);
      const last = batch.at(-1);
      if (!last) break;
      after = last.client_id;
      const done = await this.rewrap(actor, batch);
      rewrapped += done.rewrapped;
      failed += done.failed;
      onProgress(rewrapped + failed, Math.max(of, rewrapped + failed));
    }
    return { provider, keyId, rewrapped, failed, under: await this.count() };
  }

  /** How many data keys there are, by what they are wrapped under. */
  private async count(): Promise<KeysUnder[]> {
    const rows = await this.db.query<{ provider: string; key_id: string; keys: string }[]>(
      'select * from pii.count_data_keys()',
    );
    return rows.map(({ provider, key_id: keyId, keys }) => ({ provider, keyId, keys: Number(keys) }));
  }

  private sealRoot(actor: Actor): Promise<void> {
    return this.db.transaction(async (manager) => {
      if (await resealRoot(manager, this.masterKeys))
        await this.audit.record(manager, actor, 'keys.reseal-root', { kind: 'keys', id: 'root' });
    });
  }

  /** The providers are asked before the transaction, which then changes only keys that nobody changed meanwhile. */
  private async rewrap(actor: Actor, batch: readonly ClientKey[]): Promise<{ rewrapped: number; failed: number }> {
    const moved: { row: ClientKey; to: StoredKey }[] = [];
    for (let from = 0; from < batch.length; from += ASKED_AT_ONCE) {
      const some = await Promise.all(batch.slice(from, from + ASKED_AT_ONCE).map((row) => this.moved(row)));
      moved.push(...some.filter((one) => one !== undefined));
    }
    const failed = batch.length - moved.length;
    if (moved.length === 0) return { rewrapped: 0, failed };
    const provider = this.keys.current.name;
    return this.db.transaction(async (manager) => {
      const [done] = await manager.query<{ n: number }[]>('select pii.rewrap_data_keys($1, $2, $3, $4, $5) n', [
        moved.map(({ row }) => row.client_id),
        moved.map(({ row }) => row.wrapped),
        provider,
        moved.map(({ to }) => to.keyId),
        moved.map(({ to }) => to.wrapped),
      ]);
      const rewrapped = done?.n ?? 0;
      const detail = { rewrapped, failed, provider };
      await this.audit.record(manager, actor, 'keys.rotate', { kind: 'keys', id: provider }, detail);
      return { rewrapped, failed };
    });
  }

  /** The key under the current one, or undefined when it does not open. */
  private async moved(row: ClientKey): Promise<{ row: ClientKey; to: StoredKey } | undefined> {
    try {
      return { row, to: await this.keys.rewrap(row.client_id, storedKey(row)) };
    } catch (error) {
      if (error instanceof Problem) throw error;
      return undefined; // changed, or another client's: no reason to leave all others where they are
    }
  }
}

const total = (under: readonly KeysUnder[]) => under.reduce((sum, { keys }) => sum + keys, 0);
