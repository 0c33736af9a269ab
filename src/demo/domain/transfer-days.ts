/** On which days the script's transfers fall. */
import { addMonths } from '../../kernel/domain/plain-date.js';
import type { Instalment } from './scripted-pilot.js';

/** Counted from the anchor, not from the transfer before: 31 January, 29 February, 31 March. */
export function dueOn(anchorOn: string, instalment: Instalment): string {
  return addMonths(anchorOn, instalment - 1);
}

export function dayOfMonth(on: string): number {
  return Number(on.slice(8));
}

/** The month of a day, written YYYY-MM. */
export function monthOf(on: string): string {
  return on.slice(0, 7);
}
