-- What a person says became of a payment counts once a second person says the same, where nothing else proves it; a payment of which nobody knows
-- has an owner; and what is on its way can be stopped, by the client's wish or for safety. See docs/decisions/0015.
set local role uct_owner;

-- Where evidence comes from. Rows from before say `person`.
alter table payments.evidence
  add column source text not null default 'person' check (source in ('person', 'rail', 'statement', 'schedule')),
  add column confirmed_by uuid references access.app_user,
  add constraint evidence_confirmed_by_another check (confirmed_by <> recorded_by);

-- Of what a person tells. `p_state`: of the attempt, before it. Triggers let a person say "not sent" of a bank's file only while nobody took it, and of
-- mobile money that it failed only while it was not sent.
create function payments.needs_two(p_rail text, p_kind text, p_code text, p_state text) returns boolean language sql immutable parallel safe as $$
  select p_kind in ('resolved-paid', 'resolved-not-paid')
      or p_kind in ('settled', 'failed', 'returned', 'reversed')
         and not (p_kind = 'failed' and (p_rail = 'mobile-money' or p_rail = 'bank-file' and coalesce(p_code, '') = 'not-sent'))
         and (p_rail <> 'cash' or p_state = 'unknown');
$$;

-- Who told what. `says` is the same for two people who tell the same, and is the id of the evidence that it becomes.
create table payments.told_result (
  says uuid not null,
  attempt_id uuid not null references payments.attempt,
  kind text not null,
  rail_code text check (length(rail_code) between 1 and 40),
  happened_on date not null,
  reference text check (length(reference) between 1 and 140),
  told_by uuid not null references access.app_user,
  told_at timestamptz not null,
  primary key (says, told_by)
);
create index told_result_attempt on payments.told_result (attempt_id);
call access.make_append_only('payments.told_result');

-- Whoever awaits confirmation says nothing that counts. Arguments: the columns that say who.
create function access.refuse_awaiting() returns trigger language plpgsql security definer set search_path = access, pg_temp as $$
begin
  if exists (select from awaited_confirmation w join unnest(tg_argv) who on w.user_id = (to_jsonb(new) ->> who)::uuid) then
    raise exception 'whoever awaits confirmation says nothing that counts' using errcode = 'UCT26';
  end if;
  return new;
end $$;
revoke all on function access.refuse_awaiting from public;
create trigger teller_is_confirmed before insert on payments.told_result for each row execute function access.refuse_awaiting('told_by');

-- What comes by a voucher has rules of its own, see 0026_cash.sql.
create function payments.require_two() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if exists (select from fresh f join attempt a on a.id = f.attempt_id
             where f.source = 'person' and needs_two(a.rail, f.kind, f.rail_code, a.state)
               and not exists (select from voucher v where v.attempt_id = f.attempt_id)
               and (f.confirmed_by is null
                    or (select count(*) from told_result t
                        where t.says = f.id and t.told_by in (f.recorded_by, f.confirmed_by)
                          and (t.attempt_id, t.kind, t.happened_on) = (f.attempt_id, f.kind, f.happened_on)
                          and (t.rail_code, t.reference) is not distinct from (f.rail_code, f.reference)) < 2)) then
    raise exception 'two people tell this of a payment' using errcode = 'UCT71';
  end if;
  return null;
end $$;
create trigger told_by_two after insert on payments.evidence referencing new table as fresh for each statement execute function payments.require_two();

-- ---- Payments of which nobody knows

create table payments.unknown_owner (
  id uuid primary key,
  seq bigint generated always as identity,
  attempt_id uuid not null references payments.attempt,
  owner_id uuid not null references access.app_user,
  assigned_by uuid not null references access.app_user,
  assigned_at timestamptz not null
);
create index unknown_owner_attempt on payments.unknown_owner (attempt_id, seq);
call access.make_append_only('payments.unknown_owner');

create function payments.require_owner_who_can() returns trigger language plpgsql security definer set search_path = access, pg_temp as $$
begin
  if not exists (select from app_user u join user_role r on r.user_id = u.id
                 where u.id = new.owner_id and u.disabled_at is null and r.role like 'finance-%') then
    raise exception 'a payment that is unknown is given to somebody of finance who works here' using errcode = 'UCT72';
  end if;
  return new;
end $$;
create trigger owner_can before insert on payments.unknown_owner for each row execute function payments.require_owner_who_can();

-- Raised once for each time that a payment became unknown and stayed so for a day.
create table payments.unknown_alert (
  attempt_id uuid not null references payments.attempt,
  unknown_since timestamptz not null,
  raised_at timestamptz not null,
  primary key (attempt_id, unknown_since)
);
call access.make_append_only('payments.unknown_alert');

