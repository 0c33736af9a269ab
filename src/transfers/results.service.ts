/** What became of attempts: what a call tells is judged and recorded, and silence is noticed, each with its evidence in one transaction. */
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail, type AuditedAct } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { canonicalJson } from '../kernel/domain/canonical.js';
import { parsePlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { idOfText, Ids } from '../kernel/ids.js';
import { MicroBatcher } from '../kernel/micro-batcher.js';
import { countryOf } from '../kernel/reference-data.js';
import { Settings } from '../kernel/settings.js';
import { roundsOf } from './domain/rounds.js';
import { EvidenceService, type AttemptRow, type NewEvidence } from './evidence.service.js';
import { evidenceOf, SILENCE_DAYS, type Outcome } from './rails/outcome.js';
import { ToldResultsService } from './told-results.service.js';

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
  /** Told by one person now, and waiting for a second one to tell the same. */
  waiting: number;
  /** How many attempts are now in which state, of those named. */
  states: Record<string, number>;
}

/** One call. */
export interface ResultsTold {
  actor: Actor;
  runId: string;
  results: readonly NewResult[];
}

/** What a call comes to: the attempts that it is about, each once, and what it says of them. */
interface Call {
  told: ResultsTold;
  attempts: readonly AttemptRow[];
  evidence: readonly NewEvidence[];
}

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
    private readonly evidence: EvidenceService,
    private readonly told: ToldResultsService,
  ) {}

  beforeApplicationShutdown(): Promise<void> {
    return this.batcher.close();
  }

  /**
   * Records outcomes of a run's attempts. Telling the same thing twice changes nothing; the order does not matter.
   * Throws `transfer-not-in-run`, `comes-by-voucher`, `evidence-reference-missing`, `date-malformed`, `date-in-the-future`, `date-before-instruction`
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

  /**
   * Confirms what somebody else told. Throws `not-found` (404), `second-person-needed` (409): whoever told it cannot confirm it.
   */
  async confirm(actor: Actor, id: string): Promise<ResultsRecorded> {
    requirePermission(actor, 'results:record');
    const told = await this.told.waitingById(id);
    if (!told) throw Problem.notFound('result');
    if (told.toldByUserId === actor.userId) {
      throw Problem.conflict('second-person-needed', 'Somebody else has to confirm what you told.');
    }
    return this.record(actor, told.run, [
      {
        transfer: told.transfer,
        outcome: told.kind as Outcome,
        code: told.code ?? undefined,
        happenedOn: told.happenedOn,
        reference: told.reference ?? undefined,
      },
    ]);
  }

  /** Records what several calls tell in one transaction, as if they had come one after another; to each its result or its Problem. */
  async recordTogether(told: readonly ResultsTold[]): Promise<(ResultsRecorded | Problem)[]> {
    return this.db.transaction(async (manager) => {
      const attempts = await this.evidence.lock(
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
      const withVoucher = await attemptsWithVoucher(manager, attempts);
      const calls = told.map((call) => Problem.orResult(() => this.toCall(call, byTransfer, withVoucher)));
      const answers = new Map<Call, ResultsRecorded>();
      for (const round of roundsOf(calls.filter(isAccepted), transfersOf)) {
        for (const [call, answer] of await this.recordRound(manager, round)) answers.set(call, answer);
      }
      return calls.map((call) => (isAccepted(call) ? (answers.get(call) as ResultsRecorded) : call));
    });
  }

  private async recordRound(manager: EntityManager, round: readonly Call[]): Promise<[Call, ResultsRecorded][]> {
    const attempts = round.flatMap((call) => call.attempts);
    const { counted, waiting } = await this.told.count(
      manager,
      round.flatMap((call) => call.evidence),
    );
    const fresh = await this.evidence.take(manager, attempts, counted);
    const answers = round.map((call): [Call, ResultsRecorded] => [call, answerTo(call, fresh, waiting)]);
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
        const attempts = await this.evidence.lock(
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
          source: 'schedule',
          toldBy: actor,
          attempt,
          kind: 'silence',
          code: null,
          happenedOn: this.clock.today(countryOf(attempt.country).timeZone),
          reference: null,
        }));
        await this.evidence.take(manager, open, evidence);
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

  /** Throws what `record` throws. */
  private toCall(
    told: ResultsTold,
    byTransfer: ReadonlyMap<string, AttemptRow>,
    withVoucher: ReadonlySet<string>,
  ): Call {
    const evidence = told.results.map((result, index) => {
      const attempt = byTransfer.get(transferIn(told.runId, result.transfer));
      if (attempt && withVoucher.has(attempt.id) && result.outcome !== 'unknown') {
        throw Problem.refused(
          'comes-by-voucher',
          'This payment has a voucher. What became of its cash is told by the voucher.',
          `results.${index}.outcome`,
        );
      }
      return this.toEvidence(told.actor, attempt, result, `results.${index}`);
    });
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
      source: 'person',
      toldBy,
      attempt,
      kind,
      code: result.code ?? null,
      happenedOn,
      reference: result.reference ?? null,
    };
  }
}

async function attemptsWithVoucher(
  manager: EntityManager,
  attempts: readonly AttemptRow[],
): Promise<ReadonlySet<string>> {
  const inCash = attempts.filter(({ rail }) => rail === 'cash').map(({ id }) => id);
  if (inCash.length === 0) return new Set();
  const rows = await manager.query<{ attempt_id: string }[]>(
    'select attempt_id from payments.voucher where attempt_id = any ($1)',
    [inCash],
  );
  return new Set(rows.map((row) => row.attempt_id));
}

const transferIn = (runId: string, transferId: string): string => `${runId}/${transferId}`;

const isAccepted = (call: Call | Problem): call is Call => !(call instanceof Problem);

const transfersOf = ({ attempts }: Call): string[] => attempts.map((attempt) => attempt.obligation_id);

function answerTo(
  { attempts, evidence }: Call,
  fresh: ReadonlySet<string>,
  awaited: ReadonlySet<string>,
): ResultsRecorded {
  const ids = new Set(evidence.map(({ id }) => id));
  const recorded = [...ids].filter((id) => fresh.has(id)).length;
  const waiting = [...ids].filter((id) => awaited.has(id)).length;
  return { recorded, repeated: evidence.length - recorded - waiting, waiting, states: countStates(attempts) };
}

function auditOf({ told: { actor, runId } }: Call, { recorded, waiting, states }: ResultsRecorded): AuditedAct {
  return { actor, act: 'run.results', subject: { kind: 'run', id: runId }, detail: { recorded, waiting, states } };
}

function countStates(attempts: readonly AttemptRow[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of attempts) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
