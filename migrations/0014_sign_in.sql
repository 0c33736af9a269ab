-- Signing in: sessions that rise by stages, second factors, guesses that are slowed down, links that work once, and tokens for machines.
set local role uct_owner;

-- Whoever was signed in signs in again: sessions of before say nothing of a second factor.
delete from access.session;
alter table access.session
  -- Names a session on lists and when it is revoked, where its token is not known.
  add column id uuid not null unique,
  add column kind text not null check (kind in ('browser', 'api')),
  -- 'second-factor': the password was right, the code is still to come. 'enrol': nothing but setting up a second factor. 'open': signed in.
  add column stage text not null check (stage in ('second-factor', 'enrol', 'open')),
  -- When a second factor was proven in this session; null: none was.
  add column second_factor_at timestamptz,
  add column last_seen_at timestamptz not null,
  -- Which browser on which system, so that people know their devices again.
  add column agent text not null check (length(agent) <= 80),
  add constraint session_is_of_one_user unique (id, user_id),
  add constraint session_lasts_12_hours check (expires_at <= created_at + interval '12 hours'),
  add constraint session_waits_for_its_second_factor check (stage = 'open' or second_factor_at is null),
  -- A program has no page on which to give the code later.
  add constraint session_of_a_program_is_open check (kind = 'browser' or stage = 'open');

-- A session that becomes more gets another token: whoever planted the old one in somebody's browser has nothing. What was revoked stays so.
create function access.refuse_session_change() returns trigger language plpgsql as $$
begin
  if old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at then
    raise exception 'a revoked session stays revoked' using errcode = 'UCT20';
  end if;
  if (new.stage, new.second_factor_at) is distinct from (old.stage, old.second_factor_at)
     and (old.second_factor_at is not null or new.second_factor_at is null or new.stage <> 'open' or old.revoked_at is not null
          or new.token_sha256 = old.token_sha256) then
    raise exception 'a session rises once, by a second factor, and with another token' using errcode = 'UCT20';
  end if;
  return new;
end $$;
create trigger session_rises before update on access.session for each row execute function access.refuse_session_change();
revoke all on function access.refuse_session_change from public;
grant update (token_sha256, stage, second_factor_at, last_seen_at) on access.session to uct_service;

-- Time-based one-time passwords (RFC 6238). The secret is sealed with a key of the service, bound to its user and row.
create table access.second_factor (
  id uuid primary key,
  user_id uuid not null references access.app_user,
  sealed bytea,
  offered_at timestamptz not null,
  -- The session that was shown the secret: only there is it confirmed, and it ends with it.
  offered_in uuid not null,
  -- Set by the first right code; before that it counts for nothing.
  confirmed_at timestamptz,
  ended_at timestamptz,
  -- The newest time step that a code was taken for: each step works once, and no earlier one after it.
  last_step bigint,
  foreign key (offered_in, user_id) references access.session (id, user_id),
  check ((confirmed_at is null) = (last_step is null)),
  -- What has ended keeps no secret.
  check ((ended_at is null) = (sealed is not null))
);
create unique index one_second_factor_per_user on access.second_factor (user_id) where confirmed_at is not null and ended_at is null;
create unique index one_second_factor_offer_per_user on access.second_factor (user_id) where confirmed_at is null and ended_at is null;

create function access.refuse_second_factor_change() returns trigger language plpgsql as $$
begin
  if old.ended_at is not null or old.confirmed_at is not null and new.confirmed_at is distinct from old.confirmed_at
     or new.sealed is distinct from old.sealed and new.sealed is not null or new.last_step < old.last_step
     or old.last_step is not null and new.last_step is null
     or old.confirmed_at is null and new.confirmed_at is not null
        and exists (select 1 from access.session where id = old.offered_in and revoked_at is not null) then
    raise exception 'a second factor is confirmed once, while its session lasts, ends once, and its steps only rise' using errcode = 'UCT21';
  end if;
  return new;
end $$;
create trigger second_factor_rises before update on access.second_factor for each row execute function access.refuse_second_factor_change();
revoke all on function access.refuse_second_factor_change from public;
grant select, insert on access.second_factor to uct_service;
grant update (sealed, confirmed_at, ended_at, last_step) on access.second_factor to uct_service;

-- For whoever has lost the device. Keyed digests: without the service's key they cannot be guessed from here.
create table access.recovery_code (
  user_id uuid not null references access.app_user,
  code_digest bytea not null check (length(code_digest) = 32),
  made_at timestamptz not null,
  used_at timestamptz,
  primary key (user_id, code_digest)
);
grant select, insert, delete on access.recovery_code to uct_service;
grant update (used_at) on access.recovery_code to uct_service;

