/** What spending plans, and what was told of them, hold of a client. */
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AuditedSubject } from '../access/audit-trail.js';
import type { Actor } from '../access/domain/actor.js';
import type { ClientEntity } from '../clients/client.entity.js';
import type { SealedWords } from '../clients/identity-vault/identity-vault.js';
import { HeldData, type Holder } from '../clients/rights/held-data.js';
import { needsCatalogue } from '../needs/catalogue.js';
import { plansOf } from './plan-records.js';

@Injectable()
export class HeldPlans implements Holder, OnModuleInit {
  readonly name = 'spendingPlans';
  readonly tables = [
    'casework.spending_plan',
    'casework.plan_item',
    'casework.plan_replacement',
    'casework.plan_tracking',
    'casework.tracked_item',
  ];

  constructor(private readonly heldData: HeldData) {}

  onModuleInit(): void {
    this.heldData.register(this);
  }

  async export(manager: EntityManager, _actor: Actor, client: ClientEntity, words: SealedWords): Promise<unknown> {
    const plans = await plansOf(manager, client, words);
    const numberOf = new Map(plans.map(({ id }, index) => [id, String(index + 1)]));
    return plans.map(({ id, writtenOn, recordedAt, replaces, standing, items, tracking }) => ({
      plan: numberOf.get(id),
      writtenOn,
      recordedAt,
      ...(replaces.length > 0 && { changedFromPlan: replaces.map((earlier) => numberOf.get(earlier)) }),
      standsAsItIs: standing,
      items: items.map(({ item, need, ...planned }) => ({ item, need: labelOf(need), ...planned })),
      toldAfterwards: tracking.map(({ toldOn, items: told }) => ({ toldOn, items: told })),
    }));
  }

  async auditedSubjects(manager: EntityManager, client: ClientEntity): Promise<AuditedSubject[]> {
    return manager.query<AuditedSubject[]>(`select 'plan' kind, id from casework.spending_plan where client_id = $1`, [
      client.id,
    ]);
  }
}

const labels = new Map(needsCatalogue.needs.map(({ code, label }) => [code, label]));
const labelOf = (need: string) => labels.get(need) ?? need;
