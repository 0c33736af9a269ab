/** What the database keeps of the books beside the entries, and the rules that need two rows to be seen. */
import type pg from 'pg';
import { allowedFlows } from '../domain/entry.js';
import type { AccountSums, BooksFold } from './domain/books-fold.js';
import type { Check } from './domain/findings.js';
import { rowsOf } from './rows.js';

/** Rules of the books that need two rows to be seen: what is taken back, what is linked, what comes back. */
export async function checkRules(client: pg.ClientBase, check: Check): Promise<void> {
  for (const [what, sql] of Object.entries(RULES))
    for (const { id, seq } of await rowsOf<{ id: string; seq: string }>(client, sql))
      check.fault(what, `entry ${id} (seq ${seq})`);
  const flowRows = await rowsOf<{ flow: string }>(
    client,
    "select concat_ws(' ', kind, debit_kind, credit_kind) flow from ledger.flow",
  );
  const kept = new Set(flowRows.map(({ flow }) => flow));
  for (const flow of [...kept, ...allowedFlows])
    if (kept.has(flow) !== allowedFlows.has(flow))
      check.fault('what kinds of entries may move between is not what it has to be', `flow ${flow}`);
}

/** What is kept of balances and floors against what the entries add up to. */
export async function checkBalances(client: pg.ClientBase, books: BooksFold, check: Check): Promise<void> {
  const kept = new Map(
    (await rowsOf<Record<keyof AccountSums | 'floor', string> & { id: number }>(client, BALANCES)).map((row) => [
      row.id,
      row,
    ]),
  );
  const totals = new Map<string, bigint>();
  for (const [id, sums] of books.sums()) {
    const { account } = sums;
    totals.set(account.currency, (totals.get(account.currency) ?? 0n) + sums.debitsPosted - sums.creditsPosted);
    const row = kept.get(id);
    if (row && BigInt(row.floor) !== account.floorMinor)
      check.fault(
        `it has a floor of ${row.floor} for ${account.floorMinor} (minor units)`,
        `account ${account.name} of fund ${account.fund} in ${account.currency}`,
      );
    const differs = (Object.keys(SUM_NAMES) as (keyof AccountSums)[]).filter((sum) => row?.[sum] !== String(sums[sum]));
    if (differs.length > 0) {
      const said = differs.map((sum) => `${SUM_NAMES[sum]} ${row?.[sum] ?? 'missing'} for ${sums[sum]}`).join(', ');
      check.fault(
        `it says ${said} (minor units)`,
        `account ${account.name} of fund ${account.fund} in ${account.currency}`,
      );
    }
  }
  for (const [currency, difference] of totals)
    if (difference !== 0n)
      check.fault(`debits and credits differ by ${difference} (minor units)`, `currency ${currency}`);
}

/** Each query answers the entries that break the rule. */
const RULES: Record<string, string> = {
  'it takes back what is not there, or not as it was': `
    select b.id::text, b.seq::text from ledger.entry b left join ledger.entry o on o.id = b.reverses_id
    where b.reverses_id is not null
      and (o.id is null or o.kind = 'reversal' or o.phase not in ('single', 'post') or (b.debit_id, b.credit_id, b.amount_minor) <> (o.credit_id, o.debit_id, o.amount_minor))`,
  'it is linked to entries that do not make an exchange with it': `
    select e.id::text, e.seq::text from ledger.entry e join payments.exchange_rate r on r.id = e.exchange_rate_id
    where e.link_id is not null and e.kind = 'exchange-out' and not exists (
      select from ledger.entry i join ledger.currency bought on bought.code = i.currency join ledger.currency sold on sold.code = e.currency
      where i.link_id = e.link_id and i.kind = 'exchange-in' and i.exchange_rate_id = e.exchange_rate_id and (e.currency, i.currency) = (r.base, r.quote)
        and i.amount_minor = trunc(e.amount_minor * r.rate * power(10::numeric, bought.minor_units - sold.minor_units)))`,
  'it came back and had not been paid': `
    select b.id::text, b.seq::text from ledger.entry b join ledger.account a on a.id = b.credit_id and a.kind = 'returned'
    where b.kind in ('return', 'reverse') and not exists (
      select from ledger.entry s where s.source_id = b.source_id and s.kind in ('settle', 'settle-late') and s.amount_minor = b.amount_minor)`,
};

const SUM_NAMES: Record<keyof AccountSums, string> = {
  debitsPosted: 'debits',
  creditsPosted: 'credits',
  debitsPending: 'debits reserved',
  creditsPending: 'credits reserved',
};

const BALANCES = `
  select account_id::float8 id, floor_minor::text floor, debits_posted::text "debitsPosted", credits_posted::text "creditsPosted",
         debits_pending::text "debitsPending", credits_pending::text "creditsPending" from ledger.balance`;
