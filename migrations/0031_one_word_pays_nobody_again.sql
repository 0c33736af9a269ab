-- One person's word makes nobody be paid again, and nobody be forgotten: that a payment of which nobody knew has ended, and how one by a bank or an
-- operator did, is told by two; whoever alone told it does not put the payment back; and what is said to come from a bank or an operator does. See
-- docs/decisions/0015.
set local role uct_owner;

-- ---- Putting back

-- That a payment which did not arrive is to be paid again.
create table payments.reissue (
  id uuid primary key,
  attempt_id uuid not null references payments.attempt,      -- the one that did not arrive
  reissued_by uuid not null references access.app_user,
  reissued_at timestamptz not null
);
create index reissue_attempt on payments.reissue (attempt_id);
call access.make_append_only('payments.reissue');

insert into payments.reissue
select gen_random_uuid(), a.id, coalesce(said.actor_id, '00000000-0000-7000-8000-000000000001'), coalesce(said.at, a.instructed_at)
from payments.obligation o
join lateral (select id, instructed_at, state from payments.attempt where obligation_id = o.id order by attempt_no desc limit 1) a
  on a.state in ('failed', 'returned', 'reversed')
left join lateral (select actor_id, at from access.audit_event where act = 'transfer.reissue' and subject_id = o.id::text order by at desc limit 1) said on true
where o.state in ('scheduled', 'on_hold', 'in_run', 'approved');

-- That it did not arrive was told by somebody else, by two people, or by the operator; a bank's file is told by whoever brought it in.
create function payments.refuse_putting_back_alone() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if not exists (select from attempt a join evidence e on e.attempt_id = a.id
                 where a.id = new.attempt_id
                   and e.kind = any (case a.state when 'failed' then array['failed', 'resolved-not-paid'] when 'returned' then array['returned']
                                                  when 'reversed' then array['reversed'] else '{}'::text[] end)
                   and (e.source = 'rail' or e.confirmed_by is not null or e.recorded_by <> new.reissued_by)) then
    raise exception 'whoever alone told that a payment did not arrive does not put it back' using errcode = 'UCT79';
  end if;
  return new;
end $$;
create trigger putter_is_confirmed before insert on payments.reissue for each row execute function access.refuse_awaiting('reissued_by');
create trigger refuse_putting_back_alone before insert on payments.reissue for each row execute function payments.refuse_putting_back_alone();

create function payments.require_reissue() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if not exists (select from attempt before join reissue r on r.attempt_id = before.id
                 where before.obligation_id = new.obligation_id and before.attempt_no = new.attempt_no - 1) then
    raise exception 'a second try follows one that somebody put back' using errcode = 'UCT05';
  end if;
  return new;
end $$;
create trigger require_reissue before insert on payments.attempt for each row when (new.attempt_no > 1) execute function payments.require_reissue();

-- ---- Where it comes from

-- What counts as the word of a bank, an operator or the schedule has a line, a message or a reason behind it, by the end of its transaction.
create function payments.require_origin() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if (case new.source
       when 'statement' then
         exists (select from inbound_line l where l.attempt_id = new.attempt_id and l.evidence_id = new.id)
         or exists (select from inbound_line l join bank_file_item i on i.bank_file_id = l.bank_file_id
                    where i.attempt_id = new.attempt_id and l.level <> 'payment')
         or exists (select from work_item_word w
                    where w.attempt_id = new.attempt_id
                       or w.bank_file_id = (select i.bank_file_id from bank_file_item i where i.attempt_id = new.attempt_id)
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
create constraint trigger require_origin after insert on payments.evidence deferrable initially deferred for each row
  when (new.source <> 'person') execute function payments.require_origin();

-- An attempt's state is what all of its evidence says together, strongest first; as attempt-state.ts folds it.
create function payments.require_folded_state() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if (select a.state is distinct from coalesce(
        case when bool_or(e.kind = 'reversed') then 'reversed'
             when bool_or(e.kind = 'returned') then 'returned'
             when bool_or(e.kind in ('settled', 'resolved-paid')) then 'settled'
             when bool_or(e.kind in ('failed', 'resolved-not-paid')) then 'failed'
             when bool_or(e.kind in ('silence', 'unclear')) then 'unknown'
             when bool_or(e.kind = 'accepted') then 'accepted' end, 'instructed')
      from attempt a left join evidence e on e.attempt_id = a.id where a.id = new.id group by a.state) then
    raise exception 'the state of a payment is what its evidence says' using errcode = 'UCT80';
  end if;
  return null;
end $$;
create constraint trigger require_folded_state after update of state on payments.attempt deferrable initially deferred for each row
  execute function payments.require_folded_state();

revoke all on function payments.require_folded_state, payments.refuse_putting_back_alone, payments.require_reissue, payments.require_origin from public;
grant select, insert on payments.reissue to uct_service;
