/** Lines of a bank's report, taken in: each is known again, matched, stored, applied as evidence or put on the work list, all in one transaction. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import type { Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import { canonicalJson } from '../../kernel/domain/canonical.js';
import type { PlainDate } from '../../kernel/domain/plain-date.js';
import { idOfText, Ids } from '../../kernel/ids.js';
import { countryOf, currencies } from '../../kernel/reference-data.js';
import { Secrets } from '../../kernel/secrets.js';
import { DEAD_STATES } from '../domain/attempt-state.js';
import { EvidenceService, type AttemptRow, type NewEvidence } from '../evidence.service.js';
import {
  correlationIdsOf,
  digestOf,
  keptCode,
  keptPaymentReference,
  keptReference,
  keyOf,
  minorOf,
  plainDigest,
  type Digest,
} from './domain/line-facts.js';
import type { EntryItem, ReportKind, ReportLine, StatusItem } from './domain/report-items.js';
import { judgeLine, unknownMovement, type Verdict, type WorkReason } from './domain/verdict.js';
import {
  ACCOUNTS,
  BANK_FILES,
  DEBITS,
  INSERT_BALANCES,
  INSERT_LINES,
  INSERT_WORK,
  KNOWN,
  REPEATS,
} from './inbound-lines.sql.js';

export interface InboundFile {
  id: string;
  no: string;
  kind: ReportKind;
}

export type LineResult = 'applied' | 'told-before' | 'unmatched' | 'conflicting' | 'not-about-a-payment';

interface AttemptFound extends AttemptRow {
  correlation_id: string;
}

interface BankFileRow {
  id: string;
  message_id: string;
  lot_id: string;
  paying_account_id: string;
}

/** A line under which key it is kept, and which one it would have had before keys were keyed. */
interface Numbered {
  line: ReportLine;
  key: string;
  formerKey: string;
  repeat: number;
}

/** All that a part of a file may be about, read once. */
interface Known {
  attempts: ReadonlyMap<string, AttemptFound>;
  bankFiles: readonly BankFileRow[];
  accounts: ReadonlyMap<string, string>;
  /** Attempts with a booked debit in reports of this kind. */
  debited: Set<string>;
}

interface Taken {
  line: ReportLine;
  key: string;
  repeat: number;
  verdict: Verdict;
  result: LineResult;
  work: WorkReason | null;
  attempt: AttemptFound | null;
  bankFile: BankFileRow | null;
  account: string | null;
  evidence: NewEvidence | null;
}

/** Where each day begins first: no bank is further on. */
const FIRST_IN_A_DAY = 'Pacific/Kiritimati';

/** Rails whose payments a bank's report can be about. */
const OF_BANKS: readonly string[] = ['bank-file', 'manual'];

