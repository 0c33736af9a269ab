/** Rows of the ledger as somebody with a superuser's session would write them, past the posting function. */
import pg from 'pg';
import type { EntryInput } from '../../src/ledger/domain/entry.js';
import { BOOKED_ON } from './books.js';

/** Inserts the rows in one transaction and commits it; refused rows leave nothing. Balances are not touched. */
export async function insertByHand(url: string, entries: readonly EntryInput[]): Promise<void> {
  await bySuperuser(url, entries, 'commit');
}

/** 'let in', or the SQLSTATE of the refusal: the deferred checks are made as at a commit, and all is undone. */
export async function tryByHand(url: string, entries: readonly EntryInput[]): Promise<string> {
  return bySuperuser(url, entries, 'rollback').then(
    () => 'let in',
    (error: unknown) => (error as { code: string }).code,
  );
}

async function bySuperuser(url: string, entries: readonly EntryInput[], end: 'commit' | 'rollback'): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('begin');
    for (const entry of entries) await client.query(INSERT, valuesOf(entry));
    if (end === 'rollback') await client.query('set constraints all immediate');
    await client.query(end);
  } finally {
    await client.end();
  }
}

const INSERT = `
  insert into ledger.entry (id, debit_id, credit_id, currency, amount_minor, phase, pending_id, kind, source_id, obligation_id, link_id,
                            exchange_rate_id, reverses_id, rail, booked_on, recorded_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '${BOOKED_ON}', now())`;

const valuesOf = (entry: EntryInput): unknown[] => [
  entry.id,
  entry.debitId,
  entry.creditId,
  entry.currency,
  entry.amountMinor.toString(),
  entry.phase,
  entry.pendingId,
  entry.kind,
  entry.sourceId,
  entry.obligationId,
  entry.linkId,
  entry.exchangeRateId,
  entry.reversesId,
  entry.rail,
];
