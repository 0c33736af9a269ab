-- Case notes: what was said and agreed with a client, written down by whoever talked with them, and on which day to talk next. Paying never
-- reads these.
set local role uct_owner;

create table casework.case_note (
  id uuid primary key,
  seq bigint generated always as identity,
  client_id uuid not null references casework.client,
  happened_on date not null,
  kind text not null check (kind in ('conversation', 'visit', 'call', 'message', 'with-provider', 'other')),
  next_on date,                                           -- the day on which to talk next
  words_sealed bytea,                                     -- sealed with the client's data key; empty once the client is erased
  original_sealed bytea,                                  -- as it was typed, where that was Zawgyi
  corrects uuid,
  recorded_by uuid not null references access.app_user,
  recorded_at timestamptz not null,
  content_sha256 bytea not null check (length(content_sha256) = 32),
  constraint case_note_has_happened check (happened_on <= (recorded_at at time zone 'UTC')::date + 1),   -- where the client lives it may be tomorrow
  constraint case_note_next_follows check (next_on between happened_on and happened_on + 400),
  unique (client_id, id),
  -- A note stays as it was written. What was wrong in it is said by one other note of the same client, which can be corrected in its turn.
  constraint case_note_corrected_once unique (corrects),
  constraint case_note_corrects_another check (corrects <> id),
  foreign key (client_id, corrects) references casework.case_note (client_id, id)
);
create index case_note_client on casework.case_note (client_id, happened_on, seq);
call access.make_append_only('casework.case_note');
call casework.hold_only_with_consent('casework.case_note');
call casework.refuse_rows_of_erased('casework.case_note');
grant select, insert on casework.case_note to uct_service;

-- A note says something, until it is erased.
create function casework.require_words() returns trigger language plpgsql as $$
begin
  raise exception 'a note says something' using errcode = 'not_null_violation', table = tg_table_name, column = 'words_sealed';
end $$;
create trigger says_something before insert on casework.case_note for each row when (new.words_sealed is null)
  execute function casework.require_words();

-- Whoever is erased is not talked with again, so that the day goes with the words.
call casework.make_erasable('casework.case_note', '($1).client_id', '{words_sealed,original_sealed,next_on}');

create function casework.empty_case_notes() returns trigger language plpgsql security definer set search_path = casework, pg_temp as $$
begin
  update case_note set words_sealed = null, original_sealed = null, next_on = null, content_sha256 = random_digest() where client_id = new.client_id;
  return null;
end $$;
-- A trigger of its own beside `erased_says_nothing`: a room that keeps words empties them itself.
create trigger erased_has_no_notes after insert on pii.erased_client for each row execute function casework.empty_case_notes();

revoke all on function casework.require_words, casework.empty_case_notes from public;
