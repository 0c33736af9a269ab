/**
 * The only door to schema `pii`. Each client has a data key of their own, wrapped by the key provider; identity and the client's own
 * words are sealed with it. The database function that returns a sealed identity writes the audit row first, in the same transaction.
 */
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Actor } from '../../access/domain/actor.js';
import { Clock } from '../../kernel/clock.js';
import { Problem } from '../../kernel/domain/problem.js';
import type { Words } from '../../kernel/domain/zawgyi.js';
import { sentence } from '../../kernel/domain/sentence.js';
import { Ids } from '../../kernel/ids.js';
import { countryOf } from '../../kernel/reference-data.js';
import { open, seal } from '../../kernel/secrets.js';
import { ageBandOf } from '../domain/age.js';
import type { ClientName, Identity, Payee } from '../domain/identity.js';
import { railsOf } from '../domain/payee-rails.js';
import { DataKeys, type StoredKey, type Unreadable } from './data-keys.js';

export interface VersionedIdentity {
  /** Counts from 1; each correction is the next one. */
  version: number;
  identity: Identity;
}

@Injectable()
export class IdentityVault {
  private readonly log = new Logger('IdentityVault');

  constructor(
    private readonly db: DataSource,
    private readonly keys: DataKeys,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /**
   * Makes the client's data key and seals their identity with it. Once per client; inside the caller's transaction.
   * Throws `identity-too-large` (422), `keys-unavailable` (503).
   */
  async enrol(manager: EntityManager, clientId: string, identity: Identity): Promise<void> {
    const { dataKey, stored } = await this.keys.make(clientId);
    await manager.query('select pii.store_data_key($1, $2, $3, $4)', [
      clientId,
      stored.provider,
      stored.keyId,
      stored.wrapped,
    ]);
    const sealed = seal(dataKey, identityPlace(clientId, 1), Buffer.from(textOf(identity)));
    await this.store(manager, clientId, 1, sealed, identity);
  }

  /**
   * Who the client is; the reading and its reason are recorded with it. Throws `not-found` (404), `identity-does-not-open`, `key-does-not-open`
   * (409), `keys-unavailable` (503).
   */
  async read(manager: EntityManager, actor: Actor, clientId: string, reason: string): Promise<VersionedIdentity> {
    const { version, identity } = await this.readWith(manager, actor, clientId, reason, 'null');
    if (!identity)
      throw Problem.conflict(
        'identity-does-not-open',
        sentence(
          'What is on record of this person was damaged and cannot be read. Record anew who they are: that corrects version {version}.',
          { version },
        ),
      );
    return { version, identity };
  }

  /**
   * As `read`, null when what is sealed does not open though its key does, and with what `beside` tells (a subquery over $1, the client's id) in the same
   * question to the database. Throws `not-found` (404), `key-does-not-open` (409), `keys-unavailable` (503).
   */
  async readWith<Beside>(
    manager: EntityManager,
    actor: Actor,
    clientId: string,
    reason: string,
    beside: string,
  ): Promise<{ version: number; identity: Identity | null; beside: Beside }> {
    const [row] = await manager.query<({ version: number; sealed: Buffer; beside: Beside } & DataKeyRow)[]>(
      `select (${beside}) beside, o.* from pii.open_identity($1, $2, $3, $4, $5, $6) o`,
      [clientId, this.ids.newId(), actor.userId, actor.requestId, reason, this.clock.now()],
    );
    if (!row) throw Problem.notFound('client');
    const dataKey = await this.keys.open(clientId, storedKey(row)).catch((error: unknown) => {
      if (error instanceof Problem) throw error;
      this.log.error(`request ${actor.requestId}: a data key does not open`);
      throw keyDoesNotOpen();
    });
    const identity = identityThatOpens(dataKey, { ...row, client_id: clientId });
    if (!identity) this.log.error(`request ${actor.requestId}: an identity does not open`);
    return { version: row.version, identity, beside: row.beside };
  }

  /**
   * Keeps a corrected identity as the version after the last one; the earlier ones stay sealed until the client is erased.
   * Throws `not-found` (404), `identity-too-large` (422), `keys-unavailable` (503).
   */
  async keepVersion(manager: EntityManager, clientId: string, version: number, identity: Identity): Promise<void> {
    const words = await this.words(manager, clientId);
    const sealed = words.seal(identityPlace(clientId, version), textOf(identity));
    await this.store(manager, clientId, version, sealed, identity);
  }

  /** Beside what is sealed stands by which rails its payee could be paid, and no word of who or where that is. */
  private async store(
    manager: EntityManager,
    clientId: string,
    version: number,
    sealed: Buffer,
    identity: Identity,
  ): Promise<void> {
    await manager.query('select pii.store_identity($1, $2, $3, $4, $5)', [
      clientId,
      version,
      sealed,
      this.clock.now(),
      railsOf(identity.payee),
    ]);
  }

  /** Whether the newest version has a payee that can be paid by that rail, as far as the rail needs one. */
  async payeeServes(manager: EntityManager, clientId: string, rail: string): Promise<boolean> {
    const [row] = await manager.query<{ serves: boolean }[]>('select pii.payee_serves($1, $2) serves', [
      clientId,
      rail,
    ]);
    return row?.serves ?? false;
  }

  /** The number of the newest version, which stays the newest until the transaction ends. Throws `not-found` (404). */
  async newestVersion(manager: EntityManager, clientId: string): Promise<number> {
    const [row] = await manager.query<{ version: number | null }[]>('select pii.newest_identity_version($1) version', [
      clientId,
    ]);
    if (!row?.version) throw Problem.notFound('client');
    return row.version;
  }

  /** Every version, oldest first, null when it was damaged and does not open; the reading and its reason are recorded with it. */
  async versions(
    manager: EntityManager,
    actor: Actor,
    clientId: string,
    reason: string,
    words: SealedWords,
  ): Promise<{ version: number; since: Date; identity: Identity | null }[]> {
    const rows = await manager.query<{ version: number; sealed: Buffer; sealed_at: Date }[]>(
      'select * from pii.open_identity_versions($1, $2, $3, $4, $5, $6)',
      [clientId, this.ids.newId(), actor.userId, actor.requestId, reason, this.clock.now()],
    );
    return rows.map(({ version, sealed, sealed_at: since }) => ({
      version,
      since,
      identity: identityOrNull(() => words.open(identityPlace(clientId, version), sealed)),
    }));
  }

  /**
   * Whom to pay, by transfer: of those that are to be paid in that run at this moment, as they were when it was put together, and never more of
   * a person than paying needs; or why somebody cannot be read, which keeps nobody else from being paid. Each reading is recorded, in a transaction of
   * its own that is over before a key service is asked. Throws `keys-unavailable` (503) when no key can be had at all.
   */
  async payees(
    actor: Actor,
    runId: string,
    transferIds: readonly string[],
  ): Promise<Map<string, PayeeDetails | Unreadable>> {
    const rows = await this.db.query<PayeeRow[]>('select * from pii.open_payees($1, $2, $3, $4, $5, $6)', [
      runId,
      transferIds,
      transferIds.map(() => this.ids.newId()),
      actor.userId,
      actor.requestId,
      this.clock.now(),
    ]);
    const dataKeys = await this.keys.openEach(rows.map((row) => ({ clientId: row.client_id, stored: storedKey(row) })));
    return new Map(rows.map((row, at) => [row.transfer_id, this.payeeIn(row, dataKeys[at] as Buffer | Unreadable)]));
  }

  private payeeIn(row: PayeeRow, dataKey: Buffer | Unreadable): PayeeDetails | Unreadable {
    if (typeof dataKey === 'string') return dataKey;
    const identity = identityThatOpens(dataKey, row);
    if (!identity) return 'does-not-open';
    const { names, payee, guardian } = identity;
    const isAdult = ageBandOf(identity, this.clock.today(countryOf(row.country).timeZone)) === 'adult';
    const receiver = guardian && !isAdult ? asPaid(guardian.names) : null;
    return { names: asPaid(names), payee: payee ?? null, guardian: receiver };
  }

  /** Seals and opens a client's own words; takes the data key once for many texts. Throws `not-found` (404), `keys-unavailable` (503). */
  async words(manager: EntityManager, clientId: string): Promise<SealedWords> {
    const [row] = await manager.query<DataKeyRow[]>('select * from pii.wrapped_data_key($1)', [clientId]);
    if (!row) throw Problem.notFound('client');
    return new SealedWords(await this.keys.open(clientId, storedKey(row)));
  }
}

/** Null when it was changed, or belongs elsewhere. */
function identityThatOpens(
  dataKey: Buffer,
  { client_id: clientId, version, sealed }: Pick<PayeeRow, 'client_id' | 'version' | 'sealed'>,
): Identity | null {
  return identityOrNull(() => open(dataKey, identityPlace(clientId, version), sealed).toString('utf8'));
}

function identityOrNull(opening: () => string): Identity | null {
  try {
    return identityOf(opening());
  } catch {
    return null;
  }
}

const keyDoesNotOpen = () =>
  Problem.conflict(
    'key-does-not-open',
    'The key to what is on record of this person was damaged, so nothing of it can be read or corrected. Tell whoever runs the service: a backup of the keys may bring it back. Where there is none, a supervisor can erase this record, and the person is registered and enrolled anew.',
  );

/** How a name was typed at first is nothing that a bank or an agent needs. */
function asPaid(names: readonly ClientName[]): ClientName[] {
  return names.map(({ text, script, romanised }) => ({ text, script, romanised }));
}

/** What paying needs to know of a person. */
export interface PayeeDetails {
  names: ClientName[];
  /** Who receives for a person who is a child or presumed one. */
  guardian: ClientName[] | null;
  payee: Payee | null;
}

interface PayeeRow extends DataKeyRow {
  transfer_id: string;
  client_id: string;
  country: string;
  version: number;
  sealed: Buffer;
}

/** A data key as the functions of schema pii return it. */
export interface DataKeyRow {
  provider: StoredKey['provider'];
  key_id: string;
  wrapped: Buffer;
}

export const storedKey = ({ provider, key_id: keyId, wrapped }: DataKeyRow): StoredKey => ({
  provider,
  keyId,
  wrapped,
});

/** Words of one client. `place` names the row and column, so that a text moved elsewhere does not open. */
export class SealedWords {
  constructor(private readonly dataKey: Buffer) {}

