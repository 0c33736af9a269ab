/** BullMQ, on the service's own PostgreSQL or on Redis. */
import { BullModule } from '@nestjs/bullmq';
import { Module, type DynamicModule } from '@nestjs/common';
import {
  createPostgresBackend,
  createRedisBackend,
  setDefaultBackendFactory,
  type BackendFactory,
  type QueueOptions,
} from 'bullmq';

export type QueueConnection = { on: 'postgres'; url: string } | { on: 'redis'; url: string };

@Module({})
export class QueueModule {
  static forRoot(connection: QueueConnection): DynamicModule {
    return { module: QueueModule, imports: [BullModule.forRoot(queueOptions(connection))] };
  }
}

function queueOptions(connection: QueueConnection): QueueOptions {
  if (connection.on === 'redis') {
    setDefaultBackendFactory(createRedisBackend as BackendFactory);
    return { connection: { url: connection.url, maxRetriesPerRequest: null } };
  }
  setDefaultBackendFactory(createPostgresBackend as unknown as BackendFactory);
  // The tables are made by `migrateDatabase`; the service's role may use them and not change them.
  // Nothing in the queue needs to outlive a crash (the database says what is due), so its commits do not wait for the disk.
  const session = '-c role=uct_service -c synchronous_commit=off';
  const pool = { connectionString: connection.url, options: session, max: 4, application_name: 'uct-ledger queue' };
  return { connection: pool };
}
