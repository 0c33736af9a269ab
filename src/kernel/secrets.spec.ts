import { describe, expect, it } from '@jest/globals';
import { createDecipheriv } from 'node:crypto';
import { MasterKeys, open, seal, Secrets } from './secrets.js';

const secrets = new Secrets(Buffer.alloc(32, 7));
const key = secrets.keyFor('test');
const place = 'pii.identity/1/1';
const name = Buffer.from('အောင်မြင့်ဦး');

describe('what is sealed', () => {
  it('opens with its key at its place', () => {
    expect(open(key, place, seal(key, place, name))).toEqual(name);
    expect(open(key, place, seal(key, place, Buffer.alloc(0)))).toEqual(Buffer.alloc(0));
  });

  it('is sealed otherwise each time, and never holds the plain words', () => {
    expect(seal(key, place, name)).not.toEqual(seal(key, place, name));
    expect(seal(key, place, name).includes(name.subarray(0, 6))).toBe(false);
  });

  it.each(['pii.identity/1/2', 'pii.identity/2/1', 'pii.data_key/1', ''])(
    'does not open at another place: %j',
    (other) => {
      expect(() => open(key, other, seal(key, place, name))).toThrow();
    },
  );

  it('does not open with another key', () => {
    const sealed = seal(key, place, name);
    expect(() => open(secrets.keyFor('another use'), place, sealed)).toThrow();
    expect(() => open(new Secrets(Buffer.alloc(32, 8)).keyFor('test'), place, sealed)).toThrow();
  });

  it('does not open once any bit of it was flipped', () => {
    const sealed = seal(key, place, name);
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => open(key, place, changed)).toThrow();
    }
  });

  it('has another nonce each time: 10,000 times', () => {
    const nonces = Array.from({ length: 10_000 }, () => seal(key, place, name).subarray(0, 12).toString('hex'));
    expect(new Set(nonces).size).toBe(10_000);
  });

  it('does not open with a tag cut to its first bytes, which could be guessed', () => {
    const sealed = seal(key, place, name);
    for (const bytes of [4, 8, 12, 15]) {
      expect(() => open(key, place, sealed.subarray(0, sealed.length - 16 + bytes))).toThrow();
      const decipher = () => createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 });
      expect(() => decipher().setAuthTag(sealed.subarray(-16, -16 + bytes))).toThrow(); // what `open` stands on
    }
  });

  it('does not open once it was cut short or made longer', () => {
    const sealed = seal(key, place, name);
    for (let length = 0; length < sealed.length; length += 1)
      expect(() => open(key, place, sealed.subarray(0, length))).toThrow();
    expect(() => open(key, place, sealed.subarray(1))).toThrow();
    expect(() => open(key, place, Buffer.concat([sealed, Buffer.alloc(1)]))).toThrow();
  });
});

describe('keys', () => {
  it('are the same for the same use and others for others', () => {
    expect(secrets.keyFor('a')).toEqual(new Secrets(Buffer.alloc(32, 7)).keyFor('a'));
    expect(secrets.keyFor('a')).not.toEqual(secrets.keyFor('b'));
    expect(secrets.keyFor('a')).toHaveLength(32);
  });

  it('come from 32 bytes and nothing else', () => {
    for (const length of [0, 16, 31, 33]) {
      expect(() => new Secrets(Buffer.alloc(length))).toThrow();
      expect(() => new MasterKeys(Buffer.alloc(length))).toThrow();
      expect(() => new MasterKeys(Buffer.alloc(32), [Buffer.alloc(length)])).toThrow();
    }
  });

  it('of several master keys come in their order', () => {
    const [current, earlier] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const keys = new MasterKeys(current, [earlier]).keysFor('test');
    expect(keys).toEqual([new Secrets(current).keyFor('test'), new Secrets(earlier).keyFor('test')]);
  });
});

describe('a fingerprint', () => {
  it('is equal for equal contents and use, and another otherwise', () => {
    expect(secrets.fingerprint('client', { a: 1, b: 2 })).toEqual(secrets.fingerprint('client', { b: 2, a: 1 }));
    expect(secrets.fingerprint('client', { a: 1 })).not.toEqual(secrets.fingerprint('client', { a: 2 }));
    expect(secrets.fingerprint('client', { a: 1 })).not.toEqual(secrets.fingerprint('enrolment', { a: 1 }));
    expect(secrets.fingerprint('client', { a: 1 })).not.toEqual(
      new Secrets(Buffer.alloc(32, 8)).fingerprint('client', { a: 1 }),
    );
  });
});
