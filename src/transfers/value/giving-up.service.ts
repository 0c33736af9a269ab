/** Money that a released run committed to a transfer which will never be paid goes back to its fund; and is committed again should it turn out to be paid. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import type { Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import { Ids } from '../../kernel/ids.js';
import { Settings } from '../../kernel/settings.js';
import type { EntryInput } from '../../ledger/domain/entry.js';
import { PostingService } from '../../ledger/posting.service.js';

interface Committed {
  id: string;
  fund_id: string;
  currency: string;
  amount_minor: string;
}

interface GivenUp extends Committed {
  entry_id: string;
  debit_id: string;
  credit_id: string;
}

@Injectable()
export class GivingUpService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly posting: PostingService,
    private readonly audit: AuditTrail,
  ) {}

  /** What is committed to transfers of a client who is being erased, in the erasure's own transaction; how many. */
  ofClientBeingErased(manager: EntityManager, actor: Actor, clientId: string): Promise<number> {
    return this.giveUp(manager, actor, 'client-erased', `${COMMITTED} and o.client_id = $1 order by o.id`, [clientId]);
  }

  /** What endings left committed that nobody told this room of: before there was this, or by restoring the list of who was erased. How many. */
  async leftOver(actor: Actor): Promise<number> {
    const erased = `${COMMITTED} and exists (select from casework.client c where c.id = o.client_id and c.erased_at is not null)`;
    const ended = `${COMMITTED} and exists (select from payments.enrolment e where e.id = o.enrolment_id and e.cancelled_at is not null)`;
    const inTurn = `order by o.id limit ${MOST}`;
    const ofErased = await this.db.transaction((manager) =>
      this.giveUp(manager, actor, 'client-erased', `${erased} ${inTurn}`, []),
    );
    const ofEnded = await this.db.transaction((manager) =>
      this.giveUp(manager, actor, 'enrolment-ended', `${ended} ${inTurn}`, []),
    );
    return ofErased + ofEnded;
  }

  /** Late proof that these arrived: their money is committed again. Where the fund has promised it to others meanwhile, the self-check says so. */
  async paidAfterAll(manager: EntityManager, transfers: readonly string[]): Promise<void> {
    if (transfers.length === 0) return;
    const givenUp = await manager.query<GivenUp[]>(GIVEN_UP, [transfers]);
    const entries = givenUp.map((transfer): EntryInput => ({
      id: this.ids.newId(),
      debitId: transfer.credit_id,
      creditId: transfer.debit_id,
      currency: transfer.currency,
      amountMinor: BigInt(transfer.amount_minor),
      phase: 'single',
      kind: 'reversal',
      sourceId: transfer.entry_id,
      obligationId: transfer.id,
      reversesId: transfer.entry_id,
    }));
    await this.posting.post(manager, entries, this.clock.today(this.settings.timeZone));
  }

  private async giveUp(
    manager: EntityManager,
    actor: Actor,
    because: 'client-erased' | 'enrolment-ended',
    which: string,
    parameters: unknown[],
  ): Promise<number> {
    const transfers = await manager.query<Committed[]>(which, parameters);
    if (transfers.length === 0) return 0;
    const causes = transfers.map(() => this.ids.newId());
    await manager.query(
      `insert into payments.giving_up (id, obligation_id, because, given_up_by, given_up_at)
       select id, obligation_id, $3, $4, $5 from unnest($1::uuid[], $2::uuid[]) as given_up(id, obligation_id)`,
      [causes, transfers.map(({ id }) => id), because, actor.userId, this.clock.now()],
    );
    const accounts = await this.posting.accountsOfFunds(
      manager,
      transfers.map(({ fund_id: fund }) => fund),
    );
    const entries = transfers.map((transfer, place): EntryInput => ({
      id: this.ids.newId(),
      ...accounts.of(transfer.fund_id, transfer.currency).flow('uncommit'),
      currency: transfer.currency,
      amountMinor: BigInt(transfer.amount_minor),
      phase: 'single',
      kind: 'uncommit',
      sourceId: causes[place] ?? '',
      obligationId: transfer.id,
    }));
    await this.posting.postAll(manager, entries, this.clock.today(this.settings.timeZone));
    await this.audit.recordAll(
      manager,
      transfers.map(({ id }) => ({
        actor,
        act: 'transfer.give-up',
        subject: { kind: 'transfer', id },
        detail: { because },
      })),
    );
    return transfers.length;
  }
}

/** A night's work; the rest is left to the next one. */
const MOST = 5_000;

/** Ended without being paid, and committed by the release of a run; but for what was given up and was not paid after all since. */
const COMMITTED = `
  select o.id, o.fund_id, o.currency, o.amount_minor::text from payments.obligation o
  where o.state in ('failed', 'returned', 'reversed', 'cancelled')
    and exists (select from payments.run_item i join payments.run_signature s on s.run_id = i.run_id and s.act = 'release' where i.obligation_id = o.id)
    and not exists (select from payments.giving_up g join ledger.entry e on e.source_id = g.id and e.kind = 'uncommit'
                    where g.obligation_id = o.id and not exists (select from ledger.entry back where back.reverses_id = e.id))`;

/** $1 transfers: the entries that took back what was committed to them, and stand. */
const GIVEN_UP = `
  select o.id, o.fund_id, o.currency, o.amount_minor::text, e.id entry_id, e.debit_id::text, e.credit_id::text
  from payments.obligation o join payments.giving_up g on g.obligation_id = o.id join ledger.entry e on e.source_id = g.id and e.kind = 'uncommit'
  where o.id = any ($1) and not exists (select from ledger.entry back where back.reverses_id = e.id) order by o.id`;
