import { describe, expect, it } from '@jest/globals';
import { creditorOf, type PayeeToWrite } from './creditor.js';

const names = [{ text: 'အောင်မြင့်ဦး', romanised: 'Aung Myint Oo' }];
const of = (payee: PayeeToWrite['payee'], others: Partial<PayeeToWrite> = {}) =>
  creditorOf({ names, guardian: null, payee, ...others });

describe('who is paid', () => {
  it.each([
    [
      'a plain account at a bank of a clearing',
      { account: '123-4-56789-0', bankCode: '004' },
      '1234567890',
      'bban',
      '004',
    ],
    [
      'an account at a bank with a BIC',
      { account: '20 0123 4567', bankCode: 'KASITHBK' },
      '2001234567',
      'bban',
      'KASITHBK',
    ],
    [
      'an IBAN',
      { account: 'de89 3704 0044 0532 0130 00', kind: 'iban' as const },
      'DE89370400440532013000',
      'iban',
      null,
    ],
    [
      'a mobile number',
      { account: '+66 (81) 234-5678', kind: 'mobile-proxy' as const },
      '+66812345678',
      'mobile-proxy',
      null,
    ],
    [
      'a national id',
      { account: '1-1037-02071-81-1', kind: 'national-id-proxy' as const },
      '1103702071811',
      'national-id-proxy',
      null,
    ],
    [
      'an e-wallet',
      { account: '004999123456789', kind: 'e-wallet-proxy' as const },
      '004999123456789',
      'e-wallet-proxy',
      null,
    ],
  ])('by %s', (_, payee, account, accountKind, bankCode) =>
    expect(of(payee)).toEqual({ name: 'Aung Myint Oo', account, accountKind, bankCode }),
  );

  it.each([
    ['nobody, without a payee', null, 'no-payee'],
    [
      'nobody at a bank, with mobile money only',
      { account: '0912345678', kind: 'wallet' as const },
      'payee-not-at-a-bank',
    ],
    ['nowhere, with a number and no bank', { account: '1234567890' }, 'bank-code-missing'],
    ['nowhere, by a number in Burmese digits', { account: '၁၂၃', bankCode: '004' }, 'account-not-writable'],
    ['nowhere, by a number that is too long', { account: '1'.repeat(35), bankCode: '004' }, 'account-not-writable'],
    [
      'nowhere, by an IBAN with a wrong digit',
      { account: 'DE89370400440532013001', kind: 'iban' as const },
      'iban-wrong',
    ],
    ['nobody, by a holder in Thai', { account: '1', bankCode: '004', holder: 'สมชาย' }, 'name-not-latin'],
    [
      'nobody, by a holder that says too much',
      { account: '1', bankCode: '004', holder: 'Shelter for Survivors' },
      'name-reveals',
    ],
  ])('is %s', (_, payee, reason) => expect(of(payee)).toBe(reason));

  it('is the guardian, of a child', () => {
    const guardian = [{ text: 'Daw Khin' }];
    expect(of({ account: '1', bankCode: '004' }, { guardian })).toMatchObject({ name: 'Daw Khin' });
  });
});
