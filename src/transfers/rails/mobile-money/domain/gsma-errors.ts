/** Which errors of the GSMA Mobile Money API 1.2 prove that nothing was paid: those that refuse a request before anything moves. */

/** errorCategory/errorCode. An error that is not here, like duplicateRequest or genericError, proves nothing. */
const PROOFS = [
  'validation/formatError',
  'validation/lengthError',
  'validation/negativeValue',
  'validation/currencyNotSupported',
  'validation/mandatoryValueNotSupplied',
  'identification/identifierError',
  'businessRule/insufficientFunds',
  'businessRule/lessThanTransactionMinValue',
  'businessRule/greaterThanTransactionMaxValue',
  'businessRule/maxBalanceExceeded',
  'businessRule/samePartiesError',
  'authorisation/clientAuthorisationError',
] as const;

export const GSMA_PROOF_CODES: readonly string[] = PROOFS.map((proof) => proof.slice(proof.indexOf('/') + 1));

/** The code, when category and code together prove it. */
export function provenFailure(category: unknown, code: unknown): string | undefined {
  if (typeof category !== 'string' || typeof code !== 'string') return undefined;
  return (PROOFS as readonly string[]).includes(`${category}/${code}`) ? code : undefined;
}
