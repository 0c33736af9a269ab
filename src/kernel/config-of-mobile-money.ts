/** What the environment says of the operator that mobile money is sent through. */
import { addressIn } from './config-address.js';
import type { MobileMoneySettings } from './settings.js';
import { weaknessOfToken } from './weak-secrets.js';

const NEEDED = [
  'UCT_MOBILE_MONEY_URL',
  'UCT_MOBILE_MONEY_PAYER',
  'UCT_MOBILE_MONEY_CALLBACK_TOKEN',
  'UCT_PUBLIC_URL',
] as const;
const LEAST_SECRET = 16;
const LEAST_CALLBACK_TOKEN = 32;
const DEFAULTS = { perMinute: 60, mostAsks: 12, timeoutSeconds: 30 };

/** Undefined when none is described; faults are added to the list. */
export function readMobileMoneySettings(env: NodeJS.ProcessEnv, faults: string[]): MobileMoneySettings | undefined {
  const isDescribed = Object.keys(env).some((name) => name.startsWith('UCT_MOBILE_MONEY_') && env[name]);
  if (!isDescribed) return undefined;
  const missing = NEEDED.filter((name) => !env[name]);
  if (missing.length > 0) faults.push(`${missing.join(', ')}: needed to pay by mobile money`);

  const apiKey = env.UCT_MOBILE_MONEY_API_KEY || undefined;
  const [user, password] = [env.UCT_MOBILE_MONEY_USER || undefined, env.UCT_MOBILE_MONEY_PASSWORD || undefined];
  if (!apiKey && !password)
    faults.push('UCT_MOBILE_MONEY_API_KEY, or _USER and _PASSWORD: needed to pay by mobile money');
  if ((user === undefined) !== (password === undefined))
    faults.push('UCT_MOBILE_MONEY_USER and UCT_MOBILE_MONEY_PASSWORD go together');
  refuseWeak('UCT_MOBILE_MONEY_API_KEY', apiKey, LEAST_SECRET, faults);
  refuseWeak('UCT_MOBILE_MONEY_PASSWORD', password, LEAST_SECRET, faults);
  const callbackToken = env.UCT_MOBILE_MONEY_CALLBACK_TOKEN || undefined;
  refuseWeak('UCT_MOBILE_MONEY_CALLBACK_TOKEN', callbackToken, LEAST_CALLBACK_TOKEN, faults);
  if (callbackToken && !/^[A-Za-z0-9_-]+$/.test(callbackToken))
    faults.push('UCT_MOBILE_MONEY_CALLBACK_TOKEN must be of letters, digits, - and _: it stands in an address');

  const [, key, value] = /^([a-z]{3,20}):(\S{1,100})$/.exec(env.UCT_MOBILE_MONEY_PAYER ?? '') ?? [];
  if (env.UCT_MOBILE_MONEY_PAYER && (!key || !value))
    faults.push('UCT_MOBILE_MONEY_PAYER must be the kind of your account and its number, like walletid:1234');
  const url = addressIn(env, 'UCT_MOBILE_MONEY_URL', faults);
  const publicUrl = addressIn(env, 'UCT_PUBLIC_URL', faults);
  return {
    url: url?.href.replace(/\/+$/, '') ?? '',
    apiKey,
    basic: user && password ? { user, password } : undefined,
    payer: { key: key ?? '', value: value ?? '' },
    callbackBase: publicUrl?.origin ?? '',
    callbackToken: callbackToken ?? '',
    perMinute: wholeNumber(env, 'UCT_MOBILE_MONEY_PER_MINUTE', 6_000, faults) ?? DEFAULTS.perMinute,
    mostAsks: wholeNumber(env, 'UCT_MOBILE_MONEY_MOST_ASKS', 100, faults) ?? DEFAULTS.mostAsks,
    keepsIdsHours: wholeNumber(env, 'UCT_MOBILE_MONEY_KEEPS_IDS_HOURS', 100_000, faults),
    timeoutMs: (wholeNumber(env, 'UCT_MOBILE_MONEY_TIMEOUT_SECONDS', 120, faults) ?? DEFAULTS.timeoutSeconds) * 1000,
  };
}

function refuseWeak(name: string, secret: string | undefined, leastLength: number, faults: string[]): void {
  const weakness = secret === undefined ? undefined : weaknessOfToken(secret, leastLength);
  if (weakness) faults.push(`${name} ${weakness}`);
}

/** From 1 to `most`; undefined when it is not said. */
function wholeNumber(env: NodeJS.ProcessEnv, name: string, most: number, faults: string[]): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > most)
    faults.push(`${name} must be a whole number from 1 to ${most}`);
  return number;
}
