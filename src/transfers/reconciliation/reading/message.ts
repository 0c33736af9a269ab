/** What the readers of single messages have in common: they take records one by one and answer with the lines of the report. */
import type { BalanceItem, EntryItem, ReportLine, StatusItem, UnreadableItem } from '../domain/report-items.js';
import type { RecordEvent } from './xml-records.js';

export interface MessageReader {
  read(event: RecordEvent): ReportLine[];
}

/** Of a lot or an entry, besides the payments in it. */
export const MOST_FIELDS = 100;

type Unplaced<Item> = Omit<Item, 'place' | 'line'>;

export type LineBody = Unplaced<StatusItem> | Unplaced<EntryItem> | Unplaced<BalanceItem> | Unplaced<UnreadableItem>;

export function addPlace(body: LineBody, place: number, line: number): ReportLine {
  return { ...body, place, line };
}
