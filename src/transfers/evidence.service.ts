/** Evidence of what became of attempts: it is stored, states are folded from it, and the ledger follows, in the caller's transaction. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditTrail, type AuditedAct } from '../access/audit-trail.js';
import type { Actor } from '../access/domain/actor.js';
import type { Rail } from '../funds/rails.js';
import { Clock } from '../kernel/clock.js';
import type { PlainDate } from '../kernel/domain/plain-date.js';
import { Ids } from '../kernel/ids.js';
import { Settings } from '../kernel/settings.js';
import type { EntryInput } from '../ledger/domain/entry.js';
import { PostingService } from '../ledger/posting.service.js';
import { entriesForChange } from './domain/attempt-postings.js';
import { DEAD_STATES, foldEvidence, type AttemptState, type EvidenceKind } from './domain/attempt-state.js';
import { FOLLOW_ATTEMPTS } from './runs.sql.js';
import { GivingUpService } from './value/giving-up.service.js';

export interface AttemptRow {
  id: string;
  run_id: string;
  obligation_id: string;
  fund_id: string;
  country: string;
  currency: string;
  amount_minor: string;
  rail: Rail;
  state: AttemptState;
  superseded: boolean;
  instructed_on: PlainDate;
}

/** Who or what tells: a person, the rail's own answer or call, a line of a bank's file, or the schedule that notices silence. */
export type EvidenceSource = 'person' | 'rail' | 'statement' | 'schedule';

export interface NewEvidence {
  id: string;
  source: EvidenceSource;
  toldBy: Actor;
  /** Who told it before, where two people have to. */
  firstToldBy?: string;
  attempt: AttemptRow;
  kind: EvidenceKind;
  code: string | null;
  happenedOn: PlainDate;
  reference: string | null;
}

/** What all evidence of one attempt says together. */
interface Facts {
  attempt_id: string;
  kinds: EvidenceKind[];
  settled_on: PlainDate | null;
  latest_on: PlainDate;
  evidence_sha256: Buffer;
}

interface Change {
  attempt: AttemptRow;
  from: AttemptState;
  to: AttemptState;
  facts: Facts;
}

/**
 * $1 attempts. The digest is what an entry pins of its proof: SHA-256 over what the rail was told to call the payment, and a line for each
 * piece of evidence (day, kind, rail's code, reference), so that whoever holds the statement line can check it.
 */
const FACTS = `
  select e.attempt_id, array_agg(distinct e.kind) kinds,
         (min(e.happened_on) filter (where e.kind in ('settled', 'resolved-paid')))::text settled_on, max(e.happened_on)::text latest_on,
         sha256(convert_to(a.correlation_id || E'\\n' || string_agg(
           concat_ws(' ', e.happened_on, e.kind, coalesce(e.rail_code, '-'), coalesce(e.reference, '-')), E'\\n'
           order by e.happened_on, e.kind collate "C", e.id), 'UTF8')) evidence_sha256
  from payments.evidence e join payments.attempt a on a.id = e.attempt_id where e.attempt_id = any ($1) group by e.attempt_id, a.correlation_id`;

