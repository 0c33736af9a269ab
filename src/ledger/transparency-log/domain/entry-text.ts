/** What an entry says, in the texts that its leaf commits to. Runs in a browser too. */
import { flows, type EntryPhase, type FlowKind } from '../../domain/entry.js';

/** A kind of flow, or the taking back of one. */
export type EntryState = FlowKind | `reversal of ${FlowKind}`;

/** For the donor. */
export interface DonorEntry {
  type: 'entry';
  /** Id of the fund. */
  fund: string;
  currency: string;
  /** Minor units. */
  amount: string;
  /** In which it was booked, as 2026-03. */
  month: string;
  state: EntryState;
}

/** For an auditor. */
export interface AuditorEntry {
  type: 'entry';
  /** Id of the entry. */
  entry: string;
  seq: string;
  phase: EntryPhase;
  debit: string | null;
  credit: string | null;
  booked_on: string;
  happened_on: string | null;
  recorded_at: string | null;
  evidence: string | null;
  rail: string | null;
  rate: string | null;
  link: string | null;
  pending: string | null;
  reverses: string | null;
}

export const entryKinds = Object.keys(flows) as FlowKind[];

export const entryStates: readonly EntryState[] = entryKinds.flatMap((kind): EntryState[] => [
  kind,
  `reversal of ${kind}`,
]);

/** What kind of flow the entry is or takes back. */
export function kindOf(state: EntryState): { kind: FlowKind; isReversal: boolean } {
  const isReversal = state.startsWith('reversal of ');
  return { kind: (isReversal ? state.slice('reversal of '.length) : state) as FlowKind, isReversal };
}

/** A pending entry only sets aside, and what voids it moves nothing either. */
export function movesMoney(phase: EntryPhase): boolean {
  return phase === 'single' || phase === 'post';
}
