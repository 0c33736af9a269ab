-- What the pages of paying stand on.
set local role uct_owner;

-- ---- Putting back

-- That a payment did not arrive was told by somebody else, by two people, or by the operator; a bank's file is told by whoever brought it in.
create function payments.may_put_back(p_attempt uuid, p_user uuid) returns boolean
language sql stable security definer set search_path = payments, pg_temp as $$
  select exists (select from attempt a join evidence e on e.attempt_id = a.id
                 where a.id = p_attempt
                   and e.kind = any (case a.state when 'failed' then array['failed', 'resolved-not-paid'] when 'returned' then array['returned']
                                                  when 'reversed' then array['reversed'] else '{}'::text[] end)
                   and (e.source = 'rail' or e.confirmed_by is not null or e.recorded_by <> p_user));
$$;

create or replace function payments.refuse_putting_back_alone() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if not may_put_back(new.attempt_id, new.reissued_by) then
    raise exception 'whoever alone told that a payment did not arrive does not put it back' using errcode = 'UCT79';
  end if;
  return new;
end $$;

create index obligation_not_arrived on payments.obligation (due_on, id) where state in ('failed', 'returned', 'reversed');

revoke all on function payments.may_put_back from public;
grant execute on function payments.may_put_back to uct_service;

-- ---- Runs that are asked for on a page

-- A large run is prepared in the background. Its request is here until the run of the same id is, or until it is known why there will be none.
create table payments.run_request (
  id uuid primary key,                                       -- the id that the run gets
  due_through date not null,
  country text check (country ~ '^[A-Z]{2}$'),
  catch_up boolean not null,
  asked_by uuid not null references access.app_user,
  asked_at timestamptz not null
);
call access.make_append_only('payments.run_request');
create trigger asker_is_confirmed before insert on payments.run_request for each row execute function access.refuse_awaiting('asked_by');
create index run_request_asked on payments.run_request (asked_at);

create table payments.run_request_refused (
  request_id uuid primary key references payments.run_request,
  code text not null check (code ~ '^[a-z0-9-]{1,60}$'),
  detail text not null check (length(detail) between 1 and 2000),
  refused_at timestamptz not null
);
call access.make_append_only('payments.run_request_refused');

-- A run, or a refusal, and never both: the request's row orders the two.
create function payments.refuse_run_that_was_refused() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform from run_request where id = new.id for update;
  if exists (select from run_request_refused where request_id = new.id) then
    raise exception 'this run was asked for and refused' using errcode = 'UCT70';
  end if;
  return new;
end $$;
create trigger refuse_run_that_was_refused before insert on payments.run for each row execute function payments.refuse_run_that_was_refused();

create function payments.refuse_refusing_a_run() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform from run_request where id = new.request_id for update;
  if exists (select from run where id = new.request_id) then
    raise exception 'this run is there' using errcode = 'UCT70';
  end if;
  return new;
end $$;
create trigger refuse_refusing_a_run before insert on payments.run_request_refused for each row execute function payments.refuse_refusing_a_run();

revoke all on function payments.refuse_run_that_was_refused, payments.refuse_refusing_a_run from public;
grant select, insert on payments.run_request, payments.run_request_refused to uct_service;

-- ---- What a fund is to do when wages rise: confirmed, declined or taken back, and one of them once

alter table payments.fund_policy_confirmation rename to fund_policy_decision;
alter table payments.fund_policy_decision
  add column decision text not null default 'confirm' check (decision in ('confirm', 'decline', 'withdraw')),
  add column reason text check (reason in ('donor-does-not-agree', 'fund-too-small', 'wrong-policy', 'out-of-date')),
  drop constraint policy_confirmed_by_another,
  add constraint policy_decided_by_another check ((decision = 'withdraw') = (decided_by = proposed_by)),
  add constraint policy_declined_with_reason check ((decision = 'decline') = (reason is not null));
alter table payments.fund_policy_decision alter column decision drop default;

create or replace view payments.fund_value_policy as
select f.id fund_id,
       coalesce((select c.policy from payments.fund_policy_change c
                 join payments.fund_policy_decision d on d.change_id = c.id and d.decision = 'confirm'
                 where c.fund_id = f.id order by d.seq desc limit 1), f.value_policy) policy
from payments.fund f;
