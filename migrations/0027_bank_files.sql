-- Files for banks: from which account a fund's payments leave, which payments stood in which file, and who took it. What is in a file is never
-- kept: it is written again from the vault, and its SHA-256 says whether it is the same. See docs/decisions/0017.
set local role uct_owner;

-- ---- Whether a client has a payee that a rail can use, without saying which

-- Written where an identity is sealed, from what is sealed. Null: sealed before this was kept, so nobody knows.
alter table pii.identity add column payee_rails text[] check (payee_rails <@ array['bank-file', 'mobile-money']);

drop function pii.store_identity(uuid, integer, bytea, timestamptz);
create function pii.store_identity(p_client_id uuid, p_version integer, p_sealed bytea, p_at timestamptz, p_payee_rails text[] default null) returns void
language sql security definer set search_path = pii, pg_temp as $$
  insert into identity (client_id, version, sealed, sealed_at, payee_rails) values (p_client_id, p_version, p_sealed, p_at, p_payee_rails);
$$;

-- Of the newest version; no word of what the payee is.
create function pii.payee_serves(p_client_id uuid, p_rail text) returns boolean
language sql stable security definer set search_path = pii, pg_temp as $$
  select p_rail not in ('bank-file', 'mobile-money')
      or coalesce((select p_rail = any (payee_rails) from identity where client_id = p_client_id order by version desc limit 1), false);
$$;
revoke all on function pii.store_identity, pii.payee_serves from public;
grant execute on function pii.store_identity, pii.payee_serves to uct_service;

create function payments.require_payee() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if not pii.payee_serves(new.client_id, new.rail) then
    raise exception 'there is no payee on record that the rail % can pay', new.rail using errcode = 'UCT64';
  end if;
  return new;
end $$;
revoke all on function payments.require_payee from public;
create trigger payee_for_rail before insert or update of rail on payments.enrolment for each row execute function payments.require_payee();

-- ---- Accounts that payments leave from

create table payments.paying_account (
  id uuid primary key,
  code text not null unique check (code ~ '^[a-z][a-z0-9-]{0,39}$'),
  -- As the bank has it, and as the receiver may read it.
  name text not null check (length(name) between 1 and 70 and name ~ '^[a-zA-Z0-9/?:().,''+ -]+$'),
  bank text not null check (length(bank) between 1 and 120),
  bank_code text not null check (bank_code ~ '^[A-Z0-9]{3,11}$'),
  account text not null check (account ~ '^[A-Za-z0-9]{1,34}$'),
  account_kind text not null check (account_kind in ('iban', 'bban')),
  currency text not null references ledger.currency,
  country text not null check (country ~ '^[A-Z]{2}$'),     -- whose bank holidays count
  time_zone text not null,
  layout text not null check (length(layout) between 1 and 40),
  opened_by uuid not null references access.app_user,
  opened_at timestamptz not null,
  unique (id, currency)
);
call access.make_append_only('payments.paying_account');

-- From which account a fund's payments in a currency leave: the latest word counts.
create table payments.paying_account_fund (
  no bigint generated always as identity primary key,
  fund_id uuid not null references payments.fund,
  paying_account_id uuid not null,
  currency text not null,
  tied_by uuid not null references access.app_user,
  tied_at timestamptz not null,
  foreign key (paying_account_id, currency) references payments.paying_account (id, currency)
);
create index paying_account_fund_latest on payments.paying_account_fund (fund_id, currency, no desc);
call access.make_append_only('payments.paying_account_fund');

create function payments.require_fund_in_currency() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if not exists (select from ledger.account where fund_id = new.fund_id and currency = new.currency and kind = 'bank') then
    raise exception 'the fund holds no %', new.currency using errcode = 'UCT65';
  end if;
  return new;
end $$;
revoke all on function payments.require_fund_in_currency from public;
create trigger fund_in_currency before insert on payments.paying_account_fund for each row execute function payments.require_fund_in_currency();

create view payments.paying_account_of_fund as
select distinct on (fund_id, currency) fund_id, currency, paying_account_id from payments.paying_account_fund order by fund_id, currency, no desc;

-- ---- Files

create table payments.bank_file (
  id uuid primary key,
  run_id uuid not null references payments.run,
  paying_account_id uuid not null,
  message_id text not null unique check (length(message_id) between 1 and 35),
  payment_information_id text not null unique check (length(payment_information_id) between 1 and 35),
  execution_on date not null,
  created_at timestamptz not null,
  item_count integer not null check (item_count > 0),
  total_minor bigint not null check (total_minor > 0),
  currency text not null,
  content_sha256 bytea not null check (length(content_sha256) = 32),
  made_by uuid not null references access.app_user,
  foreign key (paying_account_id, currency) references payments.paying_account (id, currency)
);
create index bank_file_run on payments.bank_file (run_id, id);
call access.make_append_only('payments.bank_file');

-- An attempt stands in at most one file, ever: to be paid again it is another attempt, with another reference.
create table payments.bank_file_item (
  bank_file_id uuid not null references payments.bank_file,
  place integer not null check (place >= 1),
  attempt_id uuid not null unique references payments.attempt,
  primary key (bank_file_id, place)
);
call access.make_append_only('payments.bank_file_item');

-- Who took a file, before its first byte left. From then on nobody can say that a payment in it was not sent.
create table payments.bank_file_download (
  id uuid primary key,
  bank_file_id uuid not null references payments.bank_file,
  taken_by uuid not null references access.app_user,
  taken_at timestamptz not null
);
create index bank_file_download_file on payments.bank_file_download (bank_file_id);
call access.make_append_only('payments.bank_file_download');

