/** Making the files by which a bank pays a released run: one for each paying account, each payment in at most one that can be taken. */
import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../../access/domain/actor.js';
import { Clock } from '../../../kernel/clock.js';
import { Problem } from '../../../kernel/domain/problem.js';
import { sentence } from '../../../kernel/domain/sentence.js';
import { Ids } from '../../../kernel/ids.js';
import { bankingDays, countryOf, currencies } from '../../../kernel/reference-data.js';
import { SealedSpool } from '../../../kernel/sealed-spool.js';
import { EvidenceService, type NewEvidence } from '../../evidence.service.js';
import { LOCK_RUN } from '../../runs.sql.js';
import { RunsService } from '../../runs.service.js';
import { UnreadablePayeesService, type NotRead } from '../../unreadable-payees.service.js';
import {
  toBankFileView,
  type AbandonReason,
  type BankFileRow,
  type BankFileView,
  type RunBankFiles,
} from './bank-file-view.js';
import * as sql from './bank-files.sql.js';
import { leftOutReasons, type LeftOutReason } from './domain/creditor.js';
import { checkPain001, type Surroundings } from './domain/pain001-checker.js';
import type { Fault } from './domain/pain001-rules.js';
import { utf8Chunks, type Lot, type Payment } from './domain/payment.js';
import { askedExecutionDay, executionDay } from './execution-day.js';
import { bankFileFormats, PAIN001, type BankFileFormat } from './formats.js';
import { PayingAccountsService, type PayingAccount } from './paying-accounts.service.js';
import { OPENED_AT_ONCE, PayeesToWrite, type PaymentRow } from './payees-to-write.js';

interface WaitingRow extends PaymentRow {
  currency: string;
  due_on: string;
  fund: string;
  paying_account_id: string | null;
  stopped: boolean;
}

interface LeftOut {
  attemptId: string;
  reason: LeftOutReason;
}

/** What one file comes to, before it is there. */
interface Draft {
  account: PayingAccount;
  format: BankFileFormat;
  lot: Lot;
  written: string[];
  leftOut: LeftOut[];
  /** They go on waiting. */
  unreadable: NotRead[];
}

interface Digested {
  sha256: Buffer;
  faults: readonly Fault[];
}

const LEFT_OUT_SHOWN = 1_000;

