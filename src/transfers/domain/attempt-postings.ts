/** Which ledger entries a change of an attempt's state calls for, so that the money in the books is where the evidence says it is. */
import type { FlowKind } from '../../ledger/domain/entry.js';
import type { AttemptState } from './attempt-state.js';

type WhereMoneyIs = 'in clearing' | 'with the client' | 'at the bank';

const WHERE: Record<AttemptState, WhereMoneyIs> = {
  instructed: 'in clearing',
  accepted: 'in clearing',
  unknown: 'in clearing',
  settled: 'with the client',
  failed: 'at the bank',
  returned: 'at the bank',
  reversed: 'at the bank',
};

/** Kinds of entries to post, in order; none when the money stays where it is. */
export function entriesForChange(from: AttemptState, to: AttemptState): FlowKind[] {
  const [was, is] = [WHERE[from], WHERE[to]];
  const wayBack: FlowKind | undefined = to === 'returned' ? 'return' : to === 'reversed' ? 'reverse' : undefined;
  if (was === 'with the client') return wayBack ? [wayBack] : [];
  const reachClient: FlowKind = was === 'in clearing' ? 'settle' : 'settle-late';
  if (is === 'with the client') return [reachClient];
  if (was === 'in clearing' && is === 'at the bank') return wayBack ? [reachClient, wayBack] : ['fail'];
  // Failed before, and now it came back: so it had reached the client after all, late.
  if (from === 'failed' && wayBack) return [reachClient, wayBack];
  return [];
}
