/** What a bank sends back about a file of ours, written as it streams: pain.002, camt.054 and camt.053, of the references that stand in the file. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { currencies } from '../src/kernel/reference-data.js';
import { BANK_CODES } from '../src/transfers/rails/outcome.js';

export interface PaidFile {
  messageId: string;
  lotId: string;
  account: string;
  currency: string;
  /** Of each payment. */
  amountMinor: bigint;
  /** What the account held before. */
  openingMinor: bigint;
  /** As the bank writes it. */
  day: string;
  count: number;
  /** The references of the file in their order; to be read as often as wanted. */
  references: () => AsyncIterable<string>;
}

export type Fate = 'rejected' | 'returned' | 'settled';

/** Of 32 payments one is rejected and one comes back. */
export function fateOf(place: number): Fate {
  return place % 32 === 0 ? 'rejected' : place % 32 === 1 ? 'returned' : 'settled';
}

export function fatesOf(count: number): Record<Fate, number> {
  const fates = { rejected: 0, returned: 0, settled: 0 };
  for (let place = 0; place < count; place++) fates[fateOf(place)] += 1;
  return fates;
}

/** What the account holds after all of it. */
export function closingMinor({ openingMinor, amountMinor, count }: PaidFile): bigint {
  return openingMinor - BigInt(fatesOf(count).settled) * amountMinor;
}

export async function writeFile(path: string, pieces: AsyncIterable<string>): Promise<void> {
  await pipeline(Readable.from(chunksOf(pieces)), createWriteStream(path));
}

/** All accepted but those that are rejected, for reasons that prove that nothing was paid. */
export async function* pain002(file: PaidFile): AsyncGenerator<string> {
  const { messageId, lotId, day } = file;
  yield `${head('pain.002.001.10')}<CstmrPmtStsRpt><GrpHdr><MsgId>ANSWER1</MsgId><CreDtTm>${day}T09:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>${messageId}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>${lotId}</OrgnlPmtInfId>
`;
  for await (const { reference, place } of placed(file)) {
    const reason = BANK_CODES[(place / 32) % BANK_CODES.length];
    const status =
      fateOf(place) === 'rejected'
        ? `<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>${reason}</Cd></Rsn></StsRsnInf>`
        : '<TxSts>ACSP</TxSts>';
    yield `<TxInfAndSts><OrgnlInstrId>${reference}</OrgnlInstrId><OrgnlEndToEndId>${reference}</OrgnlEndToEndId>${status}</TxInfAndSts>\n`;
  }
  yield '</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>\n';
}

/** Each debit, as soon as it is booked. */
export async function* camt054(file: PaidFile): AsyncGenerator<string> {
  yield `${head('camt.054.001.08')}<BkToCstmrDbtCdtNtfctn>${groupHeader(file)}<Ntfctn><Id>1</Id>${accountOf(file)}\n`;
  yield* debits(file);
  yield '</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>\n';
}

/** The day's statement: the same debits once more, what came back, and the balances. */
export async function* camt053(file: PaidFile): AsyncGenerator<string> {
  yield `${head('camt.053.001.08')}<BkToCstmrStmt>${groupHeader(file)}<Stmt><Id>1</Id>${accountOf(file)}\n`;
  yield balance(file, 'OPBD', file.openingMinor);
  yield balance(file, 'CLBD', closingMinor(file));
  yield* debits(file);
  for await (const { reference, place } of placed(file))
    if (fateOf(place) === 'returned') yield entry(file, reference, `RETURN${place}`, 'CRDT');
  yield '</Stmt></BkToCstmrStmt></Document>\n';
}

async function* debits(file: PaidFile): AsyncGenerator<string> {
  for await (const { reference, place } of placed(file))
    if (fateOf(place) !== 'rejected') yield entry(file, reference, `DEBIT${place}`, 'DBIT');
}

function entry({ day, currency, amountMinor }: PaidFile, reference: string, banks: string, direction: 'DBIT' | 'CRDT') {
  const returned = direction === 'CRDT' ? '<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>' : '';
  const subFamily = direction === 'CRDT' ? 'RRTN' : 'DMCT';
  const amount = `<Amt Ccy="${currency}">${currencies.format(amountMinor, currency)}</Amt><CdtDbtInd>${direction}</CdtDbtInd>`;
  const code = `<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>${subFamily}</SubFmlyCd></Fmly></Domn></BkTxCd>`;
  return `<Ntry>${amount}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${day}</Dt></BookgDt><AcctSvcrRef>${banks}</AcctSvcrRef>${code}
<NtryDtls><TxDtls><Refs><AcctSvcrRef>${banks}</AcctSvcrRef><EndToEndId>${reference}</EndToEndId></Refs>${amount}${returned}</TxDtls></NtryDtls></Ntry>
`;
}

function balance({ day, currency }: PaidFile, type: 'OPBD' | 'CLBD', amountMinor: bigint): string {
  return `<Bal><Tp><CdOrPrtry><Cd>${type}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${currencies.format(amountMinor, currency)}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>${day}</Dt></Dt></Bal>\n`;
}

async function* placed({ references }: PaidFile): AsyncGenerator<{ reference: string; place: number }> {
  let place = 0;
  for await (const reference of references()) yield { reference, place: place++ };
}

const head = (schema: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:${schema}">`;
const groupHeader = ({ day }: PaidFile) => `<GrpHdr><MsgId>REPORT1</MsgId><CreDtTm>${day}T20:00:00</CreDtTm></GrpHdr>`;
const accountOf = ({ account }: PaidFile) => `<Acct><Id><Othr><Id>${account}</Id></Othr></Id></Acct>`;

const CHUNK_CHARACTERS = 65_536;

async function* chunksOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let held = '';
  for await (const piece of pieces) {
    held += piece;
    if (held.length < CHUNK_CHARACTERS) continue;
    yield held;
    held = '';
  }
  yield held;
}
