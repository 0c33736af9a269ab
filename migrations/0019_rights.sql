-- The client's rights: their identity is corrected in versions, everything held can be exported, and erased while books and proofs stand.
set local role uct_owner;

-- One correction after another: of two at the same moment the second finds its number taken. Once kept, a version never changes.
create function pii.require_next_version() returns trigger language plpgsql security definer set search_path = pii, pg_temp as $$
begin
  perform from casework.client where id = new.client_id for no key update;
  if new.version <> 1 + (select coalesce(max(version), 0) from identity where client_id = new.client_id) then
    raise exception 'version % of an identity does not follow the last one', new.version using errcode = 'UCT61';
  end if;
  return new;
end $$;
create trigger next_version before insert on pii.identity for each row execute function pii.require_next_version();
create trigger kept_versions before update on pii.identity for each row execute function access.refuse_change();

-- The number of the newest version, which stays the newest until the transaction ends.
create function pii.newest_identity_version(p_client_id uuid) returns integer
language plpgsql security definer set search_path = pii, pg_temp as $$
begin
  perform from casework.client where id = p_client_id for share;
  return (select max(version) from identity where client_id = p_client_id);
end $$;

-- Every version, oldest first. As with open_identity, reading and recording who read is one act.
create function pii.open_identity_versions(p_client_id uuid, p_event_id uuid, p_actor uuid, p_request_id text, p_reason text, p_at timestamptz)
returns table (version integer, sealed bytea, sealed_at timestamptz)
language plpgsql security definer set search_path = pii, pg_temp as $$
begin
  insert into access.audit_event (id, at, actor_id, act, subject_kind, subject_id, request_id, detail)
  values (p_event_id, p_at, p_actor, 'identity.read', 'client', p_client_id::text, p_request_id, jsonb_build_object('reason', p_reason));
  return query select i.version, i.sealed, i.sealed_at from identity i where i.client_id = p_client_id order by i.version;
end $$;

revoke all on function pii.require_next_version, pii.newest_identity_version, pii.open_identity_versions from public;
grant execute on function pii.newest_identity_version, pii.open_identity_versions to uct_service;

-- What stands in a case file can be corrected. The country decides what is owed: it stays while somebody is enrolled there.
create function casework.keep_country_of_enrolled() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
begin
  if exists (select from payments.enrolment where client_id = new.id and cancelled_at is null) then
    raise exception 'the country of somebody who is enrolled' using errcode = 'UCT62';
  end if;
  return new;
end $$;
revoke all on function casework.keep_country_of_enrolled from public;
create trigger country_of_enrolled before update on casework.client for each row when (new.country <> old.country)
  execute function casework.keep_country_of_enrolled();
grant update (cohort, case_group, country) on casework.client to uct_service;

-- ---- Erasure -----------------------------------------------------------------------------------------------------------------------
-- A client is erased by being listed in pii.erased_client. Everything follows from that in the same transaction, also when the list is
-- restored into an older copy of the database.

alter table casework.client add column erased_at timestamptz;

-- A correction is something new about the client; an erasure takes away.
create trigger hold_only_with_consent before update on casework.client for each row
  when ((new.cohort, new.case_group, new.country, new.region) is distinct from (old.cohort, old.case_group, old.country, old.region)
        and new.erased_at is null)
  execute function casework.require_consent_to_hold();

-- As before, and nobody who is erased may be paid: nobody can tell any more who that is.
create or replace view casework.payment_standing as
select c.id client_id, c.country, c.region, c.caseworker_id, c.age_band <> 'adult' presumed_child, c.guardian_on_record,
       asked.rails <> '{}' consents_to_be_paid, u.team_id caseworker_team_id, asked.rails rails_consented,
       case when c.age_band = 'adult' or c.guardian_on_record then asked.rails else '{}' end payable_by
from casework.client c join access.app_user u on u.id = c.caseworker_id
cross join lateral (
  select case when c.erased_at is null and (select word from casework.latest_word(c.id, 'hold-data', null) word)
              then array(select rail from unnest(array['cash', 'manual']) rail
                         where (select word from casework.latest_word(c.id, 'be-paid', rail) word))
              else '{}' end rails
  offset 0) asked;

create function casework.keep_erased() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
begin
  if old.erased_at is not null or not exists (select from pii.erased_client where client_id = new.id and erased_at = new.erased_at) then
    raise exception 'what was erased stays erased, and nobody else becomes it' using errcode = 'UCT16';
  end if;
  return new;
