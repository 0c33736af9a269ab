/** Bundles from a small real log: a fund's quarters, entry by entry, sealed, signed and witnessed as the service does it. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../src/kernel/domain/canonical-json.js';
import { parseQuarter } from '../../src/kernel/domain/plain-date.js';
import { flows, type EntryPhase } from '../../src/ledger/domain/entry.js';
import type { Bundle, LeafProof, Opening } from '../../src/ledger/transparency-log/domain/bundle.js';
import { formatCheckpoint } from '../../src/ledger/transparency-log/domain/checkpoint.js';
import { kindOf, movesMoney, type EntryState } from '../../src/ledger/transparency-log/domain/entry-text.js';
import { Frontier } from '../../src/ledger/transparency-log/domain/frontier.js';
import { commitmentInput, leafData } from '../../src/ledger/transparency-log/domain/leaf-format.js';
import { leafHash, tileRoot, TILE_WIDTH } from '../../src/ledger/transparency-log/domain/merkle-hash.js';
import { consistencyProof, inclusionProof } from '../../src/ledger/transparency-log/domain/merkle-proof.js';
import { Cosigner, Ed25519Signer, privateKeyFromSeed } from '../../src/ledger/transparency-log/domain/note-signer.js';
import {
  countBand,
  type AuditorSeal,
  type DonorSeal,
  type SealedBalances,
  type SealedSums,
} from '../../src/ledger/transparency-log/domain/seal-text.js';
import { TileNodes, tileKey } from '../../src/ledger/transparency-log/domain/tile-nodes.js';

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();

export const newLogSigner = (name = 'log.example/uct', seed = name): Ed25519Signer =>
  new Ed25519Signer(name, privateKeyFromSeed(sha256(`log ${seed}`)));
export const newWitness = (name: string, seed = name): Cosigner =>
  new Cosigner(name, privateKeyFromSeed(sha256(`witness ${seed}`)));

export const logSigner = newLogSigner();
export const witnesses = [newWitness('auditors.example/witness'), newWitness('partner.example/witness')];

const COSIGNED_AT = Date.parse('2026-07-02T00:00:00Z') / 1000;

interface Leaf {
  commitments: [string, string, string];
  openings: { donor: Opening; auditor: Opening };
}

/** A log as its keeper has it, all of it in memory. */
export class SmallLog {
  readonly leaves = new Map<number, Leaf>();
  private readonly frontier = Frontier.empty();
  private readonly hashes: Buffer[] = [];
  private salts = 0;

  /** `salt` makes other salts, so that two logs with the same entries are two logs. */
  constructor(
    readonly signer = logSigner,
    private readonly salt = 'salt',
  ) {}

  get size(): number {
    return this.frontier.size;
  }

  /** Appends what a donor and an auditor can open, and answers its place. */
  add(donor: string, auditor: string): number {
    const openings = { donor: this.opening(donor), auditor: this.opening(auditor) };
    const commitments = [openings.donor, openings.auditor, this.opening('{"type":"subject"}')].map(({ text, salt }) =>
      sha256(commitmentInput(Buffer.from(salt, 'hex'), Buffer.from(text))),
    );
    const place = this.append(Buffer.concat(commitments));
    this.leaves.set(place, { commitments: hexOf(commitments), openings });
    return place;
  }

  /** Leaves that stand for nothing. */
  addDummies(count: number): void {
    for (let n = 0; n < count; n++)
      this.append(Buffer.concat([0, 1, 2].map((part) => sha256(`dummy ${this.size} ${part}`))));
  }

  leafHash(index: number): Buffer {
    return this.hashes[index] ?? Buffer.alloc(0);
  }

  /** The signed and cosigned state of the log now. */
  checkpoint(cosigners: readonly Cosigner[] = witnesses): string {
    const text = formatCheckpoint({
      origin: this.signer.key.name,
      size: this.size,
      root: this.frontier.root(),
      extensions: [],
    });
    return `${text}\n${this.signer.sign(text)}${cosigners.map((one) => one.cosign(text, COSIGNED_AT)).join('')}`;
  }

  /** Proofs in the tree as it is now. */
  prover(): { leaf(index: number): LeafProof; continues(size: number): string[] } {
    const nodes = new TileNodes(this.tiles());
    const { size } = this;
    return {
      leaf: (index) => ({
        index,
        commitments: this.leaves.get(index)?.commitments ?? ['', '', ''],
        proof: inclusionProof(nodes, index, size).map((hash) => hash.toString('base64')),
      }),
      continues: (old) => consistencyProof(nodes, old, size).map((hash) => hash.toString('base64')),
    };
  }

  private append(commitments: Buffer): number {
    const hash = leafHash(leafData(commitments));
    this.frontier.append(hash);
    return this.hashes.push(hash) - 1;
  }

  private opening(text: string): Opening {
    return { text, salt: sha256(`${this.salt} ${this.salts++}`).toString('hex') };
  }

