/** Balances of statements typed in where the bank gives no file: what two people typed the same counts. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import { parsePlainDate, type PlainDate } from '../../kernel/domain/plain-date.js';
import { Problem } from '../../kernel/domain/problem.js';
import { Ids } from '../../kernel/ids.js';
import { currencies } from '../../kernel/reference-data.js';
import { Settings } from '../../kernel/settings.js';

export interface BalanceTyped {
  /** Code of the account. */
  account: string;
  day: PlainDate;
  /** What it held at the end of that day, in major units; with a minus when overdrawn. */
  amount: string;
}

export interface BalanceStanding {
  account: string;
  day: PlainDate;
  /** Null while one person has typed it only. */
  amount: string | null;
}

export interface TypedDay extends BalanceStanding {
  currency: string;
  /** How many people typed it, and whether whoever asks is one of them. */
  people: number;
  isOwn: boolean;
  /** Two people typed different amounts, and no two the same. */
  differs: boolean;
}

const DAYS_SHOWN = 100;

@Injectable()
export class StatementBalancesService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws `unknown-paying-account`, `date-malformed`, `date-in-the-future`, `amount-malformed`, `amount-too-precise` (422). */
  async type(actor: Actor, typed: BalanceTyped): Promise<BalanceStanding> {
    requirePermission(actor, 'results:record');
    const day = parsePlainDate(typed.day, 'day');
    if (day > this.clock.today(this.settings.timeZone))
      throw Problem.refused('date-in-the-future', 'That day has not ended yet.', 'day');
    return this.db.transaction(async (manager) => {
      const [account] = await manager.query<{ id: string; currency: string }[]>(
        'select id, currency from payments.paying_account where code = $1',
        [typed.account],
      );
      if (!account) throw Problem.refused('unknown-paying-account', 'There is no account of that code.', 'account');
      const { currency } = account;
      const magnitude = currencies.parse(typed.amount.replace(/^-/, ''), currency, 'amount', { zeroAllowed: true });
      const amountMinor = typed.amount.startsWith('-') ? -magnitude.amountMinor : magnitude.amountMinor;
      const fresh = await manager.query<unknown[]>(
        `insert into payments.statement_balance (id, paying_account_id, currency, day, which, amount_minor, told_by, told_at)
         values ($1, $2, $3, $4, 'closing', $5, $6, $7) on conflict do nothing returning id`,
        [this.ids.newId(), account.id, currency, day, amountMinor.toString(), actor.userId, this.clock.now()],
      );
      if (fresh.length > 0)
        await this.audit.record(
          manager,
          actor,
          'paying-account.balance',
          { kind: 'paying-account', id: account.id },
          { day },
        );
      const [known] = await manager.query<{ amount_minor: string }[]>(
        "select amount_minor::text from payments.known_balance where paying_account_id = $1 and day = $2 and which = 'closing'",
        [account.id, day],
      );
      return {
        account: typed.account,
        day,
        amount: known ? currencies.format(BigInt(known.amount_minor), currency) : null,
      };
    });
  }

  /** The latest days that somebody typed. What one person typed only is not told, so that the second one reads the statement too. */
  async typed(actor: Actor): Promise<TypedDay[]> {
    requirePermission(actor, 'books:read');
    const rows = await this.db.query<(Omit<TypedDay, 'amount'> & { amount_minor: string | null })[]>(
      `select p.code account, p.currency, b.day::text "day", count(distinct b.told_by)::int people, bool_or(b.told_by = $1) "isOwn",
              count(distinct b.amount_minor) > 1 and count(distinct b.told_by) > 1 and k.amount_minor is null differs, k.amount_minor::text
       from payments.statement_balance b join payments.paying_account p on p.id = b.paying_account_id
       left join payments.known_balance k on (k.paying_account_id, k.day, k.which) = (b.paying_account_id, b.day, b.which)
       where b.file_id is null and b.which = 'closing'
       group by p.code, p.currency, b.day, k.amount_minor order by b.day desc, p.code limit ${DAYS_SHOWN}`,
      [actor.userId],
    );
    return rows.map(({ amount_minor: minor, ...row }) => ({
      ...row,
      amount: minor === null ? null : currencies.format(BigInt(minor), row.currency),
    }));
  }
}
