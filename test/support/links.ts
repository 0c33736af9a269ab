/** Links that work once, taken up as people do it: on the page. */
import { expect } from '@jest/globals';
import { Browser } from './browser.js';
import { TEST_PASSWORD, type TestService } from './service.js';

/** Chooses a password by a link as it was handed over. */
export async function takeUp(service: TestService, link: string, password = TEST_PASSWORD): Promise<void> {
  const code = link.split('#')[1] ?? '';
  const answer = await new Browser(service).send('/welcome', '/welcome', { code, password, again: password });
  expect(answer.status).toBe(200);
}
