/** Who is paid, as a bank's file names them, or why they cannot stand in one. */
import { latinName, SWIFT_X, type WrittenName } from './latin-text.js';
import { revealingWord } from './revealing-words.js';
import { isIban, type AccountKind, type Creditor } from './payment.js';

/** Reasons for which a payment is left out of a file; each is told in words on the run's page. */
export const leftOutReasons = [
  'may-not-be-paid',
  'stopped',
  'no-payee',
  'payee-not-at-a-bank',
  'bank-code-missing',
  'account-not-writable',
  'iban-wrong',
  'name-not-latin',
  'name-reveals',
  'cell-like-a-formula',
] as const;
export type LeftOutReason = (typeof leftOutReasons)[number];

/** As the identity vault hands it out. */
export interface PayeeToWrite {
  names: readonly WrittenName[];
  /** Who receives for a person who is a child or presumed one. */
  guardian: readonly WrittenName[] | null;
  payee: { account: string; kind?: AccountKind | 'wallet'; bankCode?: string; holder?: string } | null;
}

/** What the schema takes of an account number. */
const LONGEST_ACCOUNT = 34;

export function creditorOf({ names, guardian, payee }: PayeeToWrite): Creditor | LeftOutReason {
  if (!payee) return 'no-payee';
  if (payee.kind === 'wallet') return 'payee-not-at-a-bank';
  const accountKind = payee.kind ?? 'bban';
  const bankCode = payee.bankCode ?? null;
  // A proxy and an IBAN lead to the bank by themselves; a plain number leads nowhere.
  if (accountKind === 'bban' && bankCode === null) return 'bank-code-missing';
  const account = payee.account.replace(/[ -]/g, '').replace(/[.()]/g, accountKind === 'bban' ? '$&' : '');
  if (account === '' || account.length > LONGEST_ACCOUNT || !SWIFT_X.test(account)) return 'account-not-writable';
  const written = accountKind === 'iban' ? account.toUpperCase() : account;
  if (accountKind === 'iban' && !isIban(written)) return 'iban-wrong';
  const name = latinName(payee.holder, guardian ?? names);
  if (name === null) return 'name-not-latin';
  if (revealingWord(name) !== null) return 'name-reveals';
  return { name, account: written, accountKind, bankCode };
}
