/** What we write is a pain.001.001.09 by the official schema and by our own rules; whatever is spoilt in it is found by our own rules. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkPain001, type Checked } from '../../src/transfers/rails/bank-file/domain/pain001-checker.js';
import type { RuleCode } from '../../src/transfers/rails/bank-file/domain/pain001-rules.js';
import { writePain001 } from '../../src/transfers/rails/bank-file/domain/pain001-writer.js';
import { seedFor } from '../support/chance.js';
import { schemaOf, schemaValidator } from '../support/iso20022-schemas.js';
import { anyFile, bytesOf, surroundings, threePayments, USED_BEFORE } from '../support/pain001.js';

const MESSAGE = 'pain.001.001.09';
const { isHere, note } = schemaOf(MESSAGE);
const describeWithSchema = isHere ? describe : describe.skip;

const check = (bytes: Buffer | string): Promise<Checked> => checkPain001([Buffer.from(bytes)], surroundings);
const codesOf = ({ faults }: Checked) => [...new Set(faults.map(({ code }) => code))].sort();

describeWithSchema(`a file for a bank, by the official schema${note}`, () => {
  let faultBySchema: (xml: Buffer | string) => string | null;
  beforeAll(async () => {
    faultBySchema = await schemaValidator(MESSAGE);
  });

  it('is valid, whoever is paid and whatever they are called', async () => {
    const seed = seedFor('bank files against the schema');
    const whatever = fc.asyncProperty(anyFile, async (file) => {
      expect(faultBySchema(await bytesOf(file))).toBeNull();
    });
    await fc.assert(whatever, { seed, numRuns: 150 });
  });

  it('is not taken for valid when something is missing', async () => {
    const spoilt = (await bytesOf(threePayments())).toString().replace(/<EndToEndId>.*?<\/EndToEndId>/, '');
    expect(faultBySchema(spoilt)).toMatch(/UETR|EndToEndId/);
  });
});

describe('a file for a bank', () => {
  it('breaks none of our own rules, whoever is paid', async () => {
    const seed = seedFor('bank files against our own rules');
    const whatever = fc.asyncProperty(anyFile, async (file) => {
      const { faults, warnings, payments } = await check(await bytesOf(file));
      expect({ faults, warnings, payments }).toEqual({ faults: [], warnings: [], payments: file.payments.length });
    });
    await fc.assert(whatever, { seed, numRuns: 150 });
  });

  it('is the same bytes every time, and read the same in any pieces', async () => {
    const bytes = await bytesOf(threePayments());
    expect(await bytesOf(threePayments())).toEqual(bytes);
    const one = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1));
    expect(await checkPain001(one, surroundings)).toEqual(await check(bytes));
  });

  it('says what a bank needs, and neither more of a person nor a word of the programme', async () => {
    expect((await bytesOf(threePayments())).toString()).toMatchInlineSnapshot(`
      "<?xml version="1.0" encoding="UTF-8"?>
      <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">
      <CstmrCdtTrfInitn>
      <GrpHdr><MsgId>0197a0000000700080000000000000aa</MsgId><CreDtTm>2026-03-01T23:59:59Z</CreDtTm><NbOfTxs>3</NbOfTxs><CtrlSum>27000.00</CtrlSum><InitgPty><Nm>Hill and River</Nm></InitgPty></GrpHdr>
      <PmtInf><PmtInfId>0197a0000000700080000000000000bb</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>3</NbOfTxs><CtrlSum>27000.00</CtrlSum>
      <ReqdExctnDt><Dt>2026-03-02</Dt></ReqdExctnDt>
      <Dbtr><Nm>Hill and River</Nm></Dbtr><DbtrAcct><Id><Othr><Id>9990001112</Id></Othr></Id><Ccy>THB</Ccy></DbtrAcct><DbtrAgt><FinInstnId><BICFI>KASITHBK</BICFI></FinInstnId></DbtrAgt>
      <CdtTrfTxInf><PmtId><InstrId>0197a000000070008000000000000001</InstrId><EndToEndId>0197a000000070008000000000000001</EndToEndId><UETR>0197a000-0000-4000-8000-000000000001</UETR></PmtId><Amt><InstdAmt Ccy="THB">9000.00</InstdAmt></Amt><CdtrAgt><FinInstnId><ClrSysMmbId><MmbId>004</MmbId></ClrSysMmbId></FinInstnId></CdtrAgt><Cdtr><Nm>Aung Myint Oo</Nm></Cdtr><CdtrAcct><Id><Othr><Id>1234567890</Id></Othr></Id></CdtrAcct><RmtInf><Ustrd>Support 1/3</Ustrd></RmtInf></CdtTrfTxInf>
      <CdtTrfTxInf><PmtId><InstrId>0197a000000070008000000000000002</InstrId><EndToEndId>0197a000000070008000000000000002</EndToEndId><UETR>0197a000-0000-4000-8000-000000000002</UETR></PmtId><Amt><InstdAmt Ccy="THB">9000.00</InstdAmt></Amt><CdtrAgt><FinInstnId><BICFI>KASITHBK</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>Dao Thi Anh</Nm></Cdtr><CdtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct><RmtInf><Ustrd>Support 2/3</Ustrd></RmtInf></CdtTrfTxInf>
      <CdtTrfTxInf><PmtId><InstrId>0197a000000070008000000000000003</InstrId><EndToEndId>0197a000000070008000000000000003</EndToEndId><UETR>0197a000-0000-4000-8000-000000000003</UETR></PmtId><Amt><InstdAmt Ccy="THB">9000.00</InstdAmt></Amt><Cdtr><Nm>Somchai Jaidee</Nm></Cdtr><CdtrAcct><Id><Othr><Id>NOTPROVIDED</Id></Othr></Id><Prxy><Tp><Cd>MBNO</Cd></Tp><Id>+66812345678</Id></Prxy></CdtrAcct><RmtInf><Ustrd>Support 3/3</Ustrd></RmtInf></CdtTrfTxInf>
      </PmtInf>
      </CstmrCdtTrfInitn>
      </Document>
      "
    `);
  });

  it('is not written when it is not what was counted', async () => {
    const { lot, payments } = threePayments();
    const writing = async () => {
      for await (const chunk of writePain001(lot, payments.slice(1))) expect(chunk).toBeInstanceOf(Buffer);
    };
    await expect(writing()).rejects.toThrow('the lot says 3 payments');
  });

  it('is written and checked without being held', async () => {
    const { payments } = threePayments();
    const [payment] = payments;
    if (!payment) throw new Error('no payment');
    const many = 20_000;
    async function* endless() {
      for (let at = 1; at <= many; at += 1) {
        const number = at.toString(16).padStart(12, '0');
        yield { ...payment, reference: `0197a00000007000a000${number}`, uetr: `0197a000-0000-4000-a000-${number}` };
        if (at % 5_000 === 0) await Promise.resolve();
      }
    }
    const { lot } = threePayments();
    let longest = 0;
    async function* measured(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        longest = Math.max(longest, chunk.length);
        yield chunk;
      }
    }
    const bytes = writePain001(
      { ...lot, count: many, totalMinor: 900_000n * BigInt(many) },
      endless() as AsyncIterable<never>,
    );
    const checked = await checkPain001(measured(bytes), surroundings);
    expect(checked).toEqual({ payments: many, faults: [], warnings: [] });
    expect(longest).toBeLessThan(70_000);
  });
});

type Spoil = (xml: string) => string;
const drop =
  (element: string): Spoil =>
  (xml) =>
    xml.replace(new RegExp(`<${element}[ >].*?</${element}>`), '');
const swap =
  (from: string | RegExp, to: string): Spoil =>
  (xml) =>
    xml.replace(from, to);
const inLot =
  (spoil: Spoil): Spoil =>
  (xml) => {
    const at = xml.indexOf('<PmtInf>');
    return xml.slice(0, at) + spoil(xml.slice(at));
  };
const reference = (number: number) => `0197a00000007000800000000000000${number}`;

/** What is done to a good file, and the rules that it then breaks. */
const MUTATIONS: readonly [string, Spoil, RuleCode[]][] = [
  ['the message id is dropped', drop('MsgId'), ['element-missing']],
  ['the creation time is dropped', drop('CreDtTm'), ['element-missing']],
  ['the creation time is a day', swap(/<CreDtTm>.*?</, '<CreDtTm>2026-03-02<'), ['creation-time-malformed']],
  ['the group header is dropped', drop('GrpHdr'), ['element-missing']],
  ['the count of the group is dropped', drop('NbOfTxs'), ['element-missing']],
  ['the sum of the group is dropped', drop('CtrlSum'), ['element-missing']],
  ['the count of the group is one more', swap('<NbOfTxs>3<', '<NbOfTxs>4<'), ['count-of-group']],
  ['the count of the group is a word', swap('<NbOfTxs>3<', '<NbOfTxs>three<'), ['count-malformed']],
  ['the sum of the group is a cent less', swap('27000.00', '26999.99'), ['sum-of-group']],
  ['the sum of the group has a comma', swap('27000.00', '27000,00'), ['sum-malformed']],
  ['the count of the lot is one less', inLot(swap('<NbOfTxs>3<', '<NbOfTxs>2<')), ['count-of-lot']],
  ['the sum of the lot is a cent more', inLot(swap('27000.00', '27000.01')), ['sum-of-lot']],
  ['the sum of the lot is dropped', inLot(drop('CtrlSum')), ['element-missing']],
  [
    'the count stands there twice',
    swap('<NbOfTxs>3</NbOfTxs>', '<NbOfTxs>3</NbOfTxs><NbOfTxs>3</NbOfTxs>'),
    ['element-repeated'],
  ],
  ['a payment is dropped', drop('CdtTrfTxInf'), ['count-of-group', 'count-of-lot', 'sum-of-group', 'sum-of-lot']],
  [
    'every payment is dropped',
    swap(/<CdtTrfTxInf>[^]*<\/CdtTrfTxInf>\n/, ''),
    ['count-of-group', 'count-of-lot', 'element-missing', 'sum-of-group', 'sum-of-lot'],
  ],
  [
    'a payment stands there twice',
    (xml) => xml.replace(/(<CdtTrfTxInf>[^]*?<\/CdtTrfTxInf>\n)/, '$1$1'),
    [
      'count-of-group',
      'count-of-lot',
      'end-to-end-id-repeated',
      'instruction-id-repeated',
      'sum-of-group',
      'sum-of-lot',
      'uetr-repeated',
    ],
  ],
  ['an amount is a cent more', swap('>9000.00<', '>9000.01<'), ['sum-of-group', 'sum-of-lot']],
  ['an amount has three decimals', swap('>9000.00<', '>9000.000<'), ['decimals-of-currency']],
  ['an amount has no decimals', swap('>9000.00<', '>9000<'), ['decimals-of-currency']],
  ['an amount is nothing', swap('>9000.00<', '>0.00<'), ['amount-not-positive', 'sum-of-group', 'sum-of-lot']],
  [
    'an amount is less than nothing',
    swap('>9000.00<', '>-9000.00<'),
    ['amount-malformed', 'sum-of-group', 'sum-of-lot'],
  ],
  [
    'an amount is in another currency',
    inLot(swap(/Ccy="THB">9000.00<([^]*)Ccy="THB"/, 'Ccy="THB">9000.00<$1Ccy="MMK"')),
    ['currency-mixed'],
  ],
  [
    'all amounts are in another currency than the account',
    (xml) => xml.replaceAll('Ccy="THB"', 'Ccy="PHP"'),
    ['currency-mixed'],
  ],
  ['the currency is none', swap('Ccy="THB"', 'Ccy="XXX"'), ['currency-mixed', 'currency-unknown']],
  ['the currency is left out', swap(' Ccy="THB"', ''), ['currency-mixed', 'currency-unknown']],
  ['the reference is dropped', drop('EndToEndId'), ['element-missing', 'ids-differ']],
  ['the instruction id is dropped', drop('InstrId'), ['element-missing', 'ids-differ']],
  [
    'two payments have one reference',
    (xml) => xml.replaceAll(reference(2), reference(1)),
    ['end-to-end-id-repeated', 'instruction-id-repeated'],
  ],
  ['a payment has two references', swap(`<InstrId>${reference(1)}`, '<InstrId>another'), ['ids-differ']],
  [
    'a reference stood in a file before',
    (xml) => xml.replaceAll(reference(1), USED_BEFORE.reference),
    ['end-to-end-id-used-before'],
  ],
  [
    'the message stood in a file before',
    swap(/<MsgId>.*?</, `<MsgId>${USED_BEFORE.message}<`),
    ['message-id-used-before'],
  ],
  ['a reference is longer than 35', (xml) => xml.replaceAll(reference(1), reference(1).padEnd(36, '0')), ['too-long']],
  ['a reference has an underscore', (xml) => xml.replaceAll(reference(1), 'a_b'), ['not-swift-x']],
  ['the UETR is dropped', drop('UETR'), ['element-missing']],
  ['the UETR is of version 7', swap('0197a000-0000-4000', '0197a000-0000-7000'), ['uetr-malformed']],
  ['two payments have one UETR', swap('4000-8000-000000000002', '4000-8000-000000000001'), ['uetr-repeated']],
  ['a name has a Thai letter', swap('Aung Myint Oo', 'Aung Myint อู'), ['not-swift-x']],
  ['a name has an accent', swap('Dao Thi Anh', 'Đào Thị Ánh'), ['not-swift-x']],
  ['a name is empty', swap('<Nm>Aung Myint Oo</Nm>', '<Nm></Nm>'), ['not-swift-x']],
  ['a name is dropped', swap('<Nm>Aung Myint Oo</Nm>', ''), ['element-missing']],
  ['a name is longer than 140', swap('Aung Myint Oo', 'a'.repeat(141)), ['too-long']],
  ['a name is a text of two lines', swap('Aung Myint Oo', 'Aung\nMyint Oo'), ['not-swift-x']],
  ['the remittance says what for', swap('Support 1/3', 'Support for survivors'), ['reveals-programme']],
  ['the debtor says what for', swap(/Hill and River/g, 'Anti-Trafficking Fund'), ['reveals-programme']],
  ['the remittance is dropped', drop('RmtInf'), ['element-missing']],
  ['the day is a Sunday', swap('<Dt>2026-03-02<', '<Dt>2026-03-01<'), ['not-a-banking-day']],
  ['the day is a holiday', swap('<Dt>2026-03-02<', '<Dt>2026-04-13<'), ['not-a-banking-day']],
  ['the day does not exist', swap('<Dt>2026-03-02<', '<Dt>2026-02-30<'), ['execution-day-malformed']],
  ['the day is dropped', drop('ReqdExctnDt'), ['element-missing']],
  ['the account is dropped', inLot(drop('CdtrAcct')), ['element-missing']],
  ['the bank of a plain account is dropped', drop('CdtrAgt'), ['element-missing']],
  ['an IBAN has a wrong digit', swap('DE89370400440532013000', 'DE89370400440532013001'), ['iban-wrong']],
  ['a BIC has a digit for a country', swap('<BICFI>KASITHBK', '<BICFI>KASI11BK'), ['bank-code-malformed']],
  ['a proxy is of no known kind', swap('<Cd>MBNO<', '<Cd>MOBI<'), ['proxy-code-unknown']],
  ['the paying account is dropped', drop('DbtrAcct'), ['element-missing']],
  ['the paying bank is dropped', drop('DbtrAgt'), ['element-missing']],
  ['payments are by cheque', swap('TRF', 'CHK'), ['method-not-transfer']],
  [
    'the lot stands there twice',
    (xml) => xml.replace(/(<PmtInf>[^]*<\/PmtInf>\n)/, '$1$1'),
    [
      'count-of-group',
      'end-to-end-id-repeated',
      'instruction-id-repeated',
      'lot-id-repeated',
      'sum-of-group',
      'uetr-repeated',
    ],
  ],
  ['it is of another version', swap('pain.001.001.09', 'pain.001.001.03'), ['wrong-namespace']],
  ['it is cut short', (xml) => xml.slice(0, xml.length / 2), ['not-xml']],
  ['a tag is not closed', swap('</MsgId>', ''), ['not-swift-x', 'not-xml']],
  ['it declares a document type', swap('?>\n', '?>\n<!DOCTYPE Document [<!ENTITY a "b">]>\n'), ['doctype', 'not-xml']],
  ['it uses an entity that is none', swap('Aung Myint Oo', '&aung;'), ['not-xml']],
];