-- Of which attempts nothing was heard, by which they could have been sent or ended.
create function payments.awaits_bank_file(p_attempt payments.attempt) returns boolean
language sql stable as $$
  select p_attempt.rail = 'bank-file' and p_attempt.state in ('instructed', 'unknown')
     and not exists (select from payments.evidence e where e.attempt_id = p_attempt.id and e.kind <> 'silence');
$$;

create function payments.require_items_of_run() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform hold_off_withdrawals();
  -- Whoever is telling what became of one of them, or of another try of the same transfer, is waited for.
  perform from obligation where id in (select a.obligation_id from fresh join attempt a on a.id = fresh.attempt_id where a.attempt_no > 1)
  order by id for no key update;
  perform from attempt where id in (select attempt_id from fresh) order by id for no key update;
  if exists (select from fresh i join bank_file f on f.id = i.bank_file_id join attempt a on a.id = i.attempt_id
             join obligation o on o.id = a.obligation_id
             left join paying_account_of_fund p on p.fund_id = o.fund_id and p.currency = a.currency
             where a.run_id <> f.run_id or a.currency <> f.currency or not awaits_bank_file(a)
                or a.attempt_no > 1 and exists (select from attempt other where other.obligation_id = o.id and other.id <> a.id and other.state = 'settled')
                or p.paying_account_id is distinct from f.paying_account_id
                or not exists (select from run_signature s where s.run_id = f.run_id and s.act = 'release')) then
    raise exception 'a file is of payments of one released run, from one account, that were sent nowhere' using errcode = 'UCT65';
  end if;
  if exists (select from fresh i join attempt a on a.id = i.attempt_id join obligation o on o.id = a.obligation_id
             join casework.payment_standing s on s.client_id = o.client_id
             where not a.rail = any (s.payable_by) or exists (select from stopped_attempt stopped where stopped.attempt_id = a.id)) then
    raise exception 'somebody may not be paid by that rail any more, or a payment was stopped' using errcode = '40001';
  end if;
  if exists (select from (select distinct bank_file_id from fresh) touched join bank_file f on f.id = touched.bank_file_id
             cross join lateral (select count(*) n, sum(a.amount_minor) total, max(i.place) last from bank_file_item i
                                 join attempt a on a.id = i.attempt_id where i.bank_file_id = f.id) items
             where (items.n, items.total, items.last) is distinct from (f.item_count, f.total_minor, f.item_count)) then
    raise exception 'the count or the total of a file is not that of its payments' using errcode = 'UCT65';
  end if;
  return null;
end $$;
create trigger items_of_run after insert on payments.bank_file_item referencing new table as fresh for each statement
  execute function payments.require_items_of_run();

-- A file without its payments is not committed.
create function payments.require_items() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if (select count(*) from bank_file_item where bank_file_id = new.id) <> new.item_count then
    raise exception 'a file has its payments' using errcode = 'UCT65';
  end if;
  return null;
end $$;
create constraint trigger has_items after insert on payments.bank_file deferrable initially deferred for each row
  execute function payments.require_items();

-- Taking a file and saying of a payment in it that it was not sent: one of the two comes first and refuses the other.
create function payments.refuse_taking_what_ended() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform from obligation where id in (select a.obligation_id from bank_file_item i join attempt a on a.id = i.attempt_id
                                       where i.bank_file_id = new.bank_file_id and a.attempt_no > 1) order by id for no key update;
  perform pg_advisory_xact_lock(hashtextextended('bank-file/' || new.bank_file_id, 0));
  if exists (select from bank_file_item i join attempt a on a.id = i.attempt_id
             where i.bank_file_id = new.bank_file_id
               and (a.state not in ('instructed', 'accepted', 'unknown')
                    or a.attempt_no > 1
                       and exists (select from attempt other where other.obligation_id = a.obligation_id and other.id <> a.id and other.state = 'settled')
                    or exists (select from stopped_attempt stopped where stopped.attempt_id = a.id))) then
    raise exception 'a payment of the file has ended or was stopped' using errcode = 'UCT67';
  end if;
  return new;
end $$;
create trigger none_has_ended before insert on payments.bank_file_download for each row execute function payments.refuse_taking_what_ended();

create function payments.refuse_not_sent_of_taken() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
declare file_id uuid;
begin
  for file_id in select distinct i.bank_file_id from fresh e join bank_file_item i on i.attempt_id = e.attempt_id
                 where e.kind = 'failed' and e.rail_code = 'not-sent' order by 1 loop
    perform pg_advisory_xact_lock(hashtextextended('bank-file/' || file_id, 0));
    if exists (select from bank_file_download where bank_file_id = file_id) then
      raise exception 'somebody took the file with this payment, so it may have been sent' using errcode = 'UCT66';
    end if;
  end loop;
  return null;
end $$;
create trigger not_sent_is_proven after insert on payments.evidence referencing new table as fresh for each statement
  execute function payments.refuse_not_sent_of_taken();

revoke all on function payments.awaits_bank_file, payments.require_items_of_run, payments.require_items, payments.refuse_taking_what_ended,
  payments.refuse_not_sent_of_taken from public;
grant execute on function payments.awaits_bank_file to uct_service;
grant select, insert on payments.paying_account, payments.paying_account_fund, payments.bank_file, payments.bank_file_item,
  payments.bank_file_download to uct_service;
grant select on payments.paying_account_of_fund to uct_service;
