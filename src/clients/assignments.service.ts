/** Whose client somebody is: a supervisor hands clients on within their team, and every change of hands is kept. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';
import { Ids } from '../kernel/ids.js';
import { ClientReach } from './client-reach.js';

export interface Assignment {
  caseworker: string;
  previous: string;
  assignedBy: string;
  assignedAt: string;
}

export interface Assignable {
  id: string;
  displayName: string;
}

@Injectable()
export class AssignmentsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly reach: ClientReach,
  ) {}

  /**
   * Assigns a client of the actor's team to somebody of that team; doing it twice changes nothing.
   * Throws `not-found` (404), `not-assignable` (422): somebody of another team, of other work, or who left.
   */
  async assign(actor: Actor, code: string, caseworkerId: string): Promise<void> {
    requirePermission(actor, 'clients:assign');
    const client = await this.reach.find(actor, code);
    if (!(await this.assignable(actor)).some(({ id }) => id === caseworkerId)) {
      throw Problem.refused(
        'not-assignable',
        'Clients are assigned to caseworkers and supervisors of your team.',
        'caseworker',
      );
    }
    if (client.caseworkerId === caseworkerId) return;
    await this.db.transaction(async (manager) => {
      await manager.query(
        'insert into casework.assignment (id, client_id, caseworker_id, assigned_by, assigned_at) values ($1, $2, $3, $4, $5)',
        [this.ids.newId(), client.id, caseworkerId, actor.userId, this.clock.now()],
      );
      const detail = { caseworker: caseworkerId, previous: client.caseworkerId };
      await this.audit.record(manager, actor, 'client.assign', { kind: 'client', id: client.id }, detail);
    });
  }

  /** To whom the actor may assign a client, by name. */
  async assignable(actor: Actor): Promise<Assignable[]> {
    requirePermission(actor, 'clients:assign');
    return this.db.query<Assignable[]>(
      `select u.id, u.display_name "displayName" from access.app_user u
       where u.team_id = $1 and u.disabled_at is null
         and exists (select from access.user_role r where r.user_id = u.id and r.role in ('caseworker', 'supervisor'))
       order by u.display_name, u.id`,
      [actor.teamId],
    );
  }

  /** The client's changes of hands, latest first. Throws `not-found` (404). */
  async ofClient(actor: Actor, code: string): Promise<Assignment[]> {
    requirePermission(actor, 'clients:assign');
    const client = await this.reach.find(actor, code);
    return this.db.query<Assignment[]>(
      `select c.display_name caseworker, p.display_name previous, b.display_name "assignedBy", a.assigned_at "assignedAt"
       from casework.assignment a join access.app_user c on c.id = a.caseworker_id join access.app_user p on p.id = a.previous_id
       join access.app_user b on b.id = a.assigned_by
       where a.client_id = $1 order by a.seq desc limit 100`,
      [client.id],
    );
  }
}
