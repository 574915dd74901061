import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { concurrencyLaws } from '../support/concurrency.ts';
import { aContext } from '../support/context.ts';
import { Watched } from '../support/watched.ts';

const isEven = (x: number) => x % 2 === 0;

describe('filter', () => {
  concurrencyLaws({ put: (stream, fn, options) => stream.filter(fn, options) });

  test('keeps the elements for which the predicate holds', async () => {
    expect(await AsyncStream.range(0, 5).filter(isEven).toArray()).toEqual([0, 2, 4]);
  });

  test('gives nothing of an empty stream', async () => {
    expect(await AsyncStream.from<number>([]).filter(isEven).toArray()).toEqual([]);
  });

  test('gives nothing where the predicate holds for nothing', async () => {
    expect(await AsyncStream.of(1, 3).filter(isEven).toArray()).toEqual([]);
  });

  test('decides by what a promise brings, not by its being a promise', async () => {
    expect(
      await AsyncStream.range(0, 5)
        .filter(async (x) => isEven(x))
        .toArray(),
    ).toEqual([0, 2, 4]);
  });

  test('decides by truthiness', async () => {
    const verdicts = [0, 1, '', 'yes', null, [], undefined, NaN, Promise.resolve(0), Promise.resolve('yes')];
    const kept = AsyncStream.range(0, verdicts.length).filter((index) => verdicts[index]);
    expect(await kept.toArray()).toEqual([1, 3, 5, 9]);
  });

  test('keeps falsy elements', async () => {
    const values = [undefined, null, false, 0, NaN, ''];
    expect(
      await AsyncStream.from(values)
        .filter(() => true)
        .toArray(),
    ).toEqual(values);
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

  test('calls with element, index and context, of those that are dropped too', async () => {
    const calls: unknown[][] = [];
    await AsyncStream.of('a', 'b')
      .filter((...args) => {
        calls.push(args);
        return false;
      })
      .toArray();
    expect(calls).toEqual([
      ['a', 0, aContext],
      ['b', 1, aContext],
    ]);
  });

  test.each(['at once', 'by a promise'])('counts what a filter before it has let through %s', async (how) => {
    const indices: number[] = [];
    await AsyncStream.range(0, 5)
      .filter((x) => (how === 'at once' ? isEven(x) : Promise.resolve(isEven(x))))
      .filter((_, index) => indices.push(index))
      .toArray();
    expect(indices).toEqual([0, 1, 2]);
  });

  test('counts from 0 in each run', async () => {
    const first = AsyncStream.of('a', 'b')
      .filter(() => true)
      .filter((_, index) => index === 0);
    expect([await first.toArray(), await first.toArray()]).toEqual([['a'], ['a']]);
  });

  test('asks for no more than what is wanted of it', async () => {
    const source = new Watched(1, 2, 3, 4);
    expect(await AsyncStream.from(source).filter(isEven).take(1).toArray()).toEqual([2]);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });
});
