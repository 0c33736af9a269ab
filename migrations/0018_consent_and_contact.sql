-- Consent with its scope, which counts at once wherever something is written or paid; who is assigned to whom; emergency access; and
-- safe contact: the rules are there before the contact.
set local role uct_owner;

-- ---- Consent

alter table casework.consent
  -- With whom to share, or by which rail to be paid. Null is every rail; a consent to share names a party, only its withdrawal need not.
  add column party text check (length(party) between 1 and 120),
  add column interpreter text not null default 'none' check (interpreter in ('none', 'staff', 'outside', 'family')),
  add constraint consent_party_where_there_is_one check (party is null or purpose = 'share' or (purpose = 'be-paid' and party in ('cash', 'manual'))),
  add constraint consent_to_share_names_a_party check (purpose <> 'share' or not given or party is not null) not valid;   -- older rows count for nobody

-- What counts at this moment: of what was said of that party by name and of all parties, the latest; no row where nothing was said. The one
-- place that reads consents. (It returns a set so that PostgreSQL puts it into the query that asks, which is ten times as fast as a call.)
create function casework.latest_word(p_client uuid, p_purpose text, p_party text) returns setof boolean
language sql stable parallel safe as $$
  select k.given from casework.consent k
  where k.client_id = p_client and k.purpose = p_purpose and (k.party is null or k.party = p_party)
    and not (k.purpose = 'share' and k.given and k.party is null)
  order by k.seq desc limit 1;
$$;

-- Whether a client consents; nothing said is no.
create function casework.consents(p_client uuid, p_purpose text, p_party text default null) returns boolean
language sql stable parallel safe as $$
  select coalesce((select word from casework.latest_word(p_client, p_purpose, p_party) word), false);
$$;
revoke all on function casework.latest_word, casework.consents from public;
grant execute on function casework.latest_word, casework.consents to uct_service;

-- All that paying may know of a client's case file. `payable_by` is by which rails they may be paid at this moment: they consent to it, and
-- to what has to be held for it, and who is presumed a child has a guardian. No other consent plays any part in being paid.
create or replace view casework.payment_standing as
select c.id client_id, c.country, c.region, c.caseworker_id, c.age_band <> 'adult' presumed_child, c.guardian_on_record,
       asked.rails <> '{}' consents_to_be_paid, u.team_id caseworker_team_id, asked.rails rails_consented,
       case when c.age_band = 'adult' or c.guardian_on_record then asked.rails else '{}' end payable_by
from casework.client c join access.app_user u on u.id = c.caseworker_id
cross join lateral (
  select case when (select word from casework.latest_word(c.id, 'hold-data', null) word)
              then array(select rail from unnest(array['cash', 'manual']) rail
                         where (select word from casework.latest_word(c.id, 'be-paid', rail) word))
              else '{}' end rails
  offset 0) asked;   -- worked out once for each client

-- Withdrawing waits for the payments that are being instructed at this moment, and the next ones wait for it.
create function payments.hold_off_withdrawals() returns void language sql security definer set search_path = payments, pg_temp as $$
  select pg_advisory_xact_lock_shared(hashtextextended('who may be paid', 0));
$$;
revoke all on function payments.hold_off_withdrawals from public;
grant execute on function payments.hold_off_withdrawals to uct_service;

create function casework.hold_off_payments() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
begin
  if tg_table_name = 'consent' then
    perform 1 from client where id = new.client_id for no key update;   -- what is being written about the client comes before or after
    if new.purpose not in ('hold-data', 'be-paid') then return new; end if;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('who may be paid', 0));
  return new;
end $$;
create trigger hold_off_payments before insert on casework.consent for each row when (not new.given) execute function casework.hold_off_payments();
create trigger hold_off_payments before update of guardian_on_record, age_band on casework.client for each row
  when (new.guardian_on_record < old.guardian_on_record or new.age_band <> 'adult' and old.age_band = 'adult') execute function casework.hold_off_payments();

-- Put on every table that something about a client is written to: without consent to hold data nothing new is.
create function casework.require_consent_to_hold() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
declare
  written jsonb := to_jsonb(new);
  whose uuid := coalesce((written ->> case tg_table_name when 'client' then 'id' else 'client_id' end)::uuid, (select client_id from spending_plan where id = (written ->> 'plan_id')::uuid),
                         (select client_id from needs_assessment where id = (written ->> 'assessment_id')::uuid));
begin
  perform 1 from client where id = whose for share;   -- a withdrawal comes before this or after it, never in between
  if not casework.consents(whose, 'hold-data') then
    raise exception 'the client does not consent to data being held' using errcode = 'UCT41';
  end if;
  return new;
end $$;

create procedure casework.hold_only_with_consent(target regclass) language plpgsql as $$
begin
  execute format('create trigger hold_only_with_consent before insert on %s for each row execute function casework.require_consent_to_hold()', target);
end $$;
revoke all on procedure casework.hold_only_with_consent from public;

