/** Makes the index of persons again from the identities: for clients who were there before it, after a restore without it, or under a new key. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Problem } from '../../kernel/domain/problem.js';
import { IdentityVault } from '../identity-vault/identity-vault.js';
import { DuplicateFinder } from './duplicate-finder.js';

const CLIENTS_A_PAGE = 500;

@Injectable()
export class IndexRebuildService {
  constructor(
    private readonly db: DataSource,
    private readonly audit: AuditTrail,
    private readonly vault: IdentityVault,
    private readonly finder: DuplicateFinder,
  ) {}

  /**
   * Answers how many clients are in the index now. One transaction for each, so that registrations go on meanwhile, and a second run finishes
   * what the first did not. Each identity that is opened for it is on record.
   */
  async run(actor: Actor): Promise<number> {
    requirePermission(actor, 'keys:rotate');
    let indexed = 0;
    for await (const clientId of this.clients()) if (await this.index(actor, clientId)) indexed += 1;
    await this.db.transaction((manager) =>
      this.audit.record(
        manager,
        actor,
        'person-index.rebuild',
        { kind: 'user', id: actor.userId },
        { clients: indexed },
      ),
    );
    return indexed;
  }

  private async *clients(): AsyncGenerator<string> {
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const rows = await this.db.query<{ id: string }[]>(
        'select id from casework.client where id > $1 order by id limit $2',
        [after, CLIENTS_A_PAGE],
      );
      for (const { id } of rows) yield id;
      const last = rows.at(-1);
      if (!last) return;
      after = last.id;
    }
  }

  /** False for somebody who was erased: nothing is held by which they could be found. */
  private async index(actor: Actor, clientId: string): Promise<boolean> {
    try {
      await this.db.transaction(async (manager) => {
        const { identity } = await this.vault.read(manager, actor, clientId, 'index-of-persons');
        await this.finder.keepAndLook(manager, actor, clientId, identity);
      });
      return true;
    } catch (thrown) {
      if (thrown instanceof Problem && thrown.status === 404) return false;
      throw thrown;
    }
  }
}
