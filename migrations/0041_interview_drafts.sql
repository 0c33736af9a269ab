-- An interview that is not finished: sealed like everything a client says, and gone when it is saved, given up, or the client is erased.
set local role uct_owner;

create table casework.interview_draft (
  client_id uuid not null references casework.client,
  user_id uuid not null references access.app_user,
  id uuid not null unique,               -- of the needs assessment that it becomes
  content_sealed bytea not null,         -- sealed with the client's data key
  started_at timestamptz not null,
  kept_at timestamptz not null,
  primary key (client_id, user_id)
);
create index interview_draft_user on casework.interview_draft (user_id);
call casework.hold_only_with_consent('casework.interview_draft');
call casework.refuse_rows_of_erased('casework.interview_draft');
grant select, insert, update (content_sealed, kept_at), delete on casework.interview_draft to uct_service;
