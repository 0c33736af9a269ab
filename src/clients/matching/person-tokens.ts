/** What stands in the index of persons for an identity, and what is looked for in it: keyed digests of the forms of names and numbers. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Secrets } from '../../kernel/secrets.js';
import type { Identity } from '../domain/identity.js';
import { yearOf } from './domain/birth-dates.js';
import { nameForms } from './domain/name-forms.js';
import { accountForms, documentForms, phoneForms } from './domain/numbers.js';

/** As the table has them. */
export const TOKEN_KINDS = { name: 1, slippedName: 2, phone: 3, document: 4, account: 5 } as const;
export type TokenKind = (typeof TOKEN_KINDS)[keyof typeof TOKEN_KINDS];

export interface Token {
  value: bigint;
  kind: TokenKind;
}

/** A token that is looked for. `forEverybody`: it says how many go by this name, whenever they were born. */
export interface SoughtToken extends Token {
  forEverybody: boolean;
}

/** A date of birth that is a year off is still looked for under the year it has in the other record. */
const YEARS_OFF = [-1, 0, 1];

export class PersonTokens {
  private readonly keys: Record<'name' | 'phone' | 'document' | 'account', KeyObject>;

  constructor(secrets: Secrets) {
    const keyFor = (kind: string) => createSecretKey(secrets.keyFor(`person-index/${kind}`));
    this.keys = {
      name: keyFor('name'),
      phone: keyFor('phone'),
      document: keyFor('document'),
      account: keyFor('account'),
    };
  }

  /**
   * To be kept. A name stands there once with the year of birth, by which it is found without everybody else of that name, and once without,
   * for whoever looks without knowing the year.
   */
  kept(identity: Identity): Token[] {
    const born = identity.dateOfBirth ? [String(yearOf(identity.dateOfBirth)), 'some-year'] : ['no-year'];
    const { whole, slipped } = nameForms(identity.names);
    return [
      ...born.flatMap((year) => this.names(TOKEN_KINDS.name, year, whole)),
      ...born.flatMap((year) => this.names(TOKEN_KINDS.slippedName, year, slipped)),
      ...this.numbers(identity),
    ];
  }

  /** To be looked for. A name with a slip is looked for only among those whose year of birth may be the same. */
  sought(identity: Identity): SoughtToken[] {
    const { whole, slipped } = nameForms(identity.names);
    const year = identity.dateOfBirth ? yearOf(identity.dateOfBirth) : null;
    const years = year === null ? ['some-year'] : YEARS_OFF.map((off) => String(year + off));
    const places = [...years, 'no-year'];
    const wholeOfAll = this.names(TOKEN_KINDS.name, 'some-year', whole);
    const wholeWithoutYear = this.names(TOKEN_KINDS.name, 'no-year', whole);
    return [
      ...[...wholeOfAll, ...wholeWithoutYear].map((token) => ({ ...token, forEverybody: true })),
      ...[
        ...(year === null ? [] : years.flatMap((born) => this.names(TOKEN_KINDS.name, born, whole))),
        ...places.flatMap((born) => this.names(TOKEN_KINDS.slippedName, born, slipped)),
        ...this.numbers(identity),
      ].map((token) => ({ ...token, forEverybody: false })),
    ];
  }

  private numbers(identity: Identity): Token[] {
    const { phone, document, account } = this.keys;
    return [
      ...phoneForms(identity).map((form) => ({ value: tokenOf(phone, form), kind: TOKEN_KINDS.phone })),
      ...documentForms(identity).map((form) => ({ value: tokenOf(document, form), kind: TOKEN_KINDS.document })),
      ...accountForms(identity).map((form) => ({ value: tokenOf(account, form), kind: TOKEN_KINDS.account })),
    ];
  }

  private names(kind: TokenKind, year: string, forms: readonly string[]): Token[] {
    return forms.map((form) => ({ value: tokenOf(this.keys.name, `${year}/${form}`), kind }));
  }
}

/** HMAC-SHA-256, cut to the 64 bits that a bigint holds: among ten million tokens, chance makes two equal once in 100,000 programmes. */
function tokenOf(key: KeyObject, form: string): bigint {
  return createHmac('sha256', key).update(form).digest().readBigInt64BE(0);
}
