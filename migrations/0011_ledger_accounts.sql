-- More accounts for a fund, in more than one currency; exchange in linked rows with its rate pinned; reversal as the only correction; and on
-- every entry what it stands on: the rail, the day it happened there, the digest of the evidence.
set local role uct_owner;

-- Rates as a bank gave them: major units of `quote` for one major unit of `base`. A wrong rate is followed by another row, never changed.
create table payments.exchange_rate (
  id uuid primary key,
  base text not null references ledger.currency,
  quote text not null references ledger.currency,
  rate numeric(20, 10) not null check (rate > 0),
  as_of date not null,
  source text not null check (length(source) between 1 and 200),
  recorded_by uuid not null references access.app_user,
  recorded_at timestamptz not null,
  check (base <> quote)
);
call access.make_append_only('payments.exchange_rate');

-- A fund's money changed at a bank: so much sold, so much bought, at a recorded rate.
create table payments.exchange (
  id uuid primary key,
  fund_id uuid not null references payments.fund,
  exchange_rate_id uuid not null references payments.exchange_rate,
  sold_minor bigint not null check (sold_minor > 0),
  bought_minor bigint not null check (bought_minor > 0),
  exchanged_on date not null,
  reference text not null check (length(reference) between 1 and 140),
  recorded_by uuid not null references access.app_user,
  recorded_at timestamptz not null
);
call access.make_append_only('payments.exchange');

-- A grant that was recorded by mistake is taken back as a whole, once, and recorded anew.
create table payments.grant_reversal (
  id uuid primary key,
  grant_id uuid not null unique references payments.grant_received,
  reason text not null check (length(reason) between 1 and 500),
  recorded_by uuid not null references access.app_user,
  recorded_at timestamptz not null
);
call access.make_append_only('payments.grant_reversal');

grant select, insert on payments.exchange_rate, payments.exchange, payments.grant_reversal to uct_service;
grant select on payments.exchange_rate, payments.exchange, payments.grant_reversal to uct_reports;

-- Accounts are opened per fund and currency; the fund's own currency is the one that it promises in.
alter table ledger.account drop constraint account_fund_id_currency_fkey;
alter table ledger.account add foreign key (fund_id) references payments.fund (id);
alter table payments.grant_received drop constraint grant_received_fund_id_currency_fkey;
alter table payments.grant_received add foreign key (fund_id) references payments.fund (id);
alter table payments.grant_received add foreign key (currency) references ledger.currency (code);

-- Debit-normal: bank, clearing (sent to a rail, outcome not yet proven), float (cash that a holder carries), paid (reached a client, ever).
-- Credit-normal: fund (free to promise), committed (promised by released runs, ever), returned (came back of what was paid, ever),
-- exchange (what the whole minor units of an exchange left over).
-- So at any time, in every fund and currency: bank + clearing + float + paid = fund + committed + returned + exchange.
drop view ledger.folded_balance;
alter table ledger.account drop constraint account_kind_check, drop constraint account_check,
  drop constraint account_fund_id_currency_kind_rail_key, drop column normal_side;
alter table ledger.account
  add column holder_id uuid references access.app_user,
  add column normal_side text not null generated always as (case when kind in ('bank', 'clearing', 'float', 'paid') then 'debit' else 'credit' end) stored,
  add constraint account_kind_check check (kind in ('bank', 'clearing', 'float', 'paid', 'fund', 'committed', 'returned', 'exchange')),
  add constraint account_of_rail check ((kind = 'clearing') = (rail <> '')),
  add constraint account_of_holder check ((kind = 'float') = (holder_id is not null)),
  add constraint account_once unique nulls not distinct (fund_id, currency, kind, rail, holder_id);

-- Between which accounts an entry of a kind moves; a reversal moves back between those of the entry that it reverses.
create table ledger.flow (
  kind text not null,
  debit_kind text not null,
  credit_kind text not null,
  primary key (kind, debit_kind, credit_kind)
);
insert into ledger.flow values
  ('grant', 'bank', 'fund'),
  ('reserve', 'fund', 'committed'), ('commit', 'fund', 'committed'), ('release-reserve', 'fund', 'committed'),
  ('float-out', 'float', 'bank'), ('float-back', 'bank', 'float'),
  ('instruct', 'clearing', 'bank'), ('instruct', 'clearing', 'float'),
  ('settle', 'paid', 'clearing'), ('settle-late', 'paid', 'bank'), ('settle-late', 'paid', 'float'),
  ('fail', 'bank', 'clearing'), ('fail', 'float', 'clearing'),
  ('return', 'bank', 'returned'), ('return', 'float', 'returned'),
  ('reverse', 'bank', 'returned'), ('reverse', 'float', 'returned'),
  ('exchange-out', 'fund', 'bank'), ('exchange-in', 'bank', 'fund'), ('exchange-residue', 'bank', 'exchange');
