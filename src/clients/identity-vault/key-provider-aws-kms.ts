/** Wraps data keys with a symmetric key of AWS KMS; the client's id is part of the encryption context, without which nothing opens. */
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  InvalidCiphertextException,
  IncorrectKeyException,
  KMSClient,
  ReEncryptCommand,
} from '@aws-sdk/client-kms';
import type { AwsKmsSettings } from '../../kernel/settings.js';
import { doesNotOpen, keysUnavailable, type KeyProvider, type WrappedKey } from './key-provider.js';

/** A connection of the database may be waiting for the answer. */
const TIMEOUT_MS = 3000;

export class AwsKmsKeyProvider implements KeyProvider {
  readonly name = 'aws-kms';
  private readonly client: KMSClient;

  constructor(private readonly settings: AwsKmsSettings) {
    this.client = new KMSClient({
      region: settings.region,
      endpoint: settings.endpoint,
      maxAttempts: 2,
      requestHandler: { connectionTimeout: 1000, requestTimeout: TIMEOUT_MS },
    });
  }

  /** The ARN of the key itself, also where an alias is given: an alias can be moved. */
  async currentKeyId(): Promise<string> {
    const { KeyMetadata } = await this.send((options) =>
      this.client.send(new DescribeKeyCommand({ KeyId: this.settings.key }), options),
    );
    if (!KeyMetadata?.Arn) throw keysUnavailable(this.name, 'the answer names no key');
    return KeyMetadata.Arn;
  }

  async wrap(clientId: string, dataKey: Buffer): Promise<WrappedKey> {
    const { CiphertextBlob, KeyId } = await this.send((options) =>
      this.client.send(
        new EncryptCommand({ KeyId: this.settings.key, Plaintext: dataKey, EncryptionContext: contextOf(clientId) }),
        options,
      ),
    );
    return this.wrappedIn(CiphertextBlob, KeyId);
  }

  async unwrap(clientId: string, { wrapped, keyId }: WrappedKey): Promise<Buffer> {
    const { Plaintext } = await this.send((options) =>
      this.client.send(
        new DecryptCommand({ KeyId: keyId, CiphertextBlob: wrapped, EncryptionContext: contextOf(clientId) }),
        options,
      ),
    );
    return Buffer.from(Plaintext ?? []);
  }

  /** The data key does not leave KMS. */
  async rewrap(clientId: string, { wrapped, keyId }: WrappedKey): Promise<WrappedKey> {
    const { CiphertextBlob, KeyId } = await this.send((options) =>
      this.client.send(
        new ReEncryptCommand({
          SourceKeyId: keyId,
          CiphertextBlob: wrapped,
          SourceEncryptionContext: contextOf(clientId),
          DestinationKeyId: this.settings.key,
          DestinationEncryptionContext: contextOf(clientId),
        }),
        options,
      ),
    );
    return this.wrappedIn(CiphertextBlob, KeyId);
  }

  private wrappedIn(blob: Uint8Array | undefined, keyId: string | undefined): WrappedKey {
    if (!blob || !keyId) throw keysUnavailable(this.name, 'the answer is no ciphertext');
    return { wrapped: Buffer.from(blob), keyId };
  }

  private async send<Answer>(call: (options: { abortSignal: AbortSignal }) => Promise<Answer>): Promise<Answer> {
    try {
      return await call({ abortSignal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      if (error instanceof InvalidCiphertextException || error instanceof IncorrectKeyException)
        throw doesNotOpen(this.name);
      throw keysUnavailable(this.name, `no answer, or a refusal (${error instanceof Error ? error.name : 'unknown'})`);
    }
  }
}

const contextOf = (clientId: string) => ({ client: clientId, purpose: 'uct-ledger/pii.data_key' });
