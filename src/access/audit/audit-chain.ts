/** Gives the events of the audit trail their places in its chain, after their commit, and tells where the chain stands. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CHAIN_START, type Head } from './domain/audit-chain.js';

/** Events a transaction; each takes some ten microseconds. */
const BATCH = 5_000;

@Injectable()
export class AuditChain {
  constructor(private readonly db: DataSource) {}

  /** Chains whatever is committed by now; how many events that were. What was chained stays so when this is cut off. */
  async chainAll(): Promise<number> {
    let all = 0;
    for (;;) {
      const batch = await this.chainSome();
      all += batch;
      if (batch < BATCH) return all;
    }
  }

  /** Chains a batch, which is all that waits unless very much does. */
  async chainSome(): Promise<number> {
    const [row] = await this.db.query<{ chained: number }[]>('select access.chain_audit_events($1) chained', [BATCH]);
    return row?.chained ?? 0;
  }

  async head(manager: EntityManager = this.db.manager): Promise<Head> {
    const [row] = await manager.query<{ no: string; chain: Buffer }[]>(
      'select no, chain_sha256 chain from access.audit_link order by no desc limit 1',
    );
    return row ? { no: Number(row.no), chain: row.chain } : { no: 0, chain: CHAIN_START };
  }
}
