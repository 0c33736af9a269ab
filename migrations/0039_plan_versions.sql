-- Plans in versions: a plan may name those that it was changed from, which stay as they were. What came of an item can be told without a sum.
set local role uct_owner;

alter table casework.spending_plan add constraint plan_of_client unique (id, client_id);

-- A plan stands while none replaces it. Two that stand and came from the same plan are two versions of it: neither was written over.
create table casework.plan_replacement (
  plan_id uuid not null,
  replaces_id uuid not null,
  client_id uuid not null,
  primary key (plan_id, replaces_id),
  foreign key (plan_id, client_id) references casework.spending_plan (id, client_id),
  foreign key (replaces_id, client_id) references casework.spending_plan (id, client_id)
);
create index plan_replacement_replaced on casework.plan_replacement (replaces_id);
create index plan_replacement_client on casework.plan_replacement (client_id);
call access.make_append_only('casework.plan_replacement');
call casework.hold_only_with_consent('casework.plan_replacement');
call casework.refuse_rows_of_erased('casework.plan_replacement');
grant select, insert on casework.plan_replacement to uct_service;

-- What a plan replaces is part of what was written, and was there before it: so no plan comes to replace itself, however many lie between.
create function casework.replace_plan() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
begin
  perform from spending_plan where id = new.replaces_id for no key update;   -- of two who change it at once, the second sees the first
  if not exists (select from spending_plan p where p.id = new.plan_id and p.xmin = pg_current_xact_id()::xid) then
    raise exception 'a plan says what it replaces when it is written, and not later' using errcode = 'UCT15';
  end if;
  if not exists (select from spending_plan p join spending_plan earlier on earlier.seq < p.seq
                 where p.id = new.plan_id and earlier.id = new.replaces_id) then
    raise exception 'a plan replaces earlier ones only' using errcode = 'UCT18';
  end if;
  return new;
end $$;
revoke all on function casework.replace_plan from public;
create trigger replace_plan before insert on casework.plan_replacement for each row execute function casework.replace_plan();

-- Who tells what came of it need not tell a sum, and nobody has to make one up for them.
alter table casework.tracked_item alter column spent_minor drop not null;
create function casework.require_something_told() returns trigger language plpgsql as $$
begin
  raise exception 'what is told of an item is a sum, or words, or both' using errcode = 'not_null_violation';
end $$;
revoke all on function casework.require_something_told from public;
create trigger something_told before insert on casework.tracked_item for each row when (new.spent_minor is null and new.came_of_sealed is null)
  execute function casework.require_something_told();
