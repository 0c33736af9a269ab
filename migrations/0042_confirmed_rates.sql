-- An exchange rate counts when a second person has confirmed it. What was recorded before stays in force. See docs/decisions/0025.
set local role uct_owner;

alter table payments.exchange_rate add column needs_confirmation boolean not null default false;
alter table payments.exchange_rate alter column needs_confirmation set default true;

create table payments.exchange_rate_confirmed (
  rate_id uuid primary key references payments.exchange_rate,
  confirmed_by uuid not null references access.app_user,
  confirmed_at timestamptz not null
);
call access.make_append_only('payments.exchange_rate_confirmed');
create trigger confirmer_is_confirmed before insert on payments.exchange_rate_confirmed for each row
  execute function access.refuse_awaiting('confirmed_by');

create function payments.refuse_confirming_own_rate() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if exists (select from exchange_rate where id = new.rate_id and recorded_by = new.confirmed_by) then
    raise exception 'whoever recorded a rate does not confirm it' using errcode = 'UCT31';
  end if;
  if exists (select from exchange_rate_struck_out where rate_id = new.rate_id) then
    raise exception 'the rate was struck out' using errcode = 'UCT99';
  end if;
  return new;
end $$;
create trigger refuse_confirming_own_rate before insert on payments.exchange_rate_confirmed for each row
  execute function payments.refuse_confirming_own_rate();

-- Nothing is changed at it before.
create function payments.refuse_unconfirmed_rate() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if exists (select from exchange_rate r where r.id = new.exchange_rate_id and r.needs_confirmation
             and not exists (select from exchange_rate_confirmed where rate_id = r.id)) then
    raise exception 'the rate awaits confirmation' using errcode = 'UCT30';
  end if;
  return new;
end $$;
create trigger rate_is_confirmed before insert on payments.exchange for each row execute function payments.refuse_unconfirmed_rate();

-- As in 0033, of the rates that are confirmed.
create or replace function payments.approvals_asked(p_currencies text[], p_minor bigint[], p_signers uuid[]) returns smallint
language sql stable security definer set search_path = payments, pg_temp as $$
  with in_force as (
    select l.currency, l.steps from approval_limits_confirmed c join approval_limits l on l.id = c.limits_id order by c.seq desc limit 1
  ), step as (
    select (s ->> 'aboveMinor')::numeric above, (s ->> 'approvals')::smallint approvals from in_force, jsonb_array_elements(steps) s
  ), standing_rate as (
    select r.* from exchange_rate r
    where (not r.needs_confirmation or exists (select from exchange_rate_confirmed c where c.rate_id = r.id))
      and not exists (select from exchange_rate_struck_out x where x.rate_id = r.id and not array[x.asked_by, x.confirmed_by] && p_signers)
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

revoke all on function payments.refuse_confirming_own_rate, payments.refuse_unconfirmed_rate from public;
grant select, insert on payments.exchange_rate_confirmed to uct_service;
