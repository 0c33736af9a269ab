/** What may be recorded of an identification. */
import { describe, expect, it } from '@jest/globals';
import { addDays } from '../../../kernel/domain/plain-date.js';
import { Problem } from '../../../kernel/domain/problem.js';
import { identificationContent, saysNothing, type ToldIdentification } from './identification.js';

const TODAY = '2026-03-02';

const contentOf = (told: ToldIdentification) => identificationContent(told, 'adult', TODAY);
const refusalOf = (told: ToldIdentification) => {
  const result = Problem.orResult(() => contentOf(told));
  return result instanceof Problem ? `${result.code} ${result.field}` : 'taken';
};

describe('An identification', () => {
  it('is kept in the order of the article, without words that are empty', () => {
    const words = { acts: '  he came to the village ', means: ' ' };
    expect(contentOf({ acts: ['receipt', 'recruitment'], purposes: ['other', 'servitude'], words })).toEqual({
      acts: ['recruitment', 'receipt'],
      means: [],
      purposes: ['servitude', 'other'],
      age: 'adult',
      ageThen: null,
      words: { acts: 'he came to the village' },
      formal: { status: 'not-asked' },
      reflection: null,
    });
  });

  it('says nothing when nothing was told and no authority decided', () => {
    expect(saysNothing(contentOf({ words: { means: ' ' }, ageThen: 'child' }))).toBe(true);
    for (const told of [
      { acts: ['receipt'] },
      { words: { purposes: 'work at sea' } },
      { formal: { status: 'presumed' } },
      { reflection: { from: TODAY, to: addDays(TODAY, 45) } },
    ] satisfies ToldIdentification[])
      expect(saysNothing(contentOf(told))).toBe(false);
  });
});

describe('What an authority said', () => {
  it('has a day and a name as far as they are known', () => {
    const formal = { status: 'identified', decidedOn: TODAY, authority: ' Provincial team ' } as const;
    expect(contentOf({ formal }).formal).toEqual({ ...formal, authority: 'Provincial team' });
    expect(contentOf({ formal: { status: 'declined' } }).formal).toEqual({ status: 'declined' });
  });

  it.each([
    [{ status: 'identified', decidedOn: '2026-03-03' }, 'date-in-the-future formal.decidedOn'],
    [{ status: 'identified', decidedOn: 'last week' }, 'date-malformed formal.decidedOn'],
    [{ status: 'not-asked', decidedOn: TODAY }, 'not-asked-and-answered formal.status'],
    [{ status: 'not-asked', authority: 'The police' }, 'not-asked-and-answered formal.status'],
  ] as const)('is refused as %j', (formal, refusal) => {
    expect(refusalOf({ formal })).toBe(refusal);
  });
});

describe('A reflection period', () => {
  it.each([
    [-1, 'period-reversed reflection.to'],
    [0, 'period-length reflection.to'],
    [28, 'period-length reflection.to'],
    [29, 'taken'],
    [30, 'taken'],
    [45, 'taken'],
    [90, 'taken'],
    [91, 'period-length reflection.to'],
  ])('that ends %d days after it began is %s', (days, outcome) => {
    expect(refusalOf({ reflection: { from: TODAY, to: addDays(TODAY, days) } })).toBe(outcome);
  });

  it('has two days that exist', () => {
    expect(refusalOf({ reflection: { from: '2026-02-30', to: TODAY } })).toBe('date-malformed reflection.from');
    expect(refusalOf({ reflection: { from: TODAY, to: '' } })).toBe('date-malformed reflection.to');
  });
});
