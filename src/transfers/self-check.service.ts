/** The nightly self-check: the books balance, what was instructed has its entries, and nobody was paid twice. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Ids } from '../kernel/ids.js';
import { BooksService } from '../ledger/books.service.js';

export interface SelfCheck {
  ok: boolean;
  checks: { name: string; holds: boolean; faults: number; examples: string[] }[];
}

/** Each query returns the ids of what breaks the rule. */
const RULES: Record<string, string> = {
  'every attempt has its instruction in the ledger': `
    select a.id from payments.attempt a
    where not exists (select from ledger.entry e where e.source_id = a.id and e.kind = 'instruct' and e.amount_minor = a.amount_minor and e.currency = a.currency)`,
  'every settled attempt has its settlement in the ledger, and no other has one': `
    select a.id from payments.attempt a
    where (a.state in ('settled', 'returned', 'reversed')) <> exists (select from ledger.entry e where e.source_id = a.id and e.kind in ('settle', 'settle-late'))`,
  'every entry has the cause that it names': `
    select e.id from ledger.entry e
    where case when e.kind = 'grant' then not exists (select from payments.grant_received g where g.id = e.source_id and g.amount_minor = e.amount_minor and g.currency = e.currency
                 and (e.evidence_sha256 is null or e.evidence_sha256 = sha256(convert_to(g.received_on || ' ' || g.reference, 'UTF8'))))
               when e.kind in ('reserve', 'commit', 'release-reserve') then not exists (select from payments.run r where r.id = e.source_id)
               when e.kind like 'exchange-%' then not exists (select from payments.exchange x where x.id = e.source_id and x.exchange_rate_id = e.exchange_rate_id)
               when e.kind in ('hand-out', 'hand-in') then not exists (
                 select from payments.voucher_custody c join payments.voucher_receipt r on r.custody_id = c.id join payments.voucher v on v.id = c.voucher_id
                 join payments.attempt a on a.id = v.attempt_id
                 where c.id = e.source_id and c.act = e.kind and a.obligation_id = e.obligation_id and v.amount_minor = e.amount_minor)
               when e.kind = 'uncommit' then not exists (select from payments.giving_up g where g.id = e.source_id and g.obligation_id = e.obligation_id)
               when e.kind = 'reversal' then not exists (select from payments.grant_reversal v where v.id = e.source_id)
                 and not exists (select from ledger.entry u where u.id = e.source_id and u.id = e.reverses_id and u.kind = 'uncommit')
               when e.obligation_id is not null then not exists (
                 select from payments.attempt a where a.id = e.source_id and a.obligation_id = e.obligation_id and a.amount_minor = e.amount_minor)
               else false end`,
  'the digest of a run, which people sign, is of what is in it': `
    select r.id from payments.run r
    where r.digest <> payments.digest_of_items(r.id) and exists (select from payments.run_item i where i.run_id = r.id and i.rail is not null)`,
  'nobody was paid an instalment twice, or is about to be': `
    select obligation_id id from payments.attempt where state in ('instructed', 'accepted', 'unknown', 'settled')
    group by obligation_id having count(*) > 1`,
  'nobody was paid more than three transfers': `
    select o.client_id id from payments.attempt a join payments.obligation o on o.id = a.obligation_id
    where a.state = 'settled' and o.tops_up is null group by o.client_id having count(*) > 3`,
  'what a client gets for a transfer is what was approved, or what an approved rise made of it, and never less': `
    select o.id from payments.obligation o join payments.enrolment e on e.id = o.enrolment_id
    where o.tops_up is null
      and o.amount_minor <> coalesce((select max(v.to_minor) from payments.value_change v where v.obligation_id = o.id), e.amount_minor)
    union all
    select o.id from payments.obligation o join payments.value_review_item i on i.review_id = o.review_id and i.obligation_id = o.tops_up
    where o.amount_minor <> i.difference_minor`,
  'a transfer is settled exactly when an attempt is': `
    select o.id from payments.obligation o
    where (o.state = 'settled') <> exists (select from payments.attempt a where a.obligation_id = o.id and a.state = 'settled')`,
  'what is paid by the books is what settled attempts add up to': `
    select f.id::text from payments.fund f
    left join (select o.fund_id, sum(a.amount_minor) amount from payments.attempt a join payments.obligation o on o.id = a.obligation_id
               where a.state = 'settled' group by o.fund_id) settled on settled.fund_id = f.id
    left join (select fund_id, sum(debits_posted - credits_posted) amount from ledger.folded_balance where kind in ('paid', 'returned') group by fund_id) paid on paid.fund_id = f.id
    where coalesce(settled.amount, 0) <> coalesce(paid.amount, 0)`,
  'the float of whoever carries cash is what the vouchers that they carry add up to': `
    select f.account_id::text id from ledger.folded_balance f
    left join (select o.fund_id, v.currency, s.handed_to, sum(v.amount_minor) amount
               from payments.voucher_standing s join payments.voucher v on v.id = s.voucher_id
               join payments.attempt a on a.id = v.attempt_id join payments.obligation o on o.id = a.obligation_id
               where s.handed_to is not null and s.acknowledged_at is null group by o.fund_id, v.currency, s.handed_to) carried
      on (carried.fund_id, carried.currency, carried.handed_to) = (f.fund_id, f.currency, f.holder_id)
    where f.kind = 'float' and f.debits_posted - f.credits_posted <> coalesce(carried.amount, 0)
    union all
    select s.voucher_id::text from payments.voucher_standing s join payments.voucher v on v.id = s.voucher_id
    join payments.attempt a on a.id = v.attempt_id join payments.obligation o on o.id = a.obligation_id
    where s.handed_to is not null and s.acknowledged_at is null and not exists (
      select from ledger.account f where f.kind = 'float' and (f.fund_id, f.currency, f.holder_id) = (o.fund_id, v.currency, s.handed_to))`,
  'what is in the till by the books is what is to be paid in cash and not with anybody': `
    select c.account_id::text id from ledger.folded_balance c
    left join (select o.fund_id, a.currency, sum(a.amount_minor) amount
               from payments.attempt a join payments.obligation o on o.id = a.obligation_id
               left join payments.voucher_standing s on s.attempt_id = a.id
               where a.rail = 'cash' and a.state in ('instructed', 'accepted', 'unknown') and s.handed_to is null
               group by o.fund_id, a.currency) open on (open.fund_id, open.currency) = (c.fund_id, c.currency)
    where c.kind = 'clearing' and c.rail = 'cash' and c.debits_posted - c.credits_posted <> coalesce(open.amount, 0)`,
  'what is committed is what released runs promised, and was paid or may still be': `
    select f.id::text from payments.fund f
    left join (select o.fund_id, sum(o.amount_minor) amount from payments.obligation o
               where exists (select from payments.run_item i join payments.run_signature s on s.run_id = i.run_id and s.act = 'release' where i.obligation_id = o.id)
                 and (o.state = 'settled' or not exists (select from payments.giving_up g where g.obligation_id = o.id))
               group by o.fund_id) promised on promised.fund_id = f.id
    left join (select fund_id, sum(credits_posted - debits_posted) amount from ledger.folded_balance where kind = 'committed' group by fund_id) committed
      on committed.fund_id = f.id
    where coalesce(promised.amount, 0) <> coalesce(committed.amount, 0)`,
};

