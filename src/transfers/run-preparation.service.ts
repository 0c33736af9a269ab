/** Putting a run together of what is due: who is in it, what it takes from each fund, how many approve it, and what there is to look at twice. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import type { Rail } from '../funds/rails.js';
import { Clock } from '../kernel/clock.js';
import { parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem, type FieldError } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { Ids } from '../kernel/ids.js';
import { countryOf, currencies } from '../kernel/reference-data.js';
import { Settings } from '../kernel/settings.js';
import type { EntryInput } from '../ledger/domain/entry.js';
import { PostingService } from '../ledger/posting.service.js';
import {
  breakdownOf,
  changesOf,
  itemsDue,
  itemsOfRun,
  warningsOf,
  type Items,
  type RunChanges,
  type RunPart,
  type RunWarning,
} from './run-contents.js';
import type { LeftOut, RunTotal } from './run-view.js';
import { PUT_DUE_INTO_RUN, SECOND_IN_MONTH, TOTALS_OF_ITEMS, WITHOUT_CONSENT } from './runs.sql.js';

export interface WantedRun {
  id: string;
  dueThrough: PlainDate;
  country: string | null;
  /** Whether a client can be paid two instalments in one month by it. */
  catchUp: boolean;
  unfunded: 'refuse' | 'leave-out';
}

/** What is done while a run is put together, one after the other. */
export const preparationSteps = ['collect', 'reserve', 'compare', 'write'] as const;
export type PreparationStep = (typeof preparationSteps)[number];
/** `count`: of how many transfers; null while they are still collected. */
export interface PreparationProgress {
  step: PreparationStep;
  count: number | null;
}
/** Told at the beginning of each step. */
export type PreparationReport = (progress: PreparationProgress) => void;

export interface RunPreview {
  count: number;
  totals: RunTotal[];
  breakdown: RunPart[];
  changes: RunChanges;
  warnings: RunWarning[];
  leftOut: LeftOut[];
  approvalsNeeded: number;
  /** The first of them, by due day. */
  payees: {
    transfer: string;
    client: string;
    instalment: number;
    dueOn: PlainDate;
    country: string;
    fund: string;
    rail: Rail;
    amount: string;
    currency: string;
  }[];
}

const PAYEES_SHOWN = 500;

