/** What operators said, for people to look at: above all what names nothing of ours. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requirePermission, type Actor } from '../../../access/domain/actor.js';
import { Problem } from '../../../kernel/domain/problem.js';
import { isId } from '../../../kernel/ids.js';

export interface RailMessageView {
  id: string;
  kind: string;
  receivedAt: string;
  /** Which request it names; null when none. */
  correlationId: string | null;
  /** The transfer that it is about; null when it names nothing of ours. */
  transfer: string | null;
  told: string;
  code: string | null;
  reference: string | null;
}

@Injectable()
export class RailMessageList {
  constructor(private readonly db: DataSource) {}

  /** A page, newest first; `unmatched`: only what names nothing of ours. Throws `cursor-malformed` (400). */
  async page(
    actor: Actor,
    options: { unmatched: boolean; after?: string; limit: number },
  ): Promise<{ items: RailMessageView[]; next: string | null }> {
    requirePermission(actor, 'transfers:read');
    if (options.after !== undefined && !isId(options.after))
      throw Problem.malformed('cursor-malformed', 'Use the `next` of the page before.', 'after');
    const rows = await this.db.query<(Omit<RailMessageView, 'receivedAt'> & { receivedAt: Date })[]>(
      `select m.id, m.kind, m.received_at "receivedAt", m.correlation_id "correlationId", a.obligation_id transfer, m.told, m.code, m.reference
       from payments.rail_message m left join payments.attempt a on a.id = m.attempt_id
       where (not $1 or m.attempt_id is null) and ($2::uuid is null or m.id < $2::uuid) order by m.id desc limit $3`,
      [options.unmatched, options.after ?? null, options.limit + 1],
    );
    const items = rows.slice(0, options.limit).map((row) => ({ ...row, receivedAt: row.receivedAt.toISOString() }));
    return { items, next: rows.length > options.limit ? (items.at(-1)?.id ?? null) : null };
  }
}
