/** The pages as a browser meets them: signing in, what each role may open, signing a run, and filters. Every form is sent with the token of its page. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { AuditVerification } from '../src/access/audit/audit-verification.js';
import { roleNames, type Role } from '../src/access/domain/actor.js';
import { scheduleActor } from '../src/access/domain/actor.js';
import { SequencerService } from '../src/ledger/transparency-log/sequencer.service.js';
import { InstructionsService } from '../src/transfers/instructions.service.js';
import { RunsService } from '../src/transfers/runs.service.js';
import { VerificationService } from '../src/ledger/verification/verification.service.js';
import { sql } from './support/database.js';
import { Readiness } from '../src/kernel/readiness.js';
import { LOOKED_AT } from '../src/web/proof-wording.js';
import { enrolClient, newId, openFund, prepareRun, ranks, registerClient } from './support/builders.js';
import { Browser, faultsOf, hiddenFields, titleOf } from './support/browser.js';
import { startTestService, TEST_PASSWORD, type TestService } from './support/service.js';

const TODAY = '2026-04-10';
const METRICS_TOKEN = 'a token of more than 24 characters';
const NAME = 'အောင်မြင့်ဦး';

let service: TestService;
let client: string;
let report: string;

beforeAll(async () => {
  service = await startTestService({ today: TODAY, metricsToken: METRICS_TOKEN });
  const fund = await openFund(service);
  ({ client } = await enrolClient(service, fund, TODAY, { name: NAME }));
  const assessment = {
    id: newId(),
    assessedOn: TODAY,
    ranks: ranks('debt', 'food'),
    interpretations: { debt: '<b>I owe my uncle</b>' },
  };
  await service.as('supervisor').post(`/api/v1/clients/${client}/needs-assessments`, assessment).expect(201);
  const answer = await service
    .as('finance-preparer')
    .post('/api/v1/donor-reports', { fund, period: '2026-Q1' })
    .expect(201);
  report = (answer.body as { id: string }).id;
});
afterAll(() => service.close());

async function signedIn(role: Role, number: 1 | 2 = 1): Promise<Browser> {
  const browser = new Browser(service);
  const answer = await browser.send('/sign-in', '/sign-in', {
    email: `${role}-${number}@test.example`,
    password: TEST_PASSWORD,
  });
  expect([answer.status, answer.headers.location]).toEqual([303, '/']);
  return browser;
}

describe('Signing in', () => {
  it('leads to the start page, and signing out ends the session', async () => {
    const browser = await signedIn('caseworker');
    const start = await browser.open('/').expect(200);
    expect(titleOf(start)).toBe('Start – UCT Ledger');
    expect(start.text).toContain('caseworker 1');
    expect((await browser.open('/sign-in')).headers.location).toBe('/');
    expect((await browser.send('/', '/sign-out')).headers.location).toBe('/sign-in');
    expect((await browser.open('/')).headers.location).toBe('/sign-in');
  });

  it('gives cookies that no script reads and no other site sends', async () => {
    const browser = new Browser(service);
    const { headers } = await browser.send('/sign-in', '/sign-in', {
      email: 'auditor-1@test.example',
      password: TEST_PASSWORD,
    });
    const cookies = headers['set-cookie'] as unknown as string[];
    expect(cookies.find((cookie) => cookie.startsWith('uct_session='))).toMatch(/Path=\/; HttpOnly; SameSite=Lax/);
  });

  it('with a wrong password is asked again: the address stays, the password does not, and the next try works', async () => {
    const browser = new Browser(service);
    const wrong = await browser.send('/sign-in', '/sign-in', {
      email: 'auditor-1@test.example',
      password: 'not this one',
    });
    expect([wrong.status, titleOf(wrong)]).toEqual([401, 'Error: Sign in – UCT Ledger']);
    expect(wrong.text).toContain('value="auditor-1@test.example"');
    expect(wrong.text).not.toContain('not this one');
    expect(faultsOf(wrong)).toEqual([['#email', 'The address or the password is not right.']]);
    const right = await browser.post('/sign-in', {
      ...hiddenFields(wrong.text),
      email: 'auditor-1@test.example',
      password: TEST_PASSWORD,
    });
    expect(right.status).toBe(303);
  });

  it('says which field was left empty', async () => {
    const empty = await new Browser(service).send('/sign-in', '/sign-in', {});
    expect([empty.status, faultsOf(empty)]).toEqual([
      422,
      [
        ['#email', 'Enter your e-mail address'],
        ['#password', 'Enter your password'],
      ],
    ]);
  });

  it('again, as somebody else in the same browser, leaves no form that cannot be sent', async () => {
    const browser = await signedIn('finance-preparer');
    await browser.send('/', '/sign-out');
    const again = await browser.send('/sign-in', '/sign-in', {
      email: 'finance-approver-1@test.example',
      password: TEST_PASSWORD,
    });
    expect(again.status).toBe(303);
    expect((await browser.send('/', '/sign-out')).status).toBe(303);
  });
});

describe('The proof page', () => {
  it('says what there is to say before the first checkpoint, and that a log without witnesses is a promise', async () => {
    const page = await (await signedIn('auditor')).open('/log').expect(200);
    expect(titleOf(page)).toBe('Proof – UCT Ledger');
    expect(page.text).toContain('No checkpoint has been published yet.');
    expect(page.text).toContain('it is a promise and not a proof');
    expect(page.text).toMatch(/uct-ledger\.[0-9a-f]{8}\.invalid\+[0-9a-f]{8}\+/);
  });

  it('shows the checkpoint, asks for a verification, and tells every check of the last one', async () => {
    await service.app.get(SequencerService).publishDue(scheduleActor('test'));
    const auditor = await signedIn('auditor');
    const asked = await auditor.send('/log', '/log/verifications');
    expect([asked.status, asked.headers.location]).toEqual([303, '/log']);
    expect((await auditor.open('/log')).text).toContain('The ledger is being verified');
    const { findings } = await service.app.get(VerificationService).run(scheduleActor('test'));
    const { text } = await auditor.open('/log');
    expect(text).toContain('Everything holds.');
    const sayable = LOOKED_AT.map((sentence) => sentence.replace(/\{\w\}/g, '9'));
    for (const { says } of findings) {
      expect(text).toContain(says.replaceAll("'", '&#39;'));
      expect(sayable).toContain(says.replace(/\d[\d,]*/g, '9')); // in every language
    }
    expect(text).toContain('256');
  });

  it('names the row that was changed', async () => {
    await sql(
      service.db.url,
      "set session_replication_role = replica; update ledger.entry set happened_on = '2020-01-01' where seq = (select min(seq) from ledger.entry)",
    );
    await service.app.get(VerificationService).run(scheduleActor('test'));
    const { text } = await (await signedIn('auditor')).open('/log');
    expect(text).toContain('Not everything holds.');
    expect(text).toMatch(/entry [0-9a-f-]{36} \(seq 1, leaf \d+\)/);
    expect((await (await signedIn('auditor')).open('/books')).text).toContain('Not everything held.');
  });

  it.each(['caseworker', 'supervisor', 'donor', 'administrator'] as const)('is not for a %s', async (role) => {
    await (await signedIn(role)).open('/log').expect(403);
  });
});

