/** Wraps and unwraps the clients' data keys. `local` keeps the wrapping key in the service's own master key. */
import { Injectable } from '@nestjs/common';
import { open, seal, Secrets } from '../../kernel/secrets.js';

@Injectable()
export class LocalKeyProvider {
  readonly name = 'local';

  constructor(private readonly secrets: Secrets) {}

  wrap(clientId: string, dataKey: Buffer): Buffer {
    return seal(this.secrets.keyFor('wrap-data-keys'), `pii.data_key/${clientId}`, dataKey);
  }

  unwrap(clientId: string, wrapped: Buffer): Buffer {
    return open(this.secrets.keyFor('wrap-data-keys'), `pii.data_key/${clientId}`, wrapped);
  }
}
