-- No administrator lets anybody in alone: whoever came in, or may do more, by what one administrator did does nothing until another one, or
-- the operator, has confirmed that it is really they.
set local role uct_owner;

-- Who gave a role, and when. Those from before count as the operator's.
alter table access.user_role
  add column granted_by uuid not null default '00000000-0000-7000-8000-000000000002' references access.app_user,
  add column granted_at timestamptz not null default now(),
  add constraint nobody_gives_themselves_a_role check (granted_by <> user_id);
alter table access.user_role alter column granted_by drop default, alter column granted_at drop default;

-- Who ended a second factor: its owner, who has another one, or somebody who took it away. What ended before is left as it is.
alter table access.second_factor
  add column ended_by uuid references access.app_user,
  add constraint second_factor_is_ended_by_somebody check ((ended_at is null) = (ended_by is null)) not valid;
grant update (ended_by) on access.second_factor to uct_service;

-- What an administrator did that could have let in somebody else. Triggers write it, so that no way leads past it.
create table access.account_confirmation (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references access.app_user,
  because text not null check (because in ('invitation', 'reset-link', 'external-identity', 'external-identity-unbound', 'second-factor-reset', 'roles', 'enabled', 'team')),
  caused_by uuid not null references access.app_user,
  caused_at timestamptz not null,
  confirmed_by uuid references access.app_user,
  confirmed_at timestamptz,
  -- When a newer link for a new password was used: the password that the older one set is gone.
  superseded_at timestamptz,
  constraint confirmed_by_somebody_else check (confirmed_by <> caused_by and confirmed_by <> user_id),
  check ((confirmed_by is null) = (confirmed_at is null)),
  check (confirmed_at is null or superseded_at is null)
);
create index account_confirmation_open on access.account_confirmation (user_id) where confirmed_at is null and superseded_at is null;

-- What has to be confirmed before its user does anything. Whoever is a donor and nothing else reads reports in which nobody can be recognised,
-- and is not kept waiting; what was never confirmed counts again when they become more.
create view access.awaited_confirmation as
select c.id, c.user_id, c.because, c.caused_by, c.caused_at
from access.account_confirmation c
where c.confirmed_at is null and c.superseded_at is null
  and exists (select 1 from access.user_role r where r.user_id = c.user_id and r.role <> 'donor');

create function access.confirm_once() returns trigger language plpgsql security definer set search_path = access, pg_temp as $$
begin
  if tg_op <> 'UPDATE' or old.confirmed_at is not null or old.superseded_at is not null
     or (new.id, new.user_id, new.because, new.caused_by, new.caused_at) is distinct from (old.id, old.user_id, old.because, old.caused_by, old.caused_at) then
    raise exception 'it is confirmed or superseded once, and stays' using errcode = 'UCT24';
  end if;
  -- Besides the operator only an administrator confirms, who was neither disabled nor awaits confirmation.
  if new.confirmed_by in (new.caused_by, new.user_id)
     or new.confirmed_by <> '00000000-0000-7000-8000-000000000002' and not exists (
       select 1 from user_role r join app_user u on u.id = r.user_id
       where u.id = new.confirmed_by and u.disabled_at is null and r.role = 'administrator'
         and not exists (select 1 from awaited_confirmation w where w.user_id = u.id)) then
    raise exception 'another administrator confirms' using errcode = 'UCT25';
  end if;
  return new;
end $$;
create trigger confirmed_once before update or delete on access.account_confirmation for each row execute function access.confirm_once();
create trigger confirmations_stay before truncate on access.account_confirmation for each statement execute function access.confirm_once();

-- The operator works on the server itself and could change anything there; what they do awaits nobody.
create function access.await_confirmation(p_user uuid, p_because text, p_by uuid, p_at timestamptz) returns void
language sql security definer set search_path = access, pg_temp as $$
  insert into account_confirmation (user_id, because, caused_by, caused_at)
  select p_user, p_because, p_by, p_at where p_by <> '00000000-0000-7000-8000-000000000002'
$$;

-- Somebody comes in for the first time, by what p_by made. Roles were given before that; who gave them, if it is somebody else, has to be
-- confirmed as well. The user's row is locked, so that a role that is given at the same moment is seen here or sees that they came in.
create function access.await_newcomer(p_user uuid, p_because text, p_by uuid, p_at timestamptz) returns void
language plpgsql security definer set search_path = access, pg_temp as $$
begin
  perform 1 from app_user where id = p_user for no key update;
  perform await_confirmation(p_user, p_because, p_by, p_at);
  perform await_confirmation(p_user, 'roles', g.granted_by, p_at)
  from (select distinct granted_by from user_role where user_id = p_user and granted_by <> p_by) g;
