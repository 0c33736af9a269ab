/**
 * Whose clients somebody sees: a caseworker their own, a supervisor those of their team, and whoever opened an emergency access that one
 * client for some hours. Every way to a client leads through here.
 */
import { Injectable } from '@nestjs/common';
import { DataSource, IsNull } from 'typeorm';
import { AuditTrail } from '../access/audit-trail.js';
import { requirePermission, type Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { Problem } from '../kernel/domain/problem.js';
import { ClientEntity } from './client.entity.js';
import { isClientCode } from './domain/client-code.js';

/** Under what somebody reads; stands in the audit trail with what they read. */
export type ReadingReason = 'case-file' | 'emergency';

@Injectable()
export class ClientReach {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * The client with that code, if it is the actor's own or their team's. Emergency access is not enough.
   * Throws `not-found` (404), also for somebody else's client.
   */
  async find(actor: Actor, code: string): Promise<ClientEntity> {
    requirePermission(actor, 'clients:read');
    const found = await this.clientWith(code);
    return found && isWithinReach(actor, found) ? found : this.refuseAsIfNotThere(actor, found);
  }

  /**
   * The same, for writing something about the client and for reading their words: only while they consent to data being held.
   * Throws `not-found` (404), `consent-withdrawn` (409).
   */
  async findHeld(actor: Actor, code: string): Promise<ClientEntity> {
    return requireConsentToHold(await this.find(actor, code));
  }

  /** The client, for reading what an emergency access opens too, and under what it is read. Throws `not-found` (404). */
  async findToRead(actor: Actor, code: string): Promise<{ client: ClientEntity; reason: ReadingReason }> {
    requirePermission(actor, 'clients:read');
    const found = await this.clientWith(code);
    if (found && isWithinReach(actor, found)) return { client: found, reason: 'case-file' };
    if (found && (await this.hasEmergencyAccess(actor, found.id))) return { client: found, reason: 'emergency' };
    return this.refuseAsIfNotThere(actor, found);
  }

  /** For what belongs to a client and is asked for by an id of its own; before a transaction. Throws `not-found` (404) of that thing. */
  async requireWithin(actor: Actor, clientId: string, what: string): Promise<ClientEntity> {
    const client = await this.db.getRepository(ClientEntity).findOneByOrFail({ id: clientId });
    return isWithinReach(actor, client) ? client : this.refuseAsIfNotThere(actor, client, Problem.notFound(what));
  }

  /** The client with that code, whoever asks: for those who open an emergency access. Nobody finds a client who was erased. */
  async clientWith(code: string): Promise<ClientEntity | null> {
    if (!isClientCode(code)) return null;
    return this.db.getRepository(ClientEntity).findOneBy({ code, erasedAt: IsNull() });
  }

  /** The same answer for a client who is out of reach as for one who is not there: nobody learns here who is a client. It is recorded. */
  private async refuseAsIfNotThere(
    actor: Actor,
    outOfReach: ClientEntity | null,
    answer = Problem.notFound('client', 'code'),
  ): Promise<never> {
    if (outOfReach) await this.audit.refusal(actor, { kind: 'client', id: outOfReach.id }, { code: answer.code });
    throw answer;
  }

  private async hasEmergencyAccess(actor: Actor, clientId: string): Promise<boolean> {
    if (!actor.permissions.has('clients:emergency')) return false;
    const rows = await this.db.query<unknown[]>(
      'select 1 from casework.emergency_access where client_id = $1 and user_id = $2 and ends_at > $3 limit 1',
      [clientId, actor.userId, this.clock.now()],
    );
    return rows.length > 0;
  }
}

export function isWithinReach(actor: Actor, client: Pick<ClientEntity, 'caseworkerId' | 'teamId'>): boolean {
  return client.caseworkerId === actor.userId || (seesTeam(actor) && client.teamId === actor.teamId);
}

export function seesTeam(actor: Actor): boolean {
  return actor.teamId !== null && actor.permissions.has('clients:read-team');
}

/** Throws `consent-withdrawn` (409). */
export function requireConsentToHold(client: ClientEntity): ClientEntity {
  if (!client.consentsToHold) throw consentWithdrawn();
  return client;
}

export function consentWithdrawn(): Problem {
  return Problem.conflict(
    'consent-withdrawn',
    'The client does not consent to data being held. Nothing new is written and nothing is read, but for their own rights.',
    'code',
  );
}
