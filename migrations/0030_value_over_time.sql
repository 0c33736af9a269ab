-- Value over time: wages come with time and are confirmed by a second person, what was promised rises where a fund says so and is never lowered,
-- an enrolment changes its rail or country midway, and money that stays committed to a payment that nobody will make goes back to its fund.
-- See docs/decisions/0020.
set local role uct_owner;

-- ---- Wages

create table payments.wage_proposal (
  id uuid primary key,
  country text not null check (country ~ '^[A-Z]{2}$'),
  region text not null default '' check (length(region) <= 60),
  sector text not null check (length(sector) between 1 and 40),
  unit text not null check (unit in ('day', 'month')),
  amount numeric(18, 4) not null check (amount > 0),
  currency text not null references ledger.currency,
  effective_from date not null,
  instrument text not null check (length(instrument) between 1 and 200),
  source_url text not null check (source_url ~ '^https?://' and length(source_url) <= 500),
  confidence text not null check (confidence in ('official', 'reported', 'unconfirmed')),
  proposed_by uuid not null references access.app_user,
  proposed_at timestamptz not null,
  unique (id, proposed_by)
);
call access.make_append_only('payments.wage_proposal');
create trigger proposer_is_confirmed before insert on payments.wage_proposal for each row execute function access.refuse_awaiting('proposed_by');

-- Until it is confirmed a wage plays no part. `known_from` is the day of that, where the wage holds: nothing worked out before is worked out
-- otherwise because of it.
create table payments.wage_decision (
  proposal_id uuid primary key,
  proposed_by uuid not null,
  decision text not null check (decision in ('confirm', 'decline')),
  decided_by uuid not null references access.app_user,
  decided_at timestamptz not null,
  known_from date not null,
  foreign key (proposal_id, proposed_by) references payments.wage_proposal (id, proposed_by),
  constraint wage_confirmed_by_another check (decision = 'decline' or decided_by <> proposed_by),
  constraint wage_known_when_confirmed check (abs(known_from - (decided_at at time zone 'UTC')::date) <= 1)
);
call access.make_append_only('payments.wage_decision');
create trigger decider_is_confirmed before insert on payments.wage_decision for each row execute function access.refuse_awaiting('decided_by');

-- Rows without a proposal came with the service's configuration.
alter table payments.wage_rate
  add column proposal_id uuid unique references payments.wage_proposal,
  add column source_url text,
  add column confidence text;

create function payments.keep_confirmed_wage() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  insert into wage_rate (country, region, sector, unit, amount, currency, effective_from, known_from, source, proposal_id, source_url, confidence)
  select p.country, p.region, p.sector, p.unit, p.amount, p.currency, p.effective_from, new.known_from, p.instrument, p.id, p.source_url, p.confidence
  from wage_proposal p where p.id = new.proposal_id;
  return null;
end $$;
create trigger keep_confirmed_wage after insert on payments.wage_decision for each row when (new.decision = 'confirm')
  execute function payments.keep_confirmed_wage();

create function payments.require_confirmed_wage() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if not exists (select from wage_proposal p join wage_decision d on d.proposal_id = p.id and d.decision = 'confirm'
                 where p.id = new.proposal_id
                   and (p.country, p.region, p.sector, p.unit, p.amount, p.currency, p.effective_from, d.known_from)
                     = (new.country, new.region, new.sector, new.unit, new.amount, new.currency, new.effective_from, new.known_from)) then
    raise exception 'a wage is what was proposed and confirmed' using errcode = 'UCT90';
  end if;
  return new;
end $$;
create trigger require_confirmed_wage before insert on payments.wage_rate for each row when (new.proposal_id is not null)
  execute function payments.require_confirmed_wage();

-- ---- What a fund does when wages rise

alter table payments.fund add column value_policy text not null default 'freeze' check (value_policy in ('freeze', 'raise_only'));

create table payments.fund_policy_change (
  id uuid primary key,
  fund_id uuid not null references payments.fund,
  policy text not null check (policy in ('freeze', 'raise_only')),
  reason text not null check (length(reason) between 1 and 500),
  proposed_by uuid not null references access.app_user,
  proposed_at timestamptz not null,
  unique (id, proposed_by)
);
call access.make_append_only('payments.fund_policy_change');
create trigger proposer_is_confirmed before insert on payments.fund_policy_change for each row execute function access.refuse_awaiting('proposed_by');

