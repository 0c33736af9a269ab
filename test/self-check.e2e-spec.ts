/** The self-check holds entries against what caused them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from './support/database.js';
import { brokenRules, instructedTransfer, report } from './support/runs.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
const RULE = 'every entry has the cause that it names';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  const { transfer, run } = await instructedTransfer(service, TODAY);
  await report(service, run.id, { transfer, outcome: 'settled' });
}, 60_000);
afterAll(() => service.close());

describe('an entry', () => {
  it('of every kind has its cause when people made it', async () => {
    expect(await brokenRules(service)).toEqual([]);
  });

  it.each(["reference = 'another'", 'amount_minor = amount_minor + 1', "received_on = '2026-01-01'"])(
    'of a grant is found when its grant is changed: %s',
    async (change) => {
      await sql(
        service.db.url,
        `create table public.grants as table payments.grant_received; set session_replication_role = replica; update payments.grant_received set ${change}`,
      );
      expect(await brokenRules(service)).toContain(RULE);
      await sql(
        service.db.url,
        'set session_replication_role = replica; delete from payments.grant_received; insert into payments.grant_received select * from public.grants; drop table public.grants',
      );
      expect(await brokenRules(service)).toEqual([]);
    },
  );

  it.each(['grant', 'reserve', 'commit', 'instruct', 'settle'])(
    'of kind %s without its cause is found',
    async (kind) => {
      const change = (from: string, to: string) =>
        sql(
          service.db.url,
          `set session_replication_role = replica; update ledger.entry set source_id = ${to} where kind = '${kind}' and ${from}`,
        );
      const [entry] = await sql<{ source: string }>(
        service.db.url,
        'select source_id source from ledger.entry where kind = $1',
        [kind],
      );
      await change('true', 'gen_random_uuid()');
      expect(await brokenRules(service)).toContain(RULE);
      await change('true', `'${entry?.source}'`);
      expect(await brokenRules(service)).toEqual([]);
    },
  );
});
