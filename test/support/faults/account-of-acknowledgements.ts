/** What was sent and what was acknowledged, and whether the ledger agrees with it. */
import type { EntryInput, PostResult } from '../../../src/ledger/domain/entry.js';
import type { Episode } from './stories.js';

interface Known {
  entry: EntryInput;
  mayBeRefused: boolean;
  timesCreated: number;
  latest: PostResult | undefined;
}

interface Row {
  id: string;
  content: string;
}

export class Acknowledgements {
  private readonly known = new Map<string, Known>();
  private unchecked: string[] = [];
  readonly contradictions: string[] = [];

  sent(batch: readonly Episode[]): void {
    for (const { entries, mayBeRefused } of batch) {
      for (const entry of entries) {
        if (!this.known.has(entry.id))
          this.known.set(entry.id, { entry, mayBeRefused, timesCreated: 0, latest: undefined });
      }
    }
  }

  heard(entries: readonly EntryInput[], results: readonly PostResult[]): void {
    entries.forEach((entry, place) => {
      const known = this.known.get(entry.id) as Known;
      const result = results[place] as PostResult;
      known.latest = result;
      if (result === 'created') known.timesCreated += 1;
      if (known.timesCreated > 1) this.contradictions.push(`${entry.id} was created twice`);
      const isThere = result === 'created' || result === 'exists';
      if (isThere) this.unchecked.push(entry.id);
      else if (!known.mayBeRefused || result !== 'insufficient')
        this.contradictions.push(`${entry.kind} ${entry.id} was answered with ${result}`);
    });
  }

  /** Ids that were acknowledged since this was last asked. */
  takeUnchecked(): string[] {
    const ids = this.unchecked;
    this.unchecked = [];
    return ids;
  }

  get counted(): { sent: number; there: number; refused: number } {
    const all = [...this.known.values()];
    const there = all.filter(({ latest }) => latest === 'created' || latest === 'exists').length;
    return { sent: all.length, there, refused: all.filter(({ latest }) => latest === 'insufficient').length };
  }

  /** When everything sent has been acknowledged: where the rows of the ledger differ from it. Each entry is there once, or was refused. */
  differencesFrom(rows: readonly Row[]): string[] {
    const there = new Map(rows.map((row) => [row.id, row.content]));
    const found = [...this.contradictions];
    if (there.size !== rows.length) found.push('an id is there twice');
    for (const [id, { entry, latest }] of this.known) {
      const isAcknowledged = latest === 'created' || latest === 'exists';
      if (isAcknowledged !== there.has(id))
        found.push(`${id} was answered with ${latest} and is ${there.has(id) ? '' : 'not '}there`);
      else if (isAcknowledged && there.get(id) !== contentOf(entry)) found.push(`${id} is there with another content`);
      there.delete(id);
    }
    return [...found, ...[...there.keys()].map((id) => `${id} is there and nobody sent it`)];
  }
}

/** As CONTENT_OF_ROWS has it. */
export function contentOf(entry: EntryInput): string {
  return [
    entry.debitId,
    entry.creditId,
    entry.currency,
    entry.amountMinor,
    entry.phase,
    entry.pendingId,
    entry.kind,
    entry.sourceId,
    entry.obligationId,
    entry.linkId,
    entry.exchangeRateId,
    entry.reversesId,
    entry.rail,
  ]
    .map((value) => value ?? '')
    .join(' ');
}

export const CONTENT_OF_ROWS = `
  select id, concat_ws(' ', debit_id, credit_id, currency, amount_minor, phase, coalesce(pending_id::text, ''), kind, source_id,
                       coalesce(obligation_id::text, ''), coalesce(link_id::text, ''), coalesce(exchange_rate_id::text, ''),
                       coalesce(reverses_id::text, ''), coalesce(rail, '')) as content
  from ledger.entry`;
