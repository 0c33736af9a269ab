/** How the page of proof says what a verification looked at and found. Both are kept with the books, in English. */
import type { Fault, Finding } from '../ledger/verification/domain/findings.js';
import { msgs, t } from './languages/language.js';
import { countText } from './wording.js';

/** What a verification says that it looked at, with places for its numbers. */
export const LOOKED_AT: readonly string[] = msgs([
  '{a} entries: each between two accounts of one fund and one currency',
  'What is kept of balances is what the entries add up to, and debits equal credits',
  'No account was ever below its floor, counting what was reserved',
  'What was reserved was resolved once at the most, and never by more',
  'Every entry in the log is as it was when it was logged',
  'Every entry in the log is as it was when it was logged (of {a} leaves the subject was erased, as it may be)',
  '{a} leaves in the log: the tree is what entries, seals and dummies make',
  "{a} checkpoints have the root that the rows make and the log's signature; {b} of them are cosigned by {c} witnesses or more",
  '{a} sealed periods say what their entries add up to',
  '{a} entries wait for the next checkpoint, none of them for longer than two',
  '{a} entries wait for the next checkpoint, none of them for longer than two, but for what a transaction that is still open holds up',
  '{a} checkpoints that were kept elsewhere are of this ledger',
]);

/** In the language that is spoken; as it is kept where it says something else than verifications say today. */
export function lookedAtWords(says: Finding['says']): string {
  const numbers: Record<string, string> = {};
  const places = ['a', 'b', 'c', 'd'].values();
  const sentence = says.replace(/\d[\d,]*/g, (number) => {
    const place = places.next().value ?? number;
    numbers[place] = countText(Number(number.replaceAll(',', '')));
    return `{${place}}`;
  });
  return LOOKED_AT.includes(sentence) ? t(sentence, numbers) : says;
}

/** Which row, what is wrong with it and since when: always in English, for whoever has to mend it. */
export function ledgerFaultText({ what, since }: Pick<Fault, 'what' | 'since'>): string {
  return since ? `${what}, after the ${since}` : what;
}