call casework.hold_only_with_consent('casework.needs_assessment');
call casework.hold_only_with_consent('casework.need_rank');
call casework.hold_only_with_consent('casework.spending_plan');
call casework.hold_only_with_consent('casework.plan_item');
call casework.hold_only_with_consent('casework.plan_tracking');
call casework.hold_only_with_consent('casework.tracked_item');
call casework.hold_only_with_consent('payments.enrolment');
-- Consenting to anything else is something new about the client; withdrawing never is.
create trigger hold_only_with_consent before insert on casework.consent for each row when (new.given and new.purpose <> 'hold-data')
  execute function casework.require_consent_to_hold();
-- The first version is there before the consents are, in the same transaction.
create trigger hold_only_with_consent before insert on pii.identity for each row when (new.version > 1)
  execute function casework.require_consent_to_hold();

-- ---- Paying only who may be paid at that very moment

create function payments.refuse_enrolment() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if not exists (select from casework.payment_standing s where s.client_id = new.client_id and new.rail = any (s.payable_by)) then
    raise exception 'the client may not be paid by that rail' using errcode = 'UCT44';
  end if;
  if new.approved_by = casework.registrar(new.client_id) then
    raise exception 'whoever registered a client does not approve what is owed to them' using errcode = 'UCT47';
  end if;
  return new;
end $$;
create trigger refuse_enrolment before insert on payments.enrolment for each row execute function payments.refuse_enrolment();
create trigger refuse_approval before update of approved_at on payments.enrolment for each row when (new.approved_at is not null and old.approved_at is null)
  execute function payments.refuse_enrolment();

-- A transfer that left a released run before it was instructed, because the client might not be paid any more. It stays owed, and the money
-- committed to it stays committed.
create table payments.run_departure (
  run_id uuid not null,
  obligation_id uuid not null,
  reason text not null check (reason in ('no-consent')),
  left_at timestamptz not null,
  primary key (run_id, obligation_id),
  foreign key (run_id, obligation_id) references payments.run_item (run_id, obligation_id)
);
create index run_departure_obligation on payments.run_departure (obligation_id);
call access.make_append_only('payments.run_departure');
grant select, insert on payments.run_departure to uct_service;

create function payments.refuse_attempt() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform hold_off_withdrawals();
  if exists (select from fresh f join obligation o on o.id = f.obligation_id join casework.payment_standing s on s.client_id = o.client_id
             where not f.rail = any (s.payable_by)) then
    raise exception 'a client may not be paid by that rail' using errcode = 'UCT44';
  end if;
  if exists (select from fresh f join run_departure d using (run_id, obligation_id)) then
    raise exception 'a transfer that left a run is not instructed in it' using errcode = 'UCT06';
  end if;
  return null;
end $$;
create trigger refuse_attempt after insert on payments.attempt referencing new table as fresh for each statement
  execute function payments.refuse_attempt();

-- As before, with consent by rail.
create or replace function payments.run_digest(p_run_id uuid) returns text
language sql stable security definer set search_path = payments, pg_temp as $$
  select coalesce(encode(sha256(convert_to(string_agg(concat_ws('|', o.id, o.client_id, e.rail, coalesce(e.payee_ref, '-'), o.currency,
                                                                o.amount_minor, o.due_on), E'\n' order by o.id), 'UTF8')), 'hex'), '')
  from obligation o join enrolment e on e.id = o.enrolment_id join casework.payment_standing s on s.client_id = o.client_id
  where o.run_id = p_run_id and o.state in ('in_run', 'approved') and e.rail = any (s.payable_by);
$$;

-- ---- Who works with whom

create table casework.assignment (
  id uuid primary key,
  seq bigint generated always as identity,
  client_id uuid not null references casework.client,
  caseworker_id uuid not null references access.app_user,
  previous_id uuid not null references access.app_user,   -- whose client it was until then
  assigned_by uuid not null references access.app_user,
  assigned_at timestamptz not null
);
create index assignment_client on casework.assignment (client_id, seq);
call access.make_append_only('casework.assignment');

-- Who registered a client: they were the first to work with them.
create function casework.registrar(p_client_id uuid) returns uuid language sql stable set search_path = casework, pg_temp as $$
  select coalesce((select a.previous_id from assignment a where a.client_id = c.id order by a.seq limit 1), c.caseworker_id)
  from client c where c.id = p_client_id;
$$;
revoke all on function casework.registrar from public;
grant execute on function casework.registrar to uct_service;

-- A client changes hands by a row here and in no other way.
create function casework.assign() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
begin
  if not exists (select from access.app_user u join access.user_role r on r.user_id = u.id
                 where u.id = new.caseworker_id and u.disabled_at is null and r.role in ('caseworker', 'supervisor')) then
    raise exception 'clients are assigned to caseworkers and supervisors who work here' using errcode = 'UCT45';
  end if;
  select caseworker_id into strict new.previous_id from client where id = new.client_id for no key update;
  update client set caseworker_id = new.caseworker_id where id = new.client_id;
  return new;
