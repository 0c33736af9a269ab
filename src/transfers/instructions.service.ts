/** Instructing: each transfer of a released run gets an attempt, with its correlation id and its ledger entry, before anything is sent. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import type { Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { Ids } from '../kernel/ids.js';
import { countryOf } from '../kernel/reference-data.js';
import { Settings } from '../kernel/settings.js';
import type { Rail } from '../funds/rails.js';
import type { EntryInput } from '../ledger/domain/entry.js';
import { PostingService } from '../ledger/posting.service.js';
import { HOLD_OFF_WITHDRAWALS, INSERT_ATTEMPTS, LEAVE_RUN, PICK_TO_INSTRUCT } from './runs.sql.js';

/** One transaction each: small enough that memory stays flat and a crash loses little, large enough that a run is quick. */
const CHUNK = 4_096;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

interface Picked {
  id: string;
  fund_id: string;
  currency: string;
  amount_minor: string;
  country: string;
  rail: Rail;
  payee_ref: string | null;
  last_attempt: number;
  may_be_paid: boolean;
  is_second: boolean;
}

/** Why a transfer leaves a released run before it is instructed. */
type Departure = 'no-consent' | 'second-in-month';

@Injectable()
export class InstructionsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly posting: PostingService,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Instructs what is left of a released run, chunk by chunk, of at most `limit` transfers; how many. Whoever may not be paid any more leaves
   * the run. Safe to call from several places at once.
   */
  async instruct(actor: Actor, runId: string, limit = Number.MAX_SAFE_INTEGER): Promise<number> {
    let instructed = 0;
    let looked = 0;
    let after = BEFORE_ALL;
    while (looked < limit) {
      const most = Math.min(CHUNK, limit - looked);
      const chunk = await this.db.transaction((manager) => this.instructChunk(manager, actor, runId, after, most));
      if (!chunk.last && after === BEFORE_ALL) break;
      after = chunk.last ?? BEFORE_ALL; // what somebody held at its turn is looked at once more
      looked += chunk.picked;
      instructed += chunk.instructed;
    }
    return instructed;
  }

  /** Released runs with transfers that are still to be instructed: what a crash or a lost job left behind. */
  async unfinishedRuns(): Promise<string[]> {
    const rows = await this.db.query<{ run_id: string }[]>(
      `select distinct o.run_id from payments.obligation o join payments.run_signature s on s.run_id = o.run_id and s.act = 'release'
       where o.run_id is not null and o.state = 'approved'`,
    );
    return rows.map((row) => row.run_id);
  }

  private async instructChunk(
    manager: EntityManager,
    actor: Actor,
    runId: string,
    after: string,
    limit: number,
  ): Promise<{ picked: number; last?: string; instructed: number }> {
    await manager.query(HOLD_OFF_WITHDRAWALS);
    const picked = await manager.query<Picked[]>(PICK_TO_INSTRUCT, [runId, limit, this.clock.now(), after]);
    const leaving = (reason: Departure, which: (transfer: Picked) => boolean) =>
      this.leaveRun(manager, actor, runId, picked.filter(which), reason);
    await leaving('no-consent', (transfer) => !transfer.may_be_paid);
    await leaving('second-in-month', (transfer) => transfer.may_be_paid && transfer.is_second);
    const staying = picked.filter((transfer) => transfer.may_be_paid && !transfer.is_second);
    const instructed = staying.length;
    if (instructed > 0) {
      await this.instructAll(manager, runId, staying);
      await this.audit.record(manager, actor, 'run.instruct', { kind: 'run', id: runId }, { count: instructed });
    }
    return { picked: picked.length, last: picked.at(-1)?.id, instructed };
  }

  /** What has come up since the release counts all the same. They stay owed, and come in a run again: once they consent, or as a catch-up. */
  private async leaveRun(
    manager: EntityManager,
    actor: Actor,
    runId: string,
    leaving: Picked[],
    reason: Departure,
  ): Promise<void> {
    if (leaving.length === 0) return;
    await manager.query(LEAVE_RUN, [runId, leaving.map(({ id }) => id), this.clock.now(), reason]);
    await this.audit.recordAll(
      manager,
      leaving.map(({ id }) => ({
        actor,
        act: 'transfer.leave-run',
        subject: { kind: 'transfer', id },
        detail: { run: runId, reason },
      })),
    );
  }

  private async instructAll(manager: EntityManager, runId: string, transfers: Picked[]): Promise<void> {
    const now = this.clock.now();
    const attempts = transfers.map((transfer) => ({
      ...transfer,
      attemptId: this.ids.newId(),
      instructedOn: this.clock.today(countryOf(transfer.country).timeZone),
    }));
    const again = attempts.filter((attempt) => attempt.last_attempt > 0);
    if (again.length > 0) {
      await manager.query(
        `update payments.attempt a set superseded = true from unnest($1::uuid[], $2::smallint[]) last(obligation_id, attempt_no)
         where a.obligation_id = last.obligation_id and a.attempt_no = last.attempt_no`,
        [again.map((attempt) => attempt.id), again.map((attempt) => attempt.last_attempt)],
      );
    }
    const column = <T>(pick: (attempt: (typeof attempts)[number]) => T) => attempts.map(pick);
    await manager.query(INSERT_ATTEMPTS, [
      column((a) => a.attemptId),
      runId,
      now,
      column((a) => a.id),
      column((a) => a.last_attempt + 1),
      column((a) => a.rail),
      column((a) => a.payee_ref),
      column((a) => a.currency),
      column((a) => a.amount_minor),
      column((a) => a.instructedOn),
    ]);
    const accounts = await this.posting.accountsOfFunds(
      manager,
      column((a) => a.fund_id),
    );
    const entries = attempts.map((attempt): EntryInput => ({
      id: this.ids.newId(),
      ...accounts.of(attempt.fund_id, attempt.currency).flow('instruct', attempt.rail),
      currency: attempt.currency,
      amountMinor: BigInt(attempt.amount_minor),
      phase: 'single',
      kind: 'instruct',
      sourceId: attempt.attemptId,
      obligationId: attempt.id,
      rail: attempt.rail,
      happenedOn: attempt.instructedOn,
    }));
    await this.posting.postAll(manager, entries, this.clock.today(this.settings.timeZone));
    await manager.query("update payments.obligation set state = 'instructed' where id = any ($1)", [
      column((a) => a.id),
    ]);
  }
}
