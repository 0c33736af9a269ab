import { describe, expect, it } from '@jest/globals';
import { railsOf } from './payee-rails.js';

describe('a payee', () => {
  const account = { bank: 'a bank', account: '1234567890' };
  it.each([
    ['of mobile money is paid by mobile money', { ...account, kind: 'wallet' as const }, ['mobile-money']],
    ['with an account and its bank is paid by a bank’s file', { ...account, bankCode: '004' }, ['bank-file']],
    ['with an IBAN is paid by a bank’s file', { ...account, kind: 'iban' as const }, ['bank-file']],
    ['with a proxy is paid by a bank’s file', { ...account, kind: 'mobile-proxy' as const }, ['bank-file']],
    ['with a number of nobody knows which bank is paid by neither', account, []],
    ['that is not there is paid by neither', undefined, []],
  ])('%s', (_, payee, rails) => expect(railsOf(payee)).toEqual(rails));
});
