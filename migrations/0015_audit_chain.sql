-- The audit trail can be shown to be whole: after commit every event gets its place in a chain of hashes. What an event may say is held to
-- codes, counts and states, and every question that an auditor asks of it has its index.
set local role uct_owner;

drop index access.audit_event_subject;
create index audit_event_time on access.audit_event (at, seq);
create index audit_event_actor on access.audit_event (actor_id, at, seq);
create index audit_event_act on access.audit_event (act, at, seq);
create index audit_event_kind on access.audit_event (subject_kind, at, seq);
create index audit_event_subject on access.audit_event (subject_id, at, seq);

-- No name and no words of anybody fit: a text is a code in small letters without spaces, an id, a day, a quarter, a moment, a client code or
-- up to three capitals; of digits alone it is short, so that no telephone number and no account is one. Lists and counts by code, and nothing
-- deeper. A route is called by what answers it, like ClientsApiController.identity; every other subject by its id or by a code.
-- (A function, and patterns without {n,m}: both cost a fifth of what they would otherwise at each event.)
create function access.holds_codes_only(subject_kind text, subject_id text, request_id text, detail jsonb) returns boolean
language plpgsql immutable as $$
begin
  return subject_kind ~ '^[a-z][a-z-]*$' and length(subject_kind) <= 40
    and subject_id ~ '^([a-z0-9][a-z0-9._:/-]*|[A-Z][A-Za-z0-9]*[.][a-z][A-Za-z0-9]*)$' and length(subject_id) <= 120
    and request_id ~ '^[A-Za-z0-9][A-Za-z0-9 ._:/-]*$' and length(request_id) <= 200
    and jsonb_typeof(detail) = 'object' and octet_length(detail::text) <= 2000
    and not jsonb_path_exists(detail, 'strict $.**{3 to last}')
    and not jsonb_path_exists(detail, 'strict $.** ? (@.type() == "number" && (@ >= 100000000 || @ <= -100000000))')
    and not jsonb_path_exists(detail, 'strict $.** ? (@.type() == "string" && !(@ like_regex
      "^([0-9._:/-]*[a-z][a-z0-9._:/-]*|[0-9][0-9]?[0-9]?[0-9]?[0-9]?[0-9]?|[0-9]+-[0-9]+-[0-9]+-[0-9]+-[0-9]+|[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9](T[0-9:.]*Z)?|[0-9][0-9][0-9][0-9]-Q[1-4]|C-[0-9A-Z]*|[A-Z][A-Z]?[A-Z]?)$"))')
    and detail::text !~ '[^A-Za-z0-9_"-][^"]*":|"[^a-z"][^"]*":';   -- a key begins with a small letter and is one word
end $$;
revoke all on function access.holds_codes_only from public;
grant execute on function access.holds_codes_only to uct_service;
-- Events from before are left as they are.
alter table access.audit_event add constraint audit_event_holds_codes_only check (access.holds_codes_only(subject_kind, subject_id, request_id, detail)) not valid;

-- Events that have no place in the chain yet. A trigger puts every event here, whoever inserts it; only the chaining takes it out.
create table access.audit_unchained (
  event_id uuid not null,
  seq bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

create function access.note_unchained() returns trigger language plpgsql security definer set search_path = access, pg_temp as $$
begin
  insert into audit_unchained select id, seq from inserted;
  return null;
end $$;
revoke all on function access.note_unchained from public;
create trigger every_event_is_chained after insert on access.audit_event referencing new table as inserted
  for each statement execute function access.note_unchained();
alter table access.audit_event enable always trigger every_event_is_chained;

-- The chain: link n holds SHA-256(0x01, chain of n - 1, leaf of n), and before the first stand 32 zero bytes. It is made after commit, so that
-- writers never wait for each other because of it.
create table access.audit_link (
  no bigint primary key check (no >= 1),
  event_id uuid not null unique,
  leaf_sha256 bytea not null check (length(leaf_sha256) = 32),
  chain_sha256 bytea not null check (length(chain_sha256) = 32)
);
call access.make_append_only('access.audit_link');

create function access.audit_part(part text) returns bytea language sql immutable as $$
  select int4send(octet_length(convert_to(part, 'UTF8'))) || convert_to(part, 'UTF8')
$$;

-- SHA-256 of 0x00 and every column of the event, each with its length in front; the time as seconds since 1970, which no setting of a session
-- changes.
create function access.audit_leaf(e access.audit_event) returns bytea language sql stable set search_path = access, pg_temp as $$
  select sha256('\x00'::bytea || audit_part(e.id::text) || audit_part(e.seq::text) || audit_part(extract(epoch from e.at)::text)
    || audit_part(e.actor_id::text) || audit_part(e.act) || audit_part(e.subject_kind) || audit_part(e.subject_id)
    || audit_part(e.request_id) || audit_part(e.detail::text))
$$;

-- Gives up to p_limit events their places; how many. It takes what is committed: nothing is passed
-- over, because what commits later is still there the next time. An event that is gone before its turn stays noted for the verification.
create function access.chain_audit_events(p_limit integer) returns integer
language plpgsql security definer set search_path = access, pg_temp as $$
declare
  last_no bigint;
  chain bytea;
  next_event record;
  chained integer := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('uct-ledger audit chain', 0));
  select no, chain_sha256 into last_no, chain from audit_link order by no desc limit 1;
  last_no := coalesce(last_no, 0);
  chain := coalesce(chain, decode(repeat('00', 32), 'hex'));
  for next_event in
    with taken as (
      delete from audit_unchained
      where ctid = any (array(select w.ctid from audit_unchained w join audit_event e on e.id = w.event_id limit p_limit))
      returning event_id
    )
    select e.id, audit_leaf(e) leaf from taken t join audit_event e on e.id = t.event_id order by e.seq
  loop
    chained := chained + 1;
    chain := sha256('\x01'::bytea || chain || next_event.leaf);
    insert into audit_link values (last_no + chained, next_event.id, next_event.leaf, chain);
  end loop;
  return chained;
end $$;
revoke all on function access.audit_part, access.audit_leaf, access.chain_audit_events from public;

-- Events from before this migration; the first run of the chaining takes them.
insert into access.audit_unchained select id, seq from access.audit_event;

-- What verifications of the trail found, and the end of the chain that each saw; where all held, a later one
-- finds it again or says so.
create table access.audit_verification (
  id uuid primary key,
  requested_by uuid not null references access.app_user,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  head text not null check (head ~ '^(0|[1-9][0-9]*):[0-9a-f]{64}$'),
  holds boolean not null,
  findings jsonb not null
);
create index audit_verification_latest on access.audit_verification (finished_at);
call access.make_append_only('access.audit_verification');

-- Under which ids the trail speaks of a client.
create view casework.subject_in_audit as
select id client_id, id::text subject_id from casework.client
union all select client_id, id::text from casework.needs_assessment
union all select client_id, id::text from casework.spending_plan
union all select client_id, id::text from payments.enrolment
union all select n.client_id, o.id::text from payments.enrolment n join payments.obligation o on o.enrolment_id = n.id;
create index enrolment_client on payments.enrolment (client_id);

grant select on access.audit_unchained, access.audit_link, casework.subject_in_audit to uct_service;
grant select, insert on access.audit_verification to uct_service;
grant execute on function access.chain_audit_events to uct_service;
