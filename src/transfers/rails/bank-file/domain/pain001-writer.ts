/** Writes a pain.001.001.09 (ISO 20022, CustomerCreditTransferInitiationV09) as it streams; the same lot and payments give the same bytes. */
import {
  counted,
  decimalText,
  isBic,
  utf8Chunks,
  type AccountKind,
  type Creditor,
  type Debtor,
  type Lot,
  type Payment,
} from './payment.js';

export const PAIN001_NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09';

/** ISO 20022 external code list, ExternalProxyAccountType1Code. */
const PROXY_CODES: Readonly<Partial<Record<AccountKind, string>>> = {
  'mobile-proxy': 'MBNO',
  'national-id-proxy': 'NIDN',
  'e-wallet-proxy': 'EWAL',
};

/** The schema asks for an account beside a proxy; no bank takes this for one, as it would the proxy's own number. */
const NO_ACCOUNT = 'NOTPROVIDED';

/** Throws `LotMismatch` when the payments are not as many or as much as the lot says. */
export function writePain001(
  lot: Lot,
  payments: AsyncIterable<Payment> | Iterable<Payment>,
): AsyncGenerator<Buffer, void, undefined> {
  return utf8Chunks(pieces(lot, payments));
}

async function* pieces(
  lot: Lot,
  payments: AsyncIterable<Payment> | Iterable<Payment>,
): AsyncGenerator<string, void, undefined> {
  yield head(lot);
  for await (const payment of counted(lot, payments)) yield transaction(lot, payment);
  yield '</PmtInf>\n</CstmrCdtTrfInitn>\n</Document>\n';
}

function head(lot: Lot): string {
  const control = element('NbOfTxs', String(lot.count)) + element('CtrlSum', decimalText(lot.totalMinor, lot.decimals));
  const createdAt = `${lot.createdAt.toISOString().slice(0, 19)}Z`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="${PAIN001_NAMESPACE}">
<CstmrCdtTrfInitn>
<GrpHdr>${element('MsgId', lot.messageId)}${element('CreDtTm', createdAt)}${control}<InitgPty>${element('Nm', lot.debtor.name)}</InitgPty></GrpHdr>
<PmtInf>${element('PmtInfId', lot.paymentInformationId)}<PmtMtd>TRF</PmtMtd>${control}
<ReqdExctnDt>${element('Dt', lot.executionOn)}</ReqdExctnDt>
<Dbtr>${element('Nm', lot.debtor.name)}</Dbtr><DbtrAcct>${accountId(lot.debtor)}${element('Ccy', lot.currency)}</DbtrAcct><DbtrAgt>${agent(lot.debtor.bankCode)}</DbtrAgt>
`;
}

function transaction(
  { currency, decimals }: Lot,
  { reference, uetr, amountMinor, creditor, remittance }: Payment,
): string {
  const amount = `<InstdAmt Ccy="${escaped(currency)}">${decimalText(amountMinor, decimals)}</InstdAmt>`;
  return [
    `<CdtTrfTxInf><PmtId>${element('InstrId', reference)}${element('EndToEndId', reference)}${element('UETR', uetr)}</PmtId>`,
    `<Amt>${amount}</Amt>`,
    creditor.bankCode === null ? '' : `<CdtrAgt>${agent(creditor.bankCode)}</CdtrAgt>`,
    `<Cdtr>${element('Nm', creditor.name)}</Cdtr><CdtrAcct>${creditorAccount(creditor)}</CdtrAcct>`,
    `<RmtInf>${element('Ustrd', remittance)}</RmtInf></CdtTrfTxInf>\n`,
  ].join('');
}

function creditorAccount({ account, accountKind }: Creditor): string {
  const proxyCode = PROXY_CODES[accountKind];
  if (proxyCode === undefined) return accountId({ account, accountKind });
  const proxy = `<Prxy><Tp>${element('Cd', proxyCode)}</Tp>${element('Id', account)}</Prxy>`;
  return accountId({ account: NO_ACCOUNT, accountKind: 'bban' }) + proxy;
}

function accountId({ account, accountKind }: Pick<Debtor, 'account'> & { accountKind: AccountKind }): string {
  return accountKind === 'iban'
    ? `<Id>${element('IBAN', account)}</Id>`
    : `<Id><Othr>${element('Id', account)}</Othr></Id>`;
}

function agent(bankCode: string): string {
  const named = isBic(bankCode)
    ? element('BICFI', bankCode)
    : `<ClrSysMmbId>${element('MmbId', bankCode)}</ClrSysMmbId>`;
  return `<FinInstnId>${named}</FinInstnId>`;
}

const element = (name: string, text: string) => `<${name}>${escaped(text)}</${name}>`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Throws on what no XML can hold. */
export function escaped(text: string): string {
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(text))
    throw new RangeError('a character that cannot stand in XML');
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] as string);
}
