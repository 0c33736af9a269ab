-- What the pages of paying stand on.
set local role uct_owner;

-- ---- Putting back

-- That a payment did not arrive was told by somebody else, by two people, or by the operator; a bank's file is told by whoever brought it in.
create function payments.may_put_back(p_attempt uuid, p_user uuid) returns boolean
language sql stable security definer set search_path = payments, pg_temp as $$
  select exists (select from attempt a join evidence e on e.attempt_id = a.id
                 where a.id = p_attempt
                   and e.kind = any (case a.state when 'failed' then array['failed', 'resolved-not-paid'] when 'returned' then array['returned']
                                                  when 'reversed' then array['reversed'] else '{}'::text[] end)
                   and (e.source = 'rail' or e.confirmed_by is not null or e.recorded_by <> p_user));
$$;

create or replace function payments.refuse_putting_back_alone() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if not may_put_back(new.attempt_id, new.reissued_by) then
    raise exception 'whoever alone told that a payment did not arrive does not put it back' using errcode = 'UCT79';
  end if;
  return new;
end $$;

create index obligation_not_arrived on payments.obligation (due_on, id) where state in ('failed', 'returned', 'reversed');

revoke all on function payments.may_put_back from public;
grant execute on function payments.may_put_back to uct_service;
