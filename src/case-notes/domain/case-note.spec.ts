import { describe, expect, it } from '@jest/globals';
import { Problem } from '../../kernel/domain/problem.js';
import { noteToKeep, type NewCaseNote } from './case-note.js';

const TODAY = '2026-03-02';
const note = (changes: Partial<NewCaseNote> = {}): NewCaseNote => ({
  id: '00000000-0000-4000-8000-000000000001',
  kind: 'call',
  words: 'She found work.',
  ...changes,
});
const refused = (changes: Partial<NewCaseNote>) => {
  const kept = Problem.orResult(() => noteToKeep(note(changes), TODAY));
  return kept instanceof Problem ? [kept.code, kept.field] : kept;
};

describe('a case note', () => {
  it('is of today when it does not say otherwise, and asks for no other talk', () => {
    expect(noteToKeep(note(), TODAY)).toEqual({
      kind: 'call',
      happenedOn: TODAY,
      nextOn: null,
      words: { text: 'She found work.', original: null },
      corrects: null,
    });
  });

  it('is of a day that was, and not of one to come', () => {
    expect(noteToKeep(note({ happenedOn: '2025-12-31' }), TODAY).happenedOn).toBe('2025-12-31');
    expect(refused({ happenedOn: '2026-03-03' })).toEqual(['date-in-the-future', 'happenedOn']);
    expect(refused({ happenedOn: 'yesterday' })).toEqual(['date-malformed', 'happenedOn']);
  });

  it('names as the next day to talk one from that day on, within 400 days', () => {
    for (const nextOn of [TODAY, '2026-03-09', '2027-04-06'])
      expect(noteToKeep(note({ nextOn }), TODAY).nextOn).toBe(nextOn);
    expect(refused({ nextOn: '2026-03-01' })).toEqual(['next-before-note', 'nextOn']);
    expect(refused({ nextOn: '2027-04-07' })).toEqual(['next-too-late', 'nextOn']);
    expect(refused({ nextOn: '2026-02-30' })).toEqual(['date-malformed', 'nextOn']);
    expect(noteToKeep(note({ happenedOn: '2026-02-01', nextOn: '2026-02-08' }), TODAY).nextOn).toBe('2026-02-08');
  });

  it('says something, in at most 10,000 characters', () => {
    expect(refused({ words: ' \n ' })).toEqual(['missing', 'words']);
    expect(refused({ words: 'က'.repeat(10_001) })).toEqual(['text-too-long', 'words']);
    expect(noteToKeep(note({ words: 'က'.repeat(10_000) }), TODAY).words.text).toHaveLength(10_000);
  });

  it('keeps what was typed in Zawgyi beside what can be read', () => {
    const { words } = noteToKeep(note({ words: 'ေအာင္ျမင့္ဦး' }), TODAY);
    expect(words).toEqual({ text: 'အောင်မြင့်ဦး'.normalize('NFC'), original: 'ေအာင္ျမင့္ဦး' });
  });
});
