/**
 * The root secret, from which every key is derived that must outlive a change of the master key. It stands in the database, sealed under
 * the master key: a start with a master key that does not open it is refused.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { MasterKeys, open, seal, Secrets } from './secrets.js';

const PLACE = 'access.root_secret';
/** Databases from before the root secret: a text sealed under the master key, which then was what all else was derived from. */
const PLACE_BEFORE = 'access.master_key_check';

/** Anything that runs SQL: a DataSource, or the manager of a transaction. */
export interface Queries {
  query<Result>(statement: string, parameters?: unknown[]): Promise<Result>;
}

/** Opens this database's root secret; makes it at the very first start. Throws when none of the master keys opens it. */
export async function openSecrets(db: Queries, masterKeys: MasterKeys): Promise<Secrets> {
  if (!(await sealedRoot(db))) {
    const root = (await rootFromBefore(db, masterKeys)) ?? randomBytes(32);
    await db.query('insert into access.root_secret (sealed) values ($1) on conflict do nothing', [
      sealRoot(masterKeys, root),
    ]);
  }
  const sealed = await sealedRoot(db); // another process may have been first
  return new Secrets(openRoot(masterKeys, sealed ?? Buffer.alloc(0)).root);
}

/** The same for whoever has no connection yet. `databaseUrl` is a login that can be role uct_service. */
export async function openSecretsAt(databaseUrl: string, masterKeys: MasterKeys): Promise<Secrets> {
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c role=uct_service' });
  await client.connect();
  try {
    const query = async <Result>(statement: string, parameters?: unknown[]) =>
      (await client.query(statement, parameters)).rows as Result;
    return await openSecrets({ query }, masterKeys);
  } finally {
    await client.end();
  }
}

/** Seals the root secret under the current master key, if it is under an earlier one. Whether it was. */
export async function resealRoot(db: Queries, masterKeys: MasterKeys): Promise<boolean> {
  const sealed = await sealedRoot(db);
  const { root, isUnderCurrent } = openRoot(masterKeys, sealed ?? Buffer.alloc(0));
  if (isUnderCurrent) return false;
  await db.query('update access.root_secret set sealed = $1 where sealed = $2', [sealRoot(masterKeys, root), sealed]);
  return true;
}

async function sealedRoot(db: Queries): Promise<Buffer | undefined> {
  const [row] = await db.query<{ sealed: Buffer }[]>('select sealed from access.root_secret');
  return row?.sealed;
}

function sealRoot(masterKeys: MasterKeys, root: Buffer): Buffer {
  return seal(masterKeys.keysFor('root-secret')[0], PLACE, root);
}

function openRoot(masterKeys: MasterKeys, sealed: Buffer): { root: Buffer; isUnderCurrent: boolean } {
  const at = indexOfOpening(masterKeys.keysFor('root-secret'), PLACE, sealed);
  return { root: open(masterKeys.keysFor('root-secret')[at] as Buffer, PLACE, sealed), isUnderCurrent: at === 0 };
}

async function rootFromBefore(db: Queries, masterKeys: MasterKeys): Promise<Buffer | undefined> {
  const [check] = await db.query<{ sealed: Buffer }[]>('select sealed from access.master_key_check');
  if (!check) return undefined;
  return masterKeys.all[indexOfOpening(masterKeys.keysFor('master-key-check'), PLACE_BEFORE, check.sealed)];
}

/** Which of the keys opens it. */
function indexOfOpening(keys: readonly Buffer[], place: string, sealed: Buffer): number {
  const at = keys.findIndex((key) => opens(key, place, sealed));
  if (at >= 0) return at;
  throw new Error(
    'The master key is not the one that this database was sealed with. Nothing was changed; give the right key.',
  );
}

function opens(key: Buffer, place: string, sealed: Buffer): boolean {
  try {
    open(key, place, sealed);
    return true;
  } catch {
    return false;
  }
}
