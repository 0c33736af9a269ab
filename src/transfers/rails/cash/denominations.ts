/** The notes and coins of each currency, from `config/denominations.json`, and how pieces are written in the database and in answers. */
import { Problem } from '../../../kernel/domain/problem.js';
import { sentence } from '../../../kernel/domain/sentence.js';
import { currencies, readConfigJson } from '../../../kernel/reference-data.js';
import { breakDown, type Denominations, type Pieces } from './domain/denominations.js';

interface DenominationsFile {
  currencies: { code: string; large: string[]; others: string[]; largeNotesAtMost: number | null }[];
}

const byCurrency: ReadonlyMap<string, Denominations> = new Map(
  readConfigJson<DenominationsFile>('denominations.json').currencies.map(
    ({ code, large, others, largeNotesAtMost }): [string, Denominations] => {
      const inMinor = (piece: string) => currencies.parse(piece, code).amountMinor;
      return [code, { large: large.map(inMinor), others: others.map(inMinor), largeAtMost: largeNotesAtMost }];
    },
  ),
);

/** Throws `no-denominations` (422). */
export function denominationsOf(currency: string): Denominations {
  const found = byCurrency.get(currency);
  if (!found)
    throw Problem.refused(
      'no-denominations',
      sentence('No notes and coins are known of {currency}.', { currency }),
      'currency',
    );
  return found;
}

/** Every piece of a currency, largest first, in minor units. */
export function piecesOf(currency: string): readonly bigint[] {
  const { large, others } = denominationsOf(currency);
  return [...large, ...others];
}

/** Throws `no-denominations`, `not-payable-in-pieces` (422). */
export function envelopeOf(amountMinor: bigint, currency: string): Pieces[] {
  const pieces = breakDown(amountMinor, denominationsOf(currency));
  if (!pieces) {
    const amount = currencies.format(amountMinor, currency);
    throw Problem.refused(
      'not-payable-in-pieces',
      sentence('No notes and coins of {currency} come to {amount} exactly. Look at config/denominations.json.', {
        currency,
        amount,
      }),
    );
  }
  return pieces;
}

/** As the database keeps pieces. */
export interface StoredPieces {
  piece: string;
  count: number;
}

export const toStored = (pieces: readonly Pieces[]): StoredPieces[] =>
  pieces.map(({ piece, count }) => ({ piece: piece.toString(), count }));

/** In major units, largest first. */
export const toShown = (pieces: readonly StoredPieces[], currency: string): StoredPieces[] =>
  [...pieces]
    .sort((one, other) => (BigInt(one.piece) < BigInt(other.piece) ? 1 : -1))
    .map(({ piece, count }) => ({ piece: currencies.format(BigInt(piece), currency), count }));
