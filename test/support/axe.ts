/** What axe-core finds wrong with a page by the rules of WCAG 2.2 AA. */
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const options: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  // Of 2.2, and left out by axe unless asked for; and the order of headings, which no rule of WCAG names and every reader of them needs.
  rules: { 'target-size': { enabled: true }, 'heading-order': { enabled: true } },
  resultTypes: ['violations'],
  preload: false,
};

/** Brings axe along to every page that is opened. Not as an element of the page, whose own policy would not let it run. */
export async function withAxe(page: Page): Promise<Page> {
  await page.addInitScript({ content: source });
  return page;
}

/** "label at #amount: ...", one for each element that breaks a rule. */
export async function violationsOn(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${JSON.stringify(options)})`);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
  );
}
