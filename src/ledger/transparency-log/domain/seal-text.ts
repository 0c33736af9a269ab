/** What the seal of a fund's period says, in the text that its leaf commits to. Runs in a browser too. */

/** Minor units of a currency, as decimal strings. */
export interface SealedBalances {
  bank: string;
  clearing: string;
  float: string;
  paid: string;
  fund: string;
  committed: string;
  returned: string;
  exchange: string;
}

/** What moved in the period, minor units, reversals taken off. `paid` and `returned` are what these two accounts grew by. */
export interface SealedSums {
  granted: string;
  paid: string;
  returned: string;
  exchangedIn: string;
  exchangedOut: string;
}

/** For the donor. Amounts by currency. */
export interface DonorSeal {
  type: 'seal';
  /** Id of the fund. */
  fund: string;
  period: string;
  from: string;
  through: string;
  /** How many transfers were paid, as a band: never the number. */
  countBand: CountBand;
  sums: Record<string, SealedSums>;
  /** At the period's end. bank + clearing + float + paid = fund + committed + returned + exchange. */
  balances: Record<string, SealedBalances>;
  /**
   * SHA-256 (hex) of a salt and the SHA-256 over the leaf hashes of the period's entries, in the order of the log. The leaf hashes are
   * public: without the salt a donor could try which of them make the digest, and learn how many payments there were and on which days.
   */
  digest: string;
}

/** For an auditor: how many entries the digest covers and with which salt (hex), and how many transfers were paid. */
export interface AuditorSeal {
  type: 'seal';
  entries: string;
  transfersPaid: string;
  digestSalt: string;
}

const BANDS = [
  [0, '0'],
  [10, '1-10'],
  [50, '11-50'],
  [200, '51-200'],
  [1_000, '201-1000'],
  [5_000, '1001-5000'],
  [Number.MAX_SAFE_INTEGER, 'more than 5000'],
] as const;
export type CountBand = (typeof BANDS)[number][1];

export const countBands: readonly CountBand[] = BANDS.map(([, band]) => band);

export function countBand(count: number): CountBand {
  const band = BANDS.find(([most]) => count <= most);
  if (!band || count < 0) throw new RangeError(`${count} is not a count.`);
  return band[1];
}

/** Debits and credits of a fund in one currency, in minor units: equal when the books are right. */
export function sidesOf(balances: SealedBalances): { held: bigint; owed: bigint } {
  const sum = (...accounts: (keyof SealedBalances)[]) =>
    accounts.reduce((total, account) => total + BigInt(balances[account]), 0n);
  return { held: sum('bank', 'clearing', 'float', 'paid'), owed: sum('fund', 'committed', 'returned', 'exchange') };
}