@Injectable()
export class EvidenceService {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
    private readonly posting: PostingService,
    private readonly givingUp: GivingUpService,
  ) {}

  /** The attempts where that holds. Locks transfers first and attempts second, as instructing does, so that nobody waits in a circle. */
  async lock(manager: EntityManager, where: string, parameters: unknown[]): Promise<AttemptRow[]> {
    await manager.query(
      `select o.id from payments.obligation o where o.id in (select a.obligation_id from payments.attempt a where ${where}) order by o.id for update`,
      parameters,
    );
    return manager.query<AttemptRow[]>(
      `select a.id, a.run_id, a.obligation_id, o.fund_id, o.country, a.currency, a.amount_minor::text, a.rail, a.state, a.superseded, a.instructed_on::text
       from payments.attempt a join payments.obligation o on o.id = a.obligation_id where ${where} order by a.id for update of a`,
      parameters,
    );
  }

  /** Stores the evidence, folds, posts what follows, and brings `attempts` up to date; ids of the evidence that was new. */
  async take(
    manager: EntityManager,
    attempts: readonly AttemptRow[],
    evidence: readonly NewEvidence[],
  ): Promise<ReadonlySet<string>> {
    if (evidence.length === 0) return new Set();
    const now = this.clock.now();
    const inserted = await manager.query<{ id: string }[]>(
      `insert into payments.evidence (id, attempt_id, kind, rail_code, happened_on, reference, recorded_by, recorded_at, source, confirmed_by)
       select id, attempt_id, kind, rail_code, happened_on, reference, recorded_by, $8, source, confirmed_by
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::date[], $6::text[], $7::uuid[], $9::text[], $10::uuid[])
            as e(id, attempt_id, kind, rail_code, happened_on, reference, recorded_by, source, confirmed_by)
       on conflict (id) do nothing returning id`,
      [
        evidence.map((e) => e.id),
        evidence.map((e) => e.attempt.id),
        evidence.map((e) => e.kind),
        evidence.map((e) => e.code),
        evidence.map((e) => e.happenedOn),
        evidence.map((e) => e.reference),
        evidence.map((e) => e.firstToldBy ?? e.toldBy.userId),
        now,
        evidence.map((e) => e.source),
        evidence.map((e) => (e.firstToldBy ? e.toldBy.userId : null)),
      ],
    );
    const known = await manager.query<Facts[]>(FACTS, [attempts.map((attempt) => attempt.id)]);
    const byAttempt = new Map(known.map((row) => [row.attempt_id, row]));
    const folded = attempts.map((attempt) => {
      const facts = byAttempt.get(attempt.id);
      const to = foldEvidence(facts?.kinds ?? []);
      return { attempt, from: attempt.state, to, settledOn: facts?.settled_on ?? null, facts };
    });
    const changes = folded.flatMap(({ facts, ...change }): Change[] =>
      facts && change.from !== change.to ? [{ ...change, facts }] : [],
    );
    await this.post(manager, changes);
    const late = changes.filter(({ from, to }) => DEAD_STATES.includes(from) && to === 'settled');
    await this.givingUp.paidAfterAll(
      manager,
      late.map(({ attempt }) => attempt.obligation_id),
    );
    // The day of settling is folded too: an earlier day may be told after a later one.
    await manager.query(
      `update payments.attempt a set state = f.state, settled_on = f.settled_on,
              unknown_since = case when f.state = 'unknown' then coalesce(a.unknown_since, $4::timestamptz) end
       from unnest($1::uuid[], $2::text[], $3::date[]) f(id, state, settled_on)
       where a.id = f.id and (a.state, a.settled_on) is distinct from (f.state, f.settled_on)`,
      [folded.map((f) => f.attempt.id), folded.map((f) => f.to), folded.map((f) => f.settledOn), now],
    );
    await manager.query(FOLLOW_ATTEMPTS, [attempts.map((attempt) => attempt.obligation_id)]);
    await this.audit.recordAll(manager, lateSuccesses(changes, evidence));
    for (const { attempt, to } of changes) attempt.state = to;
    return new Set(inserted.map(({ id }) => id));
  }

  private async post(manager: EntityManager, changes: readonly Change[]): Promise<void> {
    const entries: EntryInput[] = [];
    const accountsOfFunds = await this.posting.accountsOfFunds(
      manager,
      changes.map(({ attempt }) => attempt.fund_id),
    );
    const holders = await cashHolders(manager, changes);
    for (const { attempt, from, to, facts } of changes) {
      const accounts = accountsOfFunds.of(attempt.fund_id, attempt.currency);
      for (const kind of entriesForChange(from, to)) {
        entries.push({
          id: this.ids.newId(),
          ...accounts.flow(kind, attempt.rail, holders.get(attempt.id)),
          currency: attempt.currency,
          amountMinor: BigInt(attempt.amount_minor),
          phase: 'single',
          kind,
          sourceId: attempt.id,
          obligationId: attempt.obligation_id,
          rail: attempt.rail,
          happenedOn:
            kind === 'settle' || kind === 'settle-late' ? (facts.settled_on ?? facts.latest_on) : facts.latest_on,
          evidenceSha256: facts.evidence_sha256,
        });
      }
    }
    await this.posting.postAll(manager, entries, this.clock.today(this.settings.timeZone));
  }
}

/** Whose hands the cash of attempts is in: it reaches the client from there. */
async function cashHolders(manager: EntityManager, changes: readonly Change[]): Promise<ReadonlyMap<string, string>> {
  const inCash = changes.filter(({ attempt }) => attempt.rail === 'cash');
  if (inCash.length === 0) return new Map();
  const rows = await manager.query<{ attempt_id: string; handed_to: string }[]>(
    'select attempt_id, handed_to from payments.voucher_standing where attempt_id = any ($1) and handed_to is not null',
    [inCash.map(({ attempt }) => attempt.id)],
  );
  return new Map(rows.map((row) => [row.attempt_id, row.handed_to]));
}

function lateSuccesses(changes: readonly Change[], evidence: readonly NewEvidence[]): AuditedAct[] {
  const toldBy = new Map(evidence.map(({ attempt, toldBy }) => [attempt.id, toldBy]));
  return changes.flatMap(({ attempt, from, to }): AuditedAct[] => {
    const actor = toldBy.get(attempt.id);
    if (!actor || to !== 'settled' || !DEAD_STATES.includes(from)) return [];
    const subject = { kind: 'transfer', id: attempt.obligation_id } as const;
    const detail = { attempt: attempt.id, paidAgainMeanwhile: attempt.superseded };
    return [{ actor, act: 'transfer.late-success', subject, detail }];
  });
}
