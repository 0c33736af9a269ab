/** Cash on pages, as finance and whoever carries it meet them: without scripts, from the till to the client and back, and a slip that says nothing of anybody. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Role } from '../src/access/domain/actor.js';
import { Browser, faultsOf } from './support/browser.js';
import { handOut, say, voucherFor, voucherOf, type CashPayment } from './support/cash.js';
import { brokenRules } from './support/runs.js';
import { startTestService, TEST_PASSWORD, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;
let finance: Browser;
let otherFinance: Browser;
let carrier: Browser;
let colleague: Browser;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  finance = await signedIn('finance-preparer');
  otherFinance = await signedIn('finance-approver');
  carrier = await signedIn('caseworker');
  colleague = await signedIn('caseworker', 2);
});
afterAll(async () => {
  expect(await brokenRules(service)).toEqual([]);
  await service.close();
});

async function signedIn(role: Role, number: 1 | 2 = 1): Promise<Browser> {
  const browser = new Browser(service);
  await browser.send('/sign-in', '/sign-in', { email: `${role}-${number}@test.example`, password: TEST_PASSWORD });
  return browser;
}

const stateOf = async (payment: CashPayment) => (await voucherOf(service, payment)).state;

describe('cash on pages', () => {
  it('goes from the till to whoever carries it, and to the client as a second person says', async () => {
    const payment = await voucherFor(service, TODAY, { name: 'Thiri Canary' });
    const { id, number } = payment.voucher;
    const missing = await finance.send('/cash', '/cash/hand-out', {});
    expect(missing.status).toBe(422);
    expect(faultsOf(missing)).toEqual([
      ['#voucher', 'Choose the envelopes that you hand out.'],
      ['#holder', 'Choose who carries them.'],
    ]);
    const holder = service.actor('caseworker').userId;
    const handed = await finance.send('/cash', '/cash/hand-out', { voucher: id, holder });
    expect([handed.status, handed.headers.location]).toEqual([303, '/cash?done=hand-out']);
    expect((await finance.open('/cash').expect(200)).text).toContain('Handed out, and not taken yet');
    expect((await carrier.send('/cash-i-carry', `/cash-i-carry/${id}/take`)).status).toBe(303);
    const carried = await carrier.open('/cash-i-carry').expect(200);
    expect(carried.text).toContain(number);
    expect(carried.text).toContain(`/clients/${payment.client}/contacts`);
    expect(carried.text).not.toMatch(/Thiri|Canary/);
    const second = service.actor('caseworker', 2).userId;
    const page = `/cash-i-carry/${id}/hand-over`;
    expect((await carrier.send('/cash-i-carry', page, { kind: 'witness', second: '' })).status).toBe(422);
    expect((await carrier.send('/cash-i-carry', page, { kind: 'witness', second })).status).toBe(303);
    expect(await stateOf(payment)).toBe('handed-over');
    expect((await colleague.send('/cash-i-carry', `/cash-i-carry/${id}/confirm`)).status).toBe(303);
    expect(await stateOf(payment)).toBe('acknowledged');
  });

  it('comes back: the holder offers it, and finance takes it in', async () => {
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment);
    const { id } = payment.voucher;
    const back = await carrier.send('/cash-i-carry', `/cash-i-carry/${id}/hand-in`, { because: 'not-collected' });
    expect(back.status).toBe(303);
    expect((await finance.open('/cash')).text).toContain('The client did not collect it');
    expect((await finance.send('/cash', `/cash/vouchers/${id}/take-in`)).status).toBe(303);
    expect(await stateOf(payment)).toBe('not-collected');
  });

  it('is brought back for somebody who cannot come by one person of finance, and taken in by another', async () => {
    const payment = await voucherFor(service, TODAY);
    await handOut(service, payment, 2);
    const { id } = payment.voucher;
    await finance.send('/cash', `/cash/vouchers/${id}/hand-in`, { because: 'made-good' });
    expect((await finance.send('/cash', `/cash/vouchers/${id}/take-in`)).status).toBe(422);
    expect((await otherFinance.send('/cash', `/cash/vouchers/${id}/take-in`)).status).toBe(303);
    expect(await stateOf(payment)).toBe('in-till');
    expect((await finance.send('/cash', `/cash/vouchers/${id}/not-collected`)).status).toBe(303);
    expect(await stateOf(payment)).toBe('not-collected');
  });

  it('stands on a slip with number, amount, notes and "Support 1/3", and nothing of the client or the programme', async () => {
    const payment = await voucherFor(service, TODAY, { name: 'Thiri Canary' });
    const { text } = await finance.open(`/vouchers/${payment.voucher.id}/slip`).expect(200);
    for (const part of [payment.voucher.number, '4,707.00', '4 × 1,000.00', 'Support 1/3'])
      expect(text).toContain(part);
    const withoutScreen = text.replaceAll(/<head>[\s\S]*<\/head>/g, '');
    expect(withoutScreen).not.toMatch(/Thiri|Canary|UCT|ledger|traffick|surviv|programme|fund-/i);
    expect(text).not.toContain(payment.client);
    expect(text).not.toMatch(/<title\s*>[^<]*(UCT|Ledger)/i);
    await handOut(service, payment);
    await say(service, payment, {}).expect(200);
  });

  it('is counted piece by piece, with what differs explained, and confirmed by another', async () => {
    const payment = await voucherFor(service, TODAY);
    const page = `/cash-counts/new?fund=${payment.fund}&currency=THB&holder=`;
    const wrong = await finance.send(page, '/cash-counts', { 'piece-1000.00': 'four' });
    expect(faultsOf(wrong)).toEqual([['#piece-1000.00', 'Give how many there are, in digits.']]);
    expect((await finance.send(page, '/cash-counts', { 'piece-1000.00': '4' })).status).toBe(422);
    const told = { 'piece-1000.00': '4', 'why-not-explained': '−707.00' };
    expect((await finance.send(page, '/cash-counts', told)).headers.location).toBe('/cash-counts');
    const listed = await otherFinance.open('/cash-counts').expect(200);
    expect(listed.text).toContain('Nobody can explain it');
    const action = /action="(\/cash-counts\/[^"]+\/confirm)"/.exec(listed.text)?.[1] ?? '';
    expect((await otherFinance.send('/cash-counts', action)).status).toBe(303);
    expect((await carrier.open(page)).status).toBe(404);
  });
});