describe('The page of the audit trail', () => {
  it('tells in plain words who did what, and which line to note', async () => {
    const page = await (await signedIn('auditor')).open('/audit').expect(200);
    expectWholePage(page);
    expect(titleOf(page)).toBe('Audit trail – UCT Ledger');
    expect(page.text).toContain('Signed in');
    expect(page.text).toContain('The trail has not been verified yet.');
    expect(page.text).toMatch(/\d+:[0-9a-f]{64}/);
  });

  it('shows what was done to one client, by their code', async () => {
    const auditor = await signedIn('auditor');
    const page = await auditor.open(`/audit?client=${client.toLowerCase()}`).expect(200);
    expectWholePage(page);
    const told = [...page.text.matchAll(/data-label="Did what">([^<]*)</g)].map(([, words]) => words);
    expect(told).toEqual(expect.arrayContaining(['Registered a client', 'Proposed an enrolment']));
    expect(told).not.toContain('Opened a fund');
    expect(page.text).not.toContain(NAME);
    expect((await auditor.open('/audit?act=plan.read').expect(200)).text).toContain('No event matches this filter.');
  });

  it('says what is wrong with a filter, and shows the next page', async () => {
    const auditor = await signedIn('auditor');
    const wrong = await auditor.open('/audit?client=Aung&from=2026-02-31&actor=me').expect(422);
    expect(wrong.text).toContain('Enter a client code like C-7K2M9QXW');
    expect(wrong.text).toContain('Enter a day of the calendar');
    expect(wrong.text).toContain('Choose somebody of the list');
    for (let events = 0; events < 51; events += 1) await auditor.open('/audit?act=audit.read').expect(200);
    const [, next] = /href="([^"]+)" rel="next"/.exec((await auditor.open('/audit?act=audit.read')).text) ?? [];
    await auditor.open((next ?? '').replaceAll('&amp;', '&')).expect(200);
  }, 30_000);

  it('tells what the last verification found', async () => {
    await service.app.get(AuditVerification).run(scheduleActor('test'));
    const auditor = await signedIn('auditor');
    expect((await auditor.open('/audit')).text).toContain('Everything holds.');
    await sql(
      service.db.url,
      "set session_replication_role = replica; update access.audit_event set act = 'plan.forged' where act = 'client.register'",
    );
    await service.app.get(AuditVerification).run(scheduleActor('test'));
    const { text } = await auditor.open('/audit');
    expect(text).toContain('Not everything holds.');
    expect(text).toMatch(/Event \d+: the event was changed, or its link was/);
  });
});

