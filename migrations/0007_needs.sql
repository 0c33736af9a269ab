-- The needs assessment: each client ranks all 21 needs from 1 to 4, and says in their own words what each 4 means.
set local role uct_owner;

create table casework.need (
  code text primary key,
  category text not null,
  position smallint not null unique check (position between 1 and 21),
  label text not null
);
call access.make_append_only('casework.need');

create table casework.needs_assessment (
  id uuid primary key,
  seq bigint generated always as identity,
  client_id uuid not null references casework.client,
  assessed_on date not null,
  recorded_by uuid not null references access.app_user,
  recorded_at timestamptz not null,
  content_sha256 bytea not null check (length(content_sha256) = 32)
);
create index needs_assessment_latest on casework.needs_assessment (client_id, assessed_on desc, seq desc);
call access.make_append_only('casework.needs_assessment');

create table casework.need_rank (
  assessment_id uuid not null references casework.needs_assessment,
  need text not null references casework.need,
  rank smallint not null check (rank between 1 and 4),
  interpretation_sealed bytea check (interpretation_sealed is null or rank = 4),   -- the client's words, sealed with their data key
  primary key (assessment_id, need)
);
create index need_rank_highest on casework.need_rank (need, assessment_id) where rank = 4;
call access.make_append_only('casework.need_rank');

-- An assessment with fewer than 21 ranks cannot be committed (more are impossible: the catalogue has 21 needs).
create function casework.require_all_ranks() returns trigger language plpgsql as $$
begin
  if (select count(*) from casework.need_rank where assessment_id = new.id) <> 21 then
    raise exception 'an assessment ranks all 21 needs' using errcode = 'UCT03';
  end if;
  return null;
end $$;
create constraint trigger all_ranks after insert on casework.needs_assessment deferrable initially deferred
  for each row execute function casework.require_all_ranks();

-- The latest assessment of each client; a correction is a new assessment.
create view casework.latest_assessment as
select distinct on (client_id) id, client_id, assessed_on from casework.needs_assessment order by client_id, assessed_on desc, seq desc;

grant select, insert on casework.need, casework.needs_assessment, casework.need_rank to uct_service;
grant select on casework.latest_assessment to uct_service, uct_reports;
grant select on casework.need to uct_reports;
grant select (assessment_id, need, rank) on casework.need_rank to uct_reports;
