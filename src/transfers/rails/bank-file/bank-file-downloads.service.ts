/** Handing a file out: its bytes are made again from the vault, and leave only when they are those that were recorded. */
import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, TypeORMError } from 'typeorm';
import { AuditTrail } from '../../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../../access/domain/actor.js';
import { keysOutOfReach } from '../../../clients/identity-vault/key-provider.js';
import { Clock } from '../../../kernel/clock.js';
import { Problem } from '../../../kernel/domain/problem.js';
import { Ids } from '../../../kernel/ids.js';
import { SealedSpool } from '../../../kernel/sealed-spool.js';
import { lotOf, type BankFileRow } from './bank-file-view.js';
import { FILE_BY_ID, ITEMS_AFTER } from './bank-files.sql.js';
import type { Payment } from './domain/payment.js';
import { bankFileFormats, type BankFileFormat } from './formats.js';
import { OPENED_AT_ONCE, PayeesToWrite, type PaymentRow } from './payees-to-write.js';

export interface BankFileContent {
  fileName: string;
  contentType: string;
  sha256: Buffer;
  /** To be read once, and closed whatever becomes of it. */
  chunks: AsyncIterable<Buffer>;
  close(): Promise<void>;
}

@Injectable()
export class BankFileDownloadsService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly audit: AuditTrail,
    private readonly payees: PayeesToWrite,
  ) {}

  /**
   * A file's content. Every payee that is opened for it is recorded, and so is that it was taken, before its first byte leaves.
   * Throws `not-found` (404), `file-abandoned`, `file-cannot-be-made-again` (409), `keys-unavailable` (503).
   */
  async open(actor: Actor, fileId: string): Promise<BankFileContent> {
    requirePermission(actor, 'payees:read');
    const [file] = await this.db.query<BankFileRow[]>(FILE_BY_ID, [fileId]);
    if (!file) throw Problem.notFound('file');
    if (file.abandoned_because) throw abandoned();
    const format = bankFileFormats.get(file.layout);
    if (!format) return this.refuse(actor, file, 'layout-unknown');
    const spool = await SealedSpool.open();
    try {
      const difference = await this.writeAgain(actor, file, format, spool);
      if (difference) return await this.refuse(actor, file, difference);
      await this.recordTaken(actor, file);
    } catch (error) {
      await spool.close();
      throw error;
    }
    return {
      fileName: format.fileName(lotOf(file)),
      contentType: format.contentType,
      sha256: Buffer.from(file.sha256, 'hex'),
      chunks: spool.read(),
      close: () => spool.close(),
    };
  }

  /** Why it is not what it was; null when it is, to the byte. */
  private async writeAgain(
    actor: Actor,
    file: BankFileRow,
    format: BankFileFormat,
    spool: SealedSpool,
  ): Promise<string | null> {
    const hash = createHash('sha256');
    try {
      for await (const chunk of format.write(lotOf(file), this.payments(actor, file))) {
        hash.update(chunk);
        await spool.write(chunk);
      }
    } catch (error) {
      // The keys or the database may be back in a minute; everything else says that what is there is not what was there.
      if (error instanceof Problem || error instanceof TypeORMError) throw error;
      return error instanceof NotWritable ? error.message : 'content-changed';
    }
    return hash.digest('hex') === file.sha256 ? null : 'content-changed';
  }

  private async *payments(actor: Actor, file: BankFileRow): AsyncGenerator<Payment, void, undefined> {
    for await (const opened of this.payees.open(actor, file.run_id, this.items(file.id))) {
      if ('reason' in opened) throw new NotWritable(opened.reason);
      if ('unreadable' in opened)
        throw opened.unreadable === 'key-unavailable' ? keysOutOfReach() : new NotWritable(opened.unreadable);
      yield opened.payment;
    }
  }

  private async *items(fileId: string): AsyncGenerator<(PaymentRow & { place: number })[], void, undefined> {
    for (let after = 0; ;) {
      const rows = await this.db.query<(PaymentRow & { place: number })[]>(ITEMS_AFTER, [
        fileId,
        after,
        OPENED_AT_ONCE,
      ]);
      const last = rows.at(-1);
      if (!last) return;
      after = last.place;
      yield rows;
    }
  }

  /**
   * From here on nobody can say that a payment of it was not sent. Throws `file-cannot-be-made-again` (409) when one has ended meanwhile,
   * `file-abandoned` (409) when the file was.
   */
  private recordTaken(actor: Actor, file: BankFileRow): Promise<void> {
    return this.db.transaction(async (manager) => {
      await manager.query(
        'insert into payments.bank_file_download (id, bank_file_id, taken_by, taken_at) values ($1, $2, $3, $4)',
        [this.ids.newId(), file.id, actor.userId, this.clock.now()],
      );
      const detail = { run: file.run_id, count: file.item_count };
      await this.audit.record(manager, actor, 'bank-file.take', { kind: 'bank-file', id: file.id }, detail);
    });
  }

  private async refuse(actor: Actor, file: BankFileRow, code: string): Promise<never> {
    const subject = { kind: 'bank-file', id: file.id } as const;
    await this.db.transaction((manager) => this.audit.record(manager, actor, 'bank-file.differ', subject, { code }));
    throw Problem.conflict(
      'file-cannot-be-made-again',
      'The file would not be the one that was made: somebody in it may not be paid any more, a payment was stopped or has ended, or what it is made of was changed or cannot be read. It is not handed out.',
    );
  }
}

const abandoned = () =>
  Problem.conflict('file-abandoned', 'This file was abandoned. Take the one that was made after it, or make it.');

/** A payment of the file cannot be written any more. */
class NotWritable extends Error {}
