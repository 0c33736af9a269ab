-- Cash from hand to hand: a voucher for each payment in cash, whose hands its money is in, what shows that the client has it, and counts of the
-- till. Who gives and who takes are two people, and each says so. See docs/decisions/0016.
set local role uct_owner;

-- The till is the clearing account of cash. Its money goes out to a holder's float, comes back from there, or reaches the client from there.
insert into ledger.flow values ('hand-out', 'float', 'clearing'), ('hand-in', 'clearing', 'float'), ('settle', 'paid', 'float');
alter table ledger.entry
  drop constraint entry_kind_check, drop constraint entry_of_transfer, drop constraint entry_of_rail,
  add constraint entry_kind_check check (kind in ('grant', 'reserve', 'commit', 'release-reserve', 'float-out', 'float-back', 'instruct', 'hand-out',
    'hand-in', 'settle', 'fail', 'settle-late', 'return', 'reverse', 'exchange-out', 'exchange-in', 'exchange-residue', 'reversal')),
  add constraint entry_of_transfer check (kind = 'reversal' or (obligation_id is not null)
    = (kind in ('instruct', 'hand-out', 'hand-in', 'settle', 'fail', 'settle-late', 'return', 'reverse'))),
  add constraint entry_of_rail check ((rail is not null)
    >= (kind in ('instruct', 'hand-out', 'hand-in', 'settle', 'fail', 'settle-late', 'return', 'reverse'))) not valid;

-- What notes and coins come to, in minor units: [{"piece": "100000", "count": 9}], each piece once. Null when it is not that.
create function payments.worth_of_pieces(p_pieces jsonb) returns bigint
language plpgsql immutable strict as $$
begin
  if jsonb_typeof(p_pieces) <> 'array' or jsonb_array_length(p_pieces) > 40
     or exists (select from jsonb_array_elements(p_pieces) p
                where jsonb_typeof(p) <> 'object' or p - 'piece' - 'count' <> '{}'
                   or coalesce(p->>'piece', '') !~ '^[1-9][0-9]{0,14}$' or coalesce(p->>'count', '') !~ '^[1-9][0-9]{0,6}$') then
    return null;
  end if;
  return (select case when count(*) = count(distinct p->>'piece') then coalesce(sum((p->>'piece')::bigint * (p->>'count')::bigint), 0) end
          from jsonb_array_elements(p_pieces) p);
exception when numeric_value_out_of_range then
  return null;
end $$;

-- One for each payment in cash. The number stands on the envelope: it is drawn at random and says nothing of anybody.
create table payments.voucher (
  id uuid primary key,
  attempt_id uuid not null references payments.attempt,
  number text not null check (number ~ '^V-[0-9BCDFGHJKMNPQRSTVWXYZ]{8}$'),
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  denominations jsonb not null,
  issued_by uuid not null references access.app_user,
  issued_at timestamptz not null,
  constraint denominations_are_the_amount check (payments.worth_of_pieces(denominations) is not null
                                                 and payments.worth_of_pieces(denominations) = amount_minor)
);
create unique index one_voucher_per_payment on payments.voucher (attempt_id);
create unique index voucher_number on payments.voucher (number);
call access.make_append_only('payments.voucher');

-- An offer to give the cash of a voucher out of the till to a holder, or back into it: by one person, and nothing has moved before the other one
-- says that they have it (`voucher_receipt`). The latest offer counts; one that nobody took up is followed by another.
create table payments.voucher_custody (
  id uuid primary key,
  voucher_id uuid not null references payments.voucher,
  place smallint not null check (place between 1 and 100),
  act text not null check (act in ('hand-out', 'hand-in', 'give-back')),
  holder_id uuid not null references access.app_user,
  -- of a hand-in: the client did not collect it; somebody else carries it, or later; it was lost, and the organisation replaced it from its own money
  because text check (because in ('not-collected', 'carried-again', 'made-good')),
  offered_by uuid not null references access.app_user,
  offered_at timestamptz not null,
  constraint custody_hand_in_says_why check ((because is not null) = (act = 'hand-in')),
  constraint custody_holder_does_not_hand_out check (act <> 'hand-out' or offered_by <> holder_id),
  unique (voucher_id, place)
);
create index voucher_custody_holder on payments.voucher_custody (holder_id, voucher_id);
call access.make_append_only('payments.voucher_custody');