@Injectable()
export class SelfCheckService {
  constructor(
    private readonly db: DataSource,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly books: BooksService,
  ) {}

  /** Runs every check and records the outcome in the audit trail. */
  async run(actor: Actor): Promise<SelfCheck> {
    requirePermission(actor, 'books:read');
    const trialBalance = await this.books.trialBalance(actor);
    const drifted = await this.books.driftedBalances(this.db.manager);
    const checks = [
      finding(
        'the books balance in every currency',
        trialBalance.currencies.filter((total) => /[1-9]/.test(total.difference)).map((total) => total.currency),
      ),
      finding(
        'cached balances equal their entries',
        drifted.map((row) => row.accountId),
      ),
    ];
    for (const [name, sql] of Object.entries(RULES)) {
      const rows = await this.db.query<{ id: string }[]>(sql);
      checks.push(
        finding(
          name,
          rows.map((row) => row.id),
        ),
      );
    }
    const ok = checks.every((check) => check.holds);
    const failed = checks.filter((check) => !check.holds).map((check) => check.name.replace(/[^a-z]+/g, '-'));
    await this.db.transaction((manager) =>
      this.audit.record(manager, actor, 'self-check.run', { kind: 'self-check', id: this.ids.newId() }, { ok, failed }),
    );
    return { ok, checks };
  }
}

function finding(name: string, faults: string[]): SelfCheck['checks'][number] {
  return { name, holds: faults.length === 0, faults: faults.length, examples: faults.slice(0, 5) };
}
