import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { idle, seenOf, turnsUntilSettled } from '../support/turns.ts';

/** Notes when somebody waits for it. */
function lazily<T>(value: T, log: unknown[]): PromiseLike<T> {
  return {
    then(onValue) {
      log.push(value);
      return Promise.resolve(value).then(onValue);
    },
  };
}

describe('of', () => {
  test('gives the values in their order', async () => {
    expect(await AsyncStream.of('a', 'b', 'c').toArray()).toEqual(['a', 'b', 'c']);
  });

  test('gives falsy values', async () => {
    const values = [undefined, null, false, 0, NaN, ''];
    expect(await AsyncStream.of(...values).toArray()).toEqual(values);
  });

  test('gives strings, iterables and functions as they are', async () => {
    const values = ['abc', [1, 2], new Set([3]), () => [4]];
    expect(await AsyncStream.of(...values).toArray()).toEqual(values);
  });

  test('awaits promises, and keeps the order', async () => {
    expect(
      await AsyncStream.of(
        1,
        idle().then(() => 2),
        Promise.resolve(3),
      ).toArray(),
    ).toEqual([1, 2, 3]);
  });

  test('waits for a promise only when its turn comes', async () => {
    const log: number[] = [];
    const stream = AsyncStream.of(lazily(1, log), lazily(2, log), lazily(3, log));
    await idle();
    expect(log).toEqual([]);
    expect(await stream.take(2).toArray()).toEqual([1, 2]);
    expect(log).toEqual([1, 2]);
  });

  test.each([new Error('wanted'), undefined, 0, ''])('fails with what a promise rejects with: %p', async (error) => {
    expect(await seenOf(AsyncStream.of(1, Promise.reject(error), 3))).toStrictEqual({ seen: [1], error });
  });

  test('takes no longer for many values than for few', async () => {
    const turns = (count: number) =>
      turnsUntilSettled(AsyncStream.of(...Array.from({ length: count }, String)).drain());
    expect(await turns(1000)).toBe(await turns(1));
  });
});
