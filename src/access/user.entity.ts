/** Somebody who can sign in, or who cannot and acts all the same: the schedule, the operator, nobody. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'access', name: 'app_user' })
export class UserEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  email: string;

  @Column('text', { name: 'display_name' })
  displayName: string;

  @Column('text')
  kind: 'person' | 'schedule' | 'operator' | 'nobody';

  @Column('text', { name: 'password_hash', nullable: true })
  passwordHash: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'disabled_at', nullable: true })
  disabledAt: Date | null;

  @Column({ type: 'uuid', name: 'team_id', insert: false })
  teamId: string;

  /** In which language they read the pages, as they chose it; null until they do. */
  @Column({ type: 'text', nullable: true, insert: false })
  language: string | null;

  @Column('boolean', { name: 'second_factor_waived' })
  secondFactorWaived: boolean;
}

@Entity({ schema: 'access', name: 'user_role' })
export class UserRoleEntity {
  @PrimaryColumn('uuid', { name: 'user_id' })
  userId: string;

  @PrimaryColumn('text')
  role: string;

  @Column('uuid', { name: 'granted_by' })
  grantedBy: string;

  @Column('timestamptz', { name: 'granted_at' })
  grantedAt: Date;
}
