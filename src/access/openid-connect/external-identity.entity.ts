/** Who a user is at the organisation's own sign-in: its name for the account (`subject`), which it never gives to another. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'access', name: 'external_identity' })
export class ExternalIdentityEntity {
  @PrimaryColumn('text')
  issuer: string;

  @PrimaryColumn('text')
  subject: string;

  @Column('uuid', { name: 'user_id' })
  userId: string;

  @Column('timestamptz', { name: 'bound_at' })
  boundAt: Date;
}
