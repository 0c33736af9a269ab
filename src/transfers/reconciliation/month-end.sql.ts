/**
 * The statements behind a month's end. A day counts as it was at the rail or the bank (`happened_on`), not as it was recorded, so that a
 * statement that is read in April closes March.
 */

/** Each entry as two movements: what it adds to an account and what it takes. */
const MOVED = `
  select debit_id account_id, amount_minor amount, source_id, kind, id entry_id, coalesce(happened_on, booked_on) as day from ledger.entry where phase in ('single', 'post')
  union all
  select credit_id, -amount_minor, source_id, kind, id, coalesce(happened_on, booked_on) from ledger.entry where phase in ('single', 'post')`;

/** What moved in clearing accounts by $1, by the attempt that it is of: handing cash out and in is booked by its custody. */
const CLEARED = `
  select m.account_id, coalesce(v.attempt_id, m.source_id) attempt_id, m.amount
  from ledger.account cleared join (${MOVED}) m on m.account_id = cleared.id
  left join payments.voucher_custody c on c.id = m.source_id left join payments.voucher v on v.id = c.voucher_id
  where cleared.kind = 'clearing' and m.day <= $1`;

/** $1 day: what the clearing accounts hold, and of it what payments explain. */
export const CLEARING = `
  with held as (
    select account_id, attempt_id, sum(amount) amount from (${CLEARED}) m group by account_id, attempt_id having sum(amount) <> 0)
  select f.code fund, a.currency, a.rail, sum(h.amount)::text balance, coalesce(sum(h.amount) filter (where t.id is not null), 0)::text explained,
         count(t.id)::int payments, count(*) filter (where t.state = 'unknown')::int unknown, min(t.instructed_on)::text oldest
  from ledger.account a join payments.fund f on f.id = a.fund_id join held h on h.account_id = a.id left join payments.attempt t on t.id = h.attempt_id
  group by f.code, a.currency, a.rail order by f.code, a.currency, a.rail`;

/** $1 day, $2 at most: the payments behind the clearing accounts, the oldest first. */
export const BEHIND_CLEARING = `
  select f.code fund, a.currency, a.rail, t.obligation_id transfer, t.attempt_no, t.state, t.instructed_on::text, ($1::date - t.instructed_on) age_days, sum(m.amount)::text amount
  from ledger.account a join (${CLEARED}) m on m.account_id = a.id join payments.fund f on f.id = a.fund_id join payments.attempt t on t.id = m.attempt_id
  group by f.code, a.currency, a.rail, t.id having sum(m.amount) <> 0 order by t.instructed_on, t.id limit $2`;

/** $1 day: cash that people carry. */
export const FLOATS = `
  select f.code fund, a.currency, u.display_name holder, sum(m.amount)::text balance
  from ledger.account a join (${MOVED}) m on m.account_id = a.id join payments.fund f on f.id = a.fund_id join access.app_user u on u.id = a.holder_id
  where a.kind = 'float' and m.day <= $1 group by f.code, a.currency, u.id having sum(m.amount) <> 0 order by f.code, u.display_name`;

/** $1 day: money in the books of which nobody said in which account it lies. */
export const WITHOUT_ACCOUNT = `
  select f.code fund, a.currency, sum(m.amount)::text balance
  from ledger.account a join (${MOVED}) m on m.account_id = a.id join payments.fund f on f.id = a.fund_id
  where a.kind = 'bank' and m.day <= $1
    and not exists (select from payments.paying_account_of_fund p where p.fund_id = a.fund_id and p.currency = a.currency)
  group by f.code, a.currency having sum(m.amount) <> 0 order by f.code`;

/** $1 day: accounts that payments leave from, with the latest balance by then, and the first day that statements tell of. */
export const ACCOUNTS_AT = `
  select p.id, p.code, p.name, p.bank, p.currency, closing.day::text closing_on, closing.amount_minor::text closing_minor,
         (select min(day)::text from (select day from payments.statement_balance b where b.paying_account_id = p.id and b.file_id is not null
                                      union all select day from payments.inbound_line l where l.paying_account_id = p.id and l.item = 'entry' and l.file_kind = 'camt.053') known) first_on
  from payments.paying_account p
  left join lateral (select day, amount_minor from payments.known_balance k where k.paying_account_id = p.id and k.which = 'closing' and k.day <= $1
                     order by day desc limit 1) closing on true
  where exists (select from payments.paying_account_of_fund t where t.paying_account_id = p.id) order by p.code`;

