/** Reads a client's plans from the database, opening what is sealed: in what they were written, how they stand, and what was told of them. */
import type { EntityManager } from 'typeorm';
import type { ClientEntity } from '../clients/client.entity.js';
import type { SealedWords } from '../clients/identity-vault/identity-vault.js';
import type { PlainDate } from '../kernel/domain/plain-date.js';
import { currencies } from '../kernel/reference-data.js';
import { standingOf, type Changed, type Standing } from './domain/plan-versions.js';

/** Amounts are decimal strings in major units; `item` is the position in the plan, from 1. */
export interface Plan extends Standing {
  id: string;
  client: string;
  writtenOn: PlainDate;
  /** Display name of who wrote it down. */
  writtenBy: string;
  recordedAt: Date;
  /** The plans that it was changed from. */
  replaces: string[];
  /** `asTyped` is there where that was Zawgyi. */
  items: { item: number; need: string; description: string; asTyped?: string; amount: string; currency: string }[];
  tracking: {
    id: string;
    toldOn: PlainDate;
    /** `spent` is null where no sum was told, `cameOf` where nothing was said. */
    items: { item: number; spent: string | null; currency: string; cameOf: string | null; asTyped?: string }[];
  }[];
}

export const descriptionPlace = (planId: string, position: number) => `casework.plan_item/${planId}/${position}`;
export const cameOfPlace = (trackingId: string, position: number) => `casework.tracked_item/${trackingId}/${position}`;

/** The client's plans in the order they were written. For whoever has checked who asks, and records the reading. */
export async function plansOf(manager: EntityManager, client: ClientEntity, words: SealedWords): Promise<Plan[]> {
  const plans = await manager.query<PlanRow[]>(PLANS_OF_CLIENT, [client.id]);
  const items = await manager.query<ItemRow[]>(ITEMS_OF_CLIENT, [client.id]);
  const trackings = await manager.query<TrackingRow[]>(TRACKINGS_OF_CLIENT, [client.id]);
  const tracked = await manager.query<TrackedRow[]>(TRACKED_ITEMS_OF_CLIENT, [client.id]);
  const standing = standingOf(plans);
  return plans.map((plan) => ({
    ...plan,
    ...standing.get(plan.id)!,
    client: client.code,
    items: items.filter((item) => item.plan === plan.id).map((item) => itemOf(item, words)),
    tracking: trackings
      .filter((tracking) => tracking.plan === plan.id)
      .map(({ id, toldOn }) => ({
        id,
        toldOn,
        items: tracked.filter(({ tracking }) => tracking === id).map((item) => trackedOf(item, words)),
      })),
  }));
}

/** How the client's plans stand, by id; reads no words. */
export async function standingOfClient(
  manager: EntityManager,
  clientId: string,
): Promise<ReadonlyMap<string, Standing>> {
  return standingOf(await manager.query<Changed[]>(PLANS_OF_CLIENT, [clientId]));
}

function itemOf({ plan, item, need, sealed, minor, currency }: ItemRow, words: SealedWords) {
  const { text: description, original } = words.openWords(descriptionPlace(plan, item), sealed);
  return {
    item,
    need,
    description,
    ...asTyped(original),
    amount: currencies.format(BigInt(minor), currency),
    currency,
  };
}

function trackedOf({ tracking, item, minor, currency, sealed }: TrackedRow, words: SealedWords) {
  const told = sealed === null ? null : words.openWords(cameOfPlace(tracking, item), sealed);
  return {
    item,
    spent: minor === null ? null : currencies.format(BigInt(minor), currency),
    currency,
    cameOf: told?.text ?? null,
    ...asTyped(told?.original),
  };
}

const asTyped = (original: string | null | undefined) => (original == null ? {} : { asTyped: original });

interface PlanRow extends Changed {
  writtenOn: PlainDate;
  writtenBy: string;
  recordedAt: Date;
  replaces: string[];
}

interface ItemRow {
  plan: string;
  item: number;
  need: string;
  sealed: Buffer;
  minor: string;
  currency: string;
}

interface TrackingRow {
  id: string;
  plan: string;
  toldOn: PlainDate;
}

interface TrackedRow {
  tracking: string;
  item: number;
  minor: string | null;
  currency: string;
  sealed: Buffer | null;
}

const PLANS_OF_CLIENT = `
  select p.id, p.written_on::text "writtenOn", u.display_name "writtenBy", p.recorded_at "recordedAt",
         array(select e.id::text from casework.plan_replacement r join casework.spending_plan e on e.id = r.replaces_id
               where r.plan_id = p.id order by e.seq) replaces
  from casework.spending_plan p join access.app_user u on u.id = p.recorded_by
  where p.client_id = $1 order by p.seq`;
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
