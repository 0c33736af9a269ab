-- One person's word makes nobody be paid again: that a payment of which nobody knew has ended, or that a bank or an operator did not pay or has the
-- money back, is told by two. See docs/decisions/0015.
set local role uct_owner;

drop function payments.needs_two(text, text);
-- Of what a person tells. `p_state`: of the attempt, before it. Triggers let a person say "not sent" of a bank's file only while nobody took it, and of
-- mobile money that it failed only while it was not sent.
create function payments.needs_two(p_rail text, p_kind text, p_code text, p_state text) returns boolean language sql immutable parallel safe as $$
  select p_kind in ('resolved-paid', 'resolved-not-paid')
      or p_kind in ('settled', 'failed', 'returned', 'reversed')
         and not (p_kind = 'failed' and (p_rail = 'mobile-money' or p_rail = 'bank-file' and coalesce(p_code, '') = 'not-sent'))
         and (p_rail = 'manual' or p_state = 'unknown' or p_rail in ('bank-file', 'mobile-money') and p_kind <> 'settled');
$$;

-- As before; what comes by a voucher has rules of its own, see 0026_cash.sql.
create or replace function payments.require_two() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if exists (select from fresh f join attempt a on a.id = f.attempt_id
             where f.source = 'person' and needs_two(a.rail, f.kind, f.rail_code, a.state)
               and not exists (select from voucher v where v.attempt_id = f.attempt_id)
               and (f.confirmed_by is null
                    or (select count(*) from told_result t
                        where t.says = f.id and t.told_by in (f.recorded_by, f.confirmed_by)
                          and (t.attempt_id, t.kind, t.happened_on) = (f.attempt_id, f.kind, f.happened_on)
                          and (t.rail_code, t.reference) is not distinct from (f.rail_code, f.reference)) < 2)) then
    raise exception 'two people tell this of a payment' using errcode = 'UCT71';
  end if;
  return null;
end $$;

revoke all on function payments.needs_two from public;
grant execute on function payments.needs_two to uct_service;
