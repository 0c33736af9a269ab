/**
 * Verifies the whole ledger from its rows: every entry against the log, the tree against every checkpoint, balances and floors against the
 * entries, seals against what they seal. Two streams over one snapshot; memory does not grow with the ledger.
 */
import { Injectable } from '@nestjs/common';
import type pg from 'pg';
import { DataSource, type QueryRunner } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import { Settings } from '../../kernel/settings.js';
import { Ids } from '../../kernel/ids.js';
import { ENTRY_COLUMNS, ENTRY_SESSION } from '../transparency-log/domain/entry-row.js';
import { Witnesses } from '../transparency-log/witnesses.service.js';
import type { Findings } from './domain/findings.js';
import { EntryStream } from './entry-stream.js';
import { ReadingFailed } from './rows.js';
import { Verifying, type VerifyOptions } from './verifying.js';

@Injectable()
export class VerificationService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly settings: Settings,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly witnesses: Witnesses,
  ) {}

  /** Verifies and keeps what was found. Needs `books:read`. */
  async run(actor: Actor, options: VerifyOptions = {}): Promise<Findings> {
    requirePermission(actor, 'books:read');
    const startedAt = this.clock.now();
    const findings = await this.verify(options);
    await this.db.transaction(async (manager) => {
      const id = this.ids.newId();
      await manager.query(
        'insert into ledger.verification (id, requested_by, started_at, finished_at, holds, findings) values ($1, $2, $3, $4, $5, $6)',
        [id, actor.userId, startedAt, this.clock.now(), findings.holds, JSON.stringify(findings)],
      );
      await this.audit.record(manager, actor, 'ledger.verify', { kind: 'verification', id }, { holds: findings.holds });
    });
    return findings;
  }

  /** The newest verification that was kept, or null. */
  async latest(actor: Actor): Promise<{ finishedAt: Date; findings: Findings } | null> {
    requirePermission(actor, 'books:read');
    const [row] = await this.db.query<{ finished_at: Date; findings: Findings }[]>(
      'select finished_at, findings from ledger.verification order by finished_at desc, id desc limit 1',
    );
    return row ? { finishedAt: row.finished_at, findings: row.findings } : null;
  }

  private async verify(options: VerifyOptions): Promise<Findings> {
    const [entries, leaves] = [this.db.createQueryRunner(), this.db.createQueryRunner()];
    const clients: pg.Client[] = [];
    try {
      for (const runner of [entries, leaves]) clients.push((await runner.connect()) as pg.Client);
      const [entriesClient, leavesClient] = clients as [pg.Client, pg.Client];
      await shareSnapshot(entries, leaves);
      const stream = new EntryStream(entriesClient, `select ${ENTRY_COLUMNS} from ledger.entry e order by e.seq`);
      const hours = { now: this.clock.now(), everyHours: this.settings.log.everyHours ?? 24 };
      const findings = await new Verifying(stream, leavesClient, this.witnesses.keys, hours).run(options);
      if (stream.hasEnded) for (const runner of [entries, leaves]) await runner.rollbackTransaction();
      // A COPY that nobody reads to its end would hold up whatever is asked next, so the connections are given up.
      else giveUp(clients);
      return findings;
    } catch (error) {
      giveUp(clients);
      throw error instanceof ReadingFailed ? error.cause : error;
    } finally {
      for (const runner of [entries, leaves]) await runner.release();
    }
  }
}

/** Ends the connections whatever they are at; the pool makes new ones. */
function giveUp(clients: readonly pg.Client[]): void {
  for (const client of clients) client.end().catch(() => undefined);
}

/** Begins two transactions that see the same. */
async function shareSnapshot(first: QueryRunner, second: QueryRunner): Promise<void> {
  await first.startTransaction('REPEATABLE READ');
  await first.query(ENTRY_SESSION);
  const [exported] = (await first.query('select pg_export_snapshot() id')) as { id: string }[];
  await second.startTransaction('REPEATABLE READ');
  await second.query(`set transaction snapshot '${exported?.id}'`);
}
