/** The accounts that payments leave from, and which fund's leave from which. An account is never changed: another one is opened. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../../access/domain/actor.js';
import { Clock } from '../../../kernel/clock.js';
import { Problem } from '../../../kernel/domain/problem.js';
import { sentence } from '../../../kernel/domain/sentence.js';
import { countryOf, currencies } from '../../../kernel/reference-data.js';
import { latinText } from './domain/latin-text.js';
import { isIban, type Debtor } from './domain/payment.js';
import { revealingWord } from './domain/revealing-words.js';
import { bankFileFormats } from './formats.js';

export interface NewPayingAccount extends Debtor {
  id: string;
  code: string;
  /** The bank, as people call it. */
  bank: string;
  currency: string;
  /** Whose bank holidays count. */
  country: string;
  /** `pain.001.001.09`, or a layout of `config/bank-layouts.json`. */
  layout: string;
  /** Codes of funds whose payments in its currency leave from it. */
  funds: readonly string[];
}

export interface PayingAccount extends Omit<NewPayingAccount, 'funds'> {
  timeZone: string;
  /** Codes of the funds whose payments leave from it now. */
  funds: string[];
}

@Injectable()
export class PayingAccountsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Opens an account and ties funds to it. Throws `id-conflict`, `account-code-taken` (409), `unknown-currency`, `unknown-country`,
   * `unknown-layout`, `name-not-latin`, `name-reveals`, `iban-wrong`, `currency-not-held` (422), `not-found` (404).
   */
  async open(actor: Actor, input: NewPayingAccount): Promise<{ account: PayingAccount; created: boolean }> {
    requirePermission(actor, 'funds:write');
    const { timeZone } = countryOf(input.country);
    const currency = currencies.get(input.currency).code;
    requireWritable(input);
    const created = await this.db.transaction(async (manager) => {
      const [existing] = await manager.query<PayingAccount[]>(ACCOUNT_BY_ID, [input.id]);
      if (existing) return isSame(existing, input) ? false : conflictOfIds();
      const taken = await manager.query<unknown[]>('select from payments.paying_account where code = $1', [input.code]);
      if (taken.length > 0) throw Problem.conflict('account-code-taken', 'There is an account with that code.', 'code');
      await manager.query(
        `insert into payments.paying_account (id, code, name, bank, bank_code, account, account_kind, currency, country, time_zone, layout, opened_by, opened_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
        [
          input.id,
          input.code,
          input.name,
          input.bank,
          input.bankCode,
          input.account,
          input.accountKind,
          currency,
          input.country,
          timeZone,
          input.layout,
          actor.userId,
          this.clock.now(),
        ],
      );
      const detail = { code: input.code, currency, layout: input.layout };
      await this.audit.record(manager, actor, 'paying-account.open', { kind: 'paying-account', id: input.id }, detail);
      for (const fund of input.funds) await this.tieFund(manager, actor, { id: input.id, currency }, fund);
      return true;
    });
    return { account: await this.find(input.id), created };
  }

  /** From now on the fund's payments in the account's currency leave from it. Throws `not-found` (404), `currency-not-held` (422). */
  async tie(actor: Actor, accountId: string, fund: string): Promise<PayingAccount> {
    requirePermission(actor, 'funds:write');
    const account = await this.find(accountId);
    if (!account.funds.includes(fund))
      await this.db.transaction((manager) => this.tieFund(manager, actor, account, fund));
    return this.find(accountId);
  }

  async list(actor: Actor): Promise<PayingAccount[]> {
    requirePermission(actor, 'funds:read');
    return this.db.query<PayingAccount[]>(`${ACCOUNTS} order by p.code`);
  }

  /** Throws `not-found` (404). */
  async find(id: string): Promise<PayingAccount> {
    const [account] = await this.db.query<PayingAccount[]>(ACCOUNT_BY_ID, [id]);
    if (!account) throw Problem.notFound('paying account');
    return account;
  }

  private async tieFund(
    manager: EntityManager,
    actor: Actor,
    account: { id: string; currency: string },
    code: string,
  ): Promise<void> {
    const [fund] = await manager.query<{ id: string; holds: boolean }[]>(
      `select f.id, exists (select from ledger.account a where a.fund_id = f.id and a.currency = $2 and a.kind = 'bank') holds
       from payments.fund f where f.code = $1`,
      [code, account.currency],
    );
    if (!fund) throw Problem.notFound('fund', 'funds');
    if (!fund.holds)
      throw Problem.refused(
        'currency-not-held',
        sentence('The fund {fund} holds no {currency}.', { fund: code, currency: account.currency }),
        'funds',
      );
    await manager.query(
      'insert into payments.paying_account_fund (fund_id, paying_account_id, currency, tied_by, tied_at) values ($1, $2, $3, $4, $5)',
      [fund.id, account.id, account.currency, actor.userId, this.clock.now()],
    );
    const subject = { kind: 'paying-account', id: account.id } as const;
    await this.audit.record(manager, actor, 'paying-account.tie-fund', subject, { fund: fund.id });
  }
}

const ACCOUNTS = `
  select p.id, p.code, p.name, p.bank, p.bank_code "bankCode", p.account, p.account_kind "accountKind", p.currency, p.country,
         p.time_zone "timeZone", p.layout,
         array(select f.code from payments.paying_account_of_fund t join payments.fund f on f.id = t.fund_id
               where t.paying_account_id = p.id order by f.code) funds
  from payments.paying_account p`;
const ACCOUNT_BY_ID = `${ACCOUNTS} where p.id = $1`;

function requireWritable({ name, account, accountKind, layout }: NewPayingAccount): void {
  if (latinText(name) !== name)
    throw Problem.refused(
      'name-not-latin',
      "Give the name as the bank has it, in at most 70 Latin letters, digits and / - ? : ( ) . , ' +",
      'name',
    );
  if (revealingWord(name) !== null)
    throw Problem.refused(
      'name-reveals',
      'Whoever is paid reads this name, and so does whoever sees their statement. It must not say what the programme is.',
      'name',
    );
  if (accountKind === 'iban' && !isIban(account))
    throw Problem.refused('iban-wrong', 'The check digits of this IBAN are wrong.', 'account');
  if (!bankFileFormats.has(layout))
    throw Problem.refused(
      'unknown-layout',
      sentence('Choose one of: {layouts}.', { layouts: [...bankFileFormats.keys()].join(', ') }),
      'layout',
    );
}

function isSame(existing: PayingAccount, input: NewPayingAccount): boolean {
  const { funds, timeZone, ...content } = existing;
  void timeZone;
  return (
    (Object.keys(content) as (keyof typeof content)[]).every((key) => content[key] === input[key]) &&
    input.funds.every((fund) => funds.includes(fund))
  );
}

function conflictOfIds(): never {
  throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
}