end $$;
create trigger erased_is_final before update on casework.client for each row
  when (old.erased_at is not null or new.erased_at is not null) execute function casework.keep_erased();

-- Nothing new is kept about somebody who is erased. Waits for an erasure that is under way, so that nothing sealed with a key that is being
-- deleted gets in behind it. Arguments: the clients of the fresh rows, and the code of the refusal.
create function casework.refuse_of_erased() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
declare is_erased boolean;
begin
  execute format('select bool_or(gone) from (select c.erased_at is not null gone from casework.client c where c.id in (%s) for key share) waited', tg_argv[0])
    into is_erased;
  if is_erased then
    raise exception 'the client is erased and gets no row in %.%', tg_table_schema, tg_table_name using errcode = tg_argv[1];
  end if;
  return null;
end $$;

create procedure casework.refuse_rows_of_erased(target regclass, clients text default 'select client_id from fresh', code text default 'UCT16')
language plpgsql as $$
begin
  execute format('create trigger not_of_erased after insert on %s referencing new table as fresh for each statement
                  execute function casework.refuse_of_erased(%L, %L)', target, clients, code);
end $$;
call casework.refuse_rows_of_erased('casework.consent');
call casework.refuse_rows_of_erased('casework.needs_assessment');
call casework.refuse_rows_of_erased('casework.need_rank', 'select a.client_id from fresh f join casework.needs_assessment a on a.id = f.assessment_id');
call casework.refuse_rows_of_erased('casework.spending_plan');
call casework.refuse_rows_of_erased('casework.plan_item', 'select p.client_id from fresh f join casework.spending_plan p on p.id = f.plan_id');
call casework.refuse_rows_of_erased('casework.plan_tracking', 'select p.client_id from fresh f join casework.spending_plan p on p.id = f.plan_id');
call casework.refuse_rows_of_erased('casework.tracked_item', 'select p.client_id from fresh f join casework.spending_plan p on p.id = f.plan_id');
call casework.refuse_rows_of_erased('casework.assignment');
call casework.refuse_rows_of_erased('casework.emergency_access');
call casework.refuse_rows_of_erased('casework.safe_contact');
call casework.refuse_rows_of_erased('casework.contact');
call casework.refuse_rows_of_erased('pii.person_token');
call casework.refuse_rows_of_erased('pii.person_birth');
-- Whoever is like somebody who is being erased at this moment can be registered again at once.
call casework.refuse_rows_of_erased('casework.possible_duplicate', 'select one_id from fresh union select other_id from fresh', '40001');
call casework.refuse_rows_of_erased('payments.enrolment');
call casework.refuse_rows_of_erased('payments.obligation');

-- A transfer that ended does not begin again for somebody who is erased: nobody can tell any more whom to pay.
create function payments.refuse_revival_of_erased() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if exists (select from casework.client where id = new.client_id and erased_at is not null) then
    raise exception 'a transfer of somebody who is erased' using errcode = 'UCT16';
  end if;
  return new;
end $$;
create trigger no_revival_of_erased before update on payments.obligation for each row
  when (old.state in ('settled', 'failed', 'returned', 'reversed', 'cancelled')
        and new.state in ('planned', 'scheduled', 'on_hold', 'in_run', 'approved', 'instructed'))
  execute function payments.refuse_revival_of_erased();

-- Words can be emptied, and keyed digests of words made meaningless, of a client who is listed as erased; nothing else of these tables ever
-- changes. Arguments: whose the row is ($1), and the columns of words.
create function casework.refuse_all_but_erasure() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
declare
  whose uuid;
  words text[] := tg_argv[1];
  was jsonb := to_jsonb(old);
  is_now jsonb := to_jsonb(new);
begin
  execute 'select ' || tg_argv[0] into whose using old;
  if exists (select from pii.erased_client where client_id = whose)
     and was - words - 'content_sha256' = is_now - words - 'content_sha256'
     and not exists (select from unnest(words) column_name where is_now -> column_name <> 'null') then
    return new;
  end if;
  raise exception '% on %.% is refused: the words of a client who is erased can go, and nothing else', tg_op, tg_table_schema, tg_table_name using errcode = 'UCT01';
end $$;

create procedure casework.make_erasable(target regclass, whose text, words text[] default '{}') language plpgsql as $$
begin
  execute format('drop trigger append_only_rows on %s', target);
  execute format('create trigger erasable_rows before update on %s for each row execute function casework.refuse_all_but_erasure(%L, %L)', target, whose, words);
  execute format('create trigger kept_rows before delete on %s for each row execute function access.refuse_change()', target);
end $$;
call casework.make_erasable('casework.needs_assessment', '($1).client_id');
call casework.make_erasable('casework.need_rank', '(select client_id from casework.needs_assessment where id = ($1).assessment_id)', '{interpretation_sealed}');
call casework.make_erasable('casework.spending_plan', '($1).client_id');
call casework.make_erasable('casework.plan_item', '(select client_id from casework.spending_plan where id = ($1).plan_id)', '{description_sealed}');
call casework.make_erasable('casework.plan_tracking', '(select client_id from casework.spending_plan where id = ($1).plan_id)');
call casework.make_erasable('casework.tracked_item', '(select client_id from casework.spending_plan where id = ($1).plan_id)', '{came_of_sealed}');
call casework.make_erasable('casework.emergency_access', '($1).client_id', '{words_sealed}');
call casework.make_erasable('casework.safe_contact', '($1).client_id', '{content_sealed}');
call casework.make_erasable('casework.contact', '($1).client_id', '{words_sealed}');

-- With whom to share is said when it is given, and is words of the client's.
call casework.make_erasable('casework.consent', '($1).client_id', '{party}');
alter table casework.consent drop constraint consent_to_share_names_a_party;
create function casework.require_party() returns trigger language plpgsql as $$
begin
  raise exception 'a consent to share names a party' using errcode = 'check_violation', constraint = 'consent_to_share_names_a_party';
end $$;
create trigger names_party before insert on casework.consent for each row when (new.purpose = 'share' and new.given and new.party is null)
  execute function casework.require_party();
revoke all on function casework.require_party from public;

-- A plan says what for, until it is erased.
create function casework.require_description() returns trigger language plpgsql as $$
begin
  raise exception 'an item of a plan says what for' using errcode = 'not_null_violation';
end $$;
alter table casework.plan_item alter column description_sealed drop not null;
create trigger described before insert on casework.plan_item for each row when (new.description_sealed is null)
  execute function casework.require_description();

-- An identity goes when the client is erased, and not before.
create function pii.keep_unless_erased() returns trigger language plpgsql security definer set search_path = pii, pg_temp as $$
begin
  if exists (select from erased_client where client_id = old.client_id) then return old; end if;
  raise exception 'delete on pii.% is refused: an identity goes when the client is erased, and not before', tg_table_name using errcode = 'UCT01';
end $$;
create trigger erasable_versions before delete on pii.identity for each row execute function pii.keep_unless_erased();
create trigger kept_table before truncate on pii.identity for each statement execute function access.refuse_change();

-- An answer that was kept for a repeated request names the client by the code that goes.
drop trigger append_only_rows on access.idempotent_answer;
create function access.refuse_all_but_erasure() returns trigger language plpgsql security definer set search_path = access, pg_temp as $$
begin
  if tg_op = 'DELETE' and exists (select from pii.erased_client e join casework.client c on c.id = e.client_id
                                  where c.erased_at is null and position(c.code in old.body::text) > 0) then
    return old;
  end if;
  raise exception '% on access.idempotent_answer is refused: what names a client who is being erased can go, and nothing else', tg_op using errcode = 'UCT01';
end $$;
create trigger erasable_rows before update or delete on access.idempotent_answer for each row execute function access.refuse_all_but_erasure();

create function casework.random_code() returns text language sql volatile set search_path = casework, pg_temp as $$
  select 'C-' || string_agg(substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 1 + (get_byte(random.bytes, place) & 31), 1), '')
  from (select uuid_send(gen_random_uuid()) bytes) random, unnest(array[0, 1, 2, 3, 4, 5, 10, 11]) place;   -- 6 and 8 say which kind of UUID it is