describe('Metrics', () => {
  const asked = (authorization?: string) => {
    const test = service.anybody().get('/metrics');
    return authorization ? test.set('authorization', authorization) : test;
  };

  it('are for whoever brings the token', async () => {
    const { text } = await asked(`Bearer ${METRICS_TOKEN}`).expect(200);
    expect(text).toMatch(/^uct_ledger_holds 0$/m);
    expect(text).toMatch(/^uct_log_checkpoint_timestamp_seconds \d+$/m);
    expect(text).toMatch(/^uct_log_cosignatures 0$/m);
    expect(text).toMatch(/^uct_log_oldest_waiting_seconds 0$/m);
  });

  it.each([undefined, 'Bearer another token of many letters', METRICS_TOKEN, 'Bearer '])(
    'are not there with %j',
    async (authorization) => {
      await asked(authorization).expect(404);
    },
  );
});

describe('A form without the token of its page', () => {
  it.each(['', 'made-up'])('is refused in plain words (%p)', async (token) => {
    const browser = await signedIn('finance-approver');
    const answer = await browser.post('/sign-out', token ? { _csrf: token } : {});
    expect([answer.status, titleOf(answer)]).toEqual([403, 'The form has expired – UCT Ledger']);
    expect(answer.text).toMatch(/form-expired[\s\S]*Request id/);
    await browser.open('/').expect(200);
  });
});

describe('What each role may open', () => {
  const PAGES = ['/', '/clients', '/priorities', '/runs', '/transfers', '/books', '/audit', '/my-funds', '/reports'];
  const OPEN: Record<Role, string[]> = {
    caseworker: ['/', '/clients', '/priorities'],
    supervisor: ['/', '/clients', '/priorities', '/reports'],
    'finance-preparer': ['/', '/runs', '/transfers', '/books', '/reports'],
    'finance-approver': ['/', '/runs', '/transfers', '/books', '/reports'],
    'finance-releaser': ['/', '/runs', '/transfers', '/books', '/reports'],
    donor: ['/', '/my-funds', '/reports'],
    auditor: ['/', '/runs', '/transfers', '/books', '/audit', '/reports'],
    administrator: ['/'],
  };

  it.each(roleNames)(
    '%s: what is open is in the navigation, what is not is refused, and every page is whole',
    async (role) => {
      const browser = await signedIn(role);
      const start = await browser.open('/');
      for (const path of PAGES) {
        const page = await browser.open(path);
        const isOpen = OPEN[role].includes(path);
        expect([path, page.status]).toEqual([path, isOpen ? 200 : 403]);
        expect([path, start.text.includes(`class="app-nav__link" href="${path}"`)]).toEqual([path, isOpen]);
        expectWholePage(page);
      }
    },
  );

  it('the pages about a client are open to who works with them, and show no name and no markup of theirs', async () => {
    const page = await (await signedIn('supervisor')).open(`/clients/${client}`).expect(200);
    expectWholePage(page);
    expect(page.text).toContain('Paying outstanding debt');
    expect(page.text).toContain('&lt;b&gt;I owe my uncle&lt;/b&gt;');
    await (await signedIn('caseworker', 1)).open(`/clients/${client}`).expect(200);
    await (await signedIn('caseworker', 2)).open(`/clients/${client}`).expect(404);
  });

  it('a report is open to finance, and hidden from a donor whose fund it is not about', async () => {
    const page = await (await signedIn('finance-preparer')).open(`/reports/${report}`).expect(200);
    expectWholePage(page);
    expect(page.text).toContain('This report says nothing of people. Fewer than 11 people');
    await (await signedIn('donor')).open(`/reports/${report}`).expect(404);
  });

  it('nobody who is not signed in sees more than the page for signing in', async () => {
    for (const path of PAGES) expect((await new Browser(service).open(path)).headers.location).toBe('/sign-in');
  });
});

