/** camt.053 (a day's statement) and camt.054 (an advice): what was booked on an account, payment by payment where the bank says it. */
import type { BalanceItem, EntryItem, ReportLine } from '../domain/report-items.js';
import { addPlace, MOST_FIELDS, type LineBody, type MessageReader } from './message.js';
import { currencyOf, dayOf, decimalOf, referenceOf } from './values.js';
import { textAt, within, type RecordEvent, type XmlElement } from './xml-records.js';

const OUTER = new Set(['Stmt', 'Ntfctn']);
const CONTAINERS = new Set([...OUTER, 'Ntry', 'NtryDtls']);
const BOOKING_STATUS: Readonly<Record<string, EntryItem['bookingStatus']>> = {
  BOOK: 'booked',
  PDNG: 'pending',
  INFO: 'information',
};
const BALANCES: Readonly<Record<string, BalanceItem['which']>> = { OPBD: 'opening', PRCD: 'opening', CLBD: 'closing' };

type Detail = XmlElement | null;

export class CamtReader implements MessageReader {
  private places = 0;
  private account: string | null = null;
  /** What the entry that is open says of itself, before its details. */
  private entry: XmlElement | null = null;
  private entryLine = 0;
  /** The last detail is held back until it is known whether it is the only one. */
  private held: { detail: Detail; line: number } | null = null;
  private details = 0;
  private batch: XmlElement | null = null;

  static isContainer(name: string): boolean {
    return CONTAINERS.has(name);
  }

  read(event: RecordEvent): ReportLine[] {
    if (event.event === 'open') return this.opened(event.name, event.line);
    if (event.event === 'close') return event.name === 'Ntry' ? this.closedEntry() : [];
    const { name, element, line } = event;
    if (name === 'TxDtls') return this.tookDetail(element, line);
    if (!element) return [];
    if (name === 'Btch') this.batch = element;
    else if (this.entry) {
      if (this.entry.children.length < MOST_FIELDS) this.entry.children.push(element);
    } else if (name === 'Acct')
      this.account = textAt(element, 'Id/IBAN', 'Id/Othr/Id', 'Id/PrtryAcct/Id')?.slice(0, 70) ?? null;
    else if (name === 'Bal') return this.balance(element, line);
    return [];
  }

  private opened(name: string, line: number): ReportLine[] {
    if (OUTER.has(name)) this.account = null;
    if (name !== 'Ntry') return [];
    this.entry = { name, text: '', currency: null, children: [] };
    this.entryLine = line;
    this.details = 0;
    this.held = null;
    this.batch = null;
    return [];
  }

  private tookDetail(detail: Detail, line: number): ReportLine[] {
    const before = this.held;
    this.details += 1;
    this.held = { detail, line };
    return before ? [this.placed(this.line(before.detail, false), before.line)] : [];
  }

  private closedEntry(): ReportLine[] {
    const { held } = this;
    const body = held ? this.line(held.detail, this.details === 1) : this.line({ ...EMPTY }, true);
    const line = held?.line ?? this.entryLine;
    this.entry = null;
    this.held = null;
    return [this.placed(body, line)];
  }

