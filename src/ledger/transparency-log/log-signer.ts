/** The log's key: from a file, or derived by the key provider from the master key. The database keeps which key it is, and no other is taken. */
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '../../kernel/clock.js';
import { Secrets } from '../../kernel/secrets.js';
import { Settings } from '../../kernel/settings.js';
import { Ed25519Signer, privateKeyFromPem, privateKeyFromSeed } from './domain/note-signer.js';

@Injectable()
export class LogSigner {
  private opened: Promise<Ed25519Signer> | undefined;

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly secrets: Secrets,
    private readonly settings: Settings,
  ) {}

  /** Throws when the key or the origin is not the one that this log was opened with: its witnesses would know it no more. */
  signer(): Promise<Ed25519Signer> {
    this.opened ??= this.open().catch((error: unknown) => {
      this.opened = undefined;
      throw error;
    });
    return this.opened;
  }

  private async open(): Promise<Ed25519Signer> {
    const { keyFile, origin } = this.settings.log;
    const [kept] = await this.identity();
    const name = origin ?? kept?.origin;
    const signer = keyFile
      ? namedSigner(privateKeyFromPem(readFileSync(keyFile, 'utf8')), name)
      : derivedSigner(this.secrets, name);
    if (!kept) {
      await this.db.query(
        'insert into ledger.log_identity (origin, vkey, opened_at) values ($1, $2, $3) on conflict do nothing',
        [signer.key.name, signer.vkey, this.clock.now()],
      );
    }
    const [is] = await this.identity();
    if (is?.vkey !== signer.vkey)
      throw new Error(
        `This log was opened as ${is?.vkey ?? '?'}, and the key or the origin given now is another. Nothing was signed; give the right one.`,
      );
    return signer;
  }

  private identity(): Promise<{ origin: string; vkey: string }[]> {
    return this.db.query('select origin, vkey from ledger.log_identity');
  }
}

/** The log's key where no file holds one: derived from the master key, the same each time. */
export function derivedSigner(secrets: Secrets, origin?: string): Ed25519Signer {
  return namedSigner(privateKeyFromSeed(secrets.keyFor('transparency-log')), origin);
}

/** Whoever gives no name gets one that no other log has by chance. */
function namedSigner(privateKey: KeyObject, origin?: string): Ed25519Signer {
  return new Ed25519Signer(
    origin ?? `uct-ledger.${new Ed25519Signer('uct-ledger', privateKey).key.keyId}.invalid`,
    privateKey,
  );
}
