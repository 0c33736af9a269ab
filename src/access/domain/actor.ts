/** Who acts: the first argument of every service method that changes or reads something a role guards. */
import { Problem } from '../../kernel/domain/problem.js';

export const roleNames = [
  'caseworker',
  'supervisor',
  'finance-preparer',
  'finance-approver',
  'finance-releaser',
  'donor',
  'auditor',
  'administrator',
] as const;
export type Role = (typeof roleNames)[number];

export const permissionNames = [
  'catalogue:read',
  'clients:register',
  'clients:read',
  'clients:read-all',
  'identity:read',
  'needs:record',
  'priorities:read',
  'plans:record',
  'enrolments:propose',
  'enrolments:approve',
  'transfers:read',
  'transfers:hold',
  'transfers:end-hold',
  'transfers:reissue',
  'runs:read',
  'runs:prepare',
  'runs:approve',
  'runs:release',
  'runs:send-back',
  'results:record',
  'funds:read',
  'funds:write',
  'books:read',
  'books:publish',
  'reports:read',
  'reports:read-own',
  'reports:make',
  'audit:read',
  'users:manage',
  'subjects:erase',
] as const;
export type Permission = (typeof permissionNames)[number];

export interface Actor {
  userId: string;
  displayName: string;
  roles: readonly Role[];
  permissions: ReadonlySet<Permission>;
  /** Ties the rows of the audit trail to one request or one run of a job. */
  requestId: string;
}

/** The user that jobs act as; it can prepare runs, notice silence and make reports, and never approve or release. */
export const SCHEDULE_USER_ID = '00000000-0000-7000-8000-000000000001';

export function scheduleActor(requestId: string): Actor {
  const permissions: Permission[] = ['runs:prepare', 'results:record', 'reports:make', 'books:read', 'books:publish'];
  return { userId: SCHEDULE_USER_ID, displayName: 'Schedule', roles: [], permissions: new Set(permissions), requestId };
}

/** The second check, on the data, after the one on the route. Throws `forbidden` (403). */
export function requirePermission(actor: Actor, permission: Permission): void {
  if (!actor.permissions.has(permission)) throw Problem.forbidden();
}
