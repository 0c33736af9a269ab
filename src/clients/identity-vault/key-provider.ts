/** The port behind which data keys are wrapped. Whoever wraps binds the client's id: a wrapped key opens for no other client. */
import { Logger } from '@nestjs/common';
import { Problem } from '../../kernel/domain/problem.js';
import type { KeyProviderName } from '../../kernel/settings.js';

export interface WrappedKey {
  wrapped: Buffer;
  /** Which of the provider's keys it is wrapped under, in the provider's own words. */
  keyId: string;
}

/** Each of these throws `keys-unavailable` (503) when the provider does not answer, or not as it should. */
export interface KeyProvider {
  readonly name: KeyProviderName;
  /** The key that is wrapped under from now on. */
  currentKeyId(): Promise<string>;
  wrap(clientId: string, dataKey: Buffer): Promise<WrappedKey>;
  /** Throws an Error when it does not open: another client's, another key's, or changed. */
  unwrap(clientId: string, key: WrappedKey): Promise<Buffer>;
  /** The same data key under the current key, without the data key being shown where the provider can do that. */
  rewrap(clientId: string, key: WrappedKey): Promise<WrappedKey>;
}

/** As `keysOutOfReach`. The reason is for the log only; it names no client. */
export function keysUnavailable(provider: string, reason: string): Problem {
  new Logger('KeyProvider').error(`${provider}: ${reason}`);
  return keysOutOfReach();
}

/** Nothing was changed, and the same request may well succeed later. */
export function keysOutOfReach(): Problem {
  return new Problem(
    503,
    'keys-unavailable',
    'The keys that protect identities cannot be reached at the moment. Nothing was changed. Try again in a minute.',
    undefined,
    [],
    60,
  );
}

/** A fault and not a refusal: what is stored was changed, or belongs to another client. */
export function doesNotOpen(provider: string): Error {
  return new Error(`${provider}: a data key does not open`);
}
