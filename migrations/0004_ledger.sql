-- The ledger: one immutable row per entry (debit account, credit account, currency, amount), so that it balances by construction.
-- Two-phase: a `pending` entry reserves; one `post` or `void` that names it resolves it, at most once.
set local role uct_owner;

-- Accounts of a restricted fund. Debit-normal: bank (money held), clearing (sent to a rail, outcome not yet proven), paid (reached a client).
-- Credit-normal: fund (free to promise), committed (promised to clients by released runs, ever).
-- So at any time: bank + clearing + paid = fund + committed.
create table ledger.account (
  id bigint generated always as identity primary key,
  fund_id uuid not null,
  currency text not null references ledger.currency,
  kind text not null check (kind in ('bank', 'clearing', 'paid', 'fund', 'committed')),
  rail text not null default '' check ((kind = 'clearing') = (rail <> '')),
  normal_side text not null generated always as (case when kind in ('bank', 'clearing', 'paid') then 'debit' else 'credit' end) stored,
  unique (fund_id, currency, kind, rail),
  unique (id, currency)
);
call access.make_append_only('ledger.account');

-- Cached balances. The check is the floor: no state with less than the floor available can be committed, whatever the posting function does.
create table ledger.balance (
  account_id bigint primary key references ledger.account,
  normal_side text not null check (normal_side in ('debit', 'credit')),
  floor_minor bigint not null default 0,            -- none for bank: see open_account
  debits_posted bigint not null default 0 check (debits_posted >= 0),
  credits_posted bigint not null default 0 check (credits_posted >= 0),
  debits_pending bigint not null default 0 check (debits_pending >= 0),
  credits_pending bigint not null default 0 check (credits_pending >= 0),
  constraint balance_not_below_floor check (
    case normal_side when 'debit' then debits_posted - credits_posted - credits_pending
                     else credits_posted - debits_posted - debits_pending end >= floor_minor)
) with (fillfactor = 40);

create table ledger.entry (
  id uuid primary key,                              -- made by the client: uuidv7
  seq bigint generated always as identity,          -- order of insertion; gaps are normal
  xact xid8 not null default pg_current_xact_id(),  -- lets a later reader wait for open transactions
  debit_id bigint not null,
  credit_id bigint not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  phase text not null check (phase in ('single', 'pending', 'post', 'void')),
  pending_id uuid references ledger.entry,
  kind text not null check (kind in ('grant', 'reserve', 'commit', 'release-reserve', 'instruct', 'settle', 'fail', 'settle-late',
                                     'return', 'reverse')),
  source_id uuid not null,                          -- the grant, run or attempt that caused it, by kind
  obligation_id uuid,
  booked_on date not null,
  recorded_at timestamptz not null,
  check (debit_id <> credit_id),
  check ((pending_id is not null) = (phase in ('post', 'void'))),
  check ((obligation_id is not null) = (kind in ('instruct', 'settle', 'fail', 'settle-late', 'return', 'reverse'))),
  foreign key (debit_id, currency) references ledger.account (id, currency),
  foreign key (credit_id, currency) references ledger.account (id, currency)
);
-- One cause has one entry of a kind in an account: an attempt is instructed, settled, failed or returned at most once.
create unique index entry_once_per_cause on ledger.entry (source_id, kind, debit_id);
create unique index entry_resolved_once on ledger.entry (pending_id) where pending_id is not null;
create index entry_debit on ledger.entry (debit_id, booked_on);
create index entry_credit on ledger.entry (credit_id, booked_on);
call access.make_append_only('ledger.entry');

-- Opens an account, or returns the one that is open. What may be promised is guarded at the fund. The bank account has no floor: proof that
-- a payment arrived after all, when it had been paid again, is booked whatever the fund still holds, and shows as what the bank is short of.
create function ledger.open_account(p_fund_id uuid, p_currency text, p_kind text, p_rail text default '') returns bigint
language plpgsql security definer set search_path = ledger, pg_temp as $$
declare found_id bigint;
begin
  insert into account (fund_id, currency, kind, rail) values (p_fund_id, p_currency, p_kind, p_rail)
    on conflict (fund_id, currency, kind, rail) do nothing;
  select id into strict found_id from account where fund_id = p_fund_id and currency = p_currency and kind = p_kind and rail = p_rail;
  insert into balance (account_id, normal_side, floor_minor)
    select id, normal_side, case kind when 'bank' then -1000000000000000 else 0 end from account where id = found_id
    on conflict (account_id) do nothing;
  return found_id;
end $$;

