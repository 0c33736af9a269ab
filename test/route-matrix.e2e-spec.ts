/** Every route, asked by every role for its own, for another's and for what is nowhere. The routes come from the service itself; who may reach what, from the decisions. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { roleNames, type Role } from '../src/access/domain/actor.js';
import { readConfigJson } from '../src/kernel/reference-data.js';
import { raw } from './support/raw-requests.js';
import { addressOf, decisionOn, decisions, subjects, type Decision } from './support/route-decisions.js';
import { routesOf, type Route } from './support/routes.js';
import { watchRows, type RowWatch } from './support/rows.js';
import { signIn } from './support/raw-requests.js';
import { openTwoOffices, type TwoOffices, type Whose } from './support/two-offices.js';

const { roles } = readConfigJson<{ roles: Record<Role, string[]> }>('roles.json');
/** What a refusal may leave behind: that it happened, and that the session was used. */
const TRACES = /^access\.(audit|session|sign_in)/;

type Who = Role | 'nobody';
const everybody: readonly Who[] = [...roleNames, 'nobody'];

let offices: TwoOffices;
let routes: Route[];
let rows: RowWatch;
const tokens = new Map<Who, string>();

beforeAll(async () => {
  offices = await openTwoOffices();
  routes = routesOf(offices.service.app);
  rows = await watchRows(offices.service.db.url);
  for (const role of roleNames) tokens.set(role, await signIn(offices.service, `${role}-1@test.example`));
}, 180_000);
afterAll(async () => {
  await rows.stop();
  await offices.close();
});

interface Cell {
  route: string;
  who: Who;
  whose: Whose;
  status: number;
  code?: string;
}

describe('the decisions', () => {
  it('are there for every route', () => {
    const undecided = routes.flatMap(({ handler }) => {
      try {
        decisionOn(handler);
        return [];
      } catch (error) {
        return [(error as Error).message];
      }
    });
    expect(undecided).toEqual([]);
  });

  it('are there for no route that is gone', () => {
    const handlers = new Set(routes.map(({ handler }) => handler));
    expect(Object.keys(decisions).filter((handler) => !handlers.has(handler))).toEqual([]);
  });

  it('tell what to write when one is missing', () => {
    expect(() => decisionOn('NewController.newRoute')).toThrow(
      /whose data NewController\.newRoute reaches.*route-decisions\.ts 'NewController\.newRoute': .* one of: client, /,
    );
  });
});

describe('what is refused', () => {
  it.each(everybody)(
    'to a %s says so, changes nothing, and tells what is there from what is not to nobody',
    async (who) => {
      const before = await rows.now();
      const wrong: unknown[] = [];
      for (const route of routes) {
        for (const whose of ['none', "other's", 'own'] as const) {
          const refusal = refusalOf(route, who, whose);
          if (!refusal) continue;
          const answer = await ask(route, who, whose);
          const cell = cellOf(route, who, whose, answer);
          if (cell.status !== refusal.status || cell.code !== refusal.code) wrong.push({ ...cell, expected: refusal });
          if (refusal.status === 404 && whose !== 'none') {
            const nowhere = await ask(route, who, 'none');
            if (told(answer) !== told(nowhere))
              wrong.push({ ...cell, tells: answer.text.slice(0, 300), insteadOf: nowhere.text.slice(0, 300) });
          }
          const strangers = offices.of["other's"];
          if (answer.text.includes('words of office 2') || answer.text.includes(strangers.report))
            wrong.push({ ...cell, reveals: answer.text.slice(0, 300) });
        }
      }
      const after = await rows.now();
      expect(wrong).toEqual([]);
      expect(Object.keys(after).filter((table) => before[table] !== after[table] && !TRACES.test(table))).toEqual([]);
    },
  );
});

describe('what is listed', () => {
  it.each(roleNames)('to a %s is what is their own', async (role) => {
    for (const route of routes.filter(({ handler }) => decisionOn(handler).reaches.startsWith('list of'))) {
      if (!isOpen(route, role)) continue;
      const { text } = await ask(route, role, 'own');
      const kind = decisionOn(route.handler).reaches === 'list of clients' ? 'client' : 'report';
      const seesAll = kind === 'report' && role !== 'donor';
      expect({
        route: nameOf(route),
        role,
        own: text.includes(offices.of.own[kind]),
        others: text.includes(offices.of["other's"][kind]),
      }).toEqual({ route: nameOf(route), role, own: true, others: seesAll });
    }
  });
});