/** Title, one h1, language, kept by no cache, no script but the template's and ours, and nobody's name. */
function expectWholePage(page: Response): void {
  expect(titleOf(page)).toMatch(/^\S.* – UCT Ledger$/);
  expect(page.text.match(/<h1[ >]/g)).toHaveLength(1);
  expect(page.text).toContain('<html lang="en"');
  expect(page.headers['cache-control']).toBe('no-store');
  const scripts = page.text.match(/<script[^>]*>/g) ?? [];
  // The template's own, and ours, which are files; the second is for whoever fills in forms that may wait on a device.
  expect(scripts).toHaveLength(page.text.includes('id="on-device"') ? 3 : 2);
  const nonce = /<script nonce="([^"]+)"/.exec(page.text)?.[1];
  expect(page.headers['content-security-policy']).toContain(`'nonce-${nonce}'`);
  expect(scripts[0]).toMatch(/^<script type="module" src="\/assets\/app\.js[^"]*" nonce="/);
  for (const script of scripts) expect(script).toContain(`nonce="${nonce}"`);
  expect(page.text).not.toMatch(/victim|crown|GOV\.UK/i);
  expect(page.text).not.toContain(NAME);
}

describe('The page of priorities', () => {
  it('shows the numbers of the service, as a chart and as a table', async () => {
    const page = await (await signedIn('caseworker')).open('/priorities?cohort=test&country=MM').expect(200);
    const { body } = await service.as('caseworker').get('/api/v1/needs/priorities?cohort=test&country=MM');
    const { rows } = body as { rows: { label: string; count: number; n: number; percent: number }[] };
    const cells = [...page.text.matchAll(/data-label="(?:With highest priority|Of how many|Share)">([^<]*)</g)].map(
      ([, text]) => text,
    );
    expect(cells).toEqual(rows.flatMap(({ count, n, percent }) => [`${count}`, `${n}`, `${percent} %`]));
    const bars = [...page.text.matchAll(/class="app-chart__bar[^"]*" x="0" y="\d+" width="(\d+)%"/g)].map(([, width]) =>
      Number(width),
    );
    expect(bars).toEqual(rows.map(({ percent }) => percent));
  });

  it.each([
    ['cohort=nobody', '#cohort'],
    ['country=XX', '#country'],
    ['cohort=%3Cscript%3E', '#cohort'],
  ])('refuses %s at its field', async (query, href) => {
    const page = await (await signedIn('caseworker')).open(`/priorities?${query}`);
    expect([page.status, faultsOf(page).map(([at]) => at)]).toEqual([422, [href]]);
    expect(page.text).not.toContain('<script>');
  });
});

describe('The page of clients who may be registered twice', () => {
  it('shows the pair by codes and by what matched, and takes the decision', async () => {
    const other = await registerClient(service, { name: NAME });
    const supervisor = await signedIn('supervisor');
    expect((await supervisor.open('/')).text).toContain('href="/duplicates"');
    const page = await supervisor.open('/duplicates').expect(200);
    expectWholePage(page);
    for (const part of [client, other, 'A name is the same', 'The date of birth is the same'])
      expect(page.text).toContain(part);
    expect((await supervisor.open(`/clients/${other}`)).text).toContain('may be registered under another code');
    const [, action = ''] = /action="(\/duplicates\/[^"]+)"/.exec(page.text) ?? [];
    const unsaid = await supervisor.send('/duplicates', action, {});
    expect([unsaid.status, unsaid.text.includes('Say whether they are the same person.')]).toEqual([422, true]);
    const decided = await supervisor.send('/duplicates', action, { decision: 'different' });
    expect([decided.status, decided.headers.location]).toEqual([303, '/duplicates?done=different']);
    expect((await supervisor.open('/duplicates')).text).toContain('Nobody seems to be registered twice.');
    expect((await supervisor.open('/duplicates?state=decided')).text).toContain('different people');
    expect((await supervisor.open(`/clients/${other}`)).text).not.toContain('may be registered under another code');
  });

  it.each(['caseworker', 'auditor', 'administrator'] as const)('is not for a %s', async (role) => {
    await (await signedIn(role)).open('/duplicates').expect(403);
  });
});

