-- Statutory minimum wages by country, region and sector, and amounts set by decision where no wage gives them.
-- Bitemporal: effective_from says when a rate holds, known_from since when we could know it (a rate can be announced after it took effect).
set local role uct_owner;

create table ledger.currency (
  code text primary key check (code ~ '^[A-Z]{3}$'),
  minor_units smallint not null check (minor_units between 0 and 4),   -- ISO 4217
  payable_step_minor bigint not null check (payable_step_minor > 0)     -- the smallest sum worth handing out
);
call access.make_append_only('ledger.currency');

create table payments.wage_rate (
  id bigint generated always as identity primary key,
  country text not null check (country ~ '^[A-Z]{2}$'),
  region text not null default '',
  sector text not null,
  unit text not null check (unit in ('day', 'month')),
  amount numeric(18, 4) not null check (amount > 0),   -- major units, as the instrument states it
  currency text not null references ledger.currency,
  effective_from date not null,
  known_from date not null,
  source text not null,
  unique (country, region, sector, effective_from, known_from)
);
call access.make_append_only('payments.wage_rate');

create table payments.decided_amount (
  id bigint generated always as identity primary key,
  label text not null check (label ~ '^[a-z0-9][a-z0-9-]{1,60}$'),
  country text not null check (country ~ '^[A-Z]{2}$'),
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null references ledger.currency,
  effective_from date not null,
  reason text not null,
  source text not null,
  unique (label, country, effective_from)
);
call access.make_append_only('payments.decided_amount');

grant select, insert on ledger.currency, payments.wage_rate, payments.decided_amount to uct_service;
grant select on ledger.currency, payments.wage_rate, payments.decided_amount to uct_reports;
