import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { concurrencyLaws } from '../support/concurrency.ts';

const isEven = (x: number) => x % 2 === 0;

describe('filter', () => {
  concurrencyLaws({ put: (stream, fn, options) => stream.filter(fn, options) });

  test('keeps the elements for which the predicate holds', async () => {
    expect(await AsyncStream.range(0, 5).filter(isEven).toArray()).toEqual([0, 2, 4]);
  });

  test('gives nothing where the predicate holds for nothing', async () => {
    expect(await AsyncStream.of(1, 3).filter(isEven).toArray()).toEqual([]);
  });

  test('decides by truthiness', async () => {
    const verdicts = [0, 1, '', 'yes', null, [], undefined, NaN, Promise.resolve(0), Promise.resolve('yes')];
    const kept = AsyncStream.range(0, verdicts.length).filter((index) => verdicts[index]);
    expect(await kept.toArray()).toEqual([1, 3, 5, 9]);
  });

  test('drops what is falsy when the predicate is Boolean', async () => {
    const numbers: number[] = await AsyncStream.of(0, 1, null, 2, undefined).filter(Boolean).toArray();
    expect(numbers).toEqual([1, 2]);
  });

  test('narrows by a guard', async () => {
    const isString = (value: unknown): value is string => typeof value === 'string';
    const strings: string[] = await AsyncStream.from<string | number>(['a', 1, 'b']).filter(isString).toArray();
    expect(strings).toEqual(['a', 'b']);
  });

  test.each(['at once', 'by a promise'])('counts what a filter before it has let through %s', async (how) => {
    const indices: number[] = [];
    await AsyncStream.range(0, 5)
      .filter((x) => (how === 'at once' ? isEven(x) : Promise.resolve(isEven(x))))
      .filter((_, index) => indices.push(index))
      .toArray();
    expect(indices).toEqual([0, 1, 2]);
  });
});
