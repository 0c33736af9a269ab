/** The outcome of a verification on one screen of a terminal. */
import type { Findings } from './domain/findings.js';

const FAULTS_SHOWN = 5;

export function verificationScreen({ holds, entries, findings }: Findings): string {
  const lines = findings.flatMap((finding) => [
    `${finding.holds ? 'holds ' : 'BROKEN'}  ${finding.says}`,
    ...finding.faults
      .slice(0, FAULTS_SHOWN)
      .map(({ row, what, since }) => `          ${row}: ${what}${since ? ` [since ${since}]` : ''}`),
    ...(finding.faultCount > FAULTS_SHOWN ? [`          and ${finding.faultCount - FAULTS_SHOWN} more`] : []),
  ]);
  const last = holds
    ? `All holds: ${entries.toLocaleString('en')} entries.`
    : 'NOT everything holds. Stop paying, keep a copy of the database as it is, and tell the auditor.';
  return [...lines, '', last].join('\n');
}
