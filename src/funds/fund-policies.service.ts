/** Changing what a fund does when wages rise: one person proposes it, another confirms it, and every change stays on record. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';
import { FundEntity } from './fund.entity.js';
import type { ValuePolicy } from './value-policy.js';

export interface PolicyChange {
  id: string;
  fund: string;
  policy: ValuePolicy;
  reason: string;
  state: 'open' | 'confirmed';
}

/** A change that waits for a second person. */
export interface OpenPolicyChange extends PolicyChange {
  fundCode: string;
  proposedBy: string;
  proposedById: string;
  proposedAt: Date;
}

interface ChangeRow extends PolicyChange {
  proposed_by: string;
}

@Injectable()
export class FundPoliciesService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** Proposes a policy; the fund does as before until somebody else confirms it. Throws `not-found` (404), `id-conflict` (409). */
  async propose(
    actor: Actor,
    fundId: string,
    input: { id: string; policy: ValuePolicy; reason: string },
  ): Promise<{ change: PolicyChange; created: boolean }> {
    requirePermission(actor, 'funds:write');
    return this.db.transaction(async (manager) => {
      if (!(await manager.existsBy(FundEntity, { id: fundId }))) throw Problem.notFound('fund');
      const existing = await find(manager, input.id);
      if (existing) {
        if (existing.fund !== fundId || existing.policy !== input.policy || existing.reason !== input.reason)
          throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
        return { change: toView(existing), created: false };
      }
      await manager.query(
        'insert into payments.fund_policy_change (id, fund_id, policy, reason, proposed_by, proposed_at) values ($1, $2, $3, $4, $5, $6)',
        [input.id, fundId, input.policy, input.reason, actor.userId, this.clock.now()],
      );
      const policy = input.policy.replace('_', '-');
      await this.audit.record(manager, actor, 'fund.propose-policy', { kind: 'fund', id: fundId }, { policy });
      return { change: { ...input, fund: fundId, state: 'open' }, created: true };
    });
  }

  /** Those that nobody has confirmed, the oldest first. */
  async open(actor: Actor): Promise<OpenPolicyChange[]> {
    requirePermission(actor, 'funds:read');
    return this.db.query<OpenPolicyChange[]>(
      `select c.id, c.fund_id fund, f.code "fundCode", c.policy, c.reason, 'open' state,
              u.display_name "proposedBy", c.proposed_by "proposedById", c.proposed_at "proposedAt"
       from payments.fund_policy_change c join payments.fund f on f.id = c.fund_id join access.app_user u on u.id = c.proposed_by
       where not exists (select from payments.fund_policy_confirmation d where d.change_id = c.id) order by c.proposed_at, c.id`,
    );
  }

  /** Confirms one; twice changes nothing. Throws `not-found` (404), `policy-confirmed-by-proposer` (422). */
  async confirm(actor: Actor, fundId: string, changeId: string): Promise<PolicyChange> {
    requirePermission(actor, 'funds:write');
    return this.db.transaction(async (manager) => {
      await manager.query("select pg_advisory_xact_lock(hashtextextended('fund-policy/' || $1::uuid, 0))", [fundId]);
      const change = await find(manager, changeId);
      if (change?.fund !== fundId) throw Problem.notFound('change of policy');
      if (change.state === 'confirmed') return toView(change);
      if (change.proposed_by === actor.userId)
        throw Problem.refused('policy-confirmed-by-proposer', 'Somebody else confirms what you proposed.');
      await manager.query(
        'insert into payments.fund_policy_confirmation (change_id, proposed_by, decided_by, decided_at) values ($1, $2, $3, $4)',
        [changeId, change.proposed_by, actor.userId, this.clock.now()],
      );
      const policy = change.policy.replace('_', '-');
      await this.audit.record(manager, actor, 'fund.confirm-policy', { kind: 'fund', id: fundId }, { policy });
      return { ...toView(change), state: 'confirmed' };
    });
  }
}

async function find(manager: EntityManager, id: string): Promise<ChangeRow | undefined> {
  const [change] = await manager.query<ChangeRow[]>(
    `select c.id, c.fund_id fund, c.policy, c.reason, c.proposed_by, case when d.change_id is null then 'open' else 'confirmed' end state
     from payments.fund_policy_change c left join payments.fund_policy_confirmation d on d.change_id = c.id where c.id = $1`,
    [id],
  );
  return change;
}

const toView = ({ proposed_by: _, ...change }: ChangeRow): PolicyChange => change;
