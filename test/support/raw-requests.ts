/** Requests as a program gone wrong or an attacker would send them: any body, any header, a token of one's own. */
import { expect } from '@jest/globals';
import request from 'supertest';
import { UsersService } from '../../src/access/users.service.js';
import { OPERATOR_USER_ID, operatorActor, type Role } from '../../src/access/domain/actor.js';
import { sql } from './database.js';
import { TEST_PASSWORD, type TestService } from './service.js';

/** Signs in and answers the token. */
export async function signIn(service: TestService, email: string, password = TEST_PASSWORD): Promise<string> {
  const answer = await service.anybody().post('/api/v1/sessions').send({ email, password }).expect(201);
  return (answer.body as { token: string }).token;
}

export const tokenOf = (service: TestService, role: Role, number: 1 | 2 = 1): Promise<string> =>
  signIn(service, `${role}-${number}@test.example`);

/** A new person with these roles; their id and a token. */
export async function hire(service: TestService, email: string, roles: Role[]): Promise<{ id: string; token: string }> {
  const staff = {
    email,
    displayName: email.split('@')[0] ?? email,
    password: TEST_PASSWORD,
    roles,
    secondFactorWaived: true,
  };
  const id = await service.app.get(UsersService).create(operatorActor('test'), staff);
  return { id, token: await signIn(service, email) };
}

/** A person with roles that must not meet, as only a superuser with ill will could make one; for what has to hold even then. */
export async function hireAgainstTheRules(
  service: TestService,
  email: string,
  roles: Role[],
): Promise<{ id: string; token: string }> {
  const { id, token } = await hire(service, email, roles.slice(0, 1));
  await sql(
    service.db.url,
    `do $$ begin set local session_replication_role = replica;
     insert into access.user_role select '${id}', unnest('{${roles.join(',')}}'::text[]), '${OPERATOR_USER_ID}', now() on conflict do nothing; end $$`,
  );
  return { id, token };
}

/** A request with that token; the body is sent as it is, byte by byte. */
export function raw(
  service: TestService,
  token: string | undefined,
  method: string,
  path: string,
  body?: string | Buffer,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): request.Test {
  const test = (request(service.app.getHttpServer()) as unknown as Record<string, (path: string) => request.Test>)[
    method.toLowerCase()
  ]!(path).set({ accept: 'application/json', ...headers });
  if (token) test.set('authorization', `Bearer ${token}`);
  return body === undefined ? test : test.serialize((sent: unknown) => sent as string).send(body as string);
}

export interface ExpectedProblem {
  status: number;
  code: string;
  field?: string;
}

/** Checks that an answer is a problem (RFC 9457) of that kind, and that it tells nothing of how we are built. */
export function expectProblem(answer: request.Response, { status, code, field }: ExpectedProblem): void {
  const body = answer.body as Record<string, unknown>;
  expect({ status: answer.status, code: body.code, field: body.field }).toEqual({ status, code, field });
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(body).toMatchObject({ type: `urn:uct-ledger:problem:${code}`, title: code, status });
  expect(body.detail).toEqual(expect.stringMatching(/\S/));
  expect(body.requestId).toBe(answer.headers['x-request-id']);
  expectNoInternals(answer.text);
}

/** Neither SQL, nor a stack, nor a table's name belongs in an answer. */
export function expectNoInternals(text: string): void {
  expect(text).not.toMatch(/\b(select|insert into|update \w+ set|delete from)\b.*\b(from|where|values|set)\b/i);
  expect(text).not.toMatch(/\n\s+at |node_modules|\.[jt]s:\d+|QueryFailedError|TypeError|RangeError/);
  expect(text).not.toMatch(/\b(pii|casework|payments|access|ledger)\.[a-z_]+\b/);
}
