/** How the ledger stands at this moment, for those who watch over the service. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../kernel/clock.js';

export interface Health {
  /** Of the last verification; null when there was none. */
  holds: boolean | null;
  verifiedAt: Date | null;
  checkpointAt: Date | null;
  /** Of the last checkpoint; null when there is none. */
  cosignatures: number | null;
  /** Age of the oldest entry that is not in the log; 0 when all are. */
  oldestWaitingSeconds: number;
}

@Injectable()
export class LedgerHealth {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
  ) {}

  async now(): Promise<Health> {
    const [row] =
      await this.db.query<(Omit<Health, 'oldestWaitingSeconds'> & { oldestWaiting: Date | null })[]>(HEALTH);
    if (!row) throw new Error('the database did not answer');
    const { oldestWaiting, ...health } = row;
    const waitedMs = oldestWaiting ? this.clock.now().getTime() - oldestWaiting.getTime() : 0;
    return { ...health, oldestWaitingSeconds: Math.max(0, Math.round(waitedMs / 1000)) };
  }
}

const HEALTH = `
  select v.holds, v.finished_at "verifiedAt", c.made_at "checkpointAt",
         (select count(*)::int from ledger.cosignature s where s.size = c.size) cosignatures,
         (select min(e.recorded_at) from ledger.entry e
          where e.seq > (select coalesce(max(seq_finished), 0) from ledger.epoch) and not exists (select from ledger.leaf l where l.entry_seq = e.seq)
         ) "oldestWaiting"
  from (select) one
  left join (select holds, finished_at from ledger.verification order by finished_at desc, id desc limit 1) v on true
  left join (select size, made_at from ledger.checkpoint order by size desc limit 1) c on true`;
