/** Who carries cash to clients: by what their roles allow. */
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { roleNames } from '../../../access/domain/actor.js';
import { permissionsOf } from '../../../access/roles.js';
import { Problem } from '../../../kernel/domain/problem.js';

export interface CashHolder {
  id: string;
  name: string;
}

const CARRYING = roleNames.filter((role) => permissionsOf([role]).has('cash:carry'));

@Injectable()
export class CashHolders {
  constructor(private readonly db: DataSource) {}

  /** In the order of their names. */
  list(): Promise<CashHolder[]> {
    return this.db.query<CashHolder[]>(
      `select u.id, u.display_name name from access.app_user u
       where u.kind = 'person' and u.disabled_at is null and not exists (select from access.awaited_confirmation w where w.user_id = u.id)
         and exists (select from access.user_role r where r.user_id = u.id and r.role = any ($1))
       order by u.display_name, u.id`,
      [CARRYING],
    );
  }

  /** Throws `not-a-cash-holder` (422). */
  async require(id: string, field: string): Promise<void> {
    const found = (await this.list()).some((holder) => holder.id === id);
    if (!found) throw Problem.refused('not-a-cash-holder', 'Choose a caseworker or supervisor who may sign in.', field);
  }
}
