/** What a witness must never forget: its key, and the last checkpoint of each log that it cosigned. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCheckpoint, type Checkpoint } from '../domain/checkpoint.js';
import { nodePrimitives } from '../domain/node-primitives.js';
import { Cosigner, privateKeyFromPem } from '../domain/note-signer.js';
import { parseNote, verifyNote } from '../domain/signed-note.js';
import { DirectoryLock } from './directory-lock.js';
import { writeDurably } from './durable-file.js';

const KEY_FILE = 'witness-key.pem';
const CHECKPOINTS_FILE = 'checkpoints.json';

export interface CosignedCheckpoint {
  checkpoint: Checkpoint;
  /** As it was cosigned: the text with the log's signatures and this witness's. */
  note: string;
}

export class WitnessState {
  private constructor(
    readonly cosigner: Cosigner,
    private readonly file: string,
    private readonly lock: DirectoryLock,
    private checkpoints: ReadonlyMap<string, CosignedCheckpoint>,
  ) {}

  /**
   * Opens the folder of a witness, or makes one that has cosigned nothing. Throws when another process works there, and when
   * something of it is missing or damaged: a witness that began anew would let a log show it another history.
   */
  static async open(dir: string, name: string): Promise<WitnessState> {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const lock = DirectoryLock.take(dir);
    try {
      const [keyFile, file] = [join(dir, KEY_FILE), join(dir, CHECKPOINTS_FILE)];
      if (existsSync(keyFile) && !existsSync(file)) throw lost(file);
      if (!existsSync(file)) await writeDurably(file, contentOf([]));
      const notes = readNotes(file);
      if (!existsSync(keyFile) && notes.length > 0) throw lost(keyFile);
      // Second, so that a folder with a key always had its checkpoints.
      if (!existsSync(keyFile)) await writeDurably(keyFile, newKey());
      const cosigner = new Cosigner(name, readKey(keyFile));
      return new WitnessState(cosigner, file, lock, await verifiedCheckpoints(notes, cosigner, file));
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  last(origin: string): CosignedCheckpoint | undefined {
    return this.checkpoints.get(origin);
  }

  /** When this returns, the checkpoint will be remembered whatever happens. Throws when that cannot be. */
  async remember(cosigned: CosignedCheckpoint): Promise<void> {
    const checkpoints = new Map(this.checkpoints).set(cosigned.checkpoint.origin, cosigned);
    this.lock.check();
    await writeDurably(this.file, contentOf([...checkpoints.values()].map(({ note }) => note)));
    this.lock.check(); // whoever took the folder meanwhile may have read it before this
    this.checkpoints = checkpoints;
  }

  close(): void {
    this.lock.release();
  }
}

function contentOf(notes: readonly string[]): string {
  return `${JSON.stringify({ checkpoints: notes }, null, 2)}\n`;
}

function readNotes(file: string): string[] {
  try {
    const { checkpoints } = JSON.parse(readFileSync(file, 'utf8')) as { checkpoints: unknown };
    if (!Array.isArray(checkpoints) || !checkpoints.every((note) => typeof note === 'string')) throw damaged(file);
    return checkpoints;
  } catch {
    throw damaged(file);
  }
}

/** The witness's own cosignature on each note tells that nobody and no disk has changed it. */
async function verifiedCheckpoints(
  notes: readonly string[],
  cosigner: Cosigner,
  file: string,
): Promise<Map<string, CosignedCheckpoint>> {
  const checkpoints = new Map<string, CosignedCheckpoint>();
  for (const note of notes) {
    try {
      const parsed = parseNote(note);
      await verifyNote(nodePrimitives, parsed, [cosigner.key]);
      const checkpoint = parseCheckpoint(parsed.text);
      checkpoints.set(checkpoint.origin, { checkpoint, note });
    } catch {
      throw damaged(file, ` Or it was not cosigned by ${cosigner.vkey}: was the witness given another name or key?`);
    }
  }
  if (checkpoints.size !== notes.length) throw damaged(file);
  return checkpoints;
}

function newKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

function readKey(file: string): KeyObject {
  try {
    return privateKeyFromPem(readFileSync(file, 'utf8'));
  } catch {
    throw damaged(file);
  }
}

function lost(file: string): Error {
  return new Error(`${file} is missing. ${NOT_ANEW}`);
}

function damaged(file: string, other = ''): Error {
  return new Error(`${file} is damaged.${other} ${NOT_ANEW}`);
}

const NOT_ANEW =
  'The witness does not begin anew, for then the log could show it another history. Restore the newest copy of the folder, ' +
  'or start a witness with a new folder and a new name and say so to those who rely on this one.';
