/** A session: known by the SHA-256 of its token to whoever holds that, and by its id on lists. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SessionKind, SessionStage } from './domain/session.js';

@Entity({ schema: 'access', name: 'session' })
export class SessionEntity {
  @PrimaryColumn('bytea', { name: 'token_sha256' })
  tokenSha256: Buffer;

  @Column('uuid')
  id: string;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  @Column('text')
  kind: SessionKind;

  @Column('text')
  stage: SessionStage;

  @Column('timestamptz', { name: 'second_factor_at', nullable: true })
  secondFactorAt: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'last_seen_at' })
  lastSeenAt: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt: Date;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  @Column('text')
  agent: string;
}
