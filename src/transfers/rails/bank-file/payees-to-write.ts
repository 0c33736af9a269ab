/** Whom the payments of a bank's file go to, opened from the vault a few thousand at a time; each reading is recorded. */
import { Injectable } from '@nestjs/common';
import type { Actor } from '../../../access/domain/actor.js';
import type { Unreadable } from '../../../clients/identity-vault/data-keys.js';
import { IdentityVault } from '../../../clients/identity-vault/identity-vault.js';
import { INSTALMENTS } from '../../domain/schedule.js';
import { creditorOf, type LeftOutReason } from './domain/creditor.js';
import { remittanceOf, uetrOf, type Payment } from './domain/payment.js';

/** Small enough that memory stays flat, and no transaction is long. */
export const OPENED_AT_ONCE = 2_048;

export interface PaymentRow {
  attempt_id: string;
  transfer_id: string;
  correlation_id: string;
  instalment: number;
  amount_minor: string;
}

/** A payment as it stands in a file, or why it cannot, or cannot yet. */
export type Opened<Row> = { row: Row } & (
  { payment: Payment } | { reason: LeftOutReason } | { unreadable: Unreadable }
);

@Injectable()
export class PayeesToWrite {
  constructor(private readonly vault: IdentityVault) {}

  /** One for each row, in their order. Throws `keys-unavailable` (503). */
  async *open<Row extends PaymentRow>(
    actor: Actor,
    runId: string,
    chunks: AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>,
  ): AsyncGenerator<Opened<Row>, void, undefined> {
    for await (const rows of chunks) {
      const ids = rows.map(({ transfer_id: id }) => id);
      const payees = await this.vault.payees(actor, runId, ids);
      for (const row of rows) {
        const payee = payees.get(row.transfer_id);
        if (typeof payee === 'string') {
          yield { row, unreadable: payee };
          continue;
        }
        const creditor = payee ? creditorOf(payee) : 'may-not-be-paid';
        if (typeof creditor === 'string') yield { row, reason: creditor };
        else
          yield {
            row,
            payment: {
              reference: row.correlation_id,
              uetr: uetrOf(row.attempt_id),
              amountMinor: BigInt(row.amount_minor),
              creditor,
              remittance: remittanceOf(row.instalment, INSTALMENTS.length),
            },
          };
      }
    }
  }
}
