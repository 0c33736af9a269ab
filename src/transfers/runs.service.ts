/** Runs: what is due is put together, one person approves that exact content, another releases it. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { addDays, parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { Ids } from '../kernel/ids.js';
import { countryOf } from '../kernel/reference-data.js';
import { Settings } from '../kernel/settings.js';
import type { EntryInput, FlowKind } from '../ledger/domain/entry.js';
import { PostingService } from '../ledger/posting.service.js';
import { loadRuns, pageOfRuns, type Run, type RunFilter, type RunSignature } from './run-view.js';
import { RunPreparationService, type PreparationReport, type WantedRun } from './run-preparation.service.js';
import { LOCK_RUN } from './runs.sql.js';

/** Enough to pay before a long holiday, and too little to pay two months at once. */
const DAYS_AHEAD = 14;

export interface NewRun {
  id: string;
  dueThrough: string;
  country?: string;
  /** Whether a client can be paid two instalments in one month by it; whoever approves it approves that. */
  catchUp?: boolean;
}

@Injectable()
export class RunsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
    private readonly posting: PostingService,
    private readonly preparation: RunPreparationService,
  ) {}

  /**
   * Prepares a run of everything due through a day and reserves its money. The same id again answers as before.
   * Throws `due-through-too-far`, `nothing-due`, `run-unfunded`, `date-malformed`, `unknown-country` (422), `id-conflict` (409).
   */
  async prepare(
    actor: Actor,
    input: NewRun,
    report: PreparationReport = () => undefined,
  ): Promise<{ run: Run; created: boolean }> {
    requirePermission(actor, 'runs:prepare');
    const { dueThrough, country, catchUp } = this.scopeOf(input);
    const created = await this.db.transaction(async (manager) => {
      await manager.query(LOCK_RUN, [input.id]);
      const [existing] = await manager.query<{ due_through: string; country: string | null; catch_up: boolean }[]>(
        'select due_through::text, country, catch_up from payments.run where id = $1',
        [input.id],
      );
      if (existing) {
        if (existing.due_through !== dueThrough || existing.country !== country || existing.catch_up !== catchUp) {
          throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
        }
        return false;
      }
      const wanted: WantedRun = { id: input.id, dueThrough, country, catchUp, unfunded: 'refuse' };
      if (!(await this.prepareAndSign(manager, actor, wanted, report)))
        throw Problem.refused('nothing-due', 'Nothing is due that could be paid.', 'dueThrough');
      return true;
    });
    return { run: await this.load(input.id), created };
  }

  /** What a run that is asked for is to reach. Throws `due-through-too-far`, `date-malformed`, `unknown-country` (422). */
  scopeOf(input: Omit<NewRun, 'id'>): Pick<WantedRun, 'dueThrough' | 'country' | 'catchUp'> {
    const dueThrough = parsePlainDate(input.dueThrough, 'dueThrough');
    const country = input.country ? countryOf(input.country).code : null;
    if (dueThrough > addDays(this.clock.today(this.settings.timeZone), DAYS_AHEAD)) {
      throw Problem.refused(
        'due-through-too-far',
        sentence('A run reaches at most {most} days ahead: transfers are paid month by month.', { most: DAYS_AHEAD }),
        'dueThrough',
      );
    }
    return { dueThrough, country, catchUp: input.catchUp ?? false };
  }

  /**
   * What the schedule does: prepares what is due in a country today, and what would be a second instalment in the month in a run of its own, so
   * that people decide on it; not again in a month in which they sent such a run back. A fund without enough money is left out and said so, so
   * that it does not hold up the others. The ids of the runs.
   */
  async prepareDue(actor: Actor, countryCode: string): Promise<string[]> {
    requirePermission(actor, 'runs:prepare');
    const country = countryOf(countryCode);
    const prepared: string[] = [];
    for (const catchUp of [false, true]) {
      const id = this.ids.newId();
      const dueThrough = this.clock.today(country.timeZone);
      const isPrepared = await this.db.transaction(async (manager) => {
        if (catchUp && (await wasSentBackThisMonth(manager, country.code, dueThrough))) return false;
        const wanted: WantedRun = { id, dueThrough, country: country.code, catchUp, unfunded: 'leave-out' };
        return this.prepareAndSign(manager, actor, wanted, () => undefined);
      });
      if (isPrepared) prepared.push(id);
    }
    return prepared;
  }

  /**
   * Approves exactly the content with that digest. Doing it twice changes nothing. Throws `not-found` (404), `digest-mismatch`,
   * `run-sent-back`, `run-already-released` (409), `approver-is-preparer` (422).
   */
  async approve(actor: Actor, runId: string, digest: string): Promise<Run> {
    requirePermission(actor, 'runs:approve');
    await this.db.transaction(async (manager) => {
      const run = await this.lock(manager, runId);
      if (run.signatures.some((signature) => signature.act === 'approve' && signature.userId === actor.userId)) {
        if (run.digest !== digest) throw digestMismatch();
        return;
      }
      requireOpen(run);
      if (run.signatures.some((signature) => signature.userId === actor.userId)) {
        throw Problem.refused('approver-is-preparer', 'Whoever prepared a run cannot approve it.', 'signatures');
      }
      await this.requireDigest(manager, run, digest);
      await this.sign(manager, actor, run, 'approve');
      const approvals = run.signatures.filter((signature) => signature.act === 'approve').length + 1;
      if (approvals >= run.approvalsNeeded) {
        await manager.query(
          "update payments.obligation set state = 'approved' where run_id = $1 and state = 'in_run'",
          [runId],
        );
      }
    });
    return this.load(runId);
  }

  /**
   * Releases exactly the content with that digest: its money is committed, and its transfers may be instructed from now on. Doing it twice
   * changes nothing. Throws `not-found` (404), `digest-mismatch`, `run-sent-back`, `run-already-released`, `run-not-approved` (409),
   * `releaser-signed-before` (422).
   */
  async release(actor: Actor, runId: string, digest: string): Promise<Run> {
    requirePermission(actor, 'runs:release');
    await this.db.transaction(async (manager) => {
      const run = await this.lock(manager, runId);
      if (run.signatures.some((signature) => signature.act === 'release' && signature.userId === actor.userId)) {
        if (run.digest !== digest) throw digestMismatch();
        return;
      }
      requireOpen(run);
      if (run.state !== 'approved')
        throw Problem.conflict('run-not-approved', 'The run is not approved yet.', 'signatures');
      if (run.signatures.some((signature) => signature.userId === actor.userId)) {
        throw Problem.refused(
          'releaser-signed-before',
          'Whoever prepared or approved a run cannot release it.',
          'signatures',
        );
      }
      await this.requireDigest(manager, run, digest);
      await this.sign(manager, actor, run, 'release');
      await this.resolveReservations(manager, run.id, 'commit');
    });
    return this.load(runId);
  }

  /** Sends a run back before its release: its money is free again and its transfers are due as before. Throws like `approve`. */
  async sendBack(actor: Actor, runId: string, reason: string): Promise<Run> {
    requirePermission(actor, 'runs:send-back');
    await this.db.transaction(async (manager) => {
      const run = await this.lock(manager, runId);
      requireOpen(run);
      const held = (await liveDigest(manager, runId)) === run.digest;
      await this.sign(manager, actor, run, 'send-back', { reason, held });
      // Transfers first and books second, as results do, so that the two never wait for each other.
      await manager.query(
        "update payments.obligation set state = 'scheduled', run_id = null where run_id = $1 and state in ('in_run', 'approved')",
        [runId],
      );
      await this.resolveReservations(manager, run.id, 'release-reserve');
    });
    return this.load(runId);
  }

  /** One run. Throws `not-found` (404). */
  async find(actor: Actor, runId: string): Promise<Run> {
    requirePermission(actor, 'runs:read');
    return this.load(runId);
  }

  /** A page of runs, newest first. Throws `cursor-malformed` (400). */
  async list(actor: Actor, options: RunFilter): Promise<{ items: Run[]; next: string | null }> {
    requirePermission(actor, 'runs:read');
    return pageOfRuns(this.db.manager, options);
  }

  private async prepareAndSign(
    manager: EntityManager,
    actor: Actor,
    wanted: WantedRun,
    report: PreparationReport,
  ): Promise<boolean> {
    if (!(await this.preparation.putTogether(manager, wanted, report))) return false;
    const [run] = await loadRuns(manager, [wanted.id]);
    if (!run) throw new Error('a run that was just prepared is not there');
    await this.sign(manager, actor, run, 'prepare');
    return true;
  }

  /** Turns a run's reservations into commitments, or gives the money back to the funds. */
  private async resolveReservations(
    manager: EntityManager,
    runId: string,
    kind: Extract<FlowKind, 'commit' | 'release-reserve'>,
  ): Promise<void> {
    const pending = await manager.query<
      { id: string; debit_id: string; credit_id: string; currency: string; amount_minor: string }[]
    >(
      "select id, debit_id::text, credit_id::text, currency, amount_minor::text from ledger.entry where source_id = $1 and kind = 'reserve'",
      [runId],
    );
    const entries = pending.map((entry): EntryInput => ({
      id: this.ids.newId(),
      debitId: entry.debit_id,
      creditId: entry.credit_id,
      currency: entry.currency,
      amountMinor: BigInt(entry.amount_minor),
      phase: kind === 'commit' ? 'post' : 'void',
      pendingId: entry.id,
      kind,
      sourceId: runId,
    }));
    await this.posting.postAll(manager, entries, this.clock.today(this.settings.timeZone));
  }

  private async sign(
    manager: EntityManager,
    actor: Actor,
    run: Run,
    act: RunSignature['act'],
    sentBack?: { reason: string; held: boolean },
  ): Promise<void> {
    await manager.query(
      'insert into payments.run_signature (run_id, digest, act, user_id, reason, digest_held, signed_at) values ($1, $2, $3, $4, $5, $6, $7)',
      [run.id, run.digest, act, actor.userId, sentBack?.reason ?? null, sentBack?.held ?? null, this.clock.now()],
    );
    await this.audit.record(
      manager,
      actor,
      `run.${act}`,
      { kind: 'run', id: run.id },
      { count: run.count, digest: run.digest },
    );
  }

  private async requireDigest(manager: EntityManager, run: Run, digest: string): Promise<void> {
    if (digest !== run.digest) throw digestMismatch();
    if ((await liveDigest(manager, run.id)) !== run.digest) {
      throw Problem.conflict(
        'digest-mismatch',
        'A payment of this run was held or changed since it was prepared. Send it back; it is prepared anew.',
        'digest',
      );
    }
  }

  /** Nobody else approves, releases or sends back this run until the transaction ends. Throws `not-found` (404). */
  private async lock(manager: EntityManager, runId: string): Promise<Run> {
    await manager.query(LOCK_RUN, [runId]);
    const [run] = await loadRuns(manager, [runId]);
    if (!run) throw Problem.notFound('run');
    return run;
  }

  private async load(runId: string): Promise<Run> {
    const [run] = await loadRuns(this.db.manager, [runId]);
    if (!run) throw Problem.notFound('run');
    return run;
  }
}

/** Of what the run is now; the same as what it was put together as, unless a payment was held or changed since. */
async function liveDigest(manager: EntityManager, runId: string): Promise<string | undefined> {
  const [live] = await manager.query<{ digest: string }[]>('select payments.run_digest($1) digest', [runId]);
  return live?.digest;
}

/** By somebody's decision, and not because it was not any more what it had been put together as. */
async function wasSentBackThisMonth(manager: EntityManager, country: string, today: PlainDate): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `select 1 from payments.run r join payments.run_signature s on s.run_id = r.id and s.act = 'send-back' and s.digest_held is not false
     where r.catch_up and r.country = $1 and date_trunc('month', r.due_through) = date_trunc('month', $2::date) limit 1`,
    [country, today],
  );
  return rows.length > 0;
}

function requireOpen(run: Run): void {
  if (run.state === 'released')
    throw Problem.conflict('run-already-released', 'The run has been released.', 'signatures');
  if (run.state === 'sent-back')
    throw Problem.conflict('run-sent-back', 'The run was sent back; what is due is in another run.', 'signatures');
}

function digestMismatch(): Problem {
  return Problem.conflict('digest-mismatch', 'This is not the digest of the run as it was prepared.', 'digest');
}
