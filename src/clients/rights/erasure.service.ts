/**
 * Erasing a client: their key, who they are and their words go, in one transaction with what has to end before; books and proofs stand. What
 * stays, and why, is told in a certificate of which only the digest is kept.
 */
import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../../access/audit-trail.js';
import { requirePermission, type Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import { canonicalJson } from '../../kernel/domain/canonical.js';
import { addDays } from '../../kernel/domain/plain-date.js';
import { Problem } from '../../kernel/domain/problem.js';
import { Settings } from '../../kernel/settings.js';
import { ClientEntity } from '../client.entity.js';
import { BACKUPS_CLEAR_AFTER_DAYS, erasureNumber, KEPT, type ErasureCertificate } from '../domain/erasure.js';
import { HeldData } from './held-data.js';
import { RightsReach } from './rights-reach.js';

/** What is known of an erasure afterwards: all that its certificate says but for whom. */
export interface Erasure {
  number: string;
  erasedAt: string;
  backupsClearOn: string;
  deleted: Record<string, number>;
  kept: readonly { what: string; why: string }[];
}

@Injectable()
export class ErasureService {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly settings: Settings,
    private readonly audit: AuditTrail,
    private readonly reach: RightsReach,
    private readonly heldData: HeldData,
  ) {}

  /**
   * Erases a client for good, and certifies it; the certificate is given once. Throws `not-found` (404), also for whoever is erased already,
   * `payment-under-way` (409).
   */
  async erase(actor: Actor, code: string): Promise<ErasureCertificate> {
    requirePermission(actor, 'clients:erase');
    const { id } = await this.reach.find(actor, code);
    return this.db.transaction(async (manager) => {
      const client = await lockForErasure(manager, id);
      const now = this.clock.now();
      const deleted: Record<string, number> = {};
      for (const holder of this.heldData.holders) Object.assign(deleted, await holder.erase?.(manager, actor, client));
      const [erased] = await manager.query<{ counted: Record<string, number> }[]>(
        'select pii.erase_client($1, $2) counted',
        [id, now],
      );
      Object.assign(deleted, erased?.counted);
      const today = this.clock.today(this.settings.timeZone);
      const certificate: ErasureCertificate = {
        number: erasureNumber(randomBytes),
        formerCode: client.code,
        erasedAt: now.toISOString(),
        backupsClearOn: addDays(today, BACKUPS_CLEAR_AFTER_DAYS),
        deleted,
        kept: KEPT,
        proof: randomBytes(16).toString('hex'),
      };
      await keep(manager, actor, certificate);
      await this.audit.record(
        manager,
        actor,
        'client.erase',
        { kind: 'client', id },
        { certificate: certificate.number.toLowerCase(), ...deleted },
      );
      return certificate;
    });
  }

  /** What was certified under that number. Throws `not-found` (404). */
  async find(actor: Actor, number: string): Promise<Erasure> {
    requirePermission(actor, 'clients:erase');
    const [erasure] = await this.db.query<(Omit<Erasure, 'erasedAt'> & { erasedAt: Date })[]>(ERASURE_BY_NUMBER, [
      number,
    ]);
    if (!erasure) throw Problem.notFound('erasure', 'number');
    return { ...erasure, erasedAt: erasure.erasedAt.toISOString() };
  }

  /** Whether a certificate that somebody shows is the one that was given, to the letter. Throws `not-found` (404). */
  async check(actor: Actor, certificate: { number: string }): Promise<{ genuine: boolean }> {
    requirePermission(actor, 'clients:erase');
    const [kept] = await this.db.query<{ sha256: Buffer }[]>(
      'select certificate_sha256 sha256 from casework.erasure where number = $1',
      [certificate.number],
    );
    if (!kept) throw Problem.notFound('erasure', 'number');
    return { genuine: kept.sha256.equals(digestOf(certificate)) };
  }
}

/** Before all else, so that whoever writes about the client comes before the erasure or not at all. Throws `not-found` (404). */
async function lockForErasure(manager: EntityManager, id: string): Promise<ClientEntity> {
  const client = await manager.findOne(ClientEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (!client || client.erasedAt) throw Problem.notFound('client', 'code');
  return client;
}

async function keep(manager: EntityManager, actor: Actor, certificate: ErasureCertificate): Promise<void> {
  await manager.query(
    `insert into casework.erasure (number, erased_by, erased_at, backups_clear_on, deleted, kept, certificate_sha256)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      certificate.number,
      actor.userId,
      certificate.erasedAt,
      certificate.backupsClearOn,
      certificate.deleted,
      JSON.stringify(certificate.kept),
      digestOf(certificate),
    ],
  );
}

const digestOf = (certificate: object) => createHash('sha256').update(canonicalJson(certificate)).digest();

const ERASURE_BY_NUMBER = `
  select number, erased_at "erasedAt", backups_clear_on::text "backupsClearOn", deleted, kept from casework.erasure where number = $1`;
