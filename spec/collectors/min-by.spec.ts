import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('minBy', () => {
  test('gives the element whose key is the least', async () => {
    expect(await AsyncStream.of('bb', 'a', 'ccc').minBy((word) => word.length)).toBe('a');
  });

  test('gives the first of those with equal keys', async () => {
    expect(await AsyncStream.of('bb', 'a', 'c', 'dd').minBy((word) => word.length)).toBe('a');
  });

  test('orders keys by what they are: strings, bigints, dates', async () => {
    const numbers = AsyncStream.of(9, 10, 8);
    expect([
      await numbers.minBy(String),
      await numbers.minBy((x) => BigInt(x)),
      await numbers.minBy((x) => new Date(x)),
    ]).toEqual([10, 8, 8]);
  });

  test('gives the first element whose key is NaN', async () => {
    expect(
      await AsyncStream.of(1, NaN, 2, NaN)
        .entries()
        .minBy(([, x]) => x),
    ).toEqual([1, NaN]);
  });

  test.each([undefined, null, 0, '', false])('gives an element that is %p', async (value) => {
    expect(await AsyncStream.of<unknown>('other', value).minBy((x) => (x === value ? 1 : 2))).toBe(value);
  });
});
