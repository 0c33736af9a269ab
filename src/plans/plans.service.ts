/**
 * Spending plans, written with the client, and what the client tells afterwards of the money. A plan is a help to the client and
 * never a condition: nothing that pays reads it, and nothing here looks at what is paid or at how needs were ranked.
 */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import type { ClientEntity } from '../clients/client.entity.js';
import { ClientsService, sameContent } from '../clients/clients.service.js';
import { IdentityVault, type SealedWords } from '../clients/identity-vault/identity-vault.js';
import { Clock } from '../kernel/clock.js';
import { parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { countryOf, currencies } from '../kernel/reference-data.js';
import { Secrets } from '../kernel/secrets.js';
import { needsCatalogue } from '../needs/catalogue.js';
import { planItems, type NewPlanItem, type PlannedItem } from './domain/plan-items.js';
import { trackedItems, type NewTrackedItem, type TrackedItem } from './domain/tracked-items.js';

export interface NewPlan {
  id: string;
  /** Today, where the client lives, when left out. */
  writtenOn?: string;
  items: NewPlanItem[];
}

export interface WrittenPlan {
  id: string;
  client: string;
  writtenOn: PlainDate;
  created: boolean;
}

export interface NewTracking {
  id: string;
  /** Today, where the client lives, when left out. */
  toldOn?: string;
  items: NewTrackedItem[];
}

export interface RecordedTracking {
  id: string;
  plan: string;
  client: string;
  toldOn: PlainDate;
  created: boolean;
}

/** Amounts are decimal strings in major units; `item` is the position in the plan, from 1. */
export interface Plan {
  id: string;
  client: string;
  writtenOn: PlainDate;
  items: { item: number; need: string; description: string; amount: string; currency: string }[];
  tracking: {
    id: string;
    toldOn: PlainDate;
    items: { item: number; spent: string; currency: string; cameOf: string | null }[];
  }[];
}

@Injectable()
export class PlansService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly secrets: Secrets,
    private readonly audit: AuditTrail,
    private readonly clients: ClientsService,
    private readonly vault: IdentityVault,
  ) {}

  /**
   * Keeps a plan; the same id with the same content answers as before. Another plan may always follow.
   * Throws `not-found` (404), `date-malformed`, `date-in-the-future` and what `planItems` throws (422), `id-conflict`,
   * `consent-withdrawn` (409).
   */
  async write(actor: Actor, code: string, input: NewPlan): Promise<WrittenPlan> {
    requirePermission(actor, 'plans:record');
    const client = await this.clients.findHeld(actor, code);
    const writtenOn = this.dayOrToday(client, input.writtenOn, 'writtenOn');
    const items = planItems(input.items, (need) => needsCatalogue.has(need), currencies);
    // A day left out stays left out here: sent again tomorrow, it is still the same plan.
    const contentSha256 = this.secrets.fingerprint('plan', { clientId: client.id, writtenOn: input.writtenOn, items });

    return this.db.transaction(async (manager) => {
      const [inserted] = await manager.query<KeptRow[]>(
        `insert into casework.spending_plan (id, client_id, written_on, recorded_by, recorded_at, content_sha256)
         values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing
         returning id, written_on::text "day", content_sha256 "contentSha256"`,
        [input.id, client.id, writtenOn, actor.userId, this.clock.now(), contentSha256],
      );
      const { id, day } = inserted ?? (await this.alreadyKept(manager, PLAN_BY_ID, input.id, contentSha256));
      const answer = { id, client: client.code, writtenOn: day };
      if (!inserted) return { ...answer, created: false };
      await this.insertItems(manager, client.id, id, items);
      await this.audit.record(manager, actor, 'plan.write', { kind: 'plan', id }, { items: items.length });
      return { ...answer, created: true };
    });
  }

  /**
   * Keeps what the client told of a plan; they may tell more than once, and each telling stands beside the others.
   * Throws `not-found` (404, also for another client's plan), `date-malformed`, `date-in-the-future` and what `trackedItems`
   * throws (422), `id-conflict`, `consent-withdrawn` (409).
   */
  async track(actor: Actor, code: string, planId: string, input: NewTracking): Promise<RecordedTracking> {
    requirePermission(actor, 'plans:record');
    const client = await this.clients.findHeld(actor, code);
    const toldOn = this.dayOrToday(client, input.toldOn, 'toldOn');

    return this.db.transaction(async (manager) => {
      const planned = await manager.query<{ plan: string; position: number; currency: string }[]>(
        `select p.id plan, i.position, i.currency from casework.spending_plan p join casework.plan_item i on i.plan_id = p.id
         where p.id = $1 and p.client_id = $2`,
        [planId, client.id],
      );
      const [first] = planned;
      if (!first) throw Problem.notFound('spending plan', 'id');
      const { plan } = first;
      const currencyOf = new Map(planned.map(({ position, currency }) => [position, currency]));
      const items = trackedItems(input.items, currencyOf, currencies);
      const contentSha256 = this.secrets.fingerprint('tracking', { plan, toldOn: input.toldOn, items });
      const [inserted] = await manager.query<KeptRow[]>(
        `insert into casework.plan_tracking (id, plan_id, told_on, recorded_by, recorded_at, content_sha256)
         values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing
         returning id, told_on::text "day", content_sha256 "contentSha256"`,
        [input.id, plan, toldOn, actor.userId, this.clock.now(), contentSha256],
      );
      const { id, day } = inserted ?? (await this.alreadyKept(manager, TRACKING_BY_ID, input.id, contentSha256));
      const answer = { id, plan, client: client.code, toldOn: day };
      if (!inserted) return { ...answer, created: false };
      await this.insertTrackedItems(manager, client.id, plan, id, items);
      const detail = { items: items.length, cameOf: items.filter(({ cameOf }) => cameOf !== null).length };
      await this.audit.record(manager, actor, 'plan.track', { kind: 'plan', id: plan }, detail);
      return { ...answer, created: true };
    });
  }

  /**
   * The client's plans in the order they were written, with all that was told of each. The reading is recorded.
   * Throws `not-found` (404), `consent-withdrawn` (409).
   */
  async ofClient(actor: Actor, code: string): Promise<Plan[]> {
    requirePermission(actor, 'words:read');
    const client = await this.clients.findHeld(actor, code);
    return this.db.transaction('REPEATABLE READ', async (manager) => {
      const plans = await this.read(manager, client, await this.vault.words(manager, client.id));
      for (const { id } of plans) await this.audit.record(manager, actor, 'plan.read', { kind: 'plan', id });
      return plans;
    });
  }

  /** The same, for whoever has checked who asks, and records the reading. */
  async read(manager: EntityManager, client: ClientEntity, words: SealedWords): Promise<Plan[]> {
    const plans = await manager.query<{ id: string; writtenOn: PlainDate }[]>(PLANS_OF_CLIENT, [client.id]);
    const items = await manager.query<ItemRow[]>(ITEMS_OF_CLIENT, [client.id]);
    const trackings = await manager.query<{ id: string; plan: string; toldOn: PlainDate }[]>(TRACKINGS_OF_CLIENT, [
      client.id,
    ]);
    const tracked = await manager.query<TrackedRow[]>(TRACKED_ITEMS_OF_CLIENT, [client.id]);
    return plans.map(({ id, writtenOn }) => ({
      id,
      client: client.code,
      writtenOn,
      items: items
        .filter(({ plan }) => plan === id)
        .map(({ item, need, sealed, minor, currency }) => ({
          item,
          need,
          description: words.open(descriptionPlace(id, item), sealed),
          amount: currencies.format(BigInt(minor), currency),
          currency,
        })),
      tracking: trackings
        .filter(({ plan }) => plan === id)
        .map(({ id: trackingId, toldOn }) => ({
          id: trackingId,
          toldOn,
          items: tracked
            .filter(({ tracking }) => tracking === trackingId)
            .map(({ item, minor, currency, sealed }) => ({
              item,
              spent: currencies.format(BigInt(minor), currency),
              currency,
              cameOf: sealed === null ? null : words.open(cameOfPlace(trackingId, item), sealed),
            })),
        })),
    }));
  }

  private dayOrToday(client: ClientEntity, text: string | undefined, field: string): PlainDate {
    const today = this.clock.today(countryOf(client.country).timeZone);
    if (text === undefined) return today;
    const day = parsePlainDate(text, field);
    if (day > today) throw Problem.refused('date-in-the-future', 'This cannot be dated in the future.', field);
    return day;
  }

  private async alreadyKept(manager: EntityManager, byId: string, id: string, contentSha256: Buffer): Promise<KeptRow> {
    const [existing] = await manager.query<KeptRow[]>(byId, [id]);
    if (!existing) throw new Error('a row that is there cannot be found');
    return sameContent(existing, contentSha256);
  }

  private async insertItems(
    manager: EntityManager,
    clientId: string,
    planId: string,
    items: PlannedItem[],
  ): Promise<void> {
    const words = await this.vault.words(manager, clientId);
    await manager.query(
      `insert into casework.plan_item (plan_id, position, need, description_sealed, amount_minor, currency)
       select $1, * from unnest($2::smallint[], $3::text[], $4::bytea[], $5::bigint[], $6::text[])`,
      [
        planId,
        items.map(({ position }) => position),
        items.map(({ need }) => need),
        items.map(({ position, description }) => words.seal(descriptionPlace(planId, position), description)),
        items.map(({ amountMinor }) => amountMinor.toString()),
        items.map(({ currency }) => currency),
      ],
    );
  }

  private async insertTrackedItems(
    manager: EntityManager,
    clientId: string,
    planId: string,
    trackingId: string,
    items: TrackedItem[],
  ): Promise<void> {
    const words = await this.vault.words(manager, clientId);
    await manager.query(
      `insert into casework.tracked_item (tracking_id, plan_id, position, spent_minor, currency, came_of_sealed)
       select $1, $2, * from unnest($3::smallint[], $4::bigint[], $5::text[], $6::bytea[])`,
      [
        trackingId,
        planId,
        items.map(({ position }) => position),
        items.map(({ amountMinor }) => amountMinor.toString()),
        items.map(({ currency }) => currency),
        items.map(({ position, cameOf }) =>
          cameOf === null ? null : words.seal(cameOfPlace(trackingId, position), cameOf),
        ),
      ],
    );
  }
}