create table payments.fund_policy_confirmation (
  change_id uuid primary key,
  seq bigint generated always as identity,
  proposed_by uuid not null,
  decided_by uuid not null references access.app_user,
  decided_at timestamptz not null,
  foreign key (change_id, proposed_by) references payments.fund_policy_change (id, proposed_by),
  constraint policy_confirmed_by_another check (decided_by <> proposed_by)
);
call access.make_append_only('payments.fund_policy_confirmation');
create trigger decider_is_confirmed before insert on payments.fund_policy_confirmation for each row execute function access.refuse_awaiting('decided_by');

create view payments.fund_value_policy as
select f.id fund_id,
       coalesce((select c.policy from payments.fund_policy_change c join payments.fund_policy_confirmation d on d.change_id = c.id
                 where c.fund_id = f.id order by d.seq desc limit 1), f.value_policy) policy
from payments.fund f;

-- ---- A value review: what a wage that rose makes of the transfers of a fund

create table payments.value_review (
  id uuid primary key,
  fund_id uuid not null references payments.fund,
  wage_rate_id bigint not null references payments.wage_rate,
  policy text not null check (policy in ('freeze', 'raise_only')),
  worth_minor bigint not null check (worth_minor > 0),   -- of one transfer by that wage
  derivation jsonb not null,
  left_out integer not null default 0 check (left_out >= 0),   -- enrolments of which nobody can say what wage holds for them
  proposed_by uuid not null references access.app_user,
  proposed_at timestamptz not null,
  unique (id, proposed_by),
  unique (id, wage_rate_id)
);
call access.make_append_only('payments.value_review');
create trigger proposer_is_confirmed before insert on payments.value_review for each row execute function access.refuse_awaiting('proposed_by');

-- From what the client gets for that instalment (the transfer and what was topped up before) to what they are to get. Where a fund freezes it,
-- the two are the same, and what it would be worth stands in the review.
create table payments.value_review_item (
  review_id uuid not null,
  obligation_id uuid not null references payments.obligation,
  wage_rate_id bigint not null,
  from_minor bigint not null check (from_minor > 0),
  to_minor bigint not null,
  difference_minor bigint not null generated always as (to_minor - from_minor) stored,
  top_up_id uuid not null unique,                        -- the one id that a top-up by this item can have
  primary key (review_id, obligation_id),
  unique (review_id, obligation_id, from_minor, to_minor),
  unique (review_id, obligation_id, wage_rate_id, difference_minor),
  foreign key (review_id, wage_rate_id) references payments.value_review (id, wage_rate_id),
  constraint value_never_lowered check (to_minor >= from_minor)
);
create index value_review_item_obligation on payments.value_review_item (obligation_id);
call access.make_append_only('payments.value_review_item');

create table payments.value_review_decision (
  review_id uuid primary key,
  proposed_by uuid not null,
  decision text not null check (decision in ('approve', 'decline')),
  decided_by uuid not null references access.app_user,
  decided_at timestamptz not null,
  foreign key (review_id, proposed_by) references payments.value_review (id, proposed_by),
  constraint review_approved_by_another check (decision = 'decline' or decided_by <> proposed_by)
);
call access.make_append_only('payments.value_review_decision');
create trigger decider_is_confirmed before insert on payments.value_review_decision for each row execute function access.refuse_awaiting('decided_by');

-- ---- A change of rail or country of an enrolment

create table payments.enrolment_change (
  id uuid primary key,
  enrolment_id uuid not null,
  client_id uuid not null,
  rail text check (rail in ('cash', 'bank-file', 'mobile-money', 'manual')),
  country text check (country ~ '^[A-Z]{2}$'),
  region text check (region <> ''),
  time_zone text,
  before text not null,                                  -- the rail, or the country, that it changes
  proposed_by uuid not null references access.app_user,
  proposed_at timestamptz not null,
  unique (id, proposed_by),
  foreign key (enrolment_id, client_id) references payments.enrolment (id, client_id),
  check (num_nonnulls(rail, country) = 1),
  check ((country is null) = (time_zone is null)),
  check (region is null or country is not null),
  check (before <> coalesce(rail, country))
);
create index enrolment_change_enrolment on payments.enrolment_change (enrolment_id);
call access.make_append_only('payments.enrolment_change');
call casework.hold_only_with_consent('payments.enrolment_change');
call casework.refuse_rows_of_erased('payments.enrolment_change');
create trigger proposer_is_confirmed before insert on payments.enrolment_change for each row execute function access.refuse_awaiting('proposed_by');

