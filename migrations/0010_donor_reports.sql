-- Donor reports: one per fund and quarter, frozen when made.
set local role uct_owner;

create table reports.donor_report (
  id uuid primary key,
  fund_id uuid not null references payments.fund,
  period text not null check (period ~ '^\d{4}-Q[1-4]$'),
  made_at timestamptz not null,
  made_by uuid not null references access.app_user,
  content jsonb not null,
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  unique (fund_id, period)
);
call access.make_append_only('reports.donor_report');

grant select, insert on reports.donor_report to uct_service, uct_reports;
