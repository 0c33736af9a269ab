/** The normal forms of the numbers that people are known by. Numbers that say nothing ("000000", "none") have none. */
import type { Identity } from '../../domain/identity.js';
import { asciiDigits, skeleton } from './skeleton.js';

/** What every way of writing a number has in common, with a country's code, with a leading zero or without (mobiles of South-East Asia). */
const LAST_DIGITS_OF_A_PHONE = 8;
const FEWEST_DIGITS_OF_A_PHONE = 7;
const FEWEST_DIGITS_OF_AN_ACCOUNT = 6;
const FEWEST_DIGITS_OF_A_DOCUMENT = 4;
/** So many tell a document even where its letters are written in another script, as on Burmese cards. */
const DIGITS_THAT_TELL_A_DOCUMENT = 8;

export function phoneForms({ phone, otherPhones }: Identity): string[] {
  const written = [phone ?? '', ...(otherPhones ?? [])].flatMap((text) => text.split(/[,;/|]/u));
  return telling(written.map(digitsOf).filter((digits) => digits.length >= FEWEST_DIGITS_OF_A_PHONE)).map((digits) =>
    digits.slice(-LAST_DIGITS_OF_A_PHONE),
  );
}

export function accountForms({ payee }: Identity): string[] {
  const digits = digitsOf(payee?.account ?? '');
  return telling(digits.length >= FEWEST_DIGITS_OF_AN_ACCOUNT ? [digits] : []);
}

export function documentForms({ documents }: Identity): string[] {
  return (documents ?? []).flatMap(({ number }) => {
    const digits = digitsOf(number);
    if (digits.length < FEWEST_DIGITS_OF_A_DOCUMENT || telling([digits]).length === 0) return [];
    const whole = skeleton(number);
    return digits.length >= DIGITS_THAT_TELL_A_DOCUMENT && digits !== whole ? [whole, digits] : [whole];
  });
}

const digitsOf = (text: string) => asciiDigits(text.normalize('NFKC')).replace(/\D/gu, '');

/** Once each, without those that are one digit repeated. */
const telling = (digits: readonly string[]) => [...new Set(digits)].filter((number) => !/^(\d)\1*$/u.test(number));
