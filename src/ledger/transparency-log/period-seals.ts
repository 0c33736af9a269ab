/** Closing and sealing a fund's quarters: what is sealed is never booked into again, and stands in the log as one leaf. */
import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import type { Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import { canonicalJson } from '../../kernel/domain/canonical.js';
import { addDays, dayIn, quarterOf, type PlainDate, type Quarter } from '../../kernel/domain/plain-date.js';
import { Ids } from '../../kernel/ids.js';
import { Settings } from '../../kernel/settings.js';
import { commitInto, leafHashOfCommitments } from './domain/commitments.js';
import { COMMITMENTS_BYTES, READERS, SALT_BYTES } from './domain/leaf-format.js';
import { HASH_BYTES } from './domain/primitives.js';
import {
  countBand,
  type AuditorSeal,
  type DonorSeal,
  type SealedBalances,
  type SealedSums,
} from './domain/seal-text.js';

export interface NewSeal {
  id: string;
  salts: Buffer;
  commitments: Buffer;
}

/** A subject's text for a leaf without a subject. */
export const NO_SUBJECT = '{"type":"seal"}';

const LEAVES_AT_ONCE = 20_000;

@Injectable()
export class PeriodSeals {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Closes every quarter that is over, of every fund, from the first in which it was open or anything was booked. Not while an epoch is being
   * made: then the next epoch is sure to begin after the closing, and tells when all that could have missed it is over.
   */
  async closeEnded(actor: Actor): Promise<void> {
    const today = this.clock.today(this.settings.timeZone);
    await this.db.transaction(async (manager) => {
      await manager.query(LOCK_SEQUENCER);
      const funds =
        await manager.query<{ id: string; opened_at: Date; booked: PlainDate | null; closed: PlainDate | null }[]>(
          FUNDS,
        );
      for (const fund of funds) {
        const opened = dayIn(this.settings.timeZone, fund.opened_at);
        const begun = fund.booked !== null && fund.booked < opened ? fund.booked : opened;
        const first = fund.closed ? addDays(fund.closed, 1) : begun;
        for (
          let quarter = quarterOf(first);
          quarter.through < today;
          quarter = quarterOf(addDays(quarter.through, 1))
        ) {
          await manager.query('select ledger.close_period($1, $2, $3)', [fund.id, quarter.through, this.clock.now()]);
          const { period } = quarter;
          await this.audit.record(manager, actor, 'fund.close-period', { kind: 'fund', id: fund.id }, { period });
        }
      }
    });
  }

  /**
   * Writes the seals that can be made: of closed quarters into which nothing can come any more, and of which every entry is in the log.
   * `xmin`: the oldest transaction that is still open; `low`: entries up to this seq are all in the log.
   */
  async sealReady(manager: EntityManager, xmin: string, low: string): Promise<NewSeal[]> {
    const ready = await manager.query<{ fund_id: string; through: PlainDate }[]>(READY, [xmin, low]);
    const seals: NewSeal[] = [];
    for (const { fund_id: fund, through } of ready) seals.push(await this.seal(manager, fund, quarterOf(through)));
    return seals;
  }

  private async seal(manager: EntityManager, fund: string, quarter: Quarter): Promise<NewSeal> {
    const parameters = [fund, quarter.from, quarter.through];
    const moved = await manager.query<({ currency: string; transfers: number } & Record<keyof SealedSums, string>)[]>(
      MOVED,
      parameters,
    );
    const held = await manager.query<({ currency: string } & SealedBalances)[]>(BALANCES, [fund, quarter.through]);
    const digestSalt = randomBytes(SALT_BYTES);
    const { digest, count } = await this.digest(manager, fund, quarter, digestSalt);
    const transfersPaid = moved.reduce((sum, row) => sum + row.transfers, 0);
    const nothing: SealedSums = { granted: '0', paid: '0', returned: '0', exchangedIn: '0', exchangedOut: '0' };
    const movedBy = new Map(moved.map(({ currency, transfers: _, ...sums }) => [currency, sums]));
    const donor: DonorSeal = {
      type: 'seal',
      fund,
      period: quarter.period,
      from: quarter.from,
      through: quarter.through,
      countBand: countBand(Math.max(0, transfersPaid)), // reversals of an earlier quarter's may outweigh
      sums: Object.fromEntries(held.map(({ currency }) => [currency, movedBy.get(currency) ?? nothing])),
      balances: Object.fromEntries(held.map(({ currency, ...balances }) => [currency, balances])),
      digest,
    };
    const auditor: AuditorSeal = {
      type: 'seal',
      entries: String(count),
      transfersPaid: String(transfersPaid),
      digestSalt: digestSalt.toString('hex'),
    };
    const id = this.ids.newId();
    const texts = [canonicalJson(donor), canonicalJson(auditor), NO_SUBJECT];
    await manager.query('select ledger.seal_period($1, $2, $3, $4, $5, $6)', [
      id,
      fund,
      quarter.through,
      texts[0],
      texts[1],
      this.clock.now(),
    ]);
    const salts = randomBytes(READERS.length * SALT_BYTES);
    const commitments = Buffer.alloc(COMMITMENTS_BYTES);
    texts.forEach((text, reader) => commitInto(text, salts, reader * SALT_BYTES, commitments, reader * HASH_BYTES));
    return { id, salts, commitments };
  }

  /** The salted digest of the hashes of the quarter's leaves, in the order of the log, and how many there are. */
  private async digest(
    manager: EntityManager,
    fund: string,
    quarter: Quarter,
    salt: Buffer,
  ): Promise<{ digest: string; count: number }> {
    const digest = createHash('sha256');
    const leaf = Buffer.alloc(HASH_BYTES);
    let count = 0;
    for (let after = '-1'; ;) {
      const rows = await manager.query<{ log_index: string; commitments: Buffer }[]>(LEAVES, [
        fund,
        quarter.from,
        quarter.through,
        after,
        LEAVES_AT_ONCE,
      ]);
      for (const row of rows) {
        leafHashOfCommitments(row.commitments, 0, leaf, 0);
        digest.update(leaf);
      }
      count += rows.length;
      const last = rows.at(-1);
      if (!last || rows.length < LEAVES_AT_ONCE)
        return { digest: createHash('sha256').update(salt).update(digest.digest()).digest('hex'), count };
      after = last.log_index;
    }
  }
}

/** One at a time makes an epoch, or closes what an epoch must come after. */
export const LOCK_SEQUENCER = "select pg_advisory_xact_lock(hashtext('uct-ledger sequencer'))";

const FUNDS = `
  select f.id, f.opened_at, (select max(c.through) from ledger.period_closing c where c.fund_id = f.id)::text closed,
         (select min(e.booked_on) from ledger.account a join ledger.entry e on e.debit_id = a.id where a.fund_id = f.id)::text booked
  from payments.fund f order by f.id`;

/** $1 xmin, $2 low. */
const READY = `
  select c.fund_id, c.through::text from ledger.period_closing c
  where not exists (select from ledger.period_seal s where s.fund_id = c.fund_id and s.through = c.through)
    and exists (select from ledger.epoch e where e.number >= c.before_epoch and e.xact_ceiling <= $1::xid8)
    and not exists (select from ledger.entry e join ledger.account a on a.id = e.debit_id
                    where e.seq > $2 and a.fund_id = c.fund_id and e.booked_on <= c.through
                      and not exists (select from ledger.leaf l where l.entry_seq = e.seq))
  order by c.through, c.fund_id`;

/**
 * $1 fund, $2 from, $3 through: by currency, what moved; a reversal takes off what it reverses. Paid and returned are what these accounts
 * grew by, whichever kind of entry did it.
 */
const MOVED = `
  with moved as (
    select e.currency, coalesce(r.kind, e.kind) kind, case when r.id is null then 1 else -1 end sign, e.amount_minor amount, d.kind debit, c.kind credit
    from ledger.entry e join ledger.account d on d.id = e.debit_id join ledger.account c on c.id = e.credit_id
    left join ledger.entry r on r.id = e.reverses_id
    where d.fund_id = $1 and e.booked_on between $2 and $3 and e.phase in ('single', 'post'))
  select currency, coalesce(sum(sign * amount) filter (where kind = 'grant'), 0)::text granted,
         (coalesce(sum(amount) filter (where debit = 'paid'), 0) - coalesce(sum(amount) filter (where credit = 'paid'), 0))::text paid,
         (coalesce(sum(amount) filter (where credit = 'returned'), 0) - coalesce(sum(amount) filter (where debit = 'returned'), 0))::text returned,
         coalesce(sum(sign * amount) filter (where kind in ('exchange-in', 'exchange-residue')), 0)::text "exchangedIn",
         coalesce(sum(sign * amount) filter (where kind = 'exchange-out'), 0)::text "exchangedOut",
         coalesce(sum(sign) filter (where kind in ('settle', 'settle-late')), 0)::int transfers
  from moved group by currency`;

/** $1 fund, $2 through: what each account held at the end of that day, by currency. */
const BALANCES = `
  select currency, ${['bank', 'clearing', 'float', 'paid', 'fund', 'committed', 'returned', 'exchange']
    .map((kind) => `coalesce(sum(net) filter (where kind = '${kind}'), 0)::text "${kind}"`)
    .join(', ')}
  from (select a.currency, a.kind,
               case a.normal_side when 'debit' then 1 else -1 end
               * (coalesce((select sum(e.amount_minor) from ledger.entry e where e.debit_id = a.id and e.booked_on <= $2 and e.phase in ('single', 'post')), 0)
                - coalesce((select sum(e.amount_minor) from ledger.entry e where e.credit_id = a.id and e.booked_on <= $2 and e.phase in ('single', 'post')), 0)) net
        from ledger.account a where a.fund_id = $1) by_account
  group by currency order by currency`;

/** $1 fund, $2 from, $3 through, $4 after which place, $5 how many. */
const LEAVES = `
  select l.log_index::text, l.commitments from ledger.leaf l join ledger.entry e on e.seq = l.entry_seq join ledger.account a on a.id = e.debit_id
  where a.fund_id = $1 and e.booked_on between $2 and $3 and l.log_index > $4
  order by l.log_index limit $5`;
