/**
 * Puts a key file back into an older copy of the database. Keys come back, but for those of clients who were erased since: their erasure is
 * done here again, with all that goes with it.
 */
import { Injectable } from '@nestjs/common';
import { DataSource, In, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { AllAccess, type EndedAccess } from '../../access/users/all-access.service.js';
import { Problem } from '../../kernel/domain/problem.js';
import { ClientEntity } from '../client.entity.js';
import { KeyBackups, type PutBack } from '../identity-vault/key-backups.service.js';
import { HeldData } from './held-data.js';

const BATCH = 500;

export interface Restored extends PutBack {
  /** Erased clients of whom this older copy has a payment in a run or on its way: restore once more when its result is recorded. */
  underWay: number;
  /** What let somebody in and does no more. */
  ended: EndedAccess;
}

@Injectable()
export class Restoration {
  constructor(
    private readonly db: DataSource,
    private readonly audit: AuditTrail,
    private readonly backups: KeyBackups,
    private readonly heldData: HeldData,
    private readonly access: AllAccess,
  ) {}

  /** All or nothing, and again with the same outcome; everybody is signed out by it. Throws `forbidden` (403) and what `readKeyFile` throws (422). */
  async restore(actor: Actor, text: string): Promise<Restored> {
    requirePermission(actor, 'keys:rotate');
    const file = this.backups.read(text);
    return this.db.transaction(async (manager) => {
      const erased = file.erased.map(({ client }) => client);
      let underWay = 0;
      for (let from = 0; from < erased.length; from += BATCH)
        underWay += await this.endWhatTheyAreIn(manager, actor, erased.slice(from, from + BATCH));
      const counts = {
        ...(await this.backups.putBack(manager, file)),
        underWay,
        ended: await this.access.end(manager),
      };
      await this.audit.record(manager, actor, 'keys.restore', { kind: 'keys', id: 'file' }, counts);
      return counts;
    });
  }

  /** What has to end before they are erased; of how many something could not. */
  private async endWhatTheyAreIn(manager: EntityManager, actor: Actor, ids: readonly string[]): Promise<number> {
    const clients = await manager.find(ClientEntity, {
      where: { id: In([...ids]) },
      order: { id: 'asc' },
      lock: { mode: 'pessimistic_write' },
    });
    let underWay = 0;
    for (const client of clients) {
      try {
        for (const holder of this.heldData.holders) await holder.erase?.(manager, actor, client);
      } catch (refusal) {
        if (!(refusal instanceof Problem)) throw refusal;
        underWay += 1;
      }
    }
    return underWay;
  }
}
