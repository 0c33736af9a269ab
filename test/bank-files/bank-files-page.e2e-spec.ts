/** The files for the bank on a run's page: made by whoever releases, taken by whoever may read payees, told to everybody who reads runs. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { Browser, faultsOf } from '../support/browser.js';
import { bankPayee, makeFiles, releasedForBank, type ReleasedForBank } from '../support/bank-files.js';
import { startTestService, type TestService } from '../support/service.js';

const TODAY = '2026-03-02';
let service: TestService;
let released: ReleasedForBank;
let page: string;

beforeAll(async () => {
  service = await startTestService({ today: TODAY });
  released = await releasedForBank(service, TODAY, [{}, { payee: bankPayee('1', { holder: 'สมชาย' }) }]);
  page = `/runs/${released.run.id}`;
});
afterAll(() => service.close());

async function browserOf(role: string): Promise<Browser> {
  const browser = new Browser(service);
  await browser.giveEmailAndPassword(`${role}-1@test.example`);
  return browser;
}

describe('a released run’s page', () => {
  it('makes the files, says whom they left out, and hands the file out', async () => {
    const browser = await browserOf('finance-releaser');
    expect((await browser.open(page)).text).toContain('2 payments of fund');
    const wrong = await browser.send(page, `${page}/bank-files`, { executionOn: '2026-03-03' });
    expect(wrong.status).toBe(422);
    expect(faultsOf(wrong)).toEqual([['#executionOn', 'Banks do not work on that day.']]);
    expect(wrong.text).toContain('value="2026-03-03"');
    const made = await browser.send(page, `${page}/bank-files`);
    expect([made.status, made.headers.location]).toEqual([303, `${page}#bank-files`]);
    const { text } = await browser.open(page);
    expect(text).toContain('1 payment: the name cannot be written in Latin letters');
    expect(text).toContain('not taken yet');
    const [, address = '', sha256 = ''] =
      /href="(\/bank-files\/[^"]+)"[^]*?SHA-256 <span[^>]*>([0-9a-f]{64})/.exec(text) ?? [];
    const file = await browser.open(address).buffer(true);
    expect(createHash('sha256').update(file.text).digest('hex')).toBe(sha256);
    expect((await browser.open(page)).text).toContain('taken 1 time');
    expect((await browser.open(page)).text).not.toContain('Make the files for the bank');
  });

  it('shows an auditor the files, and neither makes nor hands out', async () => {
    const { items } = await makeFilesAgain();
    const browser = await browserOf('auditor');
    const { text } = await browser.open(page);
    expect(text).toContain(items[0]?.sha256);
    expect(text).not.toContain('/bank-files/');
    expect(text).not.toContain('Make the files for the bank');
  });
});

const makeFilesAgain = async () => {
  const other = await releasedForBank(service, TODAY, [{}]);
  page = `/runs/${other.run.id}`;
  return makeFiles(service, other.run);
};
