-- Whom a payment goes to is what was put together and signed, whatever is corrected later; and what paying needs of a person is opened of
-- those who are to be paid, and of nobody else. Each reading is recorded.
set local role uct_owner;

-- Every rail pays somebody, and so does cash: which version of who they are is part of what is signed.
update payments.enrolment e set payee_ref = 'identity/' || (select max(version) from pii.identity i where i.client_id = e.client_id)
where payee_ref is null;
alter table payments.enrolment add constraint enrolment_names_payee check (payee_ref is not null) not valid;

-- Null in rows from before.
alter table payments.run_item add column rail text, add column payee_ref text,
  add constraint run_item_names_payee check (rail is not null and payee_ref is not null) not valid;

create or replace function payments.refuse_attempt() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform hold_off_withdrawals();
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
  return null;
end $$;

-- What a run was put together of, and nothing else, is what its digest is of: all of it, whatever became of somebody's consent meanwhile. What
-- `run_digest` then says of this moment differs, and the run is put together again.
create function payments.digest_when_put_together(p_run_id uuid) returns text
language sql stable security definer set search_path = payments, pg_temp as $$
  select coalesce(encode(sha256(convert_to(string_agg(concat_ws('|', o.id, o.client_id, e.rail, coalesce(e.payee_ref, '-'), o.currency,
                                                                o.amount_minor, o.due_on), E'\n' order by o.id), 'UTF8')), 'hex'), '')
  from obligation o join enrolment e on e.id = o.enrolment_id where o.run_id = p_run_id and o.state = 'in_run';
$$;

create function payments.digest_of_items(p_run_id uuid) returns text
language sql stable security definer set search_path = payments, pg_temp as $$
  select coalesce(encode(sha256(convert_to(string_agg(concat_ws('|', o.id, o.client_id, i.rail, i.payee_ref, i.currency,
                                                                i.amount_minor, o.due_on), E'\n' order by o.id), 'UTF8')), 'hex'), '')
  from run_item i join obligation o on o.id = i.obligation_id where i.run_id = p_run_id;
$$;

create function payments.require_digest_of_items() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if exists (select from (select distinct run_id from fresh) f join run r on r.id = f.run_id where r.digest <> digest_of_items(r.id)) then
    raise exception 'the digest of a run is not of what is in it' using errcode = '40001';
  end if;
  return null;
end $$;
create trigger digested after insert on payments.run_item referencing new table as fresh for each statement
  execute function payments.require_digest_of_items();
revoke all on function payments.digest_when_put_together, payments.digest_of_items, payments.require_digest_of_items from public;
grant execute on function payments.digest_when_put_together, payments.digest_of_items to uct_service;

-- Opens, of the transfers named, those that are to be paid in that run at this moment: the version of who the person is that stands in the run.
create function pii.open_payees(p_run uuid, p_transfers uuid[], p_event_ids uuid[], p_actor uuid, p_request_id text, p_at timestamptz)
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
    and coalesce(r.rail, e.rail) = any (s.payable_by);
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
revoke all on function pii.open_payees from public;
grant execute on function pii.open_payees to uct_service;
