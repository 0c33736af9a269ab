-- Finding a person who is registered twice: an index of keyed digests that nobody can read, and the pairs of clients that a human has to look at.
set local role uct_owner;

-- By what a client may be found again (docs/decisions/0008): HMACs of names and numbers, cut to 64 bits. Equal tokens say that two clients may
-- be the same, and nothing else can be had from them without the key. Everything here can be made again from the identities.
create table pii.person_token (
  token bigint not null,
  kind smallint not null check (kind between 1 and 5),   -- 1 name, 2 name without one letter, 3 phone, 4 document, 5 account
  client_id uuid not null references casework.client,
  primary key (token, client_id) include (kind)
);
create index person_token_client on pii.person_token (client_id);

-- The date of birth of whoever is in the index, sealed: it ranks those who were found, and cannot be looked for.
create table pii.person_birth (
  client_id uuid primary key references casework.client,
  sealed bytea not null check (length(sealed) = 16)
);

-- Registrations and corrections stand in line here until they commit, so that of two at the same moment the later one sees the earlier.
create function pii.await_other_registrations() returns void
language sql security definer set search_path = pii, pg_temp as $$
  select pg_advisory_xact_lock(hashtextextended('pii.person_token', 0));
$$;

create function pii.replace_person(p_client_id uuid, p_tokens bigint[], p_kinds smallint[], p_birth bytea) returns void
language sql security definer set search_path = pii, pg_temp as $$
  delete from person_token where client_id = p_client_id;
  delete from person_birth where client_id = p_client_id;
  insert into person_token (token, kind, client_id)
  select token, min(kind), p_client_id from unnest(p_tokens, p_kinds) t (token, kind) group by token;
  insert into person_birth (client_id, sealed) select p_client_id, p_birth where p_birth is not null;
$$;

-- Whoever has one of these tokens: their id, the places in p_tokens of those they have, of which kinds these are with them, and their date of
-- birth. Of a token that many have, the first p_at_most count. One text, because it is read in every registration.
create function pii.find_persons(p_tokens bigint[], p_at_most integer) returns json
language plpgsql stable security definer set search_path = pii, pg_temp as $$
begin
  return (
    with hit as materialized (
      select h.client_id, h.kind, q.place
      from unnest(p_tokens) with ordinality q (token, place)
      cross join lateral (select t.client_id, t.kind from person_token t where t.token = q.token limit p_at_most) h
    ), person as materialized (
      select h.client_id, json_agg(h.place) places, json_agg(h.kind) kinds from hit h group by h.client_id
    )
    select json_agg(json_build_object('id', p.client_id, 'places', p.places, 'kinds', p.kinds,
                                      'birth', (select encode(b.sealed, 'hex') from person_birth b where b.client_id = p.client_id)))
    from person p);
end $$;

-- Two clients who may be one person; the smaller id first, so that there is one row for a pair.
create table casework.possible_duplicate (
  id uuid primary key,
  one_id uuid not null references casework.client,
  other_id uuid not null references casework.client,
  matched text[] not null check (matched <@ array['same-document', 'same-account', 'same-phone', 'same-name', 'near-name',
                                                  'birth-date-agrees', 'birth-date-near']),
  strength smallint not null check (strength >= 0),
  found_by uuid not null references access.app_user,
  found_at timestamptz not null,
  check (one_id < other_id),
  unique (one_id, other_id)
);
create index possible_duplicate_other on casework.possible_duplicate (other_id);

-- What a human decided; the latest row counts. Nothing is merged by it.
create table casework.duplicate_decision (
  id uuid primary key,
  seq bigint generated always as identity,
  possible_duplicate_id uuid not null references casework.possible_duplicate,
  decision text not null check (decision in ('same', 'different')),
  strength smallint not null,                              -- of what was known then
  decided_by uuid not null references access.app_user,
  decided_at timestamptz not null
);
create index duplicate_decision_latest on casework.duplicate_decision (possible_duplicate_id, seq desc);
call access.make_append_only('casework.duplicate_decision');

-- A pair waits for somebody until it is decided, and again when more speaks for it than was known then.
create view casework.duplicate_standing as
select p.*, d.decision, d.decided_by, d.decided_at, d.decision is null or (d.decision = 'different' and p.strength > d.strength) waits
from casework.possible_duplicate p
left join lateral (select * from casework.duplicate_decision d where d.possible_duplicate_id = p.id order by d.seq desc limit 1) d on true;

-- The other codes under which a client is registered, as decided: each pair in both directions.
create view casework.same_person as
select one_id client_id, other_id from casework.duplicate_standing where decision = 'same'
union all
select other_id, one_id from casework.duplicate_standing where decision = 'same';

-- Erases a client from the index; for an erasure, and nobody calls it by themselves. What nobody decided goes with it; of what was decided stays that it was.
create function pii.forget_person(p_client_id uuid) returns void
language sql security definer set search_path = pii, casework, pg_temp as $$
  delete from person_token where client_id = p_client_id;
  delete from person_birth where client_id = p_client_id;
  delete from possible_duplicate p
  where p_client_id in (p.one_id, p.other_id) and not exists (select from duplicate_decision d where d.possible_duplicate_id = p.id);
  update possible_duplicate p set matched = '{}', strength = 0 where p_client_id in (p.one_id, p.other_id);
$$;

-- One person is owed three transfers, whatever number of codes they have. Two enrolments of one person stand in line, so that the second sees
-- the first.
create function payments.refuse_second_code() returns trigger language plpgsql as $$
declare person uuid[];
begin
  with recursive code (id) as (
    select new.client_id
    union
    select s.other_id from code join casework.same_person s on s.client_id = code.id
  )
  select array_agg(id order by id) into person from code;
  if cardinality(person) = 1 then return new; end if;
  perform pg_advisory_xact_lock(hashtextextended('payments.enrolment ' || person[1], 0));
  if exists (select from payments.enrolment e
             where e.client_id = any (person) and e.client_id <> new.client_id and e.cancelled_at is null
               and (tg_op = 'INSERT' or e.approved_at is not null)) then
    raise exception 'this person is enrolled under another code' using errcode = 'UCT17';
  end if;
  return new;
end $$;
create trigger one_enrolment_per_person_inserted before insert on payments.enrolment
  for each row execute function payments.refuse_second_code();
create trigger one_enrolment_per_person_approved before update of approved_at on payments.enrolment
  for each row when (old.approved_at is null and new.approved_at is not null) execute function payments.refuse_second_code();
revoke all on function payments.refuse_second_code from public;

revoke all on function pii.await_other_registrations, pii.replace_person, pii.find_persons, pii.forget_person from public;
grant execute on function pii.await_other_registrations, pii.replace_person, pii.find_persons to uct_service;
grant select, insert on casework.possible_duplicate, casework.duplicate_decision to uct_service;
grant update (matched, strength, found_by, found_at) on casework.possible_duplicate to uct_service;
grant select on casework.duplicate_standing, casework.same_person to uct_service;

-- As before, and under the pairs that somebody may be one of.
create or replace view casework.subject_in_audit as
select id client_id, id::text subject_id from casework.client
union all select client_id, id::text from casework.needs_assessment
union all select client_id, id::text from casework.spending_plan
union all select client_id, id::text from payments.enrolment
union all select n.client_id, o.id::text from payments.enrolment n join payments.obligation o on o.enrolment_id = n.id
union all select one_id, id::text from casework.possible_duplicate
union all select other_id, id::text from casework.possible_duplicate;
