import { describe, expect, it } from '@jest/globals';
import { locksOut, networkOf, triesNow, waitBefore, type Guessed, type Tries } from './guessing.js';

const AT = new Date('2026-03-02T03:00:00Z');
const after = (seconds: number) => new Date(AT.getTime() + seconds * 1000);
const tries = (failures: number, pending = 0): Tries => ({ failures, pending, changedAt: AT, failedAt: AT });

describe('the wait before another try', () => {
  it.each<[Guessed, number, number]>([
    ['account', 0, 0],
    ['account', 4, 0],
    ['account', 5, 30],
    ['account', 6, 60],
    ['account', 9, 480],
    ['account', 10, 900],
    ['account', 14, 900],
    ['account', 15, 3600],
    ['account', 400, 3600],
    ['address', 29, 0],
    ['address', 30, 30],
    ['address', 99, 900],
    ['address', 100, 3600],
  ])('at an %s with %i failures is %i seconds', (guessed, failures, seconds) => {
    const waitAt = (now: Date) => waitBefore(guessed, triesNow(guessed, tries(failures), now), now);
    expect(waitAt(AT)).toBe(seconds);
    expect(waitAt(after(seconds))).toBe(0);
    if (seconds > 0) expect(waitAt(after(seconds - 1))).toBe(1);
  });

  it('is until another try is decided when that one would be the last free one, or the only one', () => {
    expect(waitBefore('account', tries(3, 1), AT)).toBe(0);
    expect(waitBefore('account', tries(3, 2), AT)).toBe('busy');
    expect(waitBefore('account', tries(7, 1), after(10_000))).toBe('busy');
  });

  it('counts what was never decided as a failure after a minute', () => {
    expect(triesNow('account', tries(3, 2), after(59))).toMatchObject({ pending: 2 });
    expect(triesNow('account', tries(0, 2), after(60))).toMatchObject({ failures: 2, pending: 0 });
  });

  it('gets shorter as failures fade, one an hour at an account and one in ten minutes at an address', () => {
    expect(triesNow('account', tries(5), after(3600)).failures).toBe(4);
    expect(triesNow('address', tries(30), after(600)).failures).toBe(29);
    expect(triesNow('account', tries(5), after(1e6)).failures).toBe(0);
    const twice = triesNow('account', triesNow('account', tries(5), after(900)), after(1800));
    expect(twice).toEqual(triesNow('account', tries(5), after(1800)));
  });

  it('is still that of a whole failure while part of it has faded', () => {
    const faded = triesNow('account', tries(5), after(1));
    expect(waitBefore('account', faded, after(1))).toBe(29);
  });

  it('is a lock-out from the failure on that reaches it', () => {
    expect([13, 13.5, 14, 14.5, 15].map((failures) => locksOut('account', failures))).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('a network address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, ''],
  ])('%s stands as %s', (ip, network) => expect(networkOf(ip)).toBe(network));
});
