/** Whose rights somebody can see to: those of the clients within their reach; at the machine's own command line, of every client. */
import { Injectable } from '@nestjs/common';
import { OPERATOR_USER_ID, type Actor } from '../../access/domain/actor.js';
import { Problem } from '../../kernel/domain/problem.js';
import { ClientReach } from '../client-reach.js';
import type { ClientEntity } from '../client.entity.js';

@Injectable()
export class RightsReach {
  constructor(private readonly reach: ClientReach) {}

  /** Throws `not-found` (404). An emergency access is not enough. */
  async find(actor: Actor, code: string): Promise<ClientEntity> {
    if (actor.userId !== OPERATOR_USER_ID) return this.reach.find(actor, code);
    const client = await this.reach.clientWith(code);
    if (!client) throw Problem.notFound('client', 'code');
    return client;
  }
}