const descriptionPlace = (planId: string, position: number) => `casework.plan_item/${planId}/${position}`;
const cameOfPlace = (trackingId: string, position: number) => `casework.tracked_item/${trackingId}/${position}`;

interface KeptRow {
  id: string;
  day: PlainDate;
  contentSha256: Buffer;
}

interface ItemRow {
  plan: string;
  item: number;
  need: string;
  sealed: Buffer;
  minor: string;
  currency: string;
}

interface TrackedRow {
  tracking: string;
  item: number;
  minor: string;
  currency: string;
  sealed: Buffer | null;
}

const PLAN_BY_ID =
  'select id, written_on::text "day", content_sha256 "contentSha256" from casework.spending_plan where id = $1';
const TRACKING_BY_ID =
  'select id, told_on::text "day", content_sha256 "contentSha256" from casework.plan_tracking where id = $1';

const PLANS_OF_CLIENT =
  'select id, written_on::text "writtenOn" from casework.spending_plan where client_id = $1 order by seq';
const ITEMS_OF_CLIENT = `
  select i.plan_id plan, i.position item, i.need, i.description_sealed sealed, i.amount_minor minor, i.currency
  from casework.spending_plan p join casework.plan_item i on i.plan_id = p.id
  where p.client_id = $1 order by i.plan_id, i.position`;
const TRACKINGS_OF_CLIENT = `
  select t.id, t.plan_id plan, t.told_on::text "toldOn"
  from casework.spending_plan p join casework.plan_tracking t on t.plan_id = p.id
  where p.client_id = $1 order by t.told_on, t.recorded_at, t.id`;
const TRACKED_ITEMS_OF_CLIENT = `
  select i.tracking_id tracking, i.position item, i.spent_minor minor, i.currency, i.came_of_sealed sealed
  from casework.spending_plan p join casework.plan_tracking t on t.plan_id = p.id join casework.tracked_item i on i.tracking_id = t.id
  where p.client_id = $1 order by i.tracking_id, i.position`;
