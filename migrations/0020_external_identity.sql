-- Who somebody is at the organisation's own sign-in (OpenID Connect), and which of our requests to it were answered.
set local role uct_owner;

-- An account over there is one person here, and a person here has one account at each provider.
create table access.external_identity (
  issuer text not null check (issuer ~ '^https?://' and length(issuer) <= 500),
  -- Case and spaces count: to the provider they are part of it.
  subject text not null check (length(subject) between 1 and 255),
  user_id uuid not null references access.app_user,
  bound_at timestamptz not null,
  primary key (issuer, subject),
  constraint one_identity_per_issuer unique (user_id, issuer)
);

-- The schedule, the operator and nobody do not sign in, over there no more than here.
create function access.refuse_identity_of_no_person() returns trigger language plpgsql security definer set search_path = access, pg_temp as $$
begin
  perform 1 from app_user where id = new.user_id and kind = 'person';
  if not found then raise exception 'only a person has an external identity' using errcode = '23514', constraint = 'person_signs_in'; end if;
  return new;
end $$;
create trigger only_a_person_signs_in before insert or update on access.external_identity
  for each row execute function access.refuse_identity_of_no_person();
revoke all on function access.refuse_identity_of_no_person from public;

-- The digest of each state that came back: a second answer to one request is not heard. Gone when the request would have run out by itself.
create table access.answered_openid_request (
  state_sha256 bytea primary key check (length(state_sha256) = 32),
  runs_out_at timestamptz not null
);
create index answered_openid_request_runs_out on access.answered_openid_request (runs_out_at);

grant select, insert, delete on access.external_identity, access.answered_openid_request to uct_service;
