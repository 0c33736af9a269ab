-- Questions that are asked of each payment, or of each few thousand, cost the same in a run of a hundred thousand as in one of ten.
set local role uct_owner;

-- As in 0025 and 0030. What else a client may have been paid in the month is looked up client by client: joined as a whole, it was read whole for
-- each few thousand that are instructed.
create or replace function payments.refuse_attempt() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform hold_off_withdrawals();
  perform pg_advisory_xact_lock(hashtextextended('instructing', 0));   -- of two that instruct a client at once, the later one sees the earlier
  if exists (select from fresh f join obligation o on o.id = f.obligation_id join casework.payment_standing s on s.client_id = o.client_id
             where not f.rail = any (s.payable_by)) then
    raise exception 'a client may not be paid by that rail' using errcode = 'UCT44';
  end if;
  if exists (select from fresh f join run_departure d using (run_id, obligation_id)) then
    raise exception 'a transfer that left a run is not instructed in it' using errcode = 'UCT06';
  end if;
  if exists (select from fresh f join run_item i using (run_id, obligation_id)
             where i.rail is not null and (f.rail, f.payee_ref) is distinct from (i.rail, i.payee_ref)) then
    raise exception 'a transfer is paid by the rail and to the payee that were signed' using errcode = 'UCT06';
  end if;
  if exists (select from fresh f join obligation o on o.id = f.obligation_id join run r on r.id = f.run_id
             cross join lateral (select from paid_month m
                                 where m.client_id = o.client_id and m.obligation_id <> o.id and m.instalment <> o.instalment
                                   and coalesce(m.paid_month = date_trunc('month', f.instructed_on)::date, true)
                                 limit 1) other
             where not r.catch_up and o.tops_up is null) then
    raise exception 'two instalments in one month are paid as a catch-up that was approved' using errcode = 'UCT73';
  end if;
  return null;
end $$;

-- As in 0032. What is asked of most evidence is asked first and by itself: as one question with all the others it was planned anew for each payment.
create or replace function payments.require_origin() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if new.source = 'statement' then
    if exists (select from inbound_line l where l.attempt_id = new.attempt_id and l.evidence_id = new.id) then return null; end if;
    if exists (select from inbound_line l join standing_bank_file_item i on i.bank_file_id = l.bank_file_id
               where i.attempt_id = new.attempt_id and l.level <> 'payment') then
      return null;
    end if;
    if exists (select from work_item_word w
               where w.attempt_id = new.attempt_id
                  or w.bank_file_id = (select i.bank_file_id from standing_bank_file_item i where i.attempt_id = new.attempt_id)
               group by w.work_item_id, w.resolution having count(distinct w.said_by) > 1) then
      return null;
    end if;
  elsif new.source = 'rail' then
    if new.kind not in ('settled', 'failed', 'returned', 'reversed') then return null; end if;
    if exists (select from rail_message m where m.attempt_id = new.attempt_id
               and case new.kind when 'settled' then m.told = 'settled' and m.correlation_id = new.attempt_id
                                 when 'failed' then m.told in ('failed', 'never-received') and m.correlation_id = new.attempt_id
                                 when 'returned' then m.told = 'returned'
                                 else m.told = 'settled' and m.correlation_id in (select q.id from reversal_request q join reversal_confirmed c on c.request_id = q.id
                                                                                 where q.attempt_id = new.attempt_id) end) then
      return null;
    end if;
    if new.kind = 'failed' and new.rail_code = 'not-sent'   -- of which other triggers see that it is true, where something is sent
       and exists (select from attempt a where a.id = new.attempt_id and a.rail in ('bank-file', 'mobile-money')) then
      return null;
    end if;
  elsif new.source <> 'schedule' or new.kind = 'silence' then
    return null;
  end if;
  raise exception 'nothing of a % stands behind this', new.source using errcode = 'UCT80';
end $$;
