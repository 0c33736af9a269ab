/** A ledger for many small steps: one round trip posts a batch and reads every balance of the funds that it belongs to. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { rails } from '../../src/funds/rails.js';
import type { AccountKind, EntryInput, PostResult } from '../../src/ledger/domain/entry.js';
import { FundAccounts } from '../../src/ledger/posting.service.js';
import { PLACE_FOR_FUNDS, SOMEBODY } from './books.js';
import { createTestDatabase, sql } from './database.js';
import type { Rate } from './entries.js';
import { ledgerFaults } from './ledger-invariants.js';
import type { Purse } from './ledger-steps.js';
import { ModelLedger, type Ending } from './model-ledger.js';

/** Two funds of two currencies each, in a database where others have theirs, and the model of what they hold. */
export interface World {
  model: ModelLedger;
  purses: readonly Purse[];
  rates: readonly Rate[];
  /** The last day on which something was booked, counted from the first. */
  day: number;
  funds: readonly string[];
  /** What the model holds, as `post` tells what the database does. */
  balances(): string;
}

export interface ModelBooks {
  newWorld(): Promise<World>;
  post(items: readonly EntryInput[], day: string, world: World): Promise<Ending & { balances: string }>;
  closePeriod(fundId: string, through: string): Promise<void>;
  faults(): Promise<string[]>;
  close(): Promise<void>;
}

const HOLDERS = [randomUUID(), randomUUID()] as const;
const RATES: readonly Rate[] = [
  { id: randomUUID(), base: 'USD', quote: 'THB', rate: '35.1234567891' },
  { id: randomUUID(), base: 'THB', quote: 'USD', rate: '0.0284' },
  { id: randomUUID(), base: 'THB', quote: 'VND', rate: '712.35' },
  { id: randomUUID(), base: 'VND', quote: 'THB', rate: '0.0014' },
];
/** What each fund of a world holds money in. */
const CURRENCIES = [
  ['USD', 'THB'],
  ['THB', 'VND'],
] as const;

export async function openModelBooks(): Promise<ModelBooks> {
  const db = await createTestDatabase();
  await sql(db.url, PLACE_FOR_FUNDS);
  await sql(db.url, STEP_FUNCTIONS);
  for (const [index, holder] of HOLDERS.entries())
    await sql(db.url, "insert into access.app_user values ($1, $2, 'Holder', 'person', 'none', now())", [
      holder,
      `holder-${index}@example.org`,
    ]);
  for (const { id, base, quote, rate } of RATES)
    await sql(
      db.url,
      "insert into payments.exchange_rate values ($1, $2, $3, $4, current_date, 'the bank', $5, now())",
      [id, base, quote, rate, SOMEBODY],
    );
  const client = new pg.Client({
    connectionString: db.url,
    options: '-c role=uct_service -c synchronous_commit=off',
  });
  await client.connect();
  return {
    newWorld: () => newWorld(client),
    post: async (items, day, world) => {
      try {
        const { rows } = await client.query<{ exceptions: string; balances: string }>({
          name: 'step',
          text: STEP,
          values: [...columnsOf(items), day, world.funds],
        });
        const [row] = rows;
        return { results: resultsOf(items.length, row?.exceptions ?? ''), balances: row?.balances ?? '' };
      } catch (error) {
        const { rows } = await client.query<{ balances: string }>('select public.balances_of($1) balances', [
          world.funds,
        ]);
        return { refused: (error as { code: string }).code, balances: rows[0]?.balances ?? '' };
      }
    },
    closePeriod: async (fundId, through) => {
      await client.query('select public.close_books($1, $2)', [fundId, through]);
    },
    faults: () =>
      ledgerFaults(async (statement) => (await client.query<{ rule: string; broken_by: string }>(statement)).rows),
    close: async () => {
      await client.end();
      await db.drop();
    },
  };
}

