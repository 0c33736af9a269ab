/** Which rails a payee can be paid by, as far as the payee itself says: an account at a bank, or a number with a mobile money operator. */
import type { Payee } from './identity.js';

/** Rails that pay to something on record; cash and a person in a banking app need nothing of it. */
export type PayeeRail = 'bank-file' | 'mobile-money';

export function railsOf(payee: Payee | undefined): PayeeRail[] {
  if (!payee) return [];
  if (payee.kind === 'wallet') return ['mobile-money'];
  // A proxy and an IBAN lead to the bank by themselves; a plain number needs to say which.
  return payee.kind !== undefined || payee.bankCode !== undefined ? ['bank-file'] : [];
}
