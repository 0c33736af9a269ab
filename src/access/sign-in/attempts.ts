/** Tries at a password or a code, counted before they are looked at: by account and by network address. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../audit-trail.js';
import { nobodyActor } from '../domain/actor.js';
import {
  FORGOTTEN_AFTER_SECONDS,
  locksOut,
  networkOf,
  triesNow,
  waitBefore,
  type Guessed,
  type Tries,
} from '../domain/guessing.js';
import { Clock } from '../../kernel/clock.js';
import { Problem } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';
import { Secrets } from '../../kernel/secrets.js';

const ALL = Buffer.alloc(0);
/** How long a try waits for others at the same account or address to be decided. */
const LONGEST_BUSY_MS = 5_000;
const BUSY_PAUSE_MS = 50;

/** A try that has begun. Each is decided once: it failed, it was right, or it only came half way. */
export interface Attempt {
  account: Buffer;
  address: Buffer;
}

export interface FailedTry {
  /** Null: nobody has that address. */
  userId: string | null;
  by: 'password' | 'code';
  requestId: string;
}

interface CounterRow {
  account: Buffer;
  address: Buffer;
  failures: number;
  pending: number;
  changed_at: Date;
  failed_at: Date;
}

/** A counter as it counts now. */
interface Counter extends Attempt, Tries {
  guessed: Guessed;
  /** Of the account or of the address as a whole, not of both together. */
  isTotal: boolean;
}

@Injectable()
export class Attempts {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly secrets: Secrets,
    private readonly audit: AuditTrail,
  ) {}

  /** Counts a try before it is looked at. Throws `try-later` (429), in the same way whether there is such a user or not. */
  async begin(email: string, ip: string | undefined): Promise<Attempt> {
    const attempt = { account: this.accountOf(email), address: this.secrets.fingerprint('network', networkOf(ip)) };
    for (let waitedMs = 0; ; waitedMs += BUSY_PAUSE_MS) {
      const wait = await this.tryToBegin(attempt);
      if (wait === 0) return attempt;
      if (wait !== 'busy') throw tryLater(wait);
      if (waitedMs >= LONGEST_BUSY_MS) throw tryLater(1);
      await sleep(BUSY_PAUSE_MS);
    }
  }

  /**
   * Does in one transaction what follows the secret, where null means that it was wrong after all. What throws gives the try back, without
   * forgiving anything.
   */
  async decide<Result>(
    attempt: Attempt,
    failure: FailedTry,
    work: (manager: EntityManager) => Promise<Result | null>,
  ): Promise<Result | null> {
    const result = await this.db.transaction(work).catch(async (thrown: unknown) => {
      await this.db.transaction((manager) => this.halfWay(manager, attempt));
      throw thrown;
    });
    if (result === null) await this.failed(attempt, failure);
    return result;
  }

  /** The secret was wrong: recorded, and counted for the account and for the address. */
  async failed(attempt: Attempt, { userId, by, requestId }: FailedTry): Promise<void> {
    const now = this.clock.now();
    await this.db.transaction(async (manager) => {
      const counters = await lock(manager, attempt, now);
      await write(
        manager,
        counters.map((one) => ({ ...decided(one), failures: one.failures + 1, failedAt: now })),
      );
      const actor = nobodyActor(requestId);
      const subject = { kind: 'user', id: userId ?? 'unknown' } as const;
      const lockedOut = counters.filter(({ isTotal, guessed, failures }) => isTotal && locksOut(guessed, failures));
      await this.audit.recordAll(manager, [
        { actor, act: 'session.fail', subject, detail: { by } },
        ...lockedOut.map(({ guessed }) => ({ actor, act: 'session.lock-out', subject, detail: { of: guessed } })),
      ]);
    });
  }

  /** The password was right and a code is still to come: nothing is forgiven yet, or the code could be guessed for ever. */
  async halfWay(manager: EntityManager, attempt: Attempt): Promise<void> {
    await write(manager, (await lock(manager, attempt, this.clock.now())).map(decided));
  }

  /** Somebody proved who they are: forgiven is what failed at this account from this address, and nobody else's guesses. */
  async right(manager: EntityManager, attempt: Attempt): Promise<void> {
    const counters = await lock(manager, attempt, this.clock.now());
    const own = counters.find(({ isTotal }) => !isTotal)?.failures ?? 0;
    await write(
      manager,
      counters.map((one) => ({ ...decided(one), failures: Math.max(0, one.failures - own) })),
    );
  }

  /** Forgives all failures at an account, wherever they came from. */
  async lift(manager: EntityManager, email: string): Promise<void> {
    await manager.query(
      `with own as (delete from access.sign_in_failure where account = $1 returning address, failures)
       update access.sign_in_failure f set failures = greatest(0, f.failures - own.failures)
       from own where f.account = '' and f.address = own.address and own.address <> ''`,
      [this.accountOf(email)],
    );
  }

  /** Until when nobody can try at these accounts, by e-mail address; only those that wait. */
  async waitsOf(emails: readonly string[]): Promise<Map<string, Date>> {
    const now = this.clock.now();
    const byAccount = new Map(emails.map((email) => [this.accountOf(email).toString('hex'), email]));
    const rows = await this.db.query<CounterRow[]>(
      "select * from access.sign_in_failure where address = '' and account = any($1::bytea[])",
      [[...byAccount.keys()].map((hex) => Buffer.from(hex, 'hex'))],
    );
    return new Map(
      rows.flatMap((row) => {
        const wait = waitBefore('account', counterOf(row, now), now);
        const email = byAccount.get(row.account.toString('hex'));
        return email && wait !== 'busy' && wait > 0 ? [[email, new Date(now.getTime() + wait * 1000)] as const] : [];
      }),
    );
  }

  private async tryToBegin(attempt: Attempt): Promise<number | 'busy'> {
    const now = this.clock.now();
    return this.db.transaction(async (manager) => {
      await forgetOld(manager, now);
      const counters = await lock(manager, attempt, now);
      const waits = counters.filter(({ isTotal }) => isTotal).map((one) => waitBefore(one.guessed, one, now));
      const seconds = Math.max(...waits.map((wait) => (wait === 'busy' ? 0 : wait)));
      if (seconds > 0) return seconds;
      if (waits.includes('busy')) return 'busy';
      await write(
        manager,
        counters.map((one) => ({ ...one, pending: one.pending + 1 })),
      );
      return 0;
    });
  }

  private accountOf(email: string): Buffer {
    return this.secrets.fingerprint('account', email.trim().toLowerCase());
  }
}