-- What rises because the wage of the new country is higher; all else keeps its amount.
create table payments.enrolment_change_item (
  change_id uuid not null references payments.enrolment_change,
  obligation_id uuid not null references payments.obligation,
  from_minor bigint not null,
  to_minor bigint not null,
  wage_rate_id bigint references payments.wage_rate,
  decided_amount_id bigint references payments.decided_amount,
  derivation jsonb not null,
  primary key (change_id, obligation_id),
  unique (change_id, obligation_id, from_minor, to_minor),
  check (num_nonnulls(wage_rate_id, decided_amount_id) = 1),
  constraint value_never_lowered check (to_minor > from_minor)
);
call access.make_append_only('payments.enrolment_change_item');

create table payments.enrolment_change_decision (
  change_id uuid primary key,
  proposed_by uuid not null,
  decision text not null check (decision in ('approve', 'decline')),
  decided_by uuid not null references access.app_user,
  decided_at timestamptz not null,
  foreign key (change_id, proposed_by) references payments.enrolment_change (id, proposed_by),
  constraint change_approved_by_another check (decision = 'decline' or decided_by <> proposed_by)
);
call access.make_append_only('payments.enrolment_change_decision');
create trigger decider_is_confirmed before insert on payments.enrolment_change_decision for each row execute function access.refuse_awaiting('decided_by');

-- ---- Amounts: they rise by an approved decision, each time with a row here, and never fall

create table payments.value_change (
  obligation_id uuid not null references payments.obligation,
  from_minor bigint not null,
  to_minor bigint not null,
  wage_rate_id bigint references payments.wage_rate,
  decided_amount_id bigint references payments.decided_amount,
  review_id uuid,
  change_id uuid,
  changed_at timestamptz not null,
  primary key (obligation_id, from_minor),
  constraint value_never_lowered check (to_minor > from_minor),
  check (num_nonnulls(review_id, change_id) = 1),
  check (num_nonnulls(wage_rate_id, decided_amount_id) = 1),
  foreign key (review_id, obligation_id, from_minor, to_minor) references payments.value_review_item (review_id, obligation_id, from_minor, to_minor),
  foreign key (change_id, obligation_id, from_minor, to_minor) references payments.enrolment_change_item (change_id, obligation_id, from_minor, to_minor)
);
call access.make_append_only('payments.value_change');

-- What a payment already under way pays is topped up by an obligation of its own, never by changing it. It is of the same client, enrolment,
-- instalment, fund and currency, and of exactly the difference that an approved review names: so it can never become a fourth transfer.
alter table payments.obligation
  add column tops_up uuid,
  add column review_id uuid,
  add column wage_rate_id bigint,
  drop constraint obligation_enrolment_id_instalment_key,
  add constraint obligation_is_of unique (id, client_id, enrolment_id, instalment, fund_id, currency),
  add constraint top_up_is_whole check (num_nonnulls(tops_up, review_id, wage_rate_id) in (0, 3)),
  add constraint top_up_of_the_same foreign key (tops_up, client_id, enrolment_id, instalment, fund_id, currency)
    references payments.obligation (id, client_id, enrolment_id, instalment, fund_id, currency),
  add constraint top_up_as_approved foreign key (review_id, tops_up, wage_rate_id, amount_minor)
    references payments.value_review_item (review_id, obligation_id, wage_rate_id, difference_minor);
create unique index one_obligation_per_instalment on payments.obligation (enrolment_id, instalment) where tops_up is null;
create unique index one_top_up_per_wage on payments.obligation (tops_up, wage_rate_id) where tops_up is not null;
drop index payments.one_instalment_per_person;
create unique index one_instalment_per_person on payments.obligation (client_id, instalment) where cancelled_at is null and tops_up is null;

-- What else a client is owed is asked of each transfer that is put in a run or instructed.
create index obligation_client on payments.obligation (client_id);

-- As in 0025; what tops up a transfer is no instalment of its own, and may come beside another one. What goes through an operator counts on the day
-- on which it left, and in any month (null) while it waits to leave.
create or replace view payments.paid_month as
select o.client_id, o.id obligation_id, o.instalment,
       case when a.rail <> 'mobile-money' or d.attempt_id is null and a.state = 'settled' then date_trunc('month', a.instructed_on)::date
            else date_trunc('month', d.dispatched_at at time zone e.time_zone)::date end paid_month
from payments.obligation o join payments.attempt a on a.obligation_id = o.id join payments.enrolment e on e.id = o.enrolment_id
left join payments.dispatch d on d.attempt_id = a.id
where o.tops_up is null and a.state in ('instructed', 'accepted', 'unknown', 'settled');

