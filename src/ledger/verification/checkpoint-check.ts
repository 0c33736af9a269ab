/** Checkpoints against the tree that the rows make: those of the database, and those that somebody kept outside. */
import type pg from 'pg';
import { parseCheckpoint, type Checkpoint } from '../transparency-log/domain/checkpoint.js';
import { nodePrimitives } from '../transparency-log/domain/node-primitives.js';
import { parseNote, parseVerifierKey, verifyNote, type VerifierKey } from '../transparency-log/domain/signed-note.js';
import { QUORUM } from '../transparency-log/witnesses.service.js';
import type { Check } from './domain/findings.js';
import { rowsOf } from './rows.js';

export interface CheckpointRow {
  size: number;
  note: string;
  slot: Date;
  madeAt: Date;
  lines: string[];
}

/** A note that somebody kept, by name; what it says, unless it says nothing. */
export interface KeptCheckpoint {
  name: string;
  note: string;
  checkpoint: Checkpoint | null;
}

const HOUR_MS = 3_600_000;

export function readCheckpoints(client: pg.ClientBase): Promise<CheckpointRow[]> {
  return rowsOf<CheckpointRow>(
    client,
    `select c.size::float8 size, c.note, c.slot, c.made_at "madeAt",
            array(select s.line from ledger.cosignature s where s.size = c.size order by s.witness) lines
     from ledger.checkpoint c order by c.size`,
  );
}

export class CheckpointCheck {
  private constructor(
    private readonly check: Check,
    /** Of the tree that the rows make, by size. */
    private readonly roots: ReadonlyMap<number, Buffer>,
    private readonly logKey: VerifierKey | undefined,
    private readonly witnesses: readonly VerifierKey[],
    private readonly now: Date,
  ) {}

  /** `witnessKeys` are those who are asked now; those who were asked have their keys beside what they signed. */
  static async with(
    client: pg.ClientBase,
    check: Check,
    roots: ReadonlyMap<number, Buffer>,
    witnessKeys: readonly string[],
    now: Date,
  ): Promise<CheckpointCheck> {
    const [log] = await rowsOf<{ origin: string; vkey: string }>(
      client,
      'select origin, vkey from ledger.log_identity',
    );
    const key = log && (await keyOf(log.vkey, check, `log ${log.origin}`));
    if (log && key && log.origin !== key.name)
      check.fault('the name of the log is not that of its key', `log ${log.origin}`);
    const asked = await rowsOf<{ vkey: string; witness: string }>(
      client,
      'select distinct witness, vkey from ledger.cosignature',
    );
    const names = new Map([
      ...witnessKeys.map((vkey) => [vkey, vkey] as const),
      ...asked.map(({ vkey, witness }) => [vkey, witness] as const),
    ]);
    const witnesses: VerifierKey[] = [];
    for (const [vkey, name] of names) {
      const witness = await keyOf(vkey, check, `cosignatures of ${name}`);
      if (witness) witnesses.push(witness);
    }
    return new CheckpointCheck(check, roots, key, witnesses, now);
  }

  /** Whether it is cosigned by enough witnesses. */
  async isWitnessed(checkpoint: CheckpointRow): Promise<boolean> {
    const row = describe(checkpoint);
    const times: unknown[] = [checkpoint.slot, checkpoint.madeAt];
    if (!times.every((time) => time instanceof Date && time.getTime() <= this.now.getTime() + HOUR_MS))
      this.check.fault('it is of a time that has not come', row);
    const said = readNote(checkpoint.note);
    const root = this.roots.get(checkpoint.size);
    if (!said || !root || said.size !== checkpoint.size || !root.equals(said.root))
      this.check.fault('the rows do not make the tree that it was signed for', row);
    if (!(await this.isOfLog(checkpoint.note))) this.check.fault("it is not signed by the log's key", row);
    const known = await signersOf(`${checkpoint.note}${checkpoint.lines.join('')}`, this.witnesses);
    if (known === null) this.check.fault('a cosignature is false', row);
    return known !== null && known >= QUORUM;
  }

  /** Holds one that was kept outside against this ledger. */
  async checkKept({ name, note, checkpoint }: KeptCheckpoint, check: Check): Promise<void> {
    const since = checkpoint ? `checkpoint of ${checkpoint.size} leaves` : null;
    if (!checkpoint) check.fault('it is no checkpoint', name);
    else if (!(await this.isOfLog(note))) check.fault('it is not signed by the key of this log', name, since);
    else if (!this.roots.get(checkpoint.size)?.equals(checkpoint.root))
      check.fault(
        'this ledger is not the one of which it was signed: something was changed, taken away or rewritten',
        name,
        since,
      );
  }

  private async isOfLog(note: string): Promise<boolean> {
    return this.logKey !== undefined && ((await signersOf(note, [this.logKey])) ?? 0) > 0;
  }
}

export function describe({ slot, size }: CheckpointRow): string {
  // PostgreSQL has times that are none.
  const hour = slot instanceof Date && Number.isFinite(slot.getTime()) ? slot.toISOString().slice(0, 16) : String(slot);
  return `checkpoint of ${hour}Z (${size} leaves)`;
}

async function keyOf(vkey: string, check: Check, row: string): Promise<VerifierKey | undefined> {
  try {
    return await parseVerifierKey(vkey, nodePrimitives);
  } catch {
    check.fault('its key is no key', row);
    return undefined;
  }
}

/** What a note says; null when it is no checkpoint. */
export function readNote(note: string): Checkpoint | null {
  try {
    return parseCheckpoint(parseNote(note).text);
  } catch {
    return null;
  }
}

/** How many of the keys signed; null when one of them is said to have and has not. */
async function signersOf(note: string, keys: readonly VerifierKey[]): Promise<number | null> {
  if (keys.length === 0) return 0;
  try {
    const parsed = parseNote(note);
    const known = parsed.signatures.filter((line) =>
      keys.some((key) => key.name === line.name && key.keyId === line.keyId),
    );
    return known.length === 0 ? 0 : (await verifyNote(nodePrimitives, parsed, keys)).length;
  } catch {
    return null;
  }
}
