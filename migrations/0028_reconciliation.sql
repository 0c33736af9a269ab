-- What banks send back: which file came when, what each of its lines said, what waits for a person and how people settled it, and the balances
-- of statements. Of a line are kept references that say nothing, amounts, days and codes, and its digest: no name and no free text. See
-- docs/decisions/0018.
set local role uct_owner;

create table payments.inbound_file (
  id uuid primary key,
  no bigint generated always as identity,                            -- what people call it; the bank's own name for it is not kept
  content_sha256 bytea not null unique check (length(content_sha256) = 32),
  kind text not null check (kind in ('pain.002', 'camt.053', 'camt.054', 'csv')),
  layout text check (length(layout) between 1 and 40),
  conforms boolean not null,                                         -- to the namespace of its standard
  size_bytes bigint not null check (size_bytes > 0),
  imported_by uuid not null references access.app_user,
  imported_at timestamptz not null,
  check ((kind = 'csv') = (layout is not null)),
  unique (id, kind)
);
call access.make_append_only('payments.inbound_file');

-- A part of a file that was taken whole, in one transaction. Where the last one ends a file that was broken off goes on.
create table payments.inbound_part (
  file_id uuid not null references payments.inbound_file,
  last_place integer not null check (last_place > 0),
  taken_at timestamptz not null,
  primary key (file_id, last_place)
);
call access.make_append_only('payments.inbound_part');

-- That a file was read to its end, or how far it could be read. Without one the file is still being read, or was broken off.
create table payments.inbound_ending (
  file_id uuid primary key references payments.inbound_file,
  fault text check (fault in ('not-well-formed', 'not-utf-8', 'too-deep', 'too-long', 'cut-off', 'doctype', 'encoding', 'too-large', 'not-a-bank-report')),
  up_to_byte bigint not null,
  lines integer not null check (lines >= 0),
  ended_at timestamptz not null
);
call access.make_append_only('payments.inbound_ending');

create table payments.inbound_line (
  file_id uuid not null,
  file_kind text not null,
  place integer not null check (place > 0),
  line_no integer not null,
  item text not null check (item in ('status', 'entry', 'balance', 'unreadable')),
  level text not null default 'payment' check (level in ('group', 'lot', 'payment')),
  -- The same line in another file has the same key and the same number among its like.
  line_key bytea not null check (length(line_key) = 32),
  repeat_no integer not null check (repeat_no > 0),
  content_sha256 bytea not null check (length(content_sha256) = 32),
  says text check (says in ('accepted', 'settled', 'failed', 'unclear', 'returned')),
  code text check (code ~ '^[A-Za-z0-9-]{1,40}$'),
  direction text check (direction in ('debit', 'credit')),
  booking_status text check (booking_status in ('booked', 'pending', 'information')),
  amount_minor bigint check (amount_minor >= 0 or item = 'balance'),
  currency text check (currency ~ '^[A-Z]{3}$'),
  day date,
  -- Ours and the bank's, or the beginning of a digest where it could be a word.
  reference text check (length(reference) between 1 and 40 and reference !~ '\s'),
  servicer_reference text check (length(servicer_reference) between 1 and 40 and servicer_reference !~ '\s'),
  transaction_code text check (transaction_code ~ '^[A-Za-z0-9./-]{1,40}$'),
  payments_behind integer check (payments_behind >= 0),
  paying_account_id uuid references payments.paying_account,
  bank_file_id uuid references payments.bank_file,
  attempt_id uuid references payments.attempt,
  evidence_id uuid references payments.evidence,
  result text not null check (result in ('applied', 'told-before', 'unmatched', 'conflicting', 'not-about-a-payment')),
  primary key (file_id, place),
  foreign key (file_id, file_kind) references payments.inbound_file (id, kind),
  check ((evidence_id is not null) <= (attempt_id is not null)),
  check ((result in ('applied', 'conflicting')) <= (attempt_id is not null or bank_file_id is not null))
);
-- Whatever the files are that it stands in, a line is applied once.
create unique index line_once on payments.inbound_line (line_key, repeat_no) where result <> 'told-before';
create index inbound_line_key on payments.inbound_line (file_id, line_key);
create index inbound_line_attempt on payments.inbound_line (attempt_id) where attempt_id is not null;
create index inbound_line_level on payments.inbound_line (bank_file_id) where level <> 'payment';
create index inbound_line_account on payments.inbound_line (paying_account_id, day) where item = 'entry';
call access.make_append_only('payments.inbound_line');

