-- Enrolments, the three transfers owed under each (obligations), runs, signatures, attempts to pay and the evidence of what became of them.
set local role uct_owner;

create table payments.enrolment (
  id uuid primary key,
  client_id uuid not null references casework.client,
  fund_id uuid not null,
  country text not null,
  time_zone text not null,
  anchor_on date not null,
  rail text not null check (rail in ('cash', 'manual')),
  payee_ref text,                                        -- which version of the payee's details; opaque
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0), -- of one transfer; what is proposed is what is approved
  wage_rate_id bigint references payments.wage_rate,
  decided_amount_id bigint references payments.decided_amount,
  derivation jsonb not null,                             -- how the amount came about, step by step
  proposed_by uuid not null references access.app_user,
  proposed_at timestamptz not null,
  approved_by uuid references access.app_user,
  approved_at timestamptz,
  cancelled_at timestamptz,
  content_sha256 bytea not null check (length(content_sha256) = 32),
  check ((wage_rate_id is null) <> (decided_amount_id is null)),
  check ((approved_by is null) = (approved_at is null)),
  foreign key (fund_id, currency) references payments.fund (id, currency),
  unique (id, client_id)
);
create unique index one_enrolment_per_client on payments.enrolment (client_id) where cancelled_at is null;

-- One person, one instalment, one obligation.
create table payments.obligation (
  id uuid primary key,
  enrolment_id uuid not null,
  client_id uuid not null,
  instalment smallint not null check (instalment between 1 and 3),
  fund_id uuid not null,
  country text not null,
  due_on date not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  state text not null check (state in ('planned', 'scheduled', 'on_hold', 'in_run', 'approved', 'instructed', 'accepted', 'settled',
                                       'failed', 'unknown', 'returned', 'reversed', 'cancelled')),
  hold_reason text check (hold_reason in ('client-wish', 'safety')),   -- a closed list that contains no condition
  run_id uuid,
  settled_on date,
  cancelled_at timestamptz,
  unique (enrolment_id, instalment),
  unique (id, currency, amount_minor),
  foreign key (enrolment_id, client_id) references payments.enrolment (id, client_id),
  foreign key (fund_id, currency) references payments.fund (id, currency),
  check ((state = 'on_hold') = (hold_reason is not null)),
  check ((state in ('in_run', 'approved')) <= (run_id is not null)),
  check ((state = 'settled') <= (settled_on is not null)),
  check ((state = 'cancelled') = (cancelled_at is not null))
) with (fillfactor = 70);
create unique index one_instalment_per_person on payments.obligation (client_id, instalment) where cancelled_at is null;
create index obligation_due on payments.obligation (due_on, id) where state = 'scheduled';
create index obligation_run on payments.obligation (run_id, id) where run_id is not null;

-- A run is what was put together for approval; it never changes. A different set of payments is a different run.
create table payments.run (
  id uuid primary key,
  country text,
  due_through date not null,
  prepared_at timestamptz not null,
  item_count integer not null check (item_count > 0),
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),   -- SHA-256 of the exact content, see payments.run_digest
  totals jsonb not null,
  left_out jsonb not null default '[]',
  approvals_needed smallint not null default 1 check (approvals_needed between 1 and 5),
  unique (id, digest)
);
call access.make_append_only('payments.run');

create table payments.run_item (
  run_id uuid not null references payments.run,
  obligation_id uuid not null,
  currency text not null,
  amount_minor bigint not null,
  primary key (run_id, obligation_id),
  foreign key (obligation_id, currency, amount_minor) references payments.obligation (id, currency, amount_minor)
);
call access.make_append_only('payments.run_item');

-- Every act on a run is signed, over its digest. One person acts once: who prepares does not approve, who approves does not release.
create table payments.run_signature (
  run_id uuid not null,
  digest text not null,
  act text not null check (act in ('prepare', 'approve', 'release', 'send-back')),
  user_id uuid not null references access.app_user,
  reason text check (act <> 'send-back' or length(reason) between 1 and 500),
  signed_at timestamptz not null,
  foreign key (run_id, digest) references payments.run (id, digest),
  check (act = 'prepare' or user_id <> '00000000-0000-7000-8000-000000000001')   -- the schedule only prepares
);
create unique index signature_one_act_per_person on payments.run_signature (run_id, user_id) where act <> 'send-back';
create unique index signature_one_preparer on payments.run_signature (run_id) where act = 'prepare';
create unique index signature_one_ending on payments.run_signature (run_id) where act in ('release', 'send-back');
call access.make_append_only('payments.run_signature');

-- A release needs as many approvals as the run asks for. Deferred to nothing: the rows are there or the release is refused.
create function payments.require_approvals() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
declare needed smallint;
begin
  select approvals_needed into strict needed from run where id = new.run_id for update;
  if (select count(*) from run_signature where run_id = new.run_id and act = 'approve') < needed then
    raise exception 'a run is released after % approval(s)', needed using errcode = 'UCT04';
  end if;
  return new;
end $$;
create trigger require_approvals before insert on payments.run_signature for each row when (new.act = 'release')
  execute function payments.require_approvals();