call access.make_append_only('ledger.flow');

-- Checks `not valid`: rows from before these columns stand as they are; every new row is held to them.
alter table ledger.entry
  drop constraint entry_kind_check, drop constraint entry_check2,
  add column link_id uuid,                                              -- rows that stand or fall together
  add column exchange_rate_id uuid references payments.exchange_rate,
  add column reverses_id uuid references ledger.entry,
  add column rail text check (rail <> ''),
  add column happened_on date,                                          -- at the rail or the bank; booked_on is the day it was recorded
  add column evidence_sha256 bytea check (length(evidence_sha256) = 32),
  add constraint entry_kind_check check (kind in ('grant', 'reserve', 'commit', 'release-reserve', 'float-out', 'float-back', 'instruct', 'settle',
    'fail', 'settle-late', 'return', 'reverse', 'exchange-out', 'exchange-in', 'exchange-residue', 'reversal')),
  add constraint entry_of_transfer check (kind = 'reversal' or (obligation_id is not null)
    = (kind in ('instruct', 'settle', 'fail', 'settle-late', 'return', 'reverse'))),
  add constraint entry_of_rail check ((rail is not null) >= (kind in ('instruct', 'settle', 'fail', 'settle-late', 'return', 'reverse'))) not valid,
  add constraint entry_of_exchange check (kind = 'reversal'
    or ((kind in ('exchange-out', 'exchange-in', 'exchange-residue')) = (link_id is not null)
        and (kind in ('exchange-out', 'exchange-in', 'exchange-residue')) = (exchange_rate_id is not null))),
  add constraint entry_of_reversal check ((reverses_id is not null) = (kind = 'reversal') and (kind <> 'reversal' or phase = 'single'));
create unique index entry_reversed_once on ledger.entry (reverses_id) where reverses_id is not null;
create index entry_linked on ledger.entry (link_id) where link_id is not null;
create unique index entry_seq on ledger.entry (seq);

-- An exchange is whole or not there: one row out, one row in and at most one residue, of one fund and one recorded rate, and the fund gets what
-- the sold amount is worth at that rate, rounded down; the rest stays in `exchange`. A linked row is reversed with all the rows it is linked to.
-- It works at the commit, outside of what posted: so it brings post_entries' planner settings itself.
create function ledger.require_whole_link() returns trigger language plpgsql set search_path = ledger, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  sold ledger.entry; bought ledger.entry; given payments.exchange_rate; scale integer;
begin
  if new.kind = 'reversal' then
    if exists (select from ledger.entry linked join ledger.entry reversed on reversed.link_id = linked.link_id
               where reversed.id = new.reverses_id and not exists (select from ledger.entry back where back.reverses_id = linked.id)) then
      raise exception 'linked entries are reversed together' using errcode = 'UCT08';
    end if;
    return null;
  end if;
  select * into sold from ledger.entry where link_id = new.link_id and kind = 'exchange-out';
  select * into bought from ledger.entry where link_id = new.link_id and kind = 'exchange-in';
  select * into strict given from payments.exchange_rate where id = new.exchange_rate_id;
  select bought_in.minor_units - sold_in.minor_units into strict scale
  from ledger.currency bought_in, ledger.currency sold_in where bought_in.code = given.quote and sold_in.code = given.base;
  if sold.id is null or bought.id is null
     or (sold.currency, bought.currency) is distinct from (given.base, given.quote)
     or bought.amount_minor is distinct from trunc(sold.amount_minor * given.rate * power(10::numeric, scale))
     or (select fund_id from ledger.account where id = sold.debit_id) is distinct from (select fund_id from ledger.account where id = bought.debit_id)
     or exists (select from ledger.entry e where e.link_id = new.link_id
                and e.kind <> 'reversal' and (e.exchange_rate_id <> new.exchange_rate_id or e.source_id <> new.source_id
                     or (e.kind = 'exchange-residue' and e.debit_id <> bought.debit_id)))
     or (select count(*) <> count(distinct kind) or count(distinct xact) <> 1 from ledger.entry e where e.link_id = new.link_id and e.kind <> 'reversal') then
    raise exception 'an exchange is sold, bought and rounded by one recorded rate' using errcode = 'UCT08';
  end if;
  return null;
