/** Reads what a form or an address carries. Anything that is not a text of reasonable length counts as not given. */
import type { Type } from '@nestjs/common';
import { Problem, type FieldError } from '../kernel/domain/problem.js';
import { toProblem } from '../kernel/http/problem.filter.js';
import { validationPipe } from '../kernel/http/validation.js';
import { t } from './languages/language.js';

export type Sent = Record<string, unknown>;

/** The text under that name without surrounding spaces; '' when there is none. */
export function textIn(sent: Sent | undefined, name: string, longest = 200): string {
  const value = sent?.[name];
  return typeof value === 'string' && value.length <= longest ? value.replaceAll('\r\n', '\n').trim() : '';
}

/** The texts under that name, of a field that can be sent several times; no more of them than a form has. */
export function textsIn(sent: Sent | undefined, name: string, most = 50): string[] {
  return [sent?.[name] ?? []]
    .flat()
    .filter((value): value is string => typeof value === 'string' && value.length <= 200)
    .slice(0, most);
}

/** A secret as it was typed; one letter more than any may have is kept, so that what is cut off never makes a wrong one right. */
export function secretIn(sent: Sent | undefined, name: string): string {
  const value = sent?.[name];
  return typeof value === 'string' ? value.slice(0, LONGEST_SECRET) : '';
}
const LONGEST_SECRET = 201;

/** The address of the same page with these values, leaving out those that are empty. */
export function addressWith(path: string, values: Record<string, string | null | undefined>): string {
  const given = Object.entries(values).flatMap(([name, value]) => (value ? [[name, value] as [string, string]] : []));
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`;
}

/** One line of the error summary at the top of a page, with the field it leads to. */
export interface Fault {
  text: string;
  href?: string;
}

export interface Refused {
  status: number;
  code: string;
  faults: Fault[];
  retryAfterSeconds?: number;
}

/** What a page says when a service refused. A fault of ours is thrown on: it is logged and has a page of its own. */
export function refusalOf(thrown: unknown): Refused {
  const problem = toProblem(thrown);
  if (problem.status >= 500 || problem.status === 404) throw thrown;
  const faults = problem.errors.length > 0 ? problem.errors.map(faultOf) : [faultOf(problem)];
  return { status: problem.status, code: problem.code, faults, retryAfterSeconds: problem.retryAfterSeconds };
}

/** What is to be said of a form that cannot be taken, or null when it was taken. */
export async function refusal(
  faults: Fault[],
  act: () => Promise<unknown>,
): Promise<(Omit<Refused, 'code'> & { code?: string }) | null> {
  if (faults.length > 0) return { status: 422, faults };
  try {
    await act();
    return null;
  } catch (thrown) {
    return refusalOf(thrown);
  }
}

const apiChecks = validationPipe();

/** What was typed, checked as the API checks a body, so that a page takes what the API takes. Throws what the API answers (422). */
export function asApiTakes<Body>(dto: Type<Body>, typed: object): Promise<Body> {
  return apiChecks.transform(typed, { type: 'body', metatype: dto }) as Promise<Body>;
}

/** What was refused, in the language that is spoken. */
export function faultOf(refused: Problem | FieldError): Fault {
  const text = t(refused instanceof Problem ? refused.wording : refused.detail);
  return refused.field ? { text, href: `#${refused.field}` } : { text };
}

/** What a field's own error message shows; undefined when nothing is wrong with it. */
export function faultAt(faults: readonly Fault[] | undefined, field: string): { text: string } | undefined {
  const fault = faults?.find(({ href }) => href === `#${field}`);
  return fault && { text: fault.text };
}

/** The choices with one more for a value that is none of them, so that a form never changes by itself what it shows. */
export function withChoice(choices: readonly { value: string; text: string }[], value: string | undefined) {
  return !value || choices.some((choice) => choice.value === value) ? choices : [...choices, { value, text: value }];
}
