/** Vouchers: issued for what a run pays in cash, read by those whom they concern, and held fast while something about them changes. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../../access/domain/actor.js';
import { Clock } from '../../../kernel/clock.js';
import { Problem } from '../../../kernel/domain/problem.js';
import { isId, Ids } from '../../../kernel/ids.js';
import { Settings } from '../../../kernel/settings.js';
import { EvidenceService, type AttemptRow } from '../../evidence.service.js';
import { envelopeOf, toStored } from './denominations.js';
import { newVoucherNumber } from './domain/voucher-number.js';
import {
  findVouchers,
  type CustodyAct,
  type HandInReason,
  type VoucherFilter,
  type VoucherView,
} from './voucher-view.js';

const ISSUED_AT_ONCE = 1_000;

/** $1 the run: its payments in cash that are under way and have no voucher. Of one that is unknown two people find out how it ended. */
const WITHOUT_VOUCHER = `select bare.id from payments.attempt bare
  where bare.run_id = $1 and bare.rail = 'cash' and bare.state in ('instructed', 'accepted')
    and not exists (select from payments.voucher v where v.attempt_id = bare.id)`;

/** Where a voucher stands while it is held fast. */
export interface HeldVoucher {
  id: string;
  number: string;
  attempt: AttemptRow;
  handedTo: string | null;
  lastOut: string | null;
  lastHolder: string | null;
  isAcknowledged: boolean;
  handover: string | null;
  offer: { id: string; act: CustodyAct; holder: string; by: string; because: HandInReason | null } | null;
}

@Injectable()
export class VouchersService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
    private readonly evidence: EvidenceService,
  ) {}

  /**
   * Issues a voucher for each payment in cash of the run that is under way and has none; how many are new. Asked again it issues none twice.
   * Throws `not-found` (404), `no-denominations`, `not-payable-in-pieces` (422).
   */
  async issue(actor: Actor, runId: string): Promise<{ issued: number }> {
    requirePermission(actor, 'cash:hand-out');
    const [run] = await this.db.query<unknown[]>('select 1 from payments.run where id = $1', [runId]);
    if (!run) throw Problem.notFound('run');
    const amounts = await this.db.query<{ currency: string; amount: string }[]>(
      `select distinct currency, amount_minor::text amount from payments.attempt where id in (${WITHOUT_VOUCHER})`,
      [runId],
    );
    for (const { currency, amount } of amounts) envelopeOf(BigInt(amount), currency);
    let issued = 0;
    for (;;) {
      const chunk = await this.db.transaction((manager) => this.issueChunk(manager, actor, runId));
      issued += chunk.issued;
      if (chunk.looked === 0) return { issued };
    }
  }

  /** A page of those within the actor's reach. `after` is the `next` of the page before. Throws `cursor-malformed` (400). */
  async list(actor: Actor, filter: VoucherFilter): Promise<{ items: VoucherView[]; next: string | null }> {
    requireCash(actor);
    if (filter.after !== undefined && !isId(filter.after))
      throw Problem.malformed('cursor-malformed', 'Use the `next` of the page before.', 'after');
    const rows = await findVouchers(this.db.manager, actor, this.now(), { ...filter, limit: filter.limit + 1 });
    const items = rows.slice(0, filter.limit);
    return { items, next: rows.length > filter.limit ? (items.at(-1)?.id ?? null) : null };
  }

  /** Throws `not-found` (404), also for what is out of reach; that is recorded. */
  async find(actor: Actor, id: string): Promise<VoucherView> {
    requireCash(actor);
    const [found] = await findVouchers(this.db.manager, actor, this.now(), { ids: [id], limit: 1 });
    if (found) return found;
    const [whose] = await this.db.query<{ obligation_id: string }[]>(
      'select a.obligation_id from payments.voucher v join payments.attempt a on a.id = v.attempt_id where v.id = $1',
      [id],
    );
    if (whose) await this.audit.refusal(actor, { kind: 'transfer', id: whose.obligation_id }, { code: 'not-found' });
    throw Problem.notFound('voucher');
  }

  /** Holds these fast until the transaction ends, in the order in which everything about payments is. */
  async hold(manager: EntityManager, ids: readonly string[]): Promise<HeldVoucher[]> {
    const attempts = await this.evidence.lock(
      manager,
      'a.id in (select v.attempt_id from payments.voucher v where v.id = any ($1))',
      [ids],
    );
    const byId = new Map(attempts.map((attempt) => [attempt.id, attempt]));
    const rows = await manager.query<StandingRow[]>(
      `select v.id, v.number, v.attempt_id, s.handed_to "handedTo", s.last_out "lastOut", s.last_holder "lastHolder",
              s.acknowledged_at is not null "isAcknowledged", s.handover_id handover,
              case when s.offer_id is not null then jsonb_build_object('id', s.offer_id, 'act', s.offer_act, 'holder', s.offer_holder,
                'by', s.offered_by, 'because', s.because) end offer
       from payments.voucher v join payments.voucher_standing s on s.voucher_id = v.id where v.id = any ($1) order by v.id`,
      [ids],
    );
    return rows.map(({ attempt_id: attemptId, ...row }) => {
      const attempt = byId.get(attemptId);
      if (!attempt) throw new Error('a voucher without its attempt');
      return { ...row, attempt };
    });
  }

  private now() {
    const { timeZone } = this.settings;
    return { today: this.clock.today(timeZone), timeZone };
  }

  private async issueChunk(
    manager: EntityManager,
    actor: Actor,
    runId: string,
  ): Promise<{ looked: number; issued: number }> {
    const attempts = await this.evidence.lock(
      manager,
      `a.id in (${WITHOUT_VOUCHER} order by bare.id limit ${ISSUED_AT_ONCE})`,
      [runId],
    );
    if (attempts.length === 0) return { looked: 0, issued: 0 };
    const column = <T>(pick: (attempt: AttemptRow) => T) => attempts.map(pick);
    const made = await manager.query<unknown[]>(
      `insert into payments.voucher (id, attempt_id, number, currency, amount_minor, denominations, issued_by, issued_at)
       select v.*, $7, $8 from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::jsonb[]) v
       on conflict do nothing returning 1`,
      [
        column(() => this.ids.newId()),
        column((a) => a.id),
        column(() => newVoucherNumber()),
        column((a) => a.currency),
        column((a) => a.amount_minor),
        column((a) => JSON.stringify(toStored(envelopeOf(BigInt(a.amount_minor), a.currency)))),
        actor.userId,
        this.clock.now(),
      ],
    );
    if (made.length > 0)
      await this.audit.record(manager, actor, 'cash.issue', { kind: 'run', id: runId }, { count: made.length });
    return { looked: attempts.length, issued: made.length };
  }
}

interface StandingRow extends Omit<HeldVoucher, 'attempt'> {
  attempt_id: string;
}

/** Whoever carries cash, hands it out or reads payments. Throws `forbidden` (403). */
function requireCash(actor: Actor): void {
  if (!actor.permissions.has('cash:carry')) requirePermission(actor, 'transfers:read');
}