@Injectable()
export class InboundLines {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly evidence: EvidenceService,
    private readonly secrets: Secrets,
  ) {}

  private readonly digest: Digest = (content) => this.secrets.fingerprint('bank-report-line', content);

  /** Takes lines in that follow each other in a file; in the caller's transaction, whose turn it is. */
  async take(manager: EntityManager, actor: Actor, file: InboundFile, lines: readonly ReportLine[]): Promise<void> {
    const numbered = await this.number(manager, file, lines);
    const told = await this.told(manager, numbered);
    const known = await this.find(manager, file, lines);
    const taken = numbered.map(({ line, key, formerKey, repeat }): Taken => {
      const wasToldByFormerKey = told.has(`${formerKey}/${repeat}`);
      // Under the key of the line that told it first, so that a month's end counts it once.
      const one = { line, repeat, key: wasToldByFormerKey ? formerKey : key };
      const verdict = judgeLine(one.line);
      const nothing = { ...one, verdict, work: null, attempt: null, bankFile: null, account: null, evidence: null };
      const matched = this.match({ ...nothing, result: 'not-about-a-payment' }, known);
      if (wasToldByFormerKey || told.has(`${key}/${repeat}`)) return { ...matched, result: 'told-before', work: null };
      return this.weigh(actor, file, matched, known);
    });
    const evidence = taken.flatMap((one) => one.evidence ?? []);
    const attempts = [...new Map(evidence.map(({ attempt }) => [attempt.id, attempt])).values()];
    await this.evidence.take(manager, attempts, [...new Map(evidence.map((one) => [one.id, one])).values()]);
    await manager.query(INSERT_LINES, [
      file.id,
      file.kind,
      JSON.stringify(taken.map((one) => rowOf(one, this.digest))),
    ]);
    await this.putOnWorkList(manager, file, taken);
    await this.keepBalances(manager, actor, file, taken);
    const counts: Partial<Record<LineResult, number>> = {};
    for (const { result } of taken) counts[result] = (counts[result] ?? 0) + 1;
    await this.audit.record(manager, actor, 'bank-report.take', { kind: 'bank-report', id: file.id }, { counts });
  }

  /** What a line proves of one payment, as evidence. Null where the day cannot be. */
  evidenceOf(
    actor: Actor,
    attempt: AttemptRow,
    verdict: Pick<Verdict, 'kind' | 'code'>,
    day: PlainDate | null,
    reference: string | null,
    isBooking: boolean,
    firstToldBy?: string,
  ): NewEvidence | null {
    const { kind, code } = verdict;
    if (!kind) return null;
    const today = this.clock.today(countryOf(attempt.country).timeZone);
    if (isBooking && (!day || day > this.clock.today(FIRST_IN_A_DAY) || day < attempt.instructed_on)) return null;
    // A bank dates by its own clock, which may be on another day than the client's.
    const told = !day || day > today ? today : day;
    const happenedOn = told < attempt.instructed_on ? attempt.instructed_on : told;
    const content = { attempt: attempt.id, kind, code, happenedOn, reference };
    return {
      id: idOfText(canonicalJson(content)),
      source: 'statement',
      toldBy: actor,
      firstToldBy,
      attempt,
      kind,
      code,
      happenedOn,
      reference,
    };
  }

  /** The number of each line among those of its key in the file, so that two fees of the same amount on one day are two. */
  private async number(
    manager: EntityManager,
    file: InboundFile,
    lines: readonly ReportLine[],
  ): Promise<readonly Numbered[]> {
    const numbered = lines.map((line) => ({
      line,
      key: keyOf(line, file.id, this.digest).toString('hex'),
      formerKey: keyOf(line, file.id, plainDigest).toString('hex'),
      repeat: 0,
    }));
    const before = await manager.query<{ key: string; repeats: number }[]>(REPEATS, [file.id, keysOf(numbered)]);
    const repeats = new Map(before.map(({ key, repeats: count }) => [key, count]));
    for (const one of numbered) {
      one.repeat = Math.max(repeats.get(one.key) ?? 0, repeats.get(one.formerKey) ?? 0) + 1;
      repeats.set(one.key, one.repeat);
    }
    return numbered;
  }

  /** Which keys and numbers are known, from whatever file. */
  private async told(manager: EntityManager, numbered: readonly Numbered[]): Promise<ReadonlySet<string>> {
    const repeats = numbered.map(({ repeat }) => repeat);
    const rows = await manager.query<{ key: string; repeat_no: number }[]>(KNOWN, [
      keysOf(numbered),
      [...repeats, ...repeats],
    ]);
    return new Set(rows.map((row) => `${row.key}/${row.repeat_no}`));
  }

  private async find(manager: EntityManager, file: InboundFile, lines: readonly ReportLine[]): Promise<Known> {
    const references = lines.filter((line): line is StatusItem | EntryItem => 'endToEndId' in line);
    const correlated = [...new Set(references.flatMap(correlationIdsOf))];
    const locked = await this.evidence.lock(manager, 'a.correlation_id = any ($1)', [correlated]);
    const named = await manager.query<{ id: string; correlation_id: string }[]>(
      'select id, correlation_id from payments.attempt where correlation_id = any ($1)',
      [correlated],
    );
    const correlationIds = new Map(named.map((row) => [row.id, row.correlation_id]));
    const attempts = locked
      .filter(({ rail }) => OF_BANKS.includes(rail))
      .map((row) => Object.assign(row, { correlation_id: correlationIds.get(row.id) ?? '' }));
    const accounts = lines.flatMap((line) => ('account' in line && line.account ? normalAccount(line.account) : []));
    const payingAccounts = await manager.query<{ id: string; account: string }[]>(ACCOUNTS, [[...new Set(accounts)]]);
    const debits = await manager.query<{ attempt_id: string; file_kind: ReportKind }[]>(DEBITS, [
      attempts.map(({ id }) => id),
    ]);
    return {
      attempts: new Map(attempts.map((attempt) => [attempt.correlation_id, attempt])),
      bankFiles: await manager.query<BankFileRow[]>(BANK_FILES, [
        references.flatMap(({ messageId }) => messageId ?? []),
        references.flatMap(({ lotId }) => lotId ?? []),
      ]),
      accounts: new Map(payingAccounts.map(({ id, account }) => [account, id])),
      debited: new Set(debits.filter((row) => row.file_kind === file.kind).map((row) => row.attempt_id)),
    };
  }

  private match(taken: Taken, known: Known): Taken {
    const { line } = taken;
    const account =
      'account' in line && line.account ? (known.accounts.get(normalAccount(line.account)) ?? null) : null;
    if (!('endToEndId' in line)) return { ...taken, account };
    const found = correlationIdsOf(line).flatMap((id) => known.attempts.get(id) ?? []);
    const attempt = new Set(found).size === 1 ? (found[0] ?? null) : null;
    const bankFile =
      known.bankFiles.find(({ lot_id }) => lot_id === line.lotId) ??
      known.bankFiles.find(({ message_id }) => message_id === line.messageId) ??
      null;
    const disagree = new Set(found).size > 1;
    return { ...taken, account, attempt, bankFile, work: disagree ? 'references-disagree' : null };
  }

  private weigh(actor: Actor, file: InboundFile, taken: Taken, known: Known): Taken {
    const { line, verdict, attempt } = taken;
    if (line.item === 'unreadable') return { ...taken, result: 'unmatched', work: 'unreadable' };
    if (line.item === 'balance') return taken;
    if (taken.work) return { ...taken, result: 'unmatched' };
    if (line.item === 'status' && line.level !== 'payment') return weighLevel(taken);
    if (!attempt) return weighStranger(taken, line);
    const conflict = (work: WorkReason): Taken => ({ ...taken, result: 'conflicting', work });
    if (verdict.work && !verdict.kind) return conflict(verdict.work);
    if (!verdict.kind) return { ...taken, result: 'not-about-a-payment' };
    if (line.currency !== null && line.currency !== attempt.currency) return conflict('currency-differs');
    if (line.amount !== null && minorOf(line.amount, attempt.currency, currencies) !== BigInt(attempt.amount_minor))
      return conflict('amount-differs');
    const isEntry = line.item === 'entry';
    const isDebit = isEntry && verdict.kind === 'settled';
    if (isDebit && known.debited.has(attempt.id)) return conflict('paid-twice');
    const evidence = isEntry
      ? this.evidenceOf(
          actor,
          attempt,
          verdict,
          line.bookedOn,
          keptReference(line.servicerReference ?? line.entryReference, this.digest) ?? file.kind,
          line.bookingStatus === 'booked',
        )
      : this.evidenceOf(actor, attempt, verdict, line.day, file.kind, false);
    if (!evidence) return conflict('day-impossible');
    if (isDebit) known.debited.add(attempt.id);
    // It was paid again meanwhile, because this payment was believed not to have arrived.
    const isLate = verdict.kind === 'settled' && attempt.superseded && DEAD_STATES.includes(attempt.state);
    // Success beats failure; that the bank says otherwise of what people told is looked at.
    const isDoubted = verdict.kind === 'failed' && attempt.state === 'settled';
    const work = isLate ? 'paid-twice' : isDoubted ? 'failed-though-paid' : verdict.work;
    return { ...taken, evidence, result: 'applied', work };
  }

  private async putOnWorkList(manager: EntityManager, file: InboundFile, taken: readonly Taken[]): Promise<void> {
    const waiting = taken.filter(({ work }) => work !== null);
    if (waiting.length === 0) return;
    await manager.query(INSERT_WORK, [
      waiting.map(() => this.ids.newId()),
      file.id,
      waiting.map(({ line }) => line.place),
      waiting.map(({ work }) => work),
      this.clock.now(),
    ]);
  }

  private async keepBalances(
    manager: EntityManager,
    actor: Actor,
    file: InboundFile,
    taken: readonly Taken[],
  ): Promise<void> {
    const rows = taken.flatMap(({ line, account, result }) => {
      if (line.item !== 'balance' || !account || result === 'told-before') return [];
      const amount = minorOf(line.amount, line.currency, currencies);
      return amount === null ? [] : [{ line, account, amount }];
    });
    if (rows.length === 0) return;
    await manager.query(INSERT_BALANCES, [
      rows.map(() => this.ids.newId()),
      file.id,
      rows.map(({ account }) => account),
      rows.map(({ line }) => line.currency),
      rows.map(({ line }) => line.day),
      rows.map(({ line }) => line.which),
      rows.map(({ amount }) => amount.toString()),
      actor.userId,
      this.clock.now(),
    ]);
  }
}

