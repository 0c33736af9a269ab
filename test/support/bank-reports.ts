/** Files as banks send them back: pain.002, camt.053, camt.054 and CSV, with what the tests are about and nothing else. */

export interface PaymentRow {
  endToEndId?: string;
  instructionId?: string;
  uetr?: string;
  status: string;
  reason?: string;
  proprietary?: string;
  text?: string;
  amount?: string;
  currency?: string;
}

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n';
const tag = (name: string, content: string | undefined) =>
  content === undefined ? '' : `<${name}>${content}</${name}>`;

function reasonOf({ reason, proprietary, text }: Pick<PaymentRow, 'reason' | 'proprietary' | 'text'>): string {
  if (!reason && !proprietary && !text) return '';
  const code = reason ? tag('Cd', reason) : tag('Prtry', proprietary);
  return tag('StsRsnInf', (reason || proprietary ? tag('Rsn', code) : '') + tag('AddtlInf', text));
}

export function paymentRow(row: PaymentRow): string {
  const amount = row.amount
    ? `<OrgnlTxRef><Amt><InstdAmt Ccy="${row.currency ?? 'THB'}">${row.amount}</InstdAmt></Amt></OrgnlTxRef>`
    : '';
  return tag(
    'TxInfAndSts',
    tag('OrgnlInstrId', row.instructionId) +
      tag('OrgnlEndToEndId', row.endToEndId) +
      tag('OrgnlUETR', row.uetr) +
      tag('TxSts', row.status) +
      reasonOf(row) +
      amount,
  );
}

export interface Pain002 {
  version?: string;
  namespace?: string;
  createdAt?: string;
  messageId?: string;
  group?: { status: string; reason?: string; text?: string };
  lots?: readonly { id: string; status?: string; reason?: string; rows: readonly PaymentRow[] }[];
}

export function pain002(report: Pain002): string {
  const group = report.group ? tag('GrpSts', report.group.status) + reasonOf(report.group) : '';
  const lots = (report.lots ?? []).map(({ id, status, reason, rows }) =>
    tag(
      'OrgnlPmtInfAndSts',
      tag('OrgnlPmtInfId', id) + tag('PmtInfSts', status) + reasonOf({ reason }) + rows.map(paymentRow).join('\n'),
    ),
  );
  const namespace =
    report.namespace ?? ` xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.${report.version ?? '10'}"`;
  return `${XML}<Document${namespace}><CstmrPmtStsRpt>
<GrpHdr><MsgId>ANSWER-1</MsgId><CreDtTm>${report.createdAt ?? '2026-03-03T09:00:00+07:00'}</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>${report.messageId ?? 'MSG-1'}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>${group}</OrgnlGrpInfAndSts>
${lots.join('\n')}
</CstmrPmtStsRpt></Document>
`;
}

export interface Detail {
  endToEndId?: string;
  instructionId?: string;
  uetr?: string;
  servicerReference?: string;
  amount?: string;
  currency?: string;
  returnCode?: string;
}

export interface Entry {
  reference?: string;
  servicerReference?: string;
  amount: string;
  currency?: string;
  direction: 'DBIT' | 'CRDT';
  reversal?: boolean;
  status?: string;
  day?: string;
  code?: string;
  details?: readonly Detail[];
  batch?: { count: number; lotId?: string };
}

function detailOf(detail: Detail): string {
  const references =
    tag('AcctSvcrRef', detail.servicerReference) +
    tag('InstrId', detail.instructionId) +
    tag('EndToEndId', detail.endToEndId) +
    tag('UETR', detail.uetr);
  return tag(
    'TxDtls',
    tag('Refs', references) +
      (detail.amount ? `<Amt Ccy="${detail.currency ?? 'THB'}">${detail.amount}</Amt>` : '') +
      '<RltdPties><Cdtr><Pty><Nm>Aung Myint Oo</Nm></Pty></Cdtr></RltdPties>' +
      (detail.returnCode ? tag('RtrInf', tag('Rsn', tag('Cd', detail.returnCode))) : ''),
  );
}

export function entry(one: Entry): string {
  const [domain, family, subFamily] = (one.code ?? 'PMNT.ICDT.DMCT').split('.');
  const code = `<BkTxCd><Domn><Cd>${domain}</Cd><Fmly><Cd>${family}</Cd><SubFmlyCd>${subFamily}</SubFmlyCd></Fmly></Domn></BkTxCd>`;
  const details =
    (one.batch ? tag('Btch', tag('PmtInfId', one.batch.lotId) + tag('NbOfTxs', String(one.batch.count))) : '') +
    (one.details ?? []).map(detailOf).join('\n');
  return tag(
    'Ntry',
    tag('NtryRef', one.reference) +
      `<Amt Ccy="${one.currency ?? 'THB'}">${one.amount}</Amt>` +
      tag('CdtDbtInd', one.direction) +
      (one.reversal ? '<RvslInd>true</RvslInd>' : '') +
      tag('Sts', tag('Cd', one.status ?? 'BOOK')) +
      tag('BookgDt', tag('Dt', one.day ?? '2026-03-03')) +
      tag('AcctSvcrRef', one.servicerReference) +
      code +
      (details ? tag('NtryDtls', details) : ''),
  );
}

export interface Camt {
  kind?: '053' | '054';
  version?: string;
  account?: string;
  opening?: string;
  closing?: string;
  currency?: string;
  day?: string;
  entries: readonly Entry[];
}

export function camt(report: Camt): string {
  const kind = report.kind ?? '053';
  const [message, inner] = kind === '053' ? ['BkToCstmrStmt', 'Stmt'] : ['BkToCstmrDbtCdtNtfctn', 'Ntfctn'];
  const balance = (type: string, amount: string | undefined) =>
    amount === undefined
      ? ''
      : `<Bal><Tp><CdOrPrtry><Cd>${type}</Cd></CdOrPrtry></Tp><Amt Ccy="${report.currency ?? 'THB'}">${amount.replace('-', '')}</Amt>` +
        `<CdtDbtInd>${amount.startsWith('-') ? 'DBIT' : 'CRDT'}</CdtDbtInd><Dt><Dt>${report.day ?? '2026-03-03'}</Dt></Dt></Bal>`;
  return `${XML}<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.${kind}.001.${report.version ?? '08'}"><${message}>
<GrpHdr><MsgId>STATEMENT-1</MsgId><CreDtTm>2026-03-03T20:00:00</CreDtTm></GrpHdr>
<${inner}><Id>1</Id><Acct><Id><Othr><Id>${report.account ?? '1234567890'}</Id></Othr></Id></Acct>
${balance('OPBD', report.opening)}${balance('CLBD', report.closing)}
${report.entries.map(entry).join('\n')}
</${inner}></${message}></Document>
`;
}

/** As bytes that come in pieces of that size. */
export async function* inPieces(text: string | Buffer, size = 1_000): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) {
    await Promise.resolve();
    yield bytes.subarray(from, from + size);
  }
}