-- Failed tries to sign in, by account, by network address and by both together. Keyed digests only, made for accounts nobody has too.
-- An empty account or address stands for all of them.
create table access.sign_in_failure (
  account bytea not null check (length(account) in (0, 32)),
  address bytea not null check (length(address) in (0, 32)),
  -- As they counted at changed_at; they fade.
  failures double precision not null check (failures >= 0),
  -- Tries begun and not yet decided: they count, so that guesses made all at once do not pass.
  pending integer not null check (pending >= 0),
  changed_at timestamptz not null,
  failed_at timestamptz not null,
  primary key (account, address),
  check (length(account) + length(address) > 0)
);
create index sign_in_failure_old on access.sign_in_failure (changed_at);
grant select, insert, delete on access.sign_in_failure to uct_service;
grant update (failures, pending, changed_at, failed_at) on access.sign_in_failure to uct_service;

-- Invitations and resets. Only the SHA-256 of what the link carries is kept.
create table access.one_time_link (
  id uuid primary key,
  user_id uuid not null references access.app_user,
  kind text not null check (kind in ('invitation', 'reset')),
  code_sha256 bytea not null unique check (length(code_sha256) = 32),
  made_by uuid not null references access.app_user,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  voided_at timestamptz,
  check (expires_at > made_at and expires_at <= made_at + case kind when 'invitation' then interval '72 hours' else interval '2 hours' end),
  check (used_at is null or voided_at is null),
  check (used_at < expires_at)
);
-- A newer link voids the older one.
create unique index one_link_per_user on access.one_time_link (user_id) where used_at is null and voided_at is null;

create function access.refuse_link_change() returns trigger language plpgsql as $$
begin
  if old.used_at is not null or old.voided_at is not null then
    raise exception 'a link works once' using errcode = 'UCT22';
  end if;
  return new;
end $$;
create trigger link_works_once before update on access.one_time_link for each row execute function access.refuse_link_change();
revoke all on function access.refuse_link_change from public;
grant select, insert on access.one_time_link to uct_service;
grant update (used_at, voided_at) on access.one_time_link to uct_service;

-- Tokens for machines: for so long, for so much, and never more than their owner may. What shows who a client is, decides over people or
-- signs for money is not among what they can be made for.
create table access.machine_token (
  id uuid primary key,
  user_id uuid not null references access.app_user,
  name text not null check (length(name) between 1 and 80),
  token_sha256 bytea not null unique check (length(token_sha256) = 32),
  scope text[] not null check (cardinality(scope) > 0 and scope <@ array[
    'catalogue:read', 'clients:register', 'clients:read', 'needs:record', 'priorities:read', 'plans:record', 'transfers:read', 'runs:read',
    'results:record', 'funds:read', 'books:read', 'reports:read', 'reports:read-own', 'reports:make', 'audit:read']),
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at and expires_at <= created_at + interval '365 days'),
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index machine_token_of_user on access.machine_token (user_id);

create function access.refuse_machine_token_change() returns trigger language plpgsql as $$
begin
  if old.revoked_at is not null and new.revoked_at is distinct from old.revoked_at then
    raise exception 'a revoked token stays revoked' using errcode = 'UCT20';
  end if;
  return new;
end $$;
create trigger machine_token_stays_revoked before update on access.machine_token for each row execute function access.refuse_machine_token_change();
revoke all on function access.refuse_machine_token_change from public;
grant select, insert on access.machine_token to uct_service;
grant update (last_used_at, revoked_at) on access.machine_token to uct_service;

-- One who administers has to be left, or nobody could let anybody in. One such change at a time, so that two do not pass each other.
create function access.keep_an_administrator() returns trigger language plpgsql security definer set search_path = access, pg_temp as $$
declare leaving app_user;
begin
  perform pg_advisory_xact_lock(hashtext('uct-ledger administrators'));
  select * into leaving from app_user where id = coalesce(to_jsonb(old)->>'user_id', to_jsonb(old)->>'id')::uuid;
  if exists (select 1 from user_role r join app_user u on u.id = r.user_id
             where r.role = 'administrator' and u.disabled_at is null and u.id <> leaving.id) then
    return null;
  end if;
  -- Nobody is left. That is refused when this change made it so, and not of somebody who was none, or disabled before.
  if tg_table_name = 'user_role' and leaving.disabled_at is null
     or tg_table_name = 'app_user' and exists (select 1 from user_role where user_id = leaving.id and role = 'administrator') then
    raise exception 'this is the last administrator' using errcode = 'UCT23';
  end if;
  return null;
end $$;
create trigger keep_an_administrator after delete or update on access.user_role
  for each row when (old.role = 'administrator') execute function access.keep_an_administrator();
create trigger keep_an_administrator after update of disabled_at on access.app_user
  for each row when (old.disabled_at is null and new.disabled_at is not null) execute function access.keep_an_administrator();
revoke all on function access.keep_an_administrator from public;
