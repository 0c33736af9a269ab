/** What a transfer is to the client: only what is certain is said of it. */
import type { TransferView } from '../transfers/transfers.service.js';
import { msgs, t } from './languages/language.js';
import { dayText, holdWords, transferState } from './wording.js';

/** Named where it is not a bank's. */
const PAID_BY: Record<string, string> = msgs({
  cash: 'Paid on {day}, in cash.',
  'mobile-money': 'Paid on {day}, by mobile money.',
});

const DID_NOT_ARRIVE: readonly string[] = ['failed', 'returned', 'reversed'];
const ON_ITS_WAY: readonly string[] = ['instructed', 'accepted', 'unknown'];

/** `mayBePaid`: whether the client may be paid by the transfer's rail at this moment. */
export function transferWords(transfer: TransferView, mayBePaid: boolean): string {
  const { state, stopReason, unreadable } = transfer;
  const due = { day: dayText(transfer.dueOn) };
  const held = stopReason ? { reason: holdWords(stopReason) } : null;
  if (state === 'settled') return paidWords(transfer);
  if (state === 'planned') return t('Proposed for {day}. Not approved yet, so nothing can be promised.', due);
  if (state === 'scheduled') return scheduledWords(transfer, mayBePaid);
  if (state === 'on_hold')
    return t('Due on {day}, and on hold because {reason}. It stays owed.', {
      ...due,
      reason: holdWords(transfer.holdReason ?? ''),
    });
  if (state === 'in_run' || state === 'approved') return t('Due on {day}. Being made ready.', due);
  if (held && ON_ITS_WAY.includes(state))
    return t(
      'To be stopped, because {reason}, if it has not left yet. It stays owed until it is known that it arrived.',
      held,
    );
  if (unreadable === 'does-not-open')
    return t(
      'Not sent yet: what is on record of who they are was damaged. Record it anew under “Who they are”. It stays owed.',
    );
  if (unreadable === 'recorded-anew')
    return t('Not sent yet. Who they are was recorded anew, and finance pays it by that. It stays owed.');
  if (unreadable) return t('Not sent yet: what is on record of who they are could not be read. It stays owed.');
  if (state === 'instructed' || state === 'accepted') return t('On its way, due on {day}.', due);
  if (state === 'unknown') return t('It is being checked whether it arrived. It stays owed until that is known.');
  if (DID_NOT_ARRIVE.includes(state))
    return held
      ? t('Did not arrive. It is paid again only once the hold is ended: {reason}. It is still owed.', held)
      : t('Did not arrive. It is still owed.');
  return t(transferState(state).words);
}

function paidWords({ rail, settledOn }: TransferView): string {
  const [day, by] = [dayText(settledOn), PAID_BY[rail]];
  return by ? t(by, { day }) : t('Paid on {day}, by bank transfer.', { day });
}

function scheduledWords({ attempts, dueOn }: TransferView, mayBePaid: boolean): string {
  if (attempts.length > 0) return t('Did not arrive. It is still owed and will be paid again.');
  const day = dayText(dueOn);
  if (mayBePaid) return t('Due on {day}.', { day });
  return t(
    'Was due on {day} and is not paid, because there is no consent to it or no guardian on record. It stays owed.',
    { day },
  );
}