@Injectable()
export class BankFilesService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly runs: RunsService,
    private readonly evidence: EvidenceService,
    private readonly accounts: PayingAccountsService,
    private readonly payees: PayeesToWrite,
    private readonly unreadable: UnreadablePayeesService,
  ) {}

  /**
   * Makes what files can be made of the run: one for each account that its payments leave from. Made again it makes nothing twice, and a file of
   * what has come to wait since. Payments that cannot be written are left out and recorded as failed, unsent; those of which nobody can read at the moment
   * whom they go to wait, and hold up no other. Whoever releases makes the file:
   * it is the release's last step, by which the payments leave. Throws `not-found` (404), `run-not-released`, `run-not-instructed-yet`,
   * `try-again` (409), `nothing-for-a-bank`, `date-malformed`, `execution-day-past`, `execution-day-too-far`, `not-a-banking-day`,
   * `file-breaks-rules` (422), `keys-unavailable` (503).
   */
  async make(
    actor: Actor,
    runId: string,
    asked: { executionOn?: string } = {},
  ): Promise<{ files: RunBankFiles; created: boolean }> {
    requirePermission(actor, 'runs:release');
    await this.requireInstructed(actor, runId);
    const waiting = await this.db.query<WaitingRow[]>(sql.WAITING_FOR_FILE, [runId]);
    let created = false;
    for (const [accountId, rows] of byAccount(waiting)) {
      const account = await this.accounts.find(accountId);
      created = (await this.makeOne(actor, runId, account, rows, asked.executionOn)) || created;
    }
    return { files: await this.ofRun(actor, runId), created };
  }

  /** The files of a run, whom they left out, and what waits for one. Throws `not-found` (404). */
  async ofRun(actor: Actor, runId: string): Promise<RunBankFiles> {
    requirePermission(actor, 'runs:read');
    await this.runs.find(actor, runId);
    const rows = await this.db.query<BankFileRow[]>(sql.FILES_OF_RUN, [runId]);
    return {
      items: rows.map(toBankFileView),
      leftOut: await this.db.query<RunBankFiles['leftOut']>(sql.LEFT_OUT_OF_FILES, [
        runId,
        leftOutReasons,
        LEFT_OUT_SHOWN,
      ]),
      leftOutByReason: await this.db.query<RunBankFiles['leftOutByReason']>(sql.LEFT_OUT_BY_REASON, [
        runId,
        leftOutReasons,
      ]),
      waiting: await this.db.query<RunBankFiles['waiting']>(sql.WAITING_BY_FUND, [runId]),
      unreadable: await this.db.query<RunBankFiles['unreadable']>(sql.UNREADABLE, [runId, LEFT_OUT_SHOWN]),
      next: null,
    };
  }

  /**
   * Abandons a file that nobody took: nobody takes it from now on, and its payments that may still be paid wait for a file again. Abandoned
   * again it stays as it was. Throws `not-found` (404), `file-left` (409) when somebody took it or the bank spoke of it.
   */
  async abandon(actor: Actor, fileId: string, reason: AbandonReason): Promise<BankFileView> {
    requirePermission(actor, 'runs:release');
    const file = await this.find(fileId);
    await this.runs.find(actor, file.run);
    await this.db.transaction(async (manager) => {
      const rows = await manager.query<unknown[]>(sql.ABANDON, [fileId, reason, actor.userId, this.clock.now()]);
      if (rows.length === 0) return;
      const detail = { run: file.run, count: file.count, reason };
      await this.audit.record(manager, actor, 'bank-file.abandon', { kind: 'bank-file', id: fileId }, detail);
    });
    return this.find(fileId);
  }

  private async find(fileId: string): Promise<BankFileView> {
    const [row] = await this.db.query<BankFileRow[]>(sql.FILE_BY_ID, [fileId]);
    if (!row) throw Problem.notFound('file');
    return toBankFileView(row);
  }

  private async requireInstructed(actor: Actor, runId: string): Promise<void> {
    const run = await this.runs.find(actor, runId);
    if (run.state !== 'released')
      throw Problem.conflict('run-not-released', 'A file is made when the run has been released.');
    const [by] = await this.db.query<{ transfers: number; not_instructed: number }[]>(sql.TRANSFERS_BY_FILE, [runId]);
    if (!by?.transfers) throw Problem.refused('nothing-for-a-bank', 'Nobody in this run is paid by a bank’s file.');
    if (by.not_instructed > 0)
      throw Problem.conflict(
        'run-not-instructed-yet',
        'The run is still being instructed. Make the file when its progress says that nothing is left.',
      );
  }

  /** Whether there is a file that was not there before. */
  private async makeOne(
    actor: Actor,
    runId: string,
    account: PayingAccount,
    rows: readonly WaitingRow[],
    asked: string | undefined,
  ): Promise<boolean> {
    const spool = await SealedSpool.open();
    try {
      const draft = await this.draft(actor, runId, account, rows, asked, spool);
      const bytes = draft.written.length === 0 ? null : await this.digest(draft, spool);
      await this.unreadable.keep(actor, draft.unreadable);
      return await this.db.transaction((manager) => this.keep(manager, actor, runId, draft, bytes));
    } finally {
      await spool.close();
    }
  }

  /** Opens every payee once; what can be written is put aside. */
  private async draft(
    actor: Actor,
    runId: string,
    account: PayingAccount,
    rows: readonly WaitingRow[],
    asked: string | undefined,
    spool: SealedSpool,
  ): Promise<Draft> {
    const format = bankFileFormats.get(account.layout);
    if (!format)
      throw Problem.conflict(
        'layout-unknown',
        sentence('The layout {layout} of account {account} is not there.', {
          layout: account.layout,
          account: account.code,
        }),
      );
    const where = { country: account.country, today: this.clock.today(account.timeZone) };
    const dueOn = rows.reduce(
      (earliest, row) => (row.due_on < earliest ? row.due_on : earliest),
      rows[0]?.due_on ?? '',
    );
    const lot: Lot = {
      messageId: plainId(this.ids.newId()),
      paymentInformationId: plainId(this.ids.newId()),
      createdAt: this.clock.now(),
      executionOn: asked
        ? askedExecutionDay(bankingDays, where, asked)
        : executionDay(bankingDays, { ...where, dueOn }),
      currency: account.currency,
      decimals: currencies.get(account.currency).minorUnits,
      count: 0,
      totalMinor: 0n,
      debtor: account,
    };
    const draft: Draft = { account, format, lot, written: [], leftOut: [], unreadable: [] };
    for await (const chunk of utf8Chunks(this.lines(actor, runId, rows, draft))) await spool.write(chunk);
    return draft;
  }

  private async *lines(
    actor: Actor,
    runId: string,
    rows: readonly WaitingRow[],
    { format, lot, written, leftOut, unreadable }: Draft,
  ): AsyncGenerator<string, void, undefined> {
    for await (const opened of this.payees.open(actor, runId, chunksOf(rows))) {
      const attemptId = opened.row.attempt_id;
      if ('unreadable' in opened) {
        unreadable.push({ attempt: attemptId, transfer: opened.row.transfer_id, reason: opened.unreadable });
        continue;
      }
      if ('reason' in opened) {
        // Neither is opened; the one that somebody asked for is told.
        leftOut.push({ attemptId, reason: opened.row.stopped ? 'stopped' : opened.reason });
        continue;
      }
      if (format.refuses(lot, opened.payment)) {
        leftOut.push({ attemptId, reason: 'cell-like-a-formula' });
        continue;
      }
      written.push(attemptId);
      lot.count += 1;
      lot.totalMinor += opened.payment.amountMinor;
      yield lineOf(opened.payment);
    }
  }

  /** SHA-256 of the file, and what it breaks of the rules, against which it is read as it is written. */
  private async digest({ account, format, lot }: Draft, spool: SealedSpool): Promise<Digested> {
    const hash = createHash('sha256');
    async function* hashed(): AsyncGenerator<Buffer, void, undefined> {
      for await (const chunk of format.write(lot, paymentsIn(spool))) {
        hash.update(chunk);
        yield chunk;
      }
    }
    if (account.layout === PAIN001) {
      const { faults } = await checkPain001(hashed(), this.surroundings(account));
      return { sha256: hash.digest(), faults };
    }
    for await (const chunk of hashed()) void chunk;
    return { sha256: hash.digest(), faults: [] };
  }

  private surroundings({ country }: PayingAccount): Surroundings {
    return {
      decimalsOfCurrency: (code) => currencies.all().find((one) => one.code === code)?.minorUnits,
      dayAtBanks: (day) => bankingDays.on(country, day),
      usedBefore: async (ids) => {
        const used = await this.db.query<{ id: string }[]>(sql.USED_BEFORE, [ids]);
        return new Set(used.map(({ id }) => id));
      },
    };
  }

  /**
   * Whether it was made; not when somebody else made it meanwhile. Throws `try-again` (409) when something else became of a payment,
   * `file-breaks-rules` (422).
   */
  private async keep(
    manager: EntityManager,
    actor: Actor,
    runId: string,
    { account, lot, written, leftOut }: Draft,
    bytes: Digested | null,
  ): Promise<boolean> {
    await manager.query(LOCK_RUN, [runId]);
    const attempts = [...written, ...leftOut.map(({ attemptId }) => attemptId)];
    const [now] = await manager.query<{ in_a_file: number; waiting: number }[]>(sql.STANDING_NOW, [attempts]);
    if (now?.in_a_file || (!bytes && now?.waiting === 0)) return false;
    if (now?.waiting !== attempts.length)
      throw Problem.conflict('try-again', 'Something became known of a payment at the same moment. Try again.');
    // Only now: that its references are used is no fault of a file that somebody else made meanwhile.
    requireNoFault(bytes?.faults ?? []);
    await this.recordNotSent(manager, actor, leftOut);
    if (!bytes) {
      await this.audit.record(
        manager,
        actor,
        'bank-file.leave-out',
        { kind: 'run', id: runId },
        { count: leftOut.length },
      );
      return false;
    }
    const id = this.ids.newId();
    await manager.query(sql.INSERT_FILE, [
      id,
      runId,
      account.id,
      lot.messageId,
      lot.paymentInformationId,
      lot.executionOn,
      lot.createdAt,
      lot.count,
      lot.totalMinor,
      lot.currency,
      bytes.sha256,
      actor.userId,
    ]);
    await manager.query(sql.INSERT_ITEMS, [id, written]);
    const detail = { run: runId, count: lot.count, leftOut: leftOut.length };
    await this.audit.record(manager, actor, 'bank-file.make', { kind: 'bank-file', id }, detail);
    return true;
  }

  /** They stood in no file, so they were sent nowhere: that they failed is proven, and they can be paid again. */
  private async recordNotSent(manager: EntityManager, actor: Actor, leftOut: readonly LeftOut[]): Promise<void> {
    if (leftOut.length === 0) return;
    const reasons = new Map(leftOut.map(({ attemptId, reason }) => [attemptId, reason]));
    const attempts = await this.evidence.lock(manager, 'a.id = any ($1)', [[...reasons.keys()]]);
    const told = attempts.map((attempt): NewEvidence => ({
      id: this.ids.newId(),
      source: 'rail',
      toldBy: actor,
      attempt,
      kind: 'failed',
      code: 'not-sent',
      happenedOn: this.clock.today(countryOf(attempt.country).timeZone),
      reference: reasons.get(attempt.id) ?? null,
    }));
    await this.evidence.take(manager, attempts, told);
  }
}

