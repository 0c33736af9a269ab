/**
 * The simulated rail as a bank that takes files: pain.001 in; pain.002, camt.053 and camt.054 out, each with the faults that the plans ask for.
 *
 *   const bank = new SimulatedBank(simulator, { account: '1234567890', currency: 'THB' });
 *   bank.take(pain001, (instruction) => plan)  → the pain.002 that comes at once. Lines that are met with silence or a fault of the server are
 *                                                missing from it; `{ onlyRejected: true }` leaves out all that were not rejected, as some banks do.
 *   bank.report()                              → a pain.002 of what became known since: the callbacks that are due, or those given. Null when there are none.
 *   bank.statement(day, { strangers })         → camt.053 of that day, with so many entries of nobody's; returns as credits with RRTN and the
 *                                                EndToEndId of what comes back.
 *   bank.advice(day, { strangers })            → camt.054 of the same entries; `{ batched: true }` books what left as one entry with details.
 *
 * An id of the simulator is the EndToEndId, with dashes where it is 32 hexadecimal digits, so that both faces speak of an attempt by the same id.
 * The files are valid against the schemas in ISO20022_XSD_DIR (see test/rail-simulator.spec.ts).
 */
import { currencies } from '../../../src/kernel/reference-data.js';
import type { Plan, RailSimulator, SimAnswer, SimCallback, SimInstruction, StatementLine } from './core.js';

interface PaymentFile {
  messageId: string;
  paymentInformationId: string;
  instructions: (SimInstruction & { instructionId: string; endToEndId: string; uetr: string | null })[];
}

/** What a bank says of one line; `row` is missing where it says nothing. */
interface Row {
  status: 'ACSC' | 'ACSP' | 'RJCT';
  reason?: string;
  words?: string;
  endToEndId: string;
  instructionId?: string;
  uetr?: string | null;
}

const DATES = { opened: 'T06:00:00+00:00', closed: 'T17:00:00+00:00' };
const OPENING_MINOR = 10n ** 11n;

export class SimulatedBank {
  private readonly files: PaymentFile[] = [];
  private count = 0;

  constructor(
    private readonly simulator: RailSimulator,
    private readonly own: { account: string; currency: string },
  ) {}

  take(
    pain001: string,
    planOf: (instruction: SimInstruction) => Plan,
    options: { onlyRejected?: boolean } = {},
  ): string {
    const file = readPain001(pain001);
    this.files.push(file);
    const rows = file.instructions.flatMap((instruction) => {
      const row = rowOf(this.simulator.receive(instruction, planOf(instruction)));
      const names = {
        endToEndId: instruction.endToEndId,
        instructionId: instruction.instructionId,
        uetr: instruction.uetr,
      };
      return row && (!options.onlyRejected || row.status === 'RJCT') ? [{ ...row, ...names }] : [];
    });
    return this.pain002(file, rows);
  }

  report(due: readonly SimCallback[] = this.simulator.due()): string | null {
    const [file] = this.files.slice(-1);
    if (due.length === 0 || !file) return null;
    return this.pain002(
      file,
      due.flatMap((callback) => this.rowOfCallback(callback)),
    );
  }

  statement(day: string, options: { strangers?: number } = {}): string {
    const lines = this.lines(day, options.strangers);
    const movedBefore = this.simulator.ledger.filter(({ on, id }) => on < day && this.has(id));
    const opening = movedBefore.reduce(
      (sum, { kind, amountMinor }) => (kind === 'paid' ? sum - amountMinor : sum + amountMinor),
      OPENING_MINOR,
    );
    const closing = lines.reduce(
      (sum, { direction, amountMinor }) => (direction === 'out' ? sum - amountMinor : sum + amountMinor),
      opening,
    );
    return document('camt.053.001.08', 'BkToCstmrStmt', [
      this.groupHeader(day),
      tag('Stmt', [
        tag('Id', this.nextName('STM')),
        tag('ElctrncSeqNb', String(this.count)),
        tag('CreDtTm', `${day}${DATES.closed}`),
        this.account(),
        this.balance('OPBD', opening, day),
        this.balance('CLBD', closing, day),
        ...lines.map((line) => this.entry(line)),
      ]),
    ]);
  }