describe('what is open', () => {
  it.each(everybody)('to a %s is not refused', async (who) => {
    const wrong: unknown[] = [];
    const last = (route: Route) => (decisionOn(route.handler).last ? 1 : 0);
    for (const route of [...routes].sort((one, other) => last(one) - last(other))) {
      if (!isOpen(route, who)) continue;
      for (const whose of reached(decisionOn(route.handler), who)) {
        const answer = await ask(route, who, whose, await tokenFor(route, who));
        const cell = cellOf(route, who, whose, answer);
        const { body, orElse } = decisionOn(route.handler);
        if (orElse !== undefined && [cell.code, cell.status].includes(orElse)) continue;
        const isHidden = route.handler === 'MetricsController.show'; // without its own token
        if (isHidden ? cell.status !== 404 : [401, 403, 404, 415, 429].includes(cell.status) || cell.status >= 500)
          wrong.push({ ...cell, answer: answer.text.slice(0, 200) });
        // A body that is refused for what is in it would never have come to whose data it is about.
        if (body && [400, 422].includes(cell.status)) wrong.push({ ...cell, answer: answer.text.slice(0, 300) });
      }
    }
    expect(wrong).toEqual([]);
  });
});

/** How a cell must be refused; nothing when it must not. */
function refusalOf(route: Route, who: Who, whose: Whose): { status: number; code: string } | undefined {
  const { reaches, nowhere = { status: 404, code: 'not-found' } } = decisionOn(route.handler);
  const isPublic = route.declaration !== undefined && 'public' in route.declaration;
  if (who === 'nobody') {
    const isForm = route.method !== 'GET' && !route.path.startsWith('/api/');
    if (isForm) return { status: 403, code: 'form-expired' };
    return isPublic ? undefined : { status: 401, code: 'not-signed-in' };
  }
  if (!isOpen(route, who)) return { status: 403, code: 'forbidden' };
  if (reaches === 'nobody' || reaches.startsWith('list of')) return undefined;
  if (whose === 'none' || (whose === "other's" && isScoped(reaches, who))) return nowhere;
  return undefined;
}

function isOpen({ declaration, method, path }: Route, who: Who): boolean {
  if (!declaration) return false;
  if ('public' in declaration) return who !== 'nobody' || method === 'GET' || path.startsWith('/api/');
  return who !== 'nobody' && declaration.anyOf.some((permission) => roles[who].includes(permission));
}

function isScoped(reaches: Decision['reaches'], who: Who): boolean {
  const scoped: readonly Who[] =
    reaches in subjects ? subjects[reaches as keyof typeof subjects].scoped : ['caseworker', 'supervisor'];
  return scoped.includes(who);
}

/** Whose data the role reaches by this route. */
function reached({ reaches }: Decision, who: Who): Whose[] {
  if (reaches === 'nobody' || reaches.startsWith('list of')) return ['own'];
  return isScoped(reaches, who) ? ['own'] : ['own', "other's"];
}

async function ask(route: Route, who: Who, whose: Whose, token = tokens.get(who)): Promise<Response> {
  const { body } = decisionOn(route.handler);
  const sent = route.method === 'GET' ? undefined : JSON.stringify(body?.(offices, whose) ?? {});
  return raw(
    offices.service,
    token,
    route.method,
    addressOf(route, offices, whose, who === 'nobody' ? 'donor' : who),
    sent,
  ).then((answer) => answer);
}

/** Signing out ends the session that asks for it, or all the others of the same person. */
async function tokenFor(route: Route, who: Who): Promise<string | undefined> {
  if (who === 'nobody' || !/signOut|ExitPages/.test(route.handler)) return tokens.get(who);
  return signIn(offices.service, `${who}-2@test.example`);
}

function cellOf(route: Route, who: Who, whose: Whose, answer: Response): Cell {
  return { route: nameOf(route), who, whose, status: answer.status, code: (answer.body as { code?: string }).code };
}

function nameOf({ method, path, handler }: Route): string {
  return `${method} ${path} (${handler})`;
}

/** What an answer tells, without what is new in every answer. */
function told({ status, headers, text }: Response): string {
  const { date: _date, etag: _etag, ...rest } = headers as Record<string, string>;
  const requestId = rest['x-request-id'] ?? '';
  const nonce = /'nonce-([^']+)'/.exec(rest['content-security-policy'] ?? '')?.[1] ?? '';
  return JSON.stringify([status, rest, text]).replaceAll(requestId, 'id').replaceAll(nonce, 'nonce');
}
