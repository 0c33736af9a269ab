import { describe, expect, it } from '@jest/globals';
import type { Identity } from '../../domain/identity.js';
import { inUnicode } from './identity-at-the-door.js';

const ZAWGYI = 'ေအာင္ျမင့္ဦး';
const UNICODE = 'အောင်မြင့်ဦး';

describe('an identity at the door', () => {
  it('becomes Unicode in every text of it, and keeps a name as it was typed', () => {
    const typed: Identity = {
      names: [{ text: ZAWGYI, script: 'Mymr', romanised: 'Aung Myint Oo' }],
      address: `12, ${ZAWGYI}`,
      guardian: { names: [{ text: ZAWGYI }], relation: ZAWGYI },
      safety: [ZAWGYI],
    };
    expect(inUnicode(typed)).toEqual({
      names: [{ text: UNICODE, script: 'Mymr', romanised: 'Aung Myint Oo', original: ZAWGYI }],
      address: `12, ${UNICODE}`,
      guardian: { names: [{ text: UNICODE, original: ZAWGYI }], relation: UNICODE },
      safety: [UNICODE],
    });
  });

  it('stays as it is in Unicode and in every other script', () => {
    const identity: Identity = {
      names: [
        { text: UNICODE },
        { text: 'สมชาย ใจงาม' },
        { text: 'ດາລາ ແກ້ວມະນີ' },
        { text: 'សុខ ដារ៉ា' },
        { text: 'Aung Myint' },
      ],
      dateOfBirth: '1988-04-12',
      phone: '၀၉ ၄၂၀ ၁၂၃ ၄၅၆',
      payee: { bank: 'KBZ', account: '0012-3456' },
    };
    expect(inUnicode(identity)).toEqual(identity);
  });

  it('passes a second time without change', () => {
    const once = inUnicode({ names: [{ text: ZAWGYI }] });
    expect(inUnicode(once)).toEqual(once);
  });
});
