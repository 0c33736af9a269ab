-- Teams, which decide whose clients a supervisor sees; roles that must not meet in one person; and who acts where no person is signed in.
set local role uct_owner;

create table access.team (
  id uuid primary key,
  name text not null unique check (length(name) between 1 and 80)
);
-- Everybody is in a team; a programme with one team never has to think about it.
insert into access.team values ('00000000-0000-7000-8000-0000000000a1', 'Programme');

alter table access.app_user
  add column team_id uuid not null default '00000000-0000-7000-8000-0000000000a1' references access.team,
  -- A second factor is asked of some roles (config/roles.json). Who is excused stands here; the demonstration excuses its invented staff.
  add column second_factor_waived boolean not null default false,
  drop constraint app_user_kind_check,
  drop constraint app_user_check,
  add constraint app_user_kind check (kind in ('person', 'schedule', 'operator', 'nobody')),
  -- A person who was invited has no password yet; whoever is no person never has one.
  add constraint app_user_password check (kind = 'person' or password_hash is null);
create index app_user_team on access.app_user (team_id);

-- The operator works at the machine's command line; nobody is who tried to sign in and failed. Neither can sign in.
insert into access.app_user (id, email, display_name, kind, created_at) values
  ('00000000-0000-7000-8000-000000000002', 'operator@uct-ledger.invalid', 'Operator', 'operator', '2015-01-01T00:00:00Z'),
  ('00000000-0000-7000-8000-000000000003', 'nobody@uct-ledger.invalid', 'Nobody', 'nobody', '2015-01-01T00:00:00Z');

-- Pairs of roles that one person must not hold together, so that nobody can enrol and pay alone, check their own work, or give themselves
-- what they lack.
create table access.role_conflict (
  one text not null,
  other text not null check (one < other),
  primary key (one, other)
);
insert into access.role_conflict
select a.role, b.role from
  (values ('caseworker', 'casework'), ('supervisor', 'casework'), ('finance-preparer', 'prepares'), ('finance-approver', 'approves'),
          ('finance-releaser', 'releases'), ('donor', 'gives'), ('auditor', 'checks'), ('administrator', 'administers')) a (role, part),
  (values ('caseworker', 'casework'), ('supervisor', 'casework'), ('finance-preparer', 'prepares'), ('finance-approver', 'approves'),
          ('finance-releaser', 'releases'), ('donor', 'gives'), ('auditor', 'checks'), ('administrator', 'administers')) b (role, part)
where a.role < b.role and a.part <> b.part;
call access.make_append_only('access.role_conflict');

-- The user's row is locked first, so that two roles given at the same moment see each other.
create function access.refuse_conflicting_roles() returns trigger language plpgsql security definer set search_path = access, pg_temp as $$
declare meets text;
begin
  perform 1 from app_user where id = new.user_id and kind = 'person' for no key update;
  if not found then raise exception 'only a person has roles' using errcode = 'UCT10'; end if;
  select r.role into meets from user_role r join role_conflict c on (c.one, c.other) = (least(r.role, new.role), greatest(r.role, new.role))
  where r.user_id = new.user_id limit 1;
  if found then
    raise exception 'one person cannot be % and %', new.role, meets using errcode = 'UCT10', constraint = 'role_conflict';
  end if;
  return new;
end $$;
create trigger roles_that_must_not_meet before insert or update on access.user_role for each row execute function access.refuse_conflicting_roles();
revoke all on function access.refuse_conflicting_roles from public;

-- All that paying may know of a client's case file, now with the caseworker's team.
create or replace view casework.payment_standing as
select c.id client_id, c.country, c.region, c.caseworker_id, c.age_band <> 'adult' presumed_child, c.guardian_on_record,
       coalesce((select k.given from casework.consent k where k.client_id = c.id and k.purpose = 'be-paid' order by k.seq desc limit 1), false) consents_to_be_paid,
       u.team_id caseworker_team_id
from casework.client c join access.app_user u on u.id = c.caseworker_id;

grant select, insert on access.team to uct_service;
grant select on access.role_conflict to uct_service;
grant update (team_id) on access.app_user to uct_service;
