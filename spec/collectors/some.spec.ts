import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { Watched } from '../support/watched.ts';

describe('some', () => {
  test('is true at the first element for which the predicate holds, and closes the source', async () => {
    const source = new Watched(1, 2, 3);
    expect(await AsyncStream.from(source).some((x) => x === 2)).toBe(true);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('is false where it holds for none', async () => {
    const source = new Watched(1, 2);
    expect(await AsyncStream.from(source).some((x) => x > 2)).toBe(false);
    expect(source.log).toEqual(['open', 'next', 'next', 'next']);
  });

  test('is false where there are no elements', async () => {
    expect(await AsyncStream.of().some(() => true)).toBe(false);
  });

  test('waits for a promise, and decides by what it brings', async () => {
    const source = new Watched(1, 2, 3);
    expect(await AsyncStream.from(source).some(async (x) => x === 2)).toBe(true);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('decides by truthiness', async () => {
    expect(await AsyncStream.of(undefined, null, 0, '', NaN).some((x) => x)).toBe(false);
    expect(await AsyncStream.of(0, 'yes').some((x) => x)).toBe(true);
  });

  test('calls with element, index and context', async () => {
    const calls: unknown[][] = [];
    await AsyncStream.of('a', 'b').some((...args) => {
      calls.push(args);
      return false;
    });
    expect(calls).toEqual([
      ['a', 0, aContext],
      ['b', 1, aContext],
    ]);
  });
});
