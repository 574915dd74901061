import { describe, expect, test } from '@jest/globals';
import { AsyncStream, type Ordered } from '../../lib/index.ts';

interface Named {
  readonly name: string;
  readonly size: number;
}

const bySize = (a: Named, b: Named) => a.size - b.size;

describe('min', () => {
  test.each<[elements: Ordered[], least: Ordered]>([
    [[3, 1, 2], 1],
    [[2n, 10n, 1n], 1n],
    [['b', 'a', 'B'], 'B'],
    [[new Date(2), new Date(1), new Date(3)], new Date(1)],
    [[2, 1n, 3], 1n],
    [[Infinity, -Infinity], -Infinity],
    [[5], 5],
  ])('gives the least of %p', async (elements, least) => {
    expect(await AsyncStream.from(elements).min()).toEqual(least);
  });

  test('gives the least by a comparison', async () => {
    expect(await AsyncStream.of('bb', 'a', 'ccc').min((a, b) => a.length - b.length)).toBe('a');
  });

  test('gives the first of equals', async () => {
    const named = AsyncStream.of<Named>(
      { name: 'middle', size: 2 },
      { name: 'first', size: 1 },
      { name: 'second', size: 1 },
    );
    expect(await named.min(bySize)).toEqual({ name: 'first', size: 1 });
  });

  test.each([[[NaN, 1, 2]], [[1, NaN, 2]], [[1, 2, NaN]], [[NaN, NaN]]])(
    'gives NaN of %p, as Math.min does',
    async (numbers) => {
      expect(await AsyncStream.from(numbers).min()).toBeNaN();
      expect(await AsyncStream.from(numbers).min((a, b) => a - b)).toBeNaN();
    },
  );

  test('gives the first invalid date', async () => {
    const invalid = new Date(NaN);
    expect(await AsyncStream.of(new Date(1), invalid, new Date(NaN), new Date(2)).min()).toBe(invalid);
  });

  test('takes a comparison that never answers 0', async () => {
    expect(await AsyncStream.of(2, 3, 1, 2).min((a, b) => (a > b ? 1 : -1))).toBe(1);
  });

  test.each([undefined, null, 0, '', false])('gives an element that is %p', async (value) => {
    expect(await AsyncStream.of<unknown>(value, 'other').min((a, b) => (a === b ? 0 : a === value ? -1 : 1))).toBe(
      value,
    );
  });
});
