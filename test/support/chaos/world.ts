/** What many schedules share: one service on one database, whose process can die, its operator of mobile money, and the people who work there. */
import pg from 'pg';
import { DataSource } from 'typeorm';
import { scheduleActor, type Actor } from '../../../src/access/domain/actor.js';
import { createTestDatabase, sql } from '../database.js';
import { RailSimulator } from '../rail-simulator/core.js';
import { startTestService, type TestService } from '../service.js';
import { Process } from './crash.js';
import { seedOf } from '../chance.js';
import { connect, type OperatorInProcess } from './operator-in-process.js';

export interface World {
  service: TestService;
  process: Process;
  operator: OperatorInProcess;
  /** Looks into the database as its owner, past the process that can die. */
  look<Row extends pg.QueryResultRow>(statement: string, parameters?: unknown[]): Promise<Row[]>;
  people: {
    preparer: Actor;
    approver: Actor;
    approvers: Actor[];
    releaser: Actor;
    caseworker: Actor;
    supervisor: Actor;
    auditor: Actor;
    schedule: Actor;
  };
  close(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const db = await createTestDatabase();
  // Tables of a few hundred rows are read sooner than the best way to read them is found.
  await sql(
    db.url,
    `do $$ begin
       execute format('alter database %I set join_collapse_limit = 1', current_database());
       execute format('alter database %I set from_collapse_limit = 1', current_database());
       execute format('alter database %I set plan_cache_mode = force_generic_plan', current_database());
     end $$`,
  );
  const operator: OperatorInProcess = {
    simulator: new RailSimulator(),
    plan: () => ({ mode: 'accept-now' }),
    answersQuestions: true,
    before: () => undefined,
    after: () => undefined,
  };
  const connection = connect(operator);
  const service = await startTestService({ db, mobileMoney: connection.settings });
  const owner = new pg.Client({ connectionString: db.url });
  await owner.connect();
  return {
    service,
    process: new Process(service.app.get(DataSource)),
    operator,
    look: async <Row extends pg.QueryResultRow>(statement: string, parameters: unknown[] = []) =>
      (parameters.length > 0
        ? await owner.query<Row>({ name: `look-${seedOf(statement)}`, text: statement, values: parameters })
        : await owner.query<Row>(statement)
      ).rows,
    people: {
      preparer: service.actor('finance-preparer'),
      approver: service.actor('finance-approver'),
      approvers: [service.actor('finance-approver', 1), service.actor('finance-approver', 2)],
      releaser: service.actor('finance-releaser'),
      caseworker: service.actor('caseworker'),
      supervisor: service.actor('supervisor'),
      auditor: service.actor('auditor'),
      schedule: scheduleActor('chaos'),
    },
    close: async () => {
      connection.close();
      await owner.end();
      await service.close();
      await db.drop();
    },
  };
}
