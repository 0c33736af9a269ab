/** How many people approve a run, by its total: steps in one currency, proposed by one person and confirmed by another. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';
import { currencies } from '../kernel/reference-data.js';

export interface LimitStep {
  /** Decimal string in major units: a total above it asks for so many. */
  above: string;
  approvals: number;
}

export interface ApprovalLimits {
  id: string;
  currency: string;
  steps: LimitStep[];
  proposedBy: string;
  proposedByUserId: string;
  proposedAt: string;
  confirmedBy: string | null;
  confirmedAt: string | null;
}

export interface NewApprovalLimits {
  id: string;
  currency: string;
  steps: readonly LimitStep[];
}

@Injectable()
export class ApprovalLimitsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** What is in force, and what was proposed since and waits for a second person. Without any, one approval is enough for every run. */
  async list(actor: Actor): Promise<{ inForce: ApprovalLimits | null; proposed: ApprovalLimits[] }> {
    requirePermission(actor, 'runs:read');
    const rows = await this.db.query<LimitsRow[]>(
      `select l.id, l.currency, l.steps, u.display_name "proposedBy", l.proposed_by "proposedByUserId", l.proposed_at "proposedAt",
              w.display_name "confirmedBy", c.confirmed_at "confirmedAt", c.seq
       from payments.approval_limits l join access.app_user u on u.id = l.proposed_by
       left join payments.approval_limits_confirmed c on c.limits_id = l.id left join access.app_user w on w.id = c.confirmed_by
       order by l.seq desc limit 50`,
    );
    const latest = Math.max(0, ...rows.map(({ seq }) => Number(seq ?? 0)));
    const inForce = rows.find(({ seq }) => seq !== null && Number(seq) === latest);
    const since = inForce ? rows.slice(0, rows.indexOf(inForce)) : rows;
    return {
      inForce: inForce ? toView(inForce) : null,
      proposed: since.filter(({ seq }) => seq === null).map(toView),
    };
  }

  /**
   * Proposes steps; from nothing upwards, each asking for more than the one before. The same id again changes nothing.
   * Throws `steps-malformed`, `unknown-currency`, `amount-malformed` and the like (422), `id-conflict` (409).
   */
  async propose(actor: Actor, { id, currency, steps }: NewApprovalLimits): Promise<void> {
    requirePermission(actor, 'funds:write');
    const stored = steps.map(({ above, approvals }, at) => ({
      aboveMinor: currencies.parse(above, currency, `steps.${at}.above`, { zeroAllowed: true }).amountMinor.toString(),
      approvals,
    }));
    if (stored[0]?.aboveMinor !== '0' || !stored.every((step, at) => at === 0 || isHigher(stored[at - 1]!, step))) {
      throw Problem.refused(
        'steps-malformed',
        'Begin with what is above 0, and let each step begin higher and ask for more than the one before.',
        'steps',
      );
    }
    await this.db.transaction(async (manager) => {
      const [existing] = await manager.query<{ same: boolean }[]>(
        'select (currency, steps) = ($2, $3::jsonb) same from payments.approval_limits where id = $1',
        [id, currency, JSON.stringify(stored)],
      );
      if (existing && !existing.same)
        throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
      if (existing) return;
      await manager.query(
        'insert into payments.approval_limits (id, currency, steps, proposed_by, proposed_at) values ($1, $2, $3, $4, $5)',
        [id, currency, JSON.stringify(stored), actor.userId, this.clock.now()],
      );
      await this.audit.record(manager, actor, 'approval-limits.propose', { kind: 'approval-limits', id });
    });
  }

  /** Puts what somebody else proposed in force. Twice changes nothing. Throws `not-found` (404), `second-person-needed` (409). */
  async confirm(actor: Actor, id: string): Promise<void> {
    requirePermission(actor, 'runs:approve');
    await this.db.transaction(async (manager) => {
      const [proposed] = await manager.query<{ proposed_by: string }[]>(
        'select proposed_by from payments.approval_limits where id = $1',
        [id],
      );
      if (!proposed) throw Problem.notFound('approval-limits');
      if (proposed.proposed_by === actor.userId)
        throw Problem.conflict('second-person-needed', 'Somebody else has to confirm what you proposed.');
      const confirmed = await manager.query<unknown[]>(
        `insert into payments.approval_limits_confirmed (limits_id, proposed_by, confirmed_by, confirmed_at) values ($1, $2, $3, $4)
         on conflict (limits_id) do nothing returning limits_id`,
        [id, proposed.proposed_by, actor.userId, this.clock.now()],
      );
      if (confirmed.length > 0)
        await this.audit.record(manager, actor, 'approval-limits.confirm', { kind: 'approval-limits', id });
    });
  }
}

interface LimitsRow extends Omit<ApprovalLimits, 'steps'> {
  steps: { aboveMinor: string; approvals: number }[];
  seq: string | null;
}

function isHigher(
  before: { aboveMinor: string; approvals: number },
  step: { aboveMinor: string; approvals: number },
): boolean {
  return BigInt(step.aboveMinor) > BigInt(before.aboveMinor) && step.approvals > before.approvals;
}

function toView({ steps, seq: _, ...row }: LimitsRow): ApprovalLimits {
  return {
    ...row,
    steps: steps.map(({ aboveMinor, approvals }) => ({
      above: currencies.format(BigInt(aboveMinor), row.currency),
      approvals,
    })),
  };
}
