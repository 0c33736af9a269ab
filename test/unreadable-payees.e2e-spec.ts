/** Somebody whose identity cannot be opened holds up their own payment and nobody else's, is shown, and is tried again. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bankPayee, makeFiles, releasedForBank, takeFile } from './support/bank-files.js';
import { Browser } from './support/browser.js';
import { enrolClient, newId, openFund, releaseRun } from './support/builders.js';
import * as damaged from './support/damaged.js';
import { sql } from './support/database.js';
import { learnt, startPayingService, TODAY, WALLET, type PayingService } from './support/mobile-money.js';
import { brokenRules, callOffWhatIsDue, refusal } from './support/runs.js';
import { travel } from './support/service.js';

let paying: PayingService;

beforeAll(async () => {
  paying = await startPayingService();
});
afterAll(() => paying.close());
afterEach(async () => {
  travel(paying.service, TODAY);
  await callOffWhatIsDue(paying.service);
});

const damage = (client: string) => damaged.damage(paying.service, client);
const listed = async () =>
  (
    (await paying.service.as('finance-preparer').get('/api/v1/unreadable-payees').expect(200)).body as {
      items: { id: string; client: string; reason: string; nextAt: string }[];
    }
  ).items;
const audited = async (transfer: string) =>
  (
    await sql<{ n: number }>(
      paying.service.db.url,
      `select count(*)::int n from access.audit_event where act = 'transfer.payee-unreadable' and subject_id = $1`,
      [transfer],
    )
  )[0]?.n;
const minutesLater = (minutes: number) =>
  paying.service.clock.travelTo(new Date(paying.service.clock.now().getTime() + minutes * 60_000));

/** So many instructed together in one run. */
async function instructedTogether(count: number) {
  const { service, operator } = paying;
  const fund = await openFund(service);
  const clients: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const payee = { ...WALLET, account: `09 777 ${String(100_000 + Math.floor(Math.random() * 899_999))}` };
    clients.push((await enrolClient(service, fund, TODAY, { rail: 'mobile-money', payee })).client);
  }
  const run = await releaseRun(service, TODAY);
  const rows = await sql<{ id: string; transfer: string; client: string }>(
    service.db.url,
    `select a.id, o.id transfer, c.code client from payments.attempt a join payments.obligation o on o.id = a.obligation_id
     join casework.client c on c.id = o.client_id where a.run_id = $1`,
    [run.id],
  );
  for (const { id } of rows) operator.plan(id, { mode: 'accept-now' });
  return clients.map((client) => rows.find((row) => row.client === client) ?? { id: '', transfer: '', client });
}

describe('by mobile money', () => {
  it.each([
    ['whose identity was damaged', 'does-not-open'],
    ['whose key nobody has', 'key-unavailable'],
  ] as const)('somebody %s waits alone, and is paid once that is mended', async (_, reason) => {
    const [one, two, three] = await instructedTogether(3);
    if (!one || !two || !three) throw new Error('three were instructed');
    if (reason === 'does-not-open') await damage(two.client);
    else await damaged.hideKey(paying.service, two.client);
    expect(await paying.send()).toBe(2);
    for (const { id } of [one, three]) expect((await learnt(paying.service, id)).state).toBe('settled');
    expect(await learnt(paying.service, two.id)).toEqual({ state: 'instructed', evidence: [] });
    expect(await listed()).toMatchObject([{ id: two.id, client: two.client, reason }]);
    expect(await audited(two.transfer)).toBe(1);
    expect(await paying.send()).toBe(0);
    expect(await audited(two.transfer)).toBe(1);
    minutesLater(16);
    expect(await paying.send()).toBe(0);
    expect(await audited(two.transfer)).toBe(2);
    expect(await listed()).toMatchObject([
      { nextAt: new Date(paying.service.clock.now().getTime() + 30 * 60_000).toISOString() },
    ]);
    if (reason === 'does-not-open') await damage(two.client);
    else await damaged.bringKeyBack(paying.service, two.client);
    minutesLater(31);
    expect(await paying.send()).toBe(1);
    expect((await learnt(paying.service, two.id)).state).toBe('settled');
    expect(await listed()).toEqual([]);
    expect(await brokenRules(paying.service)).toEqual([]);
  });

  it('more of them than are sent at once hold up nobody who comes after', async () => {
    const all = await instructedTogether(10);
    const last = all.toSorted((a, b) => (a.id < b.id ? -1 : 1)).at(-1);
    for (const { client } of all.filter((one) => one !== last)) await damage(client);
    expect(await paying.send()).toBe(1);
    expect((await learnt(paying.service, last?.id ?? '')).state).toBe('settled');
    const waiting = await listed();
    expect(waiting).toHaveLength(9);
    for (const { client } of waiting) await damage(client);
    minutesLater(16);
    expect(await paying.send()).toBe(9);
  });

  it('finance sees it when they sign in, and which it is', async () => {
    const [one] = await instructedTogether(1);
    await damage(one?.client ?? '');
    await paying.send();
    const browser = new Browser(paying.service);
    await browser.giveEmailAndPassword('finance-preparer-1@test.example');
    expect((await browser.open('/')).text).toContain('Of 1 payment nobody can read whom it goes to.');
    const { text } = await browser.open('/unknown-payments');
    expect(text).toContain(one?.client);
    expect(text).toContain('what is on record was damaged');
    await damage(one?.client ?? '');
    minutesLater(16);
    expect(await paying.send()).toBe(1);
  });

  it.each([
    ['whose identity was damaged', damaged.damage, damaged.damage, 'Record it anew under'],
    ['whose key nobody had', damaged.hideKey, damaged.bringKeyBack, 'could not be read.'],
  ])('the caseworker of somebody %s is not told that it is on its way', async (_, harm, mend, advice) => {
    const [one] = await instructedTogether(1);
    const browser = new Browser(paying.service);
    await browser.giveEmailAndPassword('caseworker-1@test.example');
    const transfers = async () =>
      (await browser.open(`/clients/${one?.client}`)).text.split('<ol class="app-timeline">')[1];
    await harm(paying.service, one?.client ?? '');
    await paying.send();
    await mend(paying.service, one?.client ?? '');
    expect(await transfers()).toContain('Not sent yet: ');
    expect(await transfers()).toContain(advice);
    expect(await transfers()).not.toContain('On its way');
    minutesLater(16);
    expect(await paying.send()).toBe(1);
    expect((await learnt(paying.service, one?.id ?? '')).state).toBe('settled');
    expect(await transfers()).toMatch(/Paid on .+, by mobile money\./);
  });
});

