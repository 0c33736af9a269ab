/** What waits for somebody when they sign in: by what they may do, not by what their role is called. */
import { Injectable } from '@nestjs/common';
import type { Actor } from '../access/domain/actor.js';
import { DuplicatesService } from '../clients/matching/duplicates.service.js';
import { EmergenciesService } from '../clients/emergencies.service.js';
import { DonorReportsService } from '../donor-reports/donor-reports.service.js';
import { FundsService } from '../funds/funds.service.js';
import { currencies } from '../kernel/reference-data.js';
import { BooksService } from '../ledger/books.service.js';
import { EnrolmentsService } from '../transfers/enrolments.service.js';
import { NotArrivedService } from '../transfers/not-arrived.service.js';
import { ReversalsService } from '../transfers/rails/mobile-money/reversals.service.js';
import type { Run, RunState } from '../transfers/run-view.js';
import { RunsService } from '../transfers/runs.service.js';
import { ToldResultsService } from '../transfers/told-results.service.js';
import { TransfersService } from '../transfers/transfers.service.js';
import { UnknownPaymentsService } from '../transfers/unknown-payments.service.js';
import { UnreadablePayeesService } from '../transfers/unreadable-payees.service.js';
import { EnrolmentChangesService } from '../transfers/value/enrolment-changes.service.js';
import { ValueAlertsService } from '../transfers/value/value-alerts.service.js';
import { CaseloadService } from './caseload/caseload.service.js';
import { fundOverviews } from './fund-overview.js';
import { maySign, totalsByCurrency } from './run-signing.js';
import { statesInOrder } from './wording.js';

const SHOWN_AT_ONCE = 10;

/** Proven not to have reached the client, or not known yet: somebody has to do something about these. */
const STATES_TO_ATTEND = ['unknown', 'failed', 'returned', 'reversed'] as const;

@Injectable()
export class StartPage {
  constructor(
    private readonly runs: RunsService,
    private readonly transfers: TransfersService,
    private readonly funds: FundsService,
    private readonly books: BooksService,
    private readonly enrolments: EnrolmentsService,
    private readonly caseload: CaseloadService,
    private readonly duplicates: DuplicatesService,
    private readonly emergencies: EmergenciesService,
    private readonly reports: DonorReportsService,
    private readonly told: ToldResultsService,
    private readonly unknown: UnknownPaymentsService,
    private readonly unreadable: UnreadablePayeesService,
    private readonly reversals: ReversalsService,
    private readonly notArrived: NotArrivedService,
    private readonly valueAlerts: ValueAlertsService,
    private readonly enrolmentChanges: EnrolmentChangesService,
  ) {}

  async for(actor: Actor) {
    const may = (permission: Parameters<Actor['permissions']['has']>[0]) => actor.permissions.has(permission);
    return {
      runs: may('runs:read') ? await this.waitingRuns(actor) : null,
      transfers: may('transfers:read') ? await this.transferCounts(actor) : null,
      toConfirm: may('results:record')
        ? (await this.told.waiting(actor)).filter((one) => one.toldByUserId !== actor.userId).length
        : 0,
      toTakeBack: may('results:record') ? await this.reversals.waiting(actor) : 0,
      unknownAlerts: may('transfers:read') ? (await this.unknown.list(actor)).filter((one) => one.isAlert).length : 0,
      unreadable: may('transfers:read') ? (await this.unreadable.list(actor)).length : 0,
      valueAlerts: may('transfers:read') ? await this.valueAlerts.list(actor) : [],
      enrolmentChanges: may('enrolments:approve') ? await this.enrolmentChanges.waiting(actor) : [],
      funds: may('funds:read') ? (await this.funds.list(actor)).flatMap(fundOverviews) : null,
      enrolments: may('enrolments:approve') ? await this.waitingEnrolments(actor) : null,
      duplicates: may('duplicates:decide') ? { count: await this.duplicates.waiting(actor) } : null,
      caseload: may('clients:read') ? await this.attention(actor) : null,
      emergencies: may('clients:read-team') ? await this.emergencies.waiting(actor) : 0,
      ownReports: may('reports:read-own') ? await this.reports.list(actor, { limit: SHOWN_AT_ONCE }) : null,
      books: may('audit:read') && may('books:read') ? await this.books.trialBalance(actor) : null,
      managesUsers: may('users:manage'),
    };
  }

  private async waitingRuns(actor: Actor) {
    const waiting = async (state: RunState) => {
      const { items, next } = await this.runs.list(actor, { state, limit: SHOWN_AT_ONCE });
      return { items: items.map((run) => forActor(actor, run)), isMore: next !== null };
    };
    return { toApprove: await waiting('prepared'), toRelease: await waiting('approved') };
  }

  private async waitingEnrolments(actor: Actor) {
    const waiting = await this.enrolments.waiting(actor);
    return waiting.map((enrolment) => ({
      ...enrolment,
      amount: currencies.format(enrolment.amountMinor, enrolment.currency),
    }));
  }

  private async transferCounts(actor: Actor) {
    const counts = await this.transfers.countByState(actor);
    const withCount = (state: string) => ({ state, count: counts[state] ?? 0 });
    return {
      toAttend: STATES_TO_ATTEND.map(withCount),
      byState: statesInOrder.map(withCount).filter(({ count }) => count > 0),
      notArrived: await this.notArrived.count(actor),
      all: Object.values(counts).reduce((sum, count) => sum + count, 0),
    };
  }

  private async attention(actor: Actor) {
    const { items } = await this.caseload.page(actor, { limit: SHOWN_AT_ONCE });
    return {
      isTeam: actor.permissions.has('clients:read-team'),
      isEmpty: items.length === 0,
      items: items.filter(({ attention }) => attention.length > 0),
    };
  }
}

const forActor = (actor: Actor, run: Run) => ({ ...run, sums: totalsByCurrency(run), isForMe: maySign(actor, run) });
