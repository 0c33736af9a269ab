import { describe, expect, it } from '@jest/globals';
import { readConfigJson } from '../../../../kernel/reference-data.js';
import { COLUMN_FIELDS, fileNameOf, readLayouts, type CsvLayout } from './csv-layout.js';
import { isRefusedByLayout, writeCsv } from './csv-writer.js';
import type { Lot, Payment } from './payment.js';

const layouts = readLayouts(readConfigJson('bank-layouts.json'));
const layoutOf = (name: string) => layouts.get(name) as CsvLayout;

const lot: Lot = {
  messageId: '0197a0000000700080000000000000aa',
  paymentInformationId: '0197a0000000700080000000000000bb',
  createdAt: new Date('2026-03-02T03:00:00Z'),
  executionOn: '2026-03-04',
  currency: 'THB',
  decimals: 2,
  count: 2,
  totalMinor: 1_800_050n,
  debtor: { name: 'Hill and River', account: '9990001112', accountKind: 'bban', bankCode: '004' },
};

function payment(number: number, amountMinor: bigint, creditor: Partial<Payment['creditor']> = {}): Payment {
  return {
    reference: `0197a00000007000800000000000000${number}`,
    uetr: `0197a000-0000-4000-8000-00000000000${number}`,
    amountMinor,
    creditor: { name: 'Aung Myint Oo', account: '1234567890', accountKind: 'bban', bankCode: '004', ...creditor },
    remittance: 'Support 1/3',
  };
}

async function written(layout: CsvLayout, payments = [payment(1, 900_000n), payment(2, 900_050n)]): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of writeCsv(layout, lot, payments)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('a CSV for a bank', () => {
  it('has the columns of its layout, named', async () => {
    const [header, first, second, ...rest] = (await written(layoutOf('generic'))).split('\r\n');
    expect(header).toBe('reference,execution_date,amount,currency,name,account,account_kind,bank_code,text');
    expect(first).toBe(
      '0197a000000070008000000000000001,2026-03-04,9000.00,THB,Aung Myint Oo,1234567890,bban,004,Support 1/3',
    );
    expect(second).toContain(',9000.50,');
    expect(rest).toEqual(['']);
  });

  it('has the control figures of its layout at the end', async () => {
    const lines = (await written(layoutOf('lotus-bulk'))).split('\r\n');
    expect(lines).toEqual([
      '1|004|1234567890|Aung Myint Oo|9000.00|0197a000000070008000000000000001',
      '2|004|1234567890|Aung Myint Oo|9000.50|0197a000000070008000000000000002',
      `T|2|18000.50|${lot.messageId}`,
      '',
    ]);
  });

  it('writes days and amounts as its layout says, and takes the formula out of a cell', async () => {
    const proxied = payment(1, 900_000n, { account: '+66812345678', accountKind: 'mobile-proxy', bankCode: null });
    const lines = (await written(layoutOf('banyan-portal'), [proxied, payment(2, 900_050n)])).split('\r\n');
    expect(lines[1]).toContain(";20260304;Aung Myint Oo;'+66812345678;;THB;900000;");
    expect(lines[3]).toBe('TRAILER;2;1800050');
  });

  it.each(['=1', '+66812345678', '-1', '@x', '\tx'])(
    'leaves out a payment whose cell is %p, where the layout refuses formulas',
    (account) => {
      const formula = payment(1, 900_000n, { account });
      expect(isRefusedByLayout(layoutOf('generic'), lot, formula)).toBe(true);
      expect(isRefusedByLayout(layoutOf('banyan-portal'), lot, formula)).toBe(false);
      expect(isRefusedByLayout(layoutOf('generic'), lot, payment(1, 900_000n))).toBe(false);
      return expect(written(layoutOf('generic'), [formula, payment(2, 900_050n)])).rejects.toThrow(RangeError);
    },
  );

  it('quotes a cell with a separator or a quote', async () => {
    const named = payment(1, 900_000n, { name: 'Oo, "Aung"' });
    expect(await written(layoutOf('generic'), [named, payment(2, 900_050n)])).toContain('"Oo, ""Aung"""');
  });

  it('is not written when it is not what was counted', async () => {
    await expect(written(layoutOf('generic'), [payment(1, 900_000n)])).rejects.toThrow('the lot says 2 payments');
    await expect(written(layoutOf('generic'), [payment(1, 1n), payment(2, 1n)])).rejects.toThrow('the lot says');
  });

  it('has a name that says nothing', () => {
    expect(fileNameOf(layoutOf('generic'), lot)).toBe(`${lot.messageId}.csv`);
    expect(fileNameOf(layoutOf('lotus-bulk'), lot)).toBe(`20260304-${lot.messageId}.txt`);
  });
});

describe('a layout', () => {
  const generic = layoutOf('generic');
  it.each([
    ['with an unknown field', { columns: [...generic.columns, { name: 'x', field: 'caseGroup' }] }, 'is no field'],
    ['without a reference', { columns: generic.columns.slice(1) }, 'no column of "reference"'],
    ['with a separator of its own', { separator: '~' }, 'no separator'],
    ['with days of its own', { dates: 'D.M.Y' }, 'no way to write days'],
    ['with amounts of its own', { amounts: 'float' }, 'no way to write amounts'],
    ['that says nothing of formulas', { formulas: undefined }, 'does not say what becomes of a formula'],
    ['whose file names repeat', { fileName: 'payments.csv' }, 'two could have one name'],
    ['whose file names lead elsewhere', { fileName: '../{messageId}.csv' }, 'other than letters'],
    ['whose file names say what for', { fileName: 'survivors-{messageId}.csv' }, 'says what the programme is'],
    ['whose columns say what for', { columns: [...generic.columns, { name: 'victim', field: 'number' }] }, 'says what'],
    ['with a trailer of its own', { trailer: [{ field: 'name' }] }, 'a field in its trailer'],
  ])('%s is refused', (_, change, message) =>
    expect(() => readLayouts({ layouts: { wrong: { ...generic, ...change } } })).toThrow(message),
  );

  it('has no field of a client but what a bank needs', () =>
    expect(Object.keys(COLUMN_FIELDS).sort()).toEqual(
      [
        'amount',
        'creditorAccount',
        'creditorAccountKind',
        'creditorBankCode',
        'creditorName',
        'currency',
        'debtorAccount',
        'executionOn',
        'messageId',
        'number',
        'reference',
        'remittance',
        'uetr',
      ].sort(),
    ));
});
