/** One consent given or withdrawn; the latest row that speaks of a purpose and party decides. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ConsentPurpose, Interpreter } from './domain/consent.js';

@Entity({ schema: 'casework', name: 'consent' })
export class ConsentEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'client_id' })
  clientId: string;

  @Column('text')
  purpose: ConsentPurpose;

  /** With whom to share, or by which rail to be paid; null is all. */
  @Column('text', { nullable: true })
  party: string | null;

  @Column('boolean')
  given: boolean;

  @Column('text')
  language: string;

  @Column('text')
  interpreter: Interpreter;

  @Column('date', { name: 'recorded_on' })
  recordedOn: string;

  @Column('uuid', { name: 'recorded_by' })
  recordedBy: string;

  @Column('timestamptz', { name: 'recorded_at' })
  recordedAt: Date;
}
