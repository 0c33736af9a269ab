import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Problem } from './domain/problem.js';
import { MicroBatcher, type BatchLimits } from './micro-batcher.js';

/** A flush that the test ends by hand, and what was flushed so far. */
interface Flush {
  items: readonly string[];
  succeed(): void;
  fail(error: Error): void;
}

let flushes: Flush[];

/** Answers every item with itself in capitals. */
function batcher(limits: Partial<BatchLimits> = {}): MicroBatcher<string, string> {
  return new MicroBatcher<string, string>(
    (items) =>
      new Promise((resolve, reject) => {
        flushes.push({ items, succeed: () => resolve(items.map((item) => item.toUpperCase())), fail: reject });
      }),
    limits,
  );
}

const batches = () => flushes.map(({ items }) => items.join(''));
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
const outcome = (promise: Promise<string>) => promise.catch((error: Error) => error.message);

beforeEach(() => {
  flushes = [];
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('submissions', () => {
  it('are flushed at once while nothing else is going on', async () => {
    const quiet = batcher();
    void quiet.submit('a');
    expect(batches()).toEqual(['a']);
    flushes[0]?.succeed();
    await pass(0);
    void quiet.submit('b');
    expect(batches()).toEqual(['a', 'b']);
  });

  it('gather while a flush runs, go together when it ends, and are answered each with their own', async () => {
    const answers: string[] = [];
    const busy = batcher({ flushesAtOnce: 1 });
    for (const item of ['a', 'b', 'c']) void busy.submit(item).then((answer) => answers.push(answer));
    await pass(1_000);
    expect(batches()).toEqual(['a']);
    expect(answers).toEqual([]);
    flushes[0]?.succeed();
    await pass(0);
    expect(batches()).toEqual(['a', 'bc']);
    expect(answers).toEqual(['A']);
    flushes[1]?.succeed();
    await pass(0);
    expect(answers).toEqual(['A', 'B', 'C']);
  });

  it('wait no longer than 5 ms while another flush could run beside', async () => {
    const busy = batcher();
    void busy.submit('a');
    void busy.submit('b');
    await pass(4);
    void busy.submit('c');
    expect(batches()).toEqual(['a']);
    await pass(1);
    expect(batches()).toEqual(['a', 'bc']);
  });

  it('are never flushed more than so often at once', async () => {
    const busy = batcher({ flushesAtOnce: 2 });
    for (const item of ['a', 'b', 'c', 'd']) {
      void busy.submit(item);
      await pass(50);
    }
    expect(batches()).toEqual(['a', 'b']);
    flushes[1]?.succeed();
    await pass(0);
    expect(batches()).toEqual(['a', 'b', 'cd']);
  });

  it('do not wait when they fill a batch, and what is too much for one goes in the next', async () => {
    const busy = batcher({ batchItems: 2 });
    for (const item of ['a', 'b', 'c', 'd', 'e', 'f']) void busy.submit(item);
    expect(batches()).toEqual(['a', 'bc']);
    flushes[0]?.succeed();
    await pass(0);
    expect(batches()).toEqual(['a', 'bc', 'de']);
    flushes[1]?.succeed();
    await pass(0);
    expect(batches()).toEqual(['a', 'bc', 'de', 'f']);
  });

  it('are refused at once when too many wait, and those that wait are not lost', async () => {
    const busy = batcher({ flushesAtOnce: 1, queuedItems: 2 });
    const [, second, third] = ['a', 'b', 'c'].map((item) => busy.submit(item));
    await expect(busy.submit('d')).rejects.toMatchObject({ status: 429, code: 'ledger-busy', retryAfterSeconds: 1 });
    flushes[0]?.succeed();
    await pass(0);
    flushes[1]?.succeed();
    expect(await Promise.all([second, third])).toEqual(['B', 'C']);
    expect(batches()).toEqual(['a', 'bc']);
  });
});

describe('a fault', () => {
  it('of the flush leaves nobody with the error of another: what was in it is flushed one by one', async () => {
    const flushed: string[] = [];
    const strict = new MicroBatcher<string, string>((items) => {
      flushed.push(items.join(''));
      if (items.includes('x')) return Promise.reject(new Error(`${items.join('')} was refused`));
      return Promise.resolve(items.map((item) => item.toUpperCase()));
    });
    const outcomes = Promise.all(['a', 'b', 'x', 'c'].map((item) => outcome(strict.submit(item))));
    await pass(0);
    expect(await outcomes).toEqual(['A', 'B', 'x was refused', 'C']);
    expect(flushed).toEqual(['a', 'bxc', 'b', 'x', 'c']);
  });

  it('of one item that the flush knows is told to its caller, and the others stand', async () => {
    const judging = new MicroBatcher<string, string>((items) =>
      Promise.resolve(items.map((item) => (item === 'x' ? Problem.refused('bad', 'x is bad') : item))),
    );
    const outcomes = Promise.all(['a', 'b', 'x', 'c'].map((item) => outcome(judging.submit(item))));
    await pass(0);
    expect(await outcomes).toEqual(['a', 'b', 'bad: x is bad', 'c']);
  });

  it('of a flush that does not answer all of its items is not taken for success', async () => {
    const forgetful = new MicroBatcher<string, string>(() => Promise.resolve([]));
    await expect(forgetful.submit('a')).rejects.toThrow('answers each of its items');
  });

  it('does not stop what comes after', async () => {
    const shaken = batcher({ flushesAtOnce: 1 });
    const first = outcome(shaken.submit('a'));
    void shaken.submit('b');
    flushes[0]?.fail(new Error('no connection'));
    await pass(0);
    expect(await first).toBe('no connection');
    expect(batches()).toEqual(['a', 'b']);
  });
});

describe('closing', () => {
  it('answers all that was taken, and takes nothing more', async () => {
    const closing = batcher({ flushesAtOnce: 1 });
    const taken = ['a', 'b', 'c'].map((item) => closing.submit(item));
    let isClosed = false;
    const closed = closing.close().then(() => (isClosed = true));
    await expect(closing.submit('d')).rejects.toMatchObject({ status: 503, code: 'stopping' });
    flushes[0]?.succeed();
    await pass(0);
    expect(isClosed).toBe(false);
    flushes[1]?.succeed();
    await closed;
    expect(await Promise.all(taken)).toEqual(['A', 'B', 'C']);
    expect(batches()).toEqual(['a', 'bc']);
  });

  it('ends at once when nothing is going on', async () => {
    await batcher().close();
    expect(flushes).toEqual([]);
  });
});
