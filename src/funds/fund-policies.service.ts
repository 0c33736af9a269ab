/** Changing what a fund does when wages rise: one person proposes it, another confirms or declines it, and every word stays on record. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { FundEntity } from './fund.entity.js';
import type { PolicyDeclineReason, ValuePolicy } from './value-policy.js';

type Decision = 'confirm' | 'decline' | 'withdraw';

const STATES = { confirm: 'confirmed', decline: 'declined', withdraw: 'withdrawn' } as const satisfies Record<
  Decision,
  string
>;

export interface PolicyChange {
  id: string;
  fund: string;
  policy: ValuePolicy;
  reason: string;
  state: 'open' | (typeof STATES)[Decision];
}

/** A change that waits for a second person. */
export interface OpenPolicyChange extends PolicyChange {
  fundCode: string;
  proposedBy: string;
  proposedById: string;
  proposedAt: Date;
}

export interface DecidedPolicyChange extends OpenPolicyChange {
  decidedBy: string;
  decidedAt: Date;
  /** Of one that was declined. */
  declinedBecause: PolicyDeclineReason | null;
}

interface ChangeRow extends PolicyChange {
  proposed_by: string;
  decided_by: string | null;
  declined_because: PolicyDeclineReason | null;
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

  /** Those that nobody has decided on, the oldest first. */
  async open(actor: Actor): Promise<OpenPolicyChange[]> {
    requirePermission(actor, 'funds:read');
    return this.list('d.change_id is null order by c.proposed_at, c.id');
  }

  /** The last that were decided, the newest first. */
  async decided(actor: Actor): Promise<DecidedPolicyChange[]> {
    requirePermission(actor, 'funds:read');
    return this.list('d.change_id is not null order by d.seq desc limit 20');
  }

  /**
   * Confirms one; twice changes nothing. Throws `not-found` (404), `policy-confirmed-by-proposer` (422), `policy-decided-before` (409) of one that
   * was declined or withdrawn.
   */
  async confirm(actor: Actor, fundId: string, changeId: string): Promise<PolicyChange> {
    return this.decide(actor, fundId, changeId, 'confirm', null);
  }

  /** Declines what somebody else proposed; twice changes nothing. Throws `not-found` (404), `policy-declined-by-proposer` (422), `policy-decided-before` (409). */
  async decline(actor: Actor, fundId: string, changeId: string, reason: PolicyDeclineReason): Promise<PolicyChange> {
    return this.decide(actor, fundId, changeId, 'decline', reason);
  }

  /** Takes back what one proposed oneself; twice changes nothing. Throws `not-found` (404), `policy-withdrawn-by-another` (422), `policy-decided-before` (409). */
  async withdraw(actor: Actor, fundId: string, changeId: string): Promise<PolicyChange> {
    return this.decide(actor, fundId, changeId, 'withdraw', null);
  }

  private async decide(
    actor: Actor,
    fundId: string,
    changeId: string,
    decision: Decision,
    because: PolicyDeclineReason | null,
  ): Promise<PolicyChange> {
    requirePermission(actor, 'funds:write');
    return this.db.transaction(async (manager) => {
      await manager.query("select pg_advisory_xact_lock(hashtextextended('fund-policy/' || $1::uuid, 0))", [fundId]);
      const change = await find(manager, changeId);
      if (change?.fund !== fundId) throw Problem.notFound('change of policy');
      if (change.state !== 'open') {
        const isTheSame =
          change.state === STATES[decision] &&
          (decision !== 'decline' || (change.decided_by === actor.userId && change.declined_because === because));
        if (isTheSame) return toView(change);
        throw Problem.conflict('policy-decided-before', DECIDED_BEFORE[change.state]);
      }
      const isOwn = change.proposed_by === actor.userId;
      if (isOwn !== (decision === 'withdraw')) throw WRONG_PERSON[decision]();
      await manager.query(
        `insert into payments.fund_policy_decision (change_id, proposed_by, decision, reason, decided_by, decided_at) values ($1, $2, $3, $4, $5, $6)`,
        [changeId, change.proposed_by, decision, because, actor.userId, this.clock.now()],
      );
      const policy = change.policy.replace('_', '-');
      const detail = because ? { policy, reason: because } : { policy };
      await this.audit.record(manager, actor, `fund.${decision}-policy`, { kind: 'fund', id: fundId }, detail);
      return { ...toView(change), state: STATES[decision] };
    });
  }

  private list<Change>(which: string): Promise<Change[]> {
    return this.db.query<Change[]>(
      `select c.id, c.fund_id fund, f.code "fundCode", c.policy, c.reason, ${STATE} state,
              u.display_name "proposedBy", c.proposed_by "proposedById", c.proposed_at "proposedAt",
              decider.display_name "decidedBy", d.decided_at "decidedAt", d.reason "declinedBecause"
       from payments.fund_policy_change c join payments.fund f on f.id = c.fund_id join access.app_user u on u.id = c.proposed_by
       left join payments.fund_policy_decision d on d.change_id = c.id left join access.app_user decider on decider.id = d.decided_by
       where ${which}`,
    );
  }
}

const DECIDED_BEFORE = {
  confirmed: sentence('This was confirmed before. Look at what was decided.'),
  declined: sentence('This was declined before. Look at what was decided.'),
  withdrawn: sentence('This was withdrawn before. Look at what was decided.'),
};

const WRONG_PERSON: Record<Decision, () => Problem> = {
  confirm: () => Problem.refused('policy-confirmed-by-proposer', 'Somebody else confirms what you proposed.'),
  decline: () =>
    Problem.refused('policy-declined-by-proposer', 'Somebody else declines what you proposed. Withdraw it instead.'),
  withdraw: () =>
    Problem.refused('policy-withdrawn-by-another', 'Whoever proposed it withdraws it. Decline it instead.'),
};

const STATE = `case d.decision when 'confirm' then 'confirmed' when 'decline' then 'declined' when 'withdraw' then 'withdrawn' else 'open' end`;

async function find(manager: EntityManager, id: string): Promise<ChangeRow | undefined> {
  const [change] = await manager.query<ChangeRow[]>(
    `select c.id, c.fund_id fund, c.policy, c.reason, c.proposed_by, d.decided_by, d.reason declined_because, ${STATE} state
     from payments.fund_policy_change c left join payments.fund_policy_decision d on d.change_id = c.id where c.id = $1`,
    [id],
  );
  return change;
}

const toView = ({ id, fund, policy, reason, state }: ChangeRow): PolicyChange => ({ id, fund, policy, reason, state });
