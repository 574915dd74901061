import { describe, expect, test } from '@jest/globals';
import { AsyncStream, collectors } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { failures, refusal } from '../support/failures.ts';
import { Watched } from '../support/watched.ts';

describe('every', () => {
  test('is false at the first element for which the predicate does not hold, and closes the source', async () => {
    const source = new Watched(1, 2, 3);
    expect(await AsyncStream.from(source).every((x) => x !== 2)).toBe(false);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('is true where it holds for all', async () => {
    const source = new Watched(1, 2);
    expect(await AsyncStream.from(source).every((x) => x < 3)).toBe(true);
    expect(source.log).toEqual(['open', 'next', 'next', 'next']);
  });

  test('is true where there are no elements', async () => {
    expect(await AsyncStream.of().every(() => false)).toBe(true);
  });

  test('waits for a promise, and decides by what it brings', async () => {
    const source = new Watched(1, 2, 3);
    expect(await AsyncStream.from(source).every(async (x) => x !== 2)).toBe(false);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('decides by truthiness', async () => {
    expect(await AsyncStream.of(1, 'yes', {}).every((x) => x)).toBe(true);
    expect(await AsyncStream.of(1, '').every((x) => x)).toBe(false);
  });

  test('calls with element, index and context', async () => {
    const calls: unknown[][] = [];
    await AsyncStream.of('a', 'b').every((...args) => {
      calls.push(args);
      return true;
    });
    expect(calls).toEqual([
      ['a', 0, aContext],
      ['b', 1, aContext],
    ]);
  });

  test('starts anew in each run', async () => {
    const collector = collectors.every((x: number) => x > 1);
    expect([await AsyncStream.of(2, 1).collect(collector), await AsyncStream.of(2).collect(collector)]).toEqual([
      false,
      true,
    ]);
  });

  test.each(failures)(
    'fails with the same error when the predicate %s, and closes the source',
    async (_how, fail, error) => {
      const source = new Watched(1, 2);
      await expect(AsyncStream.from(source).every(fail)).rejects.toBe(error);
      expect(source.log).toEqual(['open', 'next', 'return']);
    },
  );

  test('refuses a predicate that is not a function', () => {
    expect(refusal(() => collectors.every(undefined as never))).toBe(
      'TypeError: every: predicate must be a function, got undefined',
    );
  });
});
