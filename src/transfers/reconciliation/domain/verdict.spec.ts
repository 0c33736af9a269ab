import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EntryItem, ReportLine, StatusItem } from './report-items.js';
import { judge, judgeEntry, judgeStatus, verdictOfAbsent } from './verdict.js';

const status = (changes: Partial<StatusItem>): StatusItem => ({
  item: 'status',
  level: 'payment',
  place: 1,
  line: 1,
  messageId: 'M',
  lotId: 'L',
  instructionId: null,
  endToEndId: 'e1',
  uetr: null,
  status: 'ACSC',
  reasonCodes: [],
  reasonText: '',
  amount: null,
  currency: null,
  day: null,
  ...changes,
});

const entry = (changes: Partial<EntryItem>): EntryItem => ({
  item: 'entry',
  place: 1,
  line: 1,
  messageId: null,
  lotId: null,
  instructionId: null,
  endToEndId: 'e1',
  uetr: null,
  account: 'A',
  servicerReference: null,
  entryReference: null,
  direction: 'debit',
  isReversal: false,
  bookingStatus: 'booked',
  amount: '9000',
  currency: 'THB',
  bookedOn: '2026-03-03',
  isReturn: false,
  returnCode: null,
  transactionCode: null,
  paymentsBehind: null,
  hasDetails: true,
  ...changes,
});

describe('a status', () => {
  it.each(['RCVD', 'ACTC', 'ACCP', 'ACSP', 'ACWC', 'PDNG'])('%s: the bank has it, and nothing more', (code) => {
    expect(judgeStatus(status({ status: code }))).toEqual({ kind: 'accepted', code, work: null });
  });

  it.each(['ACSC', 'ACCC'])('%s: settled', (code) => {
    expect(judgeStatus(status({ status: code })).kind).toBe('settled');
  });

  it('RJCT proves a failure with a listed reason only', () => {
    expect(judgeStatus(status({ status: 'RJCT', reasonCodes: ['AC01'] }))).toEqual({
      kind: 'failed',
      code: 'AC01',
      work: null,
    });
    for (const reasonCodes of [[], ['NARR'], ['X-99'], ['AC01', 'NARR'], ['a name']])
      expect(judgeStatus(status({ status: 'RJCT', reasonCodes }))).toMatchObject({
        kind: 'unclear',
        work: 'failed-code-not-listed',
      });
  });

  it.each([
    [['AM05'], ''],
    [['DUPL'], ''],
    [['AC01', 'DU03'], ''],
    [['NARR'], 'Instruction ID 0198 already exists'],
    [['AC01'], 'Duplicate payment'],
  ])('that refuses a duplicate (%j %s) says nothing of the first one', (reasonCodes, reasonText) => {
    expect(judgeStatus(status({ status: 'RJCT', reasonCodes, reasonText }))).toMatchObject({
      kind: 'unclear',
      work: 'refused-as-duplicate',
    });
  });

  it.each(['CANC', 'BLCK', 'XXXX', 'paid', ''])('%j is one that nobody has listed: unknown', (code) => {
    expect(judgeStatus(status({ status: code }))).toMatchObject({ kind: 'unclear', work: 'status-not-known' });
  });
});

describe('a movement on the account', () => {
  it('out, with our reference: settled that day', () => {
    expect(judgeEntry(entry({}))).toEqual({ kind: 'settled', code: null, work: null });
  });

  it('that is pending only: the bank has it', () => {
    expect(judgeEntry(entry({ bookingStatus: 'pending' })).kind).toBe('accepted');
    expect(judgeEntry(entry({ bookingStatus: 'pending', direction: 'credit', isReturn: true })).kind).toBeNull();
    expect(judgeEntry(entry({ bookingStatus: 'information' }))).toEqual({ kind: null, code: null, work: null });
  });

  it('back, as a return or because the bank reverses what it booked: returned, with the reason', () => {
    expect(judgeEntry(entry({ direction: 'credit', isReturn: true, returnCode: 'AC04' }))).toEqual({
      kind: 'returned',
      code: 'AC04',
      work: null,
    });
    expect(judgeEntry(entry({ direction: 'credit', isReversal: true })).kind).toBe('returned');
  });

  it('in, with our reference and no word that it is a return, waits for a person', () => {
    expect(judgeEntry(entry({ direction: 'credit' }))).toMatchObject({ kind: null, work: 'credit-we-do-not-know' });
    expect(judgeEntry(entry({ isReversal: true }))).toMatchObject({ kind: null, work: 'debit-we-do-not-know' });
  });

  it('of several payments that are not listed, of no payment of ours, or of no amount, waits too', () => {
    const nameless = { endToEndId: null };
    expect(judgeEntry(entry({ ...nameless, hasDetails: false, paymentsBehind: 3 })).work).toBe('batch-without-details');
    expect(judgeEntry(entry({ ...nameless, hasDetails: false, lotId: 'L' })).work).toBe('batch-without-details');
    expect(judgeEntry(entry(nameless)).work).toBe('debit-we-do-not-know');
    expect(judgeEntry(entry({ ...nameless, transactionCode: 'ACMT.MDOP.CHRG' })).work).toBe('bank-charge');
    expect(judgeEntry(entry({ ...nameless, direction: 'credit' })).work).toBe('credit-we-do-not-know');
    expect(judgeEntry(entry({ amount: null })).work).toBe('amount-missing');
  });
});

