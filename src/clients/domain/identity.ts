/** Who a client is. Lives sealed in the identity vault and nowhere else. */
export interface ClientName {
  text: string;
  /** ISO 15924 code of the script it is written in: Mymr, Thai, Laoo, Khmr, Latn ... */
  script?: string;
  romanised?: string;
}

export interface Payee {
  bank: string;
  account: string;
}

export interface Identity {
  names: ClientName[];
  dateOfBirth?: string;
  phone?: string;
  address?: string;
  payee?: Payee;
  guardian?: { names: ClientName[]; relation?: string; phone?: string };
}
