/** What a report asks of the books: its statement, what the fund holds besides, and whom its money had reached. */

/** $1 fund, $2 last day: clients whom money of the fund had reached by then. A return later does not undo having been reached. */
export const REACHED = `
  with reached as (
    select distinct o.client_id from ledger.entry e join payments.obligation o on o.id = e.obligation_id
    where o.fund_id = $1 and e.kind in ('settle', 'settle-late') and e.booked_on <= $2)`;

/**
 * $1 fund, $2 first day, $3 last day, $4 currency: every entry once on each of its two sides. A reversal counts, on the day that it is booked,
 * against the kind of what it reverses. What the bank gave in an exchange came in whole, with what the rounding left over.
 */
export const STATEMENT = `
  select coalesce(sum(amount) filter (where kind = 'grant' and booked_on >= $2 and side = 'debit'), 0)::text received_in_period,
         coalesce(sum(amount) filter (where kind in ('settle', 'settle-late') and booked_on >= $2 and side = 'debit'), 0)::text paid_in_period,
         coalesce(sum(amount) filter (where kind in ('return', 'reverse') and booked_on >= $2 and side = 'debit'), 0)::text returned_in_period,
         coalesce(sum(amount) filter (where kind in ('exchange-in', 'exchange-residue') and booked_on >= $2 and side = 'debit'), 0)::text
           exchanged_in_in_period,
         coalesce(sum(amount) filter (where kind = 'exchange-out' and booked_on >= $2 and side = 'debit'), 0)::text exchanged_out_in_period,
         coalesce(sum(amount) filter (where kind = 'grant' and side = 'debit'), 0)::text received,
         coalesce(sum(amount) filter (where kind in ('exchange-in', 'exchange-residue') and side = 'debit'), 0)::text exchanged_in,
         coalesce(sum(amount) filter (where kind = 'exchange-out' and side = 'debit'), 0)::text exchanged_out,
         coalesce(sum(signed) filter (where account in ('paid', 'returned')), 0)::text paid,
         coalesce(sum(signed) filter (where account = 'bank'), 0)::text bank,
         coalesce(sum(signed) filter (where account in ('clearing', 'float')), 0)::text clearing,
         coalesce(-sum(signed) filter (where account = 'fund'), 0)::text fund
  from (select coalesce(reversed.kind, one.kind) kind, one.booked_on, one.account, one.side, one.signed,
               case one.kind when 'reversal' then -one.amount_minor else one.amount_minor end amount
        from (select e.kind, e.reverses_id, e.booked_on, a.kind account, 'debit' side, e.amount_minor, e.amount_minor signed
              from ledger.entry e join ledger.account a on a.id = e.debit_id
              where a.fund_id = $1 and a.currency = $4 and e.booked_on <= $3 and e.phase in ('single', 'post')
              union all
              select e.kind, e.reverses_id, e.booked_on, a.kind, 'credit', e.amount_minor, -e.amount_minor
              from ledger.entry e join ledger.account a on a.id = e.credit_id
              where a.fund_id = $1 and a.currency = $4 and e.booked_on <= $3 and e.phase in ('single', 'post')) one
        left join ledger.entry reversed on reversed.id = one.reverses_id) sides`;

/** $1 fund, $2 last day, $3 the fund's own currency: what was at the bank in each other one. */
export const OTHER_CURRENCIES = `
  select a.currency, sum(side.signed)::text bank
  from ledger.account a
  join (select debit_id account_id, booked_on, phase, amount_minor signed from ledger.entry
        union all select credit_id, booked_on, phase, -amount_minor from ledger.entry) side on side.account_id = a.id
  where a.fund_id = $1 and a.kind = 'bank' and a.currency <> $3 and side.booked_on <= $2 and side.phase in ('single', 'post')
  group by a.currency having sum(side.signed) <> 0 order by a.currency`;
