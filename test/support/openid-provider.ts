/** A real OpenID provider on this machine, with the accounts that a test gives it, and a hand that can forge what it says. */
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { OpenIdSettings } from '../../src/kernel/settings.js';

/** Where the service is for browsers and the provider. No such host is asked: a test's browser goes to the service itself. */
export const PUBLIC_URL = 'https://ledger.test';

export interface Account {
  subject: string;
  email?: string;
  emailVerified?: boolean | string;
  /** How the provider says that the person signed in. */
  amr?: readonly string[];
  acr?: string;
}

export type IdTokenClaims = Record<string, unknown>;

export interface TestProvider {
  settings: OpenIdSettings;
  /** From now on the only accounts; whoever types a subject is signed in as that one. */
  setAccounts(...accounts: Account[]): void;
  /** What becomes of each ID token from now on; without an argument it is left alone. */
  forgeIdTokens(forge?: (claims: IdTokenClaims) => string): void;
  /** Signs as the provider does, or as somebody who is not it. */
  sign(claims: IdTokenClaims, signer?: 'provider' | 'stranger' | 'nobody'): string;
  /** Takes it off the network, and puts it back at the same address. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const CLIENT = { client_id: 'uct-ledger', client_secret: 'a secret that only the two of us know' };
const KEY_ID = 'test';

/** `claimsIn`: where the provider puts the address; as the standard has it, it is asked for. */
export async function startOpenIdProvider(
  options: {
    claimsIn?: 'userinfo' | 'id-token';
    clientAuthentication?: 'client_secret_basic' | 'client_secret_post';
  } = {},
): Promise<TestProvider> {
  const keys = {
    provider: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    stranger: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  };
  const server = createServer();
  const port = await listen(server, 0);
  const issuer = `http://127.0.0.1:${port}`;
  let accounts: Account[] = [];
  let forge: ((claims: IdTokenClaims) => string) | undefined;

  const provider = await withoutWarnings(async () => {
    const { Provider } = await import('oidc-provider');
    const authentication = options.clientAuthentication ?? 'client_secret_basic';
    return new Provider(issuer, {
      clients: [
        {
          ...CLIENT,
          token_endpoint_auth_method: authentication,
          redirect_uris: [`${PUBLIC_URL}/sign-in/openid/callback`],
        },
      ],
      clientAuthMethods: [authentication],
      jwks: {
        keys: [{ ...keys.provider.privateKey.export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', alg: 'RS256' }],
      },
      cookies: { keys: ['for the cookies of a test'] },
      claims: { openid: ['sub', 'acr', 'amr'], email: ['email', 'email_verified'] },
      acrValues: ['silver', 'gold'],
      conformIdTokenClaims: options.claimsIn !== 'id-token',
      ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600 },
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_, { uid }) => `/interaction/${uid}` },
      findAccount: (_, subject) => {
        const account = accounts.find((known) => known.subject === subject);
        if (!account) return undefined;
        const { email, emailVerified: email_verified } = account;
        return { accountId: subject, claims: () => ({ sub: subject, email, email_verified }) };
      },
      loadExistingGrant: async (context) => grantOfEverything(context),
    });
  });
  provider.use(async (context, next) => {
    // By itself it takes the secret both ways, whatever it says.
    const isInBody = context.get('authorization') === '';
    if (context.path === '/token' && isInBody !== (options.clientAuthentication === 'client_secret_post'))
      context.throw(401);
    await next();
    const body = context.body as { id_token?: string } | undefined;
    if (forge && context.path === '/token' && body?.id_token) body.id_token = forge(claimsOf(body.id_token));
  });
  const answer = provider.callback();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.startsWith('/interaction/')) void answer(request, response);
    else void signInForm(provider, request, response, (subject) => accounts.find((known) => known.subject === subject));
  });

  return {
    settings: {
      issuer,
      clientId: CLIENT.client_id,
      clientSecret: CLIENT.client_secret,
      publicUrl: PUBLIC_URL,
      name: 'Lighthouse',
      secondFactorAcr: ['gold'],
    },
    setAccounts: (...known) => (accounts = known),
    forgeIdTokens: (how) => (forge = how),
    sign: (claims, signer = 'provider') => signed(claims, signer === 'nobody' ? undefined : keys[signer].privateKey),
    stop: () => hangUp(server),
    start: async () => void (await listen(server, port)),
    close: () => hangUp(server),
  };
}

/** A form for the subject; "deny" is not an account but the person's refusal. */
async function signInForm(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  accountOf: (subject: string) => Account | undefined,
): Promise<void> {
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html');
    response.end(`<form action="${request.url}" method="post"><input name="subject"></form>`);
    return;
  }
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const subject = new URLSearchParams(body).get('subject') ?? '';
  if (subject === 'deny') {
    const refusal = { error: 'access_denied', error_description: '<b>words of the provider</b>' };
    return provider.interactionFinished(request, response, refusal);
  }
  const { amr, acr } = accountOf(subject) ?? {};
  return provider.interactionFinished(request, response, { login: { accountId: subject, amr: amr && [...amr], acr } });
}

/** Nobody is asked whether we may know their address: what is tested is on our side. */
async function grantOfEverything({ oidc }: KoaContextWithOIDC) {
  const grant = new oidc.provider.Grant({ clientId: oidc.client?.clientId, accountId: oidc.session?.accountId });
  grant.addOIDCScope('openid email');
  await grant.save();
  return grant;
}

function claimsOf(token: string): IdTokenClaims {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as IdTokenClaims;
}

function signed(claims: IdTokenClaims, key: KeyObject | undefined): string {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
  const header = key ? { alg: 'RS256', kid: KEY_ID } : { alg: 'none' };
  const content = `${part(header)}.${part(claims)}`;
  return `${content}.${key ? createSign('sha256').update(content).sign(key).toString('base64url') : ''}`;
}

/** It warns that it was set up for a test, which it was. */
async function withoutWarnings<Made>(make: () => Promise<Made>): Promise<Made> {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    return await make();
  } finally {
    console.warn = warn;
  }
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function hangUp(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