end $$;
create constraint trigger require_whole_link after insert on ledger.entry deferrable initially deferred
  for each row when (new.link_id is not null or new.reverses_id is not null) execute function ledger.require_whole_link();

-- A fund's books are closed for a day and all before it when a period that ended on it is about to be sealed (see the transparency log).
create table ledger.period_closing (
  fund_id uuid not null references payments.fund,
  through date not null,
  closed_at timestamptz not null,
  primary key (fund_id, through)
);
call access.make_append_only('ledger.period_closing');

drop function ledger.post_entries, ledger.post_one, ledger.open_account;

-- Opens an account, or returns the one that is open. What may be promised is guarded at the fund. The bank account has no floor: proof that
-- a payment arrived after all, when it had been paid again, is booked whatever the fund still holds, and shows as what the bank is short of.
create function ledger.open_account(p_fund_id uuid, p_currency text, p_kind text, p_rail text default '', p_holder_id uuid default null) returns bigint
language plpgsql security definer set search_path = ledger, pg_temp as $$
declare found_id bigint;
begin
  insert into account (fund_id, currency, kind, rail, holder_id) values (p_fund_id, p_currency, p_kind, p_rail, p_holder_id)
    on conflict on constraint account_once do nothing;
  select id into strict found_id from account
  where fund_id = p_fund_id and currency = p_currency and kind = p_kind and rail = p_rail and holder_id is not distinct from p_holder_id;
  insert into balance (account_id, normal_side, floor_minor)
    select id, normal_side, case kind when 'bank' then -1000000000000000 else 0 end from account where id = found_id
    on conflict (account_id) do nothing;
  return found_id;
end $$;

-- Whether what an attempt paid has come back, and that still stands.
create function ledger.came_back(p_source uuid) returns boolean
language sql stable set search_path = ledger, pg_temp as $$
  select exists (select from entry e where e.source_id = p_source and e.kind in ('return', 'reverse')
                 and not exists (select from entry back where back.reverses_id = e.id))
$$;

-- Posts one entry exactly, checking everything item by item. Only post_entries calls it, with the balances locked.
create function ledger.post_one(item ledger.entry) returns text
language plpgsql set search_path = ledger, pg_temp as $$
declare
  existing entry;
  reserved entry;
  reversed entry;
  debit account;
  credit account;
  moved bigint := 0; set_aside bigint := 0; released bigint := 0; short boolean;
