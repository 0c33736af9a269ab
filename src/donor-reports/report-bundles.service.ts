/** The verification bundle of a report: for the donor the seal of the quarter, for an auditor every entry as well. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { parseQuarter } from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { BundlesService, type Audience } from '../ledger/transparency-log/bundles.service.js';
import type { DonorReportEntity } from './donor-report.entity.js';
import { DonorReportsService } from './donor-reports.service.js';
import { proofIn, type ReportProof } from './report-proof.js';

@Injectable()
export class ReportBundlesService {
  constructor(
    private readonly db: DataSource,
    private readonly audit: AuditTrail,
    private readonly reports: DonorReportsService,
    private readonly bundles: BundlesService,
  ) {}

  /**
   * The bundle in parts, and a name for its file. Whoever may see the report may have its donor's bundle; an auditor's needs `audit:read`.
   * Throws `not-found` (404), `forbidden` (403), `not-sealed-yet` (409).
   */
  async open(
    actor: Actor,
    reportId: string,
    audience: Audience,
  ): Promise<{ fileName: string; parts: AsyncIterable<string> }> {
    if (audience === 'auditor') requirePermission(actor, 'audit:read');
    const { fundId, content, period } = await this.reports.find(actor, reportId);
    const parts = this.bundles.write({ id: fundId, ...content.fund }, parseQuarter(period), audience);
    const first = await parts.next(); // what is wrong is known before anything is sent; no connection is held meanwhile
    await this.db.transaction((manager) =>
      this.audit.record(
        manager,
        actor,
        'report.export',
        { kind: 'donor-report', id: reportId },
        { format: 'bundle', audience },
      ),
    );
    const name = audience === 'auditor' ? 'auditor-bundle' : 'bundle';
    return { fileName: `${content.fund.code}-${period}-${name}.json`, parts: continued(first, parts) };
  }

  /** A report, and what its donor's bundle says of it in the log; null before its quarter is sealed. Throws `not-found` (404). */
  async proof(actor: Actor, reportId: string): Promise<{ report: DonorReportEntity; proof: ReportProof | null }> {
    const report = await this.reports.find(actor, reportId);
    const { fundId, content, period } = report;
    const parts: string[] = [];
    try {
      for await (const part of this.bundles.write({ id: fundId, ...content.fund }, parseQuarter(period), 'donor'))
        parts.push(part);
    } catch (error) {
      if (error instanceof Problem && error.code === 'not-sealed-yet') return { report, proof: null };
      throw error;
    }
    return { report, proof: await proofIn(parts.join('')) };
  }
}

async function* continued(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (!first.done) yield first.value;
  yield* rest;
}
