/** Finds a name that stands twice in one JSON object: readers differ in which of the two they take, so what was checked may not be what is done. */
import { createScanner, type SyntaxKind } from 'jsonc-parser';
import { Problem } from '../domain/problem.js';

// The library declares these as a constant enum, whose values our compiler cannot read; it checks that they are right.
const OPEN_BRACE: SyntaxKind.OpenBraceToken = 1;
const CLOSE_BRACE: SyntaxKind.CloseBraceToken = 2;
const OPEN_BRACKET: SyntaxKind.OpenBracketToken = 3;
const CLOSE_BRACKET: SyntaxKind.CloseBracketToken = 4;
const COLON: SyntaxKind.ColonToken = 6;
const STRING: SyntaxKind.StringLiteral = 10;
const END: SyntaxKind.EOF = 17;

/** Throws `json-name-repeated` (400). What is no JSON at all is left to the parser, which says so. */
export function refuseRepeatedNames(json: string): void {
  const scanner = createScanner(json, true);
  /** The names of each object that is open, and null for an array. */
  const open: (Set<string> | null)[] = [];
  let text = '';
  for (let token = scanner.scan(); token !== END; token = scanner.scan()) {
    if (token === OPEN_BRACE) open.push(new Set());
    else if (token === OPEN_BRACKET) open.push(null);
    else if (token === CLOSE_BRACE || token === CLOSE_BRACKET) open.pop();
    else if (token === STRING) text = scanner.getTokenValue();
    else if (token === COLON) {
      const names = open.at(-1);
      if (names?.has(text)) throw Problem.malformed('json-name-repeated', 'A name stands twice in the body.', 'body');
      names?.add(text);
    }
  }
}
