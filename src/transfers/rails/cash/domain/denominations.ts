/** Which notes and coins make up an amount: the fewest pieces, and no more large notes than the programme wants in one envelope. */
export interface Denominations {
  /** In minor units, largest first. */
  large: readonly bigint[];
  others: readonly bigint[];
  /** How many pieces of `large` one envelope may hold; null for any number. */
  largeAtMost: number | null;
}

export interface Pieces {
  /** What one is worth, in minor units. */
  piece: bigint;
  count: number;
}

/**
 * The pieces, largest first, that come to exactly that amount; null when no pieces of these do. Taking the largest that fits gives the fewest
 * for the series in `config/denominations.json` (the test beside this shows it for each of them); for any other it gives an exact sum or null.
 */
export function breakDown(amountMinor: bigint, { large, others, largeAtMost }: Denominations): Pieces[] | null {
  const pieces: Pieces[] = [];
  let left = amountMinor;
  let largeLeft = largeAtMost ?? Number.MAX_SAFE_INTEGER;
  const take = (piece: bigint, most: number) => {
    const fitting = left / piece;
    const count = fitting > BigInt(most) ? most : Number(fitting);
    if (count > 0) pieces.push({ piece, count });
    left -= piece * BigInt(count);
    return count;
  };
  for (const piece of large) largeLeft -= take(piece, largeLeft);
  for (const piece of others) take(piece, Number.MAX_SAFE_INTEGER);
  return left === 0n && pieces.every(({ count }) => count <= MOST_OF_A_PIECE) ? pieces : null;
}

/** More of one piece than this is no envelope; the database keeps to it too. */
const MOST_OF_A_PIECE = 9_999_999;

export const worthOf = (pieces: readonly Pieces[]): bigint =>
  pieces.reduce((sum, { piece, count }) => sum + piece * BigInt(count), 0n);
