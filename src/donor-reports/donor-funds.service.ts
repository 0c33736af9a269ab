/** A donor's own funds, as they stood at the end of the last quarter that was reported: a donor sees no day of a payment, and so no newer sums. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { parseQuarter, type PlainDate } from '../kernel/domain/plain-date.js';
import { currencies } from '../kernel/reference-data.js';
import type { DonorReportContent } from './donor-report.entity.js';
import { standingOf, type FundStanding } from './fund-standing.js';

export interface DonorFund {
  code: string;
  name: string;
  donor: string;
  currency: string;
  /** How many reports of it there are. */
  reports: number;
  /** Null before the first report. */
  latest: { id: string; through: PlainDate; content: DonorReportContent; standing: FundStanding } | null;
}

interface FundRow {
  id: string;
  code: string;
  name: string;
  donor: string;
  currency: string;
  reports: number;
  latest_id: string | null;
  period: string;
  content: DonorReportContent;
}

@Injectable()
export class DonorFundsService {
  constructor(private readonly db: DataSource) {}

  /** Funds of the donors for whom the actor reads, by code. Of nobody else's, whatever else the actor may read. */
  async list(actor: Actor): Promise<DonorFund[]> {
    requirePermission(actor, 'reports:read-own');
    const rows = await this.db.query<FundRow[]>(OWN_FUNDS, [actor.userId]);
    const funds: DonorFund[] = [];
    for (const { id, latest_id, period, content, ...fund } of rows) {
      const { code, name, donor, currency, reports } = fund;
      const latest = latest_id ? await this.latest(id, latest_id, period, content) : null;
      funds.push({ code, name, donor, currency, reports, latest });
    }
    return funds;
  }

  private async latest(fundId: string, id: string, period: string, content: DonorReportContent) {
    const { through } = parseQuarter(period);
    const { statement } = content;
    const leftOver = statement.exchangedIn ? await this.leftOver(fundId, statement.currency, through) : 0n;
    return { id, through, content, standing: standingOf(statement, leftOver, currencies) };
  }

  /** What the rounding of exchanges into a currency had left over by the end of a day, in minor units. */
  private async leftOver(fundId: string, currency: string, through: PlainDate): Promise<bigint> {
    const [row] = await this.db.query<{ minor: string }[]>(LEFT_OVER, [fundId, currency, through]);
    return BigInt(row?.minor ?? '0');
  }
}

/** $1 user. */
const OWN_FUNDS = `
  select f.id, f.code, f.name, d.name donor, f.currency, last.id latest_id, last.period, last.content,
         (select count(*)::int from reports.donor_report r where r.fund_id = f.id) reports
  from payments.donor_member m join payments.donor d on d.id = m.donor_id join payments.fund f on f.donor_id = d.id
  left join lateral (select r.id, r.period, r.content from reports.donor_report r where r.fund_id = f.id order by r.period desc limit 1) last on true
  where m.user_id = $1 order by f.code`;

/** $1 fund, $2 currency, $3 last day. */
const LEFT_OVER = `
  select coalesce(sum(case when e.credit_id = a.id then e.amount_minor else -e.amount_minor end), 0)::text minor
  from ledger.account a join ledger.entry e on a.id in (e.debit_id, e.credit_id)
  where a.fund_id = $1 and a.currency = $2 and a.kind = 'exchange' and e.booked_on <= $3 and e.phase in ('single', 'post')`;
