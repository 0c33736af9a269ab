/** What needs assessments hold of a client. */
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AuditedSubject } from '../access/audit-trail.js';
import type { Actor } from '../access/domain/actor.js';
import type { ClientEntity } from '../clients/client.entity.js';
import type { SealedWords } from '../clients/identity-vault/identity-vault.js';
import { HeldData, type Holder } from '../clients/rights/held-data.js';
import { interpretationPlace } from './needs.service.js';

@Injectable()
export class HeldNeeds implements Holder, OnModuleInit {
  readonly name = 'needsAssessments';
  readonly tables = ['casework.needs_assessment', 'casework.need_rank'];

  constructor(private readonly heldData: HeldData) {}

  onModuleInit(): void {
    this.heldData.register(this);
  }

  async export(manager: EntityManager, _actor: Actor, client: ClientEntity, words: SealedWords): Promise<unknown> {
    const rows = await manager.query<RankRow[]>(RANKS_OF_CLIENT, [client.id]);
    const assessments = new Map<string, { assessedOn: string; ranks: object[] }>();
    for (const { id, assessedOn, need, label, rank, sealed } of rows) {
      const assessment = assessments.get(id) ?? { assessedOn, ranks: [] };
      const said = sealed === null ? null : words.openWords(interpretationPlace(id, need), sealed);
      const asTyped = said?.original ?? null;
      assessment.ranks.push({
        need: label,
        rank,
        inYourWords: said?.text ?? null,
        ...(asTyped !== null && { asTyped }),
      });
      assessments.set(id, assessment);
    }
    return [...assessments.values()];
  }

  async auditedSubjects(manager: EntityManager, client: ClientEntity): Promise<AuditedSubject[]> {
    return manager.query<AuditedSubject[]>(
      `select 'assessment' kind, id from casework.needs_assessment where client_id = $1`,
      [client.id],
    );
  }
}

interface RankRow {
  id: string;
  assessedOn: string;
  need: string;
  label: string;
  rank: number;
  sealed: Buffer | null;
}

const RANKS_OF_CLIENT = `
  select a.id, a.assessed_on::text "assessedOn", r.need, n.label, r.rank, r.interpretation_sealed sealed
  from casework.needs_assessment a join casework.need_rank r on r.assessment_id = a.id join casework.need n on n.code = r.need
  where a.client_id = $1 order by a.seq, r.rank desc, n.position`;
