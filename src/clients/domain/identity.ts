/** Who a client is. Lives sealed in the identity vault and nowhere else. */
export interface ClientName {
  text: string;
  /** ISO 15924 code of the script it is written in: Mymr, Thai, Laoo, Khmr, Latn ... */
  script?: string;
  romanised?: string;
  /** As typed, when it was Zawgyi and was converted. */
  original?: string;
}

export interface Payee {
  bank: string;
  account: string;
}

export interface IdentityDocument {
  kind: string;
  number: string;
  country?: string;
}

export interface Identity {
  names: ClientName[];
  dateOfBirth?: string;
  phone?: string;
  otherPhones?: string[];
  address?: string;
  otherAddresses?: string[];
  payee?: Payee;
  documents?: IdentityDocument[];
  guardian?: { names: ClientName[]; relation?: string; phone?: string };
  kin?: { names: ClientName[]; relation?: string; phone?: string; mayKnow?: boolean }[];
  safety?: string[];
}
