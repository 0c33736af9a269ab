import { describe, expect, it } from '@jest/globals';
import { accountForms, documentForms, phoneForms } from './numbers.js';

const phones = (...written: string[]) => phoneForms({ names: [], otherPhones: written });
const documents = (...numbers: string[]) =>
  documentForms({ names: [], documents: numbers.map((number) => ({ kind: 'card', number })) });
const account = (number: string) => accountForms({ names: [], payee: { bank: 'KBZ', account: number } });

it.each([
  ['081 234 5678', '+66 81-234-5678', '0066812345678', '๐๘๑๒๓๔๕๖๗๘', '66 (0)81 234 5678', '०८१२३४५६७८'],
  ['09 420 123 456', '+95 9 420 123 456', '၀၉၄၂၀၁၂၃၄၅၆', '9420123456'],
  ['09 5012345', '+95 9 501 2345'],
  ['020 5551 2345', '+856 20 55512345'],
  ['012 345 678', '+855 12 345 678', '០១២ ៣៤៥ ៦៧៨'],
])('a phone is the same however it is written: %s', (...written) => {
  expect(new Set(written.flatMap((one) => phones(one))).size).toBe(1);
});

it('two phones in one field are two', () => {
  expect(phones('081 234 5678 / 089 876 5432')).toEqual(['12345678', '98765432']);
});

it.each(['none', '', '0000000000', '123', '-'])('%p is no number at all', (text) => {
  expect([phones(text), account(text), documents(text)].flat()).toEqual([]);
});

it('a document is the same in other digits, with other signs between them, and with its letters in another script', () => {
  const [whole, digits] = documents('12/OUKAMA(N)123456');
  expect(documents('၁၂ / oukama (N) ၁၂၃၄၅၆')).toEqual([whole, digits]);
  expect(documents('၁၂/ဥကမ(နိုင်)၁၂၃၄၅၆')).toContain(digits);
  expect(documents('MA 123456')).toEqual(documents('ma123456'));
  expect(documents('MB 123456')).not.toEqual(documents('MA 123456'));
});

describe('an account', () => {
  it('is the same with other signs and digits', () => {
    expect(account('001-234-5678')).toEqual(account('๐๐๑๒๓๔๕๖๗๘'));
    expect(account('001-234-5678')).not.toEqual(account('001-234-5679'));
  });
});
