/** What holds of the ledger at any time, asked of the rows themselves; each finding is one line, and none means that all is well. */

export const LEDGER_INVARIANTS: Readonly<Record<string, string>> = {
  'debits are credits in every currency': `
    select currency from ledger.folded_balance group by currency
    having sum(debits_posted) <> sum(credits_posted) or sum(debits_pending) <> sum(credits_pending)`,

  'every balance is the fold of its entries': `
    select f.account_id::text from ledger.folded_balance f join ledger.balance b using (account_id)
    where (f.debits_posted, f.credits_posted, f.debits_pending, f.credits_pending, f.normal_side)
       <> (b.debits_posted, b.credits_posted, b.debits_pending, b.credits_pending, b.normal_side)
    union all select id::text from ledger.account where id not in (select account_id from ledger.balance)`,

  'bank, clearing, float and paid are fund, committed, returned and exchange, in every fund and currency': `
    select a.fund_id || ' ' || a.currency from ledger.account a join ledger.balance b on b.account_id = a.id
    group by a.fund_id, a.currency
    having sum(case when a.kind in ('bank', 'clearing', 'float', 'paid') then b.debits_posted - b.credits_posted else 0 end)
        <> sum(case when a.kind in ('fund', 'committed', 'returned', 'exchange') then b.credits_posted - b.debits_posted else 0 end)`,

  'no account was ever below its floor, counting what was reserved': `
    select distinct account_id::text from (
      select account_id, seq, floor_minor, sum(available) over (partition by account_id order by seq) left_over
      from (select e.seq, b.account_id, b.floor_minor,
                   case when (b.account_id = e.debit_id) = (b.normal_side = 'debit') then m.moved
                        else -m.moved - m.set_aside + m.released end available
            from ledger.entry e
            left join ledger.entry reserved on reserved.id = e.pending_id
            cross join lateral (select case when e.phase in ('single', 'post') then e.amount_minor else 0 end moved,
                                       case when e.phase = 'pending' then e.amount_minor else 0 end set_aside,
                                       coalesce(reserved.amount_minor, 0) released) m
            join ledger.balance b on b.account_id in (e.debit_id, e.credit_id)) moves) prefixes
    where left_over < floor_minor`,

  'what was reserved is resolved once at most, between the same accounts, and by no more': `
    select e.pending_id::text from ledger.entry e join ledger.entry r on r.id = e.pending_id
    where r.phase <> 'pending' or (r.debit_id, r.credit_id, r.currency) <> (e.debit_id, e.credit_id, e.currency) or r.seq > e.seq
       or e.amount_minor > r.amount_minor or (e.phase = 'void' and e.amount_minor <> r.amount_minor)
    union all
    select pending_id::text from ledger.entry where pending_id is not null group by pending_id having count(*) > 1`,

  'every exchange is whole': `
    select e.link_id::text from ledger.entry e where e.link_id is not null and e.kind <> 'reversal' group by e.link_id
    having count(*) filter (where e.kind = 'exchange-out') <> 1 or count(*) filter (where e.kind = 'exchange-in') <> 1
        or count(*) filter (where e.kind = 'exchange-residue') > 1 or count(distinct e.xact) <> 1 or count(distinct e.exchange_rate_id) <> 1
        or count(e.exchange_rate_id) <> count(*) or count(distinct e.source_id) <> 1`,

  'linked entries are reversed together or not at all': `
    select e.link_id::text from ledger.entry e left join ledger.entry back on back.reverses_id = e.id
    where e.link_id is not null and e.kind <> 'reversal' group by e.link_id having count(back.id) not in (0, count(*))`,

  'a reversal is the mirror image of one entry that moved something, and of that entry the only one': `
    select back.id::text from ledger.entry back left join ledger.entry e on e.id = back.reverses_id
    where (back.kind = 'reversal') <> (back.reverses_id is not null)
       or (back.reverses_id is not null
           and ((e.debit_id, e.credit_id, e.currency, e.amount_minor) <> (back.credit_id, back.debit_id, back.currency, back.amount_minor)
                or e.kind = 'reversal' or e.phase not in ('single', 'post') or e.seq > back.seq))
    union all
    select reverses_id::text from ledger.entry where reverses_id is not null group by reverses_id having count(*) > 1`,

  'nothing moves between two funds, two currencies or accounts that its kind does not join': `
    select e.id::text from ledger.entry e
    left join ledger.account d on d.id = e.debit_id left join ledger.account c on c.id = e.credit_id
    where d.fund_id is distinct from c.fund_id or d.currency is distinct from e.currency or c.currency is distinct from e.currency
       or (e.kind <> 'reversal' and not exists (select from ledger.flow f
                                                where (f.kind, f.debit_kind, f.credit_kind) = (e.kind, d.kind, c.kind)))`,

  'no more came back of an attempt than was paid': `
    select e.source_id::text from ledger.entry e
    where e.kind in ('settle', 'settle-late', 'return', 'reverse') and not exists (select from ledger.entry back where back.reverses_id = e.id)
    group by e.source_id
    having sum(case when e.kind in ('settle', 'settle-late') then e.amount_minor else -e.amount_minor end) < 0`,
};

type Query = (statement: string) => Promise<{ rule: string; broken_by: string }[]>;

const ALL = Object.entries(LEDGER_INVARIANTS)
  .map(([rule, found]) => `select '${rule}' rule, found.broken_by from (${found}) found(broken_by)`)
  .join('\nunion all\n');

/** What breaks which rule. `query` runs a statement and answers its rows. */
export async function ledgerFaults(query: Query): Promise<string[]> {
  return (await query(ALL)).map(({ rule, broken_by }) => `${rule}: not so for ${broken_by}`);
}