begin
  select * into existing from entry where id = item.id;
  if found then
    -- Where and when it was recorded may differ; what it says may not.
    existing.seq := item.seq; existing.xact := item.xact; existing.booked_on := item.booked_on; existing.recorded_at := item.recorded_at;
    return case when existing is not distinct from item then 'exists' else 'conflict' end;
  end if;
  select * into debit from account where id = item.debit_id and currency = item.currency;
  if not found then return 'currency-not-held'; end if;
  select * into credit from account where id = item.credit_id and currency = item.currency;
  if not found then return 'currency-not-held'; end if;
  if debit.fund_id <> credit.fund_id then return 'other-fund'; end if;
  if exists (select from period_closing c where c.fund_id = debit.fund_id and c.through >= item.booked_on) then return 'period-closed'; end if;

  if item.kind = 'reversal' then
    select * into reversed from entry where id = item.reverses_id and phase in ('single', 'post') and kind <> 'reversal';
    if not found or (reversed.debit_id, reversed.credit_id, reversed.currency, reversed.amount_minor)
                    <> (item.credit_id, item.debit_id, item.currency, item.amount_minor)
       or reversed.obligation_id is distinct from item.obligation_id then
      return 'reversal-mismatch';
    end if;
    if exists (select from entry where reverses_id = item.reverses_id) then return 'already-reversed'; end if;
    if reversed.kind in ('settle', 'settle-late') and came_back(reversed.source_id) then return 'already-returned'; end if;
  elsif not exists (select from flow where kind = item.kind and debit_kind = debit.kind and credit_kind = credit.kind) then
    return 'accounts-not-of-kind';
  end if;
  -- What comes back had been paid, and comes back once: the same attempt was settled in the same fund, and by as much.
  if item.kind in ('return', 'reverse') then
    if not exists (
         select from entry e join account paid on paid.id = e.debit_id
         where e.source_id = item.source_id and e.kind in ('settle', 'settle-late') and e.amount_minor = item.amount_minor
         and (paid.fund_id, paid.currency) = (debit.fund_id, debit.currency)
         and not exists (select from entry back where back.reverses_id = e.id)) then
      return 'never-paid';
    end if;
    if came_back(item.source_id) then return 'already-returned'; end if;
  end if;
  if item.phase in ('post', 'void') then
    select * into reserved from entry where id = item.pending_id and phase = 'pending';
    if not found or (reserved.debit_id, reserved.credit_id, reserved.currency) <> (item.debit_id, item.credit_id, item.currency)
       or item.amount_minor > reserved.amount_minor or (item.phase = 'void' and item.amount_minor <> reserved.amount_minor) then
      return 'pending-mismatch';
    end if;
    if exists (select from entry where pending_id = item.pending_id) then
      return 'already-resolved';
    end if;
    released := reserved.amount_minor;
  end if;
  if item.phase in ('single', 'post') then moved := item.amount_minor; end if;
  if item.phase = 'pending' then set_aside := item.amount_minor; end if;

  select bool_or(case b.normal_side
           when 'debit' then b.debits_posted - b.credits_posted - b.credits_pending
                + case when b.account_id = item.debit_id then moved else -moved - set_aside + released end
           else b.credits_posted - b.debits_posted - b.debits_pending
                + case when b.account_id = item.credit_id then moved else -moved - set_aside + released end
         end < b.floor_minor)
    into short from balance b where b.account_id in (item.debit_id, item.credit_id);
  if short then return 'insufficient'; end if;

  insert into entry (id, debit_id, credit_id, currency, amount_minor, phase, pending_id, kind, source_id, obligation_id, link_id, exchange_rate_id,
                     reverses_id, rail, happened_on, evidence_sha256, booked_on, recorded_at)
  values (item.id, item.debit_id, item.credit_id, item.currency, item.amount_minor, item.phase, item.pending_id, item.kind, item.source_id,
          item.obligation_id, item.link_id, item.exchange_rate_id, item.reverses_id, item.rail, item.happened_on, item.evidence_sha256,
          item.booked_on, item.recorded_at);
  update balance set debits_posted = debits_posted + moved, debits_pending = debits_pending + set_aside - released where account_id = item.debit_id;
  update balance set credits_posted = credits_posted + moved, credits_pending = credits_pending + set_aside - released where account_id = item.credit_id;
  return 'created';
end $$;

-- Posts entries that stand or fall together (or one alone) and says how each ended.
create function ledger.post_together(items ledger.entry[]) returns table (place integer, outcome text)
language plpgsql set search_path = ledger, pg_temp as $$
declare
  outcomes text[] := '{}';
  latest text;
  refused integer;
begin
  if cardinality(items) = 1 then
    return query select 1, ledger.post_one(items[1]);
    return;
  end if;
  begin
    for k in 1 .. cardinality(items) loop
      latest := ledger.post_one(items[k]);
      -- There before in part: then what came before was another link.
      if latest in ('created', 'exists') and latest <> coalesce(outcomes[1], latest) then latest := 'conflict'; end if;
      outcomes := outcomes || latest;
      if latest not in ('created', 'exists') then
        raise exception 'a linked entry was refused' using errcode = 'UCT07'; -- undoes what its link has posted
      end if;
    end loop;
  exception when sqlstate 'UCT07' then
    refused := cardinality(outcomes);
  end;
  return query select k, case when refused is null or k = refused then outcomes[k] else 'link-refused' end from generate_series(1, cardinality(items)) k;
end $$;

