/** Commands that look at the books and prove them. */
import { readFileSync } from 'node:fs';
import { operatorActor } from '../access/domain/actor.js';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { BooksService } from '../ledger/books.service.js';
import { keptCheckpoint } from '../ledger/transparency-log/domain/bundle-reading.js';
import { verificationScreen } from '../ledger/verification/verification-screen.js';
import { VerificationService } from '../ledger/verification/verification.service.js';
import { progressOn } from './progress.js';
import { MonthEndService } from '../transfers/reconciliation/month-end.service.js';
import { SelfCheckService } from '../transfers/self-check.service.js';
import { print, textOf, textsOf, type Command } from './command.js';

export const booksCommands: Record<string, Command> = {
  'trial-balance': {
    usage: 'trial-balance [--json]',
    does: 'adds up every entry; exit 0 when debits equal credits in each currency',
    async run(app, { json }) {
      const balance = await app.get(BooksService).trialBalance(operatorActor('command line'));
      if (json) print(JSON.stringify(balance, null, 2));
      else {
        for (const account of balance.accounts)
          print(
            `${account.fund.padEnd(16)} ${account.account.padEnd(18)} ${account.currency} ${account.balance.padStart(18)}`,
          );
        for (const total of balance.currencies)
          print(`${total.currency}: debits ${total.debits}, credits ${total.credits}, difference ${total.difference}`);
      }
      return balance.balanced ? 0 : 1;
    },
  },
  'self-check': {
    usage: 'self-check [--json]',
    does: 'checks that the books balance, that what was instructed has its entries, and that nobody was paid twice',
    async run(app, { json }) {
      const result = await app.get(SelfCheckService).run(operatorActor('command line'));
      if (json) print(JSON.stringify(result, null, 2));
      else
        for (const check of result.checks)
          print(
            `${check.holds ? 'holds ' : 'BROKEN'}  ${check.name}${check.holds ? '' : ` (${check.faults}: ${check.examples.join(', ')})`}`,
          );
      return result.ok ? 0 : 1;
    },
  },
  'month-end': {
    usage: 'month-end [--through YYYY-MM-DD] [--json]',
    does: 'says whether everything through a day (the last of the month before) is in order; exit 0 when it is',
    options: { through: { type: 'string' } },
    async run(app, flags) {
      const end = await app.get(MonthEndService).at(operatorActor('command line'), textOf(flags, 'through'));
      if (flags.json) print(JSON.stringify(end, null, 2));
      else {
        print(end.sentence);
        for (const { code, currency, statement, books, difference, items } of end.accounts) {
          print(
            `${code}: statement ${statement ?? 'none'}, books ${books}, difference ${difference ?? '-'} ${currency}`,
          );
          for (const item of items)
            print(
              `  ${item.amount.padStart(16)} ${item.kind} (${item.count})${item.isExplained ? '' : ', not explained'}`,
            );
        }
        for (const { fund, rail, balance, explained, payments, unknown, currency } of end.clearing)
          print(
            `${fund} ${rail}: ${balance} ${currency} on its way, ${explained} of it by ${payments} payments, ${unknown} unknown`,
          );
        for (const { holder, fund, balance, currency } of end.floats)
          print(`${holder} carries ${balance} ${currency} of ${fund}`);
      }
      return end.inOrder ? 0 : 1;
    },
  },
  verify: {
    usage: 'verify [--checkpoint FILE …] [--json]',
    does: 'rebuilds books and log from the rows; with checkpoints that were kept elsewhere, says whether this is still that ledger',
    options: { checkpoint: { type: 'string', multiple: true } },
    async run(app, flags) {
      const { json } = flags;
      const kept = textsOf(flags, 'checkpoint').map((file) => ({ name: file, note: keptCheckpoint(readKept(file)) }));
      const showProgress = json ? undefined : progressOn(process.stderr, 'Verifying the ledger');
      const findings = await app.get(VerificationService).run(operatorActor('command line'), {
        kept,
        onProgress: (entries, ofAbout) =>
          showProgress?.(Math.min(99, Math.floor((100 * entries) / Math.max(1, ofAbout))), `${entries} entries`),
      });
      if (json) print(JSON.stringify(findings, null, 2));
      else print(verificationScreen(findings));
      return findings.holds ? 0 : 1;
    },
  },
};

/** A checkpoint, or the bundle that it was in. Throws `file-unreadable`. */
function readKept(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw Problem.refused('file-unreadable', sentence('{file} cannot be read.', { file }), 'checkpoint');
  }
}
