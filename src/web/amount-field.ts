/** An amount in a form: what is wrong with it is said by the field it stands in, with how it can be written. */
import { Problem } from '../kernel/domain/problem.js';
import { currencies } from '../kernel/reference-data.js';
import type { FormReader } from './form-reader.js';
import { t } from './languages/language.js';
import { textIn, type Sent } from './sent.js';
import { typedAmount, type TypedAmount } from './typed-amount.js';
import { amountMarks, moneyText } from './wording.js';

/** Longer is no amount, in whatever script. */
const LONGEST = 60;

/** As it was typed on a page in the language that is spoken. */
export const readAmount = (text: string): TypedAmount =>
  text.length > LONGEST ? { fault: 'not-digits' } : typedAmount(text, amountMarks().decimal);

/** A decimal string in major units, or '' with the fault noted; '' too where nothing was typed, which is a fault where `missing` says what to do. */
export function amountIn(
  reader: FormReader,
  form: Sent,
  name: string,
  currency: string,
  { missing, zeroAllowed = false }: { missing?: string; zeroAllowed?: boolean },
): string {
  const read = readAmount(textIn(form, name, 20_000));
  if ('fault' in read) {
    reader.fault(name, wordsOf(read.fault));
    return '';
  }
  if (read.decimal === '') {
    if (missing !== undefined) reader.fault(name, missing);
    return '';
  }
  const parsed = Problem.orResult(() => currencies.parse(read.decimal, currency, 'amount', { zeroAllowed }));
  if (!(parsed instanceof Problem)) return read.decimal;
  reader.fault(name, refusedWords(parsed, currency));
  return '';
}

function wordsOf(fault: 'unclear' | 'not-digits'): string {
  const example = moneyText('1200.50');
  return fault === 'unclear'
    ? t('This amount can be read in more than one way. Write it like {example}.', { example })
    : t('Write the amount in digits, like {example}.', { example });
}

function refusedWords({ code, wording }: Problem, currency: string): string {
  if (code === 'amount-not-positive') return t('Write an amount that is more than nothing.');
  if (code === 'amount-too-large') return t('This amount is larger than can be kept here.');
  if (code !== 'amount-too-precise') return t(wording);
  const decimals = currencies.get(currency).minorUnits;
  return decimals === 0
    ? t('{currency} has no decimals.', { currency })
    : t('{currency} has {n} decimals.', { currency, n: decimals });
}
