/** The pages by which two people ask an operator to take a payment back, sent as a browser sends them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser, faultsOf, titleOf } from './support/browser.js';
import { newId } from './support/builders.js';
import { startPayingService, stateOf, type Instructed, type PayingService } from './support/mobile-money.js';

let paying: PayingService;
let browsers: Record<'preparer' | 'approver' | 'releaser' | 'auditor' | 'caseworker', Browser>;

beforeAll(async () => {
  paying = await startPayingService();
  const at = async (email: string) => {
    const browser = new Browser(paying.service);
    await browser.giveEmailAndPassword(`${email}@test.example`);
    return browser;
  };
  browsers = {
    preparer: await at('finance-preparer-1'),
    approver: await at('finance-approver-1'),
    releaser: await at('finance-releaser-1'),
    auditor: await at('auditor-1'),
    caseworker: await at('caseworker-1'),
  };
});
afterAll(() => paying.close());

const received = () => paying.operator.heard.filter(({ path }) => path.endsWith('/reversals')).length;
const formOf = ({ transfer }: Instructed) => `/reversals/new?transfer=${transfer}&attempt=1`;
async function arrived(): Promise<Instructed> {
  const made = await paying.instructed({ mode: 'accept-now' });
  await paying.send();
  paying.operator.heard.length = 0;
  return made;
}
const ask = (payment: Instructed, change: object = {}) =>
  browsers.preparer.send(formOf(payment), '/reversals', { reason: 'wrong-account', ...change });
/** The address by which the second person confirms what waits. */
async function confirmation(): Promise<string> {
  const { text } = await browsers.approver.open('/reversals').expect(200);
  return /action="(\/reversals\/[0-9a-f-]{36}\/confirmation)"/.exec(text)?.[1] ?? '';
}

describe('taking a payment back', () => {
  it('is offered where a payment of mobile money is shown that arrived, to finance', async () => {
    const payment = await arrived();
    const link = formOf(payment).replace('&', '&amp;');
    for (const page of [`/runs/${payment.run}`, `/transfers?client=${payment.client}`]) {
      expect((await browsers.preparer.open(page).expect(200)).text).toContain(`href="${link}"`);
      expect((await browsers.auditor.open(page).expect(200)).text).not.toContain('/reversals/new');
    }
    const sent = await paying.instructed({ mode: 'accept-later' });
    await paying.send();
    expect((await browsers.preparer.open(`/runs/${sent.run}`).expect(200)).text).not.toContain('/reversals/new');
    await browsers.preparer.open(formOf(sent)).expect(404);
    await browsers.preparer.open('/reversals/new?transfer=x&attempt=1').expect(404);
    await browsers.auditor.open(formOf(payment)).expect(403);
    await browsers.caseworker.open('/reversals').expect(403);
  });

  it('takes one of the reasons of the API, and says so where none was chosen', async () => {
    const payment = await arrived();
    const none = await ask(payment, { reason: 'no-receipts' });
    expect([none.status, faultsOf(none)]).toEqual([422, [['#reason', 'Choose why it is taken back.']]]);
    expect(titleOf(none)).toMatch(/^Error: Take a payment back/);
    expect((await browsers.auditor.open('/reversals')).text).toContain('No payment was asked to be taken back.');
  });

  it('waits for a second person, is sent once, and says what the operator said', async () => {
    const payment = await arrived();
    const id = newId();
    paying.operator.plan(id, { mode: 'accept-later' });
    for (let times = 0; times < 2; times += 1) {
      const answer = await ask(payment, { id });
      expect([answer.status, answer.headers.location]).toEqual([303, '/reversals?done=ask']);
    }
    const own = await browsers.preparer.open('/reversals').expect(200);
    for (const words of [payment.client, 'it went to a wrong account', 'You asked for it', 'finance-preparer 1'])
      expect(own.text).toContain(words);
    expect(own.text).toContain(payment.attempt.replaceAll('-', ''));
    expect(own.text).not.toContain('/confirmation"');
    expect((await browsers.approver.open('/')).text).toContain('1 payment to be taken back waits');
    expect((await browsers.preparer.open('/')).text).not.toContain('to be taken back waits');
    const path = await confirmation();
    const token = /name="_csrf" value="([^"]+)"/.exec(own.text)?.[1] ?? '';
    const alone = await browsers.preparer.post(path, { _csrf: token });
    expect(alone.status).toBe(422);
    expect(alone.text).toContain('You asked for it. Somebody else says the same before it is sent.');
    expect(received()).toBe(0);

    for (const who of ['approver', 'releaser'] as const) {
      const confirmToken = /name="_csrf" value="([^"]+)"/.exec((await browsers[who].open('/reversals')).text)?.[1];
      const answer = await browsers[who].post(path, { _csrf: confirmToken ?? '' });
      expect(answer.headers.location).toBe('/reversals?done=confirm');
    }
    expect(received()).toBe(1);
    const asked = (await browsers.auditor.open('/reversals')).text;
    for (const words of ['asked', 'is at it', 'finance-approver 1']) expect(asked).toContain(words);
    paying.daysLater(1);
    await paying.askAfter(0);
    expect(await stateOf(paying.service, payment.attempt)).toBe('reversed');
    paying.daysLater(0);
  });

  it('says what stands in its way', async () => {
    const payment = await arrived();
    const id = newId();
    paying.operator.plan(id, { mode: 'accept-later' });
    await ask(payment, { id });
    const path = await confirmation();
    await browsers.approver.send('/reversals', path);
    const again = await ask(payment);
    expect([again.status, faultsOf(again)]).toEqual([
      409,
      [['#attempt', 'The operator was asked to take this payment back, and that is not over.']],
    ]);
    const { text } = await browsers.approver.open(formOf(await arrived()));
    const token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
    await browsers.approver.post(`/reversals/${newId()}/confirmation`, { _csrf: token }).expect(404);
  });
});
