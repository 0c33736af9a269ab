/** What every room stands on: the database, the queue, the clock, ids and keys. */
import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Clock } from './clock.js';
import { Ids } from './ids.js';
import { QueueModule, type QueueConnection } from './queue/queue.module.js';
import { Readiness } from './readiness.js';
import { openSecretsAt } from './root-secret.js';
import { MasterKeys, Secrets } from './secrets.js';
import {
  Settings,
  type BankReportSettings,
  type KeySettings,
  type LogSettings,
  type MobileMoneySettings,
  type OpenIdSettings,
  type WebSettings,
} from './settings.js';

export interface KernelOptions {
  /** URL of a login whose rights are cut down to those of role uct_service as soon as it connects. */
  databaseUrl: string;
  queue: QueueConnection;
  /** 32 bytes. */
  masterKey: Buffer;
  /** Master keys that something may still be sealed under, the latest first. */
  earlierMasterKeys?: readonly Buffer[];
  /** Who wraps data keys; the master key when left out. */
  keys?: KeySettings;
  clock: Clock;
  timeZone: string;
  worksOnJobs: boolean;
  log?: LogSettings;
  metricsToken?: string;
  web?: WebSettings;
  openId?: OpenIdSettings;
  bankReports?: BankReportSettings;
  mobileMoney?: MobileMoneySettings;
}

@Global()
@Module({})
export class KernelModule {
  /** Throws when the master key is not this database's, before anything else is opened. */
  static async forRoot(options: KernelOptions): Promise<DynamicModule> {
    const masterKeys = new MasterKeys(options.masterKey, options.earlierMasterKeys);
    const provided = [
      { provide: Clock, useValue: options.clock },
      { provide: MasterKeys, useValue: masterKeys },
      { provide: Secrets, useValue: await openSecretsAt(options.databaseUrl, masterKeys) },
      { provide: Settings, useValue: new Settings(options) },
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
            // Any page costs about the same on today's disks; at PostgreSQL's own guess, of ever larger tables ever more is read for a few rows.
            options:
              '-c role=uct_service -c idle_in_transaction_session_timeout=120000 -c random_page_cost=1.1 -c jit=off',
            max: 12,
            // Better an error that can be tried again than a service in which everybody waits for everybody.
            connectionTimeoutMillis: 15_000,
          },
        }),
        QueueModule.forRoot(options.queue),
      ],
      providers: provided,
      exports: provided,
    };
  }
}
