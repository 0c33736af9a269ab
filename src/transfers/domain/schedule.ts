/** When the three transfers are due: on the anchor day, one month after it and two months after it, always counted from the anchor. */
import { addMonths, type PlainDate } from '../../kernel/domain/plain-date.js';

export const INSTALMENTS = [1, 2, 3] as const;
export type Instalment = (typeof INSTALMENTS)[number];

/** Due day of each instalment; a month that is too short gives its last day. */
export function dueDates(anchorOn: PlainDate): { instalment: Instalment; dueOn: PlainDate }[] {
  return INSTALMENTS.map((instalment) => ({ instalment, dueOn: addMonths(anchorOn, instalment - 1) }));
}
