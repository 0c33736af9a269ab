/** Reads whatever a bank sent back, item by item, with as much memory for a large file as for a small one. Never throws for what is in the file. */
import type { FaultCode, ReportItem, ReportKind } from '../domain/report-items.js';
import { CamtReader } from './camt.js';
import { csvItems, type ResultLayout } from './csv-results.js';
import type { MessageReader } from './message.js';
import { Pain002Reader } from './pain-002.js';
import { ReadFault, textsOf, type Piece } from './texts.js';
import { recordsOf } from './xml-records.js';

interface Message {
  report: ReportKind;
  reader: () => MessageReader;
}

const pain002: Message = { report: 'pain.002', reader: () => new Pain002Reader() };

/** By the element that a message stands in. */
const MESSAGES: ReadonlyMap<string, Message> = new Map([
  ['CstmrPmtStsRpt', pain002],
  ['pain.002.001.01', pain002],
  ['pain.002.001.02', pain002],
  ['BkToCstmrStmt', { report: 'camt.053', reader: () => new CamtReader() }],
  ['BkToCstmrDbtCdtNtfctn', { report: 'camt.054', reader: () => new CamtReader() }],
]);

/** What a message may be wrapped in; beside it stand a header and a signature, which are records. */
const WRAPPERS = new Set([
  'Document',
  'Envelope',
  'BizMsgEnvlp',
  'BizMsg',
  'Body',
  'Msg',
  'Xchg',
  'Pyld',
  'RequestPayload',
]);

const isContainer = (name: string) =>
  WRAPPERS.has(name) || MESSAGES.has(name) || Pain002Reader.isContainer(name) || CamtReader.isContainer(name);

export interface ReadOptions {
  limitBytes: number;
  /** Of a file that is no XML. */
  layout?: ResultLayout;
}

export async function* readReport(bytes: AsyncIterable<Buffer>, options: ReadOptions): AsyncGenerator<ReportItem> {
  if (options.layout) yield* csvItems(bytes, options.layout, options.limitBytes);
  else yield* xmlItems(bytes, options.limitBytes);
}

async function* xmlItems(bytes: AsyncIterable<Buffer>, limitBytes: number): AsyncGenerator<ReportItem> {
  let reader: MessageReader | null = null;
  let namespace: string | null = null;
  let fault: FaultCode | null = null;
  let byte = 0;
  let line = 1;
  async function* counted(): AsyncGenerator<Piece> {
    for await (const piece of textsOf(bytes, limitBytes)) {
      byte = piece.endByte;
      yield piece;
    }
  }
  try {
    for await (const event of recordsOf(counted(), isContainer)) {
      line = event.line;
      if (event.event === 'open') namespace = event.namespace ?? namespace;
      const message: Message | undefined = event.event === 'open' && !reader ? MESSAGES.get(event.name) : undefined;
      if (message) {
        reader = message.reader();
        const stem = `urn:iso:std:iso:20022:tech:xsd:${message.report}.001.`;
        const conforms = namespace?.startsWith(stem) === true && /^\d\d$/.test(namespace.slice(stem.length));
        yield { item: 'about', report: message.report, conforms };
      } else if (reader) yield* reader.read(event);
    }
    if (!reader) fault = 'not-a-bank-report';
  } catch (error) {
    if (!(error instanceof ReadFault)) throw error;
    ({ code: fault, byte } = error);
  }
  yield { item: 'end', fault, byte, line };
}
