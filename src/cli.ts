/** The operator's command: `npm run -s uct -- <command> [--json]`. Works on DATABASE_URL, on a running embedded service, or on its stopped data. */
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { UsersService } from './access/users.service.js';
import { operatorActor, type Role } from './access/domain/actor.js';
import { AppModule } from './app.module.js';
import { FundsService } from './funds/funds.service.js';
import { Clock } from './kernel/clock.js';
import { readConfig, type Config } from './kernel/config.js';
import { openEmbeddedHome } from './kernel/database/embedded-home.js';
import { Problem } from './kernel/domain/problem.js';
import { BooksService } from './ledger/books.service.js';
import { keptCheckpoint } from './ledger/transparency-log/domain/bundle-reading.js';
import { runVerifyBundle } from './ledger/transparency-log/verify-bundle-command.js';
import { runWitness, WITNESS_USAGE } from './ledger/transparency-log/witness/witness-command.js';
import { verificationScreen } from './ledger/verification/verification-screen.js';
import { VerificationService } from './ledger/verification/verification.service.js';
import { progressOn } from './progress.js';
import { SelfCheckService } from './transfers/self-check.service.js';
import { SubjectErasureService } from './transfers/subject-erasure.service.js';

interface Flags {
  json?: boolean;
  email?: string;
  name?: string;
  role?: string[];
  donor?: string;
  checkpoint?: string[];
  client?: string;
}

interface Command {
  usage: string;
  does: string;
  /** Exit code: 0 when all holds, 1 when not. */
  run(app: INestApplicationContext, flags: Flags): Promise<number>;
}

/** A command that outsiders run: it needs no database. */
interface LoneCommand {
  usage: string;
  does: string;
  run(args: string[]): Promise<number>;
}

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

const print = (text: string) => process.stdout.write(`${text}\n`);

const commands: Record<string, Command> = {
  'trial-balance': {
    usage: 'trial-balance [--json]',
    does: 'adds up every entry; exit 0 when debits equal credits in each currency',
    async run(app, { json }) {
      const balance = await app.get(BooksService).trialBalance(operatorActor('command line'));
      if (json) print(JSON.stringify(balance, null, 2));
      else {
        for (const account of balance.accounts)
          print(
            `${account.fund.padEnd(16)} ${account.account.padEnd(18)} ${account.currency} ${account.balance.padStart(18)}`,
          );
        for (const total of balance.currencies)
          print(`${total.currency}: debits ${total.debits}, credits ${total.credits}, difference ${total.difference}`);
      }
      return balance.balanced ? 0 : 1;
    },
  },
  'self-check': {
    usage: 'self-check [--json]',
    does: 'checks that the books balance, that what was instructed has its entries, and that nobody was paid twice',
    async run(app, { json }) {
      const result = await app.get(SelfCheckService).run(operatorActor('command line'));
      if (json) print(JSON.stringify(result, null, 2));
      else
        for (const check of result.checks)
          print(
            `${check.holds ? 'holds ' : 'BROKEN'}  ${check.name}${check.holds ? '' : ` (${check.faults}: ${check.examples.join(', ')})`}`,
          );
      return result.ok ? 0 : 1;
    },
  },
  verify: {
    usage: 'verify [--checkpoint FILE …] [--json]',
    does: 'rebuilds books and log from the rows; with checkpoints that were kept elsewhere, says whether this is still that ledger',
    async run(app, { json, checkpoint }) {
      const kept = (checkpoint ?? []).map((file) => ({ name: file, note: keptCheckpoint(readKept(file)) }));
      const showProgress = json ? undefined : progressOn(process.stderr, 'Verifying the ledger');
      const findings = await app.get(VerificationService).run(operatorActor('command line'), {
        kept,
        onProgress: (entries, ofAbout) =>
          showProgress?.(Math.min(99, Math.floor((100 * entries) / Math.max(1, ofAbout))), `${entries} entries`),
      });
      if (json) print(JSON.stringify(findings, null, 2));
      else print(verificationScreen(findings));
      return findings.holds ? 0 : 1;
    },
  },
  'erase-subject': {
    usage: 'erase-subject --client CODE [--json]',
    does: 'deletes what ties the payments of a client to them in the log; every proof stands, and nothing opens that part any more',
    async run(app, { json, client }) {
      if (!client) throw Problem.refused('missing', 'Give --client.', 'client');
      const salts = await app.get(SubjectErasureService).erase(operatorActor('command line'), client);
      print(json ? JSON.stringify({ salts }) : `${salts} salts were deleted.`);
      return 0;
    },
  },
  'create-user': {
    usage: 'create-user --email ADDRESS --name NAME --role ROLE [--role ROLE] [--donor NAME] [--json]',
    does: 'makes a user; the password is read from standard input, or made and shown when that is a terminal',
    async run(app, { json, email, name, role, donor }) {
      if (!email || !name || !role) throw Problem.refused('missing', 'Give --email, --name and at least one --role.');
      if (role.includes('donor') !== (donor !== undefined))
        throw Problem.refused('missing', 'Role donor and --donor NAME go together.');
      if (donor && !(await app.get(FundsService).hasDonor(donor))) throw Problem.notFound('donor', 'donor');
      const given = await passwordFromInput();
      const password = given ?? randomBytes(15).toString('base64url');
      const operator = operatorActor('command line');
      const id = await app
        .get(UsersService)
        .create(operator, { email, displayName: name, password, roles: role as Role[] });
      if (donor) await app.get(FundsService).addDonorMember(operator, donor, id);
      if (json) print(JSON.stringify({ id, email, password: given ? undefined : password }));
      else print(`User ${email} was made.${given ? '' : ` Password: ${password}`}`);
      return 0;
    },
  },
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
    const { values } = parseArgs({
      args: rest,
      options: {
        json: { type: 'boolean' },
        email: { type: 'string' },
        name: { type: 'string' },
        role: { type: 'string', multiple: true },
        donor: { type: 'string' },
        client: { type: 'string' },
        checkpoint: { type: 'string', multiple: true },
      },
    });
    opened = await open(config);
    return await command.run(opened.app, values);
  } catch (error) {
    process.stderr.write(
      `${error instanceof Problem ? `${error.code}: ${error.detail}` : error instanceof Error ? error.message : String(error)}\n`,
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
): Promise<{ databaseUrl: string; masterKey: Buffer; close: () => Promise<void> }> {
  const nothing = () => Promise.resolve();
  if (config.databaseUrl)
    return {
      databaseUrl: config.databaseUrl,
      masterKey: Buffer.from(config.masterKey ?? '', 'base64'),
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

/** A checkpoint, or the bundle that it was in. Throws `file-unreadable`. */
function readKept(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw Problem.refused('file-unreadable', `${file} cannot be read.`, 'checkpoint');
  }
}

/** The first line of standard input, or undefined on a terminal. */
async function passwordFromInput(): Promise<string | undefined> {
  if (process.stdin.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    lines.close();
    return line.trim() || undefined;
  }
  return undefined;
}
