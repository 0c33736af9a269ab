/** Grants: received one call at a time and recorded together. */
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Any, DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { parsePlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { Ids } from '../kernel/ids.js';
import { MicroBatcher } from '../kernel/micro-batcher.js';
import { currencies } from '../kernel/reference-data.js';
import { Settings } from '../kernel/settings.js';
import type { EntryInput } from '../ledger/domain/entry.js';
import { PostingService, type AccountsOfFunds } from '../ledger/posting.service.js';
import { bankEvidence } from './bank-evidence.js';
import { FundEntity, GrantEntity } from './fund.entity.js';

export interface NewGrant {
  id: string;
  amount: string;
  currency: string;
  receivedOn: string;
  reference: string;
}

/** One call. */
export interface GrantTold {
  actor: Actor;
  fundId: string;
  grant: NewGrant;
}

export interface GrantReceived {
  /** False: it was there before, word for word. */
  created: boolean;
}

type GrantContent = Pick<GrantEntity, 'id' | 'fundId' | 'currency' | 'amountMinor' | 'receivedOn' | 'reference'>;

@Injectable()
export class GrantsService implements BeforeApplicationShutdown {
  private readonly batcher = new MicroBatcher<GrantTold, GrantReceived>((told) => this.receiveTogether(told));

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
    private readonly posting: PostingService,
  ) {}

  beforeApplicationShutdown(): Promise<void> {
    return this.batcher.close();
  }

  /**
   * Records a grant and posts it: bank up, fund up. Throws `currency-not-held`, `date-malformed`, `date-in-the-future` and the amount's faults (422), `id-conflict`
   * (409), `not-found` (404), `ledger-busy` (429).
   */
  async receive(actor: Actor, fundId: string, grant: NewGrant): Promise<GrantReceived> {
    requirePermission(actor, 'funds:write');
    if (parsePlainDate(grant.receivedOn, 'receivedOn') > this.clock.today(this.settings.timeZone))
      throw Problem.refused('date-in-the-future', 'What has not happened yet cannot be recorded.', 'receivedOn');
    return this.batcher.submit({ actor, fundId, grant });
  }

  /** Records grants in one transaction, as if they had come one after another; to each its result or its Problem. */
  async receiveTogether(told: readonly GrantTold[]): Promise<(GrantReceived | Problem)[]> {
    return this.db.transaction(async (manager) => {
      const fundIds = [...new Set(told.map(({ fundId }) => fundId))];
      const funds = await manager.find(FundEntity, { select: { id: true }, where: { id: Any(fundIds) } });
      const accounts = await this.posting.accountsOfFunds(manager, fundIds);
      const before = await manager.findBy(GrantEntity, { id: Any(told.map(({ grant }) => grant.id)) });
      const known = new Map<string, GrantContent>(before.map((grant) => [grant.id, grant]));
      const openFunds = new Set(funds.map(({ id }) => id));
      const fresh: { actor: Actor; grant: GrantContent }[] = [];
      const results = told.map(({ actor, fundId, grant: told }) =>
        Problem.orResult((): GrantReceived => {
          if (!openFunds.has(fundId)) throw Problem.notFound('fund');
          const grant = contentOf(fundId, told, accounts);
          const first = known.get(grant.id);
          if (first && !isSame(first, grant))
            throw Problem.conflict('id-conflict', 'This id came with other content before. Use a new id.', 'id');
          if (first) return { created: false };
          known.set(grant.id, grant);
          fresh.push({ actor, grant });
          return { created: true };
        }),
      );
      if (fresh.length === 0) return results;
      await this.insert(manager, fresh);
      // Booked on the day it is recorded, so that a quarter that was reported never changes.
      await this.posting.postAll(
        manager,
        fresh.map(({ grant }) => this.entryOf(grant, accounts)),
        this.clock.today(this.settings.timeZone),
      );
      await this.audit.recordAll(
        manager,
        fresh.map(({ actor, grant }) => ({
          actor,
          act: 'fund.receive-grant',
          subject: { kind: 'fund', id: grant.fundId },
          detail: { grant: grant.id },
        })),
      );
      return results;
    });
  }

  private async insert(
    manager: EntityManager,
    grants: readonly { actor: Actor; grant: GrantContent }[],
  ): Promise<void> {
    const column = <T>(pick: (grant: GrantContent) => T) => grants.map(({ grant }) => pick(grant));
    await manager.query(INSERT_GRANTS, [
      column((grant) => grant.id),
      column((grant) => grant.fundId),
      column((grant) => grant.currency),
      column((grant) => grant.amountMinor.toString()),
      column((grant) => grant.receivedOn),
      column((grant) => grant.reference),
      grants.map(({ actor }) => actor.userId),
      this.clock.now(),
    ]);
  }

  private entryOf(grant: GrantContent, accounts: AccountsOfFunds): EntryInput {
    return {
      id: this.ids.newId(),
      ...accounts.of(grant.fundId, grant.currency).flow('grant'),
      currency: grant.currency,
      amountMinor: grant.amountMinor,
      phase: 'single',
      kind: 'grant',
      sourceId: grant.id,
      happenedOn: grant.receivedOn,
      evidenceSha256: bankEvidence(grant.receivedOn, grant.reference),
    };
  }
}

const INSERT_GRANTS = `
  insert into payments.grant_received (id, fund_id, currency, amount_minor, received_on, reference, recorded_by, recorded_at)
  select id, fund_id, currency, amount_minor, received_on, reference, recorded_by, $8
  from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::date[], $6::text[], $7::uuid[])
       as told(id, fund_id, currency, amount_minor, received_on, reference, recorded_by)`;

/** Throws the amount's faults and `currency-not-held` (422). */
function contentOf(fundId: string, told: NewGrant, accounts: AccountsOfFunds): GrantContent {
  const money = currencies.parse(told.amount, told.currency);
  if (!accounts.holds(fundId, money.currency))
    throw Problem.refused(
      'currency-not-held',
      sentence('This fund has no accounts in {currency}.', { currency: money.currency }),
      'currency',
    );
  return { id: told.id, fundId, ...money, receivedOn: told.receivedOn, reference: told.reference };
}

function isSame(one: GrantContent, other: GrantContent): boolean {
  return (
    one.fundId === other.fundId &&
    one.currency === other.currency &&
    one.amountMinor === other.amountMinor &&
    one.receivedOn === other.receivedOn &&
    one.reference === other.reference
  );
}