create table payments.voucher_receipt (
  custody_id uuid primary key references payments.voucher_custody,
  received_by uuid not null references access.app_user,
  received_at timestamptz not null
);
call access.make_append_only('payments.voucher_receipt');

-- What a holder says: the client has it. A mark that the client made on a paper, which stays in the office, is shown to nobody here; a second
-- person who saw it, or to whom the client told it where a paper would endanger them, says so as well.
create table payments.voucher_handover (
  id uuid primary key,
  voucher_id uuid not null references payments.voucher,
  custody_id uuid not null references payments.voucher_receipt,
  kind text not null check (kind in ('client-mark', 'witness', 'two-staff')),
  handed_over_by uuid not null references access.app_user,
  second_id uuid references access.app_user,
  happened_on date not null,
  device_at timestamptz,                        -- when it was written down without a network
  told_at timestamptz not null,
  constraint handover_second_person check ((second_id is null) = (kind = 'client-mark')),
  constraint handover_second_is_another check (second_id <> handed_over_by),
  unique (id, voucher_id)
);
create index voucher_handover_voucher on payments.voucher_handover (voucher_id);
create index voucher_handover_second on payments.voucher_handover (second_id) where second_id is not null;
call access.make_append_only('payments.voucher_handover');

-- It is acknowledged once: by the mark alone, or when the second person has said so too.
create table payments.voucher_acknowledgement (
  voucher_id uuid primary key references payments.voucher,
  handover_id uuid not null unique,
  confirmed_by uuid references access.app_user,
  confirmed_at timestamptz not null,
  foreign key (handover_id, voucher_id) references payments.voucher_handover (id, voucher_id)
);
call access.make_append_only('payments.voucher_acknowledgement');

-- Where each voucher stands. `handed_to` is who took the cash out of the till last, if it is not back there.
create view payments.voucher_standing as
select v.id voucher_id, v.attempt_id, last.id last_custody, case when last.act = 'hand-out' then last.holder_id end handed_to, last.received_at moved_at,
       offer.id offer_id, offer.act offer_act, offer.holder_id offer_holder, offer.offered_by, offer.because,
       taken.id last_out, taken.holder_id last_holder, told.id handover_id, ack.confirmed_at acknowledged_at,
       case when a.state = 'returned' then 'given-back'
            when ack.voucher_id is not null then case when offer.act = 'give-back' then 'coming-back' else 'acknowledged' end
            when a.state = 'failed' then 'not-collected'
            when last.act = 'hand-out' then case when offer.act = 'hand-in' then 'coming-back' when told.id is not null then 'handed-over' else 'carried' end
            when offer.act = 'hand-out' then 'offered' else 'in-till' end state
from payments.voucher v join payments.attempt a on a.id = v.attempt_id
left join payments.voucher_acknowledgement ack on ack.voucher_id = v.id
left join lateral (select c.id, c.act, c.holder_id, r.received_at from payments.voucher_custody c join payments.voucher_receipt r on r.custody_id = c.id
                   where c.voucher_id = v.id order by c.place desc limit 1) last on true
left join lateral (select c.id, c.holder_id from payments.voucher_custody c join payments.voucher_receipt r on r.custody_id = c.id
                   where c.voucher_id = v.id and c.act = 'hand-out' order by c.place desc limit 1) taken on true
left join lateral (select c.* from (select * from payments.voucher_custody where voucher_id = v.id order by place desc limit 1) c
                   where not exists (select from payments.voucher_receipt r where r.custody_id = c.id)) offer on true
left join lateral (select h.id from payments.voucher_handover h where h.voucher_id = v.id and h.custody_id = taken.id
                   order by h.told_at desc, h.id desc limit 1) told on true;

-- Who put together, approved or released a payment neither carries its cash nor says that it arrived: or one person could pay, and nobody else see it.
create function payments.signed_run_of(p_voucher uuid, p_user uuid) returns boolean
language sql stable security definer set search_path = payments, pg_temp as $$
  select exists (select from voucher v join attempt a on a.id = v.attempt_id join run_signature s on s.run_id = a.run_id
                 where v.id = p_voucher and s.user_id = p_user and s.act in ('prepare', 'approve', 'release'))
$$;

