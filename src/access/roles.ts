/** What each role may do, read from `config/roles.json` and checked against the names that the code knows. */
import { readConfigJson } from '../kernel/reference-data.js';
import { permissionNames, roleNames, type Permission, type Role } from './domain/actor.js';

const file = readConfigJson<{ secondFactorRequired: string[]; roles: Record<string, string[]> }>('roles.json');

for (const role of file.secondFactorRequired) {
  if (!(roleNames as readonly string[]).includes(role)) throw new Error(`config/roles.json: ${role} is not a role`);
}
for (const [role, permissions] of Object.entries(file.roles)) {
  if (!(roleNames as readonly string[]).includes(role)) throw new Error(`config/roles.json: ${role} is not a role`);
  for (const permission of permissions) {
    if (!(permissionNames as readonly string[]).includes(permission))
      throw new Error(`config/roles.json: ${permission} is not a permission`);
  }
}

export function permissionsOf(roles: readonly Role[]): ReadonlySet<Permission> {
  return new Set(roles.flatMap((role) => (file.roles[role] ?? []) as Permission[]));
}

/** Whether one of these roles is given to nobody who signs in with a password alone. */
export function rolesNeedSecondFactor(roles: readonly Role[]): boolean {
  return roles.some((role) => file.secondFactorRequired.includes(role));
}
