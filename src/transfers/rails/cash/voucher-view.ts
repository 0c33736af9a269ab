/** Vouchers as people read them: the code of the client and no name, where the cash is, since when, and what is to be done next by whom. */
import type { EntityManager } from 'typeorm';
import type { Actor } from '../../../access/domain/actor.js';
import { addDays, type PlainDate } from '../../../kernel/domain/plain-date.js';
import { currencies } from '../../../kernel/reference-data.js';
import { SILENCE_DAYS } from '../outcome.js';
import { toShown, type StoredPieces } from './denominations.js';

/**
 * `in-till`; `offered` to a holder who has not said that they have it; `carried`; `coming-back`: offered to the till; `handed-over`: a second person
 * has still to say so; `acknowledged`; `not-collected`: failed; `given-back` by the client.
 */
export const voucherStates = [
  'in-till',
  'offered',
  'carried',
  'coming-back',
  'handed-over',
  'acknowledged',
  'not-collected',
  'given-back',
] as const;
export type VoucherState = (typeof voucherStates)[number];

export type CustodyAct = 'hand-out' | 'hand-in' | 'give-back';
export type HandInReason = 'not-collected' | 'carried-again' | 'made-good';
export const handInReasons = ['not-collected', 'carried-again', 'made-good'] as const satisfies HandInReason[];
export const acknowledgementKinds = ['client-mark', 'witness', 'two-staff'] as const;
export type AcknowledgementKind = (typeof acknowledgementKinds)[number];

interface Person {
  id: string;
  name: string;
}

export interface VoucherView {
  id: string;
  number: string;
  transfer: string;
  run: string;
  client: string;
  /** Whether whoever asks works with the client, so that the rules of safe contact are open to them. */
  isOwnClient: boolean;
  instalment: number;
  fund: string;
  amount: string;
  currency: string;
  denominations: StoredPieces[];
  state: VoucherState;
  /** By the client's wish or for safety: do not hand it over, bring it back. */
  isStopped: boolean;
  issuedOn: PlainDate;
  /** Who has the cash, or had it last. */
  holder: Person | null;
  /** The day on which the cash last changed hands; with its holder for so many days. */
  since: PlainDate | null;
  days: number;
  /** Carried for longer than cash should be: hand it over, or bring it back. */
  isOverdue: boolean;
  offer: { id: string; act: CustodyAct; to: Person; by: Person; because: HandInReason | null } | null;
  handover: { id: string; kind: AcknowledgementKind; second: Person | null; happenedOn: PlainDate } | null;
}

export interface VoucherFilter {
  ids?: readonly string[];
  holder?: string;
  state?: VoucherState;
  run?: string;
  isOverdue?: boolean;
  /** Those that the actor is to say of that the cash arrived. */
  toConfirm?: boolean;
  after?: string;
  limit: number;
}

/** Those within the actor's reach, in the order in which they were issued. `today` is the day in `timeZone`. */
export async function findVouchers(
  manager: EntityManager,
  actor: Actor,
  { today, timeZone }: { today: PlainDate; timeZone: string },
  filter: VoucherFilter,
): Promise<VoucherView[]> {
  const rows = await manager.query<VoucherRow[]>(LIST, [
    actor.userId,
    actor.permissions.has('transfers:read'),
    actor.permissions.has('clients:read-team') ? actor.teamId : null,
    timeZone,
    filter.ids ?? null,
    filter.holder ?? null,
    filter.state ?? null,
    filter.run ?? null,
    filter.after ?? null,
    filter.limit,
    filter.isOverdue ? addDays(today, -SILENCE_DAYS.cash) : null,
    filter.toConfirm ?? false,
    today,
  ]);
  return rows.map(({ amountMinor, pieces, ...row }) => ({
    ...row,
    amount: currencies.format(BigInt(amountMinor), row.currency),
    denominations: toShown(pieces, row.currency),
    isOverdue: isCarried(row.state) && row.days >= SILENCE_DAYS.cash,
  }));
}

/** In somebody's hands outside of the till. */
const isCarried = (state: VoucherState) => state === 'carried' || state === 'coming-back' || state === 'handed-over';

interface VoucherRow extends Omit<VoucherView, 'amount' | 'denominations' | 'isOverdue'> {
  amountMinor: string;
  pieces: StoredPieces[];
}

/**
 * Who sees a voucher: whoever reads transfers; who carries it, carried it or is to; who is to say that it arrived; a supervisor whose team one of these
 * belongs to.
 */
const LIST = `
  select v.id, v.number, a.obligation_id transfer, a.run_id run, c.code client, o.instalment, f.code fund, v.currency, v.amount_minor::text "amountMinor",
         coalesce(c.caseworker_id = $1 or own_team.team_id = $3, false) "isOwnClient",
         v.denominations pieces, s.state,
         exists (select from payments.stopped_attempt stopped where stopped.attempt_id = a.id) "isStopped", (v.issued_at at time zone $4)::date::text "issuedOn",
         case when s.last_holder is not null then jsonb_build_object('id', s.last_holder, 'name', holder.display_name) end holder,
         (s.moved_at at time zone $4)::date::text since, greatest(coalesce($13::date - (s.moved_at at time zone $4)::date, 0), 0) days,
         case when s.offer_id is not null then jsonb_build_object('id', s.offer_id, 'act', s.offer_act, 'because', s.because,
           'to', jsonb_build_object('id', s.offer_holder, 'name', taker.display_name),
           'by', jsonb_build_object('id', s.offered_by, 'name', giver.display_name)) end offer,
         case when h.id is not null then jsonb_build_object('id', h.id, 'kind', h.kind, 'happenedOn', h.happened_on,
           'second', case when h.second_id is not null then jsonb_build_object('id', h.second_id, 'name', second.display_name) end) end handover
  from payments.voucher v join payments.voucher_standing s on s.voucher_id = v.id
  join payments.attempt a on a.id = v.attempt_id join payments.obligation o on o.id = a.obligation_id
  join casework.client c on c.id = o.client_id join payments.fund f on f.id = o.fund_id
  join access.app_user own_team on own_team.id = c.caseworker_id
  left join access.app_user holder on holder.id = s.last_holder
  left join access.app_user taker on taker.id = s.offer_holder left join access.app_user giver on giver.id = s.offered_by
  left join payments.voucher_handover h on h.id = s.handover_id left join access.app_user second on second.id = h.second_id
  where ($5::uuid[] is null or v.id = any ($5)) and ($8::uuid is null or a.run_id = $8) and ($9::uuid is null or v.id > $9)
    and ($7::text is null or s.state = $7)
    and ($6::uuid is null or coalesce(s.handed_to, case when s.offer_act = 'hand-out' then s.offer_holder end) = $6)
    and ($11::date is null or s.state in ('carried', 'coming-back', 'handed-over') and (s.moved_at at time zone $4)::date <= $11)
    and (not $12 or s.acknowledged_at is null and h.second_id = $1)
    and ($2 or h.second_id = $1
         or exists (select from payments.voucher_custody had join access.app_user u on u.id = had.holder_id
                    where had.voucher_id = v.id and (had.holder_id = $1 or u.team_id = $3)))
  order by v.id limit $10`;
