import { afterAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot, readConfig } from './config.js';

const KEY = randomBytes(32).toString('base64');
const OTHER_KEY = randomBytes(32).toString('base64');
const PASSWORD = randomBytes(24).toString('hex');
const tokenFile = join(tmpdir(), `uct-token-${process.pid}`);
writeFileSync(tokenFile, 'hvs.token');
afterAll(() => rmSync(tokenFile));

const OWN = { DATABASE_URL: `postgres://uct_app:${PASSWORD}@db.example.org/uct_ledger`, UCT_MASTER_KEY: KEY };
const VAULT = {
  ...OWN,
  UCT_KEY_PROVIDER: 'vault',
  UCT_VAULT_ADDRESS: 'https://vault.example.org:8200',
  UCT_VAULT_TOKEN: 'hvs.token',
};
const KMS_KEY = 'arn:aws:kms:ap-southeast-1:111122223333:alias/uct-ledger';
const KMS = { ...OWN, UCT_KEY_PROVIDER: 'aws-kms', UCT_KMS_KEY: KMS_KEY };

const refusal = (env: NodeJS.ProcessEnv): string => {
  try {
    readConfig(env);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};
const onHost = (rest: string) => ({ ...OWN, DATABASE_URL: `postgres://${rest}` });

describe('the environment', () => {
  it('may be empty: then everything is made and kept in the data folder', () => {
    expect(readConfig({})).toMatchObject({
      databaseUrl: undefined,
      keys: { provider: 'local' },
      earlierMasterKeys: [],
    });
  });

  it('with an own database and a good key is right', () => {
    expect(readConfig(OWN)).toMatchObject({ databaseUrl: OWN.DATABASE_URL, masterKey: KEY });
  });

  it('is told with every fault at once, and with no secret in it', () => {
    const text = refusal({ ...onHost('uct_app:geheim@db.example.org/x'), UCT_MASTER_KEY: 'c2hvcnQ=', PORT: 'x' });
    expect(text.split('\n')).toHaveLength(4);
    expect(text).not.toMatch(/geheim|c2hvcnQ/);
  });
});

describe('a master key is refused when', () => {
  it.each<[string, string | undefined, RegExp]>([
    ['it is missing with an own database', undefined, /UCT_MASTER_KEY is needed with DATABASE_URL/],
    ['it is empty, as in docker/env.example', '', /UCT_MASTER_KEY is needed with DATABASE_URL/],
    ['it is short', randomBytes(31).toString('base64'), /must be 32 bytes in base64/],
    ['it is long', randomBytes(33).toString('base64'), /must be 32 bytes in base64/],
    ['it is in hexadecimal', randomBytes(32).toString('hex'), /must be 32 bytes in base64/],
    ['it has other characters between', `${KEY.slice(0, 20)}!!${KEY.slice(20)}`, /must be 32 bytes in base64/],
    ['it is all zeros', Buffer.alloc(32).toString('base64'), /few different bytes/],
    ['it is one byte again and again', Buffer.alloc(32, 7).toString('base64'), /few different bytes/],
    ['it is eight bytes four times', Buffer.alloc(32, randomBytes(8)).toString('base64'), /few different bytes/],
    ['it counts up', Buffer.from(Array.from({ length: 32 }, (_, n) => n)).toString('base64'), /counts up or down/],
    [
      'it counts down',
      Buffer.from(Array.from({ length: 32 }, (_, n) => 99 - n)).toString('base64'),
      /counts up or down/,
    ],
    ['it is a sentence', Buffer.from('correct horse battery staple, x9').toString('base64'), /is a text/],
  ])('%s', (_, key, why) => {
    expect(refusal({ ...OWN, UCT_MASTER_KEY: key })).toMatch(why);
  });

  it('it is one of the earlier ones, or an earlier one is listed twice or is none', () => {
    expect(refusal({ ...OWN, UCT_EARLIER_MASTER_KEYS: `${OTHER_KEY},${KEY}` })).toMatch(/must be another than/);
    expect(refusal({ ...OWN, UCT_EARLIER_MASTER_KEYS: `${OTHER_KEY}, ${OTHER_KEY}` })).toMatch(/lists a key twice/);
    expect(refusal({ ...OWN, UCT_EARLIER_MASTER_KEYS: 'short' })).toMatch(/32 bytes in base64, with commas/);
    const weak = Buffer.alloc(32, 7).toString('base64'); // the reason to have another now
    expect(readConfig({ ...OWN, UCT_EARLIER_MASTER_KEYS: weak }).earlierMasterKeys).toEqual([weak]);
  });

  it('never when it is random', () => {
    for (let n = 0; n < 2000; n += 1)
      expect(refusal({ ...OWN, UCT_MASTER_KEY: randomBytes(32).toString('base64') })).toBe('');
  });
});

describe('the address of a database elsewhere is refused when its password', () => {
  it.each<[string, string, RegExp]>([
    ['is missing behind a parameter', 'uct_app@/uct_ledger?host=db.example.org', /DATABASE_URL has no password/],
    ['is missing', 'uct_app@db.example.org/uct_ledger', /DATABASE_URL has no password/],
    ['is empty', 'uct_app:@db.example.org/uct_ledger', /DATABASE_URL has no password/],
    ['is postgres', 'uct_app:postgres@db.example.org/uct_ledger', /everybody knows/],
    ['is changeme', 'uct_app:ChangeMe@db.example.org/uct_ledger', /everybody knows/],
    ['is a well-known one with a number', 'uct_app:password123@db.example.org/uct_ledger', /everybody knows/],
    ['is the name of the login', 'our_long_login_name:our_long_login_name@db.example.org/x', /everybody knows/],
    ['is short', 'uct_app:x7!kQz@db.example.org/uct_ledger', /fewer than 12/],
    ['repeats a few characters', 'uct_app:abcabcabcabcabc@db.example.org/uct_ledger', /few different/],
  ])('%s', (_, rest, why) => {
    expect(refusal(onHost(rest))).toMatch(why);
    expect(refusal({ ...OWN, MIGRATION_DATABASE_URL: `postgres://${rest}` })).toMatch(/MIGRATION_DATABASE_URL has/);
  });

  it.each([
    'uct_app@localhost/uct_ledger',
    'postgres:postgres@127.0.0.1:5433/uct_ledger',
    'postgres:postgres@[::1]/uct_ledger',
    'uct_app@/uct_ledger?host=/var/run/postgresql',
    'uct_app@/uct_ledger',
    '/uct_ledger',
  ])('but not on this machine: %s', (rest) => {
    expect(refusal(onHost(rest))).toBe('');
  });

  it('but not when the password or a certificate stands where PostgreSQL looks for it', () => {
    const bare = onHost('uct_app@db.example.org/uct_ledger');
    expect(refusal({ ...bare, PGPASSWORD: PASSWORD })).toBe('');
    expect(refusal({ ...bare, PGPASSWORD: 'changeme' })).toMatch(/everybody knows/);
    expect(refusal({ ...bare, PGPASSFILE: '/run/secrets/pgpass' })).toBe('');
    expect(refusal(onHost('uct_app@db.example.org/x?sslmode=verify-full&sslcert=/run/secrets/app.crt'))).toBe('');
  });

  it('but an address that is none is, without a stack', () => {
    expect(refusal(onHost('uct_app:x%zz@db example/x'))).toMatch(/DATABASE_URL is not an address/);
  });
});

describe('a token for metrics is refused when', () => {
  it.each<[string, string, RegExp]>([
    ['it is short', randomBytes(11).toString('hex'), /at least 24 characters/],
    ['it is one character again and again', 'a'.repeat(40), /few different characters/],
    ['it is a few characters again and again', 'abcabc'.repeat(8), /few different characters/],
  ])('%s', (_, token, why) => {
    expect(refusal({ UCT_METRICS_TOKEN: token })).toMatch(why);
  });

  it('never when it is random', () => {
    expect(refusal({ UCT_METRICS_TOKEN: randomBytes(24).toString('hex') })).toBe('');
  });
});

describe('Vault', () => {
  it('is described by its address, a token and the name of a key', () => {
    expect(readConfig(VAULT).keys).toEqual({
      provider: 'vault',
      vault: {
        address: 'https://vault.example.org:8200',
        token: { value: 'hvs.token' },
        mount: 'transit',
        key: 'uct-ledger',
      },
    });
    const fromFile = { ...VAULT, UCT_VAULT_TOKEN: undefined, UCT_VAULT_TOKEN_FILE: tokenFile };
    expect(readConfig(fromFile).keys.vault?.token).toEqual({ file: tokenFile });
  });

  it.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['without an address', { UCT_VAULT_ADDRESS: undefined }, /UCT_VAULT_ADDRESS is needed/],
    ['without a token', { UCT_VAULT_TOKEN: undefined }, /UCT_VAULT_TOKEN or UCT_VAULT_TOKEN_FILE is needed/],
    ['with two tokens', { UCT_VAULT_TOKEN_FILE: tokenFile }, /not both/],
    ['with a file that is not there', { UCT_VAULT_TOKEN_FILE: '/nowhere/token' }, /UCT_VAULT_TOKEN_FILE is not there/],
    ['in the clear over a network', { UCT_VAULT_ADDRESS: 'http://vault.example.org:8200' }, /unless it is on this/],
    ['with an address that is none', { UCT_VAULT_ADDRESS: 'vault:8200' }, /must begin with https/],
    ['with a mount that leads elsewhere', { UCT_VAULT_MOUNT: '../sys' }, /UCT_VAULT_MOUNT/],
    ['with a key that leads elsewhere', { UCT_VAULT_KEY: 'a/../b' }, /UCT_VAULT_KEY/],
  ])('is refused %s', (_, change, why) => {
    expect(refusal({ ...VAULT, ...change })).toMatch(why);
  });

  it('may be asked in the clear on this machine', () => {
    expect(refusal({ ...VAULT, UCT_VAULT_ADDRESS: 'http://127.0.0.1:8200' })).toBe('');
  });
});

