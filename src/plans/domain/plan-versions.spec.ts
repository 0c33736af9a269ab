import { describe, expect, it } from '@jest/globals';
import { standingOf } from './plan-versions.js';

/** "b: a" is a plan b that was changed from a; in the order in which they were written. */
function after(...written: string[]) {
  const plans = written.map((one) => {
    const [id = '', from = ''] = one.split(':');
    return { id, replaces: from.split(' ').filter(Boolean) };
  });
  const standing = standingOf(plans);
  return {
    standing: plans.map(({ id }) => id).filter((id) => standing.get(id)?.standing),
    of: (id: string) => standing.get(id),
  };
}

describe('a plan', () => {
  it('stands until another replaces it', () => {
    expect(after('a').standing).toEqual(['a']);
    expect(after('a', 'b:a').standing).toEqual(['b']);
    expect(after('a', 'b:a', 'c:b').standing).toEqual(['c']);
  });

  it('stands beside others that have nothing to do with it', () => {
    const { standing, of } = after('a', 'b', 'c:b');
    expect(standing).toEqual(['a', 'c']);
    expect(of('a')).toEqual({ standing: true, versionsOf: [], otherVersions: [] });
    expect(of('c')).toEqual({ standing: true, versionsOf: [], otherVersions: [] });
  });

  it('changed by two people has two versions, and each knows the other', () => {
    const { standing, of } = after('a', 'b:a', 'c:a');
    expect(standing).toEqual(['b', 'c']);
    expect(of('b')).toEqual({ standing: true, versionsOf: ['a'], otherVersions: ['c'] });
    expect(of('c')).toEqual({ standing: true, versionsOf: ['a'], otherVersions: ['b'] });
    expect(of('a')).toEqual({ standing: false, versionsOf: [], otherVersions: [] });
  });

  it('has two versions also when one of them is changed once more', () => {
    const { standing, of } = after('a', 'b:a', 'c:a', 'd:b');
    expect(standing).toEqual(['c', 'd']);
    expect(of('d')).toEqual({ standing: true, versionsOf: ['a'], otherVersions: ['c'] });
  });

  it('made of both versions stands alone', () => {
    expect(after('a', 'b:a', 'c:a', 'd:b c')).toMatchObject({ standing: ['d'] });
    expect(after('a', 'b:a', 'c:a', 'd:b c').of('d')?.otherVersions).toEqual([]);
  });

  it('made of both by two people has two versions again, of the latest that they have in common', () => {
    const { of } = after('a', 'b:a', 'c:a', 'd:b c', 'e:b c');
    expect(of('d')).toEqual({ standing: true, versionsOf: ['b', 'c'], otherVersions: ['e'] });
  });

  it('may have three versions', () => {
    expect(after('a', 'b:a', 'c:a', 'd:a').of('b')).toMatchObject({ otherVersions: ['c', 'd'] });
    // d and e came from b, and all three from a.
    expect(after('a', 'b:a', 'c:a', 'd:b', 'e:b').of('d')).toEqual({
      standing: true,
      versionsOf: ['a', 'b'],
      otherVersions: ['c', 'e'],
    });
  });
});
