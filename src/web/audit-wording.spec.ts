/** That every act that the code records has words on the page of the audit trail, and how details are told. */
import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { actsByWords, actWords, auditDetail, subjectWords } from './audit-wording.js';

const filesIn = (folder: string, ending: RegExp) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8'));

describe('The audit trail in words', () => {
  it('has words for every act that the code records', () => {
    const sources = [...filesIn('src', /(?<!\.spec)\.ts$/), ...filesIn('migrations', /\.sql$/)];
    const acts = sources
      .filter((source) => /audit\.(record|recordAll)|AuditedAct|access\.audit_event/.test(source))
      .flatMap((source) => source.split('\n').filter((line) => !/orderBy|select|import/i.test(line)))
      .flatMap((line) => [...line.matchAll(/'([a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*)'/g)].map(([, act]) => act ?? ''))
      .filter((act) => !/^(access|consents|casework|ledger|payments|pii|reports)\.(?!verify|refuse)/.test(act));
    expect(acts.length).toBeGreaterThan(30);
    expect([...new Set(acts)].filter((act) => actWords(act) === act)).toEqual([]);
  });

  it('offers each act once', () => {
    expect(new Set(actsByWords().map(({ words }) => words)).size).toBe(actsByWords().length);
  });

  it('tells an act and a subject that it does not know as they are', () => {
    expect([actWords('cat.feed'), subjectWords('cat')]).toEqual(['cat.feed', 'cat']);
  });

  it('tells a detail in one line', () => {
    expect(auditDetail({ holds: true, roles: ['donor'], states: { settled: 2, failed: 1 }, none: [] })).toBe(
      'holds: yes; roles: donor; states: settled 2, failed 1; none: none',
    );
    expect(auditDetail({})).toBe('');
  });
});
