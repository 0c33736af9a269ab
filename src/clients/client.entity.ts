/** A client's case file, without identity. */
import { Column, Entity, PrimaryColumn, VirtualColumn } from 'typeorm';

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

  /** The team of their caseworker, whose supervisors see them too. */
  @VirtualColumn({ query: (client) => `select u.team_id from access.app_user u where u.id = ${client}.caseworker_id` })
  teamId: string;

  /** Whether they consent, at this moment, to data about them being held. */
  @VirtualColumn({ query: (client) => `select casework.consents(${client}.id, 'hold-data')` })
  consentsToHold: boolean;

  @Column('timestamptz', { name: 'registered_at' })
  registeredAt: Date;

  /** From then on nothing tells who they were; the row stands because the books refer to it. */
  @Column('timestamptz', { name: 'erased_at', nullable: true })
  erasedAt: Date | null;

  @Column('bytea', { name: 'content_sha256' })
  contentSha256: Buffer;
}
