/** The set-based statements behind bank files. */

/** $1 run: its payments by a bank's file that stand in none and of which nothing was heard, with the account that they leave from. */
export const WAITING_FOR_FILE = `
  select a.id attempt_id, o.id transfer_id, a.correlation_id, o.instalment, a.amount_minor::text, a.currency, o.due_on::text, f.code fund,
         p.paying_account_id, exists (select from payments.stopped_attempt s where s.attempt_id = a.id) stopped
  from payments.attempt a join payments.obligation o on o.id = a.obligation_id join payments.fund f on f.id = o.fund_id
  left join payments.paying_account_of_fund p on p.fund_id = o.fund_id and p.currency = a.currency
  where a.run_id = $1 and payments.awaits_bank_file(a)
    and not exists (select from payments.superseded_payee s where s.attempt_id = a.id)
    and not exists (select from payments.standing_bank_file_item i where i.attempt_id = a.id)
  order by a.id`;

/** $1 run: how many of its transfers by a bank's file there are, and how many of them still are to be instructed. */
export const TRANSFERS_BY_FILE = `
  select count(*)::int transfers, (count(*) filter (where o.state = 'approved' and o.run_id = $1))::int not_instructed
  from payments.run_item i join payments.obligation o on o.id = i.obligation_id
  where i.run_id = $1 and i.rail = 'bank-file'`;

/** $1 attempts: how many stand in a file by now, and how many still await one. */
export const STANDING_NOW = `
  select (count(*) filter (where i.attempt_id is not null))::int in_a_file,
         (count(*) filter (where i.attempt_id is null and payments.awaits_bank_file(a) and s.attempt_id is null))::int waiting
  from payments.attempt a left join payments.standing_bank_file_item i on i.attempt_id = a.id
  left join payments.superseded_payee s on s.attempt_id = a.id where a.id = any ($1)`;

export const INSERT_FILE = `
  insert into payments.bank_file (id, run_id, paying_account_id, message_id, payment_information_id, execution_on, created_at, item_count,
                                  total_minor, currency, content_sha256, made_by)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;

/** $1 file, $2 attempts in their order: each item follows the last one of its attempt, whose file was abandoned. */
export const INSERT_ITEMS = `
  insert into payments.bank_file_item (bank_file_id, place, attempt_id, follows)
  select $1, place, attempt_id,
         (select i.bank_file_id from payments.bank_file_item i where i.attempt_id = item.attempt_id
            and not exists (select from payments.bank_file_item next where next.attempt_id = i.attempt_id and next.follows = i.bank_file_id))
  from unnest($2::uuid[]) with ordinality item(attempt_id, place)`;

/** $1 file, $2 why, $3 by whom, $4 when. */
export const ABANDON = `
  insert into payments.bank_file_abandoned (bank_file_id, reason, abandoned_by, abandoned_at) values ($1, $2, $3, $4)
  on conflict do nothing returning bank_file_id`;

/** $1 file, $2 after which place, $3 at most how many. The page is cut before it is joined, so that a page costs no more in a large file. */
export const ITEMS_AFTER = `
  select i.place, a.id attempt_id, o.id transfer_id, a.correlation_id, o.instalment, a.amount_minor::text
  from (select place, attempt_id from payments.bank_file_item where bank_file_id = $1 and place > $2 order by place limit $3) i
  join payments.attempt a on a.id = i.attempt_id join payments.obligation o on o.id = a.obligation_id
  order by i.place`;

/** $1 ids: message ids of all files, and references that stand in a file which was not abandoned. */
export const USED_BEFORE = `
  select message_id id from payments.bank_file where message_id = any ($1)
  union select a.correlation_id from payments.attempt a join payments.standing_bank_file_item i on i.attempt_id = a.id where a.correlation_id = any ($1)`;

const FILES = `
  select b.id, b.run_id, b.message_id, b.payment_information_id, b.execution_on::text, b.created_at, b.item_count, b.total_minor::text, b.currency,
         encode(b.content_sha256, 'hex') sha256, u.display_name made_by, p.code account_code, p.name account_name, p.bank, p.bank_code, p.account,
         p.account_kind, p.country, p.layout,
         (select count(*)::int from payments.bank_file_download d where d.bank_file_id = b.id) taken,
         x.reason abandoned_because, x.abandoned_at, abandoner.display_name abandoned_by
  from payments.bank_file b join payments.paying_account p on p.id = b.paying_account_id join access.app_user u on u.id = b.made_by
  left join payments.bank_file_abandoned x on x.bank_file_id = b.id left join access.app_user abandoner on abandoner.id = x.abandoned_by`;
export const FILES_OF_RUN = `${FILES} where b.run_id = $1 order by b.created_at, b.id`;
export const FILE_BY_ID = `${FILES} where b.id = $1`;

/** $1 run, $2 reasons, $3 at most how many: left out of the run's files, as the evidence of each says. */
export const LEFT_OUT_OF_FILES = `
  select o.id transfer, e.reference reason
  from payments.attempt a join payments.obligation o on o.id = a.obligation_id
  join payments.evidence e on e.attempt_id = a.id and e.kind = 'failed' and e.rail_code = 'not-sent' and e.reference = any ($2)
  where a.run_id = $1 and a.rail = 'bank-file' order by o.id limit $3`;

/** $1 run, $2 reasons: how many of them for which. */
export const LEFT_OUT_BY_REASON = `
  select e.reference reason, count(*)::int count
  from payments.attempt a
  join payments.evidence e on e.attempt_id = a.id and e.kind = 'failed' and e.rail_code = 'not-sent' and e.reference = any ($2)
  where a.run_id = $1 and a.rail = 'bank-file' group by e.reference order by e.reference`;

/** $1 run, $2 at most how many: those that wait because whom they go to cannot be read. */
export const UNREADABLE = `
  select a.obligation_id transfer, a.correlation_id reference, u.reason
  from payments.unreadable_payee u join payments.attempt a on a.id = u.attempt_id
  where a.run_id = $1 and a.rail = 'bank-file' order by u.since, u.attempt_id limit $2`;

/** $1 run: what waits for a file, by fund. */
export const WAITING_BY_FUND = `
  select f.code fund, a.currency, count(*)::int count, bool_and(p.paying_account_id is not null) "hasAccount"
  from payments.attempt a join payments.obligation o on o.id = a.obligation_id join payments.fund f on f.id = o.fund_id
  left join payments.paying_account_of_fund p on p.fund_id = o.fund_id and p.currency = a.currency
  where a.run_id = $1 and payments.awaits_bank_file(a)
    and not exists (select from payments.superseded_payee s where s.attempt_id = a.id)
    and not exists (select from payments.standing_bank_file_item i where i.attempt_id = a.id)
  group by f.code, a.currency order by f.code, a.currency`;
