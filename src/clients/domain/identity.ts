/** Who a client is. Lives sealed in the identity vault and nowhere else. */
import { canonicalJson } from '../../kernel/domain/canonical-json.js';

export interface ClientName {
  text: string;
  /** ISO 15924 code of the script it is written in: Mymr, Thai, Laoo, Khmr, Latn ... */
  script?: string;
  romanised?: string;
  /** As typed, when it was Zawgyi and was converted. */
  original?: string;
}

/** What `account` is when it is no plain account number: an IBAN, what a bank looks the account up by, or a number with a mobile money operator. */
export const payeeKinds = ['iban', 'mobile-proxy', 'national-id-proxy', 'e-wallet-proxy', 'wallet'] as const;
export type PayeeKind = (typeof payeeKinds)[number];

export interface Payee {
  /** The bank or the mobile money operator, as people call it. */
  bank: string;
  account: string;
  kind?: PayeeKind;
  /** BIC, or the bank's number in its country's clearing. */
  bankCode?: string;
  /** In whose name the account is, in Latin letters, where the client's romanised name is not it. */
  holder?: string;
}

export interface IdentityDocument {
  /** Passport, identity card, household list ... as staff call it. */
  kind: string;
  number: string;
  /** Who issued it; ISO 3166 alpha-2. */
  country?: string;
}

export interface Guardian {
  names: ClientName[];
  relation?: string;
  phone?: string;
}

export interface Kin {
  names: ClientName[];
  relation?: string;
  phone?: string;
  /** Whether they may learn that the client is in a programme; not said means no. */
  mayKnow?: boolean;
}

export interface Identity {
  /** One entry for each name, spelling or script that the client goes by. */
  names: ClientName[];
  dateOfBirth?: string;
  /** It is about then, and nobody knows the day: a guess makes nobody an adult who may still be a child. */
  dateOfBirthIsGuess?: boolean;
  phone?: string;
  otherPhones?: string[];
  address?: string;
  otherAddresses?: string[];
  payee?: Payee;
  documents?: IdentityDocument[];
  guardian?: Guardian;
  kin?: Kin[];
  /** Notes on safety: whom and what to beware of. */
  safety?: string[];
}

/** Every field, in the order in which people are shown them. */
export const identityFields = [
  'names',
  'dateOfBirth',
  'dateOfBirthIsGuess',
  'phone',
  'otherPhones',
  'address',
  'otherAddresses',
  'payee',
  'documents',
  'guardian',
  'kin',
  'safety',
] as const satisfies readonly (keyof Identity)[];
export type IdentityField = (typeof identityFields)[number];

/** The names of the fields in which two identities differ; what is empty is as good as not there. */
export function changedFields(before: Identity, after: Identity): IdentityField[] {
  const shapeOf = (identity: Identity, field: IdentityField) => canonicalJson(identity[field] ?? null);
  const isEmpty = (shape: string) => ['null', '""', '[]'].includes(shape);
  return identityFields.filter((field) => {
    const [was, is] = [shapeOf(before, field), shapeOf(after, field)];
    return was !== is && !(isEmpty(was) && isEmpty(is));
  });
}
