/** The payment list of a run: whom to pay, how much and how; what paying needs of a person and nothing of their case. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { IdentityVault, type PayeeDetails } from '../clients/identity-vault/identity-vault.js';
import type { Rail } from '../funds/rails.js';
import { RunsService } from './runs.service.js';
import { TransfersService, type TransferView } from './transfers.service.js';

export interface PaymentLine {
  transfer: string;
  client: string;
  instalment: number;
  /** It tops up the transfer of that instalment, because the minimum wage rose. */
  isTopUp: boolean;
  amount: string;
  currency: string;
  rail: Rail;
  standing: LineStanding;
  /** Of those who are to be paid, and of those of whom nobody knows whether they were. */
  payTo: PayeeDetails | null;
}

/**
 * `not-yet`: to be paid once the run is released and instructed. `to-pay`. `unknown`: nobody knows whether it arrived, so it is not paid again.
 * `may-not-be-paid`: consent was withdrawn since, a guardian is missing, or the client is erased. `paid`, `did-not-arrive`: by this run.
 * `by-file`, `by-operator`, `by-voucher`: sent by the service, or handed out in the envelope of a voucher, so nobody pays it from this list, and whom
 * it goes to is not shown. `unreadable`: whom it goes to cannot be read at the moment. `stopped`: not to be paid, by the client's wish or for safety. `left-run`: held, sent back or put into another run.
 */
export type LineStanding =
  | 'not-yet'
  | 'to-pay'
  | 'by-file'
  | 'by-operator'
  | 'by-voucher'
  | 'stopped'
  | 'unreadable'
  | 'unknown'
  | 'may-not-be-paid'
  | 'paid'
  | 'did-not-arrive'
  | 'left-run';

@Injectable()
export class PaymentListService {
  constructor(
    private readonly db: DataSource,
    private readonly runs: RunsService,
    private readonly transfers: TransfersService,
    private readonly vault: IdentityVault,
  ) {}

  /**
   * A page of the list, in order of due day; reading a person's payee is recorded for each. `after` is the `next` of the page before.
   * Throws `not-found` (404), `cursor-malformed` (400).
   */
  async ofRun(
    actor: Actor,
    runId: string,
    page: { after?: string; limit: number },
  ): Promise<{ items: PaymentLine[]; next: string | null }> {
    requirePermission(actor, 'payees:read');
    await this.runs.find(actor, runId);
    const { items, next } = await this.transfers.list(actor, { ...page, run: runId });
    const vouched = await this.transfersWithVoucher(runId, items);
    const byHand = items.filter((item) => !paidElsewhere(runId, item, vouched));
    const payees = await this.vault.payees(
      actor,
      runId,
      byHand.map(({ id }) => id),
    );
    return {
      items: items.map((item) => {
        const payee = payees.get(item.id) ?? null;
        const payTo = typeof payee === 'string' ? null : payee;
        const standing = standingIn(runId, item, payee !== null, vouched);
        return {
          transfer: item.id,
          client: item.client,
          instalment: item.instalment,
          isTopUp: item.topsUp !== null,
          amount: item.amount,
          currency: item.currency,
          rail: item.rail,
          standing: typeof payee === 'string' && standing === 'to-pay' ? 'unreadable' : standing,
          payTo,
        };
      }),
      next,
    };
  }

  /** Of these transfers, those for which a voucher of that run stands: whoever hands out its envelope opens whose it is. */
  private async transfersWithVoucher(runId: string, transfers: readonly TransferView[]): Promise<ReadonlySet<string>> {
    const rows = await this.db.query<{ obligation_id: string }[]>(
      `select a.obligation_id from payments.voucher v join payments.attempt a on a.id = v.attempt_id
       where a.run_id = $1 and a.obligation_id = any ($2)`,
      [runId, transfers.map(({ id }) => id)],
    );
    return new Set(rows.map((row) => row.obligation_id));
  }
}

/** How it is paid without this list, once it is instructed: a file for the bank, an operator, or the envelope of a voucher. */
function paidElsewhere(runId: string, transfer: TransferView, vouched: ReadonlySet<string>): LineStanding | null {
  const attempt = transfer.attempts.find(({ run }) => run === runId);
  if (vouched.has(transfer.id)) return 'by-voucher';
  return attempt ? (BY_SERVICE[attempt.rail] ?? null) : null;
}

const BY_SERVICE: Partial<Record<Rail, LineStanding>> = { 'bank-file': 'by-file', 'mobile-money': 'by-operator' };

function standingIn(
  runId: string,
  transfer: TransferView,
  isOpened: boolean,
  vouched: ReadonlySet<string>,
): LineStanding {
  const attempt = transfer.attempts.find(({ run }) => run === runId);
  if (attempt?.state === 'settled') return 'paid';
  if (attempt && ['failed', 'returned', 'reversed'].includes(attempt.state)) return 'did-not-arrive';
  if (transfer.stopReason) return 'stopped';
  const elsewhere = paidElsewhere(runId, transfer, vouched);
  if (attempt?.state === 'unknown' && (isOpened || elsewhere)) return 'unknown';
  if (elsewhere) return elsewhere;
  if (isOpened) return attempt ? 'to-pay' : 'not-yet';
  return transfer.run === runId ? 'may-not-be-paid' : 'left-run';
}
