-- What paying needs of a person: names and payee details of those whose transfers are in a run, and of nobody else. Each reading is recorded.
set local role uct_owner;

create function pii.open_payees(p_transfers uuid[], p_event_ids uuid[], p_actor uuid, p_request_id text, p_at timestamptz)
returns table (transfer_id uuid, client_id uuid, version integer, sealed bytea, provider text, key_id text, wrapped bytea, presumed_child boolean)
language plpgsql security definer set search_path = pii, pg_temp as $$
begin
  if cardinality(p_event_ids) < cardinality(p_transfers) then raise exception 'an id for each reading is needed'; end if;
  insert into access.audit_event (id, at, actor_id, act, subject_kind, subject_id, request_id, detail)
  select p_event_ids[t.place], p_at, p_actor, 'payee.read', 'client', o.client_id::text, p_request_id, jsonb_build_object('run', o.run_id, 'transfer', o.id)
  from unnest(p_transfers) with ordinality t(id, place) join payments.obligation o on o.id = t.id
  where o.run_id is not null and o.state <> 'cancelled' order by t.place;
  return query
  select o.id, o.client_id, i.version, i.sealed, k.provider, k.key_id, k.wrapped, s.presumed_child
  from payments.obligation o
  join casework.payment_standing s on s.client_id = o.client_id
  join data_key k on k.client_id = o.client_id
  join lateral (select v.version, v.sealed from identity v where v.client_id = o.client_id order by v.version desc limit 1) i on true
  where o.id = any (p_transfers) and o.run_id is not null and o.state <> 'cancelled';
end $$;
revoke all on function pii.open_payees from public;
grant execute on function pii.open_payees to uct_service;
