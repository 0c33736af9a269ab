-- Users, their roles, sessions, the audit trail and remembered answers to repeated requests.
set local role uct_owner;

create table access.app_user (
  id uuid primary key,
  email text not null check (email = lower(email) and email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 200),
  display_name text not null check (length(display_name) between 1 and 120),
  kind text not null default 'person' check (kind in ('person', 'schedule')),
  password_hash text,
  created_at timestamptz not null,
  disabled_at timestamptz,
  check ((kind = 'schedule') = (password_hash is null))
);
create unique index app_user_email on access.app_user (email);

-- The schedule is a user so that what a job prepares is signed like anything else; it has no password and cannot sign in.
insert into access.app_user (id, email, display_name, kind, created_at)
values ('00000000-0000-7000-8000-000000000001', 'schedule@uct-ledger.invalid', 'Schedule', 'schedule', '2015-01-01T00:00:00Z');

create table access.user_role (
  user_id uuid not null references access.app_user,
  role text not null check (role in ('caseworker', 'supervisor', 'finance-preparer', 'finance-approver', 'finance-releaser',
                                     'donor', 'auditor', 'administrator')),
  primary key (user_id, role)
);

-- A session is known by the SHA-256 of its token; the token itself is never stored.
create table access.session (
  token_sha256 bytea primary key check (length(token_sha256) = 32),
  user_id uuid not null references access.app_user,
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at),
  revoked_at timestamptz
);
create index session_of_user on access.session (user_id);

create table access.audit_event (
  id uuid primary key,
  seq bigint generated always as identity,
  at timestamptz not null,
  actor_id uuid not null references access.app_user,
  act text not null check (act ~ '^[a-z-]+\.[a-z-]+$'),
  subject_kind text not null,
  subject_id text not null,
  request_id text not null,
  detail jsonb not null default '{}'
);
create index audit_event_subject on access.audit_event (subject_kind, subject_id);
call access.make_append_only('access.audit_event');

-- The answer that a request with this Idempotency-Key got, so that a repeat gets the same one.
create table access.idempotent_answer (
  user_id uuid not null references access.app_user,
  key text not null check (length(key) between 8 and 128),
  request_sha256 bytea not null check (length(request_sha256) = 32),
  status smallint not null,
  body jsonb not null,
  answered_at timestamptz not null,
  primary key (user_id, key)
);
call access.make_append_only('access.idempotent_answer');

-- A text sealed with the master key when the service first started: another key does not open it, and is refused.
create table access.master_key_check (
  only_row boolean primary key default true check (only_row),
  sealed bytea not null
);
call access.make_append_only('access.master_key_check');
grant select, insert on access.master_key_check to uct_service;

grant select, insert on access.app_user, access.user_role, access.audit_event, access.idempotent_answer to uct_service;
grant update (display_name, password_hash, disabled_at) on access.app_user to uct_service;
grant delete on access.user_role to uct_service;
grant select, insert on access.session to uct_service;
grant update (revoked_at) on access.session to uct_service;
