/** What a page says of the money while a plan is written. */
import { describe, expect, it } from '@jest/globals';
import { sumLines, sumsOf, type KnownMoney, type PlannedMoney } from './plan-sums.js';

const words = {
  left: 'left {amount}',
  all: 'nothing left',
  more: 'more by {amount}',
  planned: 'planned {amount}',
  detail: '{planned} of {approved}',
  detailElsewhere: '{planned} of {approved}, {elsewhere} elsewhere',
  notCertain: 'nothing certain',
  otherCurrency: 'no transfer in it',
  unread: 'not counted',
};
const said = (known: Partial<KnownMoney>, ...planned: [number, string?][]) => {
  const items = planned.map(([minor, currency = 'THB']): PlannedMoney => ({ amountMinor: BigInt(minor), currency }));
  const sums = sumsOf({ approved: {}, elsewhere: {}, ...known }, items, 'THB');
  return sumLines(sums, words, (minor, currency) => `${minor} ${currency}`).map(({ says, detail }) => [says, detail]);
};

describe('The money left to plan', () => {
  it('is what is approved without what is planned, here and in other plans', () => {
    expect(said({ approved: { THB: '900' } })).toEqual([['left 900 THB', '0 THB of 900 THB']]);
    expect(said({ approved: { THB: '900' } }, [300], [100])).toEqual([['left 500 THB', '400 THB of 900 THB']]);
    expect(said({ approved: { THB: '900' }, elsewhere: { THB: '200' } }, [300])).toEqual([
      ['left 400 THB', '500 THB of 900 THB, 200 THB elsewhere'],
    ]);
  });

  it('may be nothing, or less: then it says by how much', () => {
    expect(said({ approved: { THB: '900' } }, [900])).toEqual([['nothing left', '900 THB of 900 THB']]);
    expect(said({ approved: { THB: '900' } }, [1000])).toEqual([['more by 100 THB', '1000 THB of 900 THB']]);
  });

  it('is not certain while nothing is approved, and one plans all the same', () => {
    expect(said({})).toEqual([['planned 0 THB', 'nothing certain']]);
    expect(said({}, [300])).toEqual([['planned 300 THB', 'nothing certain']]);
  });

  it('is told currency by currency, those of the transfers first', () => {
    expect(said({ approved: { THB: '900' } }, [5, 'USD'], [100])).toEqual([
      ['left 800 THB', '100 THB of 900 THB'],
      ['planned 5 USD', 'no transfer in it'],
    ]);
  });

  it('is exact for sums that no float holds', () => {
    const approved = { THB: '9007199254740993' };
    expect(said({ approved }, [1])).toEqual([['left 9007199254740992 THB', '1 THB of 9007199254740993 THB']]);
  });
});