  private tiles(): Map<string, Buffer> {
    const tiles = new Map<string, Buffer>();
    let hashes = this.hashes;
    for (let level = 0; hashes.length > 0; level++) {
      const roots: Buffer[] = [];
      for (let index = 0; index * TILE_WIDTH < hashes.length; index++) {
        const tile = Buffer.concat(hashes.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH));
        tiles.set(tileKey({ level, index }), tile);
        if (tile.length === TILE_WIDTH * 32) roots.push(tileRoot(tile));
      }
      hashes = roots;
    }
    return tiles;
  }
}

/** One movement of a fund's money. */
export interface Move {
  state: EntryState;
  amount: number | bigint;
  currency?: string;
  month?: string;
  phase?: EntryPhase;
}

export interface Quarter {
  period: string;
  moves: Move[];
  /** A lie of the operator, told before the seal is put into the log. */
  sealAs?: (seal: DonorSeal, auditor: AuditorSeal) => { donor?: DonorSeal; auditor?: AuditorSeal };
  /** A lie told before an entry is put into the log. */
  enterAs?: (donor: Record<string, unknown>, auditor: Record<string, unknown>, place: number) => void;
  /** Entries that the operator puts into the log and not into the seal. */
  unsealed?: number;
}

/** A quarter with something of everything: six grants and payments in two currencies, one taken back, one that waits. */
export const busyQuarter = (period: string): Quarter => {
  const { from } = parseQuarter(period);
  const months = [0, 1, 2].map(
    (later) => `${from.slice(0, 5)}${String(Number(from.slice(5, 7)) + later).padStart(2, '0')}`,
  );
  const [first, second, third] = months;
  return {
    period,
    moves: [
      { state: 'grant', amount: 90_000_000, month: first },
      { state: 'reserve', amount: 2_700_000, month: first },
      { state: 'instruct', amount: 900_000, month: first, phase: 'pending' },
      { state: 'instruct', amount: 900_000, month: first, phase: 'post' },
      { state: 'settle', amount: 900_000, month: first },
      { state: 'instruct', amount: 900_000, month: second },
      { state: 'settle', amount: 900_000, month: second },
      { state: 'instruct', amount: 900_000, month: second },
      { state: 'fail', amount: 900_000, month: second },
      { state: 'settle-late', amount: 900_000, month: third },
      { state: 'reversal of settle-late', amount: 900_000, month: third },
      { state: 'return', amount: 450_000, month: third },
      { state: 'exchange-out', amount: 5_000_000, month: third },
      { state: 'exchange-in', amount: 350_000_000, currency: 'VND', month: third },
      { state: 'exchange-residue', amount: 7, currency: 'VND', month: third },
      { state: 'float-out', amount: 1_000_000, currency: 'VND', month: third },
    ],
  };
};

const DIGEST_SALT = Buffer.alloc(32, 5);

export const FUND = '0197a3b0-5b5e-7c1d-8f00-3a0d2b6f1c01';

/** What a fund's last quarter can be checked with. The quarters follow each other. */
export interface Report {
  log: SmallLog;
  donor: Bundle;
  auditor: Bundle;
}

