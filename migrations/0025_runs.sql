-- Runs say what there is to see before they are signed; how many approve depends on the run's total; nobody is paid two instalments in one month
-- unless that is what was approved. See docs/decisions/0021.
set local role uct_owner;

-- ---- How many approve

-- So many approvals for a run whose total is above so much, in the programme's currency. In force is the latest that a second person confirmed.
create table payments.approval_limits (
  id uuid primary key,
  seq bigint generated always as identity,
  currency text not null references ledger.currency,
  steps jsonb not null check (jsonb_typeof(steps) = 'array' and jsonb_array_length(steps) between 1 and 5),   -- [{"aboveMinor": "0", "approvals": 1}, ...]
  proposed_by uuid not null references access.app_user,
  proposed_at timestamptz not null,
  unique (id, proposed_by)
);
call access.make_append_only('payments.approval_limits');

create table payments.approval_limits_confirmed (
  limits_id uuid primary key,
  proposed_by uuid not null,
  seq bigint generated always as identity,
  confirmed_by uuid not null references access.app_user check (confirmed_by <> proposed_by),
  confirmed_at timestamptz not null,
  foreign key (limits_id, proposed_by) references payments.approval_limits (id, proposed_by)
);
call access.make_append_only('payments.approval_limits_confirmed');

create trigger confirmer_is_confirmed before insert on payments.approval_limits_confirmed for each row
  execute function access.refuse_awaiting('confirmed_by', 'proposed_by');

-- How many approve sums of money (currencies and minor units, side by side): one where nothing was decided, and the most that was ever asked
-- for where a sum cannot be changed into the programme's currency because no rate is recorded. A rate is one person's word: of those of the last
-- three months and the one in force before them the dearest counts, so that nobody makes a run cheaper by recording another one.
create function payments.approvals_for(p_currencies text[], p_minor bigint[]) returns smallint
language sql stable security definer set search_path = payments, pg_temp as $$
  with in_force as (
    select l.currency, l.steps from approval_limits_confirmed c join approval_limits l on l.id = c.limits_id order by c.seq desc limit 1
  ), step as (
    select (s ->> 'aboveMinor')::numeric above, (s ->> 'approvals')::smallint approvals from in_force, jsonb_array_elements(steps) s
  ), part as (
    select case when sum.currency = f.currency then sum.minor::numeric
                else (select sum.minor * case when r.base = sum.currency then r.rate else 1 / r.rate end
                             * power(10::numeric, (into_c.minor_units - from_c.minor_units))
                      from exchange_rate r, ledger.currency into_c, ledger.currency from_c
                      where (r.base, r.quote) in ((sum.currency, f.currency), (f.currency, sum.currency))
                        and into_c.code = f.currency and from_c.code = sum.currency
                        and (r.recorded_at > newest.at - interval '92 days'
                             or r.id = (select old.id from exchange_rate old
                                        where (old.base, old.quote) in ((sum.currency, f.currency), (f.currency, sum.currency))
                                          and old.recorded_at <= newest.at - interval '92 days'
                                        order by old.as_of desc, old.recorded_at desc, old.id desc limit 1))
                      order by 1 desc limit 1) end minor
    from in_force f cross join unnest(p_currencies, p_minor) sum(currency, minor)
    cross join lateral (select least(max(recorded_at), now()) at from exchange_rate
                        where (base, quote) in ((sum.currency, f.currency), (f.currency, sum.currency))) newest
  )
  select coalesce(case when exists (select from part where minor is null) then (select max(approvals) from step)
                       else (select max(approvals) from step where above < (select sum(minor) from part)) end, 1)::smallint;
$$;

create function payments.approvals_for_run(p_run_id uuid) returns smallint
language sql stable security definer set search_path = payments, pg_temp as $$
  select approvals_for(array_agg(currency), array_agg(minor)) from (
    select currency, sum(amount_minor)::bigint minor from run_item where run_id = p_run_id group by currency) total;
$$;

-- As many as the run asked for, and as many as the limits ask for now.
create or replace function payments.require_approvals() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
declare needed smallint;
begin
  select greatest(approvals_needed, approvals_for_run(id)) into strict needed from run where id = new.run_id for update;
  if (select count(*) from run_signature where run_id = new.run_id and act = 'approve') < needed then
    raise exception 'a run is released after % approval(s)', needed using errcode = 'UCT04';
  end if;
  return new;
end $$;

-- ---- What there is to see before signing

-- Whether a run was still what it was put together as when somebody signed: sent back because it was not, it is no decision against its contents.
alter table payments.run_signature add column digest_held boolean;

