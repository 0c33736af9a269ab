-- A file for a bank is taken by what holds at that moment, and until then nobody's word says that a payment in it was sent.
set local role uct_owner;

-- As in 0027, and whoever may not be paid any more holds it up to the last moment: a large file is written for minutes.
create or replace function payments.refuse_taking_what_ended() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform hold_off_withdrawals();
  perform from obligation where id in (select a.obligation_id from bank_file_item i join attempt a on a.id = i.attempt_id
                                       where i.bank_file_id = new.bank_file_id and a.attempt_no > 1) order by id for no key update;
  perform pg_advisory_xact_lock(hashtextextended('bank-file/' || new.bank_file_id, 0));
  if exists (select from bank_file_item i join attempt a on a.id = i.attempt_id
             where i.bank_file_id = new.bank_file_id
               and (a.state not in ('instructed', 'accepted', 'unknown')
                    or a.attempt_no > 1
                       and exists (select from attempt other where other.obligation_id = a.obligation_id and other.id <> a.id and other.state = 'settled')
                    or exists (select from stopped_attempt stopped where stopped.attempt_id = a.id)))
     or exists (select from bank_file_item i join attempt a on a.id = i.attempt_id join obligation o on o.id = a.obligation_id
                join casework.payment_standing s on s.client_id = o.client_id
                where i.bank_file_id = new.bank_file_id and not a.rail = any (s.payable_by)) then
    raise exception 'a payment of the file has ended, was stopped, or is of somebody who may not be paid any more' using errcode = 'UCT67';
  end if;
  return new;
end $$;

-- As in 0032, and of a payment in a file that nobody took: one word of one of them would keep all the others from being taken or abandoned. What a bank
-- says of it counts, and so do two people who found out that it was paid; both may know more than a database that was restored.
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
  if new.kind <> 'resolved-paid'
     and exists (select from standing_bank_file_item i where i.attempt_id = new.attempt_id
                   and not exists (select from bank_file_download d where d.bank_file_id = i.bank_file_id)
                   and not exists (select from inbound_line l where l.bank_file_id = i.bank_file_id or l.attempt_id = new.attempt_id)) then
    raise exception 'this payment stands in a file that nobody took' using errcode = 'UCT68';
  end if;
  return new;
end $$;