/** Keeps a fund's books through some quarters in the log and makes the bundles of the last one. */
export function reportOf(
  quarters: readonly Quarter[],
  options: { log?: SmallLog; fund?: string; cosigners?: readonly Cosigner[]; dummies?: number; currency?: string } = {},
): Report {
  const { log = new SmallLog(), fund = FUND, cosigners = witnesses, dummies = 120, currency = 'THB' } = options;
  const balances: Record<string, SealedBalances> = {};
  const sealed = quarters.map((quarter) => {
    const sums: Record<string, SealedSums> = {};
    let transfersPaid = 0;
    const places = quarter.moves.map((move, index) => {
      const entry = {
        currency,
        month: parseQuarter(quarter.period).from.slice(0, 7),
        phase: 'single' as const,
        ...move,
      };
      const amount = BigInt(entry.amount);
      if (movesMoney(entry.phase)) {
        book((balances[entry.currency] ??= emptyBalances()), entry.state, amount);
        transfersPaid += sum((sums[entry.currency] ??= emptySums()), entry.state, amount);
      }
      const texts = entryTexts(fund, log.size, entry);
      quarter.enterAs?.(texts.donor, texts.auditor, index);
      const place = log.add(canonicalJson(texts.donor), canonicalJson(texts.auditor));
      log.addDummies(index % 3);
      return place;
    });
    log.addDummies(dummies);
    const { from, through } = parseQuarter(quarter.period);
    const inSeal = places.slice(0, places.length - (quarter.unsealed ?? 0));
    const donor: DonorSeal = {
      type: 'seal',
      fund,
      period: quarter.period,
      from,
      through,
      countBand: countBand(Math.max(0, transfersPaid)),
      sums: structuredClone(sums),
      balances: structuredClone(balances),
      digest: sha256(
        Buffer.concat([DIGEST_SALT, sha256(Buffer.concat(inSeal.map((place) => log.leafHash(place))))]),
      ).toString('hex'),
    };
    const auditor: AuditorSeal = {
      type: 'seal',
      entries: String(inSeal.length),
      transfersPaid: String(transfersPaid),
      digestSalt: DIGEST_SALT.toString('hex'),
    };
    const told = { donor, auditor, ...quarter.sealAs?.(donor, auditor) };
    const place = log.add(canonicalJson(told.donor), canonicalJson(told.auditor));
    log.addDummies(7);
    return {
      period: quarter.period,
      from,
      through,
      places,
      seal: place,
      size: log.size,
      checkpoint: log.checkpoint(cosigners),
    };
  });
  const [last, before] = [...sealed].reverse();
  if (!last) throw new RangeError('A report is of a quarter.');
  const prover = log.prover();
  const openings = (place: number) => log.leaves.get(place)?.openings ?? { donor: noOpening, auditor: noOpening };
  const donor: Bundle = {
    format: 'uct-ledger/bundle/1',
    fund: { id: fund, code: 'F-1', name: 'Cash for survivors', donor: 'A foundation' },
    period: { name: last.period, from: last.from, through: last.through },
    log: { vkey: log.signer.vkey, witnesses: cosigners.map(({ vkey }) => vkey) },
    checkpoint: last.checkpoint,
    seal: { ...prover.leaf(last.seal), donor: openings(last.seal).donor },
    previous: before
      ? {
          period: before.period,
          checkpoint: before.checkpoint,
          proof: prover.continues(before.size),
          seal: { ...prover.leaf(before.seal), donor: openings(before.seal).donor },
        }
      : null,
  };
  const auditor: Bundle = {
    ...structuredClone(donor),
    seal: { ...structuredClone(donor.seal), auditor: openings(last.seal).auditor },
    entries: last.places.map((place) => ({ ...prover.leaf(place), ...openings(place) })),
  };
  return { log, donor, auditor };
}

const noOpening: Opening = { text: '', salt: '' };

const hexOf = ([donor, auditor, subject]: Buffer[]): [string, string, string] => [
  donor?.toString('hex') ?? '',
  auditor?.toString('hex') ?? '',
  subject?.toString('hex') ?? '',
];

const emptyBalances = (): SealedBalances => ({
  bank: '0',
  clearing: '0',
  float: '0',
  paid: '0',
  fund: '0',
  committed: '0',
  returned: '0',
  exchange: '0',
});

const emptySums = (): SealedSums => ({ granted: '0', paid: '0', returned: '0', exchangedIn: '0', exchangedOut: '0' });

const CREDIT_NORMAL = ['fund', 'committed', 'returned', 'exchange'];

function book(balances: SealedBalances, state: EntryState, amount: bigint): void {
  const { kind, isReversal } = kindOf(state);
  for (const [side, account] of flows[kind].entries()) {
    const isDebit = (side === 0) !== isReversal;
    const isMore = isDebit !== CREDIT_NORMAL.includes(account);
    balances[account] = String(BigInt(balances[account]) + (isMore ? amount : -amount));
  }
}

const SUMMED: Partial<Record<string, keyof SealedSums>> = {
  grant: 'granted',
  settle: 'paid',
  'settle-late': 'paid',
  return: 'returned',
  reverse: 'returned',
  'exchange-in': 'exchangedIn',
  'exchange-residue': 'exchangedIn',
  'exchange-out': 'exchangedOut',
};

/** Adds to the sums, and answers how many more transfers are paid. */
function sum(sums: SealedSums, state: EntryState, amount: bigint): number {
  const { kind, isReversal } = kindOf(state);
  const name = SUMMED[kind];
  if (!name) return 0;
  sums[name] = String(BigInt(sums[name]) + (isReversal ? -amount : amount));
  return name === 'paid' ? (isReversal ? -1 : 1) : 0;
}

function entryTexts(fund: string, seq: number, move: Move & { currency: string; month: string; phase: EntryPhase }) {
  const { state, amount, currency, month, phase } = move;
  const id = (what: string) =>
    sha256(`${what} ${seq}`)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5');
  const { kind, isReversal } = kindOf(state);
  const [debit, credit] = isReversal ? [flows[kind][1], flows[kind][0]] : flows[kind];
  return {
    donor: { type: 'entry', fund, currency, amount: String(amount), month, state } as Record<string, unknown>,
    auditor: {
      type: 'entry',
      entry: id('entry'),
      seq: String(seq),
      phase,
      debit,
      credit,
      booked_on: `${month}-15`,
      happened_on: `${month}-14`,
      recorded_at: `${month}-15T03:00:00.000000Z`,
      evidence: sha256(`evidence ${seq}`).toString('hex'),
      rail: state === 'settle' ? 'cash' : null,
      rate: state.startsWith('exchange') ? id('rate') : null,
      link: null,
      pending: null,
      reverses: state.startsWith('reversal') ? id('reversed') : null,
    } as Record<string, unknown>,
  };
}