$$;
create function casework.random_digest() returns bytea language sql volatile set search_path = casework, pg_temp as $$
  select uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
$$;

create function casework.empty_who_is_listed() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
declare former_code text;
begin
  select code into former_code from client where id = new.client_id and erased_at is null for update;
  if not found then return null; end if;   -- not here, or erased before
  update need_rank set interpretation_sealed = null
  where interpretation_sealed is not null and assessment_id in (select id from needs_assessment where client_id = new.client_id);
  update needs_assessment set content_sha256 = random_digest() where client_id = new.client_id;
  update plan_item set description_sealed = null where plan_id in (select id from spending_plan where client_id = new.client_id);
  update tracked_item set came_of_sealed = null
  where came_of_sealed is not null and plan_id in (select id from spending_plan where client_id = new.client_id);
  update plan_tracking set content_sha256 = random_digest() where plan_id in (select id from spending_plan where client_id = new.client_id);
  update spending_plan set content_sha256 = random_digest() where client_id = new.client_id;
  update emergency_access set words_sealed = null where client_id = new.client_id and words_sealed is not null;
  update safe_contact set content_sealed = null where client_id = new.client_id and content_sealed is not null;
  update consent set party = null where client_id = new.client_id and purpose = 'share' and party is not null;
  update contact set words_sealed = null, content_sha256 = random_digest() where client_id = new.client_id;
  perform pii.forget_person(new.client_id);
  delete from access.idempotent_answer where position(former_code in body::text) > 0;
  -- Cohort, case, country and ranks stay: if they went, what two reports differ by would tell them. Nothing ties them to a person.
  update client set code = random_code(), region = null, age_band = 'unknown', guardian_on_record = false, content_sha256 = random_digest(),
                    erased_at = new.erased_at
  where id = new.client_id;
  return null;
