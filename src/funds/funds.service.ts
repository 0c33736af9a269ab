/** Donors, their funds, and the currencies that a fund holds. */
import { Injectable } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import { currencies } from '../kernel/reference-data.js';
import { BooksService, nothingHeld, type FundBalance } from '../ledger/books.service.js';
import { PostingService } from '../ledger/posting.service.js';
import { DonorEntity, FundEntity } from './fund.entity.js';
import { rails } from './rails.js';
import type { ValuePolicy } from './value-policy.js';

export interface NewFund {
  id: string;
  donor: string;
  code: string;
  name: string;
  currency: string;
  decidedLabel?: string;
  multiplier?: string;
  /** `freeze` when left out. */
  valuePolicy?: ValuePolicy;
}

export interface ListedFund {
  fund: FundEntity;
  donorName: string;
  /** What it does now when wages rise. */
  valuePolicy: ValuePolicy;
  /** In the fund's own currency, the one that it promises in. */
  balance: FundBalance;
  inOtherCurrencies: FundBalance[];
}

@Injectable()
export class FundsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly posting: PostingService,
    private readonly books: BooksService,
  ) {}

  /** Opens a fund and its accounts; makes the donor when new. Throws `id-conflict`, `fund-code-taken` (409), `unknown-currency`, `unknown-decision`, `multiplier-malformed` (422). */
  async open(actor: Actor, input: NewFund): Promise<{ fund: FundEntity; created: boolean }> {
    requirePermission(actor, 'funds:write');
    const currency = currencies.get(input.currency).code;
    const multiplier = input.multiplier ?? '1';
    if (!/^\d{1,2}(\.\d{1,4})?$/.test(multiplier) || /^0*(\.0*)?$/.test(multiplier)) {
      throw Problem.refused(
        'multiplier-malformed',
        'Give the multiplier as a decimal above 0, like "1" or "0.75".',
        'multiplier',
      );
    }
    return this.db.transaction(async (manager) => {
      const existing = await manager.findOneBy(FundEntity, { id: input.id });
      if (existing) {
        const donor = await manager.findOneByOrFail(DonorEntity, { id: existing.donorId });
        const isSame =
          existing.code === input.code &&
          existing.name === input.name &&
          existing.currency === currency &&
          existing.decidedLabel === (input.decidedLabel ?? null) &&
          existing.valuePolicy === (input.valuePolicy ?? 'freeze') &&
          donor.name === input.donor &&
          new Decimal(existing.multiplier).equals(multiplier);
        if (!isSame) {
          throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
        }
        return { fund: existing, created: false };
      }
      if (await manager.existsBy(FundEntity, { code: input.code }))
        throw Problem.conflict('fund-code-taken', 'There is a fund with that code.', 'code');
      if (
        input.decidedLabel &&
        (
          await manager.query<unknown[]>('select 1 from payments.decided_amount where label = $1 limit 1', [
            input.decidedLabel,
          ])
        ).length === 0
      ) {
        throw Problem.refused('unknown-decision', 'No amounts have been decided under that label.', 'decidedLabel');
      }
      const now = this.clock.now();
      await manager.query(
        'insert into payments.donor (id, name, created_at) values ($1, $2, $3) on conflict (name) do nothing',
        [this.ids.newId(), input.donor, now],
      );
      const donor = await manager.findOneByOrFail(DonorEntity, { name: input.donor });
      const fund = manager.create(FundEntity, {
        id: input.id,
        donorId: donor.id,
        code: input.code,
        name: input.name,
        currency,
        decidedLabel: input.decidedLabel ?? null,
        multiplier,
        valuePolicy: input.valuePolicy ?? 'freeze',
        openedAt: now,
      });
      await manager.insert(FundEntity, fund);
      await this.posting.openFundAccounts(manager, fund.id, currency, rails);
      await this.audit.record(
        manager,
        actor,
        'fund.open',
        { kind: 'fund', id: fund.id },
        { code: fund.code, currency },
      );
      return { fund, created: true };
    });
  }

  /**
   * Opens a fund's accounts in another currency, or finds them open: then grants may come in it, and money may be changed into it. What the
   * fund promises stays in its own. Throws `not-found` (404), `unknown-currency` (422).
   */
  async openAccounts(actor: Actor, fundId: string, wanted: string): Promise<{ currency: string; created: boolean }> {
    requirePermission(actor, 'funds:write');
    const currency = currencies.get(wanted).code;
    return this.db.transaction(async (manager) => {
      const fund = await manager.findOneBy(FundEntity, { id: fundId });
      if (!fund) throw Problem.notFound('fund');
      await manager.query("select pg_advisory_xact_lock(hashtextextended('fund-accounts/' || $1::uuid, 0))", [fundId]);
      const accounts = await this.posting.accountsOfFunds(manager, [fundId]);
      if (accounts.holds(fundId, currency)) return { currency, created: false };
      await this.posting.openFundAccounts(manager, fundId, currency, rails);
      await this.audit.record(manager, actor, 'fund.open-accounts', { kind: 'fund', id: fundId }, { currency });
      return { currency, created: true };
    });
  }

  /** All funds with their donor and what they hold. */
  async list(actor: Actor): Promise<ListedFund[]> {
    requirePermission(actor, 'funds:read');
    const funds = await this.db.getRepository(FundEntity).find({ order: { code: 'ASC' } });
    const donors = new Map((await this.db.getRepository(DonorEntity).find()).map((donor) => [donor.id, donor.name]));
    const balances = await this.books.fundBalances(this.db.manager);
    const policies = new Map(
      (
        await this.db.query<{ fund_id: string; policy: ValuePolicy }[]>(
          'select fund_id, policy from payments.fund_value_policy',
        )
      ).map((row) => [row.fund_id, row.policy]),
    );
    return funds.map((fund) => {
      const own = balances.filter((balance) => balance.fundId === fund.id);
      return {
        fund,
        donorName: donors.get(fund.donorId) ?? '',
        valuePolicy: policies.get(fund.id) ?? fund.valuePolicy,
        balance: own.find((balance) => balance.currency === fund.currency) ?? nothingHeld(fund.id, fund.currency),
        inOtherCurrencies: own.filter((balance) => balance.currency !== fund.currency),
      };
    });
  }

  /** Whether there is a donor of that name. */
  hasDonor(name: string): Promise<boolean> {
    return this.db.getRepository(DonorEntity).existsBy({ name });
  }

  /** Lets a user see the reports of a donor's funds. Throws `not-found` (404). */
  async addDonorMember(actor: Actor, donorName: string, userId: string): Promise<void> {
    requirePermission(actor, 'users:manage');
    await this.db.transaction(async (manager) => {
      const donor = await manager.findOneBy(DonorEntity, { name: donorName });
      if (!donor) throw Problem.notFound('donor', 'donor');
      await manager.query(
        'insert into payments.donor_member (user_id, donor_id) values ($1, $2) on conflict do nothing',
        [userId, donor.id],
      );
      await this.audit.record(manager, actor, 'user.join-donor', { kind: 'user', id: userId }, { donor: donor.id });
    });
  }
}
