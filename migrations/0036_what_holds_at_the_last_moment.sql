-- A file for a bank is taken by what holds at that moment, and what is held after it did not arrive is held in every way.
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

-- As in 0030, and of what was stopped after it had not arrived.
create or replace function payments.apply_value_review() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
declare reviewed value_review;
begin
  select * into strict reviewed from value_review where id = new.review_id;
  -- Clients before transfers, as an erasure has them; transfers in the order in which a run takes them.
  perform 1 from casework.client c
  where c.id in (select o.client_id from value_review_item i join obligation o on o.id = i.obligation_id where i.review_id = new.review_id)
  order by c.id for key share;
  perform 1 from obligation where id in (select obligation_id from value_review_item where review_id = new.review_id) order by id for update;
  if reviewed.policy <> (select policy from fund_value_policy where fund_id = reviewed.fund_id)
     or exists (select from value_review_item i join instalment_value v on v.obligation_id = i.obligation_id
                join obligation o on o.id = i.obligation_id
                where i.review_id = new.review_id and i.difference_minor > 0 and o.state <> 'cancelled' and v.total_minor <> i.from_minor) then
    raise exception 'a transfer is not worth any more what the review says' using errcode = 'UCT92';
  end if;

  insert into value_change (obligation_id, from_minor, to_minor, wage_rate_id, review_id, changed_at)
  select i.obligation_id, i.from_minor, i.to_minor, i.wage_rate_id, i.review_id, new.decided_at
  from value_review_item i join instalment_value v on v.obligation_id = i.obligation_id
  where i.review_id = new.review_id and i.difference_minor > 0 and v.may_rise;
  update obligation o set amount_minor = v.to_minor from value_change v where v.review_id = new.review_id and o.id = v.obligation_id;

  -- Whoever is erased, and whatever is given up, is paid nothing more. What is on hold, or was stopped, is topped up on hold: the reason holds for both.
  insert into obligation (id, enrolment_id, client_id, instalment, fund_id, country, due_on, currency, amount_minor, state, hold_reason,
                          tops_up, review_id, wage_rate_id)
  select i.top_up_id, o.enrolment_id, o.client_id, o.instalment, o.fund_id, o.country,
         greatest(o.due_on, (new.decided_at at time zone e.time_zone)::date), o.currency, i.difference_minor,
         case when held.reason is null then 'scheduled' else 'on_hold' end, held.reason, o.id, i.review_id, i.wage_rate_id
  from value_review_item i join obligation o on o.id = i.obligation_id join enrolment e on e.id = o.enrolment_id
  join casework.client c on c.id = o.client_id
  cross join lateral (select coalesce(o.hold_reason,
                                      (select s.reason from stopped_attempt s
                                       where o.state in ('instructed', 'accepted', 'unknown', 'failed', 'returned', 'reversed')
                                         and s.attempt_id = (select a.id from attempt a where a.obligation_id = o.id order by a.attempt_no desc limit 1)))
                             reason) held
  where i.review_id = new.review_id and i.difference_minor > 0 and o.state <> 'cancelled' and c.erased_at is null
    and not exists (select from value_change v where v.review_id = i.review_id and v.obligation_id = i.obligation_id)
    and not exists (select from giving_up g where g.obligation_id = o.id);
  return null;
end $$;
