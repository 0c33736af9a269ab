/** What the environment says of the organisation's own sign-in (OpenID Connect). */
import { addressIn } from './config-address.js';
import type { OpenIdSettings } from './settings.js';
import { weaknessOfToken } from './weak-secrets.js';

const NEEDED = ['UCT_OIDC_ISSUER', 'UCT_OIDC_CLIENT_ID', 'UCT_OIDC_CLIENT_SECRET', 'UCT_PUBLIC_URL'] as const;
const LONGEST_NAME = 40;
const LEAST_SECRET = 16;

/** Undefined when none is described; faults are added to the list. */
export function readOpenIdSettings(env: NodeJS.ProcessEnv, faults: string[]): OpenIdSettings | undefined {
  const isDescribed = Object.keys(env).some((name) => name.startsWith('UCT_OIDC_') && env[name]);
  // Our own address serves others too: alone it does not ask for a provider.
  if (!isDescribed) return undefined;
  const missing = NEEDED.filter((name) => !env[name]);
  if (missing.length > 0) faults.push(`${missing.join(', ')}: needed to sign in with OpenID Connect`);

  const secret = env.UCT_OIDC_CLIENT_SECRET ?? '';
  const weakness = secret === '' ? undefined : weaknessOfToken(secret, LEAST_SECRET);
  if (weakness) faults.push(`UCT_OIDC_CLIENT_SECRET ${weakness}`);

  const issuer = addressIn(env, 'UCT_OIDC_ISSUER', faults);
  const publicUrl = addressIn(env, 'UCT_PUBLIC_URL', faults);
  if (publicUrl && publicUrl.pathname !== '/')
    faults.push('UCT_PUBLIC_URL must be the address of the start page, without a path');
  const name = env.UCT_OIDC_NAME?.trim() || 'your organisation’s account';
  if (name.length > LONGEST_NAME) faults.push(`UCT_OIDC_NAME must have at most ${LONGEST_NAME} characters`);
  return {
    // As it is written: a slash at the end belongs to the issuer's name.
    issuer: issuer ? (env.UCT_OIDC_ISSUER ?? '') : '',
    clientId: env.UCT_OIDC_CLIENT_ID ?? '',
    clientSecret: secret,
    publicUrl: publicUrl?.origin ?? '',
    name,
    secondFactorAcr: (env.UCT_OIDC_MFA_ACR ?? '').split(/\s+/).filter(Boolean),
  };
}