describe(`a file is found to be spoilt (${MUTATIONS.length} ways) when`, () => {
  let good: string;
  beforeAll(async () => {
    good = (await bytesOf(threePayments())).toString();
    expect(await check(good)).toEqual({ payments: 3, faults: [], warnings: [] });
  });

  it.each(MUTATIONS)('%s', async (_, spoil, codes) => {
    const spoilt = spoil(good);
    expect(spoilt).not.toBe(good);
    expect(codesOf(await check(spoilt))).toEqual([...codes].sort());
  });

  it('an amount in dong has three decimals', async () => {
    const dong = (await bytesOf(threePayments('VND', 5_000_000n))).toString();
    expect(codesOf(await check(dong))).toEqual([]);
    expect(codesOf(await check(dong.replace('>5000000<', '>5000000.000<')))).toEqual(['decimals-of-currency']);
  });

  it('it is no UTF-8', async () => {
    const spoilt = Buffer.from(good);
    spoilt[spoilt.indexOf('Aung')] = 0xff;
    expect(codesOf(await check(spoilt))).toContain('not-xml');
  });

  it('and is told the line', async () => {
    const { faults } = await check(good.replace('Dao Thi Anh', 'ดาว'));
    const line = good.slice(0, good.indexOf('Dao Thi Anh')).split('\n').length;
    expect(faults).toEqual([expect.objectContaining({ code: 'not-swift-x', line })]);
  });
});

describe('the day of a file', () => {
  it('is not taken for a banking day where there is no holiday calendar: that is said', async () => {
    const file = threePayments();
    const { faults, warnings } = await check(
      await bytesOf({ ...file, lot: { ...file.lot, executionOn: '2027-03-01' } }),
    );
    expect(faults).toEqual([]);
    expect(warnings).toEqual([expect.objectContaining({ code: 'holiday-calendar-missing' })]);
  });
});
