-- Donors, their restricted funds and the grants received.
set local role uct_owner;

create table payments.donor (
  id uuid primary key,
  name text not null unique check (length(name) between 1 and 120),
  created_at timestamptz not null
);

-- The people at a donor who may see its funds' reports.
create table payments.donor_member (
  user_id uuid not null references access.app_user,
  donor_id uuid not null references payments.donor,
  primary key (user_id, donor_id)
);

create table payments.fund (
  id uuid primary key,
  donor_id uuid not null references payments.donor,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9-]{1,40}$'),
  name text not null check (length(name) between 1 and 120),
  currency text not null references ledger.currency,
  decided_label text,                                                  -- amounts set by decision; null: the minimum wage
  multiplier numeric(6, 4) not null default 1 check (multiplier > 0),  -- of the monthly minimum wage
  opened_at timestamptz not null,
  unique (id, currency)
);
alter table ledger.account add foreign key (fund_id, currency) references payments.fund (id, currency);

create table payments.grant_received (
  id uuid primary key,
  fund_id uuid not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  received_on date not null,
  reference text not null check (length(reference) between 1 and 140),
  recorded_by uuid not null references access.app_user,
  recorded_at timestamptz not null,
  foreign key (fund_id, currency) references payments.fund (id, currency)
);
call access.make_append_only('payments.grant_received');

grant select, insert on payments.donor, payments.donor_member, payments.fund, payments.grant_received to uct_service;
grant select on payments.donor, payments.fund, payments.grant_received to uct_reports;
