import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';

describe('dropWhile', () => {
  test('gives everything from the first element on for which the predicate does not hold', async () => {
    expect(
      await AsyncStream.of(1, 2, 5, 1)
        .dropWhile((x) => x < 3)
        .toArray(),
    ).toEqual([5, 1]);
  });

  test('gives nothing where it always holds', async () => {
    expect(
      await AsyncStream.of(1, 2)
        .dropWhile(() => true)
        .toArray(),
    ).toEqual([]);
  });

  test('gives all where it does not hold for the first', async () => {
    expect(
      await AsyncStream.of(1, 2)
        .dropWhile(() => false)
        .toArray(),
    ).toEqual([1, 2]);
  });

  test('is asked about each element, with index and context, until it does not hold', async () => {
    const calls: unknown[][] = [];
    await AsyncStream.of('a', 'b', 'c')
      .dropWhile((...args) => calls.push(args) < 2)
      .toArray();
    expect(calls).toEqual([
      ['a', 0, aContext],
      ['b', 1, aContext],
    ]);
  });

  test('decides by truthiness', async () => {
    const verdicts = ['yes', {}, '', true];
    const rest = AsyncStream.range(0, verdicts.length).dropWhile((index) => verdicts[index]);
    expect(await rest.toArray()).toEqual([2, 3]);
  });
});
