/** Making and reading donor reports. A report is built as database role uct_reports, which cannot reach identity, and never changes. */
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { FundEntity } from '../funds/fund.entity.js';
import { Clock } from '../kernel/clock.js';
import { contentDigest } from '../kernel/domain/canonical.js';
import {
  addDays,
  dayIn,
  parseQuarter,
  quarterEndedBefore,
  quarterOf,
  type PlainDate,
  type Quarter,
} from '../kernel/domain/plain-date.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import { currencies } from '../kernel/reference-data.js';
import { Settings } from '../kernel/settings.js';
import { needsCatalogue } from '../needs/catalogue.js';
import { differenceIsSafe, LEAST_FOR_BREAKDOWN, reasonToWithhold, rounded, roundedPart } from './domain/disclosure.js';
import {
  DonorReportEntity,
  type DonorReportContent,
  type FundStatement,
  type PeopleBlock,
} from './donor-report.entity.js';
import { reportCsv } from './report-csv.js';
import { OTHER_CURRENCIES, REACHED, STATEMENT } from './report-queries.js';

@Injectable()
export class DonorReportsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Makes the report of a fund (id or code) for a quarter that is over; asked again, the report that was made.
   * Throws `period-malformed`, `period-not-over` (422), `not-found` (404).
   */
  async make(
    actor: Actor,
    input: { fund: string; period: string },
  ): Promise<{ report: DonorReportEntity; created: boolean }> {
    requirePermission(actor, 'reports:make');
    const quarter = parseQuarter(input.period);
    if (quarter.through >= this.clock.today(this.settings.timeZone)) {
      throw Problem.refused('period-not-over', 'That quarter is not over yet.', 'period');
    }
    return this.db.transaction(async (manager) => {
      const fund = await findFund(manager, input.fund);
      await manager.query("select pg_advisory_xact_lock(hashtextextended('donor-report/' || $1::text, 0))", [fund.id]);
      const existing = await manager.findOneBy(DonorReportEntity, { fundId: fund.id, period: quarter.period });
      if (existing) return { report: existing, created: false };
      await manager.query('set local role uct_reports');
      const content = await this.write(manager, fund, quarter);
      const report = manager.create(DonorReportEntity, {
        id: this.ids.newId(),
        fundId: fund.id,
        period: quarter.period,
        madeAt: this.clock.now(),
        madeBy: actor.userId,
        content,
        digest: contentDigest(content),
      });
      await manager.insert(DonorReportEntity, report);
      await manager.query('reset role');
      await this.audit.record(
        manager,
        actor,
        'donor-report.make',
        { kind: 'donor-report', id: report.id },
        { fund: fund.code, period: quarter.period },
      );
      return { report, created: true };
    });
  }

  /**
   * Makes every report that is missing: of every fund, from its first quarter to the last one that is over, for each quarter in which its
   * money moved. How many were new.
   */
  async makeDue(actor: Actor): Promise<number> {
    requirePermission(actor, 'reports:make');
    const last = quarterEndedBefore(this.clock.today(this.settings.timeZone));
    const funds = await this.db.getRepository(FundEntity).find({ order: { code: 'ASC' } });
    let made = 0;
    for (const fund of funds) {
      const reported = new Set(
        (
          await this.db.getRepository(DonorReportEntity).find({ select: { period: true }, where: { fundId: fund.id } })
        ).map((report) => report.period),
      );
      let quarter = quarterOf(dayIn(this.settings.timeZone, fund.openedAt));
      for (; quarter.period <= last.period; quarter = quarterOf(addDays(quarter.through, 1))) {
        if (reported.has(quarter.period) || !(await this.hasMoved(fund.id, quarter))) continue;
        if ((await this.make(actor, { fund: fund.id, period: quarter.period })).created) made += 1;
      }
    }
    return made;
  }

  private async hasMoved(fundId: string, { from, through }: Quarter): Promise<boolean> {
    const rows = await this.db.query<unknown[]>(
      `select 1 from ledger.account a join ledger.entry e on e.debit_id = a.id
       where a.fund_id = $1 and e.booked_on between $2 and $3 limit 1`,
      [fundId, from, through],
    );
    return rows.length > 0;
  }

  /** One report that the actor may see. Throws `not-found` (404), also for another donor's. */
  async find(actor: Actor, id: string): Promise<DonorReportEntity> {
    const report = await this.db.getRepository(DonorReportEntity).findOneBy({ id });
    const visible = await this.visibleFunds(actor);
    if (report && (visible === 'all' || visible.includes(report.fundId))) return report;
    if (report) await this.audit.refusal(actor, { kind: 'donor-report', id }, { code: 'not-found' });
    throw Problem.notFound('report');
  }

  /** One report that the actor may see as CSV; that it was taken is recorded first. Throws `not-found` (404). */
  async csv(actor: Actor, id: string): Promise<string> {
    const { content } = await this.find(actor, id);
    const detail = { format: 'csv', audience: 'donor' };
    await this.db.transaction((manager) =>
      this.audit.record(manager, actor, 'report.export', { kind: 'donor-report', id }, detail),
    );
    return reportCsv(content);
  }

  /** The reports that the actor may see, newest quarter first. `fund`: id or code. */
  async list(
    actor: Actor,
    options: { fund?: string; period?: string; limit: number } = { limit: 100 },
  ): Promise<DonorReportEntity[]> {
    const visible = await this.visibleFunds(actor);
    const query = this.db
      .getRepository(DonorReportEntity)
      .createQueryBuilder('report')
      .innerJoin(FundEntity, 'fund', 'fund.id = report.fundId')
      .orderBy('report.period', 'DESC')
      .addOrderBy('fund.code')
      .limit(options.limit);
    if (options.fund) query.andWhere('(fund.code = :fund or fund.id::text = :fund)', { fund: options.fund });
    if (options.period) query.andWhere('report.period = :period', { period: options.period });
    if (visible !== 'all')
      query.andWhere('report.fundId in (:...visible)', {
        visible: ['00000000-0000-0000-0000-000000000000', ...visible],
      });
    return query.getMany();
  }

  /** Of which funds and quarters there are reports that the actor may see, newest quarter first: what a list can be narrowed to. */
  async choices(actor: Actor): Promise<{ funds: { code: string; name: string }[]; periods: string[] }> {
    const visible = await this.visibleFunds(actor);
    const rows = await this.db.query<{ code: string; name: string; periods: string[] }[]>(
      `select f.code, f.name, array_agg(r.period) periods from reports.donor_report r join payments.fund f on f.id = r.fund_id
       where $1::uuid[] is null or f.id = any ($1) group by f.code, f.name order by f.code`,
      [visible === 'all' ? null : visible],
    );
    const periods = new Set(rows.flatMap((row) => row.periods));
    return { funds: rows.map(({ code, name }) => ({ code, name })), periods: [...periods].sort().reverse() };
  }

  private async visibleFunds(actor: Actor): Promise<'all' | string[]> {
    if (actor.permissions.has('reports:read')) return 'all';
    requirePermission(actor, 'reports:read-own');
    const rows = await this.db.query<{ id: string }[]>(
      'select f.id from payments.fund f join payments.donor_member m on m.donor_id = f.donor_id where m.user_id = $1',
      [actor.userId],
    );
    return rows.map((row) => row.id);
  }

  private async write(manager: EntityManager, fund: FundEntity, quarter: Quarter): Promise<DonorReportContent> {
    const [donor] = await manager.query<{ name: string }[]>('select name from payments.donor where id = $1', [
      fund.donorId,
    ]);
    const otherCurrencies = await this.otherCurrencies(manager, fund, quarter);
    return {
      fund: { code: fund.code, name: fund.name, donor: donor?.name ?? '' },
      period: { name: quarter.period, from: quarter.from, through: quarter.through },
      statement: await this.statement(manager, fund, quarter),
      ...(otherCurrencies.length > 0 && { otherCurrencies }),
      people: await this.people(manager, fund, quarter),
    };
  }

  /** The fund's statement in its own currency, exact, folded from its entries by booking day. */
  private async statement(manager: EntityManager, fund: FundEntity, quarter: Quarter): Promise<FundStatement> {
    const { from, through } = quarter;
    const [sums] = await manager.query<Record<string, string>[]>(STATEMENT, [fund.id, from, through, fund.currency]);
    const minor = (name: string) => BigInt(sums?.[name] ?? '0');
    const money = (name: string) => currencies.format(minor(name), fund.currency);
    const [cameIn, wentOut] = [minor('exchanged_in'), minor('exchanged_out')];
    return {
      currency: fund.currency,
      receivedInPeriod: money('received_in_period'),
      paidInPeriod: money('paid_in_period'),
      returnedInPeriod: money('returned_in_period'),
      receivedToDate: money('received'),
      paidToDate: money('paid'),
      atBank: money('bank'),
      inTransit: money('clearing'),
      available: money('fund'),
      ...(cameIn !== 0n && {
        exchangedInInPeriod: money('exchanged_in_in_period'),
        exchangedIn: money('exchanged_in'),
      }),
      ...(wentOut !== 0n && {
        exchangedOutInPeriod: money('exchanged_out_in_period'),
        exchangedOut: money('exchanged_out'),
      }),
      ...((cameIn !== 0n || wentOut !== 0n) && {
        toAccountFor: currencies.format(minor('received') + cameIn - wentOut, fund.currency),
      }),
    };
  }

  private async otherCurrencies(
    manager: EntityManager,
    fund: FundEntity,
    { through }: Quarter,
  ): Promise<{ currency: string; atBank: string }[]> {
    const rows = await manager.query<{ currency: string; bank: string }[]>(OTHER_CURRENCIES, [
      fund.id,
      through,
      fund.currency,
    ]);
    return rows.map(({ currency, bank }) => ({ currency, atBank: currencies.format(BigInt(bank), currency) }));
  }

  private async people(manager: EntityManager, fund: FundEntity, quarter: Quarter): Promise<PeopleBlock> {
    const now = await this.contributors(manager, fund.id, quarter.through);
    const withheld = reasonToWithhold(now);
    const [last] = await manager.query<{ people: PeopleBlock }[]>(
      "select content->'people' people from reports.donor_report where fund_id = $1 and period < $2 order by period desc limit 1",
      [fund.id, quarter.period],
    );
    if (last && 'asAt' in last.people) {
      const before = await this.contributors(manager, fund.id, parseQuarter(last.people.asAt).through);
      if (withheld || !differenceIsSafe(before.clients, now.clients)) return last.people;
    }
    if (withheld) return { withheld };
    return {
      asAt: quarter.period,
      clientsReached: rounded(now.clients),
      highestPriorities:
        now.clients < LEAST_FOR_BREAKDOWN
          ? { withheld: 'fewer-than-33-clients' }
          : await this.priorities(manager, fund.id, quarter.through, now.clients),
    };
  }

  private async contributors(
    manager: EntityManager,
    fundId: string,
    through: PlainDate,
  ): Promise<{ clients: number; caseGroups: number[] }> {
    const rows = await manager.query<{ clients: number }[]>(
      `${REACHED} select count(*)::int clients from reached r join casework.client c on c.id = r.client_id group by c.case_group`,
      [fundId, through],
    );
    const caseGroups = rows.map((row) => row.clients);
    return { clients: caseGroups.reduce((sum, size) => sum + size, 0), caseGroups };
  }

  private async priorities(manager: EntityManager, fundId: string, through: PlainDate, clients: number) {
    const rows = await manager.query<{ category: string; clients: number }[]>(
      `${REACHED} select n.category, count(distinct r.client_id)::int clients
       from reached r join casework.latest_assessment a on a.client_id = r.client_id
       join casework.need_rank k on k.assessment_id = a.id and k.rank = 4 join casework.need n on n.code = k.need
       group by n.category`,
      [fundId, through],
    );
    const counts = new Map(rows.map((row) => [row.category, row.clients]));
    return needsCatalogue.categories.map(({ code, label }) => ({
      category: code,
      label,
      clients: roundedPart(counts.get(code) ?? 0, clients),
    }));
  }
}

async function findFund(manager: EntityManager, idOrCode: string): Promise<FundEntity> {
  const fund = await manager
    .createQueryBuilder(FundEntity, 'fund')
    .where('fund.code = :key or fund.id::text = :key', { key: idOrCode })
    .getOne();
  if (!fund) throw Problem.notFound('fund', 'fund');
  return fund;
}