create function payments.refuse_repricing() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if new.amount_minor < old.amount_minor then
    raise exception 'what was promised is never lowered' using errcode = 'UCT91';
  end if;
  if (new.enrolment_id, new.client_id, new.instalment, new.fund_id, new.currency)
     <> (old.enrolment_id, old.client_id, old.instalment, old.fund_id, old.currency)
     or (new.tops_up, new.review_id, new.wage_rate_id) is distinct from (old.tops_up, old.review_id, old.wage_rate_id)
     or (new.amount_minor <> old.amount_minor
         and (old.tops_up is not null
              or exists (select from run_item where obligation_id = new.id) or exists (select from attempt where obligation_id = new.id)
              or not exists (select from value_change v
                             where (v.obligation_id, v.from_minor, v.to_minor) = (new.id, old.amount_minor, new.amount_minor)))) then
    raise exception 'what a transfer is worth changes by an approved decision, before it is in any run' using errcode = 'UCT90';
  end if;
  return new;
end $$;
create trigger refuse_repricing before update on payments.obligation for each row
  when ((new.amount_minor, new.enrolment_id, new.client_id, new.instalment, new.fund_id, new.currency)
        <> (old.amount_minor, old.enrolment_id, old.client_id, old.instalment, old.fund_id, old.currency)
        or (new.tops_up, new.review_id, new.wage_rate_id) is distinct from (old.tops_up, old.review_id, old.wage_rate_id))
  execute function payments.refuse_repricing();

create function payments.require_approved_rise() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if tg_table_name = 'obligation' then
    if not exists (select from value_review_item i
                   join value_review_decision d on d.review_id = i.review_id and d.decision = 'approve'
                   join obligation base on base.id = i.obligation_id and base.tops_up is null
                   where (i.review_id, i.obligation_id, i.top_up_id) = (new.review_id, new.tops_up, new.id))
       or exists (select from value_change v where (v.review_id, v.obligation_id) = (new.review_id, new.tops_up)) then
      raise exception 'a top-up is what an approved review names, once' using errcode = 'UCT90';
    end if;
  elsif new.review_id is not null and (not exists (select from value_review_decision where review_id = new.review_id and decision = 'approve')
                                       or exists (select from obligation where review_id = new.review_id and tops_up = new.obligation_id))
     or new.change_id is not null and not exists (select from enrolment_change_decision where change_id = new.change_id and decision = 'approve') then
    raise exception 'an amount rises as an approved decision says, once' using errcode = 'UCT90';
  end if;
  return new;
end $$;
create trigger require_approved_rise before insert on payments.obligation for each row when (new.tops_up is not null)
  execute function payments.require_approved_rise();
create trigger require_approved_rise before insert on payments.value_change for each row execute function payments.require_approved_rise();

-- What a client gets for each of their transfers: the amount of it and what tops it up.
create view payments.instalment_value as
select o.id obligation_id,
       o.amount_minor + coalesce((select sum(t.amount_minor)::bigint from payments.obligation t where t.tops_up = o.id and t.state <> 'cancelled'), 0) total_minor,
       o.state in ('planned', 'scheduled', 'on_hold')
         and not exists (select from payments.run_item i where i.obligation_id = o.id)
         and not exists (select from payments.attempt a where a.obligation_id = o.id) may_rise
from payments.obligation o where o.tops_up is null;

create function payments.check_review_item() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if exists (select from fresh f join value_review r on r.id = f.review_id join obligation o on o.id = f.obligation_id
             where o.tops_up is not null or o.fund_id <> r.fund_id
                or f.to_minor <> case r.policy when 'freeze' then f.from_minor else greatest(f.from_minor, r.worth_minor) end) then
    raise exception 'a review raises the transfers of its fund to what its wage gives' using errcode = 'UCT90';
  end if;
  return null;
end $$;
create trigger check_review_item after insert on payments.value_review_item referencing new table as fresh for each statement
  execute function payments.check_review_item();

-- ---- Money that stays committed to a payment that nobody will make

create table payments.giving_up (
  id uuid primary key,
  obligation_id uuid not null references payments.obligation,
  because text not null check (because in ('client-erased', 'enrolment-ended')),
  given_up_by uuid not null references access.app_user,
  given_up_at timestamptz not null
);
create index giving_up_obligation on payments.giving_up (obligation_id);
call access.make_append_only('payments.giving_up');

