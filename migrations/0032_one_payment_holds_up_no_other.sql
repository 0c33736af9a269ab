-- What keeps one payment from being made holds up no other: a bank's file that nobody took is abandoned in one act, and its payments stand in the
-- next one. See docs/decisions/0022.
set local role uct_owner;

-- ---- Files that nobody took

-- From then on nobody takes it, and it counts as sent nowhere.
create table payments.bank_file_abandoned (
  bank_file_id uuid primary key references payments.bank_file,
  reason text not null check (reason in ('payment-stopped', 'cannot-be-read', 'wrong-day', 'wrong-account', 'wrong-format')),   -- a closed list that contains no condition
  abandoned_by uuid not null references access.app_user,
  abandoned_at timestamptz not null
);
call access.make_append_only('payments.bank_file_abandoned');
create trigger abandoner_is_confirmed before insert on payments.bank_file_abandoned for each row execute function access.refuse_awaiting('abandoned_by');

-- An attempt's first item follows none, and each later one follows the item in a file that was abandoned, which one item follows at most: so it
-- stands in one file at most that can be taken.
alter table payments.bank_file_item
  drop constraint bank_file_item_attempt_id_key,
  add column follows uuid references payments.bank_file_abandoned,
  add constraint one_standing_item unique nulls not distinct (attempt_id, follows),
  add constraint item_of_file unique (bank_file_id, attempt_id),
  add constraint follows_its_own foreign key (follows, attempt_id) references payments.bank_file_item (bank_file_id, attempt_id);

create view payments.standing_bank_file_item as
select i.* from payments.bank_file_item i where not exists (select from payments.bank_file_abandoned x where x.bank_file_id = i.bank_file_id);

-- Taking and abandoning: one of the two comes first and refuses the other. So do abandoning and any word of the file, or of a payment in it, by which
-- it left somehow: that somebody took it may be missing from a database that was restored.
create function payments.refuse_abandoning_what_left() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform take_inbound_turn();
  perform from attempt where id in (select attempt_id from bank_file_item where bank_file_id = new.bank_file_id) order by id for share;
  perform pg_advisory_xact_lock(hashtextextended('bank-file/' || new.bank_file_id, 0));
  if exists (select from bank_file_download where bank_file_id = new.bank_file_id)
     or exists (select from inbound_line where bank_file_id = new.bank_file_id)
     or exists (select from work_item_word where bank_file_id = new.bank_file_id)
     or exists (select from bank_file_item i join inbound_line l on l.attempt_id = i.attempt_id where i.bank_file_id = new.bank_file_id)
     or exists (select from bank_file_item i join work_item_word w on w.attempt_id = i.attempt_id where i.bank_file_id = new.bank_file_id)
     or exists (select from bank_file_item i join evidence e on e.attempt_id = i.attempt_id
                where i.bank_file_id = new.bank_file_id and e.kind not in ('silence', 'resolved-not-paid')
                  and not (e.kind = 'failed' and e.rail_code = 'not-sent')) then
    raise exception 'somebody took the file, or the bank spoke of it, so it may have been sent' using errcode = 'UCT94';
  end if;
  return new;
end $$;
create trigger refuse_abandoning_what_left before insert on payments.bank_file_abandoned for each row
  execute function payments.refuse_abandoning_what_left();

create function payments.refuse_taking_abandoned() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('bank-file/' || new.bank_file_id, 0));
  if exists (select from bank_file_abandoned where bank_file_id = new.bank_file_id) then
    raise exception 'the file was abandoned' using errcode = 'UCT95';
  end if;
  return new;
end $$;
-- Fires after `none_has_ended`, which locks transfers: those come before a file.
create trigger not_abandoned before insert on payments.bank_file_download for each row execute function payments.refuse_taking_abandoned();

create function payments.refuse_word_of_abandoned() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('bank-file/' || new.bank_file_id, 0));
  if exists (select from bank_file_abandoned where bank_file_id = new.bank_file_id) then
    raise exception 'the file was abandoned, so no bank was sent it' using errcode = 'UCT75';
  end if;
  return new;
end $$;
create trigger not_of_abandoned before insert on payments.work_item_word for each row when (new.bank_file_id is not null)
  execute function payments.refuse_word_of_abandoned();

-- Whose turn it is to read a bank's report looked before: read again, it names no file of ours.
create function payments.refuse_lines_of_abandoned() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if exists (select from fresh join bank_file_abandoned using (bank_file_id)) then
    raise exception 'the file was abandoned, so no bank was sent it' using errcode = '40001';
  end if;
  return null;
end $$;
create trigger not_of_abandoned after insert on payments.inbound_line referencing new table as fresh for each statement
  execute function payments.refuse_lines_of_abandoned();

-- As before, and of the one file that an attempt stands in.
create or replace function payments.require_origin() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if (case new.source
       when 'statement' then
         exists (select from inbound_line l where l.attempt_id = new.attempt_id and l.evidence_id = new.id)
         or exists (select from inbound_line l join standing_bank_file_item i on i.bank_file_id = l.bank_file_id
                    where i.attempt_id = new.attempt_id and l.level <> 'payment')
         or exists (select from work_item_word w
                    where w.attempt_id = new.attempt_id
                       or w.bank_file_id = (select i.bank_file_id from standing_bank_file_item i where i.attempt_id = new.attempt_id)
                    group by w.work_item_id, w.resolution having count(distinct w.said_by) > 1)
       when 'rail' then
         new.kind not in ('settled', 'failed', 'returned', 'reversed')
         or new.kind = 'failed' and new.rail_code = 'not-sent'   -- of which other triggers see that it is true, where something is sent
            and exists (select from attempt a where a.id = new.attempt_id and a.rail in ('bank-file', 'mobile-money'))
         or exists (select from rail_message m where m.attempt_id = new.attempt_id
                    and case new.kind when 'settled' then m.told = 'settled' and m.correlation_id = new.attempt_id
                                      when 'failed' then m.told in ('failed', 'never-received') and m.correlation_id = new.attempt_id
                                      when 'returned' then m.told = 'returned'
                                      else m.told = 'settled' and m.correlation_id in (select q.id from reversal_request q join reversal_confirmed c on c.request_id = q.id
                                                                                      where q.attempt_id = new.attempt_id) end)
       when 'schedule' then new.kind = 'silence'
       else true end) then
    return null;
  end if;
  raise exception 'nothing of a % stands behind this', new.source using errcode = 'UCT80';
