/** The numbered SQL files of `migrations/` as TypeORM migrations, each in a transaction of its own. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { projectRoot } from '../config.js';

const folder = join(projectRoot, 'migrations');

/** TypeORM wants a class per migration whose name ends in a timestamp; the file's number stands in for it. */
export function sqlMigrations(): (new () => MigrationInterface)[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}_[a-z0-9_]+\.sql$/.test(file))
    .sort()
    .map((file) => {
      const sql = readFileSync(join(folder, file), 'utf8');
      const number = file.slice(0, 4);
      return class implements MigrationInterface {
        name = `${file.slice(5, -4)}_${1_700_000_000_000 + Number(number)}`;

        async up(queryRunner: QueryRunner): Promise<void> {
          await queryRunner.query(sql);
          // The next statement of this transaction is TypeORM's own record, which belongs to whoever migrates.
          await queryRunner.query('reset role');
        }

        down(): Promise<void> {
          return Promise.reject(
            new Error('Migrations go forward only: a ledger is not rolled back. Write a new migration.'),
          );
        }
      };
    });
}
