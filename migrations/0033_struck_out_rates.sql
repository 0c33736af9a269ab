-- A mistyped exchange rate is struck out by two people, and then counts no more: for nobody but a run that one of the two signs. See
-- docs/decisions/0021.
set local role uct_owner;

-- That somebody asks for it, once each.
create table payments.exchange_rate_doubt (
  rate_id uuid not null references payments.exchange_rate,
  asked_by uuid not null references access.app_user,
  reason text not null check (reason in ('mistyped', 'wrong-currencies', 'wrong-day', 'recorded-twice')),   -- a closed list
  asked_at timestamptz not null,
  primary key (rate_id, asked_by)
);
call access.make_append_only('payments.exchange_rate_doubt');
create trigger asker_is_confirmed before insert on payments.exchange_rate_doubt for each row execute function access.refuse_awaiting('asked_by');

-- That somebody else, who did not record it either, says the same. The rate stays where it was used.
create table payments.exchange_rate_struck_out (
  rate_id uuid primary key,
  asked_by uuid not null,
  confirmed_by uuid not null references access.app_user check (confirmed_by <> asked_by),
  confirmed_at timestamptz not null,
  foreign key (rate_id, asked_by) references payments.exchange_rate_doubt (rate_id, asked_by)
);
call access.make_append_only('payments.exchange_rate_struck_out');
create trigger confirmer_is_confirmed before insert on payments.exchange_rate_struck_out for each row
  execute function access.refuse_awaiting('confirmed_by', 'asked_by');

create function payments.refuse_striking_own_rate() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if exists (select from exchange_rate where id = new.rate_id and recorded_by = new.confirmed_by) then
    raise exception 'whoever recorded a rate does not confirm that it is struck out' using errcode = 'UCT98';
  end if;
  return new;
end $$;
create trigger refuse_striking_own_rate before insert on payments.exchange_rate_struck_out for each row
  execute function payments.refuse_striking_own_rate();

-- Nothing is changed at it any more.
create function payments.refuse_struck_out_rate() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if exists (select from exchange_rate_struck_out where rate_id = new.exchange_rate_id) then
    raise exception 'the rate was struck out' using errcode = 'UCT99';
  end if;
  return new;
end $$;
create trigger rate_stands before insert on payments.exchange for each row execute function payments.refuse_struck_out_rate();

-- As approvals_for was, of the rates that stand. One that was struck out stands for the people who struck it out: what they sign is as dear as
-- before, so nobody makes a run of their own cheaper by it.
create function payments.approvals_asked(p_currencies text[], p_minor bigint[], p_signers uuid[]) returns smallint
language sql stable security definer set search_path = payments, pg_temp as $$
  with in_force as (
    select l.currency, l.steps from approval_limits_confirmed c join approval_limits l on l.id = c.limits_id order by c.seq desc limit 1
  ), step as (
    select (s ->> 'aboveMinor')::numeric above, (s ->> 'approvals')::smallint approvals from in_force, jsonb_array_elements(steps) s
  ), standing_rate as (
    select r.* from exchange_rate r
    where not exists (select from exchange_rate_struck_out x where x.rate_id = r.id and not array[x.asked_by, x.confirmed_by] && p_signers)
  ), part as (
    select case when sum.currency = f.currency then sum.minor::numeric
                else (select sum.minor * case when r.base = sum.currency then r.rate else 1 / r.rate end
                             * power(10::numeric, (into_c.minor_units - from_c.minor_units))
                      from standing_rate r, ledger.currency into_c, ledger.currency from_c
                      where (r.base, r.quote) in ((sum.currency, f.currency), (f.currency, sum.currency))
                        and into_c.code = f.currency and from_c.code = sum.currency
                        and (r.recorded_at > newest.at - interval '92 days'
                             or r.id = (select old.id from standing_rate old
                                        where (old.base, old.quote) in ((sum.currency, f.currency), (f.currency, sum.currency))
                                          and old.recorded_at <= newest.at - interval '92 days'
                                        order by old.as_of desc, old.recorded_at desc, old.id desc limit 1))
                      order by 1 desc limit 1) end minor
    from in_force f cross join unnest(p_currencies, p_minor) sum(currency, minor)
    cross join lateral (select least(max(recorded_at), now()) at from standing_rate
                        where (base, quote) in ((sum.currency, f.currency), (f.currency, sum.currency))) newest
  )
  select coalesce(case when exists (select from part where minor is null) then (select max(approvals) from step)
                       else (select max(approvals) from step where above < (select sum(minor) from part)) end, 1)::smallint;
$$;

create or replace function payments.approvals_for(p_currencies text[], p_minor bigint[]) returns smallint
language sql stable security definer set search_path = payments, pg_temp as $$
  select approvals_asked(p_currencies, p_minor, '{}');
$$;

create function payments.approvals_for_run_signed(p_run_id uuid, p_signers uuid[]) returns smallint
language sql stable security definer set search_path = payments, pg_temp as $$
  select approvals_asked(array_agg(currency), array_agg(minor), p_signers) from (
    select currency, sum(amount_minor)::bigint minor from run_item where run_id = p_run_id group by currency) total;
$$;

create or replace function payments.approvals_for_run(p_run_id uuid) returns smallint
language sql stable security definer set search_path = payments, pg_temp as $$
  select approvals_for_run_signed(p_run_id, array(select user_id from run_signature where run_id = p_run_id));
$$;

-- As before, and whoever releases has signed too.
create or replace function payments.require_approvals() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
declare
  needed smallint;
begin
  select greatest(approvals_needed, approvals_for_run_signed(id, new.user_id || array(select user_id from run_signature where run_id = new.run_id)))
  into strict needed from run where id = new.run_id for update;
  if (select count(*) from run_signature where run_id = new.run_id and act = 'approve') < needed then
    raise exception 'a run is released after % approval(s)', needed using errcode = 'UCT04';
  end if;
  return new;
end $$;

revoke all on function payments.refuse_striking_own_rate, payments.refuse_struck_out_rate, payments.approvals_asked,
  payments.approvals_for_run_signed from public;
grant select, insert on payments.exchange_rate_doubt, payments.exchange_rate_struck_out to uct_service;