-- Everything about one payment in cash goes one after another: whoever looks holds its attempt until the end.
create function payments.hold_attempt_of(p_voucher uuid) returns payments.attempt
language plpgsql security definer set search_path = payments, pg_temp as $$
declare held attempt;
begin
  -- Withdrawals first, the transfer before the attempt, as everywhere.
  perform hold_off_withdrawals();
  perform from obligation o where o.id = (select a.obligation_id from attempt a join voucher v on v.attempt_id = a.id where v.id = p_voucher) for no key update;
  select a.* into strict held from attempt a join voucher v on v.attempt_id = a.id where v.id = p_voucher for update of a;
  return held;
end $$;

create function payments.check_voucher() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
declare paid attempt;
begin
  select * into strict paid from attempt where id = new.attempt_id for update;
  -- Not of one that is unknown: people told of it have been, and its end is told by two.
  if paid.rail <> 'cash' or paid.state not in ('instructed', 'accepted') then
    raise exception 'a voucher is issued for a payment in cash that is under way' using errcode = 'UCT81';
  end if;
  if (paid.currency, paid.amount_minor) <> (new.currency, new.amount_minor) then
    raise exception 'a voucher is of the amount that is paid' using errcode = 'UCT81';
  end if;
  return new;
end $$;
create trigger checked before insert on payments.voucher for each row execute function payments.check_voucher();

-- Whether cash may move so at this moment; asked when it is offered, and again when it is taken.
create function payments.check_movement(moved payments.voucher_custody) returns void
language plpgsql security definer set search_path = payments, pg_temp as $$
declare
  paid attempt := hold_attempt_of(moved.voucher_id);
  standing voucher_standing;
begin
  select * into strict standing from voucher_standing where voucher_id = moved.voucher_id;
  if (case moved.act
       when 'hand-out' then standing.handed_to is null and standing.acknowledged_at is null and paid.state in ('instructed', 'accepted', 'unknown')
       when 'hand-in' then standing.handed_to = moved.holder_id and standing.acknowledged_at is null
       else standing.acknowledged_at is not null and paid.state = 'settled'
            and moved.holder_id = (select h.handed_over_by from voucher_acknowledgement a join voucher_handover h on h.id = a.handover_id
                                   where a.voucher_id = moved.voucher_id) end) is not true then
    raise exception 'the cash of this voucher is not where it would be taken from' using errcode = 'UCT82';
  end if;
  if moved.act = 'hand-out' then
    if not exists (select from obligation o join casework.payment_standing s on s.client_id = o.client_id
                   where o.id = paid.obligation_id and 'cash' = any (s.payable_by)) then
      raise exception 'the client may not be paid in cash' using errcode = 'UCT44';
    end if;
    if paid_by_another_try(paid.id) then
      raise exception 'the client has the money of another try' using errcode = 'UCT89';
    end if;
    if exists (select from stopped_attempt where attempt_id = paid.id) then
      raise exception 'a payment that is stopped is not handed out' using errcode = 'UCT89';
    end if;
    if signed_run_of(moved.voucher_id, moved.holder_id) then
      raise exception 'who signed a run carries none of its cash' using errcode = 'UCT83';
    end if;
    if not exists (select from access.app_user where id = moved.holder_id and kind = 'person' and disabled_at is null)
       or exists (select from access.awaited_confirmation where user_id = moved.holder_id) then
      raise exception 'cash is handed to a person who may act' using errcode = 'UCT84';
    end if;
  end if;
end $$;

create function payments.check_custody() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  perform check_movement(new);
  if new.place <> (select coalesce(max(place), 0) + 1 from voucher_custody where voucher_id = new.voucher_id) then
    raise exception 'another offer came first' using errcode = '40001';
  end if;
  return new;
end $$;
create trigger checked before insert on payments.voucher_custody for each row execute function payments.check_custody();

create function payments.check_receipt() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
declare moved voucher_custody;
begin
  select * into strict moved from voucher_custody where id = new.custody_id;
  perform check_movement(moved);
  if exists (select from voucher_custody where voucher_id = moved.voucher_id and place > moved.place) then
    raise exception 'another offer came after this one' using errcode = 'UCT82';
  end if;
  if new.received_by = moved.offered_by or (new.received_by = moved.holder_id) <> (moved.act = 'hand-out') then
    raise exception 'who takes cash says so, and is not who gives it' using errcode = 'UCT85';
  end if;
  return new;
end $$;
create trigger checked before insert on payments.voucher_receipt for each row execute function payments.check_receipt();

create function payments.check_handover() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
declare
  paid attempt := hold_attempt_of(new.voucher_id);
  standing voucher_standing;
