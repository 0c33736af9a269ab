/** What became of attempts: evidence is recorded, states are folded from it, and the ledger follows, all in one transaction. */
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail, type AuditedAct } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import type { Rail } from '../funds/rails.js';
import { Clock } from '../kernel/clock.js';
import { canonicalJson } from '../kernel/domain/canonical.js';
import { parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { idOfText, Ids } from '../kernel/ids.js';
import { MicroBatcher } from '../kernel/micro-batcher.js';
import { countryOf } from '../kernel/reference-data.js';
import { Settings } from '../kernel/settings.js';
import type { EntryInput } from '../ledger/domain/entry.js';
import { PostingService } from '../ledger/posting.service.js';
import { DEAD_STATES, foldEvidence, type AttemptState, type EvidenceKind } from './domain/attempt-state.js';
import { entriesForChange } from './domain/attempt-postings.js';
import { roundsOf } from './domain/rounds.js';
import { evidenceOf, SILENCE_DAYS, type Outcome } from './rails/outcome.js';
import { FOLLOW_ATTEMPTS } from './runs.sql.js';

export interface NewResult {
  /** Id of the transfer. */
  transfer: string;
  outcome: Outcome;
  code?: string;
  happenedOn?: string;
  reference?: string;
}

export interface ResultsRecorded {
  recorded: number;
  /** Told before, word for word. */
  repeated: number;
  /** How many attempts are now in which state, of those named. */
  states: Record<string, number>;
}

/** One call. */
export interface ResultsTold {
  actor: Actor;
  runId: string;
  results: readonly NewResult[];
}

interface AttemptRow {
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

interface NewEvidence {
  id: string;
  toldBy: Actor;
  attempt: AttemptRow;
  kind: EvidenceKind;
  code: string | null;
  happenedOn: PlainDate;
  reference: string | null;
}

/** What a call comes to: the attempts that it is about, each once, and what it says of them. */
interface Call {
  told: ResultsTold;
  attempts: readonly AttemptRow[];
  evidence: readonly NewEvidence[];
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

const SILENT_CHUNK = 1_000;

/** A rail that calls back tells of one payment or a few; a file of results is a transaction of its own. */
const FEW_RESULTS = 10;

@Injectable()
export class ResultsService implements BeforeApplicationShutdown {
  private readonly batcher = new MicroBatcher<ResultsTold, ResultsRecorded>((told) => this.recordTogether(told));

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
    private readonly posting: PostingService,
  ) {}

  beforeApplicationShutdown(): Promise<void> {
    return this.batcher.close();
  }

  /**
   * Records outcomes of a run's attempts. Telling the same thing twice changes nothing; the order does not matter.
   * Throws `transfer-not-in-run`, `evidence-reference-missing`, `date-malformed`, `date-in-the-future`, `date-before-instruction`
   * (422), `ledger-busy` (429).
   */
  async record(actor: Actor, runId: string, results: readonly NewResult[]): Promise<ResultsRecorded> {
    requirePermission(actor, 'results:record');
    const told = { actor, runId, results };
    if (results.length <= FEW_RESULTS) return this.batcher.submit(told);
    const [recorded] = await this.recordTogether([told]);
    if (!recorded) throw new Error('a call was not answered');
    if (recorded instanceof Problem) throw recorded;
    return recorded;
  }

  /** Records what several calls tell in one transaction, as if they had come one after another; to each its result or its Problem. */
  async recordTogether(told: readonly ResultsTold[]): Promise<(ResultsRecorded | Problem)[]> {
    return this.db.transaction(async (manager) => {
      const attempts = await this.lockAttempts(
        manager,
        '(a.run_id, a.obligation_id) in (select run_id, transfer from unnest($1::uuid[], $2::uuid[]) told(run_id, transfer))',
        [
          told.flatMap(({ runId, results }) => results.map(() => runId)),
          told.flatMap(({ results }) => results.map(({ transfer }) => transfer)),
        ],
      );
      const byTransfer = new Map(
        attempts.map((attempt) => [transferIn(attempt.run_id, attempt.obligation_id), attempt]),
      );
      const calls = told.map((call) => Problem.orResult(() => this.toCall(call, byTransfer)));
      const answers = new Map<Call, ResultsRecorded>();
      for (const round of roundsOf(calls.filter(isAccepted), transfersOf)) {
        for (const [call, answer] of await this.recordRound(manager, round)) answers.set(call, answer);
      }
      return calls.map((call) => (isAccepted(call) ? (answers.get(call) as ResultsRecorded) : call));
    });
  }

  private async recordRound(manager: EntityManager, round: readonly Call[]): Promise<[Call, ResultsRecorded][]> {
    const attempts = round.flatMap((call) => call.attempts);
    const evidence = round.flatMap((call) => call.evidence);
    const fresh = await this.apply(manager, attempts, evidence);
    const answers = round.map((call): [Call, ResultsRecorded] => [call, answerTo(call, fresh)]);
    await this.audit.recordAll(
      manager,
      answers.map(([call, answer]) => auditOf(call, answer)),
    );
    return answers;
  }

  /** Turns silence into "unknown": attempts of which nothing was heard for as many days as their rail allows. How many. */
  async noticeSilence(actor: Actor): Promise<number> {
    requirePermission(actor, 'results:record');
    let noticed = 0;
    for (;;) {
      const inChunk = await this.db.transaction(async (manager) => {
        const attempts = await this.lockAttempts(
          manager,
          `a.id in (select open.id from payments.attempt open join payments.obligation o on o.id = open.obligation_id
                    where open.state in ('instructed', 'accepted')
                      and open.instructed_on + case open.rail ${Object.entries(SILENCE_DAYS)
                        .map(([rail, days]) => `when '${rail}' then ${days}`)
                        .join(' ')} end <= $1::date
                    order by open.instructed_on, open.id limit ${SILENT_CHUNK})`,
          [this.clock.today(this.settings.timeZone)],
        );
        const open = attempts.filter((attempt) => attempt.state === 'instructed' || attempt.state === 'accepted');
        const evidence = open.map((attempt): NewEvidence => ({
          id: this.ids.newId(),
          toldBy: actor,
          attempt,
          kind: 'silence',
          code: null,
          happenedOn: this.clock.today(countryOf(attempt.country).timeZone),
          reference: null,
        }));
        await this.apply(manager, open, evidence);
        await this.audit.recordAll(
          manager,
          open.map(({ obligation_id: id }) => ({ actor, act: 'transfer.unknown', subject: { kind: 'transfer', id } })),
        );
        return open.length;
      });
      noticed += inChunk;
      if (inChunk < SILENT_CHUNK) return noticed;
    }
  }

  /** Locks transfers first and attempts second, as instructing does, so that nobody waits in a circle. */
  private async lockAttempts(manager: EntityManager, where: string, parameters: unknown[]): Promise<AttemptRow[]> {
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

  /** Throws what `record` throws. */
  private toCall(told: ResultsTold, byTransfer: ReadonlyMap<string, AttemptRow>): Call {
    const evidence = told.results.map((result, index) =>
      this.toEvidence(told.actor, byTransfer.get(transferIn(told.runId, result.transfer)), result, `results.${index}`),
    );
    return { told, evidence, attempts: [...new Set(evidence.map(({ attempt }) => attempt))] };
  }

  private toEvidence(toldBy: Actor, attempt: AttemptRow | undefined, result: NewResult, field: string): NewEvidence {
    if (!attempt)
      throw Problem.refused('transfer-not-in-run', 'This run has instructed no such transfer.', `${field}.transfer`);
    const today = this.clock.today(countryOf(attempt.country).timeZone);
    const happenedOn = result.happenedOn ? parsePlainDate(result.happenedOn, `${field}.happenedOn`) : today;
    if (happenedOn > today)
      throw Problem.refused(
        'date-in-the-future',
        'What has not happened yet cannot be recorded.',
        `${field}.happenedOn`,
      );
    if (happenedOn < attempt.instructed_on) {
      throw Problem.refused(
        'date-before-instruction',
        'That is before the payment was instructed.',
        `${field}.happenedOn`,
      );
    }
    const needsReference =
      result.outcome === 'resolved-paid' ||
      result.outcome === 'resolved-not-paid' ||
      result.outcome === 'reversed' ||
      result.outcome === 'returned';
    if (needsReference && !result.reference) {
      throw Problem.refused(
        'evidence-reference-missing',
        'Say by which statement line, receipt or query this is proven.',
        `${field}.reference`,
      );
    }
    const kind = evidenceOf(attempt.rail, result.outcome, result.code);
    const content = {
      attempt: attempt.id,
      outcome: result.outcome,
      code: result.code,
      happenedOn,
      reference: result.reference,
    };
    return {
      id: idOfText(canonicalJson(content)),
      toldBy,
      attempt,
      kind,
      code: result.code ?? null,
      happenedOn,
      reference: result.reference ?? null,
    };
  }

  /** Stores the evidence, folds, posts what follows, and brings `attempts` up to date; ids of the evidence that was new. */
  private async apply(
    manager: EntityManager,
    attempts: readonly AttemptRow[],
    evidence: readonly NewEvidence[],
  ): Promise<ReadonlySet<string>> {
    if (evidence.length === 0) return new Set();
    const now = this.clock.now();
    const inserted = await manager.query<{ id: string }[]>(
      `insert into payments.evidence (id, attempt_id, kind, rail_code, happened_on, reference, recorded_by, recorded_at)
       select id, attempt_id, kind, rail_code, happened_on, reference, recorded_by, $8
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::date[], $6::text[], $7::uuid[])
            as e(id, attempt_id, kind, rail_code, happened_on, reference, recorded_by)
       on conflict (id) do nothing returning id`,
      [
        evidence.map((e) => e.id),
        evidence.map((e) => e.attempt.id),
        evidence.map((e) => e.kind),
        evidence.map((e) => e.code),
        evidence.map((e) => e.happenedOn),
        evidence.map((e) => e.reference),
        evidence.map((e) => e.toldBy.userId),
        now,
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
    for (const { attempt, from, to, facts } of changes) {
      const accounts = accountsOfFunds.of(attempt.fund_id, attempt.currency);
      for (const kind of entriesForChange(from, to)) {
        entries.push({
          id: this.ids.newId(),
          ...accounts.flow(kind, attempt.rail),
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

const transferIn = (runId: string, transferId: string): string => `${runId}/${transferId}`;

const isAccepted = (call: Call | Problem): call is Call => !(call instanceof Problem);

const transfersOf = ({ attempts }: Call): string[] => attempts.map((attempt) => attempt.obligation_id);

function answerTo({ attempts, evidence }: Call, fresh: ReadonlySet<string>): ResultsRecorded {
  const recorded = new Set(evidence.map(({ id }) => id).filter((id) => fresh.has(id))).size;
  return { recorded, repeated: evidence.length - recorded, states: countStates(attempts) };
}

function auditOf({ told: { actor, runId } }: Call, { recorded, states }: ResultsRecorded): AuditedAct {
  return { actor, act: 'run.results', subject: { kind: 'run', id: runId }, detail: { recorded, states } };
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

function countStates(attempts: readonly AttemptRow[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of attempts) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
