/** A grant that was recorded by mistake is taken back as a whole, once; the right one is recorded anew. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { Ids } from '../kernel/ids.js';
import { Settings } from '../kernel/settings.js';
import type { EntryInput } from '../ledger/domain/entry.js';
import { PostingService } from '../ledger/posting.service.js';
import { GrantEntity, GrantReversalEntity } from './fund.entity.js';

export interface NewGrantReversal {
  id: string;
  reason: string;
}

@Injectable()
export class GrantReversalsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
    private readonly posting: PostingService,
  ) {}

  /**
   * Takes a grant back: bank down, fund down. Throws `not-found` (404), `id-conflict`, `already-reversed` (409), and `insufficient-funds`
   * (422) when less than the grant is still free.
   */
  async reverse(
    actor: Actor,
    fundId: string,
    grantId: string,
    { id, reason }: NewGrantReversal,
  ): Promise<{ created: boolean }> {
    requirePermission(actor, 'funds:write');
    return this.db.transaction(async (manager) => {
      await manager.query("select pg_advisory_xact_lock(hashtextextended('grant-reversal/' || $1::uuid, 0))", [
        grantId,
      ]);
      const grant = await manager.findOneBy(GrantEntity, { id: grantId, fundId });
      if (!grant) throw Problem.notFound('grant');
      const existing = await manager.findOneBy(GrantReversalEntity, { id });
      if (existing && !(existing.grantId === grantId && existing.reason === reason))
        throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
      if (existing) return { created: false };
      if (await manager.existsBy(GrantReversalEntity, { grantId }))
        throw Problem.conflict('already-reversed', 'This grant has been taken back before.');
      await manager.insert(GrantReversalEntity, {
        id,
        grantId,
        reason,
        recordedBy: actor.userId,
        recordedAt: this.clock.now(),
      });
      await this.posting.postAll(
        manager,
        [await this.entryAgainst(manager, grant, id)],
        this.clock.today(this.settings.timeZone),
        Problem.refused(
          'insufficient-funds',
          sentence(
            'The grant cannot be taken back: it is promised or spent already, and the fund has less {currency} free than it brought.',
            { currency: grant.currency },
          ),
        ),
      );
      const detail = { grant: grantId, reversal: id };
      await this.audit.record(manager, actor, 'fund.reverse-grant', { kind: 'fund', id: fundId }, detail);
      return { created: true };
    });
  }

  private async entryAgainst(manager: EntityManager, grant: GrantEntity, reversalId: string): Promise<EntryInput> {
    const [entry] = await manager.query<{ id: string }[]>(
      "select id from ledger.entry where source_id = $1 and kind = 'grant'",
      [grant.id],
    );
    if (!entry) throw new Error(`grant ${grant.id} has no entry`);
    const { debitId, creditId } = (await this.posting.fundAccounts(manager, grant.fundId, grant.currency)).flow(
      'grant',
    );
    return {
      id: this.ids.newId(),
      debitId: creditId,
      creditId: debitId,
      currency: grant.currency,
      amountMinor: grant.amountMinor,
      phase: 'single',
      kind: 'reversal',
      sourceId: reversalId,
      reversesId: entry.id,
    };
  }
}
