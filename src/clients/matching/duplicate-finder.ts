/** Looks, whenever an identity is registered or corrected, whether the person is there already; keeps the pairs for a human, and changes nothing else. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import type { Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import { Ids } from '../../kernel/ids.js';
import type { Identity } from '../domain/identity.js';
import { PersonIndex, type Found } from './person-index.js';

@Injectable()
export class DuplicateFinder {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly index: PersonIndex,
  ) {}

  /**
   * The last step of the transaction that stores an identity: what follows it until the commit holds up other registrations. Two at the same
   * moment stand in line here, and the second sees the first.
   */
  async keepAndLook(manager: EntityManager, actor: Actor, clientId: string, identity: Identity): Promise<void> {
    await this.index.replace(manager, clientId, identity);
    await manager.query('select pii.await_other_registrations()');
    const found = await this.index.search(manager, clientId, identity);
    if (found.length > 0) await this.keep(manager, actor, clientId, found);
  }

  private async keep(manager: EntityManager, actor: Actor, clientId: string, found: Found[]): Promise<void> {
    const kept = await manager.query<{ id: string; matched: string[]; strength: number }[]>(KEEP_PAIRS, [
      JSON.stringify(found.map(({ clientId: other, ...rest }) => ({ ...rest, id: this.ids.newId(), other }))),
      clientId,
      actor.userId,
      this.clock.now(),
    ]);
    await this.audit.recordAll(
      manager,
      kept.map(({ id, matched, strength }) => ({
        actor,
        act: 'duplicate.find',
        subject: { kind: 'possible-duplicate', id },
        detail: { client: clientId, matched, strength },
      })),
    );
  }
}

/** A pair that is there already is kept as it is, unless more speaks for it now. */
const KEEP_PAIRS = `
  insert into casework.possible_duplicate as p (id, one_id, other_id, matched, strength, found_by, found_at)
  select f.id, least(f.other, $2::uuid), greatest(f.other, $2::uuid), f.matched, f.strength, $3, $4
  from json_to_recordset($1) f (id uuid, other uuid, matched text[], strength smallint)
  on conflict (one_id, other_id) do update
    set matched = excluded.matched, strength = excluded.strength, found_by = excluded.found_by, found_at = excluded.found_at
    where excluded.strength > p.strength
  returning id, matched, strength`;
