/** Finds whoever asks for a second connection to the database while they hold one: enough of them at once wait for each other, and everybody for them. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type pg from 'pg';
import type { DataSource, EntityManager } from 'typeorm';

const inTransaction = new AsyncLocalStorage<true>();

/** Watches a service's connections; where a second one was asked for inside a transaction, so far. */
export function watchConnections(db: DataSource): () => string[] {
  const found: string[] = [];
  const manager = db.manager as unknown as { transaction(...given: unknown[]): Promise<unknown> };
  const begin = manager.transaction.bind(manager);
  type Work = (manager: EntityManager) => Promise<unknown>;
  const watched = (work: Work) => (own: EntityManager) => inTransaction.run(true, () => work(own));
  // The work comes first or after the isolation level.
  manager.transaction = (...given) =>
    begin(...given.map((one) => (typeof one === 'function' ? watched(one as Work) : one)));
  const pool = (db.driver as unknown as { master: pg.Pool }).master as unknown as {
    connect(...given: unknown[]): unknown;
  };
  const connect = pool.connect.bind(pool);
  pool.connect = (...given) => {
    if (inTransaction.getStore()) found.push(String(new Error('a second connection is asked for').stack));
    return connect(...given);
  };
  return () => [...found];
}