alter table payments.run
  add column catch_up boolean not null default false,    -- of transfers that would be a second one in the month
  add column breakdown jsonb not null default '[]',      -- count and sum by country, fund and rail
  add column changes jsonb not null default '{}',        -- since the month before
  add column warnings jsonb not null default '[]';

-- When it was changed whom a client's payments go to; by a correction of who they are.
create table payments.payee_change (
  id uuid primary key,
  client_id uuid not null references casework.client,
  version integer not null,
  changed_by uuid not null references access.app_user,
  changed_at timestamptz not null
);
create index payee_change_client on payments.payee_change (client_id, changed_at);
call access.make_append_only('payments.payee_change');

-- Account numbers of the staff, as keyed digests that nobody can read: a client who is paid there is shown to whoever signs.
create table pii.staff_account (
  user_id uuid not null references access.app_user,
  token bigint not null,
  primary key (user_id, token)
);
create index staff_account_token on pii.staff_account (token);

create function pii.replace_staff_accounts(p_user_id uuid, p_tokens bigint[]) returns void
language sql security definer set search_path = pii, pg_temp as $$
  delete from staff_account where user_id = p_user_id;
  insert into staff_account (user_id, token) select p_user_id, token from unnest(p_tokens) token on conflict do nothing;
$$;

-- Of these clients, who has an account number in common with another client, and who with somebody of the staff.
create function pii.shared_accounts(p_clients uuid[]) returns table (client_id uuid, with_whom text)
language sql stable security definer set search_path = pii, pg_temp as $$
  select distinct mine.client_id, 'client' from person_token mine join person_token other on other.token = mine.token and other.client_id <> mine.client_id
  where mine.client_id = any (p_clients) and mine.kind = 5 and other.kind = 5
  union
  select distinct mine.client_id, 'staff' from person_token mine join staff_account s on s.token = mine.token
  where mine.client_id = any (p_clients) and mine.kind = 5;
$$;

-- ---- One instalment a month

alter table payments.run_departure drop constraint run_departure_reason_check,
  add constraint run_departure_reason_check check (reason in ('no-consent', 'second-in-month'));

-- In which month of their own calendar a client was, or may have been, paid an instalment: what was sent and not proven to have failed. Paying another
-- instalment in that month would be the second; another try of the same one is none. No function, so that a run of many asks it as one question.
create view payments.paid_month as
select o.client_id, o.id obligation_id, o.instalment, date_trunc('month', a.instructed_on)::date paid_month
from payments.obligation o join payments.attempt a on a.obligation_id = o.id where a.state in ('instructed', 'accepted', 'unknown', 'settled');

create or replace function payments.refuse_attempt() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform hold_off_withdrawals();
  perform pg_advisory_xact_lock(hashtextextended('instructing', 0));   -- of two that instruct a client at once, the later one sees the earlier
  if exists (select from fresh f join obligation o on o.id = f.obligation_id join casework.payment_standing s on s.client_id = o.client_id
             where not f.rail = any (s.payable_by)) then
    raise exception 'a client may not be paid by that rail' using errcode = 'UCT44';
  end if;
  if exists (select from fresh f join run_departure d using (run_id, obligation_id)) then
    raise exception 'a transfer that left a run is not instructed in it' using errcode = 'UCT06';
  end if;
  if exists (select from fresh f join run_item i using (run_id, obligation_id)
             where i.rail is not null and (f.rail, f.payee_ref) is distinct from (i.rail, i.payee_ref)) then
    raise exception 'a transfer is paid by the rail and to the payee that were signed' using errcode = 'UCT06';
  end if;
  if exists (select from fresh f join obligation o on o.id = f.obligation_id join run r on r.id = f.run_id
             join paid_month m on m.client_id = o.client_id and m.obligation_id <> o.id and m.instalment <> o.instalment
               and coalesce(m.paid_month = date_trunc('month', f.instructed_on)::date, true)
             where not r.catch_up and o.tops_up is null) then   -- a column of 0030
    raise exception 'two instalments in one month are paid as a catch-up that was approved' using errcode = 'UCT73';
  end if;
  return null;
end $$;

revoke all on function payments.approvals_for, payments.approvals_for_run, pii.replace_staff_accounts, pii.shared_accounts from public;
grant execute on function payments.approvals_for, payments.approvals_for_run, pii.replace_staff_accounts, pii.shared_accounts to uct_service;
grant select on payments.paid_month to uct_service;
grant select, insert on payments.approval_limits, payments.approval_limits_confirmed, payments.payee_change to uct_service;
