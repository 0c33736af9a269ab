-- Spending plans, written with the client, and what was told afterwards about the money and what came of it. Paying never reads these.
set local role uct_owner;

create table casework.spending_plan (
  id uuid primary key,
  seq bigint generated always as identity,
  client_id uuid not null references casework.client,
  written_on date not null,
  recorded_by uuid not null references access.app_user,
  recorded_at timestamptz not null,
  content_sha256 bytea not null check (length(content_sha256) = 32)
);
create index spending_plan_client on casework.spending_plan (client_id, seq);
call access.make_append_only('casework.spending_plan');

create table casework.plan_item (
  plan_id uuid not null references casework.spending_plan,
  position smallint not null check (position between 1 and 40),
  need text not null references casework.need,
  description_sealed bytea not null,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null references ledger.currency,
  primary key (plan_id, position)
);
call access.make_append_only('casework.plan_item');

create table casework.plan_tracking (
  id uuid primary key,
  plan_id uuid not null references casework.spending_plan,
  told_on date not null,
  recorded_by uuid not null references access.app_user,
  recorded_at timestamptz not null,
  content_sha256 bytea not null check (length(content_sha256) = 32),
  unique (plan_id, id)
);
call access.make_append_only('casework.plan_tracking');

create table casework.tracked_item (
  tracking_id uuid not null,
  plan_id uuid not null,
  position smallint not null,
  spent_minor bigint not null check (spent_minor >= 0),
  currency text not null references ledger.currency,
  came_of_sealed bytea,
  primary key (tracking_id, position),
  foreign key (plan_id, tracking_id) references casework.plan_tracking (plan_id, id),
  foreign key (plan_id, position) references casework.plan_item (plan_id, position)
);
call access.make_append_only('casework.tracked_item');

grant select, insert on casework.spending_plan, casework.plan_item, casework.plan_tracking, casework.tracked_item to uct_service;