-- Posts one entry exactly, checking everything item by item. Only post_entries calls it, with the balances locked.
create function ledger.post_one(p_id uuid, p_debit bigint, p_credit bigint, p_currency text, p_amount bigint, p_phase text, p_pending uuid,
                                p_kind text, p_source uuid, p_obligation uuid, p_booked_on date, p_recorded_at timestamptz) returns text
language plpgsql set search_path = ledger, pg_temp as $$
declare
  existing entry;
  reserved entry;
  debit_posted bigint := 0; debit_pending bigint := 0; released bigint := 0; short boolean;
begin
  select * into existing from entry where id = p_id;
  if found then
    return case when (existing.debit_id, existing.credit_id, existing.currency, existing.amount_minor, existing.phase, existing.kind, existing.source_id)
                   = (p_debit, p_credit, p_currency, p_amount, p_phase, p_kind, p_source)
                 and existing.pending_id is not distinct from p_pending and existing.obligation_id is not distinct from p_obligation
                then 'exists' else 'conflict' end;
  end if;
  if not exists (select from account where id = p_debit and currency = p_currency)
     or not exists (select from account where id = p_credit and currency = p_currency) then
    return 'currency-not-held';
  end if;
  if p_phase in ('post', 'void') then
    select * into reserved from entry where id = p_pending and phase = 'pending';
    if not found or (reserved.debit_id, reserved.credit_id, reserved.currency) <> (p_debit, p_credit, p_currency)
       or p_amount > reserved.amount_minor or (p_phase = 'void' and p_amount <> reserved.amount_minor) then
      return 'pending-mismatch';
    end if;
    if exists (select from entry where pending_id = p_pending) then
      return 'already-resolved';
    end if;
    released := reserved.amount_minor;
  end if;
  if p_phase in ('single', 'post') then debit_posted := p_amount; end if;
  if p_phase = 'pending' then debit_pending := p_amount; end if;

  select bool_or(case b.normal_side
           when 'debit' then b.debits_posted - b.credits_posted - b.credits_pending
                + case when b.account_id = p_debit then debit_posted else -debit_posted - debit_pending + released end
           else b.credits_posted - b.debits_posted - b.debits_pending
                + case when b.account_id = p_credit then debit_posted else -debit_posted - debit_pending + released end
         end < b.floor_minor)
    into short from balance b where b.account_id in (p_debit, p_credit);
  if short then return 'insufficient'; end if;

  insert into entry (id, debit_id, credit_id, currency, amount_minor, phase, pending_id, kind, source_id, obligation_id, booked_on, recorded_at)
  values (p_id, p_debit, p_credit, p_currency, p_amount, p_phase, p_pending, p_kind, p_source, p_obligation, p_booked_on, p_recorded_at);
  update balance set debits_posted = debits_posted + debit_posted, debits_pending = debits_pending + debit_pending - released where account_id = p_debit;
  update balance set credits_posted = credits_posted + debit_posted, credits_pending = credits_pending + debit_pending - released where account_id = p_credit;
  return 'created';
end $$;

-- The one way into the ledger. Takes parallel arrays, one element per entry, and posts them in that order; a batch is one statement when
-- everything in it is new and no floor can be touched, and goes item by item otherwise. Returns only the positions (from 1) whose result is
-- not 'created': 'exists' (same id, same content), 'conflict' (same id, other content), 'insufficient' (a floor would be broken),
-- 'currency-not-held', 'pending-mismatch', 'already-resolved'. A refused item leaves no trace; the others stand.
-- Planner settings: balance and account are tiny beside entry, and a sequential scan chosen for them turns quadratic as funds grow.
create function ledger.post_entries(p_ids uuid[], p_debits bigint[], p_credits bigint[], p_currencies text[], p_amounts bigint[], p_phases text[],
                                    p_pendings uuid[], p_kinds text[], p_sources uuid[], p_obligations uuid[],
                                    p_booked_on date, p_recorded_at timestamptz)
returns table (item integer, result text)
language plpgsql security definer set search_path = ledger, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  simple boolean;
  outcome text;
  inserted bigint;
  n integer := cardinality(p_ids);
