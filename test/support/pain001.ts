/** Bank files for tests: lots and payments made up by fast-check, and one lot to be spoilt. */
import fc from 'fast-check';
import { bankingDays, currencies } from '../../src/kernel/reference-data.js';
import { creditorOf } from '../../src/transfers/rails/bank-file/domain/creditor.js';
import type { Surroundings } from '../../src/transfers/rails/bank-file/domain/pain001-checker.js';
import { writePain001 } from '../../src/transfers/rails/bank-file/domain/pain001-writer.js';
import { remittanceOf, uetrOf, type Lot, type Payment } from '../../src/transfers/rails/bank-file/domain/payment.js';

/** As in Thailand, with a history in which one reference and one message stood before. */
export const USED_BEFORE = { reference: 'f'.repeat(32), message: 'e'.repeat(32) };
export const surroundings: Surroundings = {
  decimalsOfCurrency: (code) => currencies.all().find((one) => one.code === code)?.minorUnits,
  dayAtBanks: (day) => bankingDays.on('TH', day),
  usedBefore: (ids) =>
    Promise.resolve(new Set(ids.filter((id) => [USED_BEFORE.reference, USED_BEFORE.message].includes(id)))),
};

export interface FileToWrite {
  lot: Lot;
  payments: Payment[];
}

export async function bytesOf({ lot, payments }: FileToWrite): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of writePain001(lot, payments)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A number of `digits` digits, which counts up. */
const plain = (id: string) => id.replaceAll('-', '');

const anyId = fc
  .tuple(fc.bigInt({ min: 0n, max: 2n ** 48n - 1n }), fc.bigInt({ min: 0n, max: 2n ** 74n - 1n }))
  .map(([time, chance]) => {
    const [t, c] = [time.toString(16).padStart(12, '0'), chance.toString(16).padStart(19, '0')];
    return `${t.slice(0, 8)}-${t.slice(8)}-7${c.slice(0, 3)}-8${c.slice(3, 6)}-${c.slice(6, 18)}`;
  });

const anyName = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
  fc.constantFrom('Nguyễn Thị Đào', 'အောင်မြင့်ဦး', 'สมชาย ใจดี', 'ສົມສັກ', "O'Neill & <Sons>", 'José Peña', '-Aung/Oo'),
  fc.string({ unit: fc.constantFrom(...'abcdeéđñ -./&<>"\'('), minLength: 1, maxLength: 160 }),
);
const digits = fc.stringMatching(/^\d{4,20}$/);
const anyPayee = fc.record({
  account: fc.oneof(digits, digits, fc.constantFrom('DE89370400440532013000', '+66 81-234 5678', '၁၂၃', '12&<3')),
  kind: fc.constantFrom(
    undefined,
    'iban' as const,
    'mobile-proxy' as const,
    'national-id-proxy' as const,
    'e-wallet-proxy' as const,
    'wallet' as const,
  ),
  bankCode: fc.constantFrom(undefined, '004', 'KASITHBK', 'KBZBMMMYXXX', 'BCEL'),
  holder: fc.option(anyName, { nil: undefined }),
});

/** Whatever people wrote of themselves: those who can be written are in the file, as in a run. */
export const anyFile: fc.Arbitrary<FileToWrite> = fc
  .record({
    currency: fc.constantFrom(...currencies.all()),
    ids: fc.uniqueArray(anyId, { minLength: 3, maxLength: 30 }),
    people: fc.array(
      fc.record({ name: anyName, payee: anyPayee, amountMinor: fc.bigInt({ min: 1n, max: 10n ** 13n }) }),
      {
        minLength: 30,
        maxLength: 30,
      },
    ),
    executionOn: fc.constantFrom('2026-03-02', '2026-12-30', '2026-04-16'),
    debtorCode: fc.constantFrom('KASITHBK', '004'),
    instalment: fc.integer({ min: 1, max: 3 }),
  })
  .map(
    ({
      currency,
      ids: [messageId = '', paymentInformationId = '', ...ids],
      people,
      executionOn,
      debtorCode,
      instalment,
    }) => {
      const payments = ids.flatMap((id, at): Payment[] => {
        const person = people[at];
        if (!person) return [];
        const creditor = creditorOf({ names: [{ text: person.name }], guardian: null, payee: person.payee });
        if (typeof creditor === 'string') return [];
        return [
          {
            reference: plain(id),
            uetr: uetrOf(id),
            amountMinor: person.amountMinor,
            creditor,
            remittance: remittanceOf(instalment, 3),
          },
        ];
      });
      return { lot: lotOf(payments, { messageId, paymentInformationId, currency, executionOn, debtorCode }), payments };
    },
  )
  .filter(({ payments }) => payments.length > 0);

function lotOf(
  payments: readonly Payment[],
  made: {
    messageId: string;
    paymentInformationId: string;
    currency: { code: string; minorUnits: number };
    executionOn: string;
    debtorCode: string;
  },
): Lot {
  return {
    messageId: plain(made.messageId),
    paymentInformationId: plain(made.paymentInformationId),
    createdAt: new Date('2026-03-01T23:59:59.987Z'),
    executionOn: made.executionOn,
    currency: made.currency.code,
    decimals: made.currency.minorUnits,
    count: payments.length,
    totalMinor: payments.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    debtor: { name: 'Hill and River', account: '9990001112', accountKind: 'bban', bankCode: made.debtorCode },
  };
}

/** Three payments: to an account, to an IBAN and to a mobile number. */
export function threePayments(currency = 'THB', amountMinor = 900_000n): FileToWrite {
  const creditors: Payment['creditor'][] = [
    { name: 'Aung Myint Oo', account: '1234567890', accountKind: 'bban', bankCode: '004' },
    { name: 'Dao Thi Anh', account: 'DE89370400440532013000', accountKind: 'iban', bankCode: 'KASITHBK' },
    { name: 'Somchai Jaidee', account: '+66812345678', accountKind: 'mobile-proxy', bankCode: null },
  ];
  const payments = creditors.map((creditor, at): Payment => {
    const id = `0197a000-0000-7000-8000-00000000000${at + 1}`;
    return { reference: plain(id), uetr: uetrOf(id), amountMinor, creditor, remittance: remittanceOf(at + 1, 3) };
  });
  const made = {
    messageId: '0197a000-0000-7000-8000-0000000000aa',
    paymentInformationId: '0197a000-0000-7000-8000-0000000000bb',
    currency: currencies.get(currency),
    executionOn: '2026-03-02',
    debtorCode: 'KASITHBK',
  };
  return { lot: lotOf(payments, made), payments };
}
