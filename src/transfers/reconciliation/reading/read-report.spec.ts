import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readConfigJson } from '../../../kernel/reference-data.js';
import { camt, inPieces, pain002, type Camt, type Pain002 } from '../../../../test/support/bank-reports.js';
import type { EntryItem, ReportItem, StatusItem } from '../domain/report-items.js';
import type { ResultLayout } from './csv-results.js';
import { readReport } from './read-report.js';

const { layouts } = readConfigJson<{ layouts: ResultLayout[] }>('result-layouts.json');
const [plain, isoSemicolon] = layouts as [ResultLayout, ResultLayout];

async function itemsOf(text: string | Buffer, layout?: ResultLayout, size?: number): Promise<ReportItem[]> {
  const items: ReportItem[] = [];
  for await (const item of readReport(inPieces(text, size), { limitBytes: 10_000_000, layout })) items.push(item);
  return items;
}

const statuses = (items: ReportItem[]) => items.filter((item): item is StatusItem => item.item === 'status');
const entries = (items: ReportItem[]) => items.filter((item): item is EntryItem => item.item === 'entry');

const ANSWER: Pain002 = {
  messageId: 'MSG-7',
  group: { status: 'ACTC' },
  lots: [
    {
      id: 'LOT-1',
      status: 'PART',
      rows: [
        { endToEndId: 'e1', instructionId: 'i1', uetr: 'u1', status: 'ACSC', amount: '9000.00' },
        { endToEndId: 'e2', status: 'RJCT', reason: 'AC01', text: 'no such account' },
        { endToEndId: 'e3', status: 'RJCT', proprietary: 'X-99' },
      ],
    },
  ],
};

const STATEMENT: Camt = {
  opening: '100000.00',
  closing: '-82000.5',
  entries: [
    {
      reference: 'N1',
      servicerReference: 'S1',
      amount: '9000.00',
      direction: 'DBIT',
      details: [{ endToEndId: 'e1', uetr: 'u1', amount: '9000.00' }],
    },
    {
      servicerReference: 'S2',
      amount: '18000.00',
      direction: 'DBIT',
      details: [
        { endToEndId: 'e2', amount: '9000' },
        { endToEndId: 'e3', amount: '9000.00' },
      ],
    },
    { amount: '27000.00', direction: 'DBIT', batch: { count: 3, lotId: 'LOT-1' } },
    {
      servicerReference: 'S4',
      amount: '9000.00',
      direction: 'CRDT',
      code: 'PMNT.ICDT.RRTN',
      day: '2026-03-20',
      details: [{ endToEndId: 'e1', returnCode: 'AC04' }],
    },
    { amount: '25.00', direction: 'DBIT', code: 'ACMT.MDOP.CHRG' },
    { amount: '9000.00', direction: 'DBIT', status: 'PDNG', details: [{ endToEndId: 'e4' }] },
    { amount: '9000.00', direction: 'CRDT', reversal: true, details: [{ endToEndId: 'e5' }] },
  ],
};

