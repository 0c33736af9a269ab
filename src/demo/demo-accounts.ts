/**
 * The people who work in the demonstration: an account for each role, three caseworkers, and two administrators, because none lets anybody in
 * alone. All invented; one password, made anew.
 */
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '../access/domain/actor.js';
import { writePrivateFile } from '../kernel/database/embedded-home.js';

export interface DemoAccount {
  email: string;
  displayName: string;
  password: string;
  role: Role;
  /** For donors: whose reports they see. */
  donor?: string;
}

type Unsigned = Omit<DemoAccount, 'password'>;

export const demoDonors = {
  'fund-a': 'Lantern Foundation',
  'fund-b': 'Harbour Trust',
  'fund-c': 'Fair Nets Partnership',
} as const;

const people: readonly Unsigned[] = [
  { email: 'caseworker@demo.example', displayName: 'Caseworker One', role: 'caseworker' },
  { email: 'caseworker2@demo.example', displayName: 'Caseworker Two', role: 'caseworker' },
  { email: 'caseworker3@demo.example', displayName: 'Caseworker Three', role: 'caseworker' },
  { email: 'supervisor@demo.example', displayName: 'Supervisor', role: 'supervisor' },
  { email: 'preparer@demo.example', displayName: 'Finance Preparer', role: 'finance-preparer' },
  { email: 'approver@demo.example', displayName: 'Finance Approver', role: 'finance-approver' },
  { email: 'releaser@demo.example', displayName: 'Finance Releaser', role: 'finance-releaser' },
  { email: 'donor@demo.example', displayName: 'Donor', role: 'donor', donor: demoDonors['fund-a'] },
  { email: 'donor2@demo.example', displayName: 'Donor Two', role: 'donor', donor: demoDonors['fund-b'] },
  { email: 'auditor@demo.example', displayName: 'Auditor', role: 'auditor' },
  { email: 'administrator@demo.example', displayName: 'Administrator', role: 'administrator' },
  { email: 'administrator2@demo.example', displayName: 'Administrator Two', role: 'administrator' },
];

/** The accounts with the password that `.data/demo-accounts.json` holds; the file is written when it is not there. */
export function demoAccounts(dataDir: string): DemoAccount[] {
  const file = join(dataDir, 'demo-accounts.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as DemoAccount[];
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const password = [
    'demo',
    ...Array.from({ length: 3 }, () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')),
  ].join('-');
  const accounts = people.map((person) => ({ ...person, password }));
  writePrivateFile(file, `${JSON.stringify(accounts, null, 2)}\n`);
  return accounts;
}