/** Throws `file-breaks-rules` (422): what would be a fault of ours stops here and not at the bank. */
function requireNoFault(faults: readonly Fault[]): void {
  const [first] = faults;
  if (first)
    throw Problem.refused(
      'file-breaks-rules',
      sentence(
        'The file would break {n} rule(s) that banks hold it to, the first {first} in line {line}. It was not made.',
        { n: faults.length, first: first.code, line: first.line },
      ),
    );
}

function byAccount(rows: readonly WaitingRow[]): Map<string, WaitingRow[]> {
  const groups = new Map<string, WaitingRow[]>();
  for (const row of rows) {
    if (row.paying_account_id === null) continue;
    const group = groups.get(row.paying_account_id);
    if (group) group.push(row);
    else groups.set(row.paying_account_id, [row]);
  }
  return groups;
}

function* chunksOf<Row>(rows: readonly Row[]): Generator<readonly Row[], void, undefined> {
  for (let from = 0; from < rows.length; from += OPENED_AT_ONCE) yield rows.slice(from, from + OPENED_AT_ONCE);
}

const plainId = (id: string) => id.replaceAll('-', '');

const lineOf = (payment: Payment) => `${JSON.stringify({ ...payment, amountMinor: payment.amountMinor.toString() })}\n`;

async function* paymentsIn(spool: SealedSpool): AsyncGenerator<Payment, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of spool.read()) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { amountMinor, ...payment } = JSON.parse(line) as Omit<Payment, 'amountMinor'> & { amountMinor: string };
      yield { ...payment, amountMinor: BigInt(amountMinor) };
    }
  }
}