/** The counters of the address, of the account and of both together, locked until the end of the transaction: always in this order. */
async function lock(manager: EntityManager, { account, address }: Attempt, now: Date): Promise<Counter[]> {
  const rows = await manager.query<CounterRow[]>(
    `insert into access.sign_in_failure as f (account, address, failures, pending, changed_at, failed_at)
     values ($3, $2, 0, 0, $4, $4), ($1, $3, 0, 0, $4, $4), ($1, $2, 0, 0, $4, $4)
     on conflict (account, address) do update set failures = f.failures returning *`,
    [account, address, ALL, now],
  );
  return rows.map((row) => counterOf(row, now));
}

async function write(manager: EntityManager, counters: readonly Counter[]): Promise<void> {
  const column = <T>(pick: (counter: Counter) => T) => counters.map(pick);
  await manager.query(
    `update access.sign_in_failure f set failures = n.failures, pending = n.pending, changed_at = n.changed_at, failed_at = n.failed_at
     from unnest($1::bytea[], $2::bytea[], $3::float8[], $4::int[], $5::timestamptz[], $6::timestamptz[])
          n(account, address, failures, pending, changed_at, failed_at)
     where f.account = n.account and f.address = n.address`,
    [
      column(({ account }) => account),
      column(({ address }) => address),
      column(({ failures }) => failures),
      column(({ pending }) => pending),
      column(({ changedAt }) => changedAt),
      column(({ failedAt }) => failedAt),
    ],
  );
}

/** What counts for nothing any more is not kept either; locked rows are in use. */
async function forgetOld(manager: EntityManager, now: Date): Promise<void> {
  await manager.query(
    `delete from access.sign_in_failure where (account, address) in (
       select account, address from access.sign_in_failure where changed_at < $1 limit 100 for update skip locked)`,
    [new Date(now.getTime() - FORGOTTEN_AFTER_SECONDS * 1000)],
  );
}

function counterOf(row: CounterRow, now: Date): Counter {
  const { account, address, failures, pending } = row;
  const guessed = account.length === 0 ? 'address' : 'account';
  const tries = triesNow(guessed, { failures, pending, changedAt: row.changed_at, failedAt: row.failed_at }, now);
  return { account, address, guessed, isTotal: account.length === 0 || address.length === 0, ...tries };
}

const decided = (counter: Counter): Counter => ({ ...counter, pending: Math.max(0, counter.pending - 1) });

function tryLater(seconds: number): Problem {
  const wording =
    seconds < 120
      ? sentence('There were too many wrong tries. Try again in {n} seconds, or ask whoever administers the users.', {
          n: seconds,
        })
      : sentence('There were too many wrong tries. Try again in {n} minutes, or ask whoever administers the users.', {
          n: Math.ceil(seconds / 60),
        });
  return new Problem(429, 'try-later', wording, undefined, [], seconds);
}
