import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

const ascending = (a: number, b: number) => a - b;

describe('top', () => {
  test('gives the greatest elements, the greatest first', async () => {
    expect(await AsyncStream.of(3, 1, 4, 1, 5, 9, 2, 6).top(3, ascending)).toEqual([9, 6, 5]);
  });

  test('orders what `<` puts in order, where there is no comparison', async () => {
    expect(await AsyncStream.of(9, 10, 8).top(2)).toEqual([10, 9]);
    expect(await AsyncStream.of('9', '10', '8').top(2)).toEqual(['9', '8']);
  });

  test('gives all in order where there are fewer', async () => {
    expect(await AsyncStream.of(1, 3, 2).top(5, ascending)).toEqual([3, 2, 1]);
  });

  test('gives the greatest one', async () => {
    expect(await AsyncStream.of(2, 3, 1, 4, 0).top(1, ascending)).toEqual([4]);
  });

  test('opens nothing where none are asked for', async () => {
    const source = new Watched(1, 2);
    expect(await AsyncStream.from(source).top(0, ascending)).toEqual([]);
    expect(source.log).toEqual([]);
  });

  test('puts equal elements in the order in which they came, and keeps the earlier ones', async () => {
    const words = ['a1', 'b1', 'c2', 'd1', 'e2', 'f1', 'g2', 'h0'];
    const byDigit = (a: string, b: string) => Number(a[1]) - Number(b[1]);
    expect(await AsyncStream.from(words).top(5, byDigit)).toEqual(['c2', 'e2', 'g2', 'a1', 'b1']);
  });

  test.each([[[NaN, 1, 3, 2]], [[1, 3, NaN, 2]], [[1, 3, 2, NaN]]])('puts NaN of %p first', async (numbers) => {
    expect(await AsyncStream.from(numbers).top(2)).toEqual([NaN, 3]);
  });

  test('compares undefined like any other element', async () => {
    const last = (a: unknown, b: unknown) => Number(a === undefined) - Number(b === undefined);
    for (const elements of [
      [1, undefined, 2],
      [undefined, 1, 2],
      [1, 2, undefined],
    ]) {
      expect(await AsyncStream.from<unknown>(elements).top(1, last)).toEqual([undefined]);
      expect(await AsyncStream.from<unknown>(elements).top(2, last)).toEqual([undefined, 1]);
      expect(await AsyncStream.from<unknown>(elements).top(3, last)).toEqual([undefined, 1, 2]);
    }
  });

  test.each([1, 2, 3, 7, 8, 100])('gives the same %d as sorting everything', async (count) => {
    // Every number below 101, in an order that rises and falls; and each twice, in pairs that tell them apart.
    const numbers = Array.from({ length: 202 }, (_, index): [number, number] => [(index * 37) % 101, index]);
    const compare = (a: readonly number[], b: readonly number[]) => a[0]! - b[0]!;
    const sorted = numbers.toSorted((a, b) => compare(b, a));
    expect(await AsyncStream.from(numbers).top(count, compare)).toEqual(sorted.slice(0, count));
  });

  test('compares few elements once it holds the greatest', async () => {
    let compared = 0;
    await AsyncStream.range(1000, 0, -1).top(10, (a, b) => {
      compared++;
      return a - b;
    });
    expect(compared).toBeLessThan(1100);
  });
});
