import { describe, expect, it } from '@jest/globals';
import { partyOf } from './consent.js';

describe('a consent', () => {
  it('to share names one organisation, whose spaces are tidied', () => {
    expect(partyOf({ purpose: 'share', given: true, party: '  Legal   Aid\u00a0Centre ' }, 'party')).toBe(
      'Legal Aid Centre',
    );
    expect(() => partyOf({ purpose: 'share', given: true }, 'party')).toThrow('party-missing');
    expect(() => partyOf({ purpose: 'share', given: true, party: '   ' }, 'party')).toThrow('party-missing');
    expect(() => partyOf({ purpose: 'share', given: true, party: 'x'.repeat(121) }, 'party')).toThrow('text-too-long');
    expect(() => partyOf({ purpose: 'share', given: true, party: 'Clinic\u001b[2J' }, 'party')).toThrow(
      'text-malformed',
    );
    expect(partyOf({ purpose: 'share', given: false, party: 'Clinic\u001b[2J' }, 'party')).toBe('Clinic\u001b[2J');
  });

  it('to share is withdrawn from one or from all', () => {
    expect(partyOf({ purpose: 'share', given: false }, 'party')).toBeNull();
    expect(partyOf({ purpose: 'share', given: false, party: 'Clinic' }, 'party')).toBe('Clinic');
  });

  it('to be paid is for one rail that there is, or for all', () => {
    expect(partyOf({ purpose: 'be-paid', given: true }, 'party')).toBeNull();
    expect(partyOf({ purpose: 'be-paid', given: true, party: 'cash' }, 'party')).toBe('cash');
    expect(() => partyOf({ purpose: 'be-paid', given: true, party: 'pigeon' }, 'party')).toThrow('unknown-rail');
  });

  it.each(['hold-data', 'be-quoted', 'be-contacted'] as const)('%s is for nobody in particular', (purpose) => {
    expect(partyOf({ purpose, given: true }, 'party')).toBeNull();
    expect(() => partyOf({ purpose, given: true, party: 'cash' }, 'party')).toThrow('consent-without-party');
  });
});
