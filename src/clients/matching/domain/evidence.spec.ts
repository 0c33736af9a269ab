import { describe, expect, it } from '@jest/globals';
import { birthAgreement } from './birth-dates.js';
import { finding, type Evidence } from './evidence.js';

const none: Evidence = { name: 'none', birth: 'unknown', phone: false, document: false, account: false };
const strength = (evidence: Partial<Evidence>) => finding({ ...none, ...evidence })?.strength ?? 0;

it.each([
  ['1988-04-12', '1988-04-12', 'same'],
  ['1988-04-12', '1988-12-04', 'slip'],
  ['1988-04-12', '1986-04-12', 'slip'],
  ['1988-04-12', '1988-04-13', 'slip'],
  ['1988-04-12', '1988-01-01', 'estimate'],
  ['1988-01-01', '1989-06-30', 'estimate'],
  ['1988-04-12', '1991-01-01', 'guess'],
  ['1988-04-12', '1999-01-01', 'disagrees'],
  ['1988-04-12', '1988-06-30', 'disagrees'],
  ['1988-04-12', undefined, 'unknown'],
  [undefined, undefined, 'neither'],
])('the dates of birth %s and %s: %s', (one, other, agreement) => {
  expect(birthAgreement(one, other)).toBe(agreement);
  expect(birthAgreement(other, one)).toBe(agreement);
});

describe('what is worth a look', () => {
  it.each<[string, Partial<Evidence>]>([
    ['the same document, whatever else is said', { document: true, birth: 'disagrees' }],
    ['the same account, whatever else is said', { account: true, birth: 'disagrees' }],
    ['the same phone', { phone: true }],
    ['the same name, when few have it', { name: 'same' }],
    ['a common name with the same date of birth', { name: 'common', birth: 'same' }],
    ['a common name with a date of birth written wrong', { name: 'common', birth: 'slip' }],
    ['a common name with the year of birth, where the day is a guess', { name: 'common', birth: 'estimate' }],
    ['a name one slip apart where nobody knows a date of birth', { name: 'near', birth: 'neither' }],
    ['a name one slip apart with the same date of birth', { name: 'near', birth: 'same' }],
    ['a name one slip apart with a date of birth written wrong', { name: 'near', birth: 'slip' }],
    ['a phone that relatives could share, with the name one slip apart', { name: 'near', phone: true, birth: 'slip' }],
  ])('is %s', (_, evidence) => {
    expect(strength(evidence)).toBeGreaterThanOrEqual(40);
  });

  it.each<[string, Partial<Evidence>]>([
    ['the same date of birth alone', { birth: 'same' }],
    ['a common name alone', { name: 'common' }],
    ['the same name with another date of birth', { name: 'same', birth: 'disagrees' }],
    ['a name one slip apart alone', { name: 'near' }],
    ['a name one slip apart from many, where nobody knows a date of birth', { name: 'near-many', birth: 'neither' }],
    ['a name one slip apart in about the same year', { name: 'near', birth: 'estimate' }],
    ["a relative's phone with another name and date of birth", { phone: true, birth: 'disagrees' }],
  ])('is not %s', (_, evidence) => {
    expect(strength(evidence)).toBe(0);
  });

  it('is stronger the more agrees', () => {
    const ranked = [
      strength({ name: 'same' }),
      strength({ name: 'near', birth: 'same' }),
      strength({ name: 'same', birth: 'same' }),
      strength({ name: 'same', birth: 'same', phone: true }),
      strength({ name: 'same', birth: 'same', phone: true, document: true }),
    ];
    expect(ranked).toEqual([...ranked].sort((one, other) => one - other));
  });

  it('says what agrees, and never what it is', () => {
    expect(finding({ ...none, name: 'near', birth: 'same', phone: true })?.matched).toEqual([
      'same-phone',
      'near-name',
      'birth-date-agrees',
    ]);
  });
});
