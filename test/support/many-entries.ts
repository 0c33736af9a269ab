/** A ledger that is years old, made by a few statements: every trigger and every key is looked at, and the balances are what they come to. */

/** $1: how many funds there are besides. */
export const FILL_ACCOUNTS = `
  with opened as (
    insert into payments.fund (id, donor_id, code, name, currency, opened_at)
    select gen_random_uuid(), d.id, 'old-' || n, 'Old fund', 'THB', now() from generate_series(1, $1::integer) n, payments.donor d returning id)
  select count(ledger.open_account(o.id, 'THB', k.kind, k.rail))
  from opened o, (values ('bank', ''), ('fund', ''), ('committed', ''), ('paid', ''), ('returned', ''), ('exchange', ''), ('clearing', 'cash'),
                         ('clearing', 'manual')) k(kind, rail)`;

/** $1: how many entries, of which there are: one grant to pay from, and then instruction, settlement, reservation and its commitment. */
export const FILL = `
  with old as (
    select row_number() over (order by fund_id) - 1 place, count(*) over () funds, fund_id,
           max(a.id) filter (where kind = 'bank') bank, max(a.id) filter (where kind = 'fund') fund, max(a.id) filter (where kind = 'committed') committed,
           max(a.id) filter (where kind = 'paid') paid, max(a.id) filter (where kind = 'clearing' and rail = 'cash') clearing
    from ledger.account a join payments.fund f on f.id = a.fund_id where f.code like 'old-%' group by fund_id),
  stories as materialized (
    select n, old.*, gen_random_uuid() attempt, gen_random_uuid() transfer, gen_random_uuid() reservation
    from generate_series(1, $1::integer / 5) n join old on old.place = n % old.funds),
  posted as (
    insert into ledger.entry (id, debit_id, credit_id, currency, amount_minor, phase, pending_id, kind, source_id, obligation_id, rail, booked_on, recorded_at)
    select e.id, e.debit_id, e.credit_id, 'THB', 100, e.phase, e.pending_id, e.kind, e.source_id, e.obligation_id, e.rail, date '2024-01-01' + s.n % 700, now()
    from stories s cross join lateral (values
      (1, gen_random_uuid(), s.bank, s.fund, 'single', null::uuid, 'grant', gen_random_uuid(), null::uuid, null::text),
      (2, s.reservation, s.fund, s.committed, 'pending', null, 'reserve', gen_random_uuid(), null, null),
      (3, gen_random_uuid(), s.fund, s.committed, 'post', s.reservation, 'commit', gen_random_uuid(), null, null),
      (4, gen_random_uuid(), s.clearing, s.bank, 'single', null, 'instruct', s.attempt, s.transfer, 'cash'),
      (5, gen_random_uuid(), s.paid, s.clearing, 'single', null, 'settle', s.attempt, s.transfer, 'cash'))
      e(step, id, debit_id, credit_id, phase, pending_id, kind, source_id, obligation_id, rail)
    order by s.n, e.step
    returning debit_id, credit_id, amount_minor, phase)
  update ledger.balance b set debits_posted = debits_posted + m.dr, credits_posted = credits_posted + m.cr
  from (select account_id, sum(dr) dr, sum(cr) cr
        from (select debit_id account_id, amount_minor dr, 0 cr, phase from posted
              union all select credit_id, 0, amount_minor, phase from posted) both_sides
        where phase <> 'pending' group by account_id) m
  where m.account_id = b.account_id`;
