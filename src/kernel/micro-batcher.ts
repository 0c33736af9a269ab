/** Gathers what callers submit one by one and hands it on in batches, so that many of them share one transaction and its commit. */
import { Problem } from './domain/problem.js';

export interface BatchLimits {
  /** The longest that a submission waits for company while a flush could begin. */
  waitMs: number;
  batchItems: number;
  /** Waiting to be flushed; what comes on top is refused. */
  queuedItems: number;
  flushesAtOnce: number;
}

const LIMITS: BatchLimits = { waitMs: 5, batchItems: 1_000, queuedItems: 4_000, flushesAtOnce: 2 };

interface Submission<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

export class MicroBatcher<Item, Result> {
  private readonly limits: BatchLimits;
  private waiting: Submission<Item, Result>[] = [];
  private readonly running = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  /**
   * `flush` makes the items durable in one transaction and answers each, in order, with its result or with the Problem that only this item
   * has. When it throws, nothing of it may stand: the items are then flushed one by one, so that each caller gets the error of their own.
   */
  constructor(
    private readonly flush: (items: readonly Item[]) => Promise<readonly (Result | Problem)[]>,
    limits: Partial<BatchLimits> = {},
  ) {
    this.limits = { ...LIMITS, ...limits };
  }

  /** The result, after its commit. At once when nothing else is going on. Throws `ledger-busy` (429), `stopping` (503), and the item's own. */
  async submit(item: Item): Promise<Result> {
    if (this.isClosed) throw stopping();
    if (this.waiting.length >= this.limits.queuedItems) throw busy();
    return new Promise<Result>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.running.size === 0 || this.waiting.length >= this.limits.batchItems) this.begin();
      else this.timer ??= this.beginLater();
    });
  }

  /** Takes nothing more and waits until all that was taken is answered. */
  async close(): Promise<void> {
    this.isClosed = true;
    while (this.running.size > 0) await Promise.all(this.running);
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.length === 0 || this.running.size >= this.limits.flushesAtOnce) return;
    const batch = this.waiting.splice(0, this.limits.batchItems);
    const run = this.run(batch).then(() => {
      this.running.delete(run);
      this.begin();
    });
    this.running.add(run);
    if (this.waiting.length > 0) this.timer = this.beginLater();
  }

  private beginLater(): NodeJS.Timeout {
    return setTimeout(() => this.begin(), this.limits.waitMs);
  }

  private async run(batch: readonly Submission<Item, Result>[]): Promise<void> {
    try {
      const results = await this.flush(batch.map(({ item }) => item));
      if (results.length !== batch.length) throw new Error('a flush answers each of its items');
      batch.forEach(({ resolve, reject }, index) => {
        const result = results[index] as Result | Problem;
        if (result instanceof Problem) reject(result);
        else resolve(result);
      });
    } catch (error) {
      const [first, ...others] = batch;
      if (others.length === 0) return first?.reject(error);
      for (const submission of batch) await this.run([submission]);
    }
  }
}

function busy(): Problem {
  return new Problem(
    429,
    'ledger-busy',
    'More is coming in than can be recorded at this moment. Nothing was changed; send it again in a second.',
    undefined,
    [],
    1,
  );
}

function stopping(): Problem {
  return new Problem(
    503,
    'stopping',
    'The service is stopping. Nothing was changed; send it again in a moment.',
    undefined,
    [],
    5,
  );
}
