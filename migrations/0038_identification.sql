-- Identification: which elements of trafficking somebody told of, and what an authority said of it. Nothing that helps or pays reads it.
set local role uct_owner;

-- In versions of which the latest counts. It is the most dangerous thing that is held of anybody: all that it says is sealed with the client's
-- data key, padded so that its length says nothing either.
create table casework.identification (
  id uuid primary key,
  seq bigint generated always as identity,
  client_id uuid not null references casework.client,
  replaces uuid unique references casework.identification,   -- the latest until then, which whoever recorded this had read; null for the first
  recorded_on date not null,
  content_sealed bytea not null check (length(content_sealed) between 29 and 65536),
  recorded_by uuid not null references access.app_user,
  recorded_at timestamptz not null,
  content_sha256 bytea not null check (length(content_sha256) = 32)
);
create index identification_client on casework.identification (client_id, seq);
call access.make_append_only('casework.identification');
call casework.hold_only_with_consent('casework.identification');
call casework.refuse_rows_of_erased('casework.identification');

-- Of two people who record at the same moment, the second has not read what the first one recorded, and would hide it.
create function casework.follow_identification() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
begin
  perform 1 from client where id = new.client_id for no key update;
  if new.replaces is distinct from (select id from identification where client_id = new.client_id order by seq desc limit 1) then
    raise exception 'this identification does not follow the latest' using errcode = 'UCT13';
  end if;
  return new;
end $$;
create trigger follow_identification before insert on casework.identification for each row execute function casework.follow_identification();

-- When the client is erased, not even that there was one is left; before, no row goes.
drop trigger append_only_rows on casework.identification;
create trigger kept_rows before update on casework.identification for each row execute function access.refuse_change();
create function casework.keep_identification_unless_erased() returns trigger
language plpgsql security definer set search_path = casework, pg_temp as $$
begin
  if exists (select from pii.erased_client where client_id = old.client_id) then return old; end if;
  raise exception 'delete on casework.identification is refused: it goes when the client is erased, and not before' using errcode = 'UCT01';
end $$;
create trigger erasable_rows before delete on casework.identification for each row execute function casework.keep_identification_unless_erased();

create function casework.forget_identification() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
begin
  delete from identification where client_id = new.client_id;
  return null;
end $$;
-- In order of their names: `erased_has_nothing` has locked the client by then.
create trigger erased_is_not_identified after insert on pii.erased_client for each row execute function casework.forget_identification();

revoke all on function casework.follow_identification, casework.keep_identification_unless_erased, casework.forget_identification from public;
grant select, insert on casework.identification to uct_service;