end $$;

revoke all on function payments.refuse_abandoning_what_left, payments.refuse_taking_abandoned, payments.refuse_word_of_abandoned,
  payments.refuse_lines_of_abandoned from public;
grant select, insert on payments.bank_file_abandoned to uct_service;
grant select on payments.standing_bank_file_item to uct_service;

-- ---- Payees that cannot be read

-- That whom a payment goes to could not be read when it was to be sent, and when it is tried next.
create table payments.payee_unreadable (
  attempt_id uuid not null references payments.attempt,
  no integer not null check (no >= 1),
  reason text not null check (reason in ('does-not-open', 'key-unavailable')),
  tried_at timestamptz not null,
  next_at timestamptz not null check (next_at > tried_at),
  primary key (attempt_id, no)
);
call access.make_append_only('payments.payee_unreadable');

-- Those that still wait for it: sent nowhere, in no file, and not known to have ended.
create view payments.unreadable_payee as
select u.attempt_id, latest.reason, u.tried_at since, latest.next_at
from payments.payee_unreadable u join payments.attempt a on a.id = u.attempt_id and a.state in ('instructed', 'unknown')
cross join lateral (select l.reason, l.next_at from payments.payee_unreadable l where l.attempt_id = u.attempt_id order by l.no desc limit 1) latest
where u.no = 1
  and not exists (select from payments.evidence e where e.attempt_id = a.id and e.kind <> 'silence')
  and not exists (select from payments.dispatch d where d.attempt_id = a.id)
  and not exists (select from payments.standing_bank_file_item i where i.attempt_id = a.id);

grant select, insert on payments.payee_unreadable to uct_service;
grant select on payments.unreadable_payee to uct_service;

-- Nobody has to find out what became of these: they did not leave.
create or replace view payments.unknown_payment as
select a.id attempt_id, a.obligation_id, a.run_id, a.rail, a.currency, a.amount_minor, a.instructed_on, a.unknown_since,
       coalesce((select w.owner_id from payments.unknown_owner w where w.attempt_id = a.id order by w.seq desc limit 1),
                (select s.user_id from payments.run_signature s where s.run_id = a.run_id and s.act = 'release')) owner_id
from payments.attempt a where a.state = 'unknown' and not a.superseded
  and not exists (select from payments.unreadable_payee u where u.attempt_id = a.id);

-- As before, and that two people resolved it as paid; of a bank's payment that could not be written into a file, too; and from the first who tells it.
create or replace function payments.refuse_news_of_unsent() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform 1 from attempt where id = new.attempt_id for key share;
  if exists (select from attempt a where a.id = new.attempt_id
               and case a.rail
                     when 'mobile-money' then not exists (select from dispatch d where d.attempt_id = a.id)
                     when 'bank-file' then exists (select from payee_unreadable u where u.attempt_id = a.id)
                                       and not exists (select from standing_bank_file_item i where i.attempt_id = a.id)
                     else false end) then
    raise exception 'this payment has not left' using errcode = 'UCT97';
  end if;
  return new;
end $$;
drop trigger refuse_news_of_unsent on payments.evidence;
create trigger refuse_news_of_unsent before insert on payments.evidence for each row
  when (new.source = 'person' and new.kind in ('settled', 'accepted', 'unclear', 'returned', 'reversed', 'resolved-paid'))
  execute function payments.refuse_news_of_unsent();
create trigger refuse_news_of_unsent before insert on payments.told_result for each row
  when (new.kind in ('settled', 'returned', 'reversed', 'resolved-paid')) execute function payments.refuse_news_of_unsent();

-- Attempts since whose signing it was corrected to whom the client's money goes: possible only while they wait because that cannot be read. They leave no
-- more, whatever opens again, and end when somebody tells that they were not sent.
create view payments.superseded_payee as
select a.id attempt_id from payments.attempt a join payments.obligation o on o.id = a.obligation_id
where exists (select from payments.payee_change c
              where c.client_id = o.client_id and c.version > substring(a.payee_ref from '^identity/([0-9]{1,9})$')::integer);

-- After `refuse_dispatch`, which locks the transfer.
create function payments.refuse_superseded_payee() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if exists (select from superseded_payee where attempt_id = new.attempt_id) then
    raise exception 'to whom the money goes was corrected since this payment was signed' using errcode = 'UCT76';
  end if;
  return new;
end $$;
create trigger refuse_superseded_payee before insert on payments.dispatch for each row execute function payments.refuse_superseded_payee();

create function payments.refuse_superseded_payees() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if exists (select from fresh join superseded_payee using (attempt_id)) then
    raise exception 'to whom the money goes was corrected since a payment was signed' using errcode = '40001';
  end if;
  return null;
end $$;
create trigger none_superseded after insert on payments.bank_file_item referencing new table as fresh for each statement
  execute function payments.refuse_superseded_payees();

revoke all on function payments.refuse_superseded_payee, payments.refuse_superseded_payees from public;
grant select on payments.superseded_payee to uct_service;