end $$;

-- A newer password replaces an older one, and what was shown to whoever confirms is no longer so. That the person was invited at all has to be
-- confirmed all the same, by somebody who did not invite them.
create function access.await_whoever_used_a_link() returns trigger language plpgsql security definer set search_path = access, pg_temp as $$
declare gone record;
begin
  for gone in
    update account_confirmation set superseded_at = new.used_at
    where user_id = new.user_id and because in ('invitation', 'reset-link') and confirmed_at is null and superseded_at is null
    returning because, caused_by
  loop
    if gone.because = 'invitation' then
      perform await_confirmation(new.user_id, 'invitation', gone.caused_by, new.used_at);
    end if;
  end loop;
  if new.kind = 'invitation' then
    perform await_newcomer(new.user_id, 'invitation', new.made_by, new.used_at);
  else
    perform await_confirmation(new.user_id, 'reset-link', new.made_by, new.used_at);
  end if;
  return null;
end $$;
create trigger used_link_awaits_confirmation after update of used_at on access.one_time_link
  for each row when (old.used_at is null and new.used_at is not null) execute function access.await_whoever_used_a_link();

-- Whoever was invited can also come in with the organisation's own sign-in, and leave the link unused. Where a link was used and nobody has
-- confirmed yet by whom, that may have been somebody else: the password, the second factor and the tokens that came by it go.
create function access.await_whoever_came_from_elsewhere() returns trigger language plpgsql security definer set search_path = access, pg_temp as $$
begin
  if exists (select 1 from account_confirmation c where c.user_id = new.user_id and c.because in ('invitation', 'reset-link')
                                                     and c.confirmed_at is null and c.superseded_at is null) then
    update app_user set password_hash = null where id = new.user_id;
    update second_factor set ended_at = new.bound_at, ended_by = new.user_id, sealed = null where user_id = new.user_id and ended_at is null;
    delete from recovery_code where user_id = new.user_id;
    update session set revoked_at = new.bound_at where user_id = new.user_id and revoked_at is null;
    update machine_token set revoked_at = new.bound_at where user_id = new.user_id and revoked_at is null;
  end if;
  if exists (select 1 from app_user where id = new.user_id and password_hash is null) then
    perform await_newcomer(new.user_id, 'external-identity', l.made_by, new.bound_at)
    from (select made_by from one_time_link where user_id = new.user_id order by made_at desc, id desc limit 1) l;
  end if;
  return null;
end $$;
create trigger newcomer_awaits_confirmation after insert on access.external_identity
  for each row execute function access.await_whoever_came_from_elsewhere();

-- Forgets every account of a user elsewhere; how many. Whose it is next at that address may be somebody else: who unbound it let them in.
create function access.unbind_external_identities(p_user uuid, p_by uuid, p_at timestamptz) returns integer
language plpgsql security definer set search_path = access, pg_temp as $$
declare unbound integer;
begin
  delete from external_identity where user_id = p_user;
  get diagnostics unbound = row_count;
  if unbound > 0 then perform await_confirmation(p_user, 'external-identity-unbound', p_by, p_at); end if;
  return unbound;
end $$;
revoke all on function access.unbind_external_identities from public;
grant execute on function access.unbind_external_identities to uct_service;
revoke delete on access.external_identity from uct_service;

create function access.await_whoever_lost_a_factor() returns trigger language plpgsql security definer set search_path = access, pg_temp as $$
begin
  perform await_confirmation(new.user_id, 'second-factor-reset', new.ended_by, new.ended_at);
  return null;
end $$;
create trigger lost_factor_awaits_confirmation after update of ended_at on access.second_factor
  for each row when (old.confirmed_at is not null and old.ended_at is null and new.ended_by <> new.user_id)
  execute function access.await_whoever_lost_a_factor();

-- A role given to somebody who can sign in already. `roles_that_must_not_meet` holds the user's row by then.
create function access.await_whoever_may_do_more() returns trigger language plpgsql security definer set search_path = access, pg_temp as $$
begin
  perform await_confirmation(g.user_id, 'roles', g.granted_by, g.granted_at)
  from (select distinct user_id, granted_by, granted_at from given where role <> 'donor') g
  where exists (select 1 from app_user u where u.id = g.user_id and u.password_hash is not null)
     or exists (select 1 from external_identity e where e.user_id = g.user_id);
  return null;
