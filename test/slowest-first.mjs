/**
 * In which order the suites run: those that take minutes first, so that two workers end together; of the others the largest file first. Named
 * here because a fresh clone has no memory of how long they took.
 */
import { statSync } from 'node:fs';
import { basename } from 'node:path';

const MINUTES = [
  'model',
  'ledger-faults',
  'pilot',
  'accessibility',
  'whole-days',
  'asked-runs',
  'chaos-finds-faults',
  'forms-on-devices',
  'route-matrix',
  'chaos',
  'killed-in-a-run',
].map((name) => `${name}.e2e-spec.ts`);

export default class SlowestFirst {
  sort(tests) {
    const ranks = new Map(tests.map((test) => [test, rankOf(test.path)]));
    return [...tests].sort((one, other) => ranks.get(other) - ranks.get(one));
  }

  allFailedTests(tests) {
    return tests;
  }

  cacheResults() {}
}

function rankOf(path) {
  const place = MINUTES.indexOf(basename(path));
  return place < 0 ? statSync(path).size : Number.MAX_SAFE_INTEGER - place;
}
