/**
 * Verifies the audit trail from its rows: every event against its link, every link against the one before, the heads that were kept, and that
 * no event is without a place. Read piece by piece from one snapshot; memory does not grow with the trail.
 */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Clock } from '../../kernel/clock.js';
import { Ids } from '../../kernel/ids.js';
import { AuditTrail } from '../audit-trail.js';
import { requirePermission, type Actor } from '../domain/actor.js';
import { AuditChain } from './audit-chain.js';
import { headText, parseHead, type EventTexts, type Head } from './domain/audit-chain.js';
import { AuditFold, type AuditFindings } from './domain/audit-findings.js';

export interface AuditVerifyOptions {
  /** Heads that were noted elsewhere. */
  kept?: readonly Head[];
  onProgress?: (done: number, of: number) => void;
}

/** Links read at once. */
const PIECE = 2_000;

@Injectable()
export class AuditVerification {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly chain: AuditChain,
  ) {}

  /** Chains what waits, verifies all, and keeps what was found. Needs `audit:read`. */
  async run(actor: Actor, options: AuditVerifyOptions = {}): Promise<AuditFindings> {
    requirePermission(actor, 'audit:read');
    const startedAt = this.clock.now();
    await this.chain.chainAll();
    const findings = await this.db.transaction('REPEATABLE READ', (manager) => this.verify(manager, options));
    await this.db.transaction(async (manager) => {
      const id = this.ids.newId();
      await manager.query(
        `insert into access.audit_verification (id, requested_by, started_at, finished_at, head, holds, findings)
         values ($1, $2, $3, $4, $5, $6, $7)`,
        [id, actor.userId, startedAt, this.clock.now(), findings.head, findings.holds, JSON.stringify(findings)],
      );
      const { holds, head } = findings;
      await this.audit.record(manager, actor, 'audit.verify', { kind: 'audit-verification', id }, { holds, head });
    });
    return findings;
  }

  /** The newest verification that was kept, or null. */
  async latest(actor: Actor): Promise<{ finishedAt: Date; findings: AuditFindings } | null> {
    requirePermission(actor, 'audit:read');
    const [row] = await this.db.query<{ finished_at: Date; findings: AuditFindings }[]>(
      'select finished_at, findings from access.audit_verification order by finished_at desc limit 1',
    );
    return row ? { finishedAt: row.finished_at, findings: row.findings } : null;
  }

  private async verify(
    manager: EntityManager,
    { kept = [], onProgress = () => undefined }: AuditVerifyOptions,
  ): Promise<AuditFindings> {
    const head = await this.chain.head(manager);
    const seenBefore = await manager.query<{ head: string }[]>(
      'select distinct head from access.audit_verification where holds',
    );
    const fold = new AuditFold([...kept, ...seenBefore.map((row) => parseHead(row.head))]);
    for (let after = 0; ;) {
      const piece = await manager.query<LinkRow[]>(LINKS, [after, PIECE]);
      for (const { no, event_id: eventId, leaf_sha256: leaf, chain_sha256: chain, ...columns } of piece) {
        const event = columns.id === null ? null : columns;
        fold.link({ no: Number(no), eventId, leaf, chain, event });
      }
      if (piece.length < PIECE) break;
      after = Number(piece.at(-1)?.no);
      onProgress(after, head.no);
    }
    for (const { id, seq } of await manager.query<{ id: string; seq: string }[]>(NEVER_CHAINED))
      fold.fault(Number(seq), id, 'the event has no place in the chain: it was put in past the trail');
    for (const { id, seq } of await manager.query<{ id: string; seq: string }[]>(GONE_BEFORE))
      fold.fault(Number(seq), id, 'the event was removed before it had its place in the chain');
    return fold.findings(headText(head));
  }
}

type LinkRow = { no: string; event_id: string; leaf_sha256: Buffer; chain_sha256: Buffer } & EventTexts;

/** $1 the last number read, $2 how many: links with their events as texts that no setting of the session changes. */
const LINKS = `
  select l.no, l.event_id, l.leaf_sha256, l.chain_sha256, e.id::text id, e.seq::text seq, extract(epoch from e.at)::text at,
         e.actor_id::text actor_id, e.act, e.subject_kind, e.subject_id, e.request_id, e.detail::text detail
  from access.audit_link l left join access.audit_event e on e.id = l.event_id
  where l.no > $1 order by l.no limit $2`;

const MOST_TOLD = 1_000;

/** Events that neither have a link nor wait for one. */
const NEVER_CHAINED = `
  select e.id, e.seq from access.audit_event e
  where not exists (select from access.audit_link l where l.event_id = e.id)
    and not exists (select from access.audit_unchained u where u.event_id = e.id)
  order by e.seq limit ${MOST_TOLD}`;

/** Noted by the trigger when they were written, and not there any more. */
const GONE_BEFORE = `
  select u.event_id id, u.seq from access.audit_unchained u
  where not exists (select from access.audit_event e where e.id = u.event_id) order by u.seq limit ${MOST_TOLD}`;
