/** The auditor's part of a check: every entry of the period, one by one, and what they come to. Runs in a browser too. */
import type { EntryProof } from './bundle.js';
import { counted, StepFault } from './bundle-findings.js';
import type { CheckOptions } from './bundle-step.js';
import { concatBytes, fromHex, toHex } from './bytes.js';
import { kindOf, movesMoney, type AuditorEntry, type DonorEntry, type EntryState } from './entry-text.js';
import type { LeafCheck } from './leaf-check.js';
import { HASH_BYTES, type Primitives } from './primitives.js';
import { countBand, type AuditorSeal, type DonorSeal, type SealedSums } from './seal-text.js';
import { knownFlows, type FlowKind } from '../../domain/entry.js';

const PROGRESS_EVERY = 500;

/** Which of the seal's sums a kind of entry adds to; what is paid and what came back is told by the accounts. */
const SUM_OF: Partial<Record<FlowKind, keyof SealedSums>> = {
  grant: 'granted',
  'exchange-in': 'exchangedIn',
  'exchange-residue': 'exchangedIn',
  'exchange-out': 'exchangedOut',
};

const SUMS = ['granted', 'paid', 'returned', 'exchangedIn', 'exchangedOut'] as const satisfies (keyof SealedSums)[];

/** What the entries of a period come to. */
class Tally {
  private readonly sums = new Map<string, Record<keyof SealedSums, bigint>>();
  transfersPaid = 0;

  add({ currency, amount, state }: DonorEntry, { debit, credit }: AuditorEntry): void {
    const { kind, isReversal } = kindOf(state);
    const sums = this.of(currency);
    const moved = BigInt(amount);
    if (debit === 'paid') sums.paid += moved;
    if (credit === 'paid') sums.paid -= moved;
    if (credit === 'returned') sums.returned += moved;
    if (debit === 'returned') sums.returned -= moved;
    const sum = SUM_OF[kind];
    if (sum) sums[sum] += isReversal ? -moved : moved;
    if (kind === 'settle' || kind === 'settle-late') this.transfersPaid += isReversal ? -1 : 1;
  }

  of(currency: string): Record<keyof SealedSums, bigint> {
    const sums = this.sums.get(currency) ?? { granted: 0n, paid: 0n, returned: 0n, exchangedIn: 0n, exchangedOut: 0n };
    this.sums.set(currency, sums);
    return sums;
  }

  get currencies(): string[] {
    return [...this.sums.keys()];
  }
}

/** Raises `StepFault` at the first thing that does not hold. The entries were read strictly. */
export async function checkEntries(
  primitives: Primitives,
  leaves: LeafCheck,
  claim: { entries: readonly EntryProof[]; seal: DonorSeal; auditorSeal?: AuditorSeal },
  onProgress?: CheckOptions['onProgress'],
): Promise<{ entries: number; transfersPaid: number }> {
  const { entries, seal, auditorSeal } = claim;
  const leafHashes = new Uint8Array(entries.length * HASH_BYTES);
  const ids = new Set<string>();
  const tally = new Tally();
  let last = -1;
  for (const [place, entry] of entries.entries()) {
    const which = `Entry ${counted(place + 1)} of the file, line ${counted(entry.index + 1)} of the log.`;
    if (entry.index < last)
      throw new StepFault('entries-not-sorted', 'The entries are not in the order of the log.', which);
    last = entry.index;
    const leaf = await leaves.check(entry, entry);
    if (leaf === 'opening-false')
      throw new StepFault('entry-opening-false', 'What is shown of an entry is not what was put into the log.', which);
    if (leaf === 'not-in-log') throw new StepFault('entry-not-in-log', 'An entry is not in the log.', which);
    leafHashes.set(leaf, place * HASH_BYTES);
    const donor = JSON.parse(entry.donor.text) as DonorEntry;
    const auditor = JSON.parse(entry.auditor.text) as AuditorEntry;
    checkBelongs(donor, auditor, seal, which);
    for (const id of [auditor.entry, auditor.seq]) {
      if (ids.has(id)) throw new StepFault('entry-twice', 'An entry is there twice.', which);
      ids.add(id);
    }
    if (movesMoney(auditor.phase)) tally.add(donor, auditor);
    if ((place + 1) % PROGRESS_EVERY === 0 || place + 1 === entries.length)
      await onProgress?.({ done: place + 1, total: entries.length });
  }
  if (
    toHex(await primitives.sha256(saltedDigestInput(auditorSeal, await primitives.sha256(leafHashes)))) !== seal.digest
  )
    throw new StepFault(
      'other-digest',
      'The entries are not those that the report was made from: some were left out, added or exchanged.',
    );
  checkSealed(tally, entries.length, seal, auditorSeal);
  return { entries: entries.length, transfersPaid: tally.transfersPaid };
}

function saltedDigestInput(auditorSeal: AuditorSeal | undefined, digest: Uint8Array): Uint8Array {
  return concatBytes(fromHex(auditorSeal?.digestSalt ?? '') ?? new Uint8Array(), digest);
}

function checkBelongs(donor: DonorEntry, auditor: AuditorEntry, seal: DonorSeal, which: string): void {
  if (donor.fund !== seal.fund) throw new StepFault('entry-of-other-fund', 'An entry is of another fund.', which);
  const isInPeriod = seal.from <= auditor.booked_on && auditor.booked_on <= seal.through;
  if (!isInPeriod || donor.month !== auditor.booked_on.slice(0, 7))
    throw new StepFault('entry-of-other-month', 'An entry was not booked in the months of this period.', which);
  if (!movesAsItsKind(donor.state, auditor))
    throw new StepFault('entry-moves-otherwise', 'An entry moves money as its kind does not.', which);
}

function movesAsItsKind(state: EntryState, { debit, credit }: AuditorEntry): boolean {
  const { kind, isReversal } = kindOf(state);
  const [from, to] = [debit, credit].map((account) => (account ?? '').replace(/\/.*$/, ''));
  return knownFlows.has(isReversal ? `${kind} ${to} ${from}` : `${kind} ${from} ${to}`);
}

function checkSealed(tally: Tally, entries: number, seal: DonorSeal, auditorSeal?: AuditorSeal): void {
  for (const currency of new Set([...Object.keys(seal.sums), ...tally.currencies])) {
    const [computed, sealed] = [tally.of(currency), seal.sums[currency]];
    for (const sum of SUMS)
      if (computed[sum] !== BigInt(sealed?.[sum] ?? '0'))
        throw new StepFault(
          'other-sums',
          `The entries in ${currency} do not come to the sums of the report.`,
          `${sum}: ${computed[sum]} and not ${sealed?.[sum] ?? '0'} minor units.`,
        );
  }
  const { transfersPaid } = tally;
  if (String(entries) !== auditorSeal?.entries)
    throw new StepFault('other-number-of-entries', 'There are not as many entries as the report states.');
  if (String(transfersPaid) !== auditorSeal.transfersPaid)
    throw new StepFault('other-number-of-transfers', 'There are not as many paid transfers as the report states.');
  // What was taken back of an earlier period can outweigh what was paid in this one.
  if (countBand(Math.max(0, transfersPaid)) !== seal.countBand)
    throw new StepFault(
      'other-count-band',
      `${counted(transfersPaid)} transfers were paid, and the report tells the donor ${seal.countBand}.`,
    );
}