describe('The list of transfers', () => {
  it('is filtered by what is given; fields left empty filter nothing', async () => {
    const browser = await signedIn('auditor');
    for (const query of ['state=&client=&fund=&from=&to=', `client=${client.toLowerCase()}`, `from=${TODAY}`]) {
      expect((await browser.open(`/transfers?${query}`).expect(200)).text).toContain(client);
    }
    expect((await browser.open('/transfers?to=2026-01-01').expect(200)).text).toContain(
      'No transfer matches this filter.',
    );
  });

  it('says what is wrong with a filter, and keeps it', async () => {
    const page = await (await signedIn('auditor')).open('/transfers?client=%22%3E%3Cb&from=2026-02-30&state=gone');
    expect([page.status, faultsOf(page).map(([at]) => at)]).toEqual([422, ['#state', '#client', '#from']]);
    expect(page.text).toContain('value="&quot;&gt;&lt;B"');
    const swapped = await (await signedIn('auditor')).open('/transfers?from=2026-05-01&to=2026-04-01');
    expect(faultsOf(swapped)).toEqual([['#to', 'The last day must not come before the first']]);
  });
});

describe('A run', () => {
  it('is sent back, approved and released by different people, who sign what the page shows', async () => {
    const { id, digest } = await prepareRun(service, TODAY);
    const page = `/runs/${id}`;

    const preparer = await signedIn('finance-preparer');
    const seen = await preparer.open(page).expect(200);
    expect(seen.text).toContain(digest);
    expect(seen.text).not.toContain(`action="${page}/approve"`);

    const approver = await signedIn('finance-approver');
    expect((await approver.open(page)).text).toMatch(
      /<strong>You approve 1 transfer of 4,707\.00\u00a0THB in total\.<\/strong>/,
    );
    const other = await approver.send(page, `${page}/approve`, { digest: 'f'.repeat(64) });
    expect([other.status, faultsOf(other)]).toEqual([
      409,
      [['#digest', 'This is not the digest of the run as it was prepared.']],
    ]);
    const reasonless = await approver.send(page, `${page}/send-back`, { reason: ' ' });
    expect([reasonless.status, faultsOf(reasonless)]).toEqual([422, [['#reason', 'Say why you send the run back.']]]);

    const approved = await approver.send(page, `${page}/approve`);
    expect([approved.status, approved.headers.location]).toEqual([303, `${page}?done=approve`]);
    const after = await approver.open(`${page}?done=approve`);
    expect(after.text).toContain('You approved this run.');
    expect(after.text).not.toContain(`action="${page}/approve"`);
    expect((await preparer.open(`${page}?done=approve`)).text).not.toContain('You approved this run.');

    const releaser = await signedIn('finance-releaser');
    const released = await releaser.send(page, `${page}/release`);
    expect([released.status, released.headers.location]).toEqual([303, `${page}?done=release`]);
    const { body } = await service.as('auditor').get(`/api/v1/runs/${id}`);
    expect(body).toMatchObject({ state: 'released', progress: { instructed: 1 } });
  });

  it('that is released shows how many are still to be sent, and looks again until none is', async () => {
    await enrolClient(service, await openFund(service), TODAY);
    const { id, digest, count } = await prepareRun(service, TODAY);
    await service.as('finance-approver').post(`/api/v1/runs/${id}/approvals`, { digest }).expect(200);
    await service.app.get(RunsService).release(service.actor('finance-releaser'), id, digest);
    const auditor = await signedIn('auditor');
    const sending = await auditor.open(`/runs/${id}`).expect(200);
    expect(sending.text).toContain('http-equiv="refresh"');
    expect(sending.text).toMatch(new RegExp(`<strong>${count} transfers? (is|are) still to be sent, of `));
    await service.app.get(InstructionsService).instruct(scheduleActor('test'), id);
    const sent = await auditor.open(`/runs/${id}`).expect(200);
    expect(sent.text).not.toMatch(/http-equiv="refresh"|still to be sent/);
  });

  it.each(['not-an-id', newId()])('that is not there has a page that says so (%s)', async (id) => {
    const page = await (await signedIn('auditor')).open(`/runs/${id}`);
    expect([page.status, titleOf(page)]).toEqual([404, 'This page does not exist – UCT Ledger']);
    expect(page.text).toContain('not-found');
  });
});

describe('Health', () => {
  it('is told to anybody: alive at once, ready when it is', async () => {
    expect((await service.anybody().get('/health/live')).body).toEqual({ status: 'ok' });
    const ready = await service.anybody().get('/health/ready');
    expect([ready.status, ready.body]).toEqual([200, { status: 'ready' }]);
    const readiness = service.app.get(Readiness);
    const { state } = readiness;
    Object.assign(readiness, { current: 'starting' });
    const starting = await service.anybody().get('/health/ready');
    expect([starting.status, starting.body]).toEqual([503, { status: 'starting' }]);
    Object.assign(readiness, { current: state });
  });
});
