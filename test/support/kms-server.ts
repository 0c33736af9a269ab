/**
 * A small AWS KMS for tests: DescribeKey, Encrypt, Decrypt and ReEncrypt of its JSON protocol (`X-Amz-Target: TrentService.…`), with real
 * AES-256-GCM bound to the encryption context, the key's ARN inside the ciphertext, and the refusals of the API reference.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listening, type FakeServer } from './key-servers.js';

export interface KmsServer extends FakeServer {
  /** What it was asked, as "Encrypt". */
  readonly asked: string[];
  /** The encryption contexts that it was given. */
  readonly contexts: Record<string, string>[];
  /** Refuses everything with this error, like ThrottlingException. */
  refusing?: string;
  /** Makes a symmetric key; its ARN. */
  makeKey(): string;
  /** Lets an alias name a key; the alias's ARN. */
  setAlias(name: string, arn: string): string;
  disableKey(arn: string): void;
}

type Context = Record<string, string>;
interface Input {
  KeyId?: string;
  Plaintext?: string;
  CiphertextBlob?: string;
  EncryptionContext?: Context;
  SourceKeyId?: string;
  SourceEncryptionContext?: Context;
  DestinationKeyId?: string;
  DestinationEncryptionContext?: Context;
}

class Refusal extends Error {}

const ACCOUNT = 'arn:aws:kms:ap-southeast-1:111122223333';
const ARN_BYTES = 80;

export async function startKmsServer(): Promise<KmsServer> {
  const keys = new Map<string, { secret: Buffer; enabled: boolean }>();
  const aliases = new Map<string, string>();
  const state: { refusing?: string } = {};
  const asked: string[] = [];
  const contexts: Context[] = [];

  const find = (id = '') => {
    const arn = aliases.get(id) ?? id;
    const key = keys.get(arn);
    if (!key) throw new Refusal('NotFoundException');
    if (!key.enabled) throw new Refusal('DisabledException');
    return { arn, secret: key.secret };
  };
  const encrypt = (keyId: string | undefined, plaintext: Buffer, context: Context = {}) => {
    const { arn, secret } = find(keyId);
    contexts.push(context);
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', secret, nonce).setAAD(canonical(context));
    const sealed = [nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
    const blob = Buffer.concat([Buffer.from(arn), ...sealed]).toString('base64');
    return { CiphertextBlob: blob, KeyId: arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  };
  const decrypt = (keyId: string | undefined, blob = '', context: Context = {}) => {
    const bytes = Buffer.from(blob, 'base64');
    const arn = bytes.subarray(0, ARN_BYTES).toString();
    if (!keys.has(arn)) throw new Refusal('InvalidCiphertextException');
    if (keyId && find(keyId).arn !== arn) throw new Refusal('IncorrectKeyException');
    const sealed = bytes.subarray(ARN_BYTES);
    try {
      const decipher = createDecipheriv('aes-256-gcm', find(arn).secret, sealed.subarray(0, 12), { authTagLength: 16 });
      decipher.setAAD(canonical(context)).setAuthTag(sealed.subarray(-16));
      return { arn, plaintext: Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]) };
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw new Refusal('InvalidCiphertextException');
    }
  };

  const operations: Record<string, (input: Input) => unknown> = {
    DescribeKey: ({ KeyId }) => ({ KeyMetadata: { Arn: find(KeyId).arn, KeyId: find(KeyId).arn.split('/')[1] } }),
    Encrypt: (input) => encrypt(input.KeyId, Buffer.from(input.Plaintext ?? '', 'base64'), input.EncryptionContext),
    Decrypt: (input) => {
      const { arn, plaintext } = decrypt(input.KeyId, input.CiphertextBlob, input.EncryptionContext);
      return { KeyId: arn, Plaintext: plaintext.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
    ReEncrypt: (input) => {
      const { arn, plaintext } = decrypt(input.SourceKeyId, input.CiphertextBlob, input.SourceEncryptionContext);
      return {
        ...encrypt(input.DestinationKeyId, plaintext, input.DestinationEncryptionContext),
        SourceKeyId: arn,
      };
    },
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [service, operation = ''] = (request.headers['x-amz-target']?.toString() ?? '').split('.');
    asked.push(operation);
    try {
      if (state.refusing) throw new Refusal(state.refusing);
      if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ')) throw new Refusal('AccessDeniedException');
      const run = operations[operation];
      if (service !== 'TrentService' || !run) throw new Refusal('UnknownOperationException');
      send(response, 200, run(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Input));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(response, 400, { __type: error.message, message: null });
    }
  };

  const server = await listening(createServer((request, response) => void handle(request, response)));
  return Object.assign(state, server, {
    asked,
    contexts,
    makeKey: () => {
      const hex = randomBytes(16).toString('hex');
      const id = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
      const arn = `${ACCOUNT}:key/${id}`;
      keys.set(arn, { secret: randomBytes(32), enabled: true });
      return arn;
    },
    setAlias: (name: string, arn: string) => {
      aliases.set(`${ACCOUNT}:alias/${name}`, arn);
      return `${ACCOUNT}:alias/${name}`;
    },
    disableKey: (arn: string) => void keys.set(arn, { secret: find(arn).secret, enabled: false }),
  });
}

/** The order in which a context is given does not count. */
const canonical = (context: Context) => Buffer.from(JSON.stringify(Object.entries(context).sort()));

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}
