-- The transparency log: an RFC 6962 tree over salted commitments to the entries, built after commit and published on a fixed schedule, so that
-- anyone outside can check that nothing was altered or hidden without learning who was paid.
set local role uct_owner;

-- The log's name and public key, written when it is first opened: another key would be another log.
create table ledger.log_identity (
  only_row boolean primary key default true check (only_row),
  origin text not null check (origin ~ '^[^\s+]{1,200}$'),
  vkey text not null,
  opened_at timestamptz not null
);
call access.make_append_only('ledger.log_identity');

-- An epoch is what one step of the sequencer added: entries in random places, and dummy leaves made from dummy_key in all the others.
create table ledger.epoch (
  number integer primary key check (number >= 1),
  first_index bigint not null unique check (first_index >= 0 and first_index % 256 = 0),
  size integer not null check (size in (256, 1024, 4096, 16384, 65536)),
  leaf_count integer not null check (leaf_count between 0 and size),
  dummy_key bytea not null check (length(dummy_key) = 32),
  seq_seen bigint not null check (seq_seen >= 0),       -- every seq drawn until then belongs to a transaction below xact_ceiling
  xact_ceiling xid8 not null,
  seq_finished bigint not null check (seq_finished >= 0),   -- what was numbered until then is in the log, or was rolled back
  frontier bytea not null check (length(frontier) % 32 = 0),   -- roots of the whole subtrees at the tree's right edge, largest first
  made_at timestamptz not null
);
call access.make_append_only('ledger.epoch');

-- Full tiles of 256 hashes (C2SP tlog-tiles), with the root of each: the hash that the tile above holds of it.
create table ledger.tile (
  level smallint not null check (level between 0 and 7),
  index bigint not null check (index >= 0),
  hashes bytea not null check (length(hashes) = 8192),
  root bytea not null check (length(root) = 32),
  primary key (level, index)
);
alter table ledger.tile alter column hashes set storage external;   -- hashes do not compress
call access.make_append_only('ledger.tile');

-- These names stand in the files with which outsiders check a report; rows from before are left as they are.
alter table payments.fund add constraint fund_name_is_one_line check (name !~ '[[:cntrl:]]') not valid;
alter table payments.donor add constraint donor_name_is_one_line check (name !~ '[[:cntrl:]]') not valid;

-- What the log commits to is written as JSON by hand; nothing that would have to be escaped gets in.
alter table ledger.entry add constraint entry_rail_is_a_name check (rail ~ '^[a-z][a-z0-9-]{0,39}$');
alter table ledger.account add constraint account_rail_is_a_name check (rail ~ '^([a-z][a-z0-9-]{0,39})?$');

-- A closing takes effect for everything that begins after it; which epoch comes next tells when all that began before is over.
alter table ledger.period_closing add column before_epoch integer not null default 1;

-- The seal of a fund's period: what the donor is told (count band, sums per currency, digest of the entries) and what an auditor is.
create table ledger.period_seal (
  id uuid primary key,
  fund_id uuid not null,
  through date not null,
  donor_text text not null,
  auditor_text text not null,
  sealed_at timestamptz not null,
  unique (fund_id, through),
  foreign key (fund_id, through) references ledger.period_closing (fund_id, through)
);
call access.make_append_only('ledger.period_seal');

-- A leaf commits to one entry or to one seal. Where no row is, the leaf is a dummy.
create table ledger.leaf (
  log_index bigint primary key check (log_index >= 0),
  epoch integer not null references ledger.epoch,
  entry_seq bigint unique references ledger.entry (seq),
  seal_id uuid unique references ledger.period_seal,
  commitments bytea not null check (length(commitments) = 96),   -- to the donor's, the auditor's and the subject's fields
  check (num_nonnulls(entry_seq, seal_id) = 1)
);
call access.make_append_only('ledger.leaf');

-- The salts of the commitments: the one table of the ledger in which something can be erased, and that only the subject's salt.
create table ledger.leaf_salt (
  log_index bigint primary key references ledger.leaf,
  donor bytea not null check (length(donor) = 32),
  auditor bytea not null check (length(auditor) = 32),
  subject bytea check (length(subject) = 32)
);

