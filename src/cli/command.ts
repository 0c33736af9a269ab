/** What a command of `uct` is: how it is called, what it does, which options it takes, and its work. */
import type { ParseArgsConfig } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { printable } from '../kernel/domain/visible-text.js';

/** What was given on the command line; only the options that the command names can be there. */
export type Flags = Partial<Record<string, string | boolean | (string | boolean)[]>>;

export interface Command {
  usage: string;
  does: string;
  /** Beside --json, which every command takes. */
  options?: NonNullable<ParseArgsConfig['options']>;
  /** One file is named after the command; it comes as the flag `file`. */
  takesFile?: boolean;
  /** Exit code: 0 when all holds, 1 when not. Throws a Problem for what was asked wrongly: exit code 2. */
  run(app: INestApplicationContext, flags: Flags): Promise<number>;
}

/** A command that outsiders run: it needs no database. */
export interface LoneCommand {
  usage: string;
  does: string;
  run(args: string[]): Promise<number>;
}

/** Whatever somebody wrote into what is printed does nothing to the terminal. */
export const print = (text: string) => process.stdout.write(`${printable(text)}\n`);
export const printError = (text: string) => process.stderr.write(`${printable(text)}\n`);

/** The text given for an option, or undefined. */
export function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}

/** The texts given for an option that may come several times. */
export function textsOf(flags: Flags, name: string): string[] {
  return [flags[name] ?? []].flat().filter((value) => typeof value === 'string');
}
