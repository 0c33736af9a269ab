/** What is left to plan, currency by currency, in sentences. Works on whole minor units and on nothing of the service: it runs in a browser too. */

/** In minor units as texts, by currency, as a page carries them. */
export interface KnownMoney {
  /** What the client's approved transfers add up to. */
  approved: Readonly<Record<string, string>>;
  /** What is planned already in plans that stay as they are. */
  elsewhere: Readonly<Record<string, string>>;
}

export interface PlannedMoney {
  amountMinor: bigint;
  currency: string;
}

export interface Sum {
  currency: string;
  approvedMinor: bigint;
  elsewhereMinor: bigint;
  /** In this plan and elsewhere. */
  plannedMinor: bigint;
}

/** Sentences with {amount}, {approved}, {planned} and {elsewhere} to be filled. */
export type SumWords = Readonly<
  Record<
    'left' | 'all' | 'more' | 'planned' | 'detail' | 'detailElsewhere' | 'notCertain' | 'otherCurrency' | 'unread',
    string
  >
>;

export interface SumLine {
  says: string;
  detail: string;
}

/** One sum for each currency in which there is anything, those of the transfers first; `first` where there is nothing at all. */
export function sumsOf({ approved, elsewhere }: KnownMoney, planned: readonly PlannedMoney[], first: string): Sum[] {
  const named = [...Object.keys(approved), ...Object.keys(elsewhere), ...planned.map(({ currency }) => currency)];
  const currencies = [...new Set(named.length > 0 ? named : [first])];
  return currencies.map((currency) => {
    const elsewhereMinor = BigInt(elsewhere[currency] ?? 0);
    const here = planned.filter((item) => item.currency === currency).map(({ amountMinor }) => amountMinor);
    return {
      currency,
      approvedMinor: BigInt(approved[currency] ?? 0),
      elsewhereMinor,
      plannedMinor: here.reduce((sum, amountMinor) => sum + amountMinor, elsewhereMinor),
    };
  });
}

/** More than there is, is said like everything else: nobody is kept from planning it. */
export function sumLines(
  sums: readonly Sum[],
  words: SumWords,
  write: (amountMinor: bigint, currency: string) => string,
): SumLine[] {
  const isAnyApproved = sums.some(({ approvedMinor }) => approvedMinor > 0n);
  return sums.map(({ currency, approvedMinor, elsewhereMinor, plannedMinor }) => {
    const written = (amountMinor: bigint) => write(amountMinor, currency);
    const planned = written(plannedMinor);
    if (approvedMinor === 0n) {
      const detail = isAnyApproved ? words.otherCurrency : words.notCertain;
      return { says: filled(words.planned, { amount: planned }), detail };
    }
    const leftMinor = approvedMinor - plannedMinor;
    const amount = written(leftMinor < 0n ? -leftMinor : leftMinor);
    const says = leftMinor === 0n ? words.all : filled(leftMinor > 0n ? words.left : words.more, { amount });
    const values = { planned, approved: written(approvedMinor), elsewhere: written(elsewhereMinor) };
    return { says, detail: filled(elsewhereMinor > 0n ? words.detailElsewhere : words.detail, values) };
  });
}

function filled(sentence: string, values: Readonly<Record<string, string>>): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
}
