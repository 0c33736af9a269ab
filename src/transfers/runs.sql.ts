/** The set-based statements behind runs. */

/** $1 run id: one person at a time acts on a run, until the transaction ends. */
export const LOCK_RUN = "select pg_advisory_xact_lock(hashtextextended('run/' || $1::uuid, 0))";

/** Whether paying that transfer in the month of that day would be the client's second instalment in it. */
const isSecond = (transfer: string, day: string): string => `
  (${transfer}.tops_up is null and exists (
    select from payments.paid_month m
    where m.client_id = ${transfer}.client_id and m.obligation_id <> ${transfer}.id and m.instalment <> ${transfer}.instalment
      and coalesce(m.paid_month = date_trunc('month', ${day})::date, true)))`;

/**
 * What is due and may be paid, as `due` and its enrolment `e`: $1 through which day, $2 country or null, $3 whether a second instalment in one
 * month is let in, $4 now. Whom the standing says may be paid by the enrolment's rail at this moment; see casework.payment_standing. Of what a
 * client is owed the first comes first, and the next one in another month: see payments.paid_month. What tops up a transfer is no transfer of its
 * own, and waits for none.
 */
export const DUE = `
  payments.obligation due join payments.enrolment e on e.id = due.enrolment_id
  join casework.payment_standing standing on standing.client_id = due.client_id
  where due.state = 'scheduled' and due.due_on <= $1 and ($2::text is null or due.country = $2)
    and e.rail = any (standing.payable_by)
    and ($3::boolean or due.tops_up is not null or not (
      exists (select from payments.obligation other
              where other.client_id = due.client_id and other.cancelled_at is null and other.tops_up is null and other.instalment <> due.instalment
                and (other.state in ('in_run', 'approved') or other.state = 'scheduled' and other.instalment < due.instalment and other.due_on <= $1))
      or ${isSecond('due', '$4::timestamptz at time zone e.time_zone')}))`;

/** As DUE, and $5 run id. Rows that another preparation holds are skipped: they end up in its run. */
export const PUT_DUE_INTO_RUN = `
  update payments.obligation o set state = 'in_run', run_id = $5
  from (select due.id from ${DUE} order by due.id for update of due skip locked) picked
  where o.id = picked.id`;

/** Of `item`, obligations: by fund, how many and how much; `to_reserve` leaves out what an earlier release committed. */
export const TOTALS_OF_ITEMS = `
  select o.fund_id, f.code fund, o.currency, count(*)::int count, count(o.tops_up)::int top_ups, sum(o.amount_minor)::text amount,
         coalesce(sum(o.amount_minor) filter (where not exists (select from payments.attempt a where a.obligation_id = o.id)
                                                and not exists (select from payments.run_departure d where d.obligation_id = o.id)), 0)::text to_reserve
  from item o join payments.fund f on f.id = o.fund_id
  group by o.fund_id, f.code, o.currency order by f.code`;

/** $1 due through, $2 country or null: due, and not paid because consent or a guardian is missing. */
export const WITHOUT_CONSENT = `
  select count(*)::int count from payments.obligation o join payments.enrolment e on e.id = o.enrolment_id
  join casework.payment_standing s on s.client_id = o.client_id
  where o.state = 'scheduled' and o.due_on <= $1 and ($2::text is null or o.country = $2)
    and not e.rail = any (s.payable_by)`;

/** $1 due through, $2 country or null, $3 now: due, and not paid now because it would be a second instalment in the month. */
export const SECOND_IN_MONTH = `
  select count(*)::int count from payments.obligation due join payments.enrolment e on e.id = due.enrolment_id
  where due.state = 'scheduled' and due.tops_up is null and due.due_on <= $1 and ($2::text is null or due.country = $2)
    and (exists (select from payments.obligation other
                 where other.client_id = due.client_id and other.cancelled_at is null and other.tops_up is null and other.instalment <> due.instalment
                   and (other.state in ('in_run', 'approved') or other.state = 'scheduled' and other.instalment < due.instalment and other.due_on <= $1))
         or ${isSecond('due', '$3::timestamptz at time zone e.time_zone')})`;