describe('AWS KMS', () => {
  it('is described by the ARN of a key, which says the region', () => {
    expect(readConfig(KMS).keys).toEqual({ provider: 'aws-kms', awsKms: { key: KMS_KEY, region: 'ap-southeast-1' } });
  });

  it.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ['without a key', { UCT_KMS_KEY: undefined }, /UCT_KMS_KEY is needed/],
    ['with a name that is no ARN', { UCT_KMS_KEY: 'alias/uct-ledger' }, /must be the ARN/],
    ['in the clear over a network', { UCT_KMS_ENDPOINT: 'http://kms.example.org' }, /unless it is on this machine/],
  ])('is refused %s', (_, change, why) => {
    expect(refusal({ ...KMS, ...change })).toMatch(why);
  });
});

describe('an unknown key provider', () => {
  it('is refused', () => {
    expect(refusal({ ...OWN, UCT_KEY_PROVIDER: 'gcp' })).toMatch(/must be one of: local, vault, aws-kms/);
  });
});

describe('docker/env.example', () => {
  it('holds no secret that would be taken: whoever only copies it is refused', () => {
    const lines = readFileSync(join(projectRoot, 'docker', 'env.example'), 'utf8').split('\n');
    const example = Object.fromEntries(
      lines.filter((line) => /^[A-Z_]+=/.test(line)).map((line) => line.split('=', 2)),
    );
    expect(example).toMatchObject({ UCT_MASTER_KEY: '', UCT_APP_PASSWORD: '', POSTGRES_PASSWORD: '' });
    const url = `postgres://uct_app:${example.UCT_APP_PASSWORD}@database:5432/uct_ledger`;
    const text = refusal({ DATABASE_URL: url, UCT_MASTER_KEY: example.UCT_MASTER_KEY as string });
    expect(text).toMatch(/no password[^]*UCT_MASTER_KEY is needed/);
  });

  const textOf = (...path: string[]) => readFileSync(join(projectRoot, ...path), 'utf8');
  const settingsIn = (text: string) => new Set(text.match(/\bUCT_[A-Z_]*[A-Z]\b(?!_)/g));
  const known = settingsIn(
    readdirSync(join(projectRoot, 'src', 'kernel'))
      .filter((file) => /^config.*(?<!\.spec)\.ts$/.test(file))
      .map((file) => textOf('src', 'kernel', file))
      .join(),
  );
  /** Of the image itself, or decided by what compose starts. */
  const decided = ['UCT_DATA_DIR', 'UCT_JOBS'];

  it('names every setting that there is, and compose hands each on to the service and its worker', () => {
    const compose = textOf('docker', 'compose.yaml');
    const shared = compose.slice(compose.indexOf('x-service:'), compose.indexOf('\nservices:'));
    const wanted = [...known].filter((name) => !decided.includes(name)).sort();
    expect(wanted).toContain('UCT_MOBILE_MONEY_CALLBACK_TOKEN');
    const example = settingsIn(textOf('docker', 'env.example'));
    expect([...example].filter((name) => !['UCT_APP_PASSWORD', 'UCT_PORT'].includes(name)).sort()).toEqual(wanted);
    expect(wanted.filter((name) => !shared.includes(`    ${name}: \${${name}:`))).toEqual([]);
  });

  it('and docs/howto tells of each', () => {
    const told = settingsIn(
      readdirSync(join(projectRoot, 'docs', 'howto'))
        .map((file) => textOf('docs', 'howto', file))
        .join(),
    );
    expect([...known].filter((name) => !told.has(name))).toEqual([]);
  });

  it('may stay empty but for the secrets: an empty value is none', () => {
    const empty = Object.fromEntries([...known].map((name) => [name, '']));
    expect(readConfig({ ...empty, ...OWN })).toEqual(readConfig(OWN));
  });
});

