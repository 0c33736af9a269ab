/** The operator's command: `npm run -s uct -- <command> [--json]`. Works on DATABASE_URL, on a running embedded service, or on its stopped data. */
import 'reflect-metadata';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { auditCommands } from './cli/audit.commands.js';
import { booksCommands } from './cli/books.commands.js';
import { clientCommands } from './cli/client.commands.js';
import { printError, type Command, type LoneCommand } from './cli/command.js';
import { keysCommands } from './cli/keys.commands.js';
import { usersCommands } from './cli/users.commands.js';
import { Clock } from './kernel/clock.js';
import { readConfig, type Config } from './kernel/config.js';
import { openEmbeddedHome } from './kernel/database/embedded-home.js';
import { Problem } from './kernel/domain/problem.js';
import { runVerifyBundle } from './ledger/transparency-log/verify-bundle-command.js';
import { runWitness, WITNESS_USAGE } from './ledger/transparency-log/witness/witness-command.js';

const loneCommands: Record<string, LoneCommand> = {
  'verify-bundle': {
    usage: 'verify-bundle FILE [--log-key KEY] [--witness KEY …] [--quorum NUMBER] [--earlier FILE] [--json]',
    does: 'checks the bundle of a report, for a donor or an auditor; needs no database and no network',
    run: runVerifyBundle,
  },
  witness: {
    usage: WITNESS_USAGE,
    does: 'runs a witness that cosigns the checkpoints of logs, for a partner; needs no database',
    run: runWitness,
  },
};

const commands: Record<string, Command> = {
  ...auditCommands,
  ...booksCommands,
  ...usersCommands,
  ...clientCommands,
  ...keysCommands,
};

const config = (() => {
  try {
    return readConfig(process.env);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
})();
process.exit(await main(process.argv.slice(2), config));

async function main([name, ...rest]: string[], config: Config): Promise<number> {
  if (name && Object.hasOwn(loneCommands, name)) return loneCommands[name]?.run(rest) ?? 2;
  const command = name && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    const isHelp = name === undefined || name === 'help' || name === '--help';
    (isHelp ? process.stdout : process.stderr).write(
      `${isHelp ? '' : `There is no command ${name}.\n`}Commands:\n${[
        ...Object.values(commands),
        ...Object.values(loneCommands),
      ]
        .map((one) => `  uct ${one.usage}\n      ${one.does}\n`)
        .join('')}`,
    );
    return isHelp ? 0 : 2;
  }
  let opened: { app: INestApplicationContext; close: () => Promise<void> } | undefined;
  try {
    const { values, positionals } = parseArgs({
      args: rest,
      options: { json: { type: 'boolean' }, ...command.options },
      allowPositionals: command.takesFile ?? false,
    });
    if (command.takesFile && positionals.length !== 1) throw Problem.refused('missing', 'Name one file.', 'file');
    opened = await open(config);
    return await command.run(opened.app, command.takesFile ? { ...values, file: positionals[0] } : values);
  } catch (error) {
    printError(
      error instanceof Problem
        ? `${error.code}: ${error.detail}`
        : error instanceof Error
          ? error.message
          : String(error),
    );
    return 2;
  } finally {
    await opened?.close();
  }
}

async function open(config: Config): Promise<{ app: INestApplicationContext; close: () => Promise<void> }> {
  const place = await findDatabase(config);
  const options = {
    databaseUrl: place.databaseUrl,
    queue: config.redisUrl
      ? ({ on: 'redis', url: config.redisUrl } as const)
      : ({ on: 'postgres', url: place.databaseUrl } as const),
    masterKey: place.masterKey,
    earlierMasterKeys: place.earlierMasterKeys,
    keys: config.keys,
    clock: new Clock(),
    timeZone: config.timeZone,
    log: config.log,
    worksOnJobs: false,
  };
  try {
    const app = await NestFactory.createApplicationContext(AppModule.forRoot(options), {
      logger: ['error', 'fatal'],
      abortOnError: false,
    });
    return { app, close: async () => (await app.close(), await place.close()) };
  } catch (error) {
    await place.close();
    throw error;
  }
}

async function findDatabase(
  config: Config,
): Promise<{ databaseUrl: string; masterKey: Buffer; earlierMasterKeys?: Buffer[]; close: () => Promise<void> }> {
  const nothing = () => Promise.resolve();
  if (config.databaseUrl)
    return {
      databaseUrl: config.databaseUrl,
      masterKey: Buffer.from(config.masterKey ?? '', 'base64'),
      earlierMasterKeys: config.earlierMasterKeys.map((key) => Buffer.from(key, 'base64')),
      close: nothing,
    };
  const runtimeFile = join(config.dataDir, 'runtime.json');
  if (existsSync(runtimeFile)) {
    const runtime = JSON.parse(readFileSync(runtimeFile, 'utf8')) as { databaseUrl: string; pid: number };
    if (isAlive(runtime.pid)) {
      const keys = JSON.parse(readFileSync(join(config.dataDir, 'keys.json'), 'utf8')) as { masterKey: string };
      return { databaseUrl: runtime.databaseUrl, masterKey: Buffer.from(keys.masterKey, 'base64'), close: nothing };
    }
  }
  if (!existsSync(join(config.dataDir, 'keys.json')))
    throw new Error('There is no data yet. Run npm start first, or set DATABASE_URL.');
  const home = await openEmbeddedHome(config.dataDir);
  return { databaseUrl: home.databaseUrl, masterKey: home.masterKey, close: () => home.stop() };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
