/** How amounts, days and states are said on the pages. */
import { describe, expect, it } from '@jest/globals';
import { roleNames } from '../access/domain/actor.js';
import { transferStates } from '../transfers/obligation.entity.js';
import { tn } from './languages/language.js';
import {
  accountWords,
  countText,
  countryName,
  dayText,
  momentText,
  moneyText,
  nameOfSlug,
  quarterText,
  roleWords,
  runState,
  transferState,
  withheldWords,
} from './wording.js';

describe('An amount', () => {
  it.each([
    ['1053000.00', 'THB', '1,053,000.00\u00a0THB'],
    ['9000.00', 'THB', '9,000.00\u00a0THB'],
    ['0.00', 'THB', '0.00\u00a0THB'],
    ['-1500', 'VND', '\u22121,500\u00a0VND'],
    ['999', 'VND', '999\u00a0VND'],
    ['90071992547409931.05', 'THB', '90,071,992,547,409,931.05\u00a0THB'],
  ])('%s %s is written %s', (amount, currency, text) => {
    expect(moneyText(amount, currency)).toBe(text);
  });

  it('that is no decimal string is left as it is', () => {
    expect(moneyText('')).toBe('');
  });
});

describe('A count', () => {
  it('is grouped, and its noun agrees with it', () => {
    expect(countText(131072)).toBe('131,072');
    expect([
      tn(0, '{n} transfer', '{n} transfers'),
      tn(1, '{n} transfer', '{n} transfers'),
      tn(2, '{n} transfer', '{n} transfers'),
      tn(3, '{n} person', '{n} people'),
    ]).toEqual(['0 transfers', '1 transfer', '2 transfers', '3 people']);
  });
});

describe('A day', () => {
  it('is written with the name of its month', () => {
    expect(dayText('2016-01-31')).toBe('31\u00a0January 2016');
    expect(dayText('2015-12-05')).toBe('5\u00a0December 2015');
  });

  it('that is not there is nothing', () => {
    expect([dayText(null), dayText(undefined), dayText('soon')]).toEqual(['', '', '']);
  });

  it('of a moment is the one on the organisation’s clock', () => {
    expect(momentText('2015-06-30T23:30:00.000Z', 'Asia/Bangkok')).toBe('1\u00a0July 2015, 06:30');
  });

  it('of a quarter is said by its months', () => {
    expect(quarterText('2015-Q3')).toBe('July to September 2015');
  });
});

describe('Words', () => {
  it('exist for every state of a transfer and differ from its code where the code is not plain', () => {
    for (const state of transferStates) expect(transferState(state).words).not.toContain('_');
    expect([transferState('unknown').words, transferState('in_run').words, transferState('settled').words]).toEqual([
      'being checked',
      'in a run',
      'paid',
    ]);
    expect(new Set(transferStates.map((state) => transferState(state).words)).size).toBe(transferStates.length);
  });

  it('exist for runs, roles, accounts, countries and what a report withholds', () => {
    expect(runState('prepared').words).toBe('waits for approval');
    for (const role of roleNames) expect(roleWords(role)).not.toContain('-');
    expect(accountWords('clearing:cash')).toBe('In clearing (cash)');
    expect([countryName('LA'), countryName(null)]).toEqual(['Lao PDR', 'All countries']);
    expect(nameOfSlug('benjina')).toBe('Benjina');
    expect(withheldWords('one-case-group-dominates')).toMatch(/two thirds/);
  });
});
