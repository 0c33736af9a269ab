/** The pages for the accounts that payments leave from, balances of statements, exchange rates, wages, and what funds do when wages rise: sent as a browser sends them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { MonthEnd } from '../src/transfers/reconciliation/month-end.service.js';
import { openPayingAccount, PAIN001 } from './support/bank-files.js';
import { openFund } from './support/builders.js';
import { Browser, faultsOf, titleOf } from './support/browser.js';
import { sql } from './support/database.js';
import { openFundIn } from './support/funds.js';
import { startTestService, type TestService } from './support/service.js';

const TODAY = '2026-03-31';
let service: TestService;
let fund: string;
let browsers: Record<'preparer' | 'approver' | 'releaser' | 'auditor' | 'caseworker', Browser>;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  fund = await openFund(service);
  const at = async (email: string) => {
    const browser = new Browser(service);
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
afterAll(() => service.close());

describe('the page of paying accounts', () => {
  const typed = {
    code: 'lotus-thb',
    name: 'Hill and River',
    bank: 'Lotus Bank',
    bankCode: 'KASITHBK',
    accountKind: 'bban',
    account: '9990001112',
    currency: 'THB',
    country: 'TH',
    layout: PAIN001,
  };
  const accounts = () =>
    sql<{ code: string }>(service.db.url, 'select code from payments.paying_account order by code');
  const open = (change: object = {}) =>
    browsers.preparer.send('/paying-accounts', '/paying-accounts', { ...typed, funds: fund, ...change });

  it('says what is wrong with each field by the rules of the API, and loses nothing that was typed', async () => {
    const nothing = await browsers.preparer.send('/paying-accounts', '/paying-accounts');
    expect(nothing.status).toBe(422);
    expect(titleOf(nothing)).toMatch(/^Error: Paying accounts/);
    expect(faultsOf(nothing).map(([href]) => href)).toEqual(
      ['code', 'name', 'bank', 'bankCode', 'account', 'accountKind', 'currency', 'country', 'layout'].map(
        (name) => `#${name}`,
      ),
    );
    const wrong = await open({ code: 'Lotus THB', bankCode: 'kasi', account: '999-000' });
    expect(faultsOf(wrong).map(([href]) => href)).toEqual(['#code', '#bankCode', '#account']);
    for (const kept of ['value="Lotus THB"', 'value="kasi"', 'value="999-000"', 'value="Hill and River"'])
      expect(wrong.text).toContain(kept);
    expect(wrong.text).toMatch(new RegExp(`value="${fund}" checked`));
    expect(wrong.text).toMatch(/<option value="TH" selected>/);
    const revealing = await open({ name: 'Survivors of trafficking' });
    expect(faultsOf(revealing)).toEqual([['#name', expect.stringContaining('must not say what the programme is')]]);
    const foreign = await open({ currency: 'VND' });
    expect(faultsOf(foreign)).toEqual([['#funds', `The fund ${fund} holds no VND.`]]);
    expect(await accounts()).toEqual([]);
  });

  it('opens one, once however often the form is sent, and ties its funds', async () => {
    const page = await browsers.preparer.open('/paying-accounts').expect(200);
    const id = /name="id" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    for (const answer of [await open({ id }), await open({ id })])
      expect([answer.status, answer.headers.location]).toEqual([303, '/paying-accounts?done=open']);
    expect(await accounts()).toEqual([{ code: 'lotus-thb' }]);
    const shown = await browsers.auditor.open('/paying-accounts?done=open').expect(200);
    for (const words of ['Hill and River, Lotus Bank', '9990001112', fund, 'Thailand', 'Payment file of ISO 20022'])
      expect(shown.text).toContain(words);
    expect(shown.text).not.toContain('<form action="/paying-accounts');
  });

  it('lets the payments of another fund leave from an account', async () => {
    const other = await openFundIn(service, 'THB');
    const dollars = await openFundIn(service, 'USD');
    const { text } = await browsers.releaser.open('/paying-accounts').expect(200);
    const path = /action="(\/paying-accounts\/[0-9a-f-]{36}\/funds)"/.exec(text)?.[1] ?? '';
    const offered = text.slice(text.indexOf(path), text.indexOf('</form>', text.indexOf(path)));
    expect(offered).toContain(`value="${other.code}"`);
    expect(offered).not.toContain(`value="${dollars.code}"`);
    const none = await browsers.releaser.send('/paying-accounts', path);
    expect(faultsOf(none)).toEqual([[`#fund-${path.split('/')[2]}`, 'Choose the fund.']]);
    const tied = await browsers.releaser.send('/paying-accounts', path, { fund: other.code });
    expect(tied.headers.location).toBe('/paying-accounts?done=tie');
    expect((await browsers.auditor.open('/paying-accounts')).text).toContain([fund, other.code].sort().join(', '));
  });

  it('is for finance and auditors, and written by whoever may write funds', async () => {
    await browsers.caseworker.open('/paying-accounts').expect(403);
    const { text } = await browsers.approver.open('/paying-accounts').expect(200);
    expect(text).not.toContain('<form action="/paying-accounts');
    const token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
    await browsers.approver.post('/paying-accounts', { ...typed, _csrf: token }).expect(403);
  });
});

describe('the page of statement balances', () => {
  let account: string;
  beforeAll(async () => {
    account = await openPayingAccount(service, [await openFund(service)], { account: '5550001112' });
  });
  const type = (who: Browser, change: object = {}) =>
    who.send('/statement-balances', '/statement-balances', { account, day: TODAY, amount: '1000.00', ...change });
  const statement = async () => {
    const answer = await service.as('auditor').get(`/api/v1/month-end?through=${TODAY}`).expect(200);
    return (answer.body as MonthEnd).accounts.find(({ code }) => code === account)?.statement;
  };

  it('is reached from the month-end, which says of which day', async () => {
    const { text } = await browsers.preparer.open(`/month-end?through=${TODAY}`).expect(200);
    expect(text).toContain(`href="/statement-balances?day=${TODAY}"`);
    expect(text).toContain('href="/paying-accounts"');
    expect((await browsers.preparer.open(`/statement-balances?day=${TODAY}`)).text).toContain(`value="${TODAY}"`);
  });

  it('says what is wrong, and loses nothing that was typed', async () => {
    const nothing = await type(browsers.preparer, { account: '', day: '', amount: '' });
    expect(nothing.status).toBe(422);
    expect(faultsOf(nothing).map(([href]) => href)).toEqual(['#account', '#amount', '#day']);
    const future = await type(browsers.preparer, { day: '2026-04-01' });
    expect(faultsOf(future)).toEqual([['#day', 'That day has not ended yet.']]);
    expect(future.text).toContain('value="1000.00"');
    expect(future.text).toContain(`<option value="${account}" selected>`);
    expect(faultsOf(await type(browsers.preparer, { amount: '1,5' }))[0]?.[0]).toBe('#amount');
  });

  it('counts what two people typed the same, and does not tell the second what the first typed', async () => {
    const first = await type(browsers.preparer, { amount: '1234.00' });
    expect(first.headers.location).toBe('/statement-balances?done=waits');
    expect((await browsers.preparer.open('/statement-balances')).text).toContain('waits until somebody else types it');
    const seen = await browsers.approver.open('/statement-balances').expect(200);
    expect(seen.text).toContain('waits for you or another person');
    expect(seen.text).not.toContain('1,234');
    expect((await type(browsers.approver, { amount: '1235.00' })).headers.location).toContain('done=waits');
    expect((await browsers.auditor.open('/statement-balances')).text).toContain('2 people typed different amounts');
    expect(await statement()).toBeNull();
    expect((await type(browsers.approver, { amount: '1234.00' })).headers.location).toContain('done=counts');
    expect((await browsers.auditor.open('/statement-balances')).text).toContain('1,234.00');
    expect(await statement()).toBe('1234.00');
  });

  it('takes a balance that is overdrawn, typed with a minus of either kind', async () => {
    await type(browsers.preparer, { day: '2026-03-30', amount: '−5.00' });
    expect((await type(browsers.approver, { day: '2026-03-30', amount: '-5.00' })).headers.location).toContain(
      'done=counts',
    );
  });

  it('is read by auditors, who type nothing, and by no caseworker', async () => {
    expect((await browsers.auditor.open('/statement-balances').expect(200)).text).not.toContain('name="amount"');
    await browsers.caseworker.open('/statement-balances').expect(403);
  });
});

describe('the page of what funds do when wages rise', () => {
  const page = '/fund-policies';
  const proposalPath = async (who: Browser) =>
    /action="(\/fund-policies\/[0-9a-f-]{36}\/changes\/[0-9a-f-]{36}\/confirmation)"/.exec(
      (await who.open(page)).text,
    )?.[1];

  it('says what is wrong, and loses nothing that was typed', async () => {
    const nothing = await browsers.preparer.send(page, page);
    expect(nothing.status).toBe(422);
    expect(faultsOf(nothing).map(([href]) => href)).toEqual(['#policy', '#reason', '#fund']);
    const wrong = await browsers.preparer.send(page, page, { policy: 'raise_only', reason: 'The donor agreed' });
    expect(wrong.text).toContain('<option value="raise_only" selected>');
    expect(wrong.text).toContain('The donor agreed');
  });

  it('changes it when another person confirms it', async () => {
    const { id, code } = await openFundIn(service, 'THB');
    const row = (text: string) => text.slice(text.indexOf(`(${code})</th>`)).split('</tr>')[0];
    const proposed = await browsers.preparer.send(page, page, { fund: id, policy: 'raise_only', reason: 'Agreed' });
    expect(proposed.headers.location).toBe('/fund-policies?done=propose');
    expect(await proposalPath(browsers.preparer)).toBeUndefined();
    expect(await proposalPath(browsers.approver)).toBeUndefined();
    const path = (await proposalPath(browsers.releaser)) ?? '';
    const before = await browsers.auditor.open(page).expect(200);
    expect(before.text).toContain(`${code}: proposed by`);
    expect(row(before.text)).toContain('stays as it is');
    expect((await browsers.releaser.send(page, path)).headers.location).toBe('/fund-policies?done=confirm');
    const after = await browsers.auditor.open(page);
    expect(after.text).not.toContain(`${code}: proposed by`);
    expect(row(after.text)).toContain('is raised, once people have approved it');
  });

  it('shows what was declined, and why, or withdrawn, and no button for it any more', async () => {
    const { id, code } = await openFundIn(service, 'THB');
    const propose = () => browsers.preparer.send(page, page, { fund: id, policy: 'raise_only', reason: 'Agreed' });
    await propose();
    const path = ((await proposalPath(browsers.releaser)) ?? '').replace('confirmation', 'decline');
    const unsaid = await browsers.releaser.send(page, path);
    const change = path.split('/')[4] ?? '';
    expect([unsaid.status, faultsOf(unsaid)]).toEqual([422, [[`#because-${change}`, 'Choose why it is declined.']]]);
    const declined = await browsers.releaser.send(page, path, { because: 'donor-does-not-agree' });
    expect(declined.headers.location).toBe('/fund-policies?done=decline');
    await propose();
    const own = (await browsers.preparer.open(page)).text;
    const withdrawal = /action="(\/fund-policies\/\S+\/withdrawal)"/.exec(own)?.[1] ?? '';
    const withdrawn = await browsers.preparer.send(page, withdrawal);
    expect(withdrawn.headers.location).toBe('/fund-policies?done=withdraw');
    const { text } = await browsers.releaser.open(page).expect(200);
    for (const words of ['declined', 'the donor does not agree', 'finance-releaser 1', 'withdrawn'])
      expect(text).toContain(words);
    expect(text).not.toContain(`${code}: proposed by`);
    expect(await proposalPath(browsers.releaser)).toBeUndefined();
    const token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? '';
    const late = await browsers.releaser.post(path.replace('decline', 'confirmation'), { _csrf: token });
    expect([late.status, late.text.includes('This was declined before.')]).toEqual([409, true]);
  });

  it('is reached from the value reviews', async () => {
    expect((await browsers.auditor.open('/value-reviews')).text).toContain('href="/fund-policies"');
    await browsers.caseworker.open(page).expect(403);
  });
});

describe('the page of exchange rates', () => {
  const page = '/exchange-rates';
  const typed = { base: 'EUR', quote: 'THB', rate: '36.5125', asOf: '2026-03-30', source: 'Lotus Bank, notice 7' };
  const rowOf = async (rate: string, who = browsers.auditor) =>
    (await who.open(page)).text.split('<tr').find((row) => row.includes(`1 EUR = ${rate} THB`)) ?? '';
  const confirmationIn = (row: string) => /action="(\/exchange-rates\/[0-9a-f-]{36}\/confirmation)"/.exec(row)?.[1];
  const kept = () =>
    sql<{ n: number }>(service.db.url, "select count(*)::int n from payments.exchange_rate where base = 'EUR'");

  it('says what is wrong with each field, and loses nothing that was typed', async () => {
    const nothing = await browsers.preparer.send(page, page);
    expect([nothing.status, faultsOf(nothing).map(([href]) => href)]).toEqual([
      422,
      ['#base', '#quote', '#rate', '#source', '#asOf'],
    ]);
    const wrong = await browsers.preparer.send(page, page, { ...typed, rate: 'about 36', asOf: '2026-04-01' });
    expect(faultsOf(wrong)).toEqual([['#rate', 'Give the rate as digits with a point, like &quot;36.5125&quot;.']]);
    for (const shown of ['value="about 36"', 'value="2026-04-01"', typed.source, '<option value="EUR" selected>'])
      expect(wrong.text).toContain(shown);
    expect(await kept()).toEqual([{ n: 0 }]);
  });

  it('records a rate once however often it is sent, and it waits for somebody else', async () => {
    const { text } = await browsers.releaser.open(page);
    const id = /name="id" value="([^"]*)"/.exec(text)?.[1] ?? '';
    for (let times = 0; times < 2; times += 1) {
      const answer = await browsers.releaser.send(page, page, { ...typed, rate: '๓๖.๕๑๒๕', id });
      expect(answer.headers.location).toBe('/exchange-rates?done=record');
    }
    expect(await kept()).toEqual([{ n: 1 }]);
    const row = await rowOf('36.5125');
    for (const shown of [typed.source, 'finance-releaser 1', 'nobody yet', 'waits for a second person'])
      expect(row).toContain(shown);
    expect(confirmationIn(row)).toBeUndefined();
    expect(await rowOf('36.5125', browsers.releaser)).toContain('You entered it. Somebody else confirms it.');
    const other = await browsers.releaser.send(page, page, { ...typed, rate: '37', id });
    expect(other.status).toBe(409);
    expect(/name="id" value="([^"]*)"/.exec(other.text)?.[1]).not.toBe(id);
  });

  it('shows a rate in force when another person confirmed it, until a later one is', async () => {
    const path = confirmationIn(await rowOf('36.5125', browsers.approver)) ?? '';
    expect((await browsers.approver.send(page, path)).headers.location).toBe('/exchange-rates?done=confirm');
    const row = await rowOf('36.5125');
    expect([row.includes('finance-approver 1'), row.includes('in force')]).toEqual([true, true]);
    await browsers.preparer.send(page, page, { ...typed, rate: '36.6', asOf: TODAY });
    expect(await rowOf('36.5125')).toContain('in force');
    await browsers.approver.send(page, confirmationIn(await rowOf('36.6', browsers.approver)) ?? '');
    expect(await rowOf('36.6')).toContain('in force');
    expect(await rowOf('36.5125')).toContain('superseded');
  });

  it('says of what nobody did that nothing is done', async () => {
    for (const done of ['constructor', 'toString', '__proto__', ''])
      expect((await browsers.auditor.open(`${page}?done=${done}`).expect(200)).text).not.toContain(
        'govuk-notification-banner',
      );
  });

  it('is read by auditors, who type nothing, and by no caseworker', async () => {
    const { text } = await browsers.auditor.open(page).expect(200);
    expect([text.includes('<form action="/exchange-rates'), text.includes('name="rate"')]).toEqual([false, false]);
    await browsers.caseworker.open(page).expect(403);
  });
});

describe('the page of wages', () => {
  const typed = {
    country: 'MY',
    amount: '73.00',
    currency: 'MYR',
    unit: 'day',
    effectiveFrom: '2026-05-01',
    instrument: 'Order 9',
    sourceUrl: 'https://example.org/order-9',
    confidence: 'official',
  };

  it('proposes a wage once however often it is sent, and names its source and both people when it is confirmed', async () => {
    const { text } = await browsers.preparer.open('/wages');
    const id = /name="id" value="([^"]*)"/.exec(text)?.[1] ?? '';
    await browsers.preparer.send('/wages', '/wages', { ...typed, id });
    await browsers.preparer.send('/wages', '/wages', { ...typed, id });
    expect(
      await sql(service.db.url, "select instrument from payments.wage_proposal where country = 'MY'"),
    ).toHaveLength(1);
    await browsers.approver.send('/wages', `/wages/${id}/confirm`);
    const rowFor = async (who: Browser) =>
      (await who.open('/wages')).text.split('<tr').find((row) => row.includes('Order 9')) ?? '';
    for (const shown of ['https://example.org/order-9', 'finance-preparer 1, finance-approver 1'])
      expect(await rowFor(browsers.auditor)).toContain(shown);
    expect(await rowFor(browsers.caseworker)).not.toContain('finance-');
  });
});