-- What a person must look at.
create table payments.work_item (
  id uuid primary key,
  file_id uuid not null,
  place integer not null,
  reason text not null check (reason in ('no-such-payment', 'no-reference', 'references-disagree', 'amount-differs', 'currency-differs',
    'amount-missing', 'day-impossible', 'batch-without-details', 'unreadable', 'credit-we-do-not-know', 'debit-we-do-not-know', 'bank-charge',
    'paid-twice', 'failed-code-not-listed', 'failed-though-paid', 'refused-as-duplicate', 'status-not-known', 'levels-disagree')),
  raised_at timestamptz not null,
  unique (file_id, place, reason),
  foreign key (file_id, place) references payments.inbound_line (file_id, place)
);
create index work_item_newest on payments.work_item (id desc);
call access.make_append_only('payments.work_item');

-- What people say of it, each in their own name.
create table payments.work_item_word (
  id uuid primary key,
  work_item_id uuid not null references payments.work_item,
  resolution text not null check (resolution in ('is-payment', 'is-lot', 'in-the-books', 'bank-charge', 'other-movement', 'paid-twice', 'no-money-moved')),
  attempt_id uuid references payments.attempt,
  bank_file_id uuid references payments.bank_file,
  entry_id uuid references ledger.entry,
  said_by uuid not null references access.app_user,
  said_at timestamptz not null,
  check ((resolution = 'is-payment') = (attempt_id is not null)),
  check ((resolution = 'is-lot') = (bank_file_id is not null)),
  check ((resolution = 'in-the-books') = (entry_id is not null)),
  unique nulls not distinct (work_item_id, said_by, resolution, attempt_id, bank_file_id, entry_id)
);
create index work_item_word_item on payments.work_item_word (work_item_id);
create index work_item_word_attempt on payments.work_item_word (attempt_id) where attempt_id is not null;
create index work_item_word_bank_file on payments.work_item_word (bank_file_id) where bank_file_id is not null;
call access.make_append_only('payments.work_item_word');

-- How it stands: settled as soon as one person says that no money moved of a line that could be read, or two different people say the same.
create view payments.work_item_standing as
select w.id, w.file_id, w.place, w.reason, w.raised_at, agreed.resolution, agreed.attempt_id, agreed.bank_file_id, agreed.entry_id, agreed.settled_at,
       coalesce(agreed.resolution is null and exists (select from payments.work_item_word o where o.work_item_id = w.id), false) awaits_second
from payments.work_item w
left join lateral (
  select s.resolution, s.attempt_id, s.bank_file_id, s.entry_id, max(s.said_at) settled_at from payments.work_item_word s where s.work_item_id = w.id
  group by s.resolution, s.attempt_id, s.bank_file_id, s.entry_id
  having count(distinct s.said_by) >= case when s.resolution = 'no-money-moved' and w.reason not in ('unreadable', 'paid-twice') then 1 else 2 end
  order by max(s.said_at) limit 1) agreed on true;

