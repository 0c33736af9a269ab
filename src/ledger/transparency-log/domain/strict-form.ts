/** Reading what comes from outside strictly: every field is known, of its form and of a limited size. Runs in a browser too. */
import { canonicalJson } from '../../../kernel/domain/canonical-json.js';

export type FormCode =
  | 'too-large'
  | 'not-json'
  | 'duplicate-field'
  | 'unknown-field'
  | 'missing-field'
  | 'malformed-field'
  | 'not-canonical';

/** What is wrong and, in `path`, where: from the outside inwards. */
export class FormFault extends Error {
  readonly path: string[] = [];

  constructor(
    readonly code: FormCode,
    message: string,
  ) {
    super(message);
  }
}

/** Returns when the value has the form, and raises `FormFault` when not. */
export type Form = (value: unknown) => void;

const LARGEST_TEXT = 64 * 1024;
/** A part has this many characters at least, taken together: most are hashes and salts, of more than forty. The first are free. */
const LENGTH_OF_PART = 16;
const PARTS_FREE = 1_000;

/** An object with exactly these fields; those named in `optional` may be left out. */
export function fields<T extends object>(forms: { [K in keyof T]-?: Form }, optional: readonly (keyof T)[] = []): Form {
  const known = Object.entries(forms) as [keyof T & string, Form][];
  return (value) => {
    const object = asObject(value);
    for (const name of Object.keys(object))
      if (!Object.hasOwn(forms, name)) at(name, () => refuse('unknown-field', 'is no field of this format'));
    for (const [name, form] of known) {
      if (object[name] !== undefined) at(name, () => form(object[name]));
      else if (!optional.includes(name)) at(name, () => refuse('missing-field', 'is missing'));
    }
  };
}

/** An object whose fields are named by codes, all of one form. */
export function byCode(code: RegExp, form: Form, most: number): Form {
  return (value) => {
    const members = Object.entries(asObject(value));
    if (members.length > most) refuse('too-large', `has more than ${most} fields`);
    for (const [name, member] of members)
      at(name, () => (code.test(name) ? form(member) : refuse('unknown-field', 'is no field of this format')));
  };
}

export function listOf(form: Form, most: number): Form {
  return (value) => {
    if (!Array.isArray(value)) return refuse('malformed-field', 'is no list');
    if (value.length > most) refuse('too-large', `has more than ${most} parts`);
    for (const [index, part] of (value as unknown[]).entries()) at(String(index), () => form(part));
  };
}

export function orNull(form: Form): Form {
  return (value) => (value === null ? undefined : form(value));
}

export function text(pattern: RegExp, what: string): Form {
  return (value) => {
    if (typeof value !== 'string' || !pattern.test(value)) refuse('malformed-field', `is not ${what}`);
  };
}

export function oneOf(...values: readonly string[]): Form {
  return (value) => {
    if (typeof value !== 'string' || !values.includes(value)) refuse('malformed-field', 'is none of the known words');
  };
}

/** A whole number from 0 that no rounding has touched. */
export const count: Form = (value) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    refuse('malformed-field', 'is not a whole number that can be counted exactly');
};

/** A text that is the one canonical JSON text of a content of this form: what was committed to can be read in one way only. */
export function canonicalText(form: Form): Form {
  return (value) => {
    if (typeof value !== 'string') return refuse('malformed-field', 'is no text');
    if (value.length > LARGEST_TEXT) refuse('too-large', `is longer than ${LARGEST_TEXT} characters`);
    const content = parseJson(value);
    form(content);
    if (canonicalJson(content) !== value) refuse('not-canonical', 'is not written in the one canonical way');
  };
}

/** Raises `FormFault` `not-json`. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return refuse('not-json', 'is not in JSON');
  }
}

/** What a text in JSON is written with, outside of its strings. */
export interface Written {
  /** Of all objects together. */
  members: number;
  /** Members, lists, objects, and what stands beside another in them. */
  parts: number;
}

/**
 * Counts before anything is parsed. Raises `FormFault` `too-large` when there are more parts than a text of that length can be made of: a few
 * hundred megabytes of empty lists would take all memory, and the reader would hear nothing for minutes.
 */
export function countParts(json: string): Written {
  let [members, parts] = [0, 0];
  let inString = false;
  for (let place = 0; place < json.length; place++) {
    const character = json.charCodeAt(place);
    if (character === QUOTE) inString = !inString;
    else if (inString) place += character === BACKSLASH ? 1 : 0;
    else if (character === COLON) members++;
    else if (character === COMMA || character === LIST || character === OBJECT) parts++;
  }
  parts += members;
  if (parts > PARTS_FREE + json.length / LENGTH_OF_PART)
    refuse('too-large', 'is made of more parts than a report of its size');
  return { members, parts };
}

/** Raises `FormFault` when an object of the text has a field twice: of such a file each reader could see another one. */
export function refuseDuplicates({ members }: Written, parsed: unknown): void {
  if (members !== membersRead(parsed)) refuse('duplicate-field', 'has a field that is written twice');
}

export function refuse(code: FormCode, message: string): never {
  throw new FormFault(code, message);
}

/** Adds the name of the place to a fault that comes out of it. */
export function at<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof FormFault) error.path.unshift(name);
    throw error;
  }
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse('malformed-field', 'is no object');
  return value as Record<string, unknown>;
}

const [QUOTE, BACKSLASH, COLON, COMMA, LIST, OBJECT] = [...'"\\:,[{'].map((character) => character.charCodeAt(0));

function membersRead(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const members: unknown[] = Object.values(value);
  return members.reduce<number>((sum, member) => sum + membersRead(member), Array.isArray(value) ? 0 : members.length);
}
