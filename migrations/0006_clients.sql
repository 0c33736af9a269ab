-- Clients: the case file without identity (schema casework), and identity, encrypted, behind functions that audit (schema pii).
set local role uct_owner;

create table casework.client (
  id uuid primary key,
  code text not null unique check (code ~ '^C-[0-9A-HJKMNP-TV-Z]{8}$'),   -- random, Crockford base 32: says nothing of order or number
  cohort text not null check (cohort ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  case_group text not null check (case_group ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  country text not null check (country ~ '^[A-Z]{2}$'),
  region text check (region <> ''),
  age_band text not null check (age_band in ('adult', 'child', 'unknown')),
  guardian_on_record boolean not null,
  caseworker_id uuid not null references access.app_user,
  registered_at timestamptz not null,
  content_sha256 bytea not null check (length(content_sha256) = 32)       -- keyed; tells a repeated registration from another one
);
create index client_cohort on casework.client (cohort);
create index client_caseworker on casework.client (caseworker_id, code);

-- Each consent given or withdrawn is a row; the latest row of a purpose decides. No row means no.
create table casework.consent (
  id uuid primary key,
  seq bigint generated always as identity,
  client_id uuid not null references casework.client,
  purpose text not null check (purpose in ('hold-data', 'be-paid', 'share', 'be-quoted', 'be-contacted')),
  given boolean not null,
  language text not null check (language ~ '^[a-z]{2,3}$'),
  recorded_on date not null,
  recorded_by uuid not null references access.app_user,
  recorded_at timestamptz not null
);
create index consent_latest on casework.consent (client_id, purpose, seq desc);
call access.make_append_only('casework.consent');

-- All that paying may know of a client's case file. A person of unknown age is presumed a child.
create view casework.payment_standing as
select c.id client_id, c.country, c.region, c.caseworker_id, c.age_band <> 'adult' presumed_child, c.guardian_on_record,
       coalesce((select k.given from casework.consent k where k.client_id = c.id and k.purpose = 'be-paid' order by k.seq desc limit 1), false) consents_to_be_paid
from casework.client c;

-- One data key per client, wrapped by the key provider. Deleting it makes everything sealed with it unreadable.
create table pii.data_key (
  client_id uuid primary key references casework.client,
  provider text not null,
  wrapped bytea not null check (length(wrapped) between 40 and 1024)
);

create table pii.identity (
  client_id uuid not null references casework.client,
  version integer not null check (version >= 1),
  sealed bytea not null check (length(sealed) between 29 and 65536),
  sealed_at timestamptz not null,
  primary key (client_id, version)
);

create function pii.store_data_key(p_client_id uuid, p_provider text, p_wrapped bytea) returns void
language sql security definer set search_path = pii, pg_temp as $$
  insert into data_key (client_id, provider, wrapped) values (p_client_id, p_provider, p_wrapped);
$$;

create function pii.wrapped_data_key(p_client_id uuid) returns bytea
language sql stable security definer set search_path = pii, pg_temp as $$
  select wrapped from data_key where client_id = p_client_id;
$$;

create function pii.store_identity(p_client_id uuid, p_version integer, p_sealed bytea, p_at timestamptz) returns void
language sql security definer set search_path = pii, pg_temp as $$
  insert into identity (client_id, version, sealed, sealed_at) values (p_client_id, p_version, p_sealed, p_at);
$$;

-- Reading identity and recording who read it is one act: there is no other way to the row.
create function pii.open_identity(p_client_id uuid, p_event_id uuid, p_actor uuid, p_request_id text, p_reason text, p_at timestamptz)
returns table (version integer, sealed bytea, wrapped bytea)
language plpgsql security definer set search_path = pii, access, pg_temp as $$
begin
  insert into access.audit_event (id, at, actor_id, act, subject_kind, subject_id, request_id, detail)
  values (p_event_id, p_at, p_actor, 'identity.read', 'client', p_client_id::text, p_request_id, jsonb_build_object('reason', p_reason));
  return query select i.version, i.sealed, k.wrapped from pii.identity i join pii.data_key k using (client_id)
               where i.client_id = p_client_id order by i.version desc limit 1;
end $$;

revoke all on all functions in schema pii from public;
grant execute on all functions in schema pii to uct_service;
grant select, insert on casework.client, casework.consent to uct_service;
grant update (caseworker_id, region, guardian_on_record, age_band) on casework.client to uct_service;
grant select on casework.payment_standing to uct_service;
grant select (id, cohort, case_group, country) on casework.client to uct_reports;
