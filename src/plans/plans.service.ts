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
import { IdentityVault } from '../clients/identity-vault/identity-vault.js';
import { Clock } from '../kernel/clock.js';
import { parsePlainDate, type PlainDate } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { countryOf, currencies } from '../kernel/reference-data.js';
import { Secrets } from '../kernel/secrets.js';
import { needsCatalogue } from '../needs/catalogue.js';
import { planItems, type NewPlanItem, type PlannedItem } from './domain/plan-items.js';
import { trackedItems, type NewTrackedItem, type TrackedItem } from './domain/tracked-items.js';
import { cameOfPlace, descriptionPlace, plansOf, standingOfClient, type Plan } from './plan-records.js';

export interface NewPlan {
  id: string;
  /** Today, where the client lives, when left out. */
  writtenOn?: string;
  /** The plans that it was changed from, also those that somebody else changed already. */
  replaces?: string[];
  items: NewPlanItem[];
}

export interface WrittenPlan {
  id: string;
  client: string;
  writtenOn: PlainDate;
  /** Plans that stand beside it as other versions of the same plan, because somebody else changed that too; none mostly. */
  otherVersions: string[];
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

/** More versions of one plan than people write. */
const MOST_REPLACED = 10;

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
   * Keeps a plan; the same id with the same content answers as before. Another plan may always follow. Nothing is written over: whoever
   * changes a plan that was changed already writes another version of it, and the answer says so.
   * Throws `not-found` (404), `date-malformed`, `date-in-the-future`, `unknown-plan`, `too-many-replaced` and what `planItems` throws (422),
   * `id-conflict`, `consent-withdrawn` (409).
   */
  async write(actor: Actor, code: string, input: NewPlan): Promise<WrittenPlan> {
    requirePermission(actor, 'plans:record');
    const client = await this.clients.findHeld(actor, code);
    const writtenOn = this.dayOrToday(client, input.writtenOn, 'writtenOn');
    const items = planItems(input.items, (need) => needsCatalogue.has(need), currencies);
    const replaces = await this.replaced(client.id, input.replaces ?? []);
    // A day left out stays left out here: sent again tomorrow, it is still the same plan.
    const content = {
      clientId: client.id,
      writtenOn: input.writtenOn,
      items: items.map(({ original, ...item }) => ({ ...item, description: original ?? item.description })),
      ...(replaces.length > 0 && { replaces }),
    };
    const contentSha256 = this.secrets.fingerprint('plan', content);

    return this.db.transaction(async (manager) => {
      const [inserted] = await manager.query<KeptRow[]>(
        `insert into casework.spending_plan (id, client_id, written_on, recorded_by, recorded_at, content_sha256)
         values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing
         returning id, written_on::text "day", content_sha256 "contentSha256"`,
        [input.id, client.id, writtenOn, actor.userId, this.clock.now(), contentSha256],
      );
      const { id, day } = inserted ?? (await this.alreadyKept(manager, PLAN_BY_ID, input.id, contentSha256));
      if (inserted) {
        await this.insertItems(manager, client.id, id, items);
        await manager.query(REPLACE, [id, client.id, replaces]);
        const detail = { items: items.length, ...(replaces.length > 0 && { replaces: replaces.length }) };
        await this.audit.record(manager, actor, 'plan.write', { kind: 'plan', id }, detail);
      }
      const standing = (await standingOfClient(manager, client.id)).get(id);
      const otherVersions = standing?.otherVersions ?? [];
      return { id, client: client.code, writtenOn: day, otherVersions, created: inserted !== undefined };
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
      const typed = items.map(({ original, ...item }) => ({ ...item, cameOf: original ?? item.cameOf }));
      const contentSha256 = this.secrets.fingerprint('tracking', { plan, toldOn: input.toldOn, items: typed });
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
      const plans = await plansOf(manager, client, await this.vault.words(manager, client.id));
      for (const { id } of plans) await this.audit.record(manager, actor, 'plan.read', { kind: 'plan', id });
      return plans;
    });
  }

  /** The plans named as replaced, each once and in one order. Throws `unknown-plan`, `too-many-replaced` (422). */
  private async replaced(clientId: string, named: readonly string[]): Promise<string[]> {
    const replaces = [...new Set(named)].sort();
    if (replaces.length > MOST_REPLACED) {
      throw Problem.refused(
        'too-many-replaced',
        sentence('A plan replaces at most {most} others.', { most: MOST_REPLACED }),
        'replaces',
      );
    }
    const found = await this.db.query<unknown[]>(
      'select from casework.spending_plan where client_id = $1 and id = any ($2::uuid[])',
      [clientId, replaces],
    );
    if (found.length < replaces.length) {
      throw Problem.refused('unknown-plan', 'The client has no plan of that id that could be replaced.', 'replaces');
    }
    return replaces;
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
        items.map(({ position, description: text, original }) =>
          words.sealWords(descriptionPlace(planId, position), { text, original }),
        ),
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
        items.map(({ amountMinor }) => amountMinor?.toString() ?? null),
        items.map(({ currency }) => currency),
        items.map(({ position, cameOf: text, original }) =>
          text === null ? null : words.sealWords(cameOfPlace(trackingId, position), { text, original }),
        ),
      ],
    );
  }
}

interface KeptRow {
  id: string;
  day: PlainDate;
  contentSha256: Buffer;
}

const PLAN_BY_ID =
  'select id, written_on::text "day", content_sha256 "contentSha256" from casework.spending_plan where id = $1';
const TRACKING_BY_ID =
  'select id, told_on::text "day", content_sha256 "contentSha256" from casework.plan_tracking where id = $1';
// In one order, so that two who make one of the same plans wait for each other in turn.
const REPLACE = `
  insert into casework.plan_replacement (plan_id, replaces_id, client_id)
  select $1, r.id, $2 from unnest($3::uuid[]) with ordinality r (id, place) order by r.place`;
