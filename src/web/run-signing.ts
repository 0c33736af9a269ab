/** Who may sign a run next, and what it comes to. The service decides again when it is signed; this only spares a person a refusal. */
import type { Actor } from '../access/domain/actor.js';
import { currencies } from '../kernel/reference-data.js';
import type { Run } from '../transfers/run-view.js';
import { t } from './languages/language.js';
import { countText } from './wording.js';

export interface SigningChoices {
  approve: boolean;
  /** Though it has the approvals that it was said to need: where whoever struck a rate out signs, it needs what it needed before. */
  approveToo: boolean;
  release: boolean;
  sendBack: boolean;
  /** Why somebody whose role could sign cannot sign this run; null when that is not so. */
  hindrance: string | null;
}

export function signingChoices(actor: Actor, run: Run): SigningChoices {
  const isOpen = run.state === 'prepared' || run.state === 'approved';
  const left = run.count - (run.progress['in_run'] ?? 0) - (run.progress['approved'] ?? 0);
  if (isOpen && left > 0) {
    return {
      approve: false,
      approveToo: false,
      release: false,
      sendBack: actor.permissions.has('runs:send-back'),
      hindrance: leftRunWords(left, run.count),
    };
  }
  const couldApprove = run.state === 'prepared' && actor.permissions.has('runs:approve');
  const couldRelease = run.state === 'approved' && actor.permissions.has('runs:release');
  const own = run.signatures.find(({ userId }) => userId === actor.userId);
  return {
    approve: couldApprove && !own,
    approveToo: run.state === 'approved' && actor.permissions.has('runs:approve') && !couldRelease && !own,
    release: couldRelease && !own,
    sendBack: isOpen && actor.permissions.has('runs:send-back'),
    hindrance:
      own && (couldApprove || couldRelease)
        ? t(
            own.act === 'prepare'
              ? 'You prepared this run, so somebody else signs it next.'
              : 'You approved this run, so somebody else signs it next.',
          )
        : null,
  };
}

function leftRunWords(left: number, count: number): string {
  return t(
    '{n} of its {count} transfers left this run, so it cannot be signed any more. Send it back: the others are then due as before and come in another run.',
    { n: countText(left), count: countText(count) },
  );
}

export function maySign(actor: Actor, run: Run): boolean {
  const { approve, release } = signingChoices(actor, run);
  return approve || release;
}

/** What a run comes to in each currency, as decimal strings in major units. */
export function totalsByCurrency({
  totals,
}: Pick<Run, 'totals'>): { currency: string; count: number; amount: string }[] {
  const sums = new Map<string, { count: number; amountMinor: bigint }>();
  for (const { currency, count, amount } of totals) {
    const sum = sums.get(currency) ?? { count: 0, amountMinor: 0n };
    // A decimal string with all its decimals is the minor units with a point in between.
    sums.set(currency, { count: sum.count + count, amountMinor: sum.amountMinor + BigInt(amount.replace('.', '')) });
  }
  return [...sums].map(([currency, { count, amountMinor }]) => ({
    currency,
    count,
    amount: currencies.format(amountMinor, currency),
  }));
}
