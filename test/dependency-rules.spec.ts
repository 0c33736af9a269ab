/** Proves that the dependency rules fire: a small house in which each of them is broken once, and one import that is allowed. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

interface Cruise {
  summary: { violations: { from: string; to: string; rule: { name: string } }[] };
}

const house: Record<string, string> = {
  'src/kernel/money.ts': 'export const money = 1;',
  'src/kernel/early.ts': "import '../ledger/posting.service.js';",
  'src/ledger/posting.service.ts': "import { money } from '../kernel/money.js'; export const posting = money;",
  'src/ledger/domain/entry.ts': "import type { Injectable } from '@nestjs/common'; export type E = typeof Injectable;",
  'src/ledger/domain/balance.ts': "import '../posting.service.js';",
  'src/funds/first.ts': "import './second.js'; export const first = 1;",
  'src/funds/second.ts': "import './first.js'; export const second = 2;",
  'src/funds/shortcut.ts': "import '../app.module.js';",
  'src/needs/catalogue.ts': 'export interface Need { code: string }',
  'src/clients/detour.ts': "import type { Need } from '../needs/catalogue.js'; export type Wanted = Need;",
  'src/funds/told.ts': "import { note } from '../case-notes/case-notes.service.js'; export const told = note;",
  'src/case-notes/case-notes.service.ts': 'export const note = 1;',
  'src/transfers/hold.ts': "import { told } from '../funds/told.js'; export const hold = told;",
  'src/transfers/run.ts': "import type { Wanted } from '../clients/detour.js'; export type Payee = Wanted;",
  'src/clients/identification/elements.ts': 'export const elements = 3;',
  'src/clients/standing.ts':
    "import { elements } from './identification/elements.js'; export const standing = elements;",
  'src/transfers/rank.ts': "import { standing } from '../clients/standing.js'; export const rank = standing;",
  'src/demo/pilot.ts': 'export const pilot = 1;',
  'src/web/start.ts': "import '../demo/pilot.js';",
  'src/attic/box.ts': "import '../kernel/money.js';",
  'src/app.module.ts': "import './transfers/run.js';",
  'src/main.ts': "import './demo/pilot.js';",
};

describe('the dependency rules', () => {
  let violations: string[];

  beforeAll(() => {
    const root = mkdtempSync(join(tmpdir(), 'uct-house-'));
    for (const [file, source] of Object.entries(house)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), source);
    }
    violations = cruise(root).summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
    rmSync(root, { recursive: true });
  });

  it.each([
    [
      'a payment that depends on a need, even by way of another room',
      'transfers-are-unconditional: src/transfers/run.ts -> src/needs/catalogue.ts',
    ],
    [
      'a payment that depends on a case note, even by way of another room',
      'transfers-are-unconditional: src/transfers/hold.ts -> src/case-notes/case-notes.service.ts',
    ],
    [
      'a payment that depends on an identification, though it may know of clients',
      'transfers-are-unconditional: src/transfers/rank.ts -> src/clients/identification/elements.ts',
    ],
    [
      'a room that imports a later one',
      'clients-imports-earlier-rooms-only: src/clients/detour.ts -> src/needs/catalogue.ts',
    ],
    [
      'the kernel importing any room',
      'kernel-imports-earlier-rooms-only: src/kernel/early.ts -> src/ledger/posting.service.ts',
    ],
    ['a framework in a domain', 'domain-is-pure: src/ledger/domain/entry.ts -> @nestjs/common'],
    ['a service in a domain', 'domain-is-pure: src/ledger/domain/balance.ts -> src/ledger/posting.service.ts'],
    ['the demonstration in the product', 'nothing-imports-the-demonstration: src/web/start.ts -> src/demo/pilot.ts'],
    ['an entry file inside a room', 'rooms-do-not-import-entry-files: src/funds/shortcut.ts -> src/app.module.ts'],
    ['a room without a place in the order', 'room-has-its-place-in-the-order: src/attic/box.ts -> src/kernel/money.ts'],
    ['a circle', 'no-circular: src/funds/first.ts -> src/funds/second.ts'],
  ])('refuse %s', (_what, violation) => {
    expect(violations).toContain(violation);
  });

  it('let an import up the list pass', () => {
    expect(violations.filter((violation) => violation.includes(': src/ledger/posting.service.ts ->'))).toEqual([]);
    expect(violations.filter((violation) => /: src\/(main|app\.module)\.ts/.test(violation))).toEqual([]);
  });
});

/** Answers what the command line tool reports; a process of its own, as it cannot be loaded into Jest. */
function cruise(root: string): Cruise {
  const project = resolve(import.meta.dirname, '..');
  const tool = join(project, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [tool, 'src', '--config', join(project, '.dependency-cruiser.cjs'), '--output-type', 'json'];
  try {
    return JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8', stdio: 'pipe' })) as Cruise;
  } catch (error) {
    // It ends with a failure because it found something; only an answer that is none is a fault.
    return JSON.parse((error as { stdout: string }).stdout) as Cruise;
  }
}