  seal(place: string, text: string): Buffer {
    return seal(this.dataKey, place, Buffer.from(text));
  }

  /** With what was typed, where that was Zawgyi: both lie under one seal, at a place of its own, and go together when they go. */
  sealWords(place: string, words: Words): Buffer {
    return words.original === null ? this.seal(place, words.text) : this.seal(bothPlace(place), JSON.stringify(words));
  }

  /** What `sealWords` made, and what `seal` made before there was another. Throws `words-do-not-open` (409). */
  openWords(place: string, sealed: Buffer): Words {
    try {
      return { text: open(this.dataKey, place, sealed).toString('utf8'), original: null };
    } catch {
      return JSON.parse(this.open(bothPlace(place), sealed)) as Words;
    }
  }

  /** Throws `words-do-not-open` (409) for what was damaged, or belongs elsewhere. */
  open(place: string, sealed: Buffer): string {
    try {
      return open(this.dataKey, place, sealed).toString('utf8');
    } catch {
      // Whoever runs the service has to know, also when nobody tells them; a place is a table and an id.
      new Logger('IdentityVault').error(`What is sealed at ${place} does not open.`);
      throw Problem.conflict(
        'words-do-not-open',
        'Something that is on record of this client was damaged and cannot be read. Tell whoever runs the service: a backup may bring it back.',
      );
    }
  }
}

const bothPlace = (place: string) => `${place}/with-original`;

/** What pii.identity takes, less what sealing adds. */
const MOST_IDENTITY_BYTES = 65_000;

function textOf(identity: Identity): string {
  const text = JSON.stringify(identity);
  if (Buffer.byteLength(text) > MOST_IDENTITY_BYTES) {
    throw Problem.refused('identity-too-large', 'This is more than can be kept of one person. Shorten it.', 'identity');
  }
  return text;
}

const identityOf = (text: string) => JSON.parse(text) as Identity;
const identityPlace = (clientId: string, version: number) => `pii.identity/${clientId}/${version}`;
