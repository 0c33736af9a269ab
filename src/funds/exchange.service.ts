/** A fund's money changed at a bank: what was sold, what was bought, and what the rounding left over, in linked entries. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { Ids } from '../kernel/ids.js';
import { currencies } from '../kernel/reference-data.js';
import { Settings } from '../kernel/settings.js';
import type { EntryInput } from '../ledger/domain/entry.js';
import { PostingService, type AccountsOfFunds } from '../ledger/posting.service.js';
import { bankEvidence } from './bank-evidence.js';
import { settleExchange, type SettledExchange } from './domain/exchange.js';
import { ExchangeEntity, ExchangeRateEntity } from './exchange.entity.js';
import { FundEntity } from './fund.entity.js';

export interface NewExchange {
  id: string;
  /** Id of the recorded rate. */
  rate: string;
  /** Decimal strings in major units of the rate's base and quote currency. */
  sold: string;
  bought: string;
  exchangedOn: PlainDate;
  reference: string;
}

export interface Exchange extends NewExchange {
  base: string;
  quote: string;
  /** Of what was bought: what the sold amount is worth at the rate, rounded down, and what the bank gave on top. */
  worth: string;
  leftOver: string;
}

type ExchangeContent = Omit<ExchangeEntity, 'recordedBy' | 'recordedAt'>;

@Injectable()
export class ExchangeService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
    private readonly posting: PostingService,
  ) {}

  /**
   * Records what a bank changed and posts it: the sold currency down, the bought one up, in the fund's account and in what it has free.
   * Throws `not-found` (404) for the fund and the rate, `currency-not-held`, the amounts' faults, `exchange-too-small`,
   * `exchange-below-rate`, `exchange-above-rate`, `insufficient-funds`, `date-malformed`, `date-in-the-future` (422), `id-conflict` (409).
   */
  async exchange(actor: Actor, fundId: string, input: NewExchange): Promise<{ exchange: Exchange; created: boolean }> {
    requirePermission(actor, 'funds:write');
    const exchangedOn = parsePlainDate(input.exchangedOn, 'exchangedOn');
    const today = this.clock.today(this.settings.timeZone);
    if (exchangedOn > today)
      throw Problem.refused('date-in-the-future', 'What has not happened yet cannot be recorded.', 'exchangedOn');
    return this.db.transaction(async (manager) => {
      const rate = await findRate(manager, fundId, input.rate);
      const wanted: ExchangeContent = {
        id: input.id,
        fundId,
        exchangeRateId: rate.id,
        soldMinor: currencies.parse(input.sold, rate.base, 'sold').amountMinor,
        boughtMinor: currencies.parse(input.bought, rate.quote, 'bought').amountMinor,
        exchangedOn,
        reference: input.reference,
      };
      const existing = await manager.findOneBy(ExchangeEntity, { id: input.id });
      if (existing && !isSame(existing, wanted))
        throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
      const settled = settle(wanted, rate);
      const exchange = toView(wanted, rate, settled);
      if (existing) return { exchange, created: false };
      const accounts = await this.posting.accountsOfFunds(manager, [fundId]);
      for (const currency of [rate.base, rate.quote]) {
        if (!accounts.holds(fundId, currency))
          throw Problem.refused(
            'currency-not-held',
            sentence('This fund has no accounts in {currency}. Open them first.', { currency }),
            'rate',
          );
      }
      await manager.insert(ExchangeEntity, { ...wanted, recordedBy: actor.userId, recordedAt: this.clock.now() });
      await this.posting.postAll(
        manager,
        this.entriesOf(wanted, rate, settled, accounts),
        today,
        Problem.refused(
          'insufficient-funds',
          sentence('The fund does not have that much {currency} free.', { currency: rate.base }),
          'sold',
        ),
      );
      const detail = { exchange: exchange.id, rate: rate.id };
      await this.audit.record(manager, actor, 'fund.exchange', { kind: 'fund', id: fundId }, detail);
      return { exchange, created: true };
    });
  }

  /** Side by side under one link, which is how the ledger takes all of them or none. */
  private entriesOf(
    exchange: ExchangeContent,
    { id: exchangeRateId, base, quote }: ExchangeRateEntity,
    { worthMinor, leftOverMinor }: SettledExchange,
    accounts: AccountsOfFunds,
  ): EntryInput[] {
    const [sold, bought] = [accounts.of(exchange.fundId, base), accounts.of(exchange.fundId, quote)];
    const shared = {
      phase: 'single',
      sourceId: exchange.id,
      linkId: exchange.id,
      exchangeRateId,
      happenedOn: exchange.exchangedOn,
      evidenceSha256: bankEvidence(exchange.exchangedOn, exchange.reference),
    } as const;
    const entry = (kind: 'exchange-out' | 'exchange-in' | 'exchange-residue', amountMinor: bigint): EntryInput => {
      const of = kind === 'exchange-out' ? sold : bought;
      return { id: this.ids.newId(), ...of.flow(kind), currency: of.currency, amountMinor, kind, ...shared };
    };
    return [
      entry('exchange-out', exchange.soldMinor),
      entry('exchange-in', worthMinor),
      ...(leftOverMinor > 0n ? [entry('exchange-residue', leftOverMinor)] : []),
    ];
  }
}

async function findRate(manager: EntityManager, fundId: string, rateId: string): Promise<ExchangeRateEntity> {
  if (!(await manager.existsBy(FundEntity, { id: fundId }))) throw Problem.notFound('fund');
  const rate = await manager.findOneBy(ExchangeRateEntity, { id: rateId });
  if (!rate) throw Problem.notFound('exchange rate', 'rate');
  return rate;
}

function settle(
  { soldMinor, boughtMinor }: ExchangeContent,
  { rate, base, quote }: ExchangeRateEntity,
): SettledExchange {
  return settleExchange({ soldMinor, boughtMinor, rate, base: currencies.get(base), quote: currencies.get(quote) });
}

function isSame(one: ExchangeContent, other: ExchangeContent): boolean {
  return (
    one.fundId === other.fundId &&
    one.exchangeRateId === other.exchangeRateId &&
    one.soldMinor === other.soldMinor &&
    one.boughtMinor === other.boughtMinor &&
    one.exchangedOn === other.exchangedOn &&
    one.reference === other.reference
  );
}

function toView(
  exchange: ExchangeContent,
  { base, quote }: ExchangeRateEntity,
  { worthMinor, leftOverMinor }: SettledExchange,
): Exchange {
  return {
    id: exchange.id,
    rate: exchange.exchangeRateId,
    base,
    quote,
    sold: currencies.format(exchange.soldMinor, base),
    bought: currencies.format(exchange.boughtMinor, quote),
    worth: currencies.format(worthMinor, quote),
    leftOver: currencies.format(leftOverMinor, quote),
    exchangedOn: exchange.exchangedOn,
    reference: exchange.reference,
  };
}
