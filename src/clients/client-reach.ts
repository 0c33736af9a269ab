/** Whose clients somebody sees: a caseworker their own, a supervisor those of their team. Every way to a client leads through here. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Problem } from '../kernel/domain/problem.js';
import { ClientEntity } from './client.entity.js';
import { isClientCode } from './domain/client-code.js';

@Injectable()
export class ClientReach {
  constructor(private readonly db: DataSource) {}

  /** The client with that code, if it is within the actor's reach. Throws `not-found` (404), also for somebody else's client. */
  async find(actor: Actor, code: string): Promise<ClientEntity> {
    requirePermission(actor, 'clients:read');
    const found = isClientCode(code) ? await this.db.getRepository(ClientEntity).findOneBy({ code }) : null;
    if (!found || !isWithinReach(actor, found)) throw Problem.notFound('client', 'code');
    return found;
  }
}

export function isWithinReach(actor: Actor, client: ClientEntity): boolean {
  return client.caseworkerId === actor.userId || (seesTeam(actor) && client.teamId === actor.teamId);
}

export function seesTeam(actor: Actor): boolean {
  return actor.teamId !== null && actor.permissions.has('clients:read-team');
}
