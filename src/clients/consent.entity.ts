/** One consent given or withdrawn; the latest row of a purpose decides. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ConsentPurpose } from './domain/consent.js';

@Entity({ schema: 'casework', name: 'consent' })
export class ConsentEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'client_id' })
  clientId: string;

  @Column('text')
  purpose: ConsentPurpose;

  @Column('boolean')
  given: boolean;

  @Column('text')
  language: string;

  @Column('date', { name: 'recorded_on' })
  recordedOn: string;

  @Column('uuid', { name: 'recorded_by' })
  recordedBy: string;

  @Column('timestamptz', { name: 'recorded_at' })
  recordedAt: Date;
}
