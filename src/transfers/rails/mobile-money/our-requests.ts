/** What was sent to an operator: payments, and reversals that two people asked for, each under the id by which the operator speaks of it. */
import type { EntityManager } from 'typeorm';
import type { RailInstruction, RailReversal } from '../rail-port.js';

interface Sent {
  id: string;
  attemptId: string;
  transferId: string;
  sentAt: Date;
  /** What the operator calls our request, and the transaction, as far as it has said so. */
  operatorId: string | null;
  reference: string | null;
}

export type OurRequest = Sent &
  (
    | { about: 'payment'; sent: Pick<RailInstruction, 'id' | 'reference' | 'amountMinor' | 'currency'> }
    | { about: 'reversal'; sent: RailReversal }
  );

interface Row {
  id: string;
  about: OurRequest['about'];
  attempt_id: string;
  transfer_id: string;
  sent_at: Date;
  reverses: string | null;
  amount_minor: string;
  currency: string;
  operator_id: string | null;
  reference: string | null;
}

/** $1 ids of requests. */
const LOAD = `
  select r.id, r.about, r.attempt_id, a.obligation_id transfer_id, r.sent_at, r.reverses, a.amount_minor::text, a.currency,
         (select m.operator_id from payments.rail_message m where m.attempt_id = r.attempt_id and m.correlation_id = r.id
            and m.operator_id is not null order by m.received_at, m.id limit 1) operator_id,
         (select m.reference from payments.rail_message m where m.attempt_id = r.attempt_id and m.correlation_id = r.id
            and m.reference is not null and m.told <> 'unclear' order by m.received_at, m.id limit 1) reference
  from (select attempt_id id, 'payment' about, attempt_id, dispatched_at sent_at, null reverses from payments.dispatch where attempt_id = any ($1)
        union all
        select q.id, 'reversal', q.attempt_id, c.confirmed_at, q.transaction_reference
        from payments.reversal_request q join payments.reversal_confirmed c on c.request_id = q.id where q.id = any ($1)) r
  join payments.attempt a on a.id = r.attempt_id`;

/** By their ids; what is not ours is not in it. */
export async function loadRequests(manager: EntityManager, ids: readonly string[]): Promise<Map<string, OurRequest>> {
  const rows = await manager.query<Row[]>(LOAD, [ids]);
  return new Map(rows.map((row) => [row.id, toRequest(row)]));
}

/** Our ids stand without dashes in what people and statements see. */
export const referenceOf = (id: string): string => id.replaceAll('-', '');

/** The id of which that is the reference. */
export function idOfReference(reference: string): string {
  return reference.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function toRequest(row: Row): OurRequest {
  const amount = { amountMinor: BigInt(row.amount_minor), currency: row.currency };
  const common = {
    id: row.id,
    attemptId: row.attempt_id,
    transferId: row.transfer_id,
    sentAt: row.sent_at,
    operatorId: row.operator_id,
    reference: row.reference,
  };
  return row.about === 'payment'
    ? { ...common, about: 'payment', sent: { id: row.id, reference: referenceOf(row.id), ...amount } }
    : { ...common, about: 'reversal', sent: { id: row.id, of: row.reverses ?? '', ...amount } };
}
