/** Whoever one administrator let in, or gave more to, waits until another one confirms that it is they. Triggers of `0022` write what waits. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../kernel/clock.js';
import { Problem } from '../../kernel/domain/problem.js';
import { AuditTrail } from '../audit-trail.js';
import { requirePermission, type Actor } from '../domain/actor.js';
import { refuseOwn } from '../refusals.js';
import { UserEntity } from '../user.entity.js';

export type AwaitedBecause =
  | 'invitation'
  | 'reset-link'
  | 'external-identity'
  | 'external-identity-unbound'
  | 'second-factor-reset'
  | 'roles'
  | 'enabled'
  | 'team';

export interface AwaitedConfirmation {
  id: string;
  because: AwaitedBecause;
  /** The administrator who did it, and who therefore cannot confirm it. */
  causedBy: { id: string; displayName: string };
  causedAt: string;
}

interface AwaitedRow {
  id: string;
  user_id: string;
  because: AwaitedBecause;
  caused_by: string;
  display_name: string;
  caused_at: Date;
}

@Injectable()
export class ConfirmationsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /** What of the actor themselves has to be confirmed. */
  async own(actor: Actor): Promise<AwaitedConfirmation[]> {
    requirePermission(actor, 'account:own');
    return (await this.of([actor.userId])).get(actor.userId) ?? [];
  }

  /** What of these users has to be confirmed, the oldest first; who may see it is decided by the caller. */
  async of(userIds: readonly string[]): Promise<Map<string, AwaitedConfirmation[]>> {
    const rows = await this.db.query<AwaitedRow[]>(
      `select w.id, w.user_id, w.because, w.caused_by, c.display_name, w.caused_at
       from access.awaited_confirmation w join access.app_user c on c.id = w.caused_by
       where w.user_id = any ($1) order by w.caused_at, w.because, w.id`,
      [userIds],
    );
    const awaited = new Map<string, AwaitedConfirmation[]>();
    for (const row of rows) awaited.set(row.user_id, [...(awaited.get(row.user_id) ?? []), viewOf(row)]);
    return awaited;
  }

  /**
   * Confirms what was shown of a user, by its ids, so that nobody confirms what happened after they had asked the person. Throws
   * `own-account` (422), `not-found` (404), `confirm-other-person-needed` and `confirmation-changed` (409).
   */
  async confirm(actor: Actor, userId: string, awaited: readonly string[]): Promise<void> {
    requirePermission(actor, 'users:manage');
    refuseOwn(actor, userId);
    const shown = [...new Set(awaited.map((id) => id.toLowerCase()))];
    await this.db.transaction(async (manager) => {
      if (!(await manager.existsBy(UserEntity, { id: userId, kind: 'person' }))) throw Problem.notFound('user', 'id');
      const [confirmed] = await manager.query<[{ because: AwaitedBecause }[], number]>(
        `update access.account_confirmation set confirmed_by = $3, confirmed_at = $4
         where user_id = $1 and id = any ($2) and confirmed_at is null and superseded_at is null returning because`,
        [userId, shown, actor.userId, this.clock.now()],
      );
      if (shown.length === 0 || confirmed.length !== shown.length) throw changed();
      const detail = { because: confirmed.map(({ because }) => because), confirmations: shown };
      await this.audit.record(manager, actor, 'user.confirm', { kind: 'user', id: userId }, detail);
    });
  }
}

function viewOf(row: AwaitedRow): AwaitedConfirmation {
  return {
    id: row.id,
    because: row.because,
    causedBy: { id: row.caused_by, displayName: row.display_name },
    causedAt: row.caused_at.toISOString(),
  };
}

function changed(): Problem {
  return Problem.conflict(
    'confirmation-changed',
    'What has to be confirmed of this user has changed since it was shown. Look again, and ask the person again.',
    'awaited',
  );
}
