/** People with a second factor, set up as people do it: on the page, with an authenticator. */
import { expect } from '@jest/globals';
import { TOTP } from 'otpauth';
import { operatorActor, type Role } from '../../src/access/domain/actor.js';
import { UsersService } from '../../src/access/users.service.js';
import { Browser, textAt } from './browser.js';
import { newId } from './builders.js';
import { TEST_PASSWORD, type TestService } from './service.js';

export interface Enrolled {
  id: string;
  email: string;
  browser: Browser;
  /** Of the authenticator, as it was shown once. */
  secret: string;
  recoveryCodes: string[];
  /** The code that the authenticator shows at the service's time, or so many steps later. */
  code(stepsLater?: number): string;
}

/** Somebody who is not excused from a second factor and has none yet. */
export async function hireUnexcused(service: TestService, role: Role): Promise<{ id: string; email: string }> {
  const email = `${role}-${newId()}@test.example`;
  const staff = { email, displayName: role, password: TEST_PASSWORD, roles: [role] };
  return { id: await service.app.get(UsersService).create(operatorActor('test'), staff), email };
}

export function codeAt(service: TestService, secret: string, stepsLater = 0): string {
  return TOTP.generate({ secret: secretFrom(secret), timestamp: service.clock.now().getTime() + stepsLater * 30_000 });
}

function secretFrom(text: string) {
  return new TOTP({ secret: text.replaceAll(' ', '') }).secret;
}

export async function enrol(service: TestService, role: Role = 'finance-releaser'): Promise<Enrolled> {
  const { id, email } = await hireUnexcused(service, role);
  const browser = new Browser(service);
  expect(await browser.giveEmailAndPassword(email)).toMatch(/^\/(account\/second-factor)?$/);
  const secret = textAt(await browser.open('/account/second-factor').expect(200), 'secret');
  const code = (stepsLater = 0) => codeAt(service, secret, stepsLater);
  const shown = await browser.send('/account/second-factor', '/account/second-factor', { code: code() });
  expect(shown.status).toBe(200);
  return { id, email, browser, secret, recoveryCodes: recoveryCodesIn(shown.text), code };
}

export function recoveryCodesIn(text: string): string[] {
  return [...text.matchAll(/<li>([0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4})<\/li>/g)].map(([, code = '']) => code);
}
