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
  'account:own',
  'catalogue:read',
  'clients:register',
  'clients:read',
  'clients:read-team',
  'clients:assign',
  'clients:emergency',
  'clients:export',
  'clients:erase',
  'emergencies:read',
  'duplicates:decide',
  'identity:read',
  'casework:record',
  'words:read',
  'needs:record',
  'priorities:read',
  'plans:record',
  'notes:write',
  'notes:read',
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
  'cash:carry',
  'cash:hand-out',
  'funds:read',
  'funds:write',
  'wages:maintain',
  'values:propose',
  'values:approve',
  'books:read',
  'books:publish',
  'reports:read',
  'reports:read-own',
  'reports:make',
  'audit:read',
  'users:manage',
  'payees:read',
  'keys:rotate',
] as const;
export type Permission = (typeof permissionNames)[number];

export interface Actor {
  userId: string;
  displayName: string;
  roles: readonly Role[];
  permissions: ReadonlySet<Permission>;
  /** Whose clients a supervisor sees: those of the caseworkers in the same team. Null for whoever is no person. */
  teamId: string | null;
  /** Ties the rows of the audit trail to one request or one run of a job. */
  requestId: string;
  /** The machine token by which somebody's program acts for them. */
  tokenId?: string;
}

/** The user that jobs act as; it can prepare runs, notice silence, make reports and verify, and never approve or release. */
export const SCHEDULE_USER_ID = '00000000-0000-7000-8000-000000000001';

export function scheduleActor(requestId: string): Actor {
  const permissions: Permission[] = [
    'runs:prepare',
    'results:record',
    'reports:make',
    'books:read',
    'books:publish',
    'audit:read',
  ];
  return {
    userId: SCHEDULE_USER_ID,
    displayName: 'Schedule',
    roles: [],
    permissions: new Set(permissions),
    teamId: null,
    requestId,
  };
}

/** Whoever works at the machine's command line. */
export const OPERATOR_USER_ID = '00000000-0000-7000-8000-000000000002';

/** Who acts when the operator works from the machine itself: command line, first start. */
export function operatorActor(requestId: string): Actor {
  const permissions: Permission[] = [
    'users:manage',
    'clients:export',
    'clients:erase',
    'keys:rotate',
    'funds:write',
    'funds:read',
    'books:read',
    'audit:read',
  ];
  return {
    userId: OPERATOR_USER_ID,
    displayName: 'Operator',
    roles: [],
    permissions: new Set(permissions),
    teamId: null,
    requestId,
  };
}

/** The user under whom failed sign-ins are recorded: nobody was signed in. */
export const NOBODY_USER_ID = '00000000-0000-7000-8000-000000000003';

/** Who acts when nobody is signed in: sign-ins that fail, links that are opened. */
export function nobodyActor(requestId: string): Actor {
  return {
    userId: NOBODY_USER_ID,
    displayName: 'Nobody',
    roles: [],
    permissions: new Set(),
    teamId: null,
    requestId,
  };
}

/** The second check, on the data, after the one on the route. Throws `forbidden` (403). */
export function requirePermission(actor: Actor, permission: Permission): void {
  if (!actor.permissions.has(permission)) throw Problem.forbidden();
}
