/** Rates that banks gave, and what was changed at them. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { bigintColumn } from '../kernel/database/columns.js';

@Entity({ schema: 'payments', name: 'exchange_rate' })
export class ExchangeRateEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  base: string;

  @Column('text')
  quote: string;

  /** Major units of `quote` for one of `base`, with ten decimals. */
  @Column('numeric', { precision: 20, scale: 10 })
  rate: string;

  @Column('date', { name: 'as_of' })
  asOf: string;

  @Column('text')
  source: string;

  @Column('uuid', { name: 'recorded_by' })
  recordedBy: string;

  @Column('timestamptz', { name: 'recorded_at' })
  recordedAt: Date;
}

@Entity({ schema: 'payments', name: 'exchange' })
export class ExchangeEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'fund_id' })
  fundId: string;

  @Column('uuid', { name: 'exchange_rate_id' })
  exchangeRateId: string;

  /** In minor units of the rate's base currency. */
  @Column('bigint', { name: 'sold_minor', transformer: bigintColumn })
  soldMinor: bigint;

  /** In minor units of the rate's quote currency. */
  @Column('bigint', { name: 'bought_minor', transformer: bigintColumn })
  boughtMinor: bigint;

  @Column('date', { name: 'exchanged_on' })
  exchangedOn: string;

  @Column('text')
  reference: string;

  @Column('uuid', { name: 'recorded_by' })
  recordedBy: string;

  @Column('timestamptz', { name: 'recorded_at' })
  recordedAt: Date;
}