async function newWorld(client: pg.Client): Promise<World> {
  const funds = CURRENCIES.map(() => randomUUID());
  const of = CURRENCIES.flatMap((currencies, index) => currencies.map((currency) => [funds[index], currency] as const));
  const { rows } = await client.query<{ id: string; fund_id: string; currency: string; kind: AccountKind; of: string }>(
    'select * from public.open_world($1, $2, $3, $4)',
    [of.map(([fund]) => fund), of.map(([, currency]) => currency), rails, HOLDERS],
  );
  const purses = of.map(([fund, currency]): Purse => {
    const own = rows.filter((row) => row.fund_id === fund && row.currency === currency);
    const ids = new Map(own.map((row) => [row.of ? `${row.kind}/${row.of}` : row.kind, row.id]));
    return { accounts: new FundAccounts(fund as string, currency, ids), holders: HOLDERS };
  });
  const model = new ModelLedger(
    rows.map(({ fund_id, ...account }) => ({ ...account, fundId: fund_id })),
    RATES,
  );
  return {
    model,
    purses,
    rates: RATES,
    day: 10,
    funds,
    balances: () =>
      [...model.held]
        .map(([id, held]) =>
          [id, held.debitsPosted, held.creditsPosted, held.debitsPending, held.creditsPending].join(' '),
        )
        .join('\n'),
  };
}

/** The parallel arrays that the posting function takes. */
function columnsOf(items: readonly EntryInput[]): unknown[] {
  const all = (pick: (item: EntryInput) => unknown) => items.map(pick);
  const sparse = (pick: (item: EntryInput) => unknown) =>
    items.some((item) => pick(item) != null) ? items.map((item) => pick(item) ?? null) : [];
  return [
    all((item) => item.id),
    all((item) => item.debitId),
    all((item) => item.creditId),
    all((item) => item.currency),
    all((item) => item.amountMinor.toString()),
    all((item) => item.phase),
    all((item) => item.kind),
    all((item) => item.sourceId),
    sparse((item) => item.pendingId),
    sparse((item) => item.obligationId),
    sparse((item) => item.linkId),
    sparse((item) => item.exchangeRateId),
    sparse((item) => item.reversesId),
    sparse((item) => item.rail),
  ];
}

function resultsOf(count: number, exceptions: string): PostResult[] {
  const results = Array.from({ length: count }, (): PostResult => 'created');
  for (const one of exceptions.split(',').filter(Boolean)) {
    const [place, result] = one.split(':');
    results[Number(place) - 1] = result as PostResult;
  }
  return results;
}

const STEP = 'select * from public.step($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)';

const STEP_FUNCTIONS = `
  create function public.balances_of(funds uuid[]) returns text language sql stable as $$
    select string_agg(concat_ws(' ', account_id, debits_posted, credits_posted, debits_pending, credits_pending), E'\\n' order by account_id)
    from ledger.balance where account_id in (select id from ledger.account where fund_id = any (funds));
  $$;
  create function public.step(ids uuid[], debits bigint[], credits bigint[], currencies text[], amounts bigint[], phases text[], kinds text[],
                              sources uuid[], pendings uuid[], obligations uuid[], links uuid[], rates uuid[], reversed uuid[], rails text[],
                              day date, funds uuid[], out exceptions text, out balances text) language plpgsql as $$
  begin
    exceptions := (select string_agg(item || ':' || result, ',') from ledger.post_entries(ids, debits, credits, currencies, amounts, phases, kinds,
      sources, day, now(), pendings, obligations, links, rates, reversed, rails, '{}', '{}'));
    balances := public.balances_of(funds);
  end $$;
  create function public.close_books(fund uuid, day date) returns void language sql security definer as $$
    insert into ledger.period_closing values (fund, day, now()) on conflict do nothing;
  $$;
  create function public.open_world(of_fund uuid[], currencies text[], rails text[], holders uuid[])
  returns table (id text, fund_id uuid, currency text, kind text, "of" text) language plpgsql as $$
  begin
    insert into payments.fund (id, donor_id, code, name, currency, opened_at)
    select distinct on (f) f, d.id, 'fund-' || f, 'Fund', c, now() from unnest(of_fund, currencies) o(f, c), payments.donor d;
    perform ledger.open_account(f, c, k.kind, k.rail, k.holder)
    from unnest(of_fund, currencies) o(f, c)
    cross join (select unnest(array['bank', 'fund', 'committed', 'paid', 'returned', 'exchange']) kind, '' rail, null::uuid holder
                union all select 'clearing', unnest(rails), null union all select 'float', '', unnest(holders)) k;
    return query select a.id::text, a.fund_id, a.currency, a.kind, coalesce(a.holder_id::text, a.rail)
                 from ledger.account a where a.fund_id = any (of_fund) order by a.id;
  end $$;`;