describe('by a bank’s file', () => {
  it('somebody who cannot be read stands in the next file, and the others in this one', async () => {
    const { service } = paying;
    const { run, paid } = await releasedForBank(service, TODAY, [{}, { payee: bankPayee('77') }, {}]);
    const [, second] = paid;
    await damage(second?.client ?? '');
    const made = await makeFiles(service, run);
    expect(made).toMatchObject({ items: [{ count: 2 }], leftOut: [], waiting: [{ count: 1 }] });
    expect(made.unreadable).toMatchObject([{ transfer: second?.transfer, reason: 'does-not-open' }]);
    expect(made.unreadable[0]?.reference).toMatch(/^[0-9a-f]{32}$/);
    const browser = new Browser(service);
    await browser.giveEmailAndPassword('finance-releaser-1@test.example');
    expect((await browser.open(`/runs/${run.id}`)).text).toContain(made.unreadable[0]?.reference);
    await damage(second?.client ?? '');
    const again = await makeFiles(service, run);
    expect(again).toMatchObject({ items: [{ count: 2 }, { count: 1 }], waiting: [], unreadable: [] });
    await service
      .as('finance-releaser')
      .post(`/api/v1/runs/${run.id}/bank-files`)
      .set('idempotency-key', newId())
      .expect(200);
    expect(await brokenRules(service)).toEqual([]);
  });

  it('a file with somebody who cannot be read any more is not handed out, and is made anew without them', async () => {
    const { service } = paying;
    const { run, paid } = await releasedForBank(service, TODAY, [{}, { payee: bankPayee('78') }]);
    const [file] = (await makeFiles(service, run)).items;
    await damage(paid[1]?.client ?? '');
    expect(refusal(await takeFile(service, file ?? { id: '' }))).toEqual({
      status: 409,
      code: 'file-cannot-be-made-again',
    });
    await service
      .as('finance-releaser')
      .post(`/api/v1/bank-files/${file?.id}/abandonment`, { reason: 'cannot-be-read' })
      .expect(200);
    const { items, unreadable } = await makeFiles(service, run);
    expect([items.at(-1)?.count, unreadable.length]).toEqual([1, 1]);
    await takeFile(service, items.at(-1) ?? { id: '' }).expect(200);
    await damage(paid[1]?.client ?? '');
  });

  it('a file of which a key is not to be had at the moment is the one that was made, and is taken later', async () => {
    const { service } = paying;
    const { run, paid } = await releasedForBank(service, TODAY, [{}, { payee: bankPayee('79') }]);
    const [file] = (await makeFiles(service, run)).items;
    await damaged.hideKey(service, paid[1]?.client ?? '');
    const answer = await takeFile(service, file ?? { id: '' });
    expect(refusal(answer)).toEqual({ status: 503, code: 'keys-unavailable' });
    expect(answer.headers['retry-after']).toBe('60');
    const differing = await sql(
      service.db.url,
      `select from access.audit_event where act = 'bank-file.differ' and subject_id = $1`,
      [file?.id],
    );
    expect(differing).toEqual([]);
    await damaged.bringKeyBack(service, paid[1]?.client ?? '');
    await takeFile(service, file ?? { id: '' }).expect(200);
  });
});