describe('a pain.002', () => {
  it.each(['03', '10', '14'])(
    'of version %s says what became of each payment, of its lot and of the message',
    async (version) => {
      const items = await itemsOf(pain002({ ...ANSWER, version }));
      expect(items[0]).toEqual({ item: 'about', report: 'pain.002', conforms: true });
      expect(
        statuses(items).map(({ level, lotId, messageId, endToEndId, status, reasonCodes }) => [
          level,
          messageId,
          lotId,
          endToEndId,
          status,
          reasonCodes.join(),
        ]),
      ).toEqual([
        ['group', 'MSG-7', null, null, 'ACTC', ''],
        ['payment', 'MSG-7', 'LOT-1', 'e1', 'ACSC', ''],
        ['payment', 'MSG-7', 'LOT-1', 'e2', 'RJCT', 'AC01'],
        ['payment', 'MSG-7', 'LOT-1', 'e3', 'RJCT', 'X-99'],
        ['lot', 'MSG-7', 'LOT-1', null, 'PART', ''],
      ]);
      expect(statuses(items)[1]).toMatchObject({
        uetr: 'u1',
        instructionId: 'i1',
        amount: '9000',
        currency: 'THB',
        day: '2026-03-03',
      });
      expect(statuses(items)[2]).toMatchObject({ reasonText: 'no such account' });
      expect(items.at(-1)).toMatchObject({ item: 'end', fault: null });
    },
  );

  it('whose namespace is written wrong is read all the same, and said not to conform', async () => {
    const items = await itemsOf(
      pain002({ ...ANSWER, namespace: ' Xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"' }),
    );
    expect(items[0]).toEqual({ item: 'about', report: 'pain.002', conforms: false });
    expect(statuses(items)).toHaveLength(5);
  });

  it('with prefixes and in an envelope is read by local names', async () => {
    const [, body = ''] = /<Document[^>]*>([\s\S]*)<\/Document>/.exec(pain002(ANSWER)) ?? [];
    const prefixed = body.replaceAll(/<(\/?)([A-Z])/g, '<$1p:$2');
    const items = await itemsOf(
      `<Envelope><AppHdr><BizMsgIdr>1</BizMsgIdr></AppHdr><p:Document xmlns:p="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12">${prefixed}</p:Document></Envelope>`,
    );
    expect(items[0]).toMatchObject({ conforms: true });
    expect(statuses(items)).toHaveLength(5);
  });

  it('of 2007, which has rows without a lot and other names for the reason, is read', async () => {
    const items = await itemsOf(
      `<Document><pain.002.001.02><GnlInf><CreDtTm>2026-03-03T01:00:00</CreDtTm></GnlInf><OrgnlGrpInfAndSts><OrgnlMsgId>M</OrgnlMsgId><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>
       <TxInfAndSts><OrgnlPmtInfId>L</OrgnlPmtInfId><OrgnlEndToEndId>e1</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><StsRsn><Cd>AC01</Cd></StsRsn><AddtlStsRsnInf>words</AddtlStsRsnInf></StsRsnInf></TxInfAndSts></pain.002.001.02></Document>`,
    );
    expect(statuses(items)[1]).toMatchObject({
      lotId: 'L',
      status: 'RJCT',
      reasonCodes: ['AC01'],
      reasonText: 'words',
    });
  });

  it('with one bad record goes on after it', async () => {
    const text = pain002(ANSWER).replace('<TxSts>RJCT</TxSts>', '').replace('>9000.00<', '>9,000.00<');
    const items = await itemsOf(text);
    expect(items.filter(({ item }) => item === 'unreadable')).toEqual([
      { item: 'unreadable', code: 'amount-malformed', place: 2, line: expect.any(Number) },
      { item: 'unreadable', code: 'status-missing', place: 3, line: expect.any(Number) },
    ]);
    expect(statuses(items).map(({ endToEndId }) => endToEndId)).toEqual([null, 'e3', null]);
  });
});

describe('a statement', () => {
  it.each(['053', '054'] as const)(
    '(camt.%s) gives each payment its own amount, and a batch without details as one',
    async (kind) => {
      const items = await itemsOf(camt({ ...STATEMENT, kind }));
      expect(items[0]).toEqual({ item: 'about', report: `camt.${kind}`, conforms: true });
      expect(
        entries(items).map(
          ({
            direction,
            amount,
            endToEndId,
            servicerReference,
            paymentsBehind,
            bookingStatus,
            isReturn,
            isReversal,
          }) => [direction, amount, endToEndId, servicerReference, paymentsBehind, bookingStatus, isReturn, isReversal],
        ),
      ).toEqual([
        ['debit', '9000', 'e1', 'S1', null, 'booked', false, false],
        ['debit', '9000', 'e2', 'S2', null, 'booked', false, false],
        ['debit', '9000', 'e3', 'S2', null, 'booked', false, false],
        ['debit', '27000', null, null, 3, 'booked', false, false],
        ['credit', '9000', 'e1', 'S4', null, 'booked', true, false],
        ['debit', '25', null, null, null, 'booked', false, false],
        ['debit', '9000', 'e4', null, null, 'pending', false, false],
        ['credit', '9000', 'e5', null, null, 'booked', false, true],
      ]);
      expect(entries(items)[4]).toMatchObject({
        returnCode: 'AC04',
        transactionCode: 'PMNT.ICDT.RRTN',
        bookedOn: '2026-03-20',
      });
      expect(items.filter(({ item }) => item === 'balance')).toEqual([
        expect.objectContaining({
          which: 'opening',
          amount: '100000',
          account: '1234567890',
          currency: 'THB',
          day: '2026-03-03',
        }),
        expect.objectContaining({ which: 'closing', amount: '-82000.5' }),
      ]);
    },
  );

  it('whose booking status is an element of its own or a text is read either way', async () => {
    const items = await itemsOf(camt(STATEMENT).replaceAll('<Sts><Cd>BOOK</Cd></Sts>', '<Sts>BOOK</Sts>'));
    expect(entries(items)[0]).toMatchObject({ bookingStatus: 'booked' });
  });
});

