/** What makes a secret too weak to protect anybody: each of these answers a sentence that says why, or undefined. */
const MASTER_KEY_BYTES = 32;
/** 32 random bytes have 30 different ones or so; fewer than this never happens by chance. */
const LEAST_DISTINCT_BYTES = 16;
const LEAST_DISTINCT_CHARACTERS = 8;
const LEAST_PASSWORD = 12;
/** Those that stand in examples of PostgreSQL, Docker and this project, and those that everybody tries first. */
const WELL_KNOWN = [
  'postgres',
  'postgresql',
  'password',
  'passw0rd',
  'changeme',
  'change-me',
  'change_me',
  'secret',
  'admin',
  'administrator',
  'root',
  'test',
  'example',
  'default',
  'uct',
  'uct_app',
  'uct_migrator',
  'uct_ledger',
  'uct-ledger',
];

export function weaknessOfMasterKey(text: string): string | undefined {
  const key = Buffer.from(text, 'base64');
  if (key.length !== MASTER_KEY_BYTES || key.toString('base64') !== text) return 'must be 32 bytes in base64';
  const bytes = [...key];
  if (new Set(bytes).size < LEAST_DISTINCT_BYTES) return 'has few different bytes: it was not made at random';
  const step = stepBetween(bytes[0], bytes[1]);
  if (bytes.every((byte, at) => at === 0 || stepBetween(bytes[at - 1], byte) === step))
    return 'counts up or down: it was not made at random';
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return 'is a text: it was not made at random';
  return undefined;
}

/** Of something like a bearer token. */
export function weaknessOfToken(text: string, leastLength: number): string | undefined {
  if (text.length < leastLength) return `must have at least ${leastLength} characters`;
  if (new Set(text).size < LEAST_DISTINCT_CHARACTERS) return 'has few different characters: it was not made at random';
  return undefined;
}

/**
 * Of the password in the address of a database. Nothing is said of a database on this machine: who may enter is decided there by the
 * operating system, and nobody reaches it from elsewhere. `env` may hold a password where PostgreSQL's own programs look for one.
 */
export function weaknessOfDatabaseUrl(text: string, env: NodeJS.ProcessEnv): string | undefined {
  // PostgreSQL lets the host be left out; then it is a parameter, or a socket of this machine.
  const address = text.replace(/^([a-z]+:\/\/[^/?#]*@|[a-z]+:\/\/)\//, '$1localhost/');
  if (!URL.canParse(address)) return 'is not an address';
  const url = new URL(address);
  if (isThisMachine(url.searchParams.get('host') ?? url.hostname)) return undefined;
  const password = decoded(url.password) || env.PGPASSWORD;
  if (!password) {
    const elsewhere = env.PGPASSFILE ?? url.searchParams.get('sslcert');
    return elsewhere ? undefined : 'has no password, and the database is on another machine';
  }
  const lower = password.toLowerCase();
  if (WELL_KNOWN.includes(lower.replace(/\d+$/, '')) || lower === url.username.toLowerCase())
    return 'has a password that everybody knows';
  if (password.length < LEAST_PASSWORD) return `has a password of fewer than ${LEAST_PASSWORD} characters`;
  return new Set(lower).size < LEAST_DISTINCT_CHARACTERS ? 'has a password of few different characters' : undefined;
}

/** Sent in the clear over a network, a token is everybody's. */
export function isClearOverNetwork(address: string): boolean {
  return new URL(address).protocol === 'http:' && !isThisMachine(new URL(address).hostname);
}

function isThisMachine(host: string): boolean {
  return host === '' || host.startsWith('/') || ['localhost', '127.0.0.1', '::1', '[::1]'].includes(host.toLowerCase());
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function stepBetween(from = 0, to = 0): number {
  return (to - from + 256) % 256;
}
