/**
 * What there is to see of a run before it is signed: sums by country, fund and rail, what is different from the month before, and what to look at
 * twice. The same for a run that was put together and for one that only might be.
 */
import type { EntityManager } from 'typeorm';
import type { Rail } from '../funds/rails.js';
import { addDays, addMonths, type PlainDate } from '../kernel/domain/plain-date.js';
import { bankingDays, currencies } from '../kernel/reference-data.js';
import { DUE } from './runs.sql.js';

export interface RunPart {
  country: string;
  fund: string;
  rail: Rail;
  currency: string;
  count: number;
  /** Decimal string in major units. */
  amount: string;
}

/** Against the payments that were sent in the calendar month before. */
export interface RunChanges {
  before: { currency: string; count: number; amount: string }[];
  /** Clients of this run to whom nothing was sent in that month. */
  joined: number;
  /** Clients to whom something was sent in that month, who are owed something that is due, and who are not in this run. */
  notAgain: number;
  otherRail: number;
  otherAmount: number;
  otherPayee: number;
}

export const runWarnings = [
  'payee-changed',
  'account-of-another-client',
  'account-of-staff',
  'new-value',
  'fund-short',
  'too-few-approvers',
  'calendar-missing',
] as const;

export interface RunWarning {
  code: (typeof runWarnings)[number];
  count: number;
  fund?: string;
  country?: string;
  year?: number;
  /** Ids of transfers that it is about; the first of them when they are many. */
  transfers: string[];
}

/** A set of obligations, as SQL that selects them whole, and its parameters. */
export interface Items {
  sql: string;
  parameters: unknown[];
}

export const itemsOfRun = (runId: string): Items => ({
  sql: 'select o.* from payments.obligation o where o.run_id = $1',
  parameters: [runId],
});

/** As DUE, without those of the funds named. */
export const itemsDue = (
  through: PlainDate,
  country: string | null,
  catchUp: boolean,
  now: Date,
  withoutFunds: readonly string[] = [],
): Items => ({
  sql: `select due.* from ${DUE} and not due.fund_id = any ($5::uuid[])`,
  parameters: [through, country, catchUp, now, withoutFunds],
});

const PAYEE_IS_NEW_DAYS = 7;
/** A fund is short when what is left does not cover what falls due until then. */
const LOOKS_AHEAD_DAYS = 35;
/** So long after the day on which it is to be paid a holiday can still put a payment off. */
const PAYS_WITHIN_DAYS = 7;
const EXAMPLES = 20;

export async function breakdownOf(manager: EntityManager, items: Items): Promise<RunPart[]> {
  const rows = await manager.query<(Omit<RunPart, 'amount'> & { amount_minor: string })[]>(
    `with item as (${items.sql})
     select o.country, f.code fund, e.rail, o.currency, count(*)::int count, sum(o.amount_minor)::text amount_minor
     from item o join payments.enrolment e on e.id = o.enrolment_id join payments.fund f on f.id = o.fund_id
     group by o.country, f.code, e.rail, o.currency order by o.country, f.code, e.rail`,
    items.parameters,
  );
  return rows.map(({ amount_minor: minor, ...part }) => ({
    ...part,
    amount: currencies.format(BigInt(minor), part.currency),
  }));
}