-- The one way into the ledger. Takes parallel arrays, one element per entry, and posts them in that order. From p_pendings on an array may be
-- shorter than the others, or empty: what is missing is null. A batch is one statement when everything in it is new, plain and above every
-- floor; otherwise it goes item by item. Entries with one link_id that stand side by side are created all together or not at all. Returns only
-- the positions (from 1) whose result is not 'created':
--   'exists' (same id, same content), 'conflict' (same id, other content), 'insufficient' (a floor would be broken), 'currency-not-held',
--   'other-fund' (its accounts are of two funds), 'accounts-not-of-kind', 'period-closed', 'pending-mismatch', 'already-resolved',
--   'reversal-mismatch', 'already-reversed', 'never-paid' (what comes back was not settled before), 'already-returned' (it came back before),
--   'link-refused' (another of its link was).
-- A refused item leaves no trace; the others stand.
-- Planner settings: balance and account are tiny beside entry, and a sequential scan chosen for them turns quadratic as funds grow.
create function ledger.post_entries(p_ids uuid[], p_debits bigint[], p_credits bigint[], p_currencies text[], p_amounts bigint[], p_phases text[],
                                    p_kinds text[], p_sources uuid[], p_booked_on date, p_recorded_at timestamptz,
                                    p_pendings uuid[], p_obligations uuid[], p_links uuid[], p_rates uuid[], p_reversed uuid[],
                                    p_rails text[], p_happened date[], p_evidence bytea[])
returns table (item integer, result text)
language plpgsql security definer set search_path = ledger, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  n integer := cardinality(p_ids);
  is_plain boolean;
  linked entry[] := '{}';
  next record;
begin
  if n = 0 then return; end if;
  if n > 10000 then raise exception 'a batch has at most 10000 entries' using errcode = 'UCT02'; end if;
  perform pg_current_xact_id(); -- before any seq is drawn: whoever reads the log relies on it
  -- Locked in account order, so that two batches never wait for each other in a circle. Who takes a payment back (the one way in which `paid`
  -- is credited) waits for what comes back of payments, and the other way round.
  perform 1 from balance where account_id = any (array(
    select a from unnest(p_debits || p_credits) a
    union
    select returned.id from account paid join account returned using (fund_id, currency)
    where 'reversal' = any (p_kinds) and paid.id = any (p_credits) and paid.kind = 'paid' and returned.kind = 'returned')) order by account_id for update;

  is_plain := cardinality(p_pendings) = 0 and cardinality(p_links) = 0 and cardinality(p_reversed) = 0
    and not (p_phases && array['post', 'void']) and not (p_kinds && array['return', 'reverse', 'reversal'])
    and not exists (select from entry e where e.id = any (p_ids))
    and (select count(distinct i) = n from unnest(p_ids) i)
    -- Every combination of accounts, currency and kind is one that may be; a batch has few of them.
    and not exists (
      select from (select distinct debit_id, credit_id, currency, kind from unnest(p_debits, p_credits, p_currencies, p_kinds)
                   as i(debit_id, credit_id, currency, kind)) used
      left join account debit on debit.id = used.debit_id and debit.currency = used.currency
      left join account credit on credit.id = used.credit_id and credit.currency = used.currency
      where debit.fund_id is distinct from credit.fund_id or debit.id is null
         or not exists (select from flow where flow.kind = used.kind and debit_kind = debit.kind and credit_kind = credit.kind)
         or exists (select from period_closing p where p.fund_id = debit.fund_id and p.through >= p_booked_on))
    -- Enough for every prefix: what all items together take out fits, whatever comes in.
    and not exists (
      select from (select account_id, sum(dr)::bigint dr, sum(cr)::bigint cr
                   from (select a account_id, m dr, 0 cr from unnest(p_debits, p_amounts) d(a, m)
                         union all select a, 0, m from unnest(p_credits, p_amounts) c(a, m)) one_side
                   group by account_id) taken
      left join balance b using (account_id)
      where b.account_id is null
         or case b.normal_side when 'debit' then b.debits_posted - b.credits_posted - b.credits_pending - taken.cr
                               else b.credits_posted - b.debits_posted - b.debits_pending - taken.dr end < b.floor_minor);

  if is_plain then
    insert into entry (id, debit_id, credit_id, currency, amount_minor, phase, kind, source_id, obligation_id, exchange_rate_id, rail, happened_on,
                       evidence_sha256, booked_on, recorded_at)
    select i.id, i.debit_id, i.credit_id, i.currency, i.amount_minor, i.phase, i.kind, i.source_id, i.obligation_id, i.exchange_rate_id, i.rail,
           i.happened_on, i.evidence_sha256, p_booked_on, p_recorded_at
    from unnest(p_ids, p_debits, p_credits, p_currencies, p_amounts, p_phases, p_kinds, p_sources, p_obligations, p_rates, p_rails, p_happened, p_evidence)
         as i(id, debit_id, credit_id, currency, amount_minor, phase, kind, source_id, obligation_id, exchange_rate_id, rail, happened_on, evidence_sha256);
    update balance b
    set debits_posted = b.debits_posted + moved.dr_posted, debits_pending = b.debits_pending + moved.dr_pending,
        credits_posted = b.credits_posted + moved.cr_posted, credits_pending = b.credits_pending + moved.cr_pending
    from (select account_id,
                 coalesce(sum(dr) filter (where phase = 'single'), 0)::bigint dr_posted, coalesce(sum(dr) filter (where phase = 'pending'), 0)::bigint dr_pending,
                 coalesce(sum(cr) filter (where phase = 'single'), 0)::bigint cr_posted, coalesce(sum(cr) filter (where phase = 'pending'), 0)::bigint cr_pending
          from (select a account_id, m dr, 0 cr, p phase from unnest(p_debits, p_amounts, p_phases) d(a, m, p)
                union all select a, 0, m, p from unnest(p_credits, p_amounts, p_phases) c(a, m, p)) one_side
          group by account_id) moved
    where b.account_id = moved.account_id;
    return;
  end if;

  for next in
    select i.ordinality::integer place, i.link_id is not null and i.link_id is not distinct from lead(i.link_id) over (order by i.ordinality) goes_on,
           row(i.id, null, null, i.debit_id, i.credit_id, i.currency, i.amount_minor, i.phase, i.pending_id, i.kind, i.source_id, i.obligation_id,
               p_booked_on, p_recorded_at, i.link_id, i.exchange_rate_id, i.reverses_id, i.rail, i.happened_on, i.evidence_sha256)::entry entry
    from unnest(p_ids, p_debits, p_credits, p_currencies, p_amounts, p_phases, p_pendings, p_kinds, p_sources, p_obligations, p_links, p_rates,
                p_reversed, p_rails, p_happened, p_evidence) with ordinality
         as i(id, debit_id, credit_id, currency, amount_minor, phase, pending_id, kind, source_id, obligation_id, link_id, exchange_rate_id,
              reverses_id, rail, happened_on, evidence_sha256, ordinality)
    order by i.ordinality
  loop
    linked := linked || next.entry;
    if next.goes_on then continue; end if;
    return query select next.place - cardinality(linked) + o.place, o.outcome from ledger.post_together(linked) o where o.outcome <> 'created';
    linked := '{}';
  end loop;
