import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('maxBy', () => {
  test('gives the element whose key is the greatest', async () => {
    expect(await AsyncStream.of('bb', 'a', 'ccc').maxBy((word) => word.length)).toBe('ccc');
  });

  test('gives the first of those with equal keys', async () => {
    expect(await AsyncStream.of('bb', 'ccc', 'aaa', 'dd').maxBy((word) => word.length)).toBe('ccc');
  });

  test('orders keys by what they are: strings, bigints, dates', async () => {
    const numbers = AsyncStream.of(9, 10, 8);
    expect([
      await numbers.maxBy(String),
      await numbers.maxBy((x) => BigInt(x)),
      await numbers.maxBy((x) => new Date(x)),
    ]).toEqual([9, 10, 10]);
  });

  test('gives the first element whose key is NaN', async () => {
    expect(
      await AsyncStream.of(1, NaN, 2, NaN)
        .entries()
        .maxBy(([, x]) => x),
    ).toEqual([1, NaN]);
  });

  test.each([undefined, null, 0, '', false])('gives an element that is %p', async (value) => {
    expect(await AsyncStream.of<unknown>('other', value).maxBy((x) => (x === value ? 2 : 1))).toBe(value);
  });
});