-- One try at paying an obligation. It carries the obligation's own amount, and at most one try is alive at any time.
create table payments.attempt (
  id uuid primary key,
  obligation_id uuid not null,
  run_id uuid not null,
  attempt_no smallint not null check (attempt_no between 1 and 20),
  rail text not null check (rail in ('cash', 'manual')),
  payee_ref text,
  correlation_id text not null unique check (length(correlation_id) <= 35),   -- what the rail is told; stored before anything is sent
  currency text not null,
  amount_minor bigint not null,
  instructed_at timestamptz not null,
  instructed_on date not null,
  state text not null check (state in ('instructed', 'accepted', 'settled', 'failed', 'unknown', 'returned', 'reversed')),
  unknown_since timestamptz,
  settled_on date,
  superseded boolean not null default false,   -- a later attempt was made after this one had failed, come back or been reversed
  unique (obligation_id, attempt_no),
  foreign key (run_id, obligation_id) references payments.run_item (run_id, obligation_id),
  foreign key (obligation_id, currency, amount_minor) references payments.obligation (id, currency, amount_minor)
) with (fillfactor = 80);
create unique index one_live_attempt on payments.attempt (obligation_id)
  where state in ('instructed', 'accepted', 'unknown', 'settled') and not superseded;
create unique index one_attempt_per_run on payments.attempt (run_id, obligation_id);
create index attempt_open on payments.attempt (instructed_on) where state in ('instructed', 'accepted', 'unknown');

-- A second try follows only one that is proven not to have paid, and never while any try before it may have paid: one that failed and was
-- superseded can turn out to have paid after all.
create function payments.require_dead_predecessor() returns trigger language plpgsql as $$
begin
  if not exists (select from payments.attempt where obligation_id = new.obligation_id and attempt_no = new.attempt_no - 1
                 and state in ('failed', 'returned', 'reversed')) then
    raise exception 'attempt % needs attempt % to have failed, come back or been reversed', new.attempt_no, new.attempt_no - 1 using errcode = 'UCT05';
  end if;
  if exists (select from payments.attempt where obligation_id = new.obligation_id and state in ('instructed', 'accepted', 'unknown', 'settled')) then
    raise exception 'attempt % would follow one that may have paid', new.attempt_no using errcode = 'UCT05';
  end if;
  return new;
end $$;
create trigger require_dead_predecessor before insert on payments.attempt for each row when (new.attempt_no > 1)
  execute function payments.require_dead_predecessor();

-- Nothing is instructed before its run is released.
create function payments.require_release() returns trigger language plpgsql as $$
begin
  if exists (select from (select distinct run_id from fresh) f
             where not exists (select from payments.run_signature s where s.run_id = f.run_id and s.act = 'release')) then
    raise exception 'attempts are made for released runs only' using errcode = 'UCT06';
  end if;
  return null;
end $$;
create trigger require_release after insert on payments.attempt referencing new table as fresh for each statement
  execute function payments.require_release();

create function payments.refuse_superseding_the_living() returns trigger language plpgsql as $$
begin
  if old.state not in ('failed', 'returned', 'reversed') then
    raise exception 'an attempt that may have paid cannot be superseded' using errcode = 'UCT05';
  end if;
  return new;
end $$;
create trigger refuse_superseding_the_living before update on payments.attempt for each row when (new.superseded and not old.superseded)
  execute function payments.refuse_superseding_the_living();

-- What was learned about an attempt, from the rail or from people. Append-only; the attempt's state is a fold of it, in any order.
create table payments.evidence (
  id uuid primary key,
  attempt_id uuid not null references payments.attempt,
  kind text not null check (kind in ('accepted', 'settled', 'failed', 'silence', 'unclear', 'resolved-paid', 'resolved-not-paid', 'returned', 'reversed')),
  rail_code text check (length(rail_code) between 1 and 40),
  happened_on date not null,
  reference text check (length(reference) between 1 and 140),
  recorded_by uuid not null references access.app_user,
  recorded_at timestamptz not null
);
create index evidence_attempt on payments.evidence (attempt_id);
call access.make_append_only('payments.evidence');

-- SHA-256 over one line per payment of the run, in order of obligation, as things stand NOW: whom, how, where to, how much, when.
-- It equals the run's digest only while nothing of that has changed, no payment has left the run, and everybody in it may still be paid:
-- consent that is withdrawn counts at once.
create function payments.run_digest(p_run_id uuid) returns text
language sql stable security definer set search_path = payments, pg_temp as $$
  select coalesce(encode(sha256(convert_to(string_agg(concat_ws('|', o.id, o.client_id, e.rail, coalesce(e.payee_ref, '-'), o.currency,
                                                                o.amount_minor, o.due_on), E'\n' order by o.id), 'UTF8')), 'hex'), '')
  from obligation o join enrolment e on e.id = o.enrolment_id join casework.payment_standing s on s.client_id = o.client_id
  where o.run_id = p_run_id and o.state in ('in_run', 'approved')
    and s.consents_to_be_paid and (not s.presumed_child or s.guardian_on_record);
$$;

grant select on payments.enrolment, payments.obligation, payments.run, payments.run_item, payments.run_signature, payments.attempt,
  payments.evidence to uct_service, uct_reports;
grant insert on payments.enrolment, payments.obligation, payments.run, payments.run_item, payments.run_signature, payments.attempt,
  payments.evidence to uct_service;
-- Amounts, dates, payees and instalments have no update right: once written they stand.
grant update (approved_by, approved_at, cancelled_at, rail, payee_ref) on payments.enrolment to uct_service;
grant update (state, hold_reason, run_id, settled_on, cancelled_at) on payments.obligation to uct_service;
grant update (state, unknown_since, settled_on, superseded) on payments.attempt to uct_service;
grant execute on function payments.run_digest to uct_service;