begin
  select * into strict standing from voucher_standing where voucher_id = new.voucher_id;
  -- By whoever took it out last; also when it was since taken for brought back, because late truth counts.
  if standing.last_out is distinct from new.custody_id or standing.last_holder is distinct from new.handed_over_by
     or standing.acknowledged_at is not null or paid.state in ('settled', 'returned', 'reversed') then
    raise exception 'who handed a voucher over had it last, and nobody acknowledged it' using errcode = 'UCT82';
  end if;
  if new.second_id is not null and signed_run_of(new.voucher_id, new.second_id) then
    raise exception 'who signed a run does not say that its cash arrived' using errcode = 'UCT83';
  end if;
  if new.happened_on < paid.instructed_on then
    raise exception 'nothing is handed over before it is instructed' using errcode = 'UCT82';
  end if;
  return new;
end $$;
create trigger checked before insert on payments.voucher_handover for each row execute function payments.check_handover();

create function payments.check_acknowledgement() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
declare
  paid attempt := hold_attempt_of(new.voucher_id);
  standing voucher_standing;
  told voucher_handover;
begin
  select * into strict standing from voucher_standing where voucher_id = new.voucher_id;
  select * into strict told from voucher_handover where id = new.handover_id;
  if standing.last_out is distinct from told.custody_id or paid.state in ('settled', 'returned', 'reversed') then
    raise exception 'what is acknowledged is what was handed over last' using errcode = 'UCT82';
  end if;
  if new.confirmed_by is distinct from told.second_id then
    raise exception 'the second person whom the holder named confirms' using errcode = 'UCT85';
  end if;
  return new;
end $$;
create trigger checked before insert on payments.voucher_acknowledgement for each row execute function payments.check_acknowledgement();

-- What becomes of a payment that has a voucher comes by the voucher. It has not failed while somebody carries its cash, so it is not paid again.
create function payments.check_cash_evidence() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if not exists (select from fresh f join attempt a on a.id = f.attempt_id where a.rail = 'cash') then return null; end if;
  perform 1 from attempt where id in (select attempt_id from fresh) and rail = 'cash' order by id for update;
  if exists (
       select from fresh f join voucher_standing s on s.attempt_id = f.attempt_id
       where not case f.kind
         when 'settled' then s.acknowledged_at is not null
         when 'failed' then s.handed_to is null and s.acknowledged_at is null
         when 'returned' then exists (select from voucher_custody c join voucher_receipt r on r.custody_id = c.id
                                      where c.voucher_id = s.voucher_id and c.act = 'give-back')
         else f.kind in ('accepted', 'silence', 'unclear') end) then
    raise exception 'what becomes of a payment that has a voucher comes by the voucher' using errcode = 'UCT86';
  end if;
  return null;
end $$;
create trigger cash_checked after insert on payments.evidence referencing new table as fresh for each statement
  execute function payments.check_cash_evidence();

-- Whatever moves has moved in the books when the transaction ends, and what is acknowledged or given back is known of the payment.
create function payments.require_moved_in_books() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if not exists (
       select from voucher_custody c join voucher v on v.id = c.voucher_id
       where c.id = new.custody_id
         and case c.act when 'give-back' then exists (select from evidence e where e.attempt_id = v.attempt_id and e.kind = 'returned')
             else exists (select from ledger.entry e join ledger.account f on f.id in (e.debit_id, e.credit_id) and f.kind = 'float'
                          where e.source_id = c.id and e.kind = c.act and e.amount_minor = v.amount_minor and f.holder_id = c.holder_id) end) then
    raise exception 'cash that moves has moved in the books' using errcode = 'UCT87';
  end if;
  return null;
end $$;
create constraint trigger moved_in_books after insert on payments.voucher_receipt deferrable initially deferred
  for each row execute function payments.require_moved_in_books();

create function payments.require_settled() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if not exists (select from voucher v join evidence e on e.attempt_id = v.attempt_id where v.id = new.voucher_id and e.kind = 'settled') then
    raise exception 'what is acknowledged is evidence of the payment' using errcode = 'UCT87';
  end if;
  return null;
end $$;
create constraint trigger acknowledged_is_settled after insert on payments.voucher_acknowledgement deferrable initially deferred
  for each row execute function payments.require_settled();

