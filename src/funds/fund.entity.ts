/** A donor's restricted money, the grants it was made of, and those that were taken back. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../kernel/database/columns.js';
import type { ValuePolicy } from './value-policy.js';

@Entity({ schema: 'payments', name: 'donor' })
export class DonorEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  name: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}

@Entity({ schema: 'payments', name: 'fund' })
export class FundEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'donor_id' })
  donorId: string;

  @Column('text')
  code: string;

  @Column('text')
  name: string;

  @Column('text')
  currency: string;

  /** Label of the decision that sets the amounts; null: the minimum wage. */
  @Column('text', { name: 'decided_label', nullable: true })
  decidedLabel: string | null;

  @Column('numeric', { precision: 6, scale: 4 })
  multiplier: string;

  /** What it did when wages rise when it was opened; what it does now is in the view payments.fund_value_policy. */
  @Column('text', { name: 'value_policy' })
  valuePolicy: ValuePolicy;

  @Column('timestamptz', { name: 'opened_at' })
  openedAt: Date;
}

@Entity({ schema: 'payments', name: 'grant_received' })
export class GrantEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'fund_id' })
  fundId: string;

  @Column('text')
  currency: string;

  @Column('bigint', { name: 'amount_minor', transformer: bigintColumn })
  amountMinor: bigint;

  @Column('date', { name: 'received_on' })
  receivedOn: string;

  @Column('text')
  reference: string;

  @Column('uuid', { name: 'recorded_by' })
  recordedBy: string;

  @Column('timestamptz', { name: 'recorded_at' })
  recordedAt: Date;
}

@Entity({ schema: 'payments', name: 'grant_reversal' })
export class GrantReversalEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'grant_id' })
  grantId: string;

  @Column('text')
  reason: string;

  @Column('uuid', { name: 'recorded_by' })
  recordedBy: string;

  @Column('timestamptz', { name: 'recorded_at' })
  recordedAt: Date;
}
