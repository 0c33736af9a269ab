-- Keys that can be changed: each data key says which key it is wrapped under, can be wrapped anew, and never comes back for an erased client.
set local role uct_owner;

-- What all other keys of the service are derived from: random for a new database, the first master key for one from before. Sealed under the
-- master key of the day, so that the master key can be changed and what is derived stays.
create table access.root_secret (
  only_row boolean primary key default true check (only_row),
  sealed bytea not null check (length(sealed) = 60)
);
grant select, insert, update (sealed) on access.root_secret to uct_service;
revoke insert on access.master_key_check from uct_service;   -- read once more, of databases from before

alter table pii.data_key
  add column key_id text not null default 'first' check (key_id ~ '^[!-~]+$' and length(key_id) <= 300),   -- 'first': wrapped before keys had ids
  add check (provider in ('local', 'vault', 'aws-kms')),
  add check (provider <> 'local' or length(wrapped) = 60);
alter table pii.data_key alter column key_id drop default;
create index data_key_under on pii.data_key (provider, key_id, client_id);

-- Clients who are erased. The list outlives backups: who stands here gets no data key and no identity any more, wherever one comes from.
-- No reference to the client: a backup from before the client was registered must be able to take the list.
create table pii.erased_client (
  client_id uuid primary key,
  erased_at timestamptz not null
);
call access.make_append_only('pii.erased_client');

create function pii.refuse_erased() returns trigger language plpgsql security definer set search_path = pii, pg_temp as $$
begin
  perform from casework.client where id = new.client_id for key share;   -- waits for an erasure that is under way
  if exists (select from erased_client where client_id = new.client_id) then
    raise exception 'the client is erased and gets no row in pii.%', tg_table_name using errcode = 'UCT16';
  end if;
  return new;
end $$;
create trigger not_of_erased before insert on pii.data_key for each row execute function pii.refuse_erased();
create trigger not_of_erased before insert on pii.identity for each row execute function pii.refuse_erased();

create function pii.erase_who_is_listed() returns trigger language plpgsql security definer set search_path = pii, pg_temp as $$
begin
  -- First what is there, which a rewrapping may hold; then what was being stored at the same moment, once it is.
  delete from data_key where client_id = new.client_id;
  perform from casework.client where id = new.client_id for update;
  delete from data_key where client_id = new.client_id;
  delete from identity where client_id = new.client_id;
  return null;
end $$;
create trigger erased_has_nothing after insert on pii.erased_client for each row execute function pii.erase_who_is_listed();

drop function pii.store_data_key(uuid, text, bytea);
create function pii.store_data_key(p_client_id uuid, p_provider text, p_key_id text, p_wrapped bytea) returns void
language sql security definer set search_path = pii, pg_temp as $$
  insert into data_key (client_id, provider, key_id, wrapped) values (p_client_id, p_provider, p_key_id, p_wrapped);
$$;

drop function pii.wrapped_data_key(uuid);
create function pii.wrapped_data_key(p_client_id uuid) returns table (provider text, key_id text, wrapped bytea)
language sql stable security definer set search_path = pii, pg_temp as $$
  select provider, key_id, wrapped from data_key where client_id = p_client_id;
$$;

drop function pii.open_identity(uuid, uuid, uuid, text, text, timestamptz);
create function pii.open_identity(p_client_id uuid, p_event_id uuid, p_actor uuid, p_request_id text, p_reason text, p_at timestamptz)
returns table (version integer, sealed bytea, provider text, key_id text, wrapped bytea)
language plpgsql security definer set search_path = pii, access, pg_temp as $$
begin
  insert into access.audit_event (id, at, actor_id, act, subject_kind, subject_id, request_id, detail)
  values (p_event_id, p_at, p_actor, 'identity.read', 'client', p_client_id::text, p_request_id, jsonb_build_object('reason', p_reason));
  return query select i.version, i.sealed, k.provider, k.key_id, k.wrapped from pii.identity i join pii.data_key k using (client_id)
               where i.client_id = p_client_id order by i.version desc limit 1;
end $$;

