-- Who may do what in this database. Objects belong to uct_owner, which nobody can log in as; the service works as uct_service,
-- which holds only what is granted below and in later migrations; donor reports are built as uct_reports, which cannot reach pii.
do $$
declare wanted text;
begin
  foreach wanted in array array['uct_owner', 'uct_service', 'uct_reports'] loop
    begin
      execute format('create role %I nologin', wanted);
    exception when duplicate_object or unique_violation then null; -- roles belong to the cluster; another database made it
    end;
  end loop;
  execute format('grant uct_owner to %I', current_user);
  execute format('grant create on database %I to uct_owner', current_database());
end $$;
grant uct_reports to uct_service;

set local role uct_owner;

create schema access;
create schema ledger;
create schema payments;
create schema casework;
create schema pii;
create schema reports;

grant usage on schema access, ledger, payments, casework, reports to uct_service;
grant usage on schema pii to uct_service;
grant usage on schema ledger, payments, casework, reports to uct_reports;

-- Put on every append-only table: nobody changes or removes a row there, the owner included.
create function access.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% on %.% is refused: the table is append-only', tg_op, tg_table_schema, tg_table_name using errcode = 'UCT01';
end $$;

-- Makes a table append-only; called by the migrations that create such tables.
create procedure access.make_append_only(target regclass) language plpgsql as $$
begin
  execute format('create trigger append_only_rows before update or delete on %s for each row execute function access.refuse_change()', target);
  execute format('create trigger append_only_table before truncate on %s for each statement execute function access.refuse_change()', target);
end $$;
