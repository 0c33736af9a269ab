/**
 * Everything that is held of a client, room by room. Each room that keeps something of clients registers a holder for it, which names its
 * tables: a test finds any table with client data that no holder names.
 */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AuditedSubject } from '../../access/audit-trail.js';
import type { Actor } from '../../access/domain/actor.js';
import type { ClientEntity } from '../client.entity.js';
import type { Identity, IdentityField } from '../domain/identity.js';
import type { SealedWords } from '../identity-vault/identity-vault.js';

export interface CorrectedIdentity {
  version: number;
  changed: readonly IdentityField[];
  identity: Identity;
  /** Id of the user who corrected. */
  correctedBy: string;
}

export interface Holder {
  /** What it is called in an export: "caseFile", "transfers". */
  name: string;
  /** With their schemas. */
  tables: readonly string[];
  /** All of it as JSON, in terms that the client can read. `words` opens what is sealed. */
  export(manager: EntityManager, actor: Actor, client: ClientEntity, words: SealedWords): Promise<unknown>;
  /**
   * What has to be done before the database takes away words, keys and identity, in the same transaction and with the client's row locked;
   * how many of which were erased or ended. Throws a Problem where nothing may be erased now.
   */
  erase?(manager: EntityManager, actor: Actor, client: ClientEntity): Promise<Record<string, number>>;
  /** Where the identity is used, a correction takes effect here, in its transaction. Throws a Problem where it must wait. */
  corrected?(manager: EntityManager, client: ClientEntity, correction: CorrectedIdentity): Promise<void>;
  /** The records of the audit trail that are about this client, beside those about the client as such. */
  auditedSubjects?(manager: EntityManager, client: ClientEntity): Promise<AuditedSubject[]>;
}

@Injectable()
export class HeldData {
  private readonly registered = new Map<string, Holder>();

  register(holder: Holder): void {
    if (this.registered.has(holder.name)) throw new Error(`there is a holder ${holder.name} already`);
    this.registered.set(holder.name, holder);
  }

  get holders(): readonly Holder[] {
    return [...this.registered.values()];
  }

  async corrected(manager: EntityManager, client: ClientEntity, correction: CorrectedIdentity): Promise<void> {
    for (const holder of this.holders) await holder.corrected?.(manager, client, correction);
  }
}
