/** What the environment says of keys: the master key, those before it, and who wraps the clients' data keys. */
import { existsSync } from 'node:fs';
import { keyProviderNames, type AwsKmsSettings, type KeySettings, type VaultSettings } from './settings.js';
import { isClearOverNetwork, weaknessOfMasterKey } from './weak-secrets.js';

const ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)\/[A-Za-z0-9/_-]+$/;

/** The master key in base64, and the earlier ones, the latest first. */
export function readMasterKeys(
  env: NodeJS.ProcessEnv,
  faults: string[],
): { masterKey?: string; earlierMasterKeys: string[] } {
  const masterKey = env.UCT_MASTER_KEY?.trim() || undefined;
  const earlierMasterKeys = listed(env.UCT_EARLIER_MASTER_KEYS);
  if (env.DATABASE_URL && !masterKey)
    faults.push('UCT_MASTER_KEY is needed with DATABASE_URL: it protects the identity of clients');
  if (masterKey) refuseWeak('UCT_MASTER_KEY', masterKey, faults);
  // An earlier key may be weak: that is a reason to have another now.
  for (const earlier of earlierMasterKeys) {
    if (Buffer.from(earlier, 'base64').length !== 32)
      faults.push('UCT_EARLIER_MASTER_KEYS must list keys of 32 bytes in base64, with commas between them');
  }
  if (masterKey && earlierMasterKeys.includes(masterKey))
    faults.push('UCT_MASTER_KEY must be another than those in UCT_EARLIER_MASTER_KEYS');
  if (new Set(earlierMasterKeys).size < earlierMasterKeys.length)
    faults.push('UCT_EARLIER_MASTER_KEYS lists a key twice');
  return { masterKey, earlierMasterKeys };
}

export function readKeySettings(env: NodeJS.ProcessEnv, faults: string[]): KeySettings {
  const name = env.UCT_KEY_PROVIDER ?? 'local';
  const provider = keyProviderNames.find((known) => known === name);
  if (!provider) faults.push(`UCT_KEY_PROVIDER must be one of: ${keyProviderNames.join(', ')}`);
  const vault = env.UCT_VAULT_ADDRESS ? readVault(env, env.UCT_VAULT_ADDRESS, faults) : undefined;
  if (provider === 'vault' && !vault) faults.push('UCT_VAULT_ADDRESS is needed with UCT_KEY_PROVIDER=vault');
  const awsKms = env.UCT_KMS_KEY ? readAwsKms(env, env.UCT_KMS_KEY, faults) : undefined;
  if (provider === 'aws-kms' && !awsKms) faults.push('UCT_KMS_KEY is needed with UCT_KEY_PROVIDER=aws-kms');
  return { provider: provider ?? 'local', vault, awsKms };
}

function readVault(env: NodeJS.ProcessEnv, address: string, faults: string[]): VaultSettings {
  refuseAddress('UCT_VAULT_ADDRESS', address, faults);
  const { UCT_VAULT_TOKEN: value, UCT_VAULT_TOKEN_FILE: file } = env;
  if (!value === !file)
    faults.push('UCT_VAULT_TOKEN or UCT_VAULT_TOKEN_FILE is needed with UCT_VAULT_ADDRESS, not both');
  if (file && !existsSync(file)) faults.push('UCT_VAULT_TOKEN_FILE is not there');
  const mount = env.UCT_VAULT_MOUNT ?? 'transit';
  if (!/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/.test(mount)) faults.push('UCT_VAULT_MOUNT must be a path like transit');
  const key = env.UCT_VAULT_KEY ?? 'uct-ledger';
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/.test(key)) faults.push('UCT_VAULT_KEY must be the name of a transit key');
  return { address, token: file ? { file } : { value: value ?? '' }, mount, key };
}

function readAwsKms(env: NodeJS.ProcessEnv, key: string, faults: string[]): AwsKmsSettings {
  if (!ARN.test(key))
    faults.push('UCT_KMS_KEY must be the ARN of a key or of an alias: arn:aws:kms:REGION:ACCOUNT:key/…');
  if (env.UCT_KMS_ENDPOINT) refuseAddress('UCT_KMS_ENDPOINT', env.UCT_KMS_ENDPOINT, faults);
  return { key, region: key.split(':')[3] ?? '', endpoint: env.UCT_KMS_ENDPOINT };
}

function refuseAddress(name: string, address: string, faults: string[]): void {
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) faults.push(`${name} must begin with https://`);
  else if (isClearOverNetwork(address)) faults.push(`${name} must begin with https:// unless it is on this machine`);
}

function refuseWeak(name: string, key: string, faults: string[]): void {
  const weakness = weaknessOfMasterKey(key);
  if (weakness) faults.push(`${name} ${weakness} (make one: openssl rand -base64 32)`);
}

function listed(text = ''): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}
