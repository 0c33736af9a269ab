/** Erases what ties a client's payments to them in the transparency log. Books and proofs stand; nobody can open that part any more. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';

@Injectable()
export class SubjectErasureService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Deletes the subject's salts of every transfer of a client; how many there were. What is logged of these transfers later gets none. The
   * deleted bytes leave the disk with the next vacuum of `ledger.leaf_salt`, and backups with their own age. Throws `not-found` (404).
   */
  async erase(actor: Actor, clientCode: string): Promise<number> {
    requirePermission(actor, 'subjects:erase');
    return this.db.transaction(async (manager) => {
      const [client] = await manager.query<{ id: string }[]>('select id from casework.client where code = $1', [
        clientCode,
      ]);
      if (!client) throw Problem.notFound('client', 'client');
      const transfers = await manager.query<{ id: string }[]>(
        'select id from payments.obligation where client_id = $1',
        [client.id],
      );
      const [erased] = await manager.query<{ salts: number }[]>('select ledger.erase_subjects($1, $2, $3) salts', [
        transfers.map(({ id }) => id),
        actor.userId,
        this.clock.now(),
      ]);
      const salts = erased?.salts ?? 0;
      await this.audit.record(manager, actor, 'client.erase-subject', { kind: 'client', id: client.id }, { salts });
      return salts;
    });
  }
}
