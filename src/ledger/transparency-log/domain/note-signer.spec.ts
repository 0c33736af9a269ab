import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { nodePrimitives } from './node-primitives.js';
import { Cosigner, Ed25519Signer, privateKeyFromPem, privateKeyFromSeed, signerFromNoteKey } from './note-signer.js';
import { NoteError, parseNote, parseVerifierKey, verifyNote } from './signed-note.js';

const PETER = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const seed = Buffer.alloc(32, 7);

describe('a signer', () => {
  it("with Go's key signs Go's note as Go does", () => {
    const signer = signerFromNoteKey(PETER);
    expect(signer.vkey).toBe('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    expect(signer.sign(TEXT)).toBe(
      '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
    );
  });

  it('and a cosigner with the same key and name have different ids, and both verify', async () => {
    const log = new Ed25519Signer('example.org/log', privateKeyFromSeed(seed));
    const witness = new Cosigner('example.org/log', privateKeyFromSeed(seed));
    expect(log.key.keyId).not.toBe(witness.key.keyId);
    const keys = [
      await parseVerifierKey(log.vkey, nodePrimitives),
      await parseVerifierKey(witness.vkey, nodePrimitives),
    ];
    const note = parseNote(`${TEXT}\n${log.sign(TEXT)}${witness.cosign(TEXT, 1_679_315_147)}`);
    const verified = await verifyNote(nodePrimitives, note, keys);
    expect(verified.map(({ key, timestamp }) => [key.kind, timestamp])).toEqual([
      ['ed25519', undefined],
      ['cosignature', 1_679_315_147],
    ]);
  });

  it('is read from PEM', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(new Ed25519Signer('log', privateKeyFromPem(pem)).sign(TEXT)).toBe(
      new Ed25519Signer('log', privateKey).sign(TEXT),
    );
  });

  it('signs no text that cannot be a note, at no time before there were seconds', () => {
    const witness = new Cosigner('witness', privateKeyFromSeed(seed));
    expect(() => witness.cosign('no new line', 1)).toThrow(NoteError);
    expect(() => new Ed25519Signer('log', privateKeyFromSeed(seed)).sign('')).toThrow(NoteError);
    for (const time of [0, -1, 0.5, NaN]) expect(() => witness.cosign(TEXT, time)).toThrow(RangeError);
  });

  it.each(['', 'two words', 'a+b', 'a\n'])('has a name, not %j', (name) =>
    expect(() => new Ed25519Signer(name, privateKeyFromSeed(seed))).toThrow(NoteError),
  );

  it.each([
    '',
    PETER.replace('PRIVATE+', ''),
    PETER.replace('c74f20a3', 'c74f20a4'),
    PETER.replace('PeterN', 'PaterN'),
    PETER.replace('AYEK', 'AoEK'),
    PETER.slice(0, -4),
  ])('is not made from %s', (text) => expect(() => signerFromNoteKey(text)).toThrow(NoteError));

  it('is not made from another kind of key, and says nothing of a key that it cannot read', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(() => new Ed25519Signer('log', privateKey)).toThrow(NoteError);
    expect(() => privateKeyFromPem(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString())).toThrow(NoteError);
    expect(() => privateKeyFromSeed(seed.subarray(1))).toThrow(NoteError);
    const damaged = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString().replace('PRIVATE KEY', 'SECRET');
    expect(() => privateKeyFromPem(damaged)).toThrow('This is no private key in PEM form.');
  });
});
