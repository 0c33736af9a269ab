import { describe, expect, it } from '@jest/globals';
import { chanceFor } from '../../../../test/support/chance.js';
import { nodePrimitives } from './node-primitives.js';
import {
  formatVerifierKey,
  MAX_NOTE_BYTES,
  NoteError,
  parseNote,
  parseVerifierKey,
  verifyNote,
  type NoteErrorCode,
} from './signed-note.js';

// The keys and the note of golang.org/x/mod/sumdb/note.
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const BY_PETER =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const BY_ENOCH =
  '— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n';

// A checkpoint as it was published, signed by a log for Certificate Transparency and by four public witnesses.
const WITNESSED = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
— transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
— witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
— witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
`;
const ARCHE = 'arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f';
const WITNESSES = [
  'transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM',
  'witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO',
  'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2',
  'witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv',
];

const keys = (...texts: string[]) => Promise.all(texts.map((text) => parseVerifierKey(text, nodePrimitives)));
const open = async (note: string, ...known: string[]) =>
  verifyNote(nodePrimitives, parseNote(note), await keys(...known));
const refusal = (code: NoteErrorCode) => expect.objectContaining({ name: 'Error', code }) as unknown as NoteError;

describe('a signed note', () => {
  it('of Go opens with its key, and passes over a signature by another', async () => {
    const [signed, ...others] = await open(`${TEXT}\n${BY_ENOCH}${BY_PETER}`, PETER);
    expect(others).toEqual([]);
    expect(signed).toMatchObject({ key: { name: 'PeterNeumann', keyId: 'c74f20a3' }, signature: { line: BY_PETER } });
    expect(signed).not.toHaveProperty('timestamp');
  });

  it('of the specification opens with its key', async () => {
    const line =
      '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
    const key = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
    expect(await open(`This is an example message.\n\n${line}`, key)).toHaveLength(1);
  });

  it('of a real log opens with the keys of its witnesses and says when they saw it', async () => {
    const verified = await open(WITNESSED, ARCHE, ...WITNESSES);
    expect(verified.map(({ key }) => formatVerifierKey(key))).toEqual([ARCHE, ...WITNESSES]);
    expect(verified.map(({ timestamp }) => timestamp)).toEqual([undefined, ...Array<number>(4).fill(0x6a122120)]);
  });

  it('does not open when a witness is taken for a log or a log for a witness', async () => {
    const [witness] = await keys(WITNESSES[2] as string);
    const note = parseNote(WITNESSED);
    await expect(verifyNote(nodePrimitives, note, [{ ...witness!, kind: 'ed25519' }])).rejects.toEqual(
      refusal('bad-signature'),
    );
    const [log] = await keys(ARCHE);
    await expect(verifyNote(nodePrimitives, note, [{ ...log!, kind: 'cosignature' }])).rejects.toEqual(
      refusal('bad-signature'),
    );
  });

  it('divides at its last empty line', () => {
    expect(parseNote(`a\n\nb\n\n${BY_PETER}`).text).toBe('a\n\nb\n');
    expect(parseNote(`\n\n${BY_PETER}`).text).toBe('\n');
  });

  it('is spoiled by a false signature of a known key, whatever else is right', async () => {
    const false_ = BY_PETER.replace('JkuBS', 'JkuBT');
    await expect(open(`${TEXT}\n${false_}`, PETER)).rejects.toEqual(refusal('bad-signature'));
    await expect(open(WITNESSED.replace('qEiEgPlf', 'qEiEhPlf'), ARCHE, ...WITNESSES)).rejects.toEqual(
      refusal('bad-signature'),
    );
  });

  it('counts a key once, by its first signature', async () => {
    expect(await open(`${TEXT}\n${BY_PETER}${BY_PETER.replace('JkuBS', 'JkuBT')}`, PETER)).toHaveLength(1);
  });

  it('is not signed by a key that only shares the name or the id with the one that signed', async () => {
    const [peter] = await keys(PETER);
    const note = parseNote(`${TEXT}\n${BY_PETER}`);
    for (const known of [
      { ...peter!, name: 'Peter' },
      { ...peter!, keyId: 'c74f20a4' },
    ])
      await expect(verifyNote(nodePrimitives, note, [known])).rejects.toEqual(refusal('not-signed-by-known-key'));
    await expect(verifyNote(nodePrimitives, note, [])).rejects.toEqual(refusal('not-signed-by-known-key'));
  });

  it('does not open when any character was changed', async () => {
    const chance = chanceFor('changes to a note');
    const note = WITNESSED.slice(0, WITNESSED.indexOf('— transparency')).replace(/— .*zTM8.*\n/, '');
    expect(await open(note, ARCHE)).toHaveLength(1);
    for (let at = 0; at < note.length; at++) {
      const other = chance.pick([...'abcXYZ019+/=— \n'].filter((one) => one !== note[at]));
      await expect(open(note.slice(0, at) + other + note.slice(at + 1), ARCHE)).rejects.toThrow(NoteError);
      await expect(open(note.slice(0, at) + note.slice(at + 1), ARCHE)).rejects.toThrow(NoteError);
    }
  });

  it.each<[string, string, NoteErrorCode]>([
    ['no signatures', TEXT, 'malformed-note'],
    ['an empty line only', `${TEXT}\n`, 'malformed-note'],
    ['no text', BY_PETER, 'malformed-note'],
    ['no last new line', `${TEXT}\n${BY_PETER.slice(0, -1)}`, 'malformed-note'],
    ['a control character', `\u0001${TEXT}\n${BY_PETER}`, 'malformed-note'],
    ['a tab', `\t${TEXT}\n${BY_PETER}`, 'malformed-note'],
    ['a carriage return', `${TEXT}\r\n\r\n${BY_PETER}`, 'malformed-note'],
    ['half a character', `\ud800${TEXT}\n${BY_PETER}`, 'malformed-note'],
    ['a line that is no signature', `${TEXT}\n${BY_PETER}Unexpected line.\n`, 'malformed-note'],
    ['an empty line below', `${TEXT}\n${BY_PETER}\n`, 'malformed-note'],
    ['a hyphen for the dash', `${TEXT}\n${BY_PETER.replace('—', '-')}`, 'malformed-note'],
    ['a name with a space', `${TEXT}\n${BY_PETER.replace('PeterN', 'Peter N')}`, 'malformed-note'],
    [
      'a name with a space of another script',
      `${TEXT}\n${BY_PETER.replace('PeterN', 'Peter\u3000N')}`,
      'malformed-note',
    ],
    ['a name with a plus', `${TEXT}\n${BY_PETER.replace('PeterN', 'Peter+N')}`, 'malformed-note'],
    ['no name', `${TEXT}\n${BY_PETER.replace('PeterNeumann ', '')}`, 'malformed-note'],
    ['base64 without padding', `${TEXT}\n${BY_PETER.replace('=', '')}`, 'malformed-note'],
    ['a signature of a key id only', `${TEXT}\n— PeterNeumann x08gow==\n`, 'malformed-note'],
    ['too many bytes', `${'ä'.repeat(MAX_NOTE_BYTES / 2)}\n\n${BY_PETER}`, 'note-too-large'],
    ['101 signatures', `${TEXT}\n${BY_PETER.repeat(101)}`, 'too-many-signatures'],
  ])('has not %s', (_, note, code) => expect(() => parseNote(note)).toThrow(refusal(code)));

  it('may have 100 signatures', async () => {
    expect(await open(`${TEXT}\n${BY_ENOCH.repeat(99)}${BY_PETER}`, PETER)).toHaveLength(1);
  });
});

describe('a verifier key', () => {
  it.each([PETER, ARCHE, ...WITNESSES])('is written as it was read: %s', async (text) => {
    const [key] = await keys(text);
    expect(formatVerifierKey(key!)).toBe(text);
  });

  it.each<[string, NoteErrorCode]>([
    ['', 'malformed-key'],
    ['PeterNeumann', 'malformed-key'],
    ['+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', 'malformed-key'],
    ['Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', 'malformed-key'],
    [PETER.replace('c74f20a3', 'C74F20A3'), 'malformed-key'],
    [PETER.replace('c74f20a3', 'c74f20'), 'malformed-key'],
    [PETER.replace('c74f20a3', 'c74f20a4'), 'key-id-mismatch'],
    [PETER.replace('PeterN', 'PaterN'), 'key-id-mismatch'],
    [PETER.replace('ARpc', 'ARpd'), 'key-id-mismatch'],
    [`${PETER}\n`, 'malformed-key'],
    [`${PETER}=`, 'malformed-key'],
    // Go's: a key of the wrong length and one of another kind, each with the id that fits.
    ['PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==', 'malformed-key'],
    ['PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW', 'unknown-key-type'],
  ])('is not %s', async (text, code) => expect(parseVerifierKey(text, nodePrimitives)).rejects.toEqual(refusal(code)));
});