-- Whose it is: whoever it was given to last, or else whoever released its run.
create view payments.unknown_payment as
select a.id attempt_id, a.obligation_id, a.run_id, a.rail, a.currency, a.amount_minor, a.instructed_on, a.unknown_since,
       coalesce((select w.owner_id from payments.unknown_owner w where w.attempt_id = a.id order by w.seq desc limit 1),
                (select s.user_id from payments.run_signature s where s.run_id = a.run_id and s.act = 'release')) owner_id
from payments.attempt a where a.state = 'unknown' and not a.superseded;

-- Whether another try of the same transfer turned out to have paid, so that this one must not leave. The transfer's row orders this and that news.
create function payments.paid_by_another_try(p_attempt uuid) returns boolean
language plpgsql security definer set search_path = payments, pg_temp as $$
declare transfer uuid;
begin
  select o.id into strict transfer from obligation o join attempt a on a.obligation_id = o.id where a.id = p_attempt for no key update of o;
  return exists (select from attempt other where other.obligation_id = transfer and other.id <> p_attempt and other.state = 'settled');
end $$;

-- ---- Stopping what is on its way

-- Whoever pays sees it and does not pay; a sender sends nothing. What was sent before cannot be called back by it.
create table payments.stop_request (
  id uuid primary key,
  attempt_id uuid not null references payments.attempt,
  reason text not null check (reason in ('client-wish', 'safety')),   -- a closed list that contains no condition
  asked_by uuid not null references access.app_user,
  asked_at timestamptz not null
);
create index stop_request_attempt on payments.stop_request (attempt_id);
call access.make_append_only('payments.stop_request');

create table payments.stop_lifted (
  stop_id uuid primary key references payments.stop_request,
  lifted_by uuid not null references access.app_user,
  lifted_at timestamptz not null
);
call access.make_append_only('payments.stop_lifted');

create view payments.stopped_attempt as
select distinct on (s.attempt_id) s.attempt_id, s.id stop_id, s.reason, s.asked_at from payments.stop_request s
where not exists (select from payments.stop_lifted l where l.stop_id = s.id) order by s.attempt_id, s.asked_at;

-- As before, and not of a payment that is stopped.
create or replace function pii.open_payees(p_run uuid, p_transfers uuid[], p_event_ids uuid[], p_actor uuid, p_request_id text, p_at timestamptz)
returns table (transfer_id uuid, client_id uuid, country text, version integer, sealed bytea, provider text, key_id text, wrapped bytea)
language plpgsql security definer set search_path = pii, pg_temp as $$
declare
  opened uuid[];
begin
  if cardinality(p_event_ids) < cardinality(p_transfers) then raise exception 'an id for each reading is needed'; end if;
  select array_agg(o.id) into opened
  from payments.obligation o
  join payments.run_item r on r.run_id = o.run_id and r.obligation_id = o.id
  join payments.enrolment e on e.id = o.enrolment_id
  join casework.payment_standing s on s.client_id = o.client_id
  where o.id = any (p_transfers) and o.run_id = p_run and o.state in ('in_run', 'approved', 'instructed', 'accepted', 'unknown')
    and coalesce(r.rail, e.rail) = any (s.payable_by)
    and not exists (select from payments.attempt a join payments.stopped_attempt stopped on stopped.attempt_id = a.id
                    where a.run_id = p_run and a.obligation_id = o.id);
  insert into access.audit_event (id, at, actor_id, act, subject_kind, subject_id, request_id, detail)
  select p_event_ids[t.place], p_at, p_actor, 'payee.read', 'client', o.client_id::text, p_request_id, jsonb_build_object('run', o.run_id, 'transfer', o.id)
  from unnest(p_transfers) with ordinality t(id, place) join payments.obligation o on o.id = t.id
  where o.id = any (opened) order by t.place;
  return query
  select o.id, o.client_id, o.country, i.version, i.sealed, k.provider, k.key_id, k.wrapped
  from payments.obligation o
  join payments.run_item r on r.run_id = o.run_id and r.obligation_id = o.id
  join payments.enrolment e on e.id = o.enrolment_id
  join data_key k on k.client_id = o.client_id
  join identity i on i.client_id = o.client_id and 'identity/' || i.version = coalesce(r.payee_ref, e.payee_ref)
  where o.id = any (opened);
end $$;

revoke all on function payments.needs_two, payments.require_two, payments.require_owner_who_can, payments.paid_by_another_try from public;
grant execute on function payments.needs_two to uct_service;
grant select, insert on payments.told_result, payments.unknown_owner, payments.unknown_alert, payments.stop_request, payments.stop_lifted to uct_service;
grant select on payments.unknown_payment, payments.stopped_attempt to uct_service;
