/** What every room stands on: the database, the queue, the clock, ids and keys. */
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Clock } from './clock.js';
import { Ids } from './ids.js';
import { MasterKeyCheck } from './master-key-check.js';
import { QueueModule, type QueueConnection } from './queue/queue.module.js';
import { Readiness } from './readiness.js';
import { Secrets } from './secrets.js';
import { Settings, type LogSettings } from './settings.js';

export interface KernelOptions {
  /** URL of a login whose rights are cut down to those of role uct_service as soon as it connects. */
  databaseUrl: string;
  queue: QueueConnection;
  /** 32 bytes. */
  masterKey: Buffer;
  clock: Clock;
  timeZone: string;
  worksOnJobs: boolean;
  log?: LogSettings;
  metricsToken?: string;
}

@Global()
@Module({})
export class KernelModule {
  static forRoot(options: KernelOptions): DynamicModule {
    const provided = [
      { provide: Clock, useValue: options.clock },
      { provide: Secrets, useValue: new Secrets(options.masterKey) },
      { provide: Settings, useValue: new Settings(options.timeZone, options.log, options.metricsToken) },
      { provide: Readiness, useValue: new Readiness() },
      Ids,
    ];
    return {
      module: KernelModule,
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url: options.databaseUrl,
          autoLoadEntities: true,
          synchronize: false,
          logging: false, // parameters are people's data
          retryAttempts: 3,
          applicationName: 'uct-ledger',
          extra: {
            // A transaction that nobody goes on with holds up the log, and locks that others wait for.
            options: '-c role=uct_service -c idle_in_transaction_session_timeout=120000',
            max: 12,
            // Better an error that can be tried again than a service in which everybody waits for everybody.
            connectionTimeoutMillis: 15_000,
          },
        }),
        QueueModule.forRoot(options.queue),
      ],
      providers: [...provided, MasterKeyCheck],
      exports: provided,
    };
  }
}
