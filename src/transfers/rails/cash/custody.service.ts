/**
 * Cash between the till and those who carry it. One person offers, the other says that they have it, and then it has moved: in the books, and for
 * what becomes of the payment.
 */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../../access/domain/actor.js';
import { Clock } from '../../../kernel/clock.js';
import { Problem } from '../../../kernel/domain/problem.js';
import { sentence } from '../../../kernel/domain/sentence.js';
import { idOfText, Ids } from '../../../kernel/ids.js';
import { countryOf } from '../../../kernel/reference-data.js';
import { Settings } from '../../../kernel/settings.js';
import { PostingService } from '../../../ledger/posting.service.js';
import { EvidenceService, type NewEvidence } from '../../evidence.service.js';
import { CashHolders } from './cash-holders.js';
import type { CustodyAct, HandInReason, VoucherView } from './voucher-view.js';
import { VouchersService, type HeldVoucher } from './vouchers.service.js';

/** An offer of one voucher's cash, under an id that whoever makes it chose. */
export interface NewOffer {
  id: string;
  voucher: string;
}

interface Offer extends NewOffer {
  act: CustodyAct;
  holder: string;
  because: HandInReason | null;
}

@Injectable()
export class CustodyService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
    private readonly posting: PostingService,
    private readonly evidence: EvidenceService,
    private readonly vouchers: VouchersService,
    private readonly holders: CashHolders,
  ) {}

  /**
   * Offers the cash of vouchers to somebody who carries it: all or none. It is theirs when they say that they have it (`receive`).
   * Throws `not-found` (404), `not-a-cash-holder`, `cash-holder-gives-to-themselves`, `cash-holder-signed-run` (422), `voucher-not-in-till`,
   * `id-conflict` (409).
   */
  async handOut(actor: Actor, offers: readonly NewOffer[], holder: string): Promise<void> {
    requirePermission(actor, 'cash:hand-out');
    if (holder === actor.userId)
      throw Problem.refused('cash-holder-gives-to-themselves', 'Nobody hands cash to themselves.', 'holder');
    await this.holders.require(holder, 'holder');
    for (const { voucher } of offers) await this.vouchers.find(actor, voucher);
    await this.db.transaction(async (manager) => {
      for (const held of await this.held(manager, offers)) {
        const offer: Offer = { ...offerOf(offers, held), act: 'hand-out', holder, because: null };
        if (await this.wasOffered(manager, actor, offer)) continue;
        if (held.handedTo || held.isAcknowledged || !OPEN.includes(held.attempt.state)) {
          throw Problem.conflict(
            'voucher-not-in-till',
            sentence('The cash of {voucher} is not in the till, or not to be paid any more.', { voucher: held.number }),
          );
        }
        await this.offer(manager, actor, held, offer);
      }
    });
  }

  /**
   * Offers cash back to the till: what the client did not collect, or gave back after it was acknowledged. By its holder, or for them by whoever
   * hands out. Throws `not-found` (404), `voucher-not-carried`, `id-conflict` (409), `hand-in-reason-missing` (422).
   */
  async handIn(actor: Actor, { because, ...given }: NewOffer & { because?: HandInReason }): Promise<VoucherView> {
    if (!actor.permissions.has('cash:carry')) requirePermission(actor, 'cash:hand-out');
    await this.vouchers.find(actor, given.voucher);
    await this.db.transaction(async (manager) => {
      const [held] = await this.held(manager, [given]);
      if (!held) throw Problem.notFound('voucher');
      const act = held.isAcknowledged ? 'give-back' : 'hand-in';
      const holder = held.isAcknowledged ? held.lastHolder : (held.handedTo ?? held.lastHolder);
      if (actor.userId !== holder && !actor.permissions.has('cash:hand-out'))
        throw Problem.conflict(
          'voucher-not-carried',
          'Whoever carries this cash brings it back, or finance does it for them.',
        );
      if (act === 'hand-in' && !because)
        throw Problem.refused('hand-in-reason-missing', 'Say why the cash comes back.', 'because');
      const offer: Offer = {
        ...given,
        act,
        holder: holder ?? '',
        because: act === 'hand-in' ? (because ?? null) : null,
      };
      if (holder && (await this.wasOffered(manager, actor, offer))) return;
      const isThere = held.isAcknowledged ? held.attempt.state === 'settled' : held.handedTo !== null;
      if (!holder || !isThere)
        throw Problem.conflict(
          'voucher-not-carried',
          sentence('Nobody carries the cash of {voucher}.', { voucher: held.number }),
        );
      await this.offer(manager, actor, held, offer);
    });
    return this.vouchers.find(actor, given.voucher);
  }

  /**
   * Says: I have the cash that was offered. Then it has moved, and what was not collected has failed and can be paid again.
   * Throws `not-found` (404), `forbidden` (403), `other-person-needed` (422), `offer-gone` (409).
   */
  async receive(actor: Actor, voucherId: string, offerId: string): Promise<VoucherView> {
    if (!actor.permissions.has('cash:carry')) requirePermission(actor, 'cash:hand-out');
    await this.vouchers.find(actor, voucherId);
    await this.db.transaction(async (manager) => {
      const [held] = await this.vouchers.hold(manager, [voucherId]);
      if (!held || (await wasReceived(manager, actor, voucherId, offerId))) return;
      if (held.offer?.id !== offerId)
        throw Problem.conflict('offer-gone', 'That offer was taken up already, or another one came after it.', 'offer');
      const { act, holder, by } = held.offer;
      if (act === 'hand-out' ? actor.userId !== holder : !actor.permissions.has('cash:hand-out'))
        throw Problem.forbidden('This cash is offered to somebody else.');
      if (actor.userId === by || (act !== 'hand-out' && actor.userId === holder))
        throw Problem.refused('other-person-needed', 'Who gives cash and who takes it are two people.');
      await manager.query(
        'insert into payments.voucher_receipt (custody_id, received_by, received_at) values ($1, $2, $3)',
        [offerId, actor.userId, this.clock.now()],
      );
      await this.follow(manager, actor, held);
      await this.audit.record(
        manager,
        actor,
        RECEIVED[act],
        { kind: 'transfer', id: held.attempt.obligation_id },
        { voucher: voucherId, holder },
      );
    });
    return this.vouchers.find(actor, voucherId);
  }

  /**
   * Says of cash that is in the till: the client did not collect it. The payment has failed.
   * Throws `not-found` (404), `voucher-not-in-till` (409).
   */
  async notCollected(actor: Actor, voucherId: string): Promise<VoucherView> {
    requirePermission(actor, 'cash:hand-out');
    await this.vouchers.find(actor, voucherId);
    await this.db.transaction(async (manager) => {
      const [held] = await this.vouchers.hold(manager, [voucherId]);
      if (!held || (held.attempt.state === 'failed' && !held.isAcknowledged)) return;
      if (held.handedTo || held.isAcknowledged || !OPEN.includes(held.attempt.state))
        throw Problem.conflict(
          'voucher-not-in-till',
          sentence('The cash of {voucher} is not in the till.', { voucher: held.number }),
        );
      await this.tell(manager, actor, held, 'failed', 'not-collected');
      await this.audit.record(
        manager,
        actor,
        'cash.not-collected',
        { kind: 'transfer', id: held.attempt.obligation_id },
        { voucher: voucherId },
      );
    });
    return this.vouchers.find(actor, voucherId);
  }

  private async held(manager: EntityManager, offers: readonly NewOffer[]): Promise<HeldVoucher[]> {
    return this.vouchers.hold(
      manager,
      offers.map(({ voucher }) => voucher),
    );
  }

  /** Whether the same was offered before under the same id. Throws `id-conflict` (409). */
  private async wasOffered(manager: EntityManager, actor: Actor, offer: Offer): Promise<boolean> {
    const [existing] = await manager.query<{ same: boolean }[]>(
      `select (voucher_id, act, holder_id, offered_by, because) is not distinct from ($2::uuid, $3::text, $4::uuid, $5::uuid, $6::text) same
       from payments.voucher_custody where id = $1`,
      [offer.id, offer.voucher, offer.act, offer.holder, actor.userId, offer.because],
    );
    if (existing && !existing.same)
      throw Problem.conflict('id-conflict', 'Something else was offered under this id.', 'id');
    return existing !== undefined;
  }

  private async offer(manager: EntityManager, actor: Actor, held: HeldVoucher, offer: Offer): Promise<void> {
    await manager.query(
      `insert into payments.voucher_custody (id, voucher_id, place, act, holder_id, because, offered_by, offered_at)
       select $1, $2, coalesce(max(place), 0) + 1, $3, $4, $5, $6, $7 from payments.voucher_custody where voucher_id = $2`,
      [offer.id, offer.voucher, offer.act, offer.holder, offer.because, actor.userId, this.clock.now()],
    );
    await this.audit.record(
      manager,
      actor,
      `cash.${offer.act}`,
      { kind: 'transfer', id: held.attempt.obligation_id },
      { voucher: offer.voucher, holder: offer.holder, ...(offer.because && { because: offer.because }) },
    );
  }

  /** Moves the books, and tells what that means for the payment. */
  private async follow(manager: EntityManager, actor: Actor, held: HeldVoucher): Promise<void> {
    const { attempt, offer } = held;
    if (!offer) throw new Error('nothing was offered');
    if (offer.act === 'give-back') return this.tell(manager, actor, held, 'returned', 'given-back');
    const accounts = await this.posting.openFloat(manager, attempt.fund_id, attempt.currency, offer.holder);
    await this.posting.postAll(
      manager,
      [
        {
          id: this.ids.newId(),
          ...accounts.flow(offer.act, 'cash', offer.holder),
          currency: attempt.currency,
          amountMinor: BigInt(attempt.amount_minor),
          phase: 'single',
          kind: offer.act,
          sourceId: offer.id,
          obligationId: attempt.obligation_id,
          rail: 'cash',
          happenedOn: this.clock.today(countryOf(attempt.country).timeZone),
        },
      ],
      this.clock.today(this.settings.timeZone),
    );
    if (offer.because === 'not-collected') await this.tell(manager, actor, held, 'failed', 'not-collected');
  }

  private async tell(
    manager: EntityManager,
    actor: Actor,
    held: HeldVoucher,
    kind: NewEvidence['kind'],
    code: string,
  ): Promise<void> {
    const evidence: NewEvidence = {
      id: idOfText(`${kind} of ${held.id} after ${held.offer?.id ?? held.lastOut ?? 'its issue'}`),
      source: 'person',
      toldBy: actor,
      attempt: held.attempt,
      kind,
      code,
      happenedOn: this.clock.today(countryOf(held.attempt.country).timeZone),
      reference: held.number,
    };
    await this.evidence.take(manager, [held.attempt], [evidence]);
  }
}

const OPEN: readonly string[] = ['instructed', 'accepted', 'unknown'];

const RECEIVED: Record<CustodyAct, string> = {
  'hand-out': 'cash.receive',
  'hand-in': 'cash.take-in',
  'give-back': 'cash.take-back',
};

function offerOf(offers: readonly NewOffer[], { id }: HeldVoucher): NewOffer {
  const found = offers.find(({ voucher }) => voucher === id);
  if (!found) throw new Error('a voucher that was not asked for');
  return found;
}

async function wasReceived(manager: EntityManager, actor: Actor, voucherId: string, offerId: string): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `select 1 from payments.voucher_receipt r join payments.voucher_custody c on c.id = r.custody_id
     where r.custody_id = $1 and c.voucher_id = $2 and r.received_by = $3`,
    [offerId, voucherId, actor.userId],
  );
  return rows.length > 0;
}
