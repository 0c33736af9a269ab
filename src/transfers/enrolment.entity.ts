/** A client's enrolment: three monthly transfers of one amount from one fund. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Rail } from '../funds/rails.js';
import { bigintColumn } from '../kernel/database/columns.js';

@Entity({ schema: 'payments', name: 'enrolment' })
export class EnrolmentEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'client_id' })
  clientId: string;

  @Column('uuid', { name: 'fund_id' })
  fundId: string;

  @Column('text')
  country: string;

  @Column('text', { name: 'time_zone' })
  timeZone: string;

  @Column('date', { name: 'anchor_on' })
  anchorOn: string;

  @Column('text')
  rail: Rail;

  @Column('text', { name: 'payee_ref' })
  payeeRef: string;

  @Column('text')
  currency: string;

  @Column('bigint', { name: 'amount_minor', transformer: bigintColumn })
  amountMinor: bigint;

  @Column('bigint', { name: 'wage_rate_id', nullable: true })
  wageRateId: string | null;

  @Column('bigint', { name: 'decided_amount_id', nullable: true })
  decidedAmountId: string | null;

  @Column('jsonb')
  derivation: Record<string, string>;

  @Column('uuid', { name: 'proposed_by' })
  proposedBy: string;

  @Column('timestamptz', { name: 'proposed_at' })
  proposedAt: Date;

  @Column('uuid', { name: 'approved_by', nullable: true })
  approvedBy: string | null;

  @Column('timestamptz', { name: 'approved_at', nullable: true })
  approvedAt: Date | null;

  @Column('timestamptz', { name: 'cancelled_at', nullable: true })
  cancelledAt: Date | null;

  @Column('bytea', { name: 'content_sha256' })
  contentSha256: Buffer;
}
