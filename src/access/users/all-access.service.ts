/** Ends whatever lets anybody in without proving again who they are: after a restore, what was ended since the backup would work again. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../kernel/clock.js';

export interface EndedAccess {
  sessions: number;
  tokens: number;
  links: number;
}

@Injectable()
export class AllAccess {
  constructor(private readonly clock: Clock) {}

  /** Sessions, machine tokens and open links of everybody, for whoever records the act; how many. */
  async end(manager: EntityManager): Promise<EndedAccess> {
    const now = this.clock.now();
    const ended = async (statement: string) => (await manager.query<[unknown, number]>(statement, [now]))[1];
    return {
      sessions: await ended('update access.session set revoked_at = $1 where revoked_at is null and expires_at > $1'),
      tokens: await ended(
        'update access.machine_token set revoked_at = $1 where revoked_at is null and expires_at > $1',
      ),
      links: await ended('update access.one_time_link set voided_at = $1 where used_at is null and voided_at is null'),
    };
  }
}
