import { describe, expect, test } from '@jest/globals';
import { AsyncStream, type Ordered } from '../../lib/index.ts';

interface Named {
  readonly name: string;
  readonly size: number;
}

const bySize = (a: Named, b: Named) => a.size - b.size;

describe('max', () => {
  test.each<[elements: Ordered[], greatest: Ordered]>([
    [[3, 1, 2], 3],
    [[2n, 10n, 1n], 10n],
    [['b', 'a', 'B'], 'b'],
    [[new Date(2), new Date(1), new Date(3)], new Date(3)],
    [[2, 1n, 3], 3],
    [[Infinity, -Infinity], Infinity],
    [[5], 5],
  ])('gives the greatest of %p', async (elements, greatest) => {
    expect(await AsyncStream.from(elements).max()).toEqual(greatest);
  });

  test('gives the greatest by a comparison', async () => {
    expect(await AsyncStream.of('bb', 'a', 'ccc').max((a, b) => a.length - b.length)).toBe('ccc');
  });

  test('gives the first of equals', async () => {
    const named = AsyncStream.of<Named>(
      { name: 'middle', size: 2 },
      { name: 'first', size: 3 },
      { name: 'second', size: 3 },
    );
    expect(await named.max(bySize)).toEqual({ name: 'first', size: 3 });
  });

  test.each([[[NaN, 1, 2]], [[1, NaN, 2]], [[1, 2, NaN]], [[NaN, NaN]]])(
    'gives NaN of %p, as Math.max does',
    async (numbers) => {
      expect(await AsyncStream.from(numbers).max()).toBeNaN();
      expect(await AsyncStream.from(numbers).max((a, b) => a - b)).toBeNaN();
    },
  );

  test('gives the first invalid date', async () => {
    const invalid = new Date(NaN);
    expect(await AsyncStream.of(new Date(1), invalid, new Date(NaN), new Date(2)).max()).toBe(invalid);
  });

  test('takes a comparison that never answers 0', async () => {
    expect(await AsyncStream.of(2, 3, 1, 2).max((a, b) => (a > b ? 1 : -1))).toBe(3);
  });

  test.each([undefined, null, 0, '', false])('gives an element that is %p', async (value) => {
    expect(await AsyncStream.of<unknown>(value, 'other').max((a, b) => (a === b ? 0 : a === value ? 1 : -1))).toBe(
      value,
    );
  });
});