/** `country`: of the run, or null for all. `today`: in the programme's time zone. */
export async function changesOf(
  manager: EntityManager,
  items: Items,
  country: string | null,
  today: PlainDate,
  through: PlainDate,
): Promise<RunChanges> {
  const month = `${today.slice(0, 7)}-01`;
  const at = (offset: number) => `$${items.parameters.length + offset}`;
  const parameters = [...items.parameters, addMonths(month, -1), month, country];
  const sent = `
    sent as materialized (
      select distinct on (o.client_id) o.client_id, a.rail, a.currency, a.amount_minor, a.payee_ref
      from payments.attempt a join payments.obligation o on o.id = a.obligation_id
      where a.instructed_on >= ${at(1)} and a.instructed_on < ${at(2)} and (${at(3)}::text is null or o.country = ${at(3)})
        and a.state in ('instructed', 'accepted', 'unknown', 'settled')
      order by o.client_id, a.instructed_on desc, a.id desc)`;
  const before = await manager.query<{ currency: string; count: number; minor: string }[]>(
    `with item as (${items.sql}), ${sent}
     select currency, count(*)::int count, sum(amount_minor)::text minor from sent where (select true from item limit 1) group by currency order by currency`,
    parameters,
  );
  const [counts] = await manager.query<Omit<RunChanges, 'before' | 'notAgain'>[]>(
    `with item as materialized (${items.sql}), ${sent}
     select count(distinct i.client_id) filter (where s.client_id is null)::int joined,
            count(distinct i.client_id) filter (where s.rail <> e.rail)::int "otherRail",
            count(distinct i.client_id) filter (where (s.currency, s.amount_minor) <> (i.currency, i.amount_minor))::int "otherAmount",
            count(distinct i.client_id) filter (where s.payee_ref <> e.payee_ref)::int "otherPayee"
     from item i join payments.enrolment e on e.id = i.enrolment_id left join sent s on s.client_id = i.client_id`,
    parameters,
  );
  const [missing] = await manager.query<{ count: number }[]>(
    `with item as materialized (${items.sql}), ${sent}
     select count(*)::int count from sent s
     where not exists (select from item i where i.client_id = s.client_id)
       and exists (select from payments.obligation o where o.client_id = s.client_id and o.state in ('planned', 'scheduled', 'on_hold')
                   and o.due_on <= ${at(4)})`,
    [...parameters, through],
  );
  return {
    before: before.map(({ currency, count, minor }) => ({
      currency,
      count,
      amount: currencies.format(BigInt(minor), currency),
    })),
    joined: counts?.joined ?? 0,
    notAgain: missing?.count ?? 0,
    otherRail: counts?.otherRail ?? 0,
    otherAmount: counts?.otherAmount ?? 0,
    otherPayee: counts?.otherPayee ?? 0,
  };
}

/**
 * What to look at twice. `toReserve`: what the run still takes from each fund, in minor units, when that is not taken yet. `approvals`: how many
 * have to approve.
 */
export async function warningsOf(
  manager: EntityManager,
  items: Items,
  context: { now: Date; today: PlainDate; approvals: number; toReserve: ReadonlyMap<string, bigint> },
): Promise<RunWarning[]> {
  const at = (offset: number) => `$${items.parameters.length + offset}`;
  const about = async (sql: string, ...more: unknown[]) =>
    manager.query<{ code: RunWarning['code']; id: string; n: number }[]>(
      `with item as materialized (${items.sql}), found as (${sql})
       select code, id, n from (select code, id, count(*) over (partition by code)::int n, row_number() over (partition by code order by id) place
                                from found) numbered where place <= ${EXAMPLES} order by code, id`,
      [...items.parameters, ...more],
    );
  const found = [
    ...(await about(
      `select distinct 'payee-changed' code, i.id from item i join payments.payee_change c on c.client_id = i.client_id
       where c.changed_at > ${at(1)}::timestamptz - make_interval(days => ${PAYEE_IS_NEW_DAYS})`,
      context.now,
    )),
    ...(await about(
      `select 'account-of-' || case shared.with_whom when 'staff' then 'staff' else 'another-client' end code, i.id
       from pii.shared_accounts(array(select client_id from item)) shared join item i on i.client_id = shared.client_id`,
    )),
    ...(await about(
      // Which values are new is asked once and not of each item, however few the planner takes them for.
      `with used as materialized (
         select distinct coalesce(e.wage_rate_id, -e.decided_amount_id) as value, i.country from item i join payments.enrolment e on e.id = i.enrolment_id
       ), fresh as materialized (
         select used.value from used
         where exists (select from payments.attempt a join payments.obligation o on o.id = a.obligation_id
                       where o.country = used.country and a.instructed_on < ${at(1)}::date)
           and not exists (select from payments.enrolment e join payments.obligation o on o.enrolment_id = e.id join payments.attempt a on a.obligation_id = o.id
                           where coalesce(e.wage_rate_id, -e.decided_amount_id) = used.value))
       select 'new-value' code, i.id from item i join payments.enrolment e on e.id = i.enrolment_id
       where coalesce(e.wage_rate_id, -e.decided_amount_id) in (select value from fresh)`,
      context.today,
    )),
  ];
  const byCode = new Map<RunWarning['code'], RunWarning>();
  for (const { code, id, n } of found) {
    const warning = byCode.get(code) ?? { code, count: n, transfers: [] };
    warning.transfers.push(id);
    byCode.set(code, warning);
  }
  return [
    ...byCode.values(),
    ...(await shortFunds(manager, items, context)),
    ...(await fewApprovers(manager, context)),
    ...(await missingCalendars(manager, items, context)),
  ];
}

