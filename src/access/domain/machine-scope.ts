/** What a token for a machine can be made for. */
import { Problem } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';
import type { Permission } from './actor.js';

/** Nothing that shows who a client is, that decides over people, or that signs for money; the database holds the same list. */
export const machineScopes = [
  'catalogue:read',
  'clients:register',
  'clients:read',
  'needs:record',
  'priorities:read',
  'plans:record',
  'transfers:read',
  'runs:read',
  'results:record',
  'funds:read',
  'books:read',
  'reports:read',
  'reports:read-own',
  'reports:make',
  'audit:read',
] as const satisfies readonly Permission[];

export const LONGEST_TOKEN_DAYS = 365;

/** What somebody with these permissions can make a token for. */
export function scopesFor(permissions: ReadonlySet<Permission>): Permission[] {
  return machineScopes.filter((scope) => permissions.has(scope));
}

/** Throws `scope-not-allowed` (422) when it is empty or more than somebody with these permissions can pass on. */
export function requireScope(scope: readonly string[], permissions: ReadonlySet<Permission>): Permission[] {
  const allowed = scopesFor(permissions);
  const wanted = allowed.filter((permission) => scope.includes(permission));
  if (wanted.length === 0 || wanted.length !== new Set(scope).size)
    throw Problem.refused(
      'scope-not-allowed',
      sentence('A token of yours can be made for: {scopes}.', { scopes: allowed.join(', ') }),
      'scope',
    );
  return wanted;
}