  advice(day: string, options: { strangers?: number; batched?: boolean } = {}): string {
    const lines = this.lines(day, options.strangers);
    const out = lines.filter(({ direction }) => direction === 'out');
    const rest = options.batched ? lines.filter(({ direction }) => direction === 'in') : lines;
    return document('camt.054.001.08', 'BkToCstmrDbtCdtNtfctn', [
      this.groupHeader(day),
      tag('Ntfctn', [
        tag('Id', this.nextName('NTF')),
        tag('CreDtTm', `${day}${DATES.closed}`),
        this.account(),
        ...(options.batched && out.length > 0 ? [this.batch(out)] : []),
        ...rest.map((line) => this.entry(line)),
      ]),
    ]);
  }

  /** What moved for the bank's own files, and strangers; on the same simulator there may be other rails. */
  private lines(day: string, strangers: number | undefined): StatementLine[] {
    const references = new Set(this.files.flatMap((file) => file.instructions.map(({ reference }) => reference)));
    const isOurs = ({ senderReference }: StatementLine) => senderReference === null || references.has(senderReference);
    return this.simulator.statement(day, strangers).filter(isOurs);
  }

  private has(id: string): boolean {
    return this.files.some((file) => file.instructions.some((instruction) => instruction.id === id));
  }

  private rowOfCallback(callback: SimCallback): Row[] {
    const instruction = this.files.flatMap((file) => file.instructions).find(({ id }) => id === callback.id);
    if (!instruction) return [];
    const { endToEndId, instructionId, uetr } = instruction;
    if (callback.kind === 'refused') return [{ ...rejection(callback), endToEndId, instructionId, uetr }];
    const { status } = callback.transaction;
    // What came back is a matter of statements.
    return status === 'reversed'
      ? []
      : [{ status: status === 'completed' ? 'ACSC' : 'ACSP', endToEndId, instructionId, uetr }];
  }

  /** The group says what the bank made of the file as a file; what became of a payment stands in its own row. */
  private pain002(file: PaymentFile, rows: readonly Row[]): string {
    const rejected = rows.filter(({ status }) => status === 'RJCT').length;
    return document('pain.002.001.11', 'CstmrPmtStsRpt', [
      tag('GrpHdr', [tag('MsgId', this.nextName('STS')), tag('CreDtTm', `${this.simulator.day}${DATES.opened}`)]),
      tag('OrgnlGrpInfAndSts', [
        tag('OrgnlMsgId', file.messageId),
        tag('OrgnlMsgNmId', 'pain.001.001.09'),
        tag('OrgnlNbOfTxs', String(file.instructions.length)),
        tag('GrpSts', rejected > 0 && rejected < file.instructions.length ? 'PART' : 'ACTC'),
      ]),
      tag('OrgnlPmtInfAndSts', [
        tag('OrgnlPmtInfId', file.paymentInformationId),
        ...rows.map((row) =>
          tag('TxInfAndSts', [
            ...(row.instructionId ? [tag('OrgnlInstrId', row.instructionId)] : []),
            tag('OrgnlEndToEndId', row.endToEndId),
            ...(row.uetr ? [tag('OrgnlUETR', row.uetr)] : []),
            tag('TxSts', row.status),
            ...(row.reason
              ? [
                  tag('StsRsnInf', [
                    tag('Rsn', [tag('Cd', row.reason)]),
                    ...(row.words ? [tag('AddtlInf', row.words)] : []),
                  ]),
                ]
              : []),
          ]),
        ),
      ]),
    ]);
  }

  private entry(line: StatementLine): string {
    return tag('Ntry', [...this.booked(line.amountMinor, line), tag('NtryDtls', [this.details(line)])]);
  }

  private batch(lines: readonly StatementLine[]): string {
    const [first] = lines as [StatementLine, ...StatementLine[]];
    const total = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    return tag('Ntry', [
      ...this.booked(total, { ...first, reference: this.nextName('BAT') }),
      tag('NtryDtls', [
        tag('Btch', [tag('NbOfTxs', String(lines.length))]),
        ...lines.map((line) => this.details(line)),
      ]),
    ]);
  }

  private booked(amountMinor: bigint, { currency, direction, on, reference }: StatementLine): string[] {
    return [
      tag('NtryRef', reference),
      amount(amountMinor, currency),
      tag('CdtDbtInd', direction === 'out' ? 'DBIT' : 'CRDT'),
      tag('Sts', [tag('Cd', 'BOOK')]),
      tag('BookgDt', [tag('Dt', on)]),
      tag('ValDt', [tag('Dt', on)]),
      tag('AcctSvcrRef', reference),
      tag('BkTxCd', [
        tag('Domn', [
          tag('Cd', 'PMNT'),
          tag('Fmly', [tag('Cd', 'ICDT'), tag('SubFmlyCd', direction === 'out' ? 'DMCT' : 'RRTN')]),
        ]),
      ]),
    ];
  }

