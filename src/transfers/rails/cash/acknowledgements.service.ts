/** What shows that a client has their cash: their mark on a paper that stays in the office, or the word of a second person. It settles the payment. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../../access/domain/actor.js';
import { Clock } from '../../../kernel/clock.js';
import { parsePlainDate, type PlainDate } from '../../../kernel/domain/plain-date.js';
import { Problem } from '../../../kernel/domain/problem.js';
import { sentence } from '../../../kernel/domain/sentence.js';
import { countryOf } from '../../../kernel/reference-data.js';
import { EvidenceService } from '../../evidence.service.js';
import { CashHolders } from './cash-holders.js';
import type { AcknowledgementKind, VoucherView } from './voucher-view.js';
import { VouchersService, type HeldVoucher } from './vouchers.service.js';

export interface NewHandover {
  id: string;
  kind: AcknowledgementKind;
  /** Who saw it, or whom the client told; none with the client's mark. */
  second?: string;
  /** Today when left out. */
  happenedOn?: string;
  /** When it was written down on a device without a network. */
  deviceAt?: Date;
}

interface Handover {
  id: string;
  kind: AcknowledgementKind;
  second: string | null;
  happenedOn: PlainDate;
}

@Injectable()
export class AcknowledgementsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
    private readonly evidence: EvidenceService,
    private readonly vouchers: VouchersService,
    private readonly holders: CashHolders,
  ) {}

  /**
   * The holder says that the client has the cash. With the client's mark it is acknowledged at once; else when the second person says so too.
   * Throws `not-found` (404), `second-person-missing`, `second-person-not-asked`, `other-person-needed`, `not-a-cash-holder`, `cash-holder-signed-run`,
   * `date-malformed`, `date-in-the-future`, `date-before-instruction` (422), `voucher-not-carried`, `id-conflict` (409).
   */
  async handOver(actor: Actor, voucherId: string, input: NewHandover): Promise<VoucherView> {
    requirePermission(actor, 'cash:carry');
    const second = await this.secondOf(actor, input);
    await this.vouchers.find(actor, voucherId);
    await this.db.transaction(async (manager) => {
      const held = await this.hold(manager, voucherId);
      const handover: Handover = { id: input.id, kind: input.kind, second, happenedOn: this.dayOf(input, held) };
      if (await wasTold(manager, actor, voucherId, handover)) return;
      if (held.lastHolder !== actor.userId || held.isAcknowledged || WITH_OR_FROM_CLIENT.includes(held.attempt.state))
        throw Problem.conflict(
          'voucher-not-carried',
          sentence('You do not carry the cash of {voucher}, or it is acknowledged.', { voucher: held.number }),
        );
      await manager.query(
        `insert into payments.voucher_handover (id, voucher_id, custody_id, kind, handed_over_by, second_id, happened_on, device_at, told_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          handover.id,
          voucherId,
          held.lastOut,
          handover.kind,
          actor.userId,
          second,
          handover.happenedOn,
          input.deviceAt ?? null,
          this.clock.now(),
        ],
      );
      await this.audit.record(
        manager,
        actor,
        'cash.hand-over',
        { kind: 'transfer', id: held.attempt.obligation_id },
        { voucher: voucherId, kind: handover.kind, ...(second && { second }) },
      );
      if (handover.kind === 'client-mark') await this.acknowledge(manager, actor, held, handover);
    });
    return this.vouchers.find(actor, voucherId);
  }

  /**
   * The second person says so too: the payment is settled.
   * Throws `not-found` (404), `other-person-needed` (422), `handover-gone` (409).
   */
  async confirm(actor: Actor, voucherId: string, handoverId: string): Promise<VoucherView> {
    requirePermission(actor, 'cash:carry');
    await this.vouchers.find(actor, voucherId);
    await this.db.transaction(async (manager) => {
      const held = await this.hold(manager, voucherId);
      const [told] = await manager.query<(Handover & { isDone: boolean })[]>(
        `select h.id, h.kind, h.second_id "second", h.happened_on::text "happenedOn",
                exists (select from payments.voucher_acknowledgement a where a.handover_id = h.id) "isDone"
         from payments.voucher_handover h where h.id = $1 and h.voucher_id = $2`,
        [handoverId, voucherId],
      );
      if (!told) throw Problem.conflict('handover-gone', 'Nothing like that was told. Look again.', 'handover');
      if (told.second !== actor.userId)
        throw Problem.refused('other-person-needed', 'Whom the holder named says so: somebody else.', 'handover');
      if (told.isDone) return;
      if (held.isAcknowledged || held.handover !== told.id)
        throw Problem.conflict('handover-gone', 'This was told otherwise since. Look again.', 'handover');
      await this.acknowledge(manager, actor, held, told);
    });
    return this.vouchers.find(actor, voucherId);
  }

  /** Throws `second-person-missing`, `second-person-not-asked`, `other-person-needed`, `not-a-cash-holder` (422). */
  private async secondOf(actor: Actor, { kind, second }: NewHandover): Promise<string | null> {
    if (kind === 'client-mark') {
      if (second)
        throw Problem.refused('second-person-not-asked', 'With the client’s mark no second person is asked.', 'second');
      return null;
    }
    if (!second)
      throw Problem.refused('second-person-missing', 'Name the second person, who then says so too.', 'second');
    if (second === actor.userId)
      throw Problem.refused('other-person-needed', 'The second person is somebody else.', 'second');
    await this.holders.require(second, 'second');
    return second;
  }

  private dayOf({ happenedOn }: NewHandover, { attempt }: HeldVoucher): PlainDate {
    const today = this.clock.today(countryOf(attempt.country).timeZone);
    const day = happenedOn ? parsePlainDate(happenedOn, 'happenedOn') : today;
    if (day > today)
      throw Problem.refused('date-in-the-future', 'What has not happened yet cannot be recorded.', 'happenedOn');
    if (day < attempt.instructed_on)
      throw Problem.refused('date-before-instruction', 'That is before the payment was instructed.', 'happenedOn');
    return day;
  }

  private async hold(manager: EntityManager, voucherId: string): Promise<HeldVoucher> {
    const [held] = await this.vouchers.hold(manager, [voucherId]);
    if (!held) throw Problem.notFound('voucher');
    return held;
  }

  private async acknowledge(manager: EntityManager, actor: Actor, held: HeldVoucher, told: Handover): Promise<void> {
    await manager.query(
      `insert into payments.voucher_acknowledgement (voucher_id, handover_id, confirmed_by, confirmed_at) values ($1, $2, $3, $4)`,
      [held.id, told.id, told.second && actor.userId, this.clock.now()],
    );
    await this.evidence.take(
      manager,
      [held.attempt],
      [
        {
          id: told.id,
          source: 'person',
          toldBy: actor,
          attempt: held.attempt,
          kind: 'settled',
          code: told.kind,
          happenedOn: told.happenedOn,
          reference: held.number,
        },
      ],
    );
    await this.audit.record(
      manager,
      actor,
      'cash.acknowledge',
      { kind: 'transfer', id: held.attempt.obligation_id },
      { voucher: held.id, kind: told.kind },
    );
  }
}

const WITH_OR_FROM_CLIENT: readonly string[] = ['settled', 'returned', 'reversed'];

/** Whether the same was told before under the same id. Throws `id-conflict` (409). */
async function wasTold(manager: EntityManager, actor: Actor, voucherId: string, told: Handover): Promise<boolean> {
  const [existing] = await manager.query<{ same: boolean }[]>(
    `select (voucher_id, kind, handed_over_by, second_id, happened_on) is not distinct from ($2::uuid, $3::text, $4::uuid, $5::uuid, $6::date) same
     from payments.voucher_handover where id = $1`,
    [told.id, voucherId, told.kind, actor.userId, told.second, told.happenedOn],
  );
  if (existing && !existing.same) throw Problem.conflict('id-conflict', 'Something else was told under this id.', 'id');
  return existing !== undefined;
}