-- Looked at when the transaction ends: an erasure gives up before it erases.
create function payments.require_ended() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if not exists (select from obligation o join enrolment e on e.id = o.enrolment_id join casework.client c on c.id = o.client_id
                 where o.id = new.obligation_id and o.state in ('failed', 'returned', 'reversed', 'cancelled')
                   and case new.because when 'client-erased' then c.erased_at is not null else e.cancelled_at is not null end) then
    raise exception 'only what will never be paid is given up' using errcode = 'UCT96';
  end if;
  return null;
end $$;
create constraint trigger require_ended after insert on payments.giving_up deferrable initially deferred for each row execute function payments.require_ended();

create function payments.refuse_revival_of_given_up() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if exists (select from giving_up where obligation_id = new.id) then
    raise exception 'a transfer that was given up is not paid any more' using errcode = 'UCT96';
  end if;
  return new;
end $$;
create trigger no_revival_of_given_up before update on payments.obligation for each row
  when (old.state in ('failed', 'returned', 'reversed', 'cancelled')
        and new.state in ('planned', 'scheduled', 'on_hold', 'in_run', 'approved', 'instructed'))
  execute function payments.refuse_revival_of_given_up();

insert into ledger.flow values ('uncommit', 'committed', 'fund');
-- The lists of kinds grow by one, whatever migrations before this one made of them.
do $$
declare named record;
begin
  for named in select conname, pg_get_constraintdef(oid) def from pg_constraint
               where conrelid = 'ledger.entry'::regclass and conname in ('entry_kind_check', 'entry_of_transfer') loop
    execute format('alter table ledger.entry drop constraint %I, add constraint %I %s', named.conname, named.conname,
                   regexp_replace(named.def, 'ARRAY\[', 'ARRAY[''uncommit''::text, '));
  end loop;
end $$;

-- ---- Approving applies, in the same transaction

create function payments.apply_value_review() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
declare reviewed value_review;
begin
  select * into strict reviewed from value_review where id = new.review_id;
  -- Clients before transfers, as an erasure has them; transfers in the order in which a run takes them.
  perform 1 from casework.client c
  where c.id in (select o.client_id from value_review_item i join obligation o on o.id = i.obligation_id where i.review_id = new.review_id)
  order by c.id for key share;
  perform 1 from obligation where id in (select obligation_id from value_review_item where review_id = new.review_id) order by id for update;
  if reviewed.policy <> (select policy from fund_value_policy where fund_id = reviewed.fund_id)
     or exists (select from value_review_item i join instalment_value v on v.obligation_id = i.obligation_id
                join obligation o on o.id = i.obligation_id
                where i.review_id = new.review_id and i.difference_minor > 0 and o.state <> 'cancelled' and v.total_minor <> i.from_minor) then
    raise exception 'a transfer is not worth any more what the review says' using errcode = 'UCT92';
  end if;

  insert into value_change (obligation_id, from_minor, to_minor, wage_rate_id, review_id, changed_at)
  select i.obligation_id, i.from_minor, i.to_minor, i.wage_rate_id, i.review_id, new.decided_at
  from value_review_item i join instalment_value v on v.obligation_id = i.obligation_id
  where i.review_id = new.review_id and i.difference_minor > 0 and v.may_rise;
  update obligation o set amount_minor = v.to_minor from value_change v where v.review_id = new.review_id and o.id = v.obligation_id;

  -- Whoever is erased, and whatever is given up, is paid nothing more. What is on hold, or stopped on its way, is topped up on hold: the reason holds for both.
  insert into obligation (id, enrolment_id, client_id, instalment, fund_id, country, due_on, currency, amount_minor, state, hold_reason,
                          tops_up, review_id, wage_rate_id)
  select i.top_up_id, o.enrolment_id, o.client_id, o.instalment, o.fund_id, o.country,
         greatest(o.due_on, (new.decided_at at time zone e.time_zone)::date), o.currency, i.difference_minor,
         case when held.reason is null then 'scheduled' else 'on_hold' end, held.reason, o.id, i.review_id, i.wage_rate_id
  from value_review_item i join obligation o on o.id = i.obligation_id join enrolment e on e.id = o.enrolment_id
  join casework.client c on c.id = o.client_id
  cross join lateral (select coalesce(o.hold_reason, (select s.reason from attempt a join stopped_attempt s on s.attempt_id = a.id
                                                      where a.obligation_id = o.id and o.state in ('instructed', 'accepted', 'unknown')
                                                      order by a.attempt_no desc limit 1)) reason) held
  where i.review_id = new.review_id and i.difference_minor > 0 and o.state <> 'cancelled' and c.erased_at is null
    and not exists (select from value_change v where v.review_id = i.review_id and v.obligation_id = i.obligation_id)
    and not exists (select from giving_up g where g.obligation_id = o.id);
  return null;
