/** What an environment must say before anybody is sent to a provider, and what it must not. */
import { readConfig } from './config.js';

const RIGHT = {
  UCT_OIDC_ISSUER: 'https://id.example.org/realms/ngo',
  UCT_OIDC_CLIENT_ID: 'uct-ledger',
  UCT_OIDC_CLIENT_SECRET: 'made-by-the-provider',
  UCT_PUBLIC_URL: 'https://ledger.example.org/',
};

const faultsOf = (env: NodeJS.ProcessEnv): string[] => {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n  - ').slice(1);
  }
};

describe('The organisation’s own sign-in', () => {
  it('is not there unless it is described', () => {
    expect(readConfig({}).openId).toBeUndefined();
    expect(readConfig({ UCT_PUBLIC_URL: RIGHT.UCT_PUBLIC_URL }).openId).toBeUndefined();
  });

  it('is read as it is described', () => {
    const env = { ...RIGHT, UCT_OIDC_NAME: ' Lighthouse ', UCT_OIDC_MFA_ACR: 'gold urn:example:platinum' };
    expect(readConfig(env).openId).toEqual({
      issuer: 'https://id.example.org/realms/ngo',
      clientId: 'uct-ledger',
      clientSecret: 'made-by-the-provider',
      publicUrl: 'https://ledger.example.org',
      name: 'Lighthouse',
      secondFactorAcr: ['gold', 'urn:example:platinum'],
    });
  });

  it('keeps a slash at the end of its name, which belongs to it', () => {
    const env = { ...RIGHT, UCT_OIDC_ISSUER: 'https://id.example.org/' };
    expect(readConfig(env).openId?.issuer).toBe('https://id.example.org/');
  });

  it.each(Object.keys(RIGHT))('says that %s is missing, and nothing of what is there', (name) => {
    expect(faultsOf({ ...RIGHT, [name]: '' })).toEqual([`${name}: needed to sign in with OpenID Connect`]);
  });

  it('says all that is missing at once', () => {
    expect(faultsOf({ UCT_OIDC_NAME: 'Lighthouse' })).toEqual([
      `${Object.keys(RIGHT).join(', ')}: needed to sign in with OpenID Connect`,
    ]);
  });

  it.each([
    ['UCT_OIDC_ISSUER', 'http://id.example.org'],
    ['UCT_OIDC_ISSUER', 'http://localhost.example.org'],
    ['UCT_OIDC_ISSUER', 'id.example.org'],
    ['UCT_OIDC_ISSUER', 'https://id.example.org/?realm=ngo'],
    ['UCT_OIDC_ISSUER', 'https://somebody:secret@id.example.org'],
    ['UCT_PUBLIC_URL', 'http://ledger.example.org'],
    ['UCT_PUBLIC_URL', 'javascript:alert(1)'],
  ])('is refused with %s=%s', (name, value) => {
    const faults = faultsOf({ ...RIGHT, [name]: value });
    expect(faults).toEqual([`${name} must be an address like https://sign-in.example.org (http only on localhost)`]);
  });

  it.each([
    ['short', 'must have at least 16 characters'],
    ['secretsecretsecret', 'has few different characters: it was not made at random'],
  ])('is refused with the weak secret %s, which is not repeated', (secret, fault) => {
    expect(faultsOf({ ...RIGHT, UCT_OIDC_CLIENT_SECRET: secret })).toEqual([`UCT_OIDC_CLIENT_SECRET ${fault}`]);
  });

  it('is refused under an address with a path, and with a name that does not fit on a button', () => {
    const env = { ...RIGHT, UCT_PUBLIC_URL: 'https://example.org/ledger', UCT_OIDC_NAME: 'x'.repeat(41) };
    expect(faultsOf(env)).toEqual([
      'UCT_PUBLIC_URL must be the address of the start page, without a path',
      'UCT_OIDC_NAME must have at most 40 characters',
    ]);
  });

  it.each(['http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080'])(
    'may be on this machine: %s',
    (url) => {
      expect(faultsOf({ ...RIGHT, UCT_OIDC_ISSUER: url, UCT_PUBLIC_URL: url })).toEqual([]);
    },
  );
});