end $$;
-- In order of their names: keys and identity go by `erased_has_nothing` first.
create trigger erased_says_nothing after insert on pii.erased_client for each row execute function casework.empty_who_is_listed();

-- Erases a client; how many of what went. Refused while a payment may be under way.
create function pii.erase_client(p_client_id uuid, p_at timestamptz) returns jsonb
language plpgsql security definer set search_path = pii, pg_temp as $$
declare counted jsonb;
begin
  perform from casework.client where id = p_client_id and erased_at is null for update;
  if not found then raise exception 'there is no such client to erase' using errcode = 'UCT16'; end if;
  if exists (select from payments.obligation where client_id = p_client_id
             and state in ('planned', 'scheduled', 'on_hold', 'in_run', 'approved', 'instructed', 'accepted', 'unknown')) then
    raise exception 'a payment may be under way' using errcode = 'UCT63';
  end if;
  select jsonb_build_object(
    'identityVersions', (select count(*) from identity where client_id = p_client_id),
    'dataKeys', (select count(*) from data_key where client_id = p_client_id),
    'searchTokens', (select count(*) from person_token where client_id = p_client_id),
    'ownWords', (select count(*) from casework.need_rank r join casework.needs_assessment a on a.id = r.assessment_id
                 where a.client_id = p_client_id and r.interpretation_sealed is not null)
              + (select count(*) from casework.plan_item i join casework.spending_plan p on p.id = i.plan_id where p.client_id = p_client_id)
              + (select count(*) from casework.tracked_item i join casework.spending_plan p on p.id = i.plan_id
                 where p.client_id = p_client_id and i.came_of_sealed is not null),
    'safeContactRules', (select count(*) from casework.safe_contact where client_id = p_client_id and content_sealed is not null),
    'contactNotes', (select count(*) from casework.contact where client_id = p_client_id and words_sealed is not null)
                  + (select count(*) from casework.emergency_access where client_id = p_client_id and words_sealed is not null)) into counted;
  insert into erased_client (client_id, erased_at) values (p_client_id, p_at);
  return counted;
end $$;

-- What was certified of each erasure, without whom: the certificate is the client's, and its digest tells whether one that is shown is it.
create table casework.erasure (
  number text primary key check (number ~ '^E-[0-9A-HJKMNP-TV-Z]{8}$'),
  erased_by uuid not null references access.app_user,
  erased_at timestamptz not null,
  backups_clear_on date not null,
  deleted jsonb not null,
  kept jsonb not null,
  certificate_sha256 bytea not null check (length(certificate_sha256) = 32)
);
call access.make_append_only('casework.erasure');
grant select, insert on casework.erasure to uct_service;

revoke all on function casework.keep_erased, casework.refuse_of_erased, casework.refuse_all_but_erasure, casework.require_description,
  casework.random_code, casework.random_digest, casework.empty_who_is_listed, payments.refuse_revival_of_erased,
  access.refuse_all_but_erasure, pii.keep_unless_erased, pii.erase_client from public;
revoke all on procedure casework.refuse_rows_of_erased, casework.make_erasable from public;
grant execute on function pii.erase_client to uct_service;