end $$;
create trigger apply_value_review after insert on payments.value_review_decision for each row when (new.decision = 'approve')
  execute function payments.apply_value_review();

-- A transfer that is in a run, or on its way, is finished first; what was paid by the old rail and in the old country stays as it was.
create function payments.apply_enrolment_change() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
declare
  wanted enrolment_change;
  enrolled enrolment;
begin
  select * into strict wanted from enrolment_change where id = new.change_id;
  if new.decided_by = casework.registrar(wanted.client_id) then
    raise exception 'whoever registered a client does not approve what is owed to them' using errcode = 'UCT47';
  end if;
  perform 1 from casework.client where id = wanted.client_id for no key update;
  select * into strict enrolled from enrolment where id = wanted.enrolment_id for no key update;
  perform 1 from obligation where enrolment_id = wanted.enrolment_id order by id for update;
  if enrolled.cancelled_at is not null or wanted.before <> (case when wanted.rail is null then enrolled.country else enrolled.rail end)
     or exists (select from enrolment_change_item i join obligation o on o.id = i.obligation_id join instalment_value v on v.obligation_id = o.id
                where i.change_id = wanted.id and o.state <> 'cancelled' and not (v.may_rise and v.total_minor = i.from_minor)) then
    raise exception 'the enrolment is not any more what the change says' using errcode = 'UCT92';
  end if;
  if exists (select from obligation where enrolment_id = wanted.enrolment_id and state in ('in_run', 'approved', 'instructed', 'accepted', 'unknown')) then
    raise exception 'a transfer of the enrolment is in a run' using errcode = 'UCT93';
  end if;
  if not coalesce(wanted.rail, enrolled.rail) = any (array(select unnest(payable_by) from casework.payment_standing where client_id = wanted.client_id)) then
    raise exception 'the client may not be paid by that rail' using errcode = 'UCT44';
  end if;
  if wanted.rail is not null then
    update enrolment set rail = wanted.rail where id = wanted.enrolment_id;
    return null;
  end if;
  insert into value_change (obligation_id, from_minor, to_minor, wage_rate_id, decided_amount_id, change_id, changed_at)
  select i.obligation_id, i.from_minor, i.to_minor, i.wage_rate_id, i.decided_amount_id, i.change_id, new.decided_at
  from enrolment_change_item i join obligation o on o.id = i.obligation_id where i.change_id = wanted.id and o.state <> 'cancelled';
  update obligation o set amount_minor = v.to_minor from value_change v where v.change_id = wanted.id and o.id = v.obligation_id;
  update obligation set country = wanted.country where enrolment_id = wanted.enrolment_id and state not in ('settled', 'cancelled');
  update enrolment set country = wanted.country, time_zone = wanted.time_zone where id = wanted.enrolment_id;
  update casework.client set country = wanted.country, region = wanted.region where id = wanted.client_id;
  return null;
end $$;
create trigger apply_enrolment_change after insert on payments.enrolment_change_decision for each row when (new.decision = 'approve')
  execute function payments.apply_enrolment_change();

-- The country of somebody who is enrolled is that of the enrolment, and changes with it.
create or replace function casework.keep_country_of_enrolled() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
begin
  if exists (select from payments.enrolment where client_id = new.id and cancelled_at is null and country <> new.country) then
    raise exception 'the country of somebody who is enrolled' using errcode = 'UCT62';
  end if;
  return new;
end $$;
revoke update (rail) on payments.enrolment from uct_service;

revoke all on function payments.keep_confirmed_wage, payments.require_confirmed_wage, payments.refuse_repricing, payments.require_approved_rise,
  payments.check_review_item, payments.require_ended, payments.refuse_revival_of_given_up, payments.apply_value_review,
  payments.apply_enrolment_change from public;
grant select, insert on payments.wage_proposal, payments.wage_decision, payments.fund_policy_change, payments.fund_policy_confirmation, payments.value_review,
  payments.value_review_item, payments.value_review_decision, payments.enrolment_change, payments.enrolment_change_item,
  payments.enrolment_change_decision, payments.giving_up to uct_service;
grant select on payments.value_change, payments.fund_value_policy, payments.instalment_value to uct_service;