end $$;
create trigger given_role_awaits_confirmation after insert on access.user_role referencing new table as given
  for each statement execute function access.await_whoever_may_do_more();

-- Whoever was let in no more is let in again, and whoever supervises comes to see another team's clients, by what somebody did as well.
create function access.enable_user(p_user uuid, p_by uuid, p_at timestamptz) returns void
language plpgsql security definer set search_path = access, pg_temp as $$
begin
  update app_user set disabled_at = null where id = p_user and disabled_at is not null;
  if found then perform await_confirmation(p_user, 'enabled', p_by, p_at); end if;
end $$;

create function access.refuse_enabling() returns trigger language plpgsql as $$
begin
  if current_user = 'uct_service' then
    raise exception 'a user is enabled by access.enable_user' using errcode = 'UCT24';
  end if;
  return new;
end $$;
create trigger enabled_by_somebody before update of disabled_at on access.app_user
  for each row when (old.disabled_at is not null and new.disabled_at is distinct from old.disabled_at) execute function access.refuse_enabling();

-- Whether there are that user and that team.
create function access.move_to_team(p_user uuid, p_team uuid, p_by uuid, p_at timestamptz) returns boolean
language plpgsql security definer set search_path = access, pg_temp as $$
declare before uuid;
begin
  select team_id into before from app_user where id = p_user for no key update;
  if not found or not exists (select 1 from team where id = p_team) then return false; end if;
  if before <> p_team then
    update app_user set team_id = p_team where id = p_user;
    if exists (select 1 from user_role where user_id = p_user and role = 'supervisor')
       and (exists (select 1 from app_user where id = p_user and password_hash is not null)
            or exists (select 1 from external_identity where user_id = p_user)) then
      perform await_confirmation(p_user, 'team', p_by, p_at);
    end if;
  end if;
  return true;
end $$;
revoke update (team_id) on access.app_user from uct_service;

-- As before, of those who have come in and await nobody.
create or replace function access.keep_an_administrator() returns trigger language plpgsql security definer set search_path = access, pg_temp as $$
declare leaving app_user;
begin
  perform pg_advisory_xact_lock(hashtext('uct-ledger administrators'));
  select * into leaving from app_user where id = coalesce(to_jsonb(old)->>'user_id', to_jsonb(old)->>'id')::uuid;
  if exists (select 1 from user_role r join app_user u on u.id = r.user_id
             where r.role = 'administrator' and u.disabled_at is null and u.id <> leaving.id
               and (u.password_hash is not null or exists (select 1 from external_identity e where e.user_id = u.id))
               and not exists (select 1 from awaited_confirmation w where w.user_id = u.id)) then
    return null;
  end if;
  -- Nobody is left. That is refused when this change made it so, and not of somebody who was none, or disabled before.
  if tg_table_name = 'user_role' and leaving.disabled_at is null
     or tg_table_name = 'app_user' and exists (select 1 from user_role where user_id = leaving.id and role = 'administrator') then
    raise exception 'this is the last administrator' using errcode = 'UCT23';
  end if;
  return null;
end $$;

revoke all on function access.enable_user, access.refuse_enabling, access.move_to_team from public;
grant execute on function access.enable_user, access.move_to_team to uct_service;

-- Whoever awaits confirmation signs no run, whichever way the signature comes.
create function access.refuse_awaiting_signer() returns trigger language plpgsql security definer set search_path = access, pg_temp as $$
begin
  if exists (select 1 from awaited_confirmation w where w.user_id = new.user_id) then
    raise exception 'whoever awaits confirmation signs nothing' using errcode = 'UCT26';
  end if;
  return new;
end $$;
create trigger signer_is_confirmed before insert on payments.run_signature for each row execute function access.refuse_awaiting_signer();

revoke all on function access.refuse_awaiting_signer, access.confirm_once, access.await_confirmation, access.await_newcomer, access.await_whoever_used_a_link,
  access.await_whoever_came_from_elsewhere, access.await_whoever_lost_a_factor, access.await_whoever_may_do_more from public;

grant select on access.account_confirmation, access.awaited_confirmation to uct_service;
grant update (confirmed_by, confirmed_at) on access.account_confirmation to uct_service;
