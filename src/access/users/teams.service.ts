/** Teams: whose clients a supervisor sees. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Problem } from '../../kernel/domain/problem.js';
import { LETTER_OR_DIGIT } from '../../kernel/domain/visible-text.js';
import { Ids } from '../../kernel/ids.js';
import { AuditTrail } from '../audit-trail.js';
import { requirePermission, type Actor } from '../domain/actor.js';

/** The team that everybody is in who was put into no other. */
export const FIRST_TEAM_ID = '00000000-0000-7000-8000-0000000000a1';

export interface Team {
  id: string;
  name: string;
}

@Injectable()
export class TeamsService {
  constructor(
    private readonly db: DataSource,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
  ) {}

  async list(actor: Actor): Promise<Team[]> {
    requirePermission(actor, 'users:manage');
    return this.db.query<Team[]>('select id, name from access.team order by name');
  }

  /** Throws `team-name-taken` (409). */
  async open(actor: Actor, { name }: { name: string }): Promise<Team> {
    requirePermission(actor, 'users:manage');
    const team = { id: this.ids.newId(), name: name.trim() };
    if (!LETTER_OR_DIGIT.test(team.name)) throw Problem.refused('missing', 'Give the team a name.', 'name');
    return this.db.transaction(async (manager) => {
      const made = await manager.query<unknown[]>(
        'insert into access.team (id, name) values ($1, $2) on conflict (name) do nothing returning id',
        [team.id, team.name],
      );
      if (made.length === 0) throw Problem.conflict('team-name-taken', 'There is a team of that name.', 'name');
      await this.audit.record(manager, actor, 'team.open', { kind: 'team', id: team.id });
      return team;
    });
  }
}