end $$;

-- What each account holds, folded from the entries themselves (not from the cache).
create view ledger.folded_balance as
select a.id account_id, a.fund_id, a.currency, a.kind, a.rail, a.holder_id, a.normal_side,
       coalesce(d.posted, 0)::bigint debits_posted, coalesce(c.posted, 0)::bigint credits_posted,
       coalesce(d.pending, 0)::bigint debits_pending, coalesce(c.pending, 0)::bigint credits_pending
from ledger.account a
left join (select debit_id id, sum(amount_minor) filter (where phase in ('single', 'post')) posted,
                  coalesce(sum(amount_minor) filter (where phase = 'pending' and not exists (select from ledger.entry r where r.pending_id = e.id)), 0) pending
           from ledger.entry e group by debit_id) d on d.id = a.id
left join (select credit_id id, sum(amount_minor) filter (where phase in ('single', 'post')) posted,
                  coalesce(sum(amount_minor) filter (where phase = 'pending' and not exists (select from ledger.entry r where r.pending_id = e.id)), 0) pending
           from ledger.entry e group by credit_id) c on c.id = a.id;

-- Funds that were opened before have the new accounts too.
select ledger.open_account(f.id, f.currency, k.kind) from payments.fund f cross join (values ('returned'), ('exchange')) k(kind);

revoke all on function ledger.came_back, ledger.post_one, ledger.post_together, ledger.post_entries, ledger.open_account, ledger.require_whole_link from public;
grant select on ledger.folded_balance, ledger.flow, ledger.period_closing to uct_service, uct_reports;
grant execute on function ledger.post_entries, ledger.open_account to uct_service;