function weighLevel(taken: Taken): Taken {
  if (!taken.verdict.kind) return taken;
  if (!taken.bankFile) return { ...taken, result: 'unmatched', work: 'no-such-payment' };
  return { ...taken, result: 'applied', work: taken.verdict.work };
}

/** A line that names no payment of ours. */
function weighStranger(taken: Taken, line: StatusItem | EntryItem): Taken {
  if (line.item === 'status') {
    const names = line.endToEndId ?? line.instructionId ?? line.uetr;
    return { ...taken, result: 'unmatched', work: names ? 'no-such-payment' : 'no-reference' };
  }
  if (line.bookingStatus !== 'booked') return taken;
  const work = taken.verdict.work && !taken.verdict.kind ? taken.verdict.work : unknownMovement(line);
  return { ...taken, result: 'unmatched', work };
}

/** Those that count now, and after them those from before. */
const keysOf = (numbered: readonly Numbered[]): Buffer[] =>
  [...numbered.map(({ key }) => key), ...numbered.map(({ formerKey }) => formerKey)].map((key) =>
    Buffer.from(key, 'hex'),
  );

const normalAccount = (account: string): string => account.replaceAll(/[\s-]/g, '').toUpperCase();

/** As it is stored: no name, no word of the bank's. */
function rowOf({ line, key, repeat, verdict, result, attempt, bankFile, account, evidence }: Taken, digest: Digest) {
  const common = {
    place: line.place,
    line_no: line.line,
    item: line.item,
    level: 'payment',
    line_key: key,
    repeat_no: repeat,
    content_sha256: digestOf(line, digest).toString('hex'),
    says: verdict.kind,
    code: verdict.code,
    attempt_id: attempt?.id ?? null,
    bank_file_id: bankFile?.id ?? null,
    evidence_id: evidence?.id ?? null,
    paying_account_id: account ?? null,
    result,
  };
  if (line.item === 'unreadable') return { ...common, code: line.code };
  const amounts = {
    amount_minor: minorOf(line.amount, line.currency, currencies)?.toString() ?? null,
    currency: line.currency,
  };
  if (line.item === 'balance') return { ...common, ...amounts, day: line.day, code: line.which };
  const reference = keptPaymentReference(line.endToEndId ?? line.instructionId ?? line.uetr, digest);
  if (line.item === 'status') return { ...common, ...amounts, level: line.level, reference, day: line.day };
  return {
    ...common,
    ...amounts,
    reference,
    direction: line.direction,
    booking_status: line.bookingStatus,
    day: line.bookedOn,
    servicer_reference: keptReference(line.servicerReference ?? line.entryReference, digest),
    transaction_code: keptCode(line.transactionCode),
    payments_behind: line.paymentsBehind,
  };
}