async function shortFunds(
  manager: EntityManager,
  items: Items,
  { today, toReserve }: { today: PlainDate; toReserve: ReadonlyMap<string, bigint> },
): Promise<RunWarning[]> {
  const rows = await manager.query<{ fund_id: string; fund: string; left: string; upcoming: string; count: number }[]>(
    `with item as materialized (${items.sql})
     select f.id fund_id, f.code fund, (b.credits_posted - b.debits_posted - b.debits_pending)::text "left", coming.upcoming::text, coming.count
     from payments.fund f
     join ledger.account a on a.fund_id = f.id and a.currency = f.currency and a.kind = 'fund' join ledger.balance b on b.account_id = a.id
     cross join lateral (select coalesce(sum(o.amount_minor), 0) upcoming, count(*)::int count from payments.obligation o
                         where o.fund_id = f.id and o.state in ('scheduled', 'on_hold') and o.due_on <= $${items.parameters.length + 1}
                           and not exists (select from payments.attempt t where t.obligation_id = o.id)
                           and not exists (select from item i where i.id = o.id)) coming
     where f.id in (select distinct fund_id from item) order by f.code`,
    [...items.parameters, addDays(today, LOOKS_AHEAD_DAYS)],
  );
  return rows
    .filter((row) => BigInt(row.left) - (toReserve.get(row.fund_id) ?? 0n) < BigInt(row.upcoming))
    .map(({ fund, count }) => ({ code: 'fund-short', fund, count, transfers: [] }));
}

/** So that a run does not wait for signatures that nobody can give. */
async function fewApprovers(manager: EntityManager, { approvals }: { approvals: number }): Promise<RunWarning[]> {
  const [people] = await manager.query<{ approvers: number }[]>(
    `select count(distinct u.id)::int approvers from access.app_user u join access.user_role r on r.user_id = u.id and r.role = 'finance-approver'
     where u.disabled_at is null and not exists (select from access.awaited_confirmation w where w.user_id = u.id)`,
  );
  const approvers = people?.approvers ?? 0;
  return approvers < approvals ? [{ code: 'too-few-approvers', count: approvals - approvers, transfers: [] }] : [];
}

/** Of countries for which nobody wrote down the holidays of a year in which they are paid; a week around New Year is in two years. */
async function missingCalendars(
  manager: EntityManager,
  items: Items,
  { today }: { today: PlainDate },
): Promise<RunWarning[]> {
  const rows = await manager.query<{ country: string; pays_on: PlainDate; count: number }[]>(
    `with item as (${items.sql})
     select country, greatest(due_on, $${items.parameters.length + 1}::date)::text pays_on, count(*)::int count from item
     group by country, pays_on order by country, pays_on`,
    [...items.parameters, today],
  );
  const missing = new Map<string, { code: 'calendar-missing'; country: string; year: number; count: number }>();
  for (const { country, pays_on: paysOn, count } of rows) {
    const days = [today, paysOn, addDays(paysOn, PAYS_WITHIN_DAYS)].filter((day) => !bankingDays.isKnown(country, day));
    for (const year of new Set(days.map((day) => Number(day.slice(0, 4))))) {
      const key = `${country} ${year}`;
      missing.set(key, { code: 'calendar-missing', country, year, count: count + (missing.get(key)?.count ?? 0) });
    }
  }
  return [...missing.values()].map((warning) => ({ ...warning, transfers: [] }));
}
