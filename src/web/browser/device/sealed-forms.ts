/**
 * Forms that are kept in this browser, each sealed (AES-256-GCM) under a key that no disk sees: it comes with each page and goes with it. In
 * clear stand only whose a form is (a word that says nothing), whether it waits, and when it was kept.
 */
import { openDB, deleteDB, type DBSchema, type IDBPDatabase } from 'idb';

const NAME = 'uct-forms';
export const KEPT_DAYS = 14;
const DAY_MS = 24 * 3600 * 1000;
const YEAR_MS = 365 * DAY_MS;

/** `draft`: typed and not sent. `waiting`: to be sent. `not-taken`: sent, and refused. */
export type Standing = 'draft' | 'waiting' | 'not-taken';

export type Field = [name: string, value: string];

/** What is sealed. */
export interface TypedForm {
  /** The page that the form is on, to open it again. */
  page: string;
  /** Where it is sent. */
  action: string;
  fields: Field[];
}

export interface KeptForm extends TypedForm {
  id: string;
  standing: Standing;
  keptAt: number;
}

interface Sealed {
  id: string;
  owner: string;
  standing: Standing;
  keptAt: number;
  iv: Uint8Array<ArrayBuffer>;
  sealed: ArrayBuffer;
}

interface Schema extends DBSchema {
  forms: { key: string; value: Sealed };
}

const openForms = (): Promise<IDBPDatabase<Schema>> =>
  openDB<Schema>(NAME, 1, {
    upgrade: (db) => void db.createObjectStore('forms', { keyPath: 'id' }),
    blocking: (_now, _wanted, { target }) => (target as IDBDatabase).close(), // another page is emptying it
  });

/** Whether this browser can keep anything: not on a page without https, and not in an old one. */
export const canKeepForms = (): boolean => isSecureContext && 'indexedDB' in window && 'locks' in navigator;

export const forgetAllForms = (): Promise<void> => deleteDB(NAME);

/** How many forms wait here, whosever they are. */
export async function countWaiting(): Promise<number> {
  const db = await openForms();
  const forms = await db.getAll('forms');
  db.close();
  return forms.filter(({ standing }) => standing === 'waiting').length;
}

const oldestKept = () => Date.now() - KEPT_DAYS * DAY_MS;

/** A form that waits and is older than a year was kept by a clock that was wrong: its days begin anew. */
async function forgetOld(db: IDBPDatabase<Schema>): Promise<void> {
  const writing = db.transaction('forms', 'readwrite');
  for (const form of await writing.store.getAll()) {
    if (form.keptAt >= oldestKept()) continue;
    if (form.standing === 'waiting' && form.keptAt < Date.now() - YEAR_MS)
      await writing.store.put({ ...form, keptAt: Date.now() });
    else await writing.store.delete(form.id);
  }
  await writing.done;
}

export class SealedForms {
  private constructor(
    private readonly db: IDBPDatabase<Schema>,
    private readonly owner: string,
    private readonly sealing: CryptoKey,
    private readonly naming: CryptoKey,
  ) {}

  static async open(key: Uint8Array<ArrayBuffer>, owner: string): Promise<SealedForms> {
    const material = await crypto.subtle.importKey('raw', key, 'HKDF', false, ['deriveKey']);
    const derive = (use: string, kind: AesKeyGenParams | HmacKeyGenParams, uses: KeyUsage[]) =>
      crypto.subtle.deriveKey(
        { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: new TextEncoder().encode(use) },
        material,
        kind,
        false,
        uses,
      );
    const [db, sealing, naming] = await Promise.all([
      openForms(),
      derive('seal', { name: 'AES-GCM', length: 256 }, ['encrypt', 'decrypt']),
      derive('name', { name: 'HMAC', hash: 'SHA-256', length: 256 }, ['sign']),
    ]);
    return new SealedForms(db, owner, sealing, naming);
  }

  /** The id under which what is typed into that form is kept: always the same, and it tells nobody which form that is. */
  async draftIdOf(action: string): Promise<string> {
    const digest = await crypto.subtle.sign('HMAC', this.naming, new TextEncoder().encode(action));
    return [...new Uint8Array(digest).subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  async put(id: string, standing: Standing, { page, action, fields }: TypedForm): Promise<void> {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify({ page, action, fields }));
    const sealed = await crypto.subtle.encrypt(this.algorithm(id, iv), this.sealing, text);
    const writing = this.db.transaction('forms', 'readwrite', { durability: 'strict' });
    const before = await writing.store.get(id);
    const keptAt = Math.max(Date.now(), before ? before.keptAt + 1 : 0); // another each time
    await writing.store.put({ id, owner: this.owner, standing, keptAt, iv, sealed });
    await writing.done;
  }

  /** Undefined also for one that is too old: it goes in a moment. */
  async find(id: string): Promise<KeptForm | undefined> {
    const kept = await this.db.get('forms', id);
    return kept && kept.owner === this.owner && kept.keptAt >= oldestKept() ? this.opened(kept) : undefined;
  }

  /** This person's, in the order in which they were kept. */
  async all(standing: Standing): Promise<KeptForm[]> {
    const kept = (await this.db.getAll('forms')).filter((one) => one.owner === this.owner && one.standing === standing);
    const opened = await Promise.all(kept.map((one) => this.opened(one)));
    return opened.filter((one) => one !== undefined).sort((one, other) => one.keptAt - other.keptAt);
  }

  /** Takes it away, or lets it stand otherwise, unless another took its place since it was read. */
  async settle({ id, keptAt }: KeptForm, standing: Standing | null): Promise<void> {
    const writing = this.db.transaction('forms', 'readwrite', { durability: 'strict' });
    const kept = await writing.store.get(id);
    if (kept && kept.keptAt === keptAt) {
      if (standing === null) await writing.store.delete(id);
      else await writing.store.put({ ...kept, standing });
    }
    await writing.done;
  }

  async remove(id: string): Promise<void> {
    await this.db.delete('forms', id);
  }

  /** Takes away what is too old, of whomever. To be used after what waits was sent: its owner is there. */
  forgetOld(): Promise<void> {
    return forgetOld(this.db);
  }

  /** Everything of this person. */
  async forget(): Promise<void> {
    const writing = this.db.transaction('forms', 'readwrite');
    for (const { id, owner } of await writing.store.getAll()) if (owner === this.owner) await writing.store.delete(id);
    await writing.done;
  }

  /** Undefined for what another key sealed: it goes by itself when it is old. */
  private async opened({ id, standing, keptAt, iv, sealed }: Sealed): Promise<KeptForm | undefined> {
    try {
      const text = await crypto.subtle.decrypt(this.algorithm(id, iv), this.sealing, sealed);
      return { ...(JSON.parse(new TextDecoder().decode(text)) as TypedForm), id, standing, keptAt };
    } catch {
      return undefined;
    }
  }

  /** A sealed form that is put in another's place, or under another's name, does not open. */
  private algorithm(id: string, iv: Uint8Array<ArrayBuffer>): AesGcmParams {
    return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(`${this.owner}/${id}`) };
  }
}