-- What explanations add up to: [{"reason": "lost", "amountMinor": "-5000"}], each reason once. Null when it is not that.
create function payments.worth_of_explanations(p_explanations jsonb) returns bigint
language plpgsql immutable strict as $$
begin
  if jsonb_typeof(p_explanations) <> 'array'
     or exists (select from jsonb_array_elements(p_explanations) e
                where jsonb_typeof(e) <> 'object' or e - 'reason' - 'amountMinor' <> '{}' or coalesce(e->>'amountMinor', '') !~ '^-?[1-9][0-9]{0,14}$'
                   or coalesce(e->>'reason', '') not in ('not-fetched-from-bank', 'not-taken-to-bank', 'not-recorded-yet', 'lacks-change', 'lost', 'stolen',
                                                         'found', 'not-explained')) then
    return null;
  end if;
  return (select case when count(*) = count(distinct e->>'reason') then coalesce(sum((e->>'amountMinor')::bigint), 0) end
          from jsonb_array_elements(p_explanations) e);
end $$;

-- A count of a fund's cash, in the till or with a holder, piece by piece; beside it what the books say at that moment. Every difference is
-- explained, if only by saying that it is not; a count moves nothing in the books.
create table payments.till_count (
  id uuid primary key,
  fund_id uuid not null references payments.fund,
  currency text not null references ledger.currency,
  holder_id uuid references access.app_user,         -- null: the till
  pieces jsonb not null,
  counted_minor bigint not null,
  books_minor bigint not null,
  explanations jsonb not null default '[]',
  counted_by uuid not null references access.app_user,
  counted_at timestamptz not null,
  constraint count_is_of_its_pieces check (payments.worth_of_pieces(pieces) is not null and payments.worth_of_pieces(pieces) = counted_minor),
  constraint difference_is_explained check (payments.worth_of_explanations(explanations) is not null
                                            and payments.worth_of_explanations(explanations) = counted_minor - books_minor)
);
create index till_count_of_fund on payments.till_count (fund_id, currency, counted_at desc);
call access.make_append_only('payments.till_count');

-- The second person who counted. Of a float, its holder is one of the two.
create table payments.till_count_confirmation (
  count_id uuid primary key references payments.till_count,
  confirmed_by uuid not null references access.app_user,
  confirmed_at timestamptz not null
);
call access.make_append_only('payments.till_count_confirmation');

-- What the books say is in the till of a fund, or with a holder.
create function payments.cash_in_books(p_fund uuid, p_currency text, p_holder uuid) returns bigint
language sql stable security definer set search_path = payments, pg_temp as $$
  select coalesce((select b.debits_posted - b.credits_posted from ledger.account a join ledger.balance b on b.account_id = a.id
                   where a.fund_id = p_fund and a.currency = p_currency
                     and case when p_holder is null then a.kind = 'clearing' and a.rail = 'cash' else a.kind = 'float' and a.holder_id = p_holder end), 0)
$$;

create function payments.check_count() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
begin
  if new.books_minor <> cash_in_books(new.fund_id, new.currency, new.holder_id) then
    raise exception 'the books have moved since they were shown' using errcode = 'UCT88';
  end if;
  return new;
end $$;
create trigger checked before insert on payments.till_count for each row execute function payments.check_count();

create function payments.check_count_confirmation() returns trigger language plpgsql security definer set search_path = payments, pg_temp as $$
declare counted till_count;
begin
  select * into strict counted from till_count where id = new.count_id;
  if new.confirmed_by = counted.counted_by or counted.holder_id not in (new.confirmed_by, counted.counted_by) then
    raise exception 'two people count, and a holder is one of the two' using errcode = 'UCT85';
  end if;
  return new;
end $$;
create trigger checked before insert on payments.till_count_confirmation for each row execute function payments.check_count_confirmation();

revoke all on function payments.worth_of_pieces, payments.worth_of_explanations, payments.signed_run_of, payments.hold_attempt_of, payments.check_voucher,
  payments.check_movement, payments.check_custody, payments.check_receipt, payments.check_handover, payments.check_acknowledgement,
  payments.check_cash_evidence, payments.require_moved_in_books, payments.require_settled, payments.cash_in_books, payments.check_count,
  payments.check_count_confirmation from public;
grant execute on function payments.worth_of_pieces, payments.worth_of_explanations to uct_service;   -- checks of tables ask them
grant select, insert on payments.voucher, payments.voucher_custody, payments.voucher_receipt, payments.voucher_handover, payments.voucher_acknowledgement,
  payments.till_count, payments.till_count_confirmation to uct_service;
grant select on payments.voucher_standing to uct_service;