/**
 * $1 account, $2 day: what statements and books say, movement by movement, where they do not cancel. One row for each payment, line or entry:
 * \`statement\` and \`books\` are what it did to the account in either. A line is what the file that first told of it made of it; the same
 * movement in an advice (camt.054) is not on the statement a second time.
 */
export const DIFFERENCES = `
  with fund as (select fund_id, currency from payments.paying_account_of_fund where paying_account_id = $1),
  line as (
    select distinct on (l.line_key, l.repeat_no) l.line_key, l.repeat_no, l.day, case l.direction when 'debit' then -l.amount_minor else l.amount_minor end amount
    from payments.inbound_line l
    where l.paying_account_id = $1 and l.item = 'entry' and l.booking_status = 'booked' and l.file_kind = 'camt.053' and l.day <= $2 and l.amount_minor is not null),
  told as (
    select l.*, w.id work_item, w.resolution, w.bank_file_id lot, w.entry_id,
           case when first.result = 'applied' then first.attempt_id when w.resolution = 'is-payment' then w.attempt_id end attempt_id
    from line l
    join payments.inbound_line first on first.line_key = l.line_key and first.repeat_no = l.repeat_no and first.result <> 'told-before'
    left join lateral (select * from payments.work_item_standing s where s.file_id = first.file_id and s.place = first.place order by s.resolution is null, s.id limit 1) w on true),
  booked as (
    select m.source_id, m.kind, m.entry_id, m.day, m.amount
    from fund join ledger.account a on a.fund_id = fund.fund_id and a.currency = fund.currency and a.kind = 'bank'
    join (${MOVED}) m on m.account_id = a.id where m.day <= $2),
  -- Few on either side, of which the planner knows nothing: never all lines for each entry.
  entry_line as materialized (select entry_id, amount from told where resolution = 'in-the-books'),
  other_entry as materialized (select b.* from booked b where not exists (select from payments.attempt a where a.id = b.source_id)),
  by_payment as (
    select attempt_id, sum(statement)::bigint statement, sum(books)::bigint books from (
      select attempt_id, amount statement, 0::bigint books from told where attempt_id is not null
      union all select i.attempt_id, -a.amount_minor, 0 from told join payments.bank_file_item i on i.bank_file_id = told.lot join payments.attempt a on a.id = i.attempt_id
                where told.resolution = 'is-lot'
      union all select b.source_id, 0, b.amount from booked b where exists (select from payments.attempt t where t.id = b.source_id)) side
    group by attempt_id)
  select 'payment' what, t.obligation_id id, t.state detail, coalesce(t.settled_on, t.instructed_on)::text as day, t.rail, p.statement::text, p.books::text
  from by_payment p join payments.attempt t on t.id = p.attempt_id where p.statement <> p.books
  union all
  select 'line', work_item, coalesce(resolution, 'open'), day::text, null, amount::text, '0' from told
  where attempt_id is null and resolution is distinct from 'is-lot' and resolution is distinct from 'in-the-books'
  union all
  select 'entry', o.entry_id, o.kind, o.day::text, null, coalesce(t.amount, 0)::text, o.amount::text
  from other_entry o left join entry_line t on t.entry_id = o.entry_id where coalesce(t.amount, 0) <> o.amount`;

/** $1 account, $2 day: what the books say, and what lines after the closing balance add to it. */
export const SUMS = `
  select (select coalesce(sum(m.amount), 0)::text from payments.paying_account_of_fund p
          join ledger.account a on a.fund_id = p.fund_id and a.currency = p.currency and a.kind = 'bank'
          join (${MOVED}) m on m.account_id = a.id where p.paying_account_id = $1 and m.day <= $2) books,
         coalesce(sum(case direction when 'debit' then -amount_minor else amount_minor end), 0)::text lines,
         coalesce(sum(case direction when 'debit' then -amount_minor else amount_minor end) filter (where day > $3::date), 0)::text later
  from (select distinct on (line_key, repeat_no) direction, amount_minor, day from payments.inbound_line
        where paying_account_id = $1 and item = 'entry' and booking_status = 'booked' and file_kind = 'camt.053' and day <= $2) line`;

/** $1 day: what stands in the way besides. A day that has not come yet is the bank's mistake, and hides no line. */
export const WAITING = `
  select (select count(*)::int from payments.work_item_standing w join payments.inbound_line l using (file_id, place)
          where w.resolution is null and least(l.day, w.raised_at::date) <= $1) open_work_items,
         (select count(*)::int from payments.inbound_file f left join payments.inbound_ending e on e.file_id = f.id
          where e.file_id is null) unfinished_reports`;
