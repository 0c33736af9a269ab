-- Mobile money: what was sent to the operator, at most once each, what came back, when to ask again, and reversals that two people asked for.
set local role uct_owner;

-- Committed before the request leaves. An attempt has one row at most, so it is sent once at most, whatever crashes or runs twice.
create table payments.dispatch (
  attempt_id uuid primary key references payments.attempt,   -- and what the operator knows the request by
  request_digest bytea not null check (length(request_digest) = 32),   -- keyed: a telephone number could be guessed from a plain one
  dispatched_at timestamptz not null
);
create index dispatch_lately on payments.dispatch (dispatched_at);
call access.make_append_only('payments.dispatch');
create index attempt_to_dispatch on payments.attempt (instructed_at, id) where rail = 'mobile-money' and state in ('instructed', 'unknown');

-- Only what is instructed on this rail, of which nothing was learned yet, that nobody has stopped, and whose client may be paid by it at this very
-- moment. A stop names the attempt, whose row is locked here: it was there before, or comes after what has left.
create function payments.refuse_dispatch() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
declare
  sent attempt;
begin
  perform hold_off_withdrawals();
  perform from obligation where id = (select obligation_id from attempt where id = new.attempt_id) for no key update;
  select * into strict sent from attempt where id = new.attempt_id for update;
  if sent.rail <> 'mobile-money' or exists (select from evidence e where e.attempt_id = sent.id and e.kind <> 'silence') then
    raise exception 'this attempt is not to be sent' using errcode = 'UCT76';
  end if;
  if exists (select from stopped_attempt s where s.attempt_id = sent.id) then
    raise exception 'this payment is stopped' using errcode = 'UCT76';
  end if;
  if paid_by_another_try(sent.id) then
    raise exception 'another try of this transfer has paid' using errcode = 'UCT76';
  end if;
  if not exists (select from obligation o join casework.payment_standing s on s.client_id = o.client_id
                 where o.id = sent.obligation_id and sent.rail = any (s.payable_by)) then
    raise exception 'the client may not be paid by that rail' using errcode = 'UCT44';
  end if;
  return new;
end $$;
create trigger refuse_dispatch before insert on payments.dispatch for each row execute function payments.refuse_dispatch();

-- "Not sent" is proof only of what was not sent; and of what was sent, that it failed is told by the operator, or by two people who resolve it.
-- The attempt's row orders this and a dispatch: one sees the other.
create function payments.refuse_failure_of_sent() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform 1 from attempt where id = new.attempt_id for key share;
  if exists (select from dispatch d where d.attempt_id = new.attempt_id) then
    raise exception 'of what was sent to an operator, this is no proof of failure' using errcode = 'UCT77';
  end if;
  return new;
end $$;
create trigger refuse_failure_of_sent before insert on payments.evidence for each row
  when (new.kind = 'failed' and (new.rail_code = 'not-sent' or new.source = 'person')) execute function payments.refuse_failure_of_sent();

-- Nobody knows how a payment ended that has not left.
create function payments.refuse_news_of_unsent() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform 1 from attempt where id = new.attempt_id for key share;
  if exists (select from attempt a where a.id = new.attempt_id and a.rail = 'mobile-money')
     and not exists (select from dispatch d where d.attempt_id = new.attempt_id) then
    raise exception 'this payment has not left for an operator' using errcode = 'UCT97';
  end if;
  return new;
end $$;
create trigger refuse_news_of_unsent before insert on payments.evidence for each row
  when (new.source = 'person' and new.kind in ('settled', 'accepted', 'unclear', 'returned', 'reversed'))
  execute function payments.refuse_news_of_unsent();

-- What the operator is asked to take back: one person asks for it, another says the same, and then it is sent, once. That it was asked changes
-- nothing; its outcome does.
create table payments.reversal_request (
  id uuid primary key,                                       -- and what the operator knows the request by
  attempt_id uuid not null references payments.attempt,
  reason text not null check (reason in ('paid-twice', 'wrong-account', 'client-wish')),   -- a closed list that contains no condition
  transaction_reference text not null check (length(transaction_reference) between 1 and 140),
  asked_by uuid not null references access.app_user,
  asked_at timestamptz not null,
  unique (id, asked_by)
);
create index reversal_request_attempt on payments.reversal_request (attempt_id);
call access.make_append_only('payments.reversal_request');

