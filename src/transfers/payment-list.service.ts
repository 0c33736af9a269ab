/** The payment list of a run: whom to pay, how much and how; what paying needs of a person and nothing of their case. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { IdentityVault, type PayeeDetails } from '../clients/identity-vault/identity-vault.js';
import type { Rail } from '../funds/rails.js';
import { RunsService } from './runs.service.js';
import { TransfersService } from './transfers.service.js';

export interface PaymentLine {
  transfer: string;
  client: string;
  instalment: number;
  amount: string;
  currency: string;
  rail: Rail;
  /** Null when the transfer has left the run, or who the client is was erased. */
  payTo: PayeeDetails | null;
}

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
    const payees = await this.db.transaction((manager) =>
      this.vault.payees(
        manager,
        actor,
        items.map(({ id }) => id),
      ),
    );
    return {
      items: items.map((item) => ({
        transfer: item.id,
        client: item.client,
        instalment: item.instalment,
        amount: item.amount,
        currency: item.currency,
        rail: item.rail,
        payTo: payees.get(item.id) ?? null,
      })),
      next,
    };
  }
}
