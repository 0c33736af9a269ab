/** Copies of a whole database, as a backup is one. Nobody may be connected to what is copied. */
import { randomBytes } from 'node:crypto';
import { sql, type TestDatabase } from './database.js';

export async function copyOf(db: TestDatabase): Promise<TestDatabase> {
  const original = new URL(db.url).pathname.slice(1);
  const name = `t_${randomBytes(6).toString('hex')}`;
  const onServer = (statement: string) => {
    const url = new URL(db.url);
    url.pathname = '/postgres';
    return sql(url.toString(), statement);
  };
  await onServer(`create database ${name} template ${original}`);
  const url = new URL(db.url);
  url.pathname = `/${name}`;
  return {
    url: url.toString(),
    drop: async () => void (await onServer(`drop database if exists ${name} with (force)`)),
  };
}
