/**
 * What pages cost whoever opens them over a slow line: compressed bytes of the first visit and of later pages, as the service answers them;
 * how many submissions save an interview; and how many queries a list of 50 clients takes, and how long, with 1,000 clients in the database
 * and with 100,000. `npm run bench:pages [-- rounds]`
 */
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { operatorActor, type Role } from '../src/access/domain/actor.js';
import { UsersService } from '../src/access/users.service.js';
import { Clock } from '../src/kernel/clock.js';
import { projectRoot } from '../src/kernel/config.js';
import { Readiness } from '../src/kernel/readiness.js';
import { needsCatalogue } from '../src/needs/catalogue.js';
import { createService } from '../src/service.js';
import { benchDatabase, type BenchDatabase } from './bench-database.js';
import { figure, median, progress } from './measured.js';

const rounds = Number(process.argv[2] ?? '15');
const PASSWORD = 'a password for a benchmark';
const OWN_CLIENTS = 60;
const SIZES = [1_000, 100_000];
const BUILT = join(projectRoot, 'dist', 'web', 'public');

interface Answer {
  status: number;
  /** As it went over the line. */
  bodyBytes: number;
  headerBytes: number;
  location: string | undefined;
  cookies: string[];
  text: string;
}

let statements = 0;
countStatements();

const db = await benchDatabase();
const app = await start(db);
try {
  const url = await app.getUrl();
  for (const role of ['caseworker', 'supervisor'] as const) await hire(role);
  const cookies = new Map<Role, string>();
  for (const role of ['caseworker', 'supervisor'] as const) cookies.set(role, await signIn(url, role));
  const caseworker = cookies.get('caseworker') ?? '';
  const client = await register(url, OWN_CLIENTS);
  await sizes(url, caseworker, client);
  await interview(url, caseworker, client);
  await lists(url, cookies);
} finally {
  await app.close();
  await db.close();
}

async function sizes(url: string, cookie: string, client: string): Promise<void> {
  const page = await ask(url, 'GET', '/sign-in', {});
  const assets = ['app.css', 'app.js', 'favicon.svg'].map((name) => gzipSync(readFileSync(join(BUILT, name))).length);
  const assetBytes = assets.reduce((sum, bytes) => sum + bytes, 0);
  figure('first visit: the page for signing in with all that it loads, compressed', {
    bytes: page.bodyBytes + page.headerBytes + assetBytes,
    pageBytes: page.bodyBytes,
    assetBytes,
    wantedAtMost: 40_960,
  });
  for (const path of [
    '/',
    '/clients',
    `/clients/${client}`,
    `/clients/${client}/interview`,
    `/clients/${client}/notes`,
    `/clients/${client}/plans/new`,
    '/clients/new',
  ]) {
    const answer = await ask(url, 'GET', path, { cookie });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
    figure(`a later page: ${path.replace(client, ':code')}`, {
      bytes: answer.bodyBytes,
      headerBytes: answer.headerBytes,
      wantedAtMost: 8_192,
    });
  }
}

/** Submissions until the interview is on record: what a browser posts, each with the page that follows. */
async function interview(url: string, cookie: string, client: string): Promise<void> {
  const at = `/clients/${client}/interview`;
  const typed = Object.fromEntries(
    needsCatalogue.needs.flatMap(({ code }) => [
      [`ranks.${code}`, '4'],
      [`words.${code}`, 'words of a client'],
    ]),
  );
  let submissions = 0;
  const send = async (page: string, action: string, fields: Record<string, string>) => {
    const shown = await ask(url, 'GET', page, { cookie });
    const html = shown.text;
    const id = new RegExp(`action="${action}"[^]*?name="id" value="([^"]*)"`).exec(html)?.[1];
    const body = new URLSearchParams({ _csrf: tokenIn(html), ...(id ? { id } : {}), ...fields }).toString();
    submissions += 1;
    const sent = await ask(url, 'POST', action, { cookie: [cookie, ...shown.cookies].join('; ') }, body);
    if (sent.status !== 303) throw new Error(`${action}: ${sent.status}`);
    return sent;
  };
  await send(at, at, { ...typed, go: 'review' });
  const saved = await send(`${at}/review`, `${at}/save`, {});
  figure('the needs interview of 21 needs is saved', { submissions, wantedAtMost: 2, leadsTo: saved.location ?? '' });
}

/** The same list with few and with many clients of other people in the same tables. */
async function lists(url: string, cookies: ReadonlyMap<Role, string>): Promise<void> {
  const taken = new Map<string, number[]>();
  for (const size of SIZES) {
    await fill(size);
    for (const [role, cookie] of cookies) {
      for (let round = 0; round < rounds + 2; round++) {
        statements = 0;
        const startedAt = performance.now();
        const { status } = await ask(url, 'GET', '/clients', { cookie });
        if (status !== 200) throw new Error(`/clients: ${status}`);
        if (round < 2) continue; // the first warm caches and plans
        const key = `${role} ${size}`;
        taken.set(key, [...(taken.get(key) ?? []), performance.now() - startedAt]);
      }
      figure(`a list of clients for a ${role}, of ${size} in the database`, {
        statements,
        wantedAtMost: 4,
        medianMs: median(taken.get(`${role} ${size}`) ?? []),
      });
    }
  }
  for (const role of cookies.keys()) {
    const [few, many] = SIZES.map((size) => median(taken.get(`${role} ${size}`) ?? []));
    figure(`a list of clients for a ${role}: with ${SIZES[1]} clients in the database against ${SIZES[0]}`, {
      ratio: (many ?? 0) / (few ?? 1),
    });
  }
}