@Injectable()
export class RunPreparationService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly posting: PostingService,
  ) {}

  /** What a run would be; nothing is written, and nobody is kept from anything. Throws `date-malformed`, `unknown-country` (422). */
  async preview(actor: Actor, input: { dueThrough: string; country?: string; catchUp?: boolean }): Promise<RunPreview> {
    requirePermission(actor, 'runs:prepare');
    const through = parsePlainDate(input.dueThrough, 'dueThrough');
    const country = input.country ? countryOf(input.country).code : null;
    const catchUp = input.catchUp ?? false;
    const now = this.clock.now();
    // One look at the database as it is at one moment.
    return this.db.transaction('REPEATABLE READ', async (manager) => {
      const shares = await sharesOf(manager, itemsDue(through, country, catchUp, now));
      const unfunded = await unfundedOf(manager, shares);
      const items = itemsDue(through, country, catchUp, now, [...unfunded]);
      const taken = shares.filter((share) => !unfunded.has(share.fund_id));
      const toReserve = new Map(taken.map((share) => [share.fund_id, BigInt(share.to_reserve)]));
      const contents = await this.contents(manager, items, { dueThrough: through, country }, taken, toReserve);
      return {
        count: taken.reduce((sum, { count }) => sum + count, 0),
        ...contents,
        leftOut: [
          ...shares.filter((share) => unfunded.has(share.fund_id)).map(leftOutUnfunded),
          ...(await leftOut(manager, { dueThrough: through, country, catchUp }, now)),
        ],
        payees: await payeesOf(manager, items),
      };
    });
  }

  /**
   * Puts what is due into a run, reserves its money and writes the run down; false when there is nothing. In the caller's transaction.
   * Throws `run-unfunded` (422) when that is what was asked for.
   */
  async putTogether(manager: EntityManager, wanted: WantedRun, report: PreparationReport): Promise<boolean> {
    const now = this.clock.now();
    report({ step: 'collect', count: null });
    const [, affected] = await manager.query<[unknown, number]>(PUT_DUE_INTO_RUN, [
      wanted.dueThrough,
      wanted.country,
      wanted.catchUp,
      now,
      wanted.id,
    ]);
    if (affected === 0) return false;
    report({ step: 'reserve', count: affected });
    const items = itemsOfRun(wanted.id);
    const shares = await sharesOf(manager, items);
    const unfunded = await this.reserve(manager, wanted.id, shares);
    const short = shares.filter((share) => unfunded.has(share.fund_id));
    if (short.length > 0 && wanted.unfunded === 'refuse') throw refusalFor(short);
    if (short.length > 0) {
      await manager.query(
        "update payments.obligation set state = 'scheduled', run_id = null where run_id = $1 and fund_id = any ($2)",
        [wanted.id, [...unfunded]],
      );
    }
    const taken = shares.filter((share) => !unfunded.has(share.fund_id));
    if (taken.length === 0) return false;
    const count = taken.reduce((sum, share) => sum + share.count, 0);
    report({ step: 'compare', count });
    const contents = await this.contents(manager, items, wanted, taken, new Map());
    report({ step: 'write', count });
    await manager.query(
      `insert into payments.run (id, country, due_through, prepared_at, item_count, digest, totals, left_out, approvals_needed, catch_up,
                                 breakdown, changes, warnings)
       values ($1, $2, $3, $4, $5, payments.digest_when_put_together($1), $6, $7, $8, $9, $10, $11, $12)`,
      [
        wanted.id,
        wanted.country,
        wanted.dueThrough,
        now,
        count,
        JSON.stringify(contents.totals),
        JSON.stringify([...short.map(leftOutUnfunded), ...(await leftOut(manager, wanted, now))]),
        contents.approvalsNeeded,
        wanted.catchUp,
        JSON.stringify(contents.breakdown),
        JSON.stringify(contents.changes),
        JSON.stringify(contents.warnings),
      ],
    );
    await manager.query(
      `insert into payments.run_item (run_id, obligation_id, currency, amount_minor, rail, payee_ref)
       select o.run_id, o.id, o.currency, o.amount_minor, e.rail, e.payee_ref
       from payments.obligation o join payments.enrolment e on e.id = o.enrolment_id where o.run_id = $1 order by o.id`,
      [wanted.id],
    );
    return true;
  }

  private async contents(
    manager: EntityManager,
    items: Items,
    { dueThrough, country }: Pick<WantedRun, 'dueThrough' | 'country'>,
    taken: readonly FundShare[],
    toReserve: ReadonlyMap<string, bigint>,
  ): Promise<Pick<RunPreview, 'totals' | 'breakdown' | 'changes' | 'warnings' | 'approvalsNeeded'>> {
    const today = this.clock.today(this.settings.timeZone);
    const [needed] = await manager.query<{ approvals: number }[]>(
      'select payments.approvals_for($1, $2)::int approvals',
      [taken.map(({ currency }) => currency), taken.map(({ amount }) => amount)],
    );
    const approvals = needed?.approvals ?? 1;
    return {
      totals: taken.map((share) => ({
        fund: share.fund,
        fundId: share.fund_id,
        currency: share.currency,
        count: share.count,
        ...(share.top_ups > 0 && { topUps: share.top_ups }),
        amount: currencies.format(BigInt(share.amount), share.currency),
      })),
      breakdown: await breakdownOf(manager, items),
      changes: await changesOf(manager, items, country, today, dueThrough),
      warnings: await warningsOf(manager, items, { now: this.clock.now(), today, approvals, toReserve }),
      approvalsNeeded: approvals,
    };
  }

  /**
   * Reserves each fund's share of a run, in one batch, so that accounts are locked in the order in which releasing locks them; the ids of
   * the funds that have not enough. What was committed by an earlier attempt is not reserved again.
   */
  private async reserve(manager: EntityManager, runId: string, shares: readonly FundShare[]): Promise<Set<string>> {
    const wanted = shares.filter((share) => BigInt(share.to_reserve) > 0n);
    const entries: EntryInput[] = [];
    for (const share of wanted) {
      const accounts = await this.posting.fundAccounts(manager, share.fund_id, share.currency);
      entries.push({
        id: this.ids.newId(),
        ...accounts.flow('reserve'),
        currency: share.currency,
        amountMinor: BigInt(share.to_reserve),
        phase: 'pending',
        kind: 'reserve',
        sourceId: runId,
      });
    }
    const results = await this.posting.post(manager, entries, this.clock.today(this.settings.timeZone));
    const fault = results.find((result) => result !== 'created' && result !== 'insufficient');
    if (fault) throw new Error(`a reservation was ${fault}`);
    return new Set(wanted.filter((_, index) => results[index] === 'insufficient').map((share) => share.fund_id));
  }
}

