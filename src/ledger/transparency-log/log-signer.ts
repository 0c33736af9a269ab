/** The log's key: from a file, or derived by the key provider from the master key. The database keeps which key it is, and no other is taken. */
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
    const privateKey = keyFile
      ? privateKeyFromPem(readFileSync(keyFile, 'utf8'))
      : privateKeyFromSeed(this.secrets.keyFor('transparency-log'));
    const [kept] = await this.identity();
    const name = origin ?? kept?.origin ?? ownName(new Ed25519Signer('uct-ledger', privateKey));
    const signer = new Ed25519Signer(name, privateKey);
    if (!kept) {
      await this.db.query(
        'insert into ledger.log_identity (origin, vkey, opened_at) values ($1, $2, $3) on conflict do nothing',
        [name, signer.vkey, this.clock.now()],
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

/** A name that no other log has by chance, for whoever gave none. */
function ownName(signer: Ed25519Signer): string {
  return `uct-ledger.${signer.key.keyId}.invalid`;
}