end $$;
create trigger assign before insert on casework.assignment for each row execute function casework.assign();
revoke update (caseworker_id) on casework.client from uct_service;
grant select, insert on casework.assignment to uct_service;

-- ---- Emergency access

create table casework.emergency_access (
  id uuid primary key,
  client_id uuid not null references casework.client,
  user_id uuid not null references access.app_user,
  team_id uuid not null references access.team,           -- of who opened it; the client's own team is told as well
  reason text not null check (reason in ('client-in-danger', 'medical', 'caseworker-not-there', 'client-asked', 'law')),
  words_sealed bytea,                                     -- sealed with the client's data key
  opened_at timestamptz not null,
  ends_at timestamptz not null check (ends_at > opened_at and ends_at <= opened_at + interval '4 hours'),
  unique (id, user_id)
);
create index emergency_access_user on casework.emergency_access (user_id, ends_at);
create index emergency_access_opened on casework.emergency_access (opened_at, id);
call access.make_append_only('casework.emergency_access');
call casework.hold_only_with_consent('casework.emergency_access');

-- Somebody opens at most five at a time. Their own row is locked, so that two opened at the same moment see each other.
create function casework.limit_emergencies() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
begin
  perform 1 from access.app_user where id = new.user_id for no key update;
  if (select count(*) from emergency_access where user_id = new.user_id and ends_at > new.opened_at) >= 5 then
    raise exception 'at most five emergency accesses at a time' using errcode = 'UCT46';
  end if;
  return new;
end $$;
create trigger limit_emergencies before insert on casework.emergency_access for each row execute function casework.limit_emergencies();

-- Seen by a supervisor who is not the one who opened it.
create table casework.emergency_seen (
  emergency_id uuid primary key,
  opened_by uuid not null,
  seen_by uuid not null references access.app_user check (seen_by <> opened_by),
  seen_at timestamptz not null,
  foreign key (emergency_id, opened_by) references casework.emergency_access (id, user_id)
);
call access.make_append_only('casework.emergency_seen');
grant select, insert on casework.emergency_access, casework.emergency_seen to uct_service;

-- ---- Safe contact

-- How a client can be contacted without harm, in versions; the latest counts.
create table casework.safe_contact (
  client_id uuid not null references casework.client,
  version integer not null check (version >= 1),
  content_sealed bytea,                                   -- sealed with the client's data key
  recorded_by uuid not null references access.app_user,
  recorded_at timestamptz not null,
  primary key (client_id, version)
);
call access.make_append_only('casework.safe_contact');
call casework.hold_only_with_consent('casework.safe_contact');

create function casework.follow_rules() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
begin
  perform 1 from client where id = new.client_id for no key update;   -- a contact is recorded before this or after it
  if new.version <> (select coalesce(max(version), 0) + 1 from safe_contact where client_id = new.client_id) then
    raise exception 'version % does not follow the latest', new.version using errcode = 'UCT42';
  end if;
  return new;
end $$;
create trigger follow_rules before insert on casework.safe_contact for each row execute function casework.follow_rules();

-- A contact that was made, or tried, with the version of the rules that was shown before.
create table casework.contact (
  id uuid primary key,
  seq bigint generated always as identity,
  client_id uuid not null references casework.client,
  rules_version integer not null,
  happened_on date not null,
  direction text not null check (direction in ('outgoing', 'incoming')),
  channel text not null check (channel in ('call', 'text-message', 'messenger', 'e-mail', 'letter', 'visit', 'at-our-office', 'through-somebody')),
  outcome text not null check (outcome in ('reached', 'no-answer', 'somebody-else-answered', 'message-left', 'broken-off')),
  words_sealed bytea,                                     -- sealed with the client's data key
  recorded_by uuid not null references access.app_user,
  recorded_at timestamptz not null,
  content_sha256 bytea not null check (length(content_sha256) = 32),
  foreign key (client_id, rules_version) references casework.safe_contact (client_id, version)
);
create index contact_client on casework.contact (client_id, seq);
call access.make_append_only('casework.contact');
call casework.hold_only_with_consent('casework.contact');

-- The rules that were shown are the latest, and whoever is contacted by us consents to it. Clients may always come to us.
create function casework.require_shown_rules() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
begin
  perform 1 from client where id = new.client_id for share;
  if new.rules_version is distinct from (select max(version) from safe_contact where client_id = new.client_id) then
    raise exception 'these are not the latest rules of safe contact' using errcode = 'UCT42';
  end if;
  if new.direction = 'outgoing' and not casework.consents(new.client_id, 'be-contacted') then
    raise exception 'the client does not consent to being contacted' using errcode = 'UCT43';
  end if;
  return new;
end $$;
create trigger require_shown_rules before insert on casework.contact for each row execute function casework.require_shown_rules();
grant select, insert on casework.safe_contact, casework.contact to uct_service;