/** What a run takes from one fund; amounts in minor units. */
interface FundShare {
  fund_id: string;
  fund: string;
  currency: string;
  count: number;
  top_ups: number;
  amount: string;
  to_reserve: string;
}

const sharesOf = (manager: EntityManager, items: Items) =>
  manager.query<FundShare[]>(`with item as (${items.sql}) ${TOTALS_OF_ITEMS}`, items.parameters);

/** The funds that hold less than their share, as reserving it would find. */
async function unfundedOf(manager: EntityManager, shares: readonly FundShare[]): Promise<Set<string>> {
  const rows = await manager.query<{ fund_id: string; currency: string; free: string }[]>(
    `select a.fund_id, a.currency, (b.credits_posted - b.debits_posted - b.debits_pending - b.floor_minor)::text free
     from ledger.account a join ledger.balance b on b.account_id = a.id where a.kind = 'fund' and a.fund_id = any ($1)`,
    [shares.map((share) => share.fund_id)],
  );
  const freeIn = ({ fund_id, currency }: FundShare) =>
    BigInt(rows.find((row) => row.fund_id === fund_id && row.currency === currency)?.free ?? '0');
  return new Set(shares.filter((share) => BigInt(share.to_reserve) > freeIn(share)).map((share) => share.fund_id));
}

const leftOutUnfunded = ({ fund, count }: FundShare): LeftOut => ({ reason: 'unfunded', fund, count });

async function leftOut(
  manager: EntityManager,
  { dueThrough, country, catchUp }: Pick<WantedRun, 'dueThrough' | 'country' | 'catchUp'>,
  now: Date,
): Promise<LeftOut[]> {
  const [noConsent] = await manager.query<{ count: number }[]>(WITHOUT_CONSENT, [dueThrough, country]);
  const [second] = catchUp
    ? [{ count: 0 }]
    : await manager.query<{ count: number }[]>(SECOND_IN_MONTH, [dueThrough, country, now]);
  const reasons: LeftOut[] = [
    { reason: 'no-consent', count: noConsent?.count ?? 0 },
    { reason: 'second-in-month', count: second?.count ?? 0 },
  ];
  return reasons.filter(({ count }) => count > 0);
}

async function payeesOf(manager: EntityManager, items: Items): Promise<RunPreview['payees']> {
  const rows = await manager.query<(Omit<RunPreview['payees'][number], 'amount'> & { amount_minor: string })[]>(
    `with item as (${items.sql})
     select o.id transfer, c.code client, o.instalment, o.due_on::text "dueOn", o.country, f.code fund, e.rail, o.amount_minor::text, o.currency
     from item o join payments.enrolment e on e.id = o.enrolment_id join payments.fund f on f.id = o.fund_id join casework.client c on c.id = o.client_id
     order by o.due_on, o.id limit ${PAYEES_SHOWN}`,
    items.parameters,
  );
  return rows.map(({ amount_minor: minor, ...row }) => ({
    ...row,
    amount: currencies.format(BigInt(minor), row.currency),
  }));
}

function refusalFor(short: readonly FundShare[]): Problem {
  const missing = short.map((share): FieldError => ({
    field: 'fund',
    code: 'run-unfunded',
    detail: sentence('Fund {fund} does not have {amount} {currency} available.', {
      fund: share.fund,
      amount: currencies.format(BigInt(share.to_reserve), share.currency),
      currency: share.currency,
    }),
  }));
  const [first, second] = missing;
  const wording = first && !second ? first.detail : missing.map(({ detail }) => String(detail)).join(' ');
  return new Problem(422, 'run-unfunded', wording, 'fund', missing);
}
