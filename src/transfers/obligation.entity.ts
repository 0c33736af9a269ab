/** One of the three transfers owed under an enrolment. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../kernel/database/columns.js';
import type { AttemptState } from './domain/attempt-state.js';

export const transferStates = [
  'planned',
  'scheduled',
  'on_hold',
  'in_run',
  'approved',
  'instructed',
  'accepted',
  'settled',
  'failed',
  'unknown',
  'returned',
  'reversed',
  'cancelled',
] as const;
export type TransferState = (typeof transferStates)[number] | AttemptState;

@Entity({ schema: 'payments', name: 'obligation' })
export class ObligationEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'enrolment_id' })
  enrolmentId: string;

  @Column('uuid', { name: 'client_id' })
  clientId: string;

  @Column('smallint')
  instalment: number;

  /** The transfer that this one tops up; null of a transfer itself. */
  @Column('uuid', { name: 'tops_up', nullable: true })
  topsUp: string | null;

  @Column('uuid', { name: 'fund_id' })
  fundId: string;

  @Column('text')
  country: string;

  @Column('date', { name: 'due_on' })
  dueOn: string;

  @Column('text')
  currency: string;

  @Column('bigint', { name: 'amount_minor', transformer: bigintColumn })
  amountMinor: bigint;

  @Column('text')
  state: TransferState;

  @Column('text', { name: 'hold_reason', nullable: true })
  holdReason: string | null;

  @Column('uuid', { name: 'run_id', nullable: true })
  runId: string | null;

  @Column('date', { name: 'settled_on', nullable: true })
  settledOn: string | null;

  @Column('timestamptz', { name: 'cancelled_at', nullable: true })
  cancelledAt: Date | null;
}
