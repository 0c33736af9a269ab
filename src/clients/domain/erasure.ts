/** What an erasure promises and certifies: what goes, what stays and why, and by when the backups are clear. */
import type { PlainDate } from '../../kernel/domain/plain-date.js';
import { clientCode } from './client-code.js';

/** Keys are backed up apart and their copies live no longer than this; without the key no backup of the rest can be read. */
export const BACKUPS_CLEAR_AFTER_DAYS = 30;

export interface ErasureCertificate {
  number: string;
  /** The code by which staff spoke of the client; it stands for nobody any more. */
  formerCode: string;
  erasedAt: string;
  backupsClearOn: PlainDate;
  /** How many of which kind went. */
  deleted: Record<string, number>;
  kept: readonly { what: string; why: string }[];
  /** Random: whoever does not have the certificate cannot make up one that fits the digest. */
  proof: string;
}

/** What stays of somebody who was erased. */
export const KEPT: readonly { what: string; why: string }[] = [
  {
    what: 'Amounts, days and results of payments, without a person',
    why: 'The books of the fund must stay whole, and the law asks that they are kept.',
  },
  {
    what: 'Country, cohort, case, how needs were ranked and what for how much was planned, without name, code or words',
    why: 'They are counted in reports. If they went, the difference between two reports would tell about the person.',
  },
  {
    what: 'Which consents were given and withdrawn, and who of the staff did what on which day',
    why: 'It proves that the rules were kept. With whom data might be shared is not kept.',
  },
  {
    what: 'References that a bank or an agent gave for a payment, and why staff sent a run back',
    why: 'They prove to an auditor that the money moved. Staff are told to name nobody in them.',
  },
];

/** "E-" and 8 characters from random bytes, as readable as a client's code. */
export const erasureNumber = (random: (bytes: number) => Buffer): string => `E${clientCode(random).slice(1)}`;