create table payments.reversal_confirmed (
  request_id uuid primary key,
  asked_by uuid not null,
  confirmed_by uuid not null references access.app_user check (confirmed_by <> asked_by),
  confirmed_at timestamptz not null,
  foreign key (request_id, asked_by) references payments.reversal_request (id, asked_by)
);
call access.make_append_only('payments.reversal_confirmed');
create trigger asker_is_confirmed before insert on payments.reversal_request for each row execute function access.refuse_awaiting('asked_by');
create trigger confirmer_is_confirmed before insert on payments.reversal_confirmed for each row
  execute function access.refuse_awaiting('confirmed_by', 'asked_by');

-- Everything that the operator said, in codes. The digest is a keyed one of all of it and of what it was taken to tell, so that the same message is kept once. One that names
-- nothing of ours is kept without an attempt, for people to look at.
create table payments.rail_message (
  id uuid primary key,
  kind text not null check (kind in ('answer', 'callback', 'asked')),   -- to what we sent; by itself; to what we asked
  digest bytea not null unique check (length(digest) = 32),
  received_at timestamptz not null,
  correlation_id uuid,                                       -- which request of ours it names
  attempt_id uuid references payments.attempt,
  told text not null check (told in ('accepted', 'settled', 'failed', 'returned', 'never-received', 'unclear')),
  code text check (code ~ '^[A-Za-z][A-Za-z-]{0,39}$'),
  operator_id uuid,                                          -- what the operator calls our request
  reference text check (reference ~ '^[A-Za-z0-9][A-Za-z0-9._:/-]{0,139}$')   -- what the operator calls the transaction
);
create index rail_message_attempt on payments.rail_message (attempt_id, correlation_id);
create index rail_message_unmatched on payments.rail_message (received_at, id) where attempt_id is null;
call access.make_append_only('payments.rail_message');

-- When to ask next about a request of ours: a plan, not a record. Null is not any more.
create table payments.enquiry (
  correlation_id uuid primary key,
  attempt_id uuid not null references payments.attempt,
  about text not null check (about in ('payment', 'reversal')),
  asked smallint not null default 0 check (asked >= 0),
  next_at timestamptz
);
create index enquiry_due on payments.enquiry (next_at) where next_at is not null;

-- Two people have asked for it, and the operator neither refused it nor never received it, nor was asked about it in vain so often that people ask anew.
create function payments.reversal_under_way(p_attempt uuid) returns boolean
language sql stable security definer set search_path = payments, pg_temp as $$
  select exists (select from reversal_request before join reversal_confirmed c on c.request_id = before.id where before.attempt_id = p_attempt
                   and not exists (select from enquiry e where e.correlation_id = before.id and e.next_at is null)
                   and not exists (select from rail_message m where m.attempt_id = before.attempt_id and m.correlation_id = before.id
                                     and m.kind <> 'callback' and m.told in ('failed', 'never-received')));
$$;

-- Of what arrived through an operator; again only after the operator has refused it, or never received it. The attempt's row orders two who ask at once.
create function payments.refuse_reversal() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if not exists (select from attempt a join dispatch d on d.attempt_id = a.id where a.id = new.attempt_id and a.state = 'settled' for update of a) then
    raise exception 'only what was sent to an operator and arrived is taken back' using errcode = 'UCT78';
  end if;
  if exists (select from attempt where id = new.id) or reversal_under_way(new.attempt_id) then
    raise exception 'it was asked to be taken back, and that is not over' using errcode = 'UCT78';
  end if;
  return new;
end $$;
create trigger refuse_reversal before insert on payments.reversal_request for each row execute function payments.refuse_reversal();

-- Sent while it is still true that the money is there.
create function payments.refuse_reversing_the_unpaid() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if not exists (select from reversal_request r join attempt a on a.id = r.attempt_id where r.id = new.request_id and a.state = 'settled' for update of a) then
    raise exception 'only what was sent to an operator and arrived is taken back' using errcode = 'UCT78';
  end if;
  if reversal_under_way((select attempt_id from reversal_request where id = new.request_id)) then
    raise exception 'it was asked to be taken back, and that is not over' using errcode = 'UCT78';
  end if;
  return new;
end $$;
create trigger refuse_reversing_the_unpaid before insert on payments.reversal_confirmed for each row
  execute function payments.refuse_reversing_the_unpaid();

revoke all on function payments.refuse_news_of_unsent, payments.refuse_dispatch, payments.refuse_failure_of_sent, payments.refuse_reversal, payments.refuse_reversing_the_unpaid,
  payments.reversal_under_way from public;
grant execute on function payments.reversal_under_way to uct_service;
grant select, insert on payments.dispatch, payments.reversal_request, payments.reversal_confirmed, payments.rail_message, payments.enquiry to uct_service;
grant update (asked, next_at) on payments.enquiry to uct_service;
