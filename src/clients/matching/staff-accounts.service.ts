/**
 * Account numbers of the staff, kept as keyed digests only: when a client is to be paid to one of them, whoever signs the run is told. Nobody can
 * read the numbers again.
 */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Problem } from '../../kernel/domain/problem.js';
import { Secrets } from '../../kernel/secrets.js';
import { PersonTokens, TOKEN_KINDS } from './person-tokens.js';

@Injectable()
export class StaffAccountsService {
  private readonly tokens: PersonTokens;

  constructor(
    private readonly db: DataSource,
    private readonly audit: AuditTrail,
    secrets: Secrets,
  ) {
    this.tokens = new PersonTokens(secrets);
  }

  /**
   * Says where the actor is paid themselves, in place of what was said before; how many numbers are kept. Throws `account-says-nothing` (422) for
   * what has too few digits to tell an account.
   */
  async replaceOwn(actor: Actor, accounts: readonly string[]): Promise<number> {
    requirePermission(actor, 'catalogue:read');
    const kept = accounts.map((account, at) => {
      const found = this.tokens
        .kept({ names: [], payee: { bank: '-', account } })
        .filter(({ kind }) => kind === TOKEN_KINDS.account);
      if (found.length === 0)
        throw Problem.refused(
          'account-says-nothing',
          'Give the whole number, with six digits or more.',
          `accounts.${at}`,
        );
      return found.map(({ value }) => value.toString());
    });
    await this.db.transaction(async (manager) => {
      await manager.query('select pii.replace_staff_accounts($1, $2)', [actor.userId, kept.flat()]);
      await this.audit.record(
        manager,
        actor,
        'user.own-accounts',
        { kind: 'user', id: actor.userId },
        { count: kept.length },
      );
    });
    return kept.length;
  }
}
