/** Transfers of which it is known that they did not arrive, and that nobody has put back to be paid yet: each with what was told of it, and by whom. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import type { Rail } from '../funds/rails.js';
import { isPlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { isId } from '../kernel/ids.js';
import { currencies } from '../kernel/reference-data.js';
import type { EvidenceKind } from './domain/attempt-state.js';
import type { TransferState } from './obligation.entity.js';

export interface ToldOfPayment {
  kind: EvidenceKind;
  code: string | null;
  happenedOn: PlainDate;
  reference: string | null;
  source: 'person' | 'rail' | 'statement' | 'schedule';
  /** Who told it, or brought in the bank's report that says so. */
  toldBy: string;
  confirmedBy: string | null;
  at: string;
}

export interface NotArrived {
  /** Id of the transfer. */
  id: string;
  client: string;
  fund: string;
  instalment: number;
  topsUp: string | null;
  dueOn: PlainDate;
  amount: string;
  currency: string;
  state: TransferState;
  /** The try that did not arrive. */
  attempt: number;
  run: string;
  rail: Rail;
  instructedOn: PlainDate;
  correlationId: string;
  /** All that was told of that try, in the order in which it was told. */
  story: ToldOfPayment[];
  /** False for whoever alone told that it did not arrive, or brought in the bank's report that says so. */
  mayPutBack: boolean;
}

@Injectable()
export class NotArrivedService {
  constructor(private readonly db: DataSource) {}

  /** A page of them, what was due first comes first. Throws `cursor-malformed` (400). */
  async list(
    actor: Actor,
    page: { after?: string; limit: number },
  ): Promise<{ items: NotArrived[]; next: string | null }> {
    requirePermission(actor, 'transfers:read');
    const [afterDue = '', afterId = ''] = page.after?.split('/') ?? [];
    if (page.after !== undefined && !(isPlainDate(afterDue) && isId(afterId)))
      throw Problem.malformed('cursor-malformed', 'Use the `next` of the page before.', 'after');
    const rows = await this.db.query<(Omit<NotArrived, 'amount'> & { amount_minor: string })[]>(LIST, [
      afterDue || null,
      afterId || null,
      page.limit + 1,
      actor.userId,
    ]);
    const isOpen = actor.permissions.has('transfers:reissue');
    const items = rows.slice(0, page.limit).map(({ amount_minor: amountMinor, ...row }) => ({
      ...row,
      amount: currencies.format(BigInt(amountMinor), row.currency),
      mayPutBack: isOpen && row.mayPutBack,
    }));
    const last = items.at(-1);
    return { items, next: rows.length > page.limit && last ? `${last.dueOn}/${last.id}` : null };
  }

  async count(actor: Actor): Promise<number> {
    requirePermission(actor, 'transfers:read');
    const [row] = await this.db.query<{ count: number }[]>(
      `select count(*)::int count from payments.obligation o where ${NOT_ARRIVED}`,
    );
    return row?.count ?? 0;
  }
}

/** What was given up, because its client is erased or their enrolment ended, is owed to nobody. */
const NOT_ARRIVED = `
  o.state in ('failed', 'returned', 'reversed') and not exists (select from payments.giving_up g where g.obligation_id = o.id)`;

/** $1, $2 the last of the page before or null, $3 at most how many, $4 who asks. */
const LIST = `
  select o.id, c.code client, f.code fund, o.instalment, o.tops_up "topsUp", o.due_on::text "dueOn", o.amount_minor::text, o.currency, o.state,
         a.attempt_no::int attempt, a.run_id run, a.rail, a.instructed_on::text "instructedOn", a.correlation_id "correlationId",
         coalesce((select jsonb_agg(jsonb_build_object('kind', e.kind, 'code', e.rail_code, 'happenedOn', e.happened_on, 'reference', e.reference,
                                                       'source', e.source, 'toldBy', teller.display_name, 'confirmedBy', confirmer.display_name,
                                                       'at', e.recorded_at) order by e.recorded_at, e.id)
                   from payments.evidence e join access.app_user teller on teller.id = e.recorded_by
                   left join access.app_user confirmer on confirmer.id = e.confirmed_by where e.attempt_id = a.id), '[]') story,
         payments.may_put_back(a.id, $4) "mayPutBack"
  from payments.obligation o join casework.client c on c.id = o.client_id join payments.fund f on f.id = o.fund_id
  join lateral (select * from payments.attempt a where a.obligation_id = o.id and a.state = o.state order by a.attempt_no desc limit 1) a on true
  where ${NOT_ARRIVED} and ($1::date is null or (o.due_on, o.id) > ($1::date, $2::uuid))
  order by o.due_on, o.id limit $3`;
