/** What people tell of payments that nothing else proves: it counts once a second person has told the same. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import type { Rail } from '../funds/rails.js';
import { Clock } from '../kernel/clock.js';
import type { PlainDate } from '../kernel/domain/plain-date.js';
import { currencies } from '../kernel/reference-data.js';
import type { EvidenceKind } from './domain/attempt-state.js';
import { needsTwo } from './domain/told-by-two.js';
import type { NewEvidence } from './evidence.service.js';

export interface WaitingResult {
  /** What both have to say; the id of the evidence that it becomes. */
  id: string;
  transfer: string;
  client: string;
  run: string;
  rail: Rail;
  amount: string;
  currency: string;
  kind: EvidenceKind;
  code: string | null;
  happenedOn: PlainDate;
  reference: string | null;
  toldBy: string;
  toldByUserId: string;
  toldAt: string;
}

@Injectable()
export class ToldResultsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
  ) {}

  /**
   * Of what is told now: what counts, with who told it first where two are needed; the ids of what waits for a second person. The caller has the
   * attempts locked, so that of two who tell the same at once the later one sees the earlier.
   */
  async count(
    manager: EntityManager,
    evidence: readonly NewEvidence[],
  ): Promise<{ counted: NewEvidence[]; waiting: ReadonlySet<string> }> {
    const forTwo = evidence.filter(isForTwo);
    if (forTwo.length === 0) return { counted: [...evidence], waiting: new Set() };
    await manager.query(
      `insert into payments.told_result (says, attempt_id, kind, rail_code, happened_on, reference, told_by, told_at)
       select says, attempt_id, kind, rail_code, happened_on, reference, told_by, $8
       from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::date[], $6::text[], $7::uuid[])
            as told(says, attempt_id, kind, rail_code, happened_on, reference, told_by)
       on conflict (says, told_by) do nothing`,
      [
        forTwo.map((e) => e.id),
        forTwo.map((e) => e.attempt.id),
        forTwo.map((e) => e.kind),
        forTwo.map((e) => e.code),
        forTwo.map((e) => e.happenedOn),
        forTwo.map((e) => e.reference),
        forTwo.map((e) => e.toldBy.userId),
        this.clock.now(),
      ],
    );
    const tellers = await manager.query<{ says: string; told_by: string }[]>(
      'select says, told_by from payments.told_result where says = any ($1) order by told_at, told_by',
      [forTwo.map(({ id }) => id)],
    );
    const firstOther = ({ id, toldBy }: NewEvidence) =>
      tellers.find(({ says, told_by: teller }) => says === id && teller !== toldBy.userId)?.told_by;
    const waiting = new Set(forTwo.filter((one) => firstOther(one) === undefined).map(({ id }) => id));
    const counted = evidence
      .filter(({ id }) => !waiting.has(id))
      .map((one) => (isForTwo(one) ? { ...one, firstToldBy: firstOther(one) } : one));
    return { counted, waiting };
  }

  /** What one person told and a second one has still to confirm, oldest first; at most 500. */
  async waiting(actor: Actor, transfer?: string): Promise<WaitingResult[]> {
    requirePermission(actor, 'results:record');
    return this.find('t.says is not null and ($1::uuid is null or o.id = $1)', [transfer ?? null]);
  }

  /** One of them, or undefined. */
  async waitingById(id: string): Promise<WaitingResult | undefined> {
    const [found] = await this.find('t.says = $1', [id]);
    return found;
  }

  private async find(where: string, parameters: unknown[]): Promise<WaitingResult[]> {
    const rows = await this.db.query<(Omit<WaitingResult, 'amount'> & { amount_minor: string })[]>(
      `select distinct on (t.told_at, t.says) t.says id, o.id transfer, c.code client, a.run_id run, a.rail, a.amount_minor::text, a.currency, t.kind,
              t.rail_code code, t.happened_on::text "happenedOn", t.reference, u.display_name "toldBy", t.told_by "toldByUserId", t.told_at "toldAt"
       from payments.told_result t join payments.attempt a on a.id = t.attempt_id join payments.obligation o on o.id = a.obligation_id
       join casework.client c on c.id = o.client_id join access.app_user u on u.id = t.told_by
       where not exists (select from payments.evidence e where e.id = t.says) and ${where} order by t.told_at, t.says limit 500`,
      parameters,
    );
    return rows.map(({ amount_minor: amountMinor, ...row }) => ({
      ...row,
      amount: currencies.format(BigInt(amountMinor), row.currency),
    }));
  }
}

const isForTwo = ({ attempt: { rail, state }, kind, code }: NewEvidence) => needsTwo({ rail, kind, code, state });
