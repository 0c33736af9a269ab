/** Plain words for what the code calls states of vouchers, reasons and ways of acknowledging. */
import type { DifferenceReason } from '../transfers/rails/cash/till-counts.service.js';
import { msgs, t } from './languages/language.js';
import type { AcknowledgementKind, HandInReason, VoucherState } from '../transfers/rails/cash/voucher-view.js';

const STATES: Record<VoucherState, { words: string; colour: 'grey' | 'green' | 'teal' | 'blue' | 'orange' | 'red' }> =
  msgs({
    'in-till': { words: 'in the till', colour: 'grey' },
    offered: { words: 'to be taken', colour: 'blue' },
    carried: { words: 'carried', colour: 'teal' },
    'coming-back': { words: 'coming back', colour: 'orange' },
    'handed-over': { words: 'handed over, to be confirmed', colour: 'blue' },
    acknowledged: { words: 'arrived', colour: 'green' },
    'not-collected': { words: 'not collected', colour: 'red' },
    'given-back': { words: 'given back', colour: 'red' },
  });

export const HAND_IN_REASONS: Record<HandInReason, string> = msgs({
  'not-collected': 'The client did not collect it: it is owed as before',
  'carried-again': 'It is carried again later, or by somebody else',
  'made-good': 'It was lost or stolen, and the organisation replaced it from its own money',
});

export const ACKNOWLEDGEMENTS: Record<AcknowledgementKind, string> = msgs({
  'client-mark': 'The client made their mark on the paper, which stays in the office',
  witness: 'A second member of staff saw it',
  'two-staff': 'The client said so to two members of staff, because a paper could endanger them',
});

export const DIFFERENCE_REASONS: Record<DifferenceReason, string> = msgs({
  'not-fetched-from-bank': 'Not fetched from the bank yet',
  'not-taken-to-bank': 'Not collected or given back, and not taken to the bank yet',
  'not-recorded-yet': 'Moved, and not recorded here yet',
  'lacks-change': 'No change: rounded to the notes at hand',
  lost: 'Lost',
  stolen: 'Stolen',
  found: 'Found',
  'not-explained': 'Nobody can explain it',
});

export const voucherStateWords = (state: VoucherState) => STATES[state];
export const handInWords = (reason: HandInReason) => t(HAND_IN_REASONS[reason]);
export const acknowledgedWords = (kind: AcknowledgementKind) => t(ACKNOWLEDGEMENTS[kind]);
export const differenceWords = (reason: DifferenceReason) => t(DIFFERENCE_REASONS[reason]);
