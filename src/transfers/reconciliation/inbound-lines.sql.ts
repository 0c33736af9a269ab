/** The set-based statements behind taking in the lines of a bank's report. */

/** One file at a time, until the transaction ends. */
export const TAKE_TURN = 'select payments.take_inbound_turn()';

/** $1 file, $2 keys: how many lines of that key this file had so far. */
export const REPEATS = `
  select encode(line_key, 'hex') key, max(repeat_no)::int repeats from payments.inbound_line
  where file_id = $1 and line_key = any ($2::bytea[]) group by line_key`;

/** $1 keys and $2 their numbers, side by side: which of those lines are known, from whatever file. As many rows as were asked for, however often a line is repeated. */
export const KNOWN = `
  select encode(line_key, 'hex') key, repeat_no from unnest($1::bytea[], $2::int[]) asked(line_key, repeat_no)
  join payments.inbound_line l using (line_key, repeat_no) where l.result <> 'told-before'`;

/** $1 attempts: those that a debit was booked for already, and in which kind of report; a statement and an advice tell of the same debit. */
export const DEBITS = `
  select distinct attempt_id, file_kind from payments.inbound_line
  where attempt_id = any ($1) and item = 'entry' and direction = 'debit' and booking_status = 'booked' and says = 'settled'
    and result in ('applied', 'conflicting')`;

/** $1 numbers of accounts. */
export const ACCOUNTS =
  'select id, upper(account) account from payments.paying_account where upper(account) = any ($1)';

/** $1 message ids, $2 ids of lots. A file that was abandoned is none that a bank could have. */
export const BANK_FILES = `
  select id, message_id, payment_information_id lot_id, paying_account_id from payments.bank_file f
  where (message_id = any ($1) or payment_information_id = any ($2))
    and not exists (select from payments.bank_file_abandoned x where x.bank_file_id = f.id)`;

/** $1 file, $2 its kind, $3 lines as JSON. */
export const INSERT_LINES = `
  insert into payments.inbound_line (file_id, file_kind, place, line_no, item, level, line_key, repeat_no, content_sha256, says, code, direction,
    booking_status, amount_minor, currency, day, reference, servicer_reference, transaction_code, payments_behind, paying_account_id,
    bank_file_id, attempt_id, evidence_id, result)
  select $1, $2, place, line_no, item, level, decode(line_key, 'hex'), repeat_no, decode(content_sha256, 'hex'), says, code, direction,
    booking_status, amount_minor, currency, day, reference, servicer_reference, transaction_code, payments_behind, paying_account_id,
    bank_file_id, attempt_id, evidence_id, result
  from jsonb_to_recordset($3::jsonb) as l(place int, line_no int, item text, level text, line_key text, repeat_no int, content_sha256 text,
    says text, code text, direction text, booking_status text, amount_minor bigint, currency text, day date, reference text,
    servicer_reference text, transaction_code text, payments_behind int, paying_account_id uuid, bank_file_id uuid, attempt_id uuid,
    evidence_id uuid, result text)
  order by place`;

/** $1 ids, $2 file, $3 places, $4 reasons, $5 when. */
export const INSERT_WORK = `
  insert into payments.work_item (id, file_id, place, reason, raised_at)
  select id, $2, place, reason, $5 from unnest($1::uuid[], $3::int[], $4::text[]) w(id, place, reason)`;

/** $1 ids, $2 file, $3 accounts, $4 currencies, $5 days, $6 which, $7 amounts, $8 by whom, $9 when. */
export const INSERT_BALANCES = `
  insert into payments.statement_balance (id, paying_account_id, currency, day, which, amount_minor, file_id, told_by, told_at)
  select b.id, account_id, b.currency, day, which, amount_minor, $2, $8, $9
  from unnest($1::uuid[], $3::uuid[], $4::text[], $5::date[], $6::text[], $7::bigint[]) b(id, account_id, currency, day, which, amount_minor)
  join payments.paying_account a on a.id = b.account_id and a.currency = b.currency
  on conflict do nothing`;

/**
 * $1 file: what levels say in it, and what its rows say of the same file of payments. A lot of ours is a message of ours. A row that nobody could
 * read, or that names no payment of ours, may be about any of them.
 */
export const LEVELS = `
  select l.place, l.level, l.says, l.code, l.day::text, l.bank_file_id,
         coalesce((select array_agg(distinct coalesce(r.says, 'nothing')) from payments.inbound_line r left join payments.bank_file_item i on i.attempt_id = r.attempt_id
                   where r.file_id = l.file_id and r.level = 'payment' and r.item in ('status', 'unreadable')
                     and (i.bank_file_id = l.bank_file_id or r.attempt_id is null and coalesce(r.bank_file_id = l.bank_file_id, true))), '{}') rows
  from payments.inbound_line l
  where l.file_id = $1 and l.item = 'status' and l.level <> 'payment' and l.says is not null and l.bank_file_id is not null
  order by l.level = 'lot' desc, l.place`;

/** $1 file, $2 bank file, $3 after that place, $4 at most: attempts of the bank file that this file has no row of. */
export const ABSENT = `
  select i.attempt_id, i.place from payments.bank_file_item i
  where i.bank_file_id = $2 and i.place > $3
    and not exists (select from payments.inbound_line r where r.file_id = $1 and r.level = 'payment' and r.attempt_id = i.attempt_id)
  order by i.place limit $4`;