begin
  if n = 0 then return; end if;
  if n > 10000 then raise exception 'a batch has at most 10000 entries' using errcode = 'UCT02'; end if;
  -- Locked in account order, so that two batches never wait for each other in a circle.
  perform 1 from balance where account_id = any (array(select distinct a from unnest(p_debits || p_credits) a)) order by account_id for update;

  -- Enough for every prefix: what all items together take out fits, whatever comes in.
  select not exists (select from unnest(p_phases, p_pendings) i(phase, pending_id) where phase in ('post', 'void') or pending_id is not null)
     and not exists (
       select from (select account_id, sum(dr)::bigint dr, sum(cr)::bigint cr
                    from (select a account_id, m dr, 0 cr from unnest(p_debits, p_amounts) d(a, m)
                          union all select a, 0, m from unnest(p_credits, p_amounts) c(a, m)) one_side
                    group by account_id) flow
       left join balance b using (account_id)
       where b.account_id is null
          or case b.normal_side when 'debit' then b.debits_posted - b.credits_posted - b.credits_pending - flow.cr
                                else b.credits_posted - b.debits_posted - b.debits_pending - flow.dr end < b.floor_minor)
     and not exists (select from entry e where e.id = any (p_ids))
     and not exists (select from (select distinct a, c from (select unnest(p_debits) a, unnest(p_currencies) c
                                                             union all select unnest(p_credits), unnest(p_currencies)) used) pair
                     where not exists (select from account where id = pair.a and currency = pair.c))
     and (select count(distinct i) = n from unnest(p_ids) i)
  into simple;

  if simple then
    insert into entry (id, debit_id, credit_id, currency, amount_minor, phase, kind, source_id, obligation_id, booked_on, recorded_at)
    select i.id, i.debit_id, i.credit_id, i.currency, i.amount_minor, i.phase, i.kind, i.source_id, i.obligation_id, p_booked_on, p_recorded_at
    from unnest(p_ids, p_debits, p_credits, p_currencies, p_amounts, p_phases, p_kinds, p_sources, p_obligations)
         as i(id, debit_id, credit_id, currency, amount_minor, phase, kind, source_id, obligation_id);
    update balance b
    set debits_posted = b.debits_posted + flow.dr_posted, debits_pending = b.debits_pending + flow.dr_pending,
        credits_posted = b.credits_posted + flow.cr_posted, credits_pending = b.credits_pending + flow.cr_pending
    from (select account_id,
                 coalesce(sum(dr) filter (where phase = 'single'), 0)::bigint dr_posted, coalesce(sum(dr) filter (where phase = 'pending'), 0)::bigint dr_pending,
                 coalesce(sum(cr) filter (where phase = 'single'), 0)::bigint cr_posted, coalesce(sum(cr) filter (where phase = 'pending'), 0)::bigint cr_pending
          from (select a account_id, m dr, 0 cr, p phase from unnest(p_debits, p_amounts, p_phases) d(a, m, p)
                union all select a, 0, m, p from unnest(p_credits, p_amounts, p_phases) c(a, m, p)) one_side
          group by account_id) flow
    where b.account_id = flow.account_id;
    return;
  end if;

  for k in 1 .. n loop
    outcome := ledger.post_one(p_ids[k], p_debits[k], p_credits[k], p_currencies[k], p_amounts[k], p_phases[k], p_pendings[k],
                               p_kinds[k], p_sources[k], p_obligations[k], p_booked_on, p_recorded_at);
    if outcome <> 'created' then
      item := k; result := outcome; return next;
    end if;
  end loop;
end $$;

-- What each account holds, folded from the entries themselves (not from the cache).
create view ledger.folded_balance as
select a.id account_id, a.fund_id, a.currency, a.kind, a.rail, a.normal_side,
       coalesce(d.posted, 0)::bigint debits_posted, coalesce(c.posted, 0)::bigint credits_posted,
       coalesce(d.pending, 0)::bigint debits_pending, coalesce(c.pending, 0)::bigint credits_pending
from ledger.account a
left join (select debit_id id, sum(amount_minor) filter (where phase in ('single', 'post')) posted,
                  coalesce(sum(amount_minor) filter (where phase = 'pending' and not exists (select from ledger.entry r where r.pending_id = e.id)), 0) pending
           from ledger.entry e group by debit_id) d on d.id = a.id
left join (select credit_id id, sum(amount_minor) filter (where phase in ('single', 'post')) posted,
                  coalesce(sum(amount_minor) filter (where phase = 'pending' and not exists (select from ledger.entry r where r.pending_id = e.id)), 0) pending
           from ledger.entry e group by credit_id) c on c.id = a.id;

revoke all on function ledger.post_one, ledger.post_entries, ledger.open_account from public;
grant select on ledger.account, ledger.balance, ledger.entry, ledger.folded_balance to uct_service, uct_reports;
grant execute on function ledger.post_entries, ledger.open_account to uct_service;
