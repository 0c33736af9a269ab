/** A client's case file, without identity. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'casework', name: 'client' })
export class ClientEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  code: string;

  @Column('text')
  cohort: string;

  @Column('text', { name: 'case_group' })
  caseGroup: string;

  @Column('text')
  country: string;

  @Column('text', { nullable: true })
  region: string | null;

  @Column('text', { name: 'age_band' })
  ageBand: 'adult' | 'child' | 'unknown';

  @Column('boolean', { name: 'guardian_on_record' })
  guardianOnRecord: boolean;

  @Column('uuid', { name: 'caseworker_id' })
  caseworkerId: string;

  @Column('timestamptz', { name: 'registered_at' })
  registeredAt: Date;

  @Column('bytea', { name: 'content_sha256' })
  contentSha256: Buffer;
}
