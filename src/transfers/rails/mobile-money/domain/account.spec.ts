import { describe, expect, it } from '@jest/globals';
import { accountOf } from './account.js';

const of = (account: string, country = 'MM', kind = 'wallet') => accountOf({ account, kind }, country);

describe('the account that mobile money goes to', () => {
  it.each([
    ['09 777 000 111', 'MM', '+959777000111'],
    ['081-234-5678', 'TH', '+66812345678'],
    ['020 5555 5555', 'LA', '+8562055555555'],
    ['+95 9 777 000 111', 'TH', '+959777000111'],
    ['0095 9777000111', 'TH', '+959777000111'],
    ['０９７７７０００１１１', 'MM', '+959777000111'],
  ])('%s in %s is the telephone %s', (written, country, value) => {
    expect(of(written, country)).toEqual({ kind: 'phone', value });
  });

  it.each([
    ['a number that could be anybody’s', '777 000 111', 'MM', 'wallet'],
    ['a country’s code without its plus', '959777000111', 'MM', 'wallet'],
    ['a local number in a country that we do not pay in', '0612345678', 'FR', 'wallet'],
    ['an IBAN', 'DE89370400440532013000', 'MM', 'iban'],
    ['a national id', '1234567890123', 'TH', 'national-id-proxy'],
    ['an account with a bank', '09777000111', 'MM', 'mobile-proxy'],
    ['too little', '09', 'MM', 'wallet'],
  ])('is none for %s', (_, written, country, kind) => {
    expect(of(written, country, kind)).toBeNull();
  });

  it('may be a wallet with a name of its own', () => {
    expect(of('W-778899AB', 'MM', 'wallet')).toEqual({ kind: 'wallet', value: 'W778899AB' });
    expect(accountOf(null, 'MM')).toBeNull();
  });
});