  private details({ senderReference, amountMinor, currency, direction, reference }: StatementLine): string {
    return tag('TxDtls', [
      tag('Refs', [tag('AcctSvcrRef', reference), tag('EndToEndId', senderReference ?? 'NOTPROVIDED')]),
      amount(amountMinor, currency),
      tag('CdtDbtInd', direction === 'out' ? 'DBIT' : 'CRDT'),
      ...(direction === 'in' ? [tag('RtrInf', [tag('Rsn', [tag('Cd', 'AC04')])])] : []),
    ]);
  }

  private groupHeader(day: string): string {
    return tag('GrpHdr', [tag('MsgId', this.nextName('MSG')), tag('CreDtTm', `${day}${DATES.closed}`)]);
  }

  private account(): string {
    return tag('Acct', [tag('Id', [tag('Othr', [tag('Id', this.own.account)])]), tag('Ccy', this.own.currency)]);
  }

  private balance(code: 'OPBD' | 'CLBD', amountMinor: bigint, day: string): string {
    return tag('Bal', [
      tag('Tp', [tag('CdOrPrtry', [tag('Cd', code)])]),
      amount(amountMinor, this.own.currency),
      tag('CdtDbtInd', 'CRDT'),
      tag('Dt', [tag('Dt', day)]),
    ]);
  }

  private nextName(prefix: string): string {
    this.count += 1;
    return `${prefix}${String(this.count).padStart(8, '0')}`;
  }
}

/** Reads what our own writer writes, by local name; a bank would refuse more. */
export function readPain001(text: string): PaymentFile {
  const first = (name: string, within: string) =>
    new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(within)?.[1]?.trim() ?? null;
  const instructions = [...text.matchAll(/<(?:\w+:)?CdtTrfTxInf[\s>][\s\S]*?<\/(?:\w+:)?CdtTrfTxInf>/g)].map(
    ([block]) => {
      const currency = /InstdAmt\s+Ccy="([A-Z]{3})"/.exec(block)?.[1] ?? '';
      const endToEndId = first('EndToEndId', block) ?? '';
      const { amountMinor } = currencies.parse(first('InstdAmt', block) ?? '', currency);
      return {
        id: endToEndId.replace(
          /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/,
          '$1-$2-$3-$4-$5',
        ),
        reference: endToEndId,
        amountMinor,
        currency,
        payee: first('Id', block.slice(block.indexOf('CdtrAcct'))) ?? '',
        instructionId: first('InstrId', block) ?? endToEndId,
        endToEndId,
        uetr: first('UETR', block),
      };
    },
  );
  const messageId = first('MsgId', text);
  const paymentInformationId = first('PmtInfId', text);
  if (!messageId || !paymentInformationId || instructions.length === 0) throw new Error('this is no pain.001');
  return { messageId, paymentInformationId, instructions };
}

function rowOf(answer: SimAnswer): Omit<Row, 'endToEndId'> | undefined {
  switch (answer.kind) {
    case 'settled':
      return { status: 'ACSC' };
    case 'accepted':
      return { status: 'ACSP' };
    case 'refused':
      return rejection(answer);
    case 'duplicate':
      return { status: 'RJCT', reason: 'NARR', words: 'Instruction ID already exist' };
    default:
      return undefined;
  }
}

/** AC04 proves that nothing was paid; NARR is whatever a clerk thought. */
function rejection({ category }: { category: string }): Omit<Row, 'endToEndId'> {
  return category === 'internal'
    ? { status: 'RJCT', reason: 'NARR', words: 'See terms' }
    : { status: 'RJCT', reason: 'AC04' };
}

const escaped = (text: string) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function tag(name: string, content: string | readonly string[]): string {
  return `<${name}>${typeof content === 'string' ? escaped(content) : content.join('')}</${name}>`;
}

function amount(amountMinor: bigint, currency: string): string {
  return `<Amt Ccy="${currency}">${currencies.format(amountMinor, currency)}</Amt>`;
}

function document(schema: string, root: string, content: readonly string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:${schema}">${tag(root, content)}</Document>\n`;
}
