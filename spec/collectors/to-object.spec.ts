import { describe, expect, test } from '@jest/globals';
import { AsyncStream, collectors } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

const objectOf = (...entries: [PropertyKey, unknown][]) =>
  Object.assign(Object.create(null), Object.fromEntries(entries));

describe('toObject', () => {
  test('is made of pairs', async () => {
    const pairs: [string, number][] = [
      ['a', 1],
      ['b', 2],
    ];
    expect(await AsyncStream.from(pairs).toObject()).toEqual(objectOf(['a', 1], ['b', 2]));
  });

  test('has the elements by their keys', async () => {
    expect(await AsyncStream.of('ant', 'bear').toObject((word) => word.length)).toEqual(
      objectOf([3, 'ant'], [4, 'bear']),
    );
  });

  test('has what is made of the elements by their keys', async () => {
    const lengths = await AsyncStream.of('ant', 'bear').toObject(
      (word) => word,
      (word) => word.length,
    );
    expect(lengths).toEqual(objectOf(['ant', 3], ['bear', 4]));
  });

  test('waits for keys and values, one after the other', async () => {
    const log: string[] = [];
    const lengths = await AsyncStream.of('ant', 'bear')
      .tap((word) => log.push(word))
      .toObject(
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
    expect(lengths).toEqual(objectOf(['ant', 3], ['bear', 4]));
    expect(log).toEqual(['ant', 'key of ant', 'value of ant', 'bear', 'key of bear', 'value of bear']);
  });

  test('keeps the last value of equal keys', async () => {
    const words = AsyncStream.of('ant', 'bear', 'cat');
    expect(await words.toObject((word) => word.length)).toEqual(objectOf([3, 'cat'], [4, 'bear']));
  });

  test('merges the values of equal keys, given the key', async () => {
    const calls: unknown[][] = [];
    const merged = await AsyncStream.of('ant', 'bear', 'cat', 'dog').toObject(
      (word) => word.length,
      (word) => word,
      {
        merge(...args) {
          calls.push(args);
          return args[0] + args[1];
        },
      },
    );
    expect(merged).toEqual(objectOf([3, 'antcatdog'], [4, 'bear']));
    expect(calls).toEqual([
      ['ant', 'cat', 3],
      ['antcat', 'dog', 3],
    ]);
  });

  test('merges elements that are their own values', async () => {
    const merging = collectors.toObject((word: string) => word.length, undefined, { merge: (existing) => existing });
    const merged = await AsyncStream.of('ant', 'cat').collect(merging);
    expect(merged).toEqual(objectOf([3, 'ant']));
  });

  test('merges the values of pairs', async () => {
    const pairs = AsyncStream.of<[string, number]>(['a', 1], ['b', 2], ['a', 3]);
    const merged = await pairs.toObject(undefined, undefined, { merge: (existing, value) => existing + value });
    expect(merged).toEqual(objectOf(['a', 4], ['b', 2]));
  });

  test.each([undefined, null, 0, '', false])('merges with a value that is %p', async (value) => {
    const merged = await AsyncStream.of(value, 'later').toObject(
      () => 'key',
      (x): unknown => x,
      { merge: (...values) => values },
    );
    expect(merged).toEqual(objectOf(['key', [value, 'later', 'key']]));
  });

  test('keeps promises in pairs as they are', async () => {
    const promise = Promise.resolve(1);
    const pairs = AsyncStream.of<[string, Promise<number>]>(['a', promise]);
    expect((await pairs.toObject())['a']).toBe(promise);
  });

  test('has no prototype', async () => {
    expect(Object.getPrototypeOf(await AsyncStream.of('a').toObject((x) => x))).toBeNull();
  });

  test('takes __proto__ and the names of inherited properties for keys like any other', async () => {
    const object = await AsyncStream.of('__proto__', 'constructor', 'toString').toObject(
      (name) => name,
      (name) => ({ name }),
      { merge: (existing) => ({ name: `more than ${existing.name}` }) },
    );
    expect(Object.entries(object)).toEqual([
      ['__proto__', { name: '__proto__' }],
      ['constructor', { name: 'constructor' }],
      ['toString', { name: 'toString' }],
    ]);
    expect(({} as { name?: string }).name).toBeUndefined();
  });

  test('merges numbers and strings that are the same property', async () => {
    const object = await AsyncStream.of<number | string>(1, '1').toObject(
      (key) => key,
      (key) => [key],
      { merge: (existing, value) => [...existing, ...value] },
    );
    expect(Object.entries(object)).toEqual([['1', [1, '1']]]);
  });

  test('takes symbols for keys', async () => {
    const key = Symbol('key');
    expect((await AsyncStream.of('a').toObject(() => key))[key]).toBe('a');
  });

  test('rejects an element that is not a pair where it takes pairs', async () => {
    const source = new Watched<unknown>(['a', 1], 'bc', ['d', 2]);
    await expect(AsyncStream.from(source as Watched<[string, number]>).toObject()).rejects.toThrow(
      new TypeError("toObject: an element must be a pair [key, value], got 'bc'"),
    );
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });
});
