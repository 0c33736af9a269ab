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
const SOME_YEAR = 'some-year';
const NO_YEAR = 'no-year';

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
   * To be kept. A name stands there with the year of birth, by which it is found without everybody else of that name, and without it, for whoever
   * looks without knowing the year. With a slip it says too little without the year.
   */
  kept(identity: Identity): Token[] {
    const { whole, slipped } = nameForms(identity.names);
    const year = yearIn(identity) ?? NO_YEAR;
    return [
      ...this.names(TOKEN_KINDS.name, year, whole),
      ...this.names(TOKEN_KINDS.slippedName, year, slipped),
      ...(year === NO_YEAR ? [] : this.names(TOKEN_KINDS.name, SOME_YEAR, whole)),
      ...this.numbers(identity),
    ];
  }

  /** To be looked for. */
  sought(identity: Identity): SoughtToken[] {
    const { whole, slipped } = nameForms(identity.names);
    const year = yearIn(identity);
    const aroundIt = year === null ? [] : YEARS_OFF.map((off) => year + off);
    const everybody = [SOME_YEAR, NO_YEAR].flatMap((any) => this.names(TOKEN_KINDS.name, any, whole));
    const some = [
      ...aroundIt.flatMap((born) => this.names(TOKEN_KINDS.name, born, whole)),
      ...this.names(TOKEN_KINDS.slippedName, year ?? NO_YEAR, slipped),
      ...this.numbers(identity),
    ];
    return [
      ...everybody.map((token) => ({ ...token, forEverybody: true })),
      ...some.map((token) => ({ ...token, forEverybody: false })),
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

  private names(kind: TokenKind, year: number | string, forms: readonly string[]): Token[] {
    return forms.map((form) => ({ value: tokenOf(this.keys.name, `${year}/${form}`), kind }));
  }
}

const yearIn = ({ dateOfBirth }: Identity) => (dateOfBirth ? yearOf(dateOfBirth) : null);

/** HMAC-SHA-256, cut to the 64 bits that a bigint holds: among ten million tokens, chance makes two equal once in 100,000 programmes. */
function tokenOf(key: KeyObject, form: string): bigint {
  return createHmac('sha256', key).update(form).digest().readBigInt64BE(0);
}