-- Transfers whose subject was erased; what is logged of them later gets no subject's salt either.
create table ledger.subject_erasure (
  obligation_id uuid primary key,
  erased_by uuid not null references access.app_user,
  erased_at timestamptz not null
);
call access.make_append_only('ledger.subject_erasure');

create function ledger.refuse_all_but_erasure() returns trigger language plpgsql as $$
begin
  if new.subject is null and old.subject is not null and (new.log_index, new.donor, new.auditor) = (old.log_index, old.donor, old.auditor)
     and exists (select from ledger.leaf l join ledger.entry e on e.seq = l.entry_seq join ledger.subject_erasure x on x.obligation_id = e.obligation_id
                 where l.log_index = old.log_index) then
    return new;
  end if;
  raise exception '% on ledger.leaf_salt is refused: the salt of a subject that is erased can go, and nothing else', tg_op using errcode = 'UCT01';
end $$;
create trigger erasable_rows before update on ledger.leaf_salt for each row execute function ledger.refuse_all_but_erasure();
create trigger kept_rows before delete on ledger.leaf_salt for each row execute function access.refuse_change();
create trigger kept_table before truncate on ledger.leaf_salt for each statement execute function access.refuse_change();

-- A checkpoint (C2SP tlog-checkpoint, a signed note) for each slot of the fixed schedule, and what witnesses signed of it.
create table ledger.checkpoint (
  size bigint primary key check (size > 0),
  epoch integer not null unique references ledger.epoch,
  slot timestamptz not null unique,
  note text not null,
  made_at timestamptz not null
);
call access.make_append_only('ledger.checkpoint');

create table ledger.cosignature (
  size bigint not null references ledger.checkpoint,
  witness text not null,
  vkey text not null,
  line text not null check (length(line) <= 1000),
  received_at timestamptz not null,
  primary key (size, witness)
);
call access.make_append_only('ledger.cosignature');

-- What each verification of the whole ledger found.
create table ledger.verification (
  id uuid primary key,
  requested_by uuid not null references access.app_user,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  holds boolean not null,
  findings jsonb not null
);
create index verification_latest on ledger.verification (finished_at desc);
call access.make_append_only('ledger.verification');

-- Closes a fund's books for a day and all before it: from now on nothing is booked there. What was under way is waited for before it is sealed.
create function ledger.close_period(p_fund_id uuid, p_through date, p_at timestamptz) returns void
language sql security definer set search_path = ledger, pg_temp as $$
  insert into period_closing (fund_id, through, closed_at, before_epoch)
  values (p_fund_id, p_through, p_at, (select coalesce(max(number), 0) + 1 from epoch)) on conflict do nothing;
$$;

create function ledger.seal_period(p_id uuid, p_fund_id uuid, p_through date, p_donor_text text, p_auditor_text text, p_at timestamptz) returns void
language sql security definer set search_path = ledger, pg_temp as $$
  insert into period_seal (id, fund_id, through, donor_text, auditor_text, sealed_at) values (p_id, p_fund_id, p_through, p_donor_text, p_auditor_text, p_at);
$$;

-- Appends an epoch: gapless, after the last one. p_commitments and p_salts hold 96 bytes for each leaf, p_tile_hashes 8192 and p_tile_roots 32
-- for each tile that became full.
create function ledger.append_epoch(p_number integer, p_first_index bigint, p_size integer, p_dummy_key bytea, p_seq_seen bigint, p_xact_ceiling xid8, p_seq_finished bigint,
                                    p_frontier bytea, p_made_at timestamptz, p_indexes bigint[], p_entry_seqs bigint[], p_seals uuid[],
                                    p_commitments bytea, p_salts bytea,
                                    p_tile_levels smallint[], p_tile_indexes bigint[], p_tile_hashes bytea, p_tile_roots bytea) returns void
language plpgsql security definer set search_path = ledger, pg_temp as $$
declare
  previous epoch;
  n integer := cardinality(p_indexes);
