/** Refuses to start with a master key other than the one that this database's identities are sealed under. */
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { open, seal, Secrets } from './secrets.js';

const PLACE = 'access.master_key_check';

@Injectable()
export class MasterKeyCheck implements OnModuleInit {
  constructor(
    private readonly db: DataSource,
    private readonly secrets: Secrets,
  ) {}

  async onModuleInit(): Promise<void> {
    const key = this.secrets.keyFor('master-key-check');
    await this.db.query('insert into access.master_key_check (sealed) values ($1) on conflict do nothing', [
      seal(key, PLACE, Buffer.from('uct-ledger')),
    ]);
    const [kept] = await this.db.query<{ sealed: Buffer }[]>('select sealed from access.master_key_check');
    try {
      open(key, PLACE, kept?.sealed ?? Buffer.alloc(0));
    } catch {
      throw new Error(
        'The master key is not the one that this database was sealed with. Nothing was changed; give the right key.',
      );
    }
  }
}
