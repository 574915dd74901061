import { describe, expect, test } from '@jest/globals';
import { AsyncStream, collectors } from '../../lib/index.ts';
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

  test('tells keys apart as a Map does', async () => {
    const keys = [1, '1', NaN, null, undefined];
    expect(await AsyncStream.from(keys).toMap((key) => key)).toEqual(new Map(keys.map((key) => [key, key])));
  });

  test('rejects an element that is not a pair where it takes pairs', async () => {
    const source = new Watched<unknown>(['a', 1], 'bc', ['d', 2]);
    await expect(AsyncStream.from(source as Watched<[string, number]>).toMap()).rejects.toThrow(
      new TypeError("toMap: an element must be a pair [key, value], got 'bc'"),
    );
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });
});
