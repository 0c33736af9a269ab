/**
 * A process that dies in the middle of its work: from one statement on, nothing that it does reaches the database or a rail, and what it had begun
 * and not committed is rolled back. The next process begins with `revive`; what is left running of the one before reaches nothing either.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { DataSource } from 'typeorm';

/** What everybody in a dead process is told. */
export class Dead extends Error {
  constructor() {
    super('the process has died');
  }
}

export interface DeathAt {
  /** Which statement since `arm`, the first is 1. */
  statement: number;
  /** Whether the database has done the statement, and only its answer was not heard any more. */
  isDone: boolean;
  /**
   * Whether its connections are cut, and the database finds that out for itself; else it is told to roll back, which comes to the same, and spares the
   * time in which a new connection learns what it needs.
   */
  isCut: boolean;
}

/** What of pg's client and pool is needed here. */
interface Client {
  query(...given: unknown[]): unknown;
  once(event: 'end', listener: () => void): void;
  connection: { stream: { destroy(): void } };
}
interface Pool {
  on(event: 'connect' | 'acquire' | 'remove', listener: (client: Client) => void): void;
  on(event: 'release', listener: (error: unknown, client: Client) => void): void;
}

/** Texts of statements by the name under which each connection prepares them: planning them each time is most of what they cost. */
const names = new Map<string, string>();

function prepared([text, values, ...rest]: unknown[]): unknown[] {
  if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0) return [text, values, ...rest];
  const name = names.get(text) ?? `chaos-${names.size}`;
  names.set(text, name);
  return [{ name, text, values }, ...rest];
}

export class Process {
  private readonly generation = new AsyncLocalStorage<number>();
  private current = 0;
  private readonly busy = new Set<Client>();
  /** How each connection is asked, past this process. */
  private readonly asked = new WeakMap<Client, Client['query']>();
  private deathAt: DeathAt | undefined;
  private statements = 0;
  private isDead = false;
  private closing: Promise<unknown>[] = [];

  constructor(db: DataSource) {
    const { master } = db.driver as unknown as { master: Pool };
    master.on('connect', (client) => this.wrap(client));
    master.on('acquire', (client) => {
      this.wrap(client);
      this.busy.add(client);
    });
    master.on('release', (_, client) => this.busy.delete(client));
    master.on('remove', (client) => this.busy.delete(client));
  }

  arm(deathAt: DeathAt | undefined): void {
    this.statements = 0;
    this.deathAt = deathAt;
  }

  statementsSinceArmed(): number {
    return this.statements;
  }

  /** Works in the process that lives now. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.generation.run(this.current, work);
  }

  /** Dies now; what calls it goes on in a process that is dead. */
  die(isCut = this.deathAt?.isCut): void {
    if (this.isGone()) return;
    this.isDead = true;
    for (const client of this.busy) {
      if (isCut) {
        this.closing.push(new Promise<void>((resolve) => client.once('end', resolve)));
        client.connection.stream.destroy();
      } else this.closing.push(this.asked.get(client)?.('rollback') as Promise<unknown>);
    }
  }

  /** Throws in a dead process. */
  requireLife(): void {
    if (this.isGone()) throw new Dead();
  }

  /** A new process in its place; whether the one before had died. */
  async revive(): Promise<boolean> {
    const hadDied = this.isDead;
    await Promise.all(this.closing.splice(0));
    if (hadDied) this.current += 1;
    this.isDead = false;
    this.deathAt = undefined;
    return hadDied;
  }

  private isGone(): boolean {
    return this.isDead || (this.generation.getStore() ?? this.current) !== this.current;
  }

  private wrap(client: Client): void {
    if (this.asked.has(client)) return;
    const query = client.query.bind(client);
    this.asked.set(client, query);
    client.query = (...given) => {
      if (this.isGone()) return Promise.reject(new Dead());
      this.statements += 1;
      const isLast = this.statements === this.deathAt?.statement;
      if (isLast && !this.deathAt?.isDone) {
        this.die();
        return Promise.reject(new Dead());
      }
      const answer = query(...prepared(given));
      if (!(answer instanceof Promise)) return answer;
      return answer.then(
        (result: unknown) => {
          if (isLast) this.die();
          this.requireLife();
          return result;
        },
        (error: unknown) => {
          if (isLast) this.die();
          this.requireLife();
          throw error;
        },
      );
    };
  }
}
