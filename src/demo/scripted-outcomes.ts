/** What the script says becomes of a transfer on a day: a function of where the transfer stands, so that a rebuild can go on anywhere. */
import { addDays, type PlainDate } from '../kernel/domain/plain-date.js';
import type { NewResult } from '../transfers/results.service.js';
import type { TransferView } from '../transfers/transfers.service.js';
import type { Incident } from './domain/pilot-script.js';

type Told = Omit<NewResult, 'transfer'>;

/** What is told today about the transfer's latest attempt, or null when nothing is. Incidents happen to first attempts only. */
export function outcomeToday(transfer: TransferView, incident: Incident | undefined, today: PlainDate): Told | null {
  const attempt = transfer.attempts.at(-1);
  if (!attempt) return null;
  const happens = attempt.attemptNo === 1 ? incident : undefined;
  switch (attempt.state) {
    case 'instructed':
    case 'accepted':
      if (happens?.kind === 'fails') return { outcome: 'failed', code: happens.code, happenedOn: today };
      if (happens?.kind === 'unknown-paid' || happens?.kind === 'unknown-not-paid') return null;
      if (attempt.rail === 'cash') return { outcome: 'settled', happenedOn: today };
      // A bank says yes on the day and pays on the next one, but not across a month's end.
      if (attempt.state === 'instructed' && addDays(today, 1).slice(0, 7) === today.slice(0, 7))
        return { outcome: 'accepted', happenedOn: today };
      return attempt.state === 'instructed' || attempt.instructedOn < today
        ? { outcome: 'settled', happenedOn: today, reference: `statement ${today}` }
        : null;
    case 'unknown': {
      const isResolved =
        (happens?.kind === 'unknown-paid' || happens?.kind === 'unknown-not-paid') &&
        addDays(transfer.dueOn, happens.resolvedAfterDays) <= today;
      if (!isResolved) return null;
      return {
        outcome: happens.kind === 'unknown-paid' ? 'resolved-paid' : 'resolved-not-paid',
        happenedOn: today,
        reference: `enquiry answered ${today}`,
      };
    }
    case 'settled': {
      const settledOn = attempt.settledOn ?? today;
      if (happens?.kind === 'returns' && addDays(settledOn, happens.afterDays) <= today)
        return { outcome: 'returned', happenedOn: today, reference: `statement ${today}` };
      if (happens?.kind === 'reversed' && addDays(settledOn, happens.afterDays) <= today)
        return { outcome: 'reversed', happenedOn: today, reference: `reversal confirmed ${today}` };
      return null;
    }
    default:
      return null;
  }
}
