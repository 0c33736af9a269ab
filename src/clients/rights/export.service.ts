/** Everything that is held of a client, in one piece: for the client, whatever they consent to. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import { IdentityVault } from '../identity-vault/identity-vault.js';
import { HeldData } from './held-data.js';
import { RightsReach } from './rights-reach.js';

/** The shape of an export; it changes its name when it changes. */
const FORMAT = 'uct-ledger/held-data/1';

export interface HeldExport {
  format: typeof FORMAT;
  client: string;
  madeAt: string;
  /** By the names of the holders: "caseFile", "identity", "transfers" ... Each tells all that it holds. */
  held: Record<string, unknown>;
}

@Injectable()
export class ExportService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
    private readonly reach: RightsReach,
    private readonly vault: IdentityVault,
    private readonly heldData: HeldData,
  ) {}

  /**
   * Everything held of a client, as it stands at one moment. The export is recorded, and so is that the identity was read. Withdrawn consent
   * is no hindrance: it is the client's own. Throws `not-found` (404), `keys-unavailable` (503).
   */
  async make(actor: Actor, code: string): Promise<HeldExport> {
    requirePermission(actor, 'clients:export');
    const client = await this.reach.find(actor, code);
    return this.db.transaction('REPEATABLE READ', async (manager) => {
      const words = await this.vault.words(manager, client.id);
      const held: Record<string, unknown> = {};
      for (const holder of this.heldData.holders)
        held[holder.name] = await holder.export(manager, actor, client, words);
      await this.audit.record(manager, actor, 'client.export', { kind: 'client', id: client.id });
      return { format: FORMAT, client: client.code, madeAt: this.clock.now().toISOString(), held };
    });
  }
}
