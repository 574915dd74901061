import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { failures, refusal } from '../support/failures.ts';
import { Watched } from '../support/watched.ts';

describe('forEach', () => {
  test('calls with each element, in order, and gives undefined', async () => {
    const seen: number[] = [];
    expect(await AsyncStream.of(1, 2, 3).forEach((x) => seen.push(x))).toBeUndefined();
    expect(seen).toEqual([1, 2, 3]);
  });

  test('calls nothing where there are no elements', async () => {
    const seen: unknown[] = [];
    expect(await AsyncStream.of().forEach((x) => seen.push(x))).toBeUndefined();
    expect(seen).toEqual([]);
  });

  test('waits for a promise before the next element is taken, and gives undefined', async () => {
    const source = new Watched('a', 'b');
    const { log } = source;
    const done = await AsyncStream.from(source).forEach(async (x) => {
      log.push(`${x} begins`);
      await Promise.resolve();
      log.push(`${x} ends`);
      return x;
    });
    expect(done).toBeUndefined();
    expect(log).toEqual(['open', 'next', 'a begins', 'a ends', 'next', 'b begins', 'b ends', 'next']);
  });

  test('goes on whatever the function answers', async () => {
    const seen: number[] = [];
    await AsyncStream.of(1, 2, 3).forEach((x) => {
      seen.push(x);
      return false;
    });
    expect(seen).toEqual([1, 2, 3]);
  });

  test('calls with element, index and context', async () => {
    const calls: unknown[][] = [];
    await AsyncStream.of('a', 'b').forEach((...args) => calls.push(args));
    expect(calls).toEqual([
      ['a', 0, aContext],
      ['b', 1, aContext],
    ]);
  });

  test.each(failures)(
    'fails with the same error when the function %s, and closes the source',
    async (_how, fail, error) => {
      const source = new Watched(1, 2);
      await expect(AsyncStream.from(source).forEach(fail)).rejects.toBe(error);
      expect(source.log).toEqual(['open', 'next', 'return']);
    },
  );

  test.each([
    [undefined, {}, 'TypeError: forEach: fn must be a function, got undefined'],
    [String, 2, 'TypeError: forEach: options must be an object, got 2'],
    [String, { concurrency: '2' }, "TypeError: forEach: concurrency must be a positive integer or Infinity, got '2'"],
    [String, { concurrency: 0 }, 'RangeError: forEach: concurrency must be a positive integer or Infinity, got 0'],
  ])('refuses %p with %p', (fn, options, message) => {
    expect(refusal(() => AsyncStream.of().forEach(fn as never, options as never))).toBe(message);
  });
});
