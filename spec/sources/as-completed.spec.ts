import { describe, expect, test } from '@jest/globals';
import { AsyncStream, StreamConsumedError } from '../../lib/index.ts';
import { failures, refusal } from '../support/failures.ts';
import { DONE } from '../support/iterators.ts';
import { idle, outcomeOf, seenOf, turnsUntilSettled } from '../support/turns.ts';

/** A promise that is settled from outside. */
function deferred<T = unknown>() {
  let settle!: { resolve: (value: T) => void; reject: (error: unknown) => void };
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
  return { promise, ...settle };
}

describe('asCompleted', () => {
  test('gives values in the order in which their promises settle', async () => {
    const [a, b, c] = [deferred(), deferred(), deferred()];
    const all = AsyncStream.asCompleted([a.promise, b.promise, c.promise]).toArray();
    await idle();
    c.resolve('c');
    await idle();
    a.resolve('a');
    b.resolve('b');
    expect(await all).toEqual(['c', 'a', 'b']);
  });

  test('gives each as soon as it is there', async () => {
    const [a, b] = [deferred(), deferred()];
    const iterator = AsyncStream.asCompleted([a.promise, b.promise])[Symbol.asyncIterator]();
    const first = iterator.next();
    await idle();
    b.resolve('b');
    expect(await first).toEqual({ done: false, value: 'b' });
    a.resolve('a');
    expect(await iterator.next()).toEqual({ done: false, value: 'a' });
    expect(await iterator.next()).toEqual(DONE);
  });

  test('gives what has settled before in the order of the iterable, and values beside promises', async () => {
    expect(await AsyncStream.asCompleted([Promise.resolve(1), 2, Promise.resolve(3)]).toArray()).toEqual([1, 2, 3]);
  });

  test('gives falsy values', async () => {
    const values = [undefined, null, 0, '', false, NaN];
    expect(await AsyncStream.asCompleted(values.map(async (value) => value)).toArray()).toStrictEqual(values);
  });

  test('takes thenables, and settles each once', async () => {
    const twice = {
      then(resolve: (value: number) => void) {
        resolve(1);
        resolve(2);
      },
    } as PromiseLike<number>;
    expect(await AsyncStream.asCompleted([twice]).toArray()).toEqual([1]);
  });

  test.each<[string, () => Iterable<number | Promise<number>>]>([
    ['an empty array', () => []],
    ['a set', () => new Set<number>()],
    [
      'a generator',
      function* () {
        yield* [];
      },
    ],
  ])('ends where %s has none', async (_kind, make) => {
    expect(await AsyncStream.asCompleted(make()).toArray()).toEqual([]);
  });

  test.each(failures)('fails when the first one %s, after what had come before', async (_how, fail, error) => {
    const late = idle()
      .then(idle)
      .then(() => 'late');
    const promises = [late, Promise.resolve(1), idle().then(fail)];
    expect(await seenOf(AsyncStream.asCompleted(promises))).toStrictEqual({ seen: [1], error });
    await idle();
  });

  test('swallows all rejections but the first one', async () => {
    const error = new Error('first');
    const promises = [Promise.reject(error), Promise.reject(new Error('second')), idle().then(() => Promise.reject(3))];
    expect(await outcomeOf(() => AsyncStream.asCompleted(promises).toArray())).toStrictEqual({ error });
    await idle();
    await idle();
  });

  test('swallows the rejections that come when it is left', async () => {
    const late = [deferred(), deferred()];
    const stream = AsyncStream.asCompleted([Promise.resolve(1), ...late.map(({ promise }) => promise)]);
    expect(await stream.first()).toBe(1);
    for (const { reject } of late) reject(new Error('late'));
    await idle();
  });

  test('ignores the promises that settle after the consumer has left, also the last one', async () => {
    const [first, second] = [deferred<number>(), deferred<number>()];
    const iterator = AsyncStream.asCompleted([Promise.resolve(1), first.promise, second.promise])[
      Symbol.asyncIterator
    ]();
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    await iterator.return();
    first.resolve(2);
    second.resolve(3);
    // An error of theirs would be an unhandled rejection, which fails the test.
    await idle();
    expect(await iterator.next()).toEqual(DONE);
  });

  test('refuses a string, which is an iterable of characters', () => {
    expect(refusal(() => AsyncStream.asCompleted('abc' as never))).toBe(
      "TypeError: asCompleted: promises must be an iterable, got 'abc'",
    );
  });

  test('leaves no rejection of an array unhandled that comes before the first pull, or without any', async () => {
    const error = new Error('early');
    const stream = AsyncStream.asCompleted([Promise.reject(error)]);
    AsyncStream.asCompleted([Promise.reject(new Error('never pulled'))]);
    await idle();
    await idle();
    expect(await outcomeOf(() => stream.toArray())).toStrictEqual({ error });
  });

  test('starts nothing before the first pull that is started by its then, and that once', async () => {
    let started = 0;
    class Lazy extends Promise<number> {
      override then(...args: any[]): any {
        started++;
        return super.then(...args);
      }
    }
    const lazy = [new Lazy((resolve) => resolve(1)), { then: (use: (value: number) => void) => use((started++, 2)) }];
    const stream = AsyncStream.asCompleted(lazy as Promise<number>[]);
    await idle();
    expect(started).toBe(0);
    expect((await stream.toArray()).sort()).toEqual([1, 2]);
    expect(started).toBe(2);
  });

  test('goes through other iterables at the first pull, which may make their promises then', async () => {
    const log: string[] = [];
    function* make() {
      log.push('made');
      yield Promise.resolve(1);
      yield Promise.resolve(2);
    }
    const stream = AsyncStream.asCompleted({ [Symbol.iterator]: make });
    const iterator = stream[Symbol.asyncIterator]();
    await idle();
    expect(log).toEqual([]);
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    expect(log).toEqual(['made']);
    await iterator.return();
    expect(await stream.toArray()).toEqual([1, 2]);
    expect(log).toEqual(['made', 'made']);
  });

  test('reads an iterable no further that ends the run, and closes it', async () => {
    const controller = new AbortController();
    const log: unknown[] = [];
    function* promises() {
      try {
        for (let n = 1; n < 5; n++) {
          if (n === 2) controller.abort('left');
          log.push(n);
          yield Promise.resolve(n);
        }
      } finally {
        log.push('closed');
      }
    }
    const outcome = outcomeOf(() => AsyncStream.asCompleted(promises()).toArray({ signal: controller.signal }));
    expect([await outcome, log]).toEqual([{ error: 'left' }, [1, 2, 'closed']]);
  });

  test('fails where the iterable throws, and swallows what came before', async () => {
    const error = new Error('iterable');
    function* make() {
      yield Promise.reject(new Error('before'));
      throw error;
    }
    expect(await outcomeOf(() => AsyncStream.asCompleted(make()).toArray())).toStrictEqual({ error });
    await idle();
  });

  test('refuses the second run over a generator object, and closes one that is not wanted', async () => {
    const log: string[] = [];
    const iterator = {
      next: () => ({ done: true as const, value: undefined }),
      return: () => {
        log.push('closed');
        return { done: true as const, value: undefined };
      },
      [Symbol.iterator]() {
        return this;
      },
    };
    const stream = AsyncStream.asCompleted<number>(iterator);
    expect(await stream.take(0).toArray()).toEqual([]);
    expect(log).toEqual(['closed']);
    const once = AsyncStream.asCompleted([Promise.resolve(1)].values());
    expect(await once.toArray()).toEqual([1]);
    await expect(once.toArray()).rejects.toThrow(StreamConsumedError);
  });

  test('can be left at once while nothing settles, also by an abort', async () => {
    const never = new Promise<number>(() => undefined);
    const iterator = AsyncStream.asCompleted([never])[Symbol.asyncIterator]();
    const pending = iterator.next();
    await idle();
    expect(await turnsUntilSettled(iterator.return())).toBeLessThan(40);
    expect(await pending).toEqual(DONE);
    const controller = new AbortController();
    const aborted = AsyncStream.asCompleted([never]).withSignal(controller.signal).toArray();
    await idle();
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');
  });

  test('can be run once over an iterator, and says so', () => {
    const promises = [Promise.resolve(1)];
    expect(AsyncStream.asCompleted(promises).explain().repeatable).toBe(true);
    expect(AsyncStream.asCompleted(promises.values()).explain().repeatable).toBe(false);
  });
});
