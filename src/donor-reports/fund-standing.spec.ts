/** What a fund's statement says of money that is approved for clients. */
import { describe, expect, it } from '@jest/globals';
import { currencies } from '../kernel/reference-data.js';
import type { FundStatement } from './donor-report.entity.js';
import { minorUnits, standingOf } from './fund-standing.js';

const statement: FundStatement = {
  currency: 'THB',
  receivedInPeriod: '50000.00',
  paidInPeriod: '9414.00',
  returnedInPeriod: '4707.00',
  receivedToDate: '50000.00',
  paidToDate: '4707.00',
  atBank: '35879.00',
  inTransit: '9414.00',
  available: '26465.00',
};

describe('The standing of a fund', () => {
  it('is what its statement says, with what is approved as all that is not free', () => {
    expect(standingOf(statement, 0n, currencies)).toEqual({
      received: 5_000_000n,
      committed: 2_353_500n,
      paid: 470_700n,
      available: 2_646_500n,
    });
  });

  it('counts what came and went by exchange, and not what rounding left over', () => {
    const exchanged = { ...statement, exchangedIn: '1000.05', exchangedOut: '0.00', toAccountFor: '51000.05' };
    expect(standingOf(exchanged, 5n, currencies)).toMatchObject({ received: 5_100_005n, committed: 2_453_500n });
  });

  it('reads amounts below nothing and in currencies without decimals', () => {
    expect([minorUnits('-12.30', 2), minorUnits('7', 0), minorUnits('-1', 0)]).toEqual([-1230n, 7n, -1n]);
  });
});