create function payments.require_open_work_item() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform from work_item where id = new.work_item_id for update;   -- one after another
  if (select resolution is not null from work_item_standing where id = new.work_item_id) then
    raise exception 'what was settled is not settled again' using errcode = 'UCT74';
  end if;
  -- What stands on the statement is there: nobody alone says that no money moved of it.
  if new.resolution = 'no-money-moved' and exists (
       select from work_item w join inbound_line l using (file_id, place)
       where w.id = new.work_item_id and l.item = 'entry' and l.booking_status = 'booked') then
    raise exception 'a booked line moved money' using errcode = 'UCT75';
  end if;
  if new.resolution in ('is-payment', 'is-lot', 'in-the-books', 'bank-charge', 'other-movement', 'paid-twice') and not exists (
       select from work_item w where w.id = new.work_item_id and w.reason = 'paid-twice' and new.resolution = 'paid-twice') and not exists (
       select from work_item w join inbound_line l using (file_id, place)
       where w.id = new.work_item_id and l.item = 'entry' and l.booking_status = 'booked') then
    raise exception 'money is moved by booked lines only' using errcode = 'UCT75';
  end if;
  if new.resolution = 'is-payment' and not exists (
       select from work_item w join inbound_line l using (file_id, place) join attempt a on a.id = new.attempt_id
       where w.id = new.work_item_id and a.rail in ('bank-file', 'manual') and l.currency = a.currency
         and (l.amount_minor = a.amount_minor or w.reason = 'amount-differs')) then
    raise exception 'a line is a payment of its amount that a bank makes' using errcode = 'UCT75';
  end if;
  if new.resolution = 'is-lot' and not exists (
       select from work_item w join inbound_line l using (file_id, place) join bank_file f on f.id = new.bank_file_id
       where w.id = new.work_item_id and l.direction = 'debit' and (l.amount_minor, l.currency) = (f.total_minor, f.currency)) then
    raise exception 'a lot is debited by its total' using errcode = 'UCT75';
  end if;
  if new.resolution = 'in-the-books' and exists (
       select from work_item_standing s where s.entry_id = new.entry_id and s.id <> new.work_item_id and s.resolution is not null) then
    raise exception 'another line is that entry' using errcode = 'UCT75';
  end if;
  return new;
end $$;
create trigger teller_is_confirmed before insert on payments.work_item_word for each row execute function access.refuse_awaiting('said_by');
create trigger open_work_item before insert on payments.work_item_word for each row execute function payments.require_open_work_item();

-- Balances of statements: read from a file, or typed in where there is none, which counts once two people typed the same.
create table payments.statement_balance (
  id uuid primary key,
  paying_account_id uuid not null,
  currency text not null,
  day date not null,
  which text not null check (which in ('opening', 'closing')),
  amount_minor bigint not null,
  file_id uuid references payments.inbound_file,
  told_by uuid not null references access.app_user,
  told_at timestamptz not null,
  foreign key (paying_account_id, currency) references payments.paying_account (id, currency)
);
create unique index balance_once_in_file on payments.statement_balance (paying_account_id, day, which, file_id) where file_id is not null;
create unique index balance_typed_once on payments.statement_balance (paying_account_id, day, which, told_by, amount_minor) where file_id is null;
call access.make_append_only('payments.statement_balance');

create trigger teller_is_confirmed before insert on payments.statement_balance for each row execute function access.refuse_awaiting('told_by');

create view payments.known_balance as
select distinct on (paying_account_id, day, which) paying_account_id, day, which, amount_minor, from_file
from (select paying_account_id, day, which, amount_minor, true from_file, told_at, id from payments.statement_balance where file_id is not null
      union all
      select paying_account_id, day, which, amount_minor, false, max(told_at), null from payments.statement_balance where file_id is null
      group by paying_account_id, day, which, amount_minor having count(distinct told_by) >= 2) told
order by paying_account_id, day, which, from_file desc, told_at desc, id desc;

-- One file at a time is taken in, part by part.
create function payments.take_inbound_turn() returns void language sql security definer set search_path = payments, pg_temp as $$
  select pg_advisory_xact_lock(hashtextextended('bank reports', 0));
$$;

revoke all on function payments.require_open_work_item, payments.take_inbound_turn from public;
grant execute on function payments.take_inbound_turn to uct_service;
grant select, insert on payments.inbound_file, payments.inbound_part, payments.inbound_ending, payments.inbound_line, payments.work_item,
  payments.work_item_word, payments.statement_balance to uct_service;
grant select on payments.work_item_standing, payments.known_balance to uct_service;
