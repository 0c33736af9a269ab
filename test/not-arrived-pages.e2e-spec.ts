/** The page of payments that did not arrive: what was told of each, and who puts it back to be paid. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '../src/access/domain/actor.js';
import type { NewResult } from '../src/transfers/results.service.js';
import { Browser } from './support/browser.js';
import { newId } from './support/builders.js';
import { sql } from './support/database.js';
import { firstTransfer, instructedTransfer } from './support/runs.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-02';
let service: TestService;
let browsers: Record<'preparer' | 'approver' | 'auditor' | 'caseworker', Browser>;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  const at = async (email: string) => {
    const browser = new Browser(service);
    await browser.giveEmailAndPassword(`${email}@test.example`);
    return browser;
  };
  browsers = {
    preparer: await at('finance-preparer-1'),
    approver: await at('finance-approver-1'),
    auditor: await at('auditor-1'),
    caseworker: await at('caseworker-1'),
  };
});
afterAll(() => service.close());

const tell = (who: Role, run: string, result: NewResult) =>
  service
    .as(who)
    .post(`/api/v1/runs/${run}/results`, { results: [result] })
    .expect(200);

/** Cash that one person says was handed back. */
async function handedBack() {
  const made = await instructedTransfer(service, TODAY, { rail: 'cash' });
  await tell('finance-preparer', made.run.id, {
    transfer: made.transfer,
    outcome: 'failed',
    code: 'handed-back-to-till',
    reference: 'till slip 7',
  });
  return made;
}

/** What the page says of one transfer; undefined when it is not there. */
async function cardOf(who: Browser, transfer: string): Promise<string | undefined> {
  const { text } = await who.open('/not-arrived').expect(200);
  return text.split('class="govuk-summary-card"').find((part) => part.includes(`id="payment-${transfer}"`));
}
const putBack = (transfer: string) => `/not-arrived/${transfer}/put-back`;

describe('A payment that did not arrive', () => {
  it('is listed with who told it and by what, and counted on the start page', async () => {
    const { transfer, client, fund } = await handedBack();
    const card = await cardOf(browsers.auditor, transfer);
    for (const words of [
      client,
      fund,
      '4,707.00',
      'Not paid',
      'handed-back-to-till',
      'till slip 7',
      'finance-preparer 1',
    ])
      expect(card).toContain(words);
    expect(card).not.toContain('<form');
    for (const who of [browsers.preparer, browsers.auditor])
      expect((await who.open('/')).text).toMatch(/href="\/not-arrived">1 payment did not arrive/);
    expect((await browsers.preparer.open('/transfers')).text).toContain('href="/not-arrived"');
    await browsers.caseworker.open('/not-arrived').expect(403);
  });

  it('is put back by somebody else than who alone told of it, and is told why not', async () => {
    const { transfer, client } = await handedBack();
    const own = await cardOf(browsers.preparer, transfer);
    for (const words of ['You alone told that this payment did not arrive', 'reissue-other-person-needed'])
      expect(own).toContain(words);
    expect(own).not.toContain('<form');
    const { text } = await browsers.preparer.open('/not-arrived');
    const token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const refused = await browsers.preparer.post(putBack(transfer), { _csrf: token });
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('Code of the refusal: <span class="app-code">reissue-other-person-needed</span>');
    expect((await firstTransfer(service, client)).state).toBe('failed');

    const done = await browsers.approver.send('/not-arrived', putBack(transfer));
    expect([done.status, done.headers.location]).toEqual([303, '/not-arrived?done=put-back']);
    expect((await firstTransfer(service, client)).state).toBe('scheduled');
    expect(await cardOf(browsers.approver, transfer)).toBeUndefined();
    const again = await browsers.approver.post(putBack(transfer), { _csrf: await tokenOf(browsers.approver) });
    expect([again.status, again.text.includes('not-reissuable')]).toEqual([409, true]);
    await browsers.approver.post(putBack(newId()), { _csrf: await tokenOf(browsers.approver) }).expect(404);
    await browsers.auditor.post(putBack(transfer), { _csrf: await tokenOf(browsers.auditor) }).expect(403);
    const [kept] = await sql<{ by: string }>(
      service.db.url,
      'select u.display_name "by" from payments.reissue r join payments.attempt a on a.id = r.attempt_id join access.app_user u on u.id = r.reissued_by where a.obligation_id = $1',
      [transfer],
    );
    expect(kept?.by).toBe('finance-approver 1');
  });

  it('that two people found out about is put back by either, and says who they were', async () => {
    const { transfer, run } = await instructedTransfer(service, TODAY, { rail: 'manual' });
    await tell('finance-preparer', run.id, { transfer, outcome: 'unknown' });
    for (const who of ['finance-preparer', 'finance-releaser'] as const)
      await tell(who, run.id, { transfer, outcome: 'resolved-not-paid', reference: 'enquiry 1', happenedOn: TODAY });
    const card = await cardOf(browsers.preparer, transfer);
    expect(card).toMatch(/Found out: it did not arrive[\s\S]*finance-releaser 1/);
    expect(card).toContain('enquiry 1');
    const done = await browsers.preparer.send('/not-arrived', putBack(transfer));
    expect(done.status).toBe(303);
  });

  it('and whose client is erased is owed to nobody: it is neither listed nor counted', async () => {
    const counted = async () => {
      const { text } = await browsers.auditor.open('/').expect(200);
      return /href="\/not-arrived">(\d+) payment/.exec(text)?.[1];
    };
    const before = await counted();
    const { transfer, client } = await handedBack();
    expect(await counted()).not.toBe(before);
    await service.as('supervisor').delete(`/api/v1/clients/${client}`).expect(200);
    expect(await cardOf(browsers.auditor, transfer)).toBeUndefined();
    expect(await counted()).toBe(before);
  });

  it('is on the next page when there are many, and none is left out', async () => {
    const made: string[] = [];
    for (let count = 0; count < 26; count += 1) made.push((await handedBack()).transfer);
    const first = await browsers.auditor.open('/not-arrived');
    const next = /href="(\/not-arrived\?after=[^"]+)" rel="next"/.exec(first.text)?.[1] ?? '';
    const second = await browsers.auditor.open(next.replaceAll('&amp;', '&')).expect(200);
    const shown = `${first.text}${second.text}`;
    for (const transfer of made) expect(shown.split(`id="payment-${transfer}"`)).toHaveLength(2);
  });
});

async function tokenOf(who: Browser): Promise<string> {
  const { text } = await who.open('/account');
  return /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
}