describe('a result file', () => {
  it('is read by the map of its columns, in whatever order they stand', async () => {
    const items = await itemsOf(
      '\ufeffday,status,reference,reason,amount,currency\n2026-03-03,paid,e1,,"9,000.00",THB\n2026-03-03,rejected,e2,invalid account,9000.00,THB\n2026-03-03,returned to sender,e3,,9000,THB\n',
      plain,
    );
    expect(
      statuses(items).map(({ endToEndId, status, reasonCodes, amount, day }) => [
        endToEndId,
        status,
        reasonCodes.join(),
        amount,
        day,
      ]),
    ).toEqual([
      ['e1', 'ACSC', '', '9000', '2026-03-03'],
      ['e2', 'RJCT', 'AC01', '9000', '2026-03-03'],
      ['e3', 'returned to sender', '', '9000', '2026-03-03'],
    ]);
    expect(items.at(-1)).toMatchObject({ fault: null });
  });

  it('of another bank has semicolons and days of another form', async () => {
    const items = await itemsOf(
      'EndToEndId;TxSts;Rsn;InstdAmt;Ccy;SttlmDt\ne1;ACSC;;9000.00;THB;03/03/2026\n',
      isoSemicolon,
    );
    expect(statuses(items)[0]).toMatchObject({ endToEndId: 'e1', status: 'ACSC', day: '2026-03-03' });
  });

  it('with bad lines goes on after them', async () => {
    const items = await itemsOf('reference,status,amount\ne1,paid\ne2,paid,nine\ne3,,9000\ne4,paid,9000\n', plain);
    expect(items.slice(1, -1).map((item) => ('code' in item ? item.code : item.item))).toEqual([
      'columns-missing',
      'amount-malformed',
      'status-missing',
      'status',
    ]);
  });

  it('without the columns it must have is refused', async () => {
    expect(await itemsOf('a,b\n1,2\n', plain)).toEqual([
      expect.objectContaining({ item: 'end', fault: 'not-a-bank-report' }),
    ]);
  });

  it('whose last line has no end is not believed on it: it may have been cut off', async () => {
    const items = await itemsOf('reference,status,reason\ne1,paid,\ne2,rejected,invalid account', plain);
    expect(items.slice(2)).toEqual([
      expect.objectContaining({ item: 'unreadable', code: 'line-not-ended' }),
      expect.objectContaining({ item: 'end', fault: 'cut-off' }),
    ]);
  });
});

describe('a file that is cut off', () => {
  const files: [string, string, ResultLayout | undefined][] = [
    ['pain.002', pain002(ANSWER), undefined],
    ['camt.053', camt(STATEMENT), undefined],
    ['CSV', 'reference,status,reason,amount\ne1,paid,,9000.00\ne2,rejected,"invalid account",9000.00\n', plain],
  ];

  it.each(files)(
    '(%s) at any byte gives what came before it and nothing else, and says that it is not whole',
    async (_, text, layout) => {
      const bytes = Buffer.from(text);
      const whole = (await itemsOf(text, layout)).slice(0, -1);
      await fc.assert(
        fc.asyncProperty(fc.nat(bytes.length - 2), fc.integer({ min: 1, max: 4_000 }), async (cut, size) => {
          const items = await itemsOf(bytes.subarray(0, cut), layout, size);
          const before = items
            .slice(0, -1)
            .filter((item) => !(item.item === 'unreadable' && item.code === 'line-not-ended'));
          expect(before).toEqual(whole.slice(0, before.length));
          const end = items.at(-1);
          expect(end).toMatchObject({ item: 'end' });
          // What follows the last line of a CSV file nobody can know.
          if (!layout && end?.item === 'end' && cut < bytes.lastIndexOf('>')) expect(end.fault).not.toBeNull();
        }),
        { numRuns: 300 },
      );
    },
  );

  it.each(files)('(%s) reads the same whatever the pieces are that it comes in', async (_, text, layout) => {
    const whole = await itemsOf(text, layout);
    for (const size of [1, 3, 7, 64, 1_000_000]) expect(await itemsOf(text, layout, size)).toEqual(whole);
  });
});
