/** Commands about the people who use the service. */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { operatorActor, type Role } from '../access/domain/actor.js';
import { UsersService } from '../access/users.service.js';
import { ConfirmationsService } from '../access/users/confirmations.service.js';
import { UserAdministrationService } from '../access/users/user-administration.service.js';
import { FundsService } from '../funds/funds.service.js';
import { Problem } from '../kernel/domain/problem.js';
import { print, textOf, textsOf, type Command, type Flags } from './command.js';

export const usersCommands: Record<string, Command> = {
  'create-user': {
    usage: 'create-user --email ADDRESS --name NAME --role ROLE [--role ROLE] [--donor NAME] [--json]',
    does: 'makes a user; the password is read from standard input, or made and shown when that is a terminal',
    options: {
      email: { type: 'string' },
      name: { type: 'string' },
      role: { type: 'string', multiple: true },
      donor: { type: 'string' },
    },
    async run(app, flags) {
      const { json } = flags;
      const [email, name, donor] = ['email', 'name', 'donor'].map((option) => textOf(flags, option));
      const role = textsOf(flags, 'role');
      if (!email || !name || role.length === 0)
        throw Problem.refused('missing', 'Give --email, --name and at least one --role.');
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
  'confirm-user': {
    usage: 'confirm-user --email ADDRESS [--json]',
    does: 'says that somebody whom an administrator let in, or gave more to, is really they; for when no other administrator can. Call them first',
    options: { email: { type: 'string' } },
    async run(app, flags) {
      const { id, email } = await userOf(app, flags);
      const confirmations = app.get(ConfirmationsService);
      const awaited = (await confirmations.of([id])).get(id) ?? [];
      const operator = operatorActor('command line');
      if (awaited.length > 0)
        await confirmations.confirm(
          operator,
          id,
          awaited.map((one) => one.id),
        );
      if (flags.json) print(JSON.stringify({ id, email, confirmed: awaited }));
      else if (awaited.length === 0) print(`Nothing has to be confirmed of ${email}.`);
      for (const { because, causedBy, causedAt } of flags.json ? [] : awaited)
        print(`Confirmed of ${email}: ${because}, by ${causedBy.displayName}, ${causedAt}.`);
      return 0;
    },
  },
  'reset-second-factor': {
    usage: 'reset-second-factor --email ADDRESS [--json]',
    does: 'takes away the second factor of somebody who lost device and recovery codes, and signs them out; for when no administrator can',
    options: { email: { type: 'string' } },
    async run(app, flags) {
      const { id, email } = await userOf(app, flags);
      await app.get(UserAdministrationService).resetSecondFactor(operatorActor('command line'), id);
      print(
        flags.json ? JSON.stringify({ id, email }) : `${email} signs in without a second factor, or sets up another.`,
      );
      return 0;
    },
  },
};

/** Whose address was given. Throws `missing` (422), `not-found` (404). */
async function userOf(app: INestApplicationContext, flags: Flags): Promise<{ id: string; email: string }> {
  const email = textOf(flags, 'email');
  if (!email) throw Problem.refused('missing', 'Give --email.');
  const id = await app.get(UsersService).idByEmail(email);
  if (!id) throw Problem.notFound('user', 'email');
  return { id, email };
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
