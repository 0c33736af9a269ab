/**
 * Who looked at or changed a client's data, and when: acts and moments from the audit trail, each with the roles of whoever acted. Not with
 * their names: the client learns what was done by whom in which function (GDPR article 15 asks for recipients or their categories), and
 * a list with names would endanger staff wherever it is found.
 */
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ClientEntity } from '../client.entity.js';
import { HeldData, type Holder } from './held-data.js';

@Injectable()
export class HeldRecords implements Holder, OnModuleInit {
  readonly name = 'records';
  readonly tables = ['access.audit_event'];

  constructor(private readonly heldData: HeldData) {}

  onModuleInit(): void {
    this.heldData.register(this);
  }

  async export(manager: EntityManager, _actor: unknown, client: ClientEntity): Promise<unknown> {
    const subjects = [{ kind: 'client', id: client.id }];
    for (const holder of this.heldData.holders) {
      subjects.push(...((await holder.auditedSubjects?.(manager, client)) ?? []));
    }
    return manager.query<unknown[]>(RECORDS, [subjects.map(({ kind }) => kind), subjects.map(({ id }) => id)]);
  }
}

const RECORDS = `
  select e.at, e.act, coalesce((select array_agg(r.role order by r.role) from access.user_role r where r.user_id = u.id), array[u.kind]) "actedAs"
  from unnest($1::text[], $2::text[]) subject(kind, id)
  join access.audit_event e on e.subject_id = subject.id and e.subject_kind = subject.kind
  join access.app_user u on u.id = e.actor_id
  order by e.seq`;