describe('a whole file', () => {
  const rejected = (endToEndId: string) => status({ endToEndId, status: 'RJCT', reasonCodes: ['AC01'] });
  const level = (changes: Partial<StatusItem>) => status({ endToEndId: null, ...changes });

  it('whose message is accepted while each payment is refused says that each is refused', () => {
    const judged = judge([level({ level: 'group', status: 'ACTC' }), rejected('e1'), rejected('e2')]);
    expect([...judged.payments.values()].map(([verdict]) => verdict?.kind)).toEqual(['failed', 'failed']);
  });

  it('says of payments that it does not name what their lot or the message says, if anything', () => {
    const lot = level({ level: 'lot', status: 'ACSP' });
    expect(
      verdictOfAbsent(judge([level({ level: 'group', status: 'RJCT', reasonCodes: ['AC04'] }), lot]), 'L').kind,
    ).toBe('accepted');
    expect(verdictOfAbsent(judge([level({ level: 'group', status: 'ACSC' })]), 'L').kind).toBe('settled');
    expect(verdictOfAbsent(judge([level({ level: 'lot', status: 'PART' }), rejected('e1')]), 'L').kind).toBeNull();
    expect(verdictOfAbsent(judge([rejected('e1')]), 'L').kind).toBeNull();
  });

  it('does not let a level settle or fail a payment while a row of it says otherwise', () => {
    expect(verdictOfAbsent(judge([level({ level: 'group', status: 'ACSC' }), rejected('e1')]), 'L').kind).toBeNull();
    expect(
      verdictOfAbsent(judge([level({ level: 'group', status: 'RJCT', reasonCodes: ['AC01'] }), status({})]), 'L').kind,
    ).toBeNull();
    expect(verdictOfAbsent(judge([level({ level: 'group', status: 'ACTC' }), rejected('e1')]), 'L').kind).toBe(
      'accepted',
    );
  });

  it('says the same in any order of its lines', () => {
    const lines = fc.uniqueArray(
      fc.record({
        place: fc.nat(1_000),
        who: fc.constantFrom('e1', 'e2', 'e3'),
        said: fc.constantFrom('ACSC', 'ACTC', 'RJCT', 'PART', 'XXXX'),
        reason: fc.constantFrom([], ['AC01'], ['NARR'], ['AM05']),
        form: fc.constantFrom('payment', 'debit', 'return'),
      }),
      { selector: ({ place }) => place, maxLength: 12 },
    );
    const groups = fc.constantFrom('ACTC', 'ACSC', 'RJCT', 'PART');
    fc.assert(
      fc.property(lines, groups, groups, fc.infiniteStream(fc.nat(1_000)), (rows, group, lot, chance) => {
        const items: ReportLine[] = rows.map(({ place, who, said, reason, form }) => {
          if (form === 'payment') return status({ place, endToEndId: who, status: said, reasonCodes: reason });
          return entry({
            place,
            endToEndId: who,
            direction: form === 'debit' ? 'debit' : 'credit',
            isReturn: form === 'return',
          });
        });
        items.push(
          level({ place: 2_000, level: 'group', status: group }),
          level({ place: 2_001, level: 'lot', status: lot }),
        );
        const shuffled = items
          .map((item) => ({ item, at: chance.next().value as number }))
          .sort((a, b) => a.at - b.at)
          .map(({ item }) => item);
        const [one, other] = [judge(items), judge(shuffled)];
        expect(new Map(other.payments)).toEqual(new Map(one.payments));
        expect(other.work).toEqual(one.work);
        for (const lotId of ['L', 'another'])
          expect(verdictOfAbsent(other, lotId)).toEqual(verdictOfAbsent(one, lotId));
      }),
      { numRuns: 500 },
    );
  });
});