/** No withdrawal of consent comes between this and the end of the transaction: it was there before, or it waits. */
export const HOLD_OFF_WITHDRAWALS = 'select payments.hold_off_withdrawals()';

/**
 * $1 run id, $2 at most how many, $3 now, $4 after which of them: approved transfers of a released run that nobody else is instructing at this
 * moment, whether each may still be paid, and whether it would be a second one in the month. How and to whom is what was signed; a run from before
 * 0021_payees.sql says it by the enrolment. They are picked before they are joined, so that a few cost no more in a large run.
 */
export const PICK_TO_INSTRUCT = `
  with picked as materialized (
    select o.* from payments.obligation o
    where o.run_id = $1 and o.state = 'approved' and o.id > $4
      and exists (select from payments.run_signature s where s.run_id = $1 and s.act = 'release')
    order by o.id limit $2 for update of o skip locked)
  select o.id, o.fund_id, o.currency, o.amount_minor::text, o.country, coalesce(i.rail, e.rail) rail, coalesce(i.payee_ref, e.payee_ref) payee_ref,
         (select coalesce(max(a.attempt_no), 0) from payments.attempt a where a.obligation_id = o.id)::int last_attempt,
         coalesce(i.rail, e.rail) = any (s.payable_by) may_be_paid,
         not r.catch_up and ${isSecond('o', '$3::timestamptz at time zone e.time_zone')} is_second
  from picked o join payments.enrolment e on e.id = o.enrolment_id
  join payments.run_item i on i.run_id = o.run_id and i.obligation_id = o.id
  join payments.run r on r.id = o.run_id
  join casework.payment_standing s on s.client_id = o.client_id
  order by o.id`;

/** $1 run id, $2 transfers, $3 when, $4 why: they leave the run as they came, due and owed. */
export const LEAVE_RUN = `
  with gone as (insert into payments.run_departure (run_id, obligation_id, reason, left_at)
                select $1, id, $4, $3 from unnest($2::uuid[]) id)
  update payments.obligation set state = 'scheduled', run_id = null where id = any ($2)`;

export const INSERT_ATTEMPTS = `
  insert into payments.attempt (id, obligation_id, run_id, attempt_no, rail, payee_ref, correlation_id, currency, amount_minor, instructed_at, instructed_on, state)
  select id, obligation_id, $2, attempt_no, rail, payee_ref, replace(id::text, '-', ''), currency, amount_minor, $3, instructed_on, 'instructed'
  from unnest($1::uuid[], $4::uuid[], $5::smallint[], $6::text[], $7::text[], $8::text[], $9::bigint[], $10::date[])
       as new_attempt(id, obligation_id, attempt_no, rail, payee_ref, currency, amount_minor, instructed_on)`;

/**
 * $1 transfers: each takes the state of its attempts. One attempt that is settled settles it, whatever became of the others, so that a
 * late success is never followed by another payment; else the latest attempt decides. A transfer that was put back to be paid again
 * takes only the news that it is paid after all, and leaves the run that it is in.
 */
export const FOLLOW_ATTEMPTS = `
  update payments.obligation o set state = a.state, settled_on = a.settled_on, hold_reason = null,
         run_id = case when o.state in ('in_run', 'approved') then null else o.run_id end
  from (select distinct on (obligation_id) obligation_id, state, case when state = 'settled' then settled_on end settled_on
        from payments.attempt where obligation_id = any ($1)
        order by obligation_id, state = 'settled' desc, case when state = 'settled' then settled_on end, attempt_no desc) a
  where o.id = a.obligation_id and (a.state = 'settled' or o.state not in ('scheduled', 'on_hold', 'in_run', 'approved'))
    and (o.state, o.settled_on) is distinct from (a.state, a.settled_on)`;
