/**
 * A process that dies in the middle of its work: from one statement on, nothing that it does reaches the database or a rail, and what it had begun
 * and not committed is rolled back, because its connections are gone. The next process begins with `revive`.
 */
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

export class Process {
  private readonly busy = new Set<Client>();
  private readonly wrapped = new WeakSet<Client>();
  private deathAt: DeathAt | undefined;
  private statements = 0;
  private isDead = false;
  private closing: Promise<void>[] = [];

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

  /** Dies now; what calls it goes on in a process that is dead. */
  die(): void {
    if (this.isDead) return;
    this.isDead = true;
    for (const client of this.busy) {
      this.closing.push(new Promise((resolve) => client.once('end', resolve)));
      client.connection.stream.destroy();
    }
  }

  /** Throws in a dead process. */
  requireLife(): void {
    if (this.isDead) throw new Dead();
  }

  /** A new process in its place; whether the one before had died. */
  async revive(): Promise<boolean> {
    const hadDied = this.isDead;
    await Promise.all(this.closing.splice(0));
    this.isDead = false;
    this.deathAt = undefined;
    return hadDied;
  }

  private wrap(client: Client): void {
    if (this.wrapped.has(client)) return;
    this.wrapped.add(client);
    const query = client.query.bind(client);
    client.query = (...given) => {
      if (this.isDead) return Promise.reject(new Dead());
      this.statements += 1;
      const isLast = this.statements === this.deathAt?.statement;
      if (isLast && !this.deathAt?.isDone) {
        this.die();
        return Promise.reject(new Dead());
      }
      const answer = query(...given);
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
