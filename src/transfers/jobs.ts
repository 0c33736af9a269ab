/** The jobs of this room. A job only says "look now": what is due stands in the database, so a lost or repeated job changes nothing. */
export const TRANSFERS_QUEUE = 'transfers';

export type TransferJob =
  | { name: 'prepare-due-runs'; data: { country: string } }
  | { name: 'prepare-asked'; data: { run: string } }
  | { name: 'follow-unknown'; data: Record<string, never> }
  | { name: 'instruct-released'; data: Record<string, never> }
  | { name: 'self-check'; data: Record<string, never> };
