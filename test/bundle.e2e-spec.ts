/** The bundle of a report as the real service writes it, checked as its donor and an auditor check it. */
import { operatorActor } from '../src/access/domain/actor.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DonorReportsService } from '../src/donor-reports/donor-reports.service.js';
import { FundsService } from '../src/funds/funds.service.js';
import { checkBundle } from '../src/ledger/transparency-log/domain/bundle-check.js';
import type { Bundle } from '../src/ledger/transparency-log/domain/bundle.js';
import { leafData } from '../src/ledger/transparency-log/domain/leaf-format.js';
import { leafHash } from '../src/ledger/transparency-log/domain/merkle-hash.js';
import { nodePrimitives } from '../src/ledger/transparency-log/domain/node-primitives.js';
import { startWitness, type RunningWitness } from '../src/ledger/transparency-log/witness/witness-server.js';
import { createTestDatabase, sql, type TestDatabase } from './support/database.js';
import { openLog, type TestLog } from './support/log.js';
import { travel } from './support/service.js';

const ORIGIN = 'log.test.example';
let folder: string;
let db: TestDatabase;
let witnesses: RunningWitness[];
let log: TestLog;
let logKey: string;
const reports: { id: string; period: string }[] = [];
let identity: { client: string; transfer: string };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'uct-bundle-'));
  db = await createTestDatabase();
  const probe = await openLog({ db, log: { origin: ORIGIN } });
  logKey = await probe.vkey();
  await probe.close();
  witnesses = await Promise.all(
    ['one', 'two'].map((name) =>
      startWitness({
        dir: join(folder, name),
        name: `witness.${name}`,
        logs: [logKey],
        host: '127.0.0.1',
        port: 0,
        now: () => 1_770_000_000,
        warn: () => undefined,
      }),
    ),
  );
  log = await openLog({ db, log: { origin: ORIGIN, witnesses: witnesses.map(({ vkey, url }) => ({ vkey, url })) } });
  identity = await log.paidTransfer();
  await log.grants(40);
  await log.publishNextDay();
  await goTo('2026-04-01');
  await goTo('2026-04-02');
  await log.grants(5, '2026-04-02');
  await goTo('2026-07-02');
  await goTo('2026-07-03');
  travel(log.service, '2026-07-04');
  const preparer = log.service.actor('finance-preparer');
  for (const period of ['2026-Q1', '2026-Q2']) {
    const { report } = await log.service.app.get(DonorReportsService).make(preparer, { fund: log.fund.fundId, period });
    reports.push({ id: report.id, period });
  }
  travel(log.service, '2026-01-05');
}, 120_000);
afterAll(async () => {
  await log.close();
  await Promise.all(witnesses.map((witness) => witness.close()));
  await db.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function goTo(day: string): Promise<void> {
  const days = Math.round((Date.parse(`${day}T08:00:00Z`) - Date.parse('2026-01-05T08:00:00Z')) / 86_400_000);
  while (log.day() < days) log.nextDay();
  await log.publish();
}

const bundleOf = async (period: string, role: 'donor' | 'auditor') => {
  const report = reports.find((one) => one.period === period);
  const path = `/api/v1/donor-reports/${report?.id}/bundle${role === 'auditor' ? '?for=auditor' : ''}`;
  return (await log.service.as(role).get(path).expect(200)).body as Bundle;
};
const check = (bundle: Bundle, options: Parameters<typeof checkBundle>[2] = {}) =>
  checkBundle(nodePrimitives, JSON.stringify(bundle), {
    logKey,
    witnessKeys: witnesses.map((witness) => witness.vkey),
    ...options,
  });

describe('a bundle', () => {
  beforeAll(async () => {
    // The donor's own people see its reports.
    const [donor] = await sql<{ name: string }>(
      db.url,
      'select d.name from payments.donor d join payments.fund f on f.donor_id = d.id where f.id = $1',
      [log.fund.fundId],
    );
    await log.service.app
      .get(FundsService)
      .addDonorMember(operatorActor('test'), donor?.name ?? '', log.service.actor('donor').userId);
  });

  it.each(['donor', 'auditor'] as const)('for a %s holds in every step, for each quarter', async (role) => {
    for (const { period } of reports) {
      const findings = await check(await bundleOf(period, role));
      expect({ period, broken: findings.steps.filter((step) => step.holds === false) }).toEqual({ period, broken: [] });
      expect(findings.holds).toBe(true);
    }
  });

  it('continues the checkpoint of the one before', async () => {
    const [first, second] = [await bundleOf('2026-Q1', 'donor'), await bundleOf('2026-Q2', 'donor')];
    expect(first.previous).toBeNull();
    expect(second.previous?.checkpoint).toBe(first.checkpoint);
    expect((await check(second, { earlier: first.checkpoint })).holds).toBe(true);
  });

  it('asked for again is the same, word for word', async () => {
    expect(await bundleOf('2026-Q1', 'donor')).toEqual(await bundleOf('2026-Q1', 'donor'));
  });

  it('tells a donor the sums of the report and nothing of a payment', async () => {
    const bundle = await bundleOf('2026-Q1', 'donor');
    const text = JSON.stringify(bundle);
    expect(bundle.entries).toBeUndefined();
    expect(bundle.seal.auditor).toBeUndefined();
    const [entry] = await sql<{ ids: string[] }>(
      db.url,
      'select array_agg(id::text) || array_agg(source_id::text) || array_agg(distinct obligation_id::text) ids from ledger.entry',
    );
    for (const id of [...(entry?.ids ?? []), identity.client, identity.transfer].filter(Boolean))
      expect(text).not.toContain(id);
    expect(JSON.parse(bundle.seal.donor.text).sums.THB).toMatchObject({ paid: '470700' });
  });

  it('tells an auditor every entry, and of none whom it was for', async () => {
    const bundle = await bundleOf('2026-Q1', 'auditor');
    const text = JSON.stringify(bundle);
    const [counted] = await sql<{ n: number }>(
      db.url,
      "select count(*)::int n from ledger.entry e join ledger.account a on a.id = e.debit_id where a.fund_id = $1 and e.booked_on < '2026-04-01'",
      [log.fund.fundId],
    );
    expect(bundle.entries).toHaveLength(counted?.n ?? -1);
    expect(text).not.toContain(identity.transfer);
    expect(text).not.toContain(identity.client);
  });

  it('is for those who may see the report; an auditor’s for auditors', async () => {
    const path = `/api/v1/donor-reports/${reports[0]?.id}/bundle`;
    await log.service.as('donor', 2).get(path).expect(404);
    await log.service.as('caseworker').get(path).expect(403);
    await log.service.as('donor').get(`${path}?for=auditor`).expect(403);
    await log.service.as('supervisor').get(`${path}?for=auditor`).expect(403);
    await log.service.as('donor').get(`${path}?for=everybody`).expect(422);
    const kept = await sql<{ detail: { for: string } }>(
      db.url,
      "select detail from access.audit_event where act = 'report.export'",
    );
    expect(kept.length).toBeGreaterThan(0);
  });

  it('does not hold against other keys, too many witnesses wanted, or a changed sum', async () => {
    const bundle = await bundleOf('2026-Q1', 'donor');
    expect((await check(bundle, { witnessKeys: [witnesses[0]?.vkey ?? ''] })).holds).toBe(false);
    expect((await check(bundle, { quorum: 3 })).holds).toBe(false);
    const changed = structuredClone(bundle);
    changed.seal.donor.text = changed.seal.donor.text.replace('470700', '570700');
    expect((await check(changed)).holds).toBe(false);
  });

  it('asked for by more at once than the pool has connections is answered to all of them', async () => {
    const path = `/api/v1/donor-reports/${reports[0]?.id}/bundle`;
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, k) =>
        log.service.as(k % 2 ? 'donor' : 'auditor').get(k % 2 ? path : `${path}?for=auditor`),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    await log.service.anybody().get('/api/v1/ledger/checkpoint').expect(200);
  });

  it('does not let its donor find the fund’s leaves among those that everybody can read', async () => {
    const { text } = (await bundleOf('2026-Q2', 'donor')).seal.donor;
    const { digest } = JSON.parse(text) as { digest: string };
    const rows = await sql<{ commitments: Buffer }>(
      db.url,
      `select l.commitments from ledger.leaf l join ledger.entry e on e.seq = l.entry_seq join ledger.account a on a.id = e.debit_id
       where a.fund_id = $1 and e.booked_on > '2026-03-31' order by l.log_index`,
      [log.fund.fundId],
    );
    const leaves = Buffer.concat(rows.map(({ commitments }) => leafHash(leafData(commitments))));
    const inner = createHash('sha256').update(leaves).digest();
    expect([inner, createHash('sha256').update(inner).digest()].map((one) => one.toString('hex'))).not.toContain(
      digest,
    );
    const { digestSalt } = JSON.parse((await bundleOf('2026-Q2', 'auditor')).seal.auditor?.text ?? '{}') as {
      digestSalt: string;
    };
    expect(createHash('sha256').update(Buffer.from(digestSalt, 'hex')).update(inner).digest('hex')).toBe(digest);
    expect(JSON.stringify(await bundleOf('2026-Q2', 'donor'))).not.toContain(digestSalt);
  });

  it('cannot be had before its quarter is sealed', async () => {
    travel(log.service, '2026-10-02');
    const { report } = await log.service.app
      .get(DonorReportsService)
      .make(log.service.actor('finance-preparer'), { fund: log.fund.fundId, period: '2026-Q3' });
    travel(log.service, '2026-01-05');
    const answer = await log.service.as('donor').get(`/api/v1/donor-reports/${report.id}/bundle`).expect(409);
    expect(answer.body).toMatchObject({ code: 'not-sealed-yet' });
  });
});