/** Clients of other caseworkers, fifty each, interviewed and enrolled nowhere; statistics as they would be. */
async function fill(size: number): Promise<void> {
  progress(`filling up to ${size} clients`);
  await db.admin.query(`
    set session_replication_role = replica;
    insert into access.app_user (id, email, display_name, kind, created_at, team_id)
    select gen_random_uuid(), 'other-' || n || '@bench.example', 'Other ' || n, 'person', now(), gen_random_uuid()
    from generate_series(1, ${size / 50}) n on conflict do nothing;
    with others as (select id, row_number() over (order by id) - 1 place from access.app_user where email like 'other-%')
    insert into casework.client (id, code, cohort, case_group, country, age_band, guardian_on_record, caseworker_id, registered_at, content_sha256)
    select gen_random_uuid(), 'C-' || translate(upper(lpad(to_hex(n), 8, '0')), 'ILOU', 'WXYZ'), 'bench', 'bench', 'MM', 'adult', false,
           (select id from others where place = n % (select count(*) from others)), now(), sha256(n::text::bytea)
    from generate_series(1, ${size - OWN_CLIENTS}) n on conflict do nothing;
    insert into casework.needs_assessment (id, client_id, assessed_on, recorded_by, recorded_at, content_sha256)
    select gen_random_uuid(), c.id, current_date, c.caseworker_id, now(), c.content_sha256 from casework.client c
    where not exists (select from casework.needs_assessment a where a.client_id = c.id) and c.code like 'C-0%';
    set session_replication_role = origin;`);
  await db.admin.query('vacuum analyze');
}

async function register(url: string, count: number): Promise<string> {
  const { token } = (await (
    await fetch(`${url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'caseworker@bench.example', password: PASSWORD }),
    })
  ).json()) as { token: string };
  let last = '';
  for (let number = 0; number < count; number++) {
    const answer = await fetch(`${url}/api/v1/clients`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({
        cohort: 'bench',
        country: 'MM',
        identity: { names: [{ text: `Bench ${number}` }], dateOfBirth: '1988-04-12' },
        consents: [{ purpose: 'hold-data', given: true, language: 'my' }],
      }),
    });
    last = ((await answer.json()) as { code: string }).code;
  }
  return last;
}

async function start({ url }: BenchDatabase): Promise<NestExpressApplication> {
  const options = {
    databaseUrl: url,
    queue: { on: 'postgres', url } as const,
    masterKey: Buffer.alloc(32, 1),
    clock: new Clock(),
    timeZone: 'Asia/Bangkok',
    web: { requestsPerMinute: 10_000_000 },
    worksOnJobs: false,
  };
  const service = await createService(options, { quiet: true });
  service.get(Readiness).markReady();
  await service.listen(0, '127.0.0.1');
  return service;
}

async function hire(role: Role): Promise<void> {
  const staff = { email: `${role}@bench.example`, displayName: role, password: PASSWORD, roles: [role] };
  await app.get(UsersService).create(operatorActor('bench'), staff);
}

/** The cookie of a session in a browser. */
async function signIn(url: string, role: Role): Promise<string> {
  const page = await ask(url, 'GET', '/sign-in', {});
  const body = new URLSearchParams({ _csrf: tokenIn(page.text), email: `${role}@bench.example`, password: PASSWORD });
  const { cookies } = await ask(url, 'POST', '/sign-in', { cookie: page.cookies.join('; ') }, body.toString());
  const session = cookies.find((cookie) => cookie.startsWith('uct_session='));
  if (!session) throw new Error(`a ${role} cannot sign in`);
  return session;
}

function tokenIn(html: string): string {
  return /name="_csrf" value="([^"]*)"/.exec(html)?.[1] ?? '';
}

/** Every statement that anybody sends from here, but those that only begin and end a transaction. */
function countStatements(): void {
  const client = pg.Client.prototype as unknown as Record<'query', (...args: unknown[]) => unknown>;
  const { query } = client;
  client.query = function (this: unknown, ...args: unknown[]) {
    const [first] = args;
    const text = typeof first === 'string' ? first : ((first as { text?: string }).text ?? '');
    if (!/^(start transaction|begin|commit|rollback|set )/i.test(text)) statements += 1;
    return Reflect.apply(query, this, args);
  };
}

/** As an old phone's browser asks, and counting what comes back. */
function ask(
  url: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const wanted = { accept: 'text/html', 'accept-encoding': 'gzip', ...headers };
    const form =
      body === undefined
        ? {}
        : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(Buffer.byteLength(body)) };
    const sent = request(url + path, { method, headers: { ...wanted, ...form } }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const raw = Buffer.concat(parts);
        resolve({
          status: answer.statusCode ?? 0,
          bodyBytes: raw.length,
          headerBytes: answer.rawHeaders.join(': ').length,
          location: answer.headers.location,
          cookies: (answer.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0] ?? ''),
          text: textOf(raw, answer.headers['content-encoding']),
        });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function textOf(raw: Buffer, encoding: string | undefined): string {
  return (encoding === 'gzip' ? gunzipSync(raw) : raw).toString();
}
