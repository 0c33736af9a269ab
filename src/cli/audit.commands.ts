/** The command that verifies the audit trail. */
import { parseHead } from '../access/audit/domain/audit-chain.js';
import { AuditVerification } from '../access/audit/audit-verification.js';
import { operatorActor } from '../access/domain/actor.js';
import { print, textsOf, type Command } from './command.js';
import { progressOn } from './progress.js';

export const auditCommands: Record<string, Command> = {
  'verify-audit': {
    usage: 'verify-audit [--head NUMBER:HASH …] [--json]',
    does: 'checks that no event of the audit trail was changed, removed or put in; with heads that were noted elsewhere, that it is still that trail',
    options: { head: { type: 'string', multiple: true } },
    async run(app, flags) {
      const { json } = flags;
      const kept = textsOf(flags, 'head').map(parseHead);
      const showProgress = json ? undefined : progressOn(process.stderr, 'Verifying the audit trail');
      const { holds, head, faultCount, faults } = await app.get(AuditVerification).run(operatorActor('command line'), {
        kept,
        onProgress: (done, of) =>
          showProgress?.(Math.min(99, Math.floor((100 * done) / Math.max(1, of))), `${done} events`),
      });
      if (json) print(JSON.stringify({ holds, head, faultCount, faults }, null, 2));
      else {
        for (const { no, event, what } of faults) print(`BROKEN  event ${no}${event ? ` (${event})` : ''}: ${what}`);
        if (faultCount > faults.length) print(`        and ${faultCount - faults.length} more`);
        print(
          holds
            ? 'All holds. Note this head where nobody of the service can change it:'
            : 'NOT everything holds. Head:',
        );
        print(head);
      }
      return holds ? 0 : 1;
    },
  },
};
