import { describe, expect, it } from '@jest/globals';
import { networkOf } from './caller-network.js';

describe('where a request comes from', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::1', '0:0:0:0::/64'],
    ['2001:db8:a:b::1', '2001:db8:a:b::/64'],
    ['2001:0DB8:000a:b:1:2:3:4', '2001:db8:a:b::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('%s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('is the same for two addresses of one network and another for two networks', () => {
    expect(networkOf('2001:db8:a:b::1')).toBe(networkOf('2001:db8:a:b:ffff::9'));
    expect(networkOf('2001:db8:a:b::1')).not.toBe(networkOf('2001:db8:a:c::1'));
  });
});
