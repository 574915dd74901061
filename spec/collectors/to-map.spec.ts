import { describe, expect, test } from '@jest/globals';
import { AsyncStream, collectors } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { failures } from '../support/failures.ts';
import { Watched } from '../support/watched.ts';

describe('toMap', () => {
  test('is made of pairs', async () => {
    const pairs: [string, number][] = [
      ['a', 1],
      ['b', 2],
    ];
    expect(await AsyncStream.from(pairs).toMap()).toEqual(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    );
  });

  test('is empty where there are no elements', async () => {
    expect(await AsyncStream.of<[string, number]>().toMap()).toEqual(new Map());
  });

  test('has the elements by their keys', async () => {
    expect(await AsyncStream.of('ant', 'bear').toMap((word) => word.length)).toEqual(
      new Map([
        [3, 'ant'],
        [4, 'bear'],
      ]),
    );
  });

  test('has what is made of the elements by their keys', async () => {
    const lengths = await AsyncStream.of('ant', 'bear').toMap(
      (word) => word,
      (word) => word.length,
    );
    expect(lengths).toEqual(
      new Map([
        ['ant', 3],
        ['bear', 4],
      ]),
    );
  });

  test('waits for keys and values, one after the other', async () => {
    const log: string[] = [];
    const lengths = await AsyncStream.of('ant', 'bear')
      .tap((word) => log.push(word))
      .toMap(
        async (word) => {
          await Promise.resolve();
          log.push(`key of ${word}`);
          return word;
        },
        async (word) => {
          await Promise.resolve();
          log.push(`value of ${word}`);
          return word.length;
        },
      );
    expect(lengths).toEqual(
      new Map([
        ['ant', 3],
        ['bear', 4],
      ]),
    );
    expect(log).toEqual(['ant', 'key of ant', 'value of ant', 'bear', 'key of bear', 'value of bear']);
  });

  test('keeps the last value of equal keys', async () => {
    const words = AsyncStream.of('ant', 'bear', 'cat');
    expect(await words.toMap((word) => word.length)).toEqual(
      new Map([
        [3, 'cat'],
        [4, 'bear'],
      ]),
    );
  });

  test('merges the values of equal keys, given the key', async () => {
    const calls: unknown[][] = [];
    const merged = await AsyncStream.of('ant', 'bear', 'cat', 'dog').toMap(
      (word) => word.length,
      (word) => word,
      {
        merge(...args) {
          calls.push(args);
          return args[0] + args[1];
        },
      },
    );
    expect(merged).toEqual(
      new Map([
        [3, 'antcatdog'],
        [4, 'bear'],
      ]),
    );
    expect(calls).toEqual([
      ['ant', 'cat', 3],
      ['antcat', 'dog', 3],
    ]);
  });

  test('merges elements that are their own values', async () => {
    const merging = collectors.toMap((word: string) => word.length, undefined, { merge: (existing) => existing });
    const merged = await AsyncStream.of('ant', 'cat').collect(merging);
    expect(merged).toEqual(new Map([[3, 'ant']]));
  });

  test('merges the values of pairs', async () => {
    const pairs = AsyncStream.of<[string, number]>(['a', 1], ['b', 2], ['a', 3]);
    const merged = await pairs.toMap(undefined, undefined, { merge: (existing, value) => existing + value });
    expect(merged).toEqual(
      new Map([
        ['a', 4],
        ['b', 2],
      ]),
    );
  });

  test('waits for a merged value before the next element', async () => {
    const sums = await AsyncStream.of(1, 2, 3).toMap(
      () => 'sum',
      (x) => x,
      { merge: async (sum, x) => sum + x },
    );
    expect(sums).toEqual(new Map([['sum', 6]]));
  });

  test.each([undefined, null, 0, '', false])('merges with a value that is %p', async (value) => {
    const merged = await AsyncStream.of(value, 'later').toMap(
      () => 'key',
      (x): unknown => x,
      { merge: (...values) => values },
    );
    expect(merged).toEqual(new Map([['key', [value, 'later', 'key']]]));
  });

  test('keeps promises in pairs as they are', async () => {
    const promise = Promise.resolve(1);
    const pairs = AsyncStream.of<[string, Promise<number>]>(['a', promise]);
    expect((await pairs.toMap()).get('a')).toBe(promise);
  });

  test('calls for key and value with element, index and context', async () => {
    const calls: unknown[][] = [];
    await AsyncStream.of('a', 'b').toMap(
      (...args) => calls.push(['key', ...args]),
      (...args) => calls.push(['value', ...args]),
    );
    expect(calls).toEqual([
      ['key', 'a', 0, aContext],
      ['value', 'a', 0, aContext],
      ['key', 'b', 1, aContext],
      ['value', 'b', 1, aContext],
    ]);
  });

  test('tells keys apart as a Map does', async () => {
    const keys = [1, '1', NaN, null, undefined];
    expect(await AsyncStream.from(keys).toMap((key) => key)).toEqual(new Map(keys.map((key) => [key, key])));
  });

  test.each(failures)('fails with the same error when merging %s', async (_how, fail, error) => {
    const merged = AsyncStream.of(1, 1).toMap(
      (x) => x,
      (x) => x,
      { merge: fail },
    );
    await expect(merged).rejects.toBe(error);
  });

  test('rejects an element that is not a pair where it takes pairs', async () => {
    const source = new Watched<unknown>(['a', 1], 'bc', ['d', 2]);
    await expect(AsyncStream.from(source as Watched<[string, number]>).toMap()).rejects.toThrow(
      new TypeError("toMap: an element must be a pair [key, value], got 'bc'"),
    );
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });
});