-- Keys that are not under the one named, from a client on.
create function pii.data_keys_to_rewrap(p_provider text, p_key_id text, p_after uuid, p_limit integer)
returns table (client_id uuid, provider text, key_id text, wrapped bytea)
language sql stable security definer set search_path = pii, pg_temp as $$
  select client_id, provider, key_id, wrapped from data_key
  where (provider, key_id) <> (p_provider, p_key_id) and client_id > p_after order by client_id limit p_limit;
$$;

-- Puts each key under another wrapping, where it is still the one that was unwrapped. How many were.
create function pii.rewrap_data_keys(p_clients uuid[], p_before bytea[], p_provider text, p_key_ids text[], p_after bytea[]) returns integer
language plpgsql security definer set search_path = pii, pg_temp as $$
declare rewrapped integer;
begin
  update data_key k set provider = p_provider, key_id = n.key_id, wrapped = n.after
  from unnest(p_clients, p_before, p_key_ids, p_after) n(client_id, before, key_id, after)
  where k.client_id = n.client_id and k.wrapped = n.before;
  get diagnostics rewrapped = row_count;
  return rewrapped;
end $$;

create function pii.count_data_keys() returns table (provider text, key_id text, keys bigint)
language sql stable security definer set search_path = pii, pg_temp as $$
  select provider, key_id, count(*) from data_key group by provider, key_id order by provider, key_id;
$$;

-- For the file in which keys are kept apart from all else.
create function pii.data_keys_after(p_after uuid, p_limit integer) returns table (client_id uuid, provider text, key_id text, wrapped bytea)
language sql stable security definer set search_path = pii, pg_temp as $$
  select client_id, provider, key_id, wrapped from data_key where client_id > p_after order by client_id limit p_limit;
$$;

create function pii.erased_clients() returns table (client_id uuid, erased_at timestamptz)
language sql stable security definer set search_path = pii, pg_temp as $$
  select client_id, erased_at from erased_client order by client_id;
$$;

-- Takes over who was erased, from a file: their keys go, and so do their identities, which an older backup may have brought back.
-- How many of them this database did not know as erased.
create function pii.restore_erased(p_clients uuid[], p_erased_at timestamptz[]) returns integer
language plpgsql security definer set search_path = pii, pg_temp as $$
declare added integer;
begin
  insert into erased_client (client_id, erased_at) select * from unnest(p_clients, p_erased_at) on conflict do nothing;
  get diagnostics added = row_count;
  delete from data_key k using erased_client e where k.client_id = e.client_id;
  delete from identity i using erased_client e where i.client_id = e.client_id;
  return added;
end $$;

-- Puts back keys of clients who are here, have none, and are not erased. How many.
create function pii.restore_data_keys(p_clients uuid[], p_providers text[], p_key_ids text[], p_wrapped bytea[]) returns integer
language plpgsql security definer set search_path = pii, pg_temp as $$
declare restored integer;
begin
  insert into data_key (client_id, provider, key_id, wrapped)
  select n.client_id, n.provider, n.key_id, n.wrapped
  from unnest(p_clients, p_providers, p_key_ids, p_wrapped) n(client_id, provider, key_id, wrapped)
  join casework.client c on c.id = n.client_id
  where not exists (select from erased_client e where e.client_id = n.client_id)
  on conflict do nothing;
  get diagnostics restored = row_count;
  return restored;
end $$;

-- Clients who can be opened by nobody, and are not erased: their key is in no backup that was restored.
create function pii.count_without_key() returns bigint
language sql stable security definer set search_path = pii, pg_temp as $$
  select count(*) from casework.client c where not exists (select from data_key k where k.client_id = c.id)
    and not exists (select from erased_client e where e.client_id = c.id);
$$;

revoke all on all functions in schema pii from public;
grant execute on function pii.store_data_key, pii.wrapped_data_key, pii.open_identity, pii.data_keys_to_rewrap, pii.rewrap_data_keys,
  pii.count_data_keys, pii.data_keys_after, pii.erased_clients, pii.restore_erased, pii.restore_data_keys, pii.count_without_key to uct_service;
