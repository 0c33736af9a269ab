/** Which claims count as a second factor, and whose address is believed. */
import { hasSecondFactor, verifiedEmail } from './claims.js';

describe('A second factor', () => {
  it.each(['mfa', 'otp', 'hwk', 'swk'])('was asked for when amr holds %s', (way) => {
    expect(hasSecondFactor({ amr: ['pwd', way] }, [])).toBe(true);
  });

  it.each([
    ['no claim', {}],
    ['a password alone', { amr: ['pwd'] }],
    ['a text that is no list', { amr: 'mfa' }],
    ['a list in the list', { amr: [['mfa']] }],
    ['an unknown acr', { acr: 'silver' }],
    ['a list of acr', { acr: ['gold'] }],
  ])('was not with %s', (_, claims) => {
    expect(hasSecondFactor(claims, ['gold'])).toBe(false);
  });

  it('was asked for when acr is one that the operator listed', () => {
    expect(hasSecondFactor({ acr: 'gold' }, ['platinum', 'gold'])).toBe(true);
  });
});

describe('An address', () => {
  it('is believed when the provider has verified it, in lower case', () => {
    expect(verifiedEmail({ email: 'May.Khin@NGO.example', email_verified: true })).toBe('may.khin@ngo.example');
  });

  it.each([
    ['was not verified', { email: 'may@ngo.example', email_verified: false }],
    ['is not said to be verified', { email: 'may@ngo.example' }],
    ['is said to be verified in words', { email: 'may@ngo.example', email_verified: 'true' }],
    ['is a list', { email: ['may@ngo.example'], email_verified: true }],
    ['is missing', { email_verified: true }],
  ])('is not when it %s', (_, claims) => {
    expect(verifiedEmail(claims)).toBeNull();
  });

  it('with a Kelvin sign is not the one with a k', () => {
    expect('\u212A'.toLowerCase()).toBe('k');
    expect(verifiedEmail({ email: 'may.\u212Ahin@ngo.example', email_verified: true })).not.toBe(
      'may.khin@ngo.example',
    );
  });
});