  private line(detail: Detail, isOnly: boolean): LineBody {
    const { entry } = this;
    if (!detail || !entry) return { item: 'unreadable', code: 'too-long' };
    const direction = directionOf(textAt(detail, 'CdtDbtInd') ?? textAt(entry, 'CdtDbtInd'));
    if (!direction) return { item: 'unreadable', code: 'direction-missing' };
    const own = within(detail, 'Amt') ?? within(detail, 'AmtDtls/TxAmt/Amt') ?? within(detail, 'AmtDtls/InstdAmt/Amt');
    const amount = own ?? (isOnly ? within(entry, 'Amt') : undefined);
    const decimal = decimalOf(amount?.text ?? null);
    if (isOnly && !amount) return { item: 'unreadable', code: 'amount-missing' };
    if (amount && decimal === null) return { item: 'unreadable', code: 'amount-malformed' };
    const day = textAt(entry, 'BookgDt/Dt', 'BookgDt/DtTm');
    if (day !== null && dayOf(day) === null) return { item: 'unreadable', code: 'day-malformed' };
    const code = transactionCode(detail) ?? transactionCode(entry);
    const returned = within(detail, 'RtrInf');
    const hasDetails = this.details > 0;
    return {
      item: 'entry',
      account: this.account,
      messageId: referenceOf(textAt(detail, 'Refs/MsgId') ?? textAt(this.batch, 'MsgId')),
      lotId: referenceOf(textAt(detail, 'Refs/PmtInfId') ?? textAt(this.batch, 'PmtInfId')),
      instructionId: referenceOf(textAt(detail, 'Refs/InstrId')),
      endToEndId: referenceOf(textAt(detail, 'Refs/EndToEndId')),
      uetr: referenceOf(textAt(detail, 'Refs/UETR')),
      servicerReference: referenceOf(textAt(detail, 'Refs/AcctSvcrRef') ?? textAt(entry, 'AcctSvcrRef')),
      entryReference: referenceOf(textAt(entry, 'NtryRef')),
      direction,
      isReversal: /^(true|1)$/.test(textAt(entry, 'RvslInd') ?? ''),
      bookingStatus: BOOKING_STATUS[textAt(entry, 'Sts/Cd', 'Sts') ?? ''] ?? 'information',
      amount: decimal,
      currency: currencyOf(amount?.currency ?? null),
      bookedOn: dayOf(day),
      isReturn: returned !== undefined || (code ?? '').split('.').includes('RRTN'),
      returnCode: textAt(returned, 'Rsn/Cd', 'Rsn/Prtry', 'RtrRsn/Cd', 'RtrRsn/Prtry')?.slice(0, 35) ?? null,
      transactionCode: code?.slice(0, 35) ?? null,
      paymentsBehind: hasDetails ? null : countOf(textAt(this.batch, 'NbOfTxs')),
      hasDetails,
    };
  }

  private balance(element: XmlElement, line: number): ReportLine[] {
    const which = BALANCES[textAt(element, 'Tp/CdOrPrtry/Cd', 'Tp/Cd') ?? ''];
    if (!which) return [];
    const amount = within(element, 'Amt');
    const decimal = decimalOf(amount?.text ?? null);
    const currency = currencyOf(amount?.currency ?? null);
    const direction = directionOf(textAt(element, 'CdtDbtInd'));
    const day = dayOf(textAt(element, 'Dt/Dt', 'Dt/DtTm'));
    if (!amount || !currency) return [this.placed({ item: 'unreadable', code: 'amount-missing' }, line)];
    if (decimal === null) return [this.placed({ item: 'unreadable', code: 'amount-malformed' }, line)];
    if (!direction) return [this.placed({ item: 'unreadable', code: 'direction-missing' }, line)];
    if (!day) return [this.placed({ item: 'unreadable', code: 'day-malformed' }, line)];
    const signed = direction === 'debit' && decimal !== '0' ? `-${decimal}` : decimal;
    return [this.placed({ item: 'balance', account: this.account, which, amount: signed, currency, day }, line)];
  }

  private placed(body: LineBody, line: number): ReportLine {
    this.places += 1;
    return addPlace(body, this.places, line);
  }
}

const EMPTY: XmlElement = { name: 'TxDtls', text: '', currency: null, children: [] };

function directionOf(text: string | null): EntryItem['direction'] | null {
  return text === 'DBIT' ? 'debit' : text === 'CRDT' ? 'credit' : null;
}

function transactionCode(element: XmlElement): string | null {
  const parts = ['BkTxCd/Domn/Cd', 'BkTxCd/Domn/Fmly/Cd', 'BkTxCd/Domn/Fmly/SubFmlyCd'].flatMap(
    (path) => textAt(element, path) ?? [],
  );
  return parts.length > 0 ? parts.join('.') : textAt(element, 'BkTxCd/Prtry/Cd');
}

function countOf(text: string | null): number | null {
  return text && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