begin
  select * into previous from epoch order by number desc limit 1;
  if p_number is distinct from coalesce(previous.number, 0) + 1 or p_first_index is distinct from coalesce(previous.first_index + previous.size, 0) then
    raise exception 'epoch % does not follow the last one', p_number using errcode = 'UCT09';
  end if;
  if length(p_commitments) <> 96 * n or length(p_salts) <> 96 * n or length(p_tile_hashes) <> 8192 * cardinality(p_tile_levels)
     or length(p_tile_roots) <> 32 * cardinality(p_tile_levels) or (select count(*) from unnest(p_tile_levels) l where l = 0) <> p_size / 256
     or exists (select from unnest(p_indexes) i where i not between p_first_index and p_first_index + p_size - 1) then
    raise exception 'epoch % is not of the shape that it says', p_number using errcode = 'UCT09';
  end if;
  insert into epoch (number, first_index, size, leaf_count, dummy_key, seq_seen, xact_ceiling, seq_finished, frontier, made_at)
  values (p_number, p_first_index, p_size, n, p_dummy_key, p_seq_seen, p_xact_ceiling, p_seq_finished, p_frontier, p_made_at);
  insert into leaf (log_index, epoch, entry_seq, seal_id, commitments)
  select i.log_index, p_number, i.entry_seq, i.seal_id, substring(p_commitments from (i.place::integer - 1) * 96 + 1 for 96)
  from unnest(p_indexes, p_entry_seqs, p_seals) with ordinality as i(log_index, entry_seq, seal_id, place);
  insert into leaf_salt (log_index, donor, auditor, subject)
  select i.log_index, substring(p_salts from (i.place::integer - 1) * 96 + 1 for 32), substring(p_salts from (i.place::integer - 1) * 96 + 33 for 32),
         case when x.obligation_id is null then substring(p_salts from (i.place::integer - 1) * 96 + 65 for 32) end
  from unnest(p_indexes, p_entry_seqs) with ordinality as i(log_index, entry_seq, place)
  left join (select e.seq, e.obligation_id from subject_erasure s join entry e using (obligation_id) where e.seq = any (p_entry_seqs)) x on x.seq = i.entry_seq;
  insert into tile (level, index, hashes, root)
  select t.level, t.index, substring(p_tile_hashes from (t.place::integer - 1) * 8192 + 1 for 8192), substring(p_tile_roots from (t.place::integer - 1) * 32 + 1 for 32)
  from unnest(p_tile_levels, p_tile_indexes) with ordinality as t(level, index, place);
end $$;

create function ledger.publish_checkpoint(p_size bigint, p_epoch integer, p_slot timestamptz, p_note text, p_made_at timestamptz) returns void
language plpgsql security definer set search_path = ledger, pg_temp as $$
begin
  if p_size is distinct from (select first_index + size from epoch where number = p_epoch) then
    raise exception 'checkpoint % is not the end of epoch %', p_size, p_epoch using errcode = 'UCT09';
  end if;
  insert into checkpoint (size, epoch, slot, note, made_at) values (p_size, p_epoch, p_slot, p_note, p_made_at);
end $$;

-- Erases the subject's salts of some transfers: from then on nothing opens the subject's commitments, and every proof stands. How many salts went.
create function ledger.erase_subjects(p_obligations uuid[], p_erased_by uuid, p_erased_at timestamptz) returns integer
language plpgsql security definer set search_path = ledger, pg_temp as $$
declare erased integer;
begin
  insert into subject_erasure (obligation_id, erased_by, erased_at) select o, p_erased_by, p_erased_at from unnest(p_obligations) o on conflict do nothing;
  update leaf_salt s set subject = null
  from leaf l join entry e on e.seq = l.entry_seq
  where s.log_index = l.log_index and e.obligation_id = any (p_obligations) and s.subject is not null;
  get diagnostics erased = row_count;
  return erased;
end $$;

revoke all on function ledger.refuse_all_but_erasure, ledger.close_period, ledger.seal_period, ledger.append_epoch, ledger.publish_checkpoint, ledger.erase_subjects from public;
grant execute on function ledger.close_period, ledger.seal_period, ledger.append_epoch, ledger.publish_checkpoint, ledger.erase_subjects to uct_service;
grant select on sequence ledger.entry_seq_seq to uct_service;
grant select on ledger.log_identity, ledger.epoch, ledger.tile, ledger.period_seal, ledger.leaf, ledger.leaf_salt, ledger.subject_erasure, ledger.checkpoint,
  ledger.cosignature, ledger.verification to uct_service;
grant insert on ledger.log_identity, ledger.cosignature, ledger.verification to uct_service;
