/**
 * A process that does nothing but post: takes batches from its standard input, a line of JSON each, and says on its standard output what was
 * acknowledged. It holds one connection and makes another when that one is gone; a batch that failed is for its parent to send again.
 */
import { createInterface } from 'node:readline';
import pg from 'pg';
import { Clock } from '../../../dist/kernel/clock.js';
import { PostingService } from '../../../dist/ledger/posting.service.js';

const [, , url, day] = process.argv;
const posting = new PostingService(new Clock());
let client;

async function connected() {
  if (client) return client;
  const opened = new pg.Client({
    connectionString: url,
    options: '-c role=uct_service',
    connectionTimeoutMillis: 5_000,
  });
  opened.on('error', () => forget(opened));
  opened.on('end', () => forget(opened));
  await opened.connect();
  client = opened;
  return opened;
}

function forget(gone) {
  if (client === gone) client = undefined;
}

async function post(entries) {
  const own = await connected();
  const manager = { query: async (statement, parameters) => (await own.query(statement, parameters)).rows };
  try {
    await own.query('BEGIN');
    const results = await posting.post(manager, entries, day);
    await own.query('COMMIT');
    return results;
  } catch (error) {
    await own.query('ROLLBACK').catch(() => own.end().catch(() => undefined));
    throw error;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { batch, entries } = JSON.parse(line);
  for (const entry of entries) entry.amountMinor = BigInt(entry.amountMinor);
  const answer = await post(entries).then(
    (results) => ({ batch, results }),
    (error) => ({ batch, failed: error.code ?? 'connection', message: error.message }),
  );
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
