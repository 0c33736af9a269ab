/** Reads what a form or an address carries. Anything that is not a text of reasonable length counts as not given. */
import { Problem } from '../kernel/domain/problem.js';
import { toProblem } from '../kernel/http/problem.filter.js';

export type Sent = Record<string, unknown>;

/** The text under that name without surrounding spaces; '' when there is none. */
export function textIn(sent: Sent | undefined, name: string, longest = 200): string {
  const value = sent?.[name];
  return typeof value === 'string' && value.length <= longest ? value.trim() : '';
}

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

/** What a page says when a service refused. A fault of ours is thrown on: it is logged and has a page of its own. */
export function refusalOf(thrown: unknown): { status: number; faults: Fault[] } {
  const problem = toProblem(thrown);
  if (problem.status >= 500 || problem.status === 404) throw thrown;
  return { status: problem.status, faults: [faultOf(problem)] };
}

export function faultOf({ detail, field }: Problem): Fault {
  return field ? { text: detail, href: `#${field}` } : { text: detail };
}

/** What a field's own error message shows; undefined when nothing is wrong with it. */
export function faultAt(faults: readonly Fault[] | undefined, field: string): { text: string } | undefined {
  const fault = faults?.find(({ href }) => href === `#${field}`);
  return fault && { text: fault.text };
}