describe('an operator of mobile money', () => {
  const SECRET = randomBytes(24).toString('hex');
  const OPERATOR = {
    UCT_MOBILE_MONEY_URL: 'https://api.operator.example/v1.2/mm/',
    UCT_MOBILE_MONEY_API_KEY: SECRET,
    UCT_MOBILE_MONEY_PAYER: 'walletid:5000',
    UCT_MOBILE_MONEY_CALLBACK_TOKEN: randomBytes(24).toString('hex'),
    UCT_PUBLIC_URL: 'https://ledger.example.org',
  };

  it('is none when nothing is said of one', () => {
    expect(readConfig({ UCT_PUBLIC_URL: 'https://ledger.example.org' }).mobileMoney).toBeUndefined();
  });

  it('is described by its address, a key, the account that pays and our own address', () => {
    expect(readConfig(OPERATOR).mobileMoney).toMatchObject({
      url: 'https://api.operator.example/v1.2/mm',
      apiKey: SECRET,
      payer: { key: 'walletid', value: '5000' },
      callbackBase: 'https://ledger.example.org',
      perMinute: 60,
      mostAsks: 12,
      keepsIdsHours: undefined,
      timeoutMs: 30_000,
    });
  });

  it.each<[string, Record<string, string | undefined>, RegExp]>([
    [
      'it is reached in the clear',
      { UCT_MOBILE_MONEY_URL: 'http://api.operator.example/mm' },
      /UCT_MOBILE_MONEY_URL must be an address/,
    ],
    ['no key is given', { UCT_MOBILE_MONEY_API_KEY: undefined }, /UCT_MOBILE_MONEY_API_KEY, or _USER and _PASSWORD/],
    ['the key is short', { UCT_MOBILE_MONEY_API_KEY: 'geheim' }, /UCT_MOBILE_MONEY_API_KEY must have at least 16/],
    ['a user has no password', { UCT_MOBILE_MONEY_USER: 'us' }, /go together/],
    [
      'the callback token is missing',
      { UCT_MOBILE_MONEY_CALLBACK_TOKEN: '' },
      /UCT_MOBILE_MONEY_CALLBACK_TOKEN: needed/,
    ],
    ['the callback token is short', { UCT_MOBILE_MONEY_CALLBACK_TOKEN: 'abcdefgh12345678' }, /at least 32/],
    ['the callback token is one letter', { UCT_MOBILE_MONEY_CALLBACK_TOKEN: 'a'.repeat(40) }, /few different/],
    ['the callback token has a slash', { UCT_MOBILE_MONEY_CALLBACK_TOKEN: `${SECRET}/x` }, /letters, digits/],
    ['our own address is missing', { UCT_PUBLIC_URL: undefined }, /UCT_PUBLIC_URL: needed to pay by mobile money/],
    ['the payer is only a number', { UCT_MOBILE_MONEY_PAYER: '5000' }, /UCT_MOBILE_MONEY_PAYER must be/],
    [
      'it may be asked no times',
      { UCT_MOBILE_MONEY_MOST_ASKS: '0' },
      /UCT_MOBILE_MONEY_MOST_ASKS must be a whole number/,
    ],
  ])('is refused when %s, and the refusal quotes no secret', (_, change, words) => {
    const text = refusal({ ...OPERATOR, ...change });
    expect(text).toMatch(words);
    expect(text).not.toMatch(/geheim|abcdefgh/);
    expect(text).not.toContain(SECRET);
  });
});
