/** pain.002, a bank's answer to what it was told to pay: of the message, of each lot in it, and of single payments. */
import { addPlace, MOST_FIELDS, type LineBody, type MessageReader } from './message.js';
import { allOf, textAt, within, type RecordEvent, type XmlElement } from './xml-records.js';
import type { ReportLine, StatusItem } from '../domain/report-items.js';
import { currencyOf, dayOf, decimalOf, referenceOf } from './values.js';

const REASON_TEXT = 300;

type Status = Omit<StatusItem, 'place' | 'line'>;

export class Pain002Reader implements MessageReader {
  private places = 0;
  private createdOn: string | null = null;
  private messageId: string | null = null;
  private lot: XmlElement | null = null;

  static isContainer(name: string): boolean {
    return name === 'OrgnlPmtInfAndSts';
  }

  read(event: RecordEvent): ReportLine[] {
    if (event.event === 'open') {
      if (event.name === 'OrgnlPmtInfAndSts') this.lot = { name: event.name, text: '', currency: null, children: [] };
      return [];
    }
    if (event.event === 'close') return this.closed(event.name, event.line);
    const { element, name, line } = event;
    if (name === 'TxInfAndSts') return this.placed(this.payment(element), line);
    if (!element) return [];
    if (name === 'GrpHdr' || name === 'GnlInf') this.createdOn = dayOf(textAt(element, 'CreDtTm'));
    if (name === 'OrgnlGrpInfAndSts' || name === 'OrgnlGrpInf') return this.group(element, line);
    if (this.lot && this.lot.children.length < MOST_FIELDS) this.lot.children.push(element);
    return [];
  }

  private closed(name: string, line: number): ReportLine[] {
    if (name !== 'OrgnlPmtInfAndSts') return [];
    const { lot } = this;
    this.lot = null;
    const status = textAt(lot, 'PmtInfSts');
    if (!lot || !status) return [];
    return this.placed({ ...this.statusOf(lot, status), level: 'lot', lotId: textAt(lot, 'OrgnlPmtInfId') }, line);
  }

  private group(element: XmlElement, line: number): ReportLine[] {
    this.messageId = referenceOf(textAt(element, 'OrgnlMsgId'));
    const status = textAt(element, 'GrpSts');
    return status ? this.placed({ ...this.statusOf(element, status), level: 'group' }, line) : [];
  }

  private payment(element: XmlElement | null): LineBody {
    if (!element) return { item: 'unreadable', code: 'too-long' };
    const status = textAt(element, 'TxSts');
    if (!status) return { item: 'unreadable', code: 'status-missing' };
    const amount = within(element, 'OrgnlTxRef/Amt/InstdAmt') ?? within(element, 'OrgnlTxRef/Amt/EqvtAmt/Amt');
    const decimal = decimalOf(amount?.text ?? null);
    if (amount && decimal === null) return { item: 'unreadable', code: 'amount-malformed' };
    return {
      ...this.statusOf(element, status),
      lotId: referenceOf(textAt(this.lot, 'OrgnlPmtInfId') ?? textAt(element, 'OrgnlPmtInfId')),
      instructionId: referenceOf(textAt(element, 'OrgnlInstrId')),
      endToEndId: referenceOf(textAt(element, 'OrgnlEndToEndId')),
      uetr: referenceOf(textAt(element, 'OrgnlUETR')),
      amount: decimal,
      currency: currencyOf(amount?.currency ?? null),
      day: dayOf(textAt(element, 'FctvIntrBkSttlmDt/Dt', 'FctvIntrBkSttlmDt/DtTm', 'AccptncDtTm')) ?? this.createdOn,
    };
  }

  /** Of a payment, unless its level is changed. */
  private statusOf(element: XmlElement, status: string): Status {
    const reasons = allOf(element, 'StsRsnInf');
    const codeOf = (reason: XmlElement) => textAt(reason, 'Rsn/Cd', 'Rsn/Prtry', 'StsRsn/Cd', 'StsRsn/Prtry');
    const words = reasons.flatMap((reason) => [...allOf(reason, 'AddtlInf'), ...allOf(reason, 'AddtlStsRsnInf')]);
    return {
      item: 'status',
      level: 'payment',
      messageId: this.messageId,
      lotId: null,
      instructionId: null,
      endToEndId: null,
      uetr: null,
      status: status.slice(0, 35),
      reasonCodes: reasons.flatMap((reason) => codeOf(reason)?.slice(0, 35) ?? []).slice(0, 8),
      reasonText: words
        .map((word) => word.text)
        .join(' ')
        .slice(0, REASON_TEXT),
      amount: null,
      currency: null,
      day: this.createdOn,
    };
  }

  private placed(body: LineBody, line: number): ReportLine[] {
    this.places += 1;
    return [addPlace(body, this.places, line)];
  }
}
