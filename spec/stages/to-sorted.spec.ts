import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

const ascending = (a: number, b: number) => a - b;

describe('toSorted', () => {
  test('gives the elements in the order of the comparison', async () => {
    expect(await AsyncStream.of(3, 10, 1).toSorted(ascending).toArray()).toEqual([1, 3, 10]);
  });

  test('sorts as text by default, as arrays do', async () => {
    expect(await AsyncStream.of(3, 10, 1).toSorted().toArray()).toEqual([1, 10, 3]);
  });

  test('gives one element, and compares nothing', async () => {
    const sorted = AsyncStream.of(1).toSorted(() => {
      throw new Error('called');
    });
    expect(await sorted.toArray()).toEqual([1]);
  });

  test('fails where the comparison answers a promise', async () => {
    const compare = (async (a: number, b: number) => a - b) as never;
    await expect(AsyncStream.of(2, 1).toSorted(compare).toArray()).rejects.toThrow(
      'toSorted: the result of compare must be a number, got [object Promise]',
    );
  });

  test('keeps the order of what is equal', async () => {
    const words = AsyncStream.of('bee', 'at', 'ant', 'be', 'a');
    expect(await words.toSorted((a, b) => a.length - b.length).toArray()).toEqual(['a', 'at', 'be', 'bee', 'ant']);
  });

  test('gives undefined last without comparing it, as arrays do', async () => {
    const compared: unknown[] = [];
    const sorted = AsyncStream.of(2, undefined, 3, undefined, 1).toSorted((a, b) => {
      compared.push(a, b);
      return b! - a!;
    });
    expect(await sorted.toArray()).toEqual([3, 2, 1, undefined, undefined]);
    expect(compared).not.toContain(undefined);
  });

  test('sorts other falsy values as text by default', async () => {
    expect(await AsyncStream.from<unknown>(['o', null, undefined, 0, false, '']).toSorted().toArray()).toEqual([
      '',
      0,
      false,
      null,
      'o',
      undefined,
    ]);
  });

  test('gives the first one only after the source has ended', async () => {
    const source = new Watched('b', 'a');
    const { log } = source;
    await AsyncStream.from(source)
      .toSorted()
      .forEach((x) => void log.push(x));
    expect(log).toEqual(['open', 'next', 'next', 'next', 'a', 'b']);
  });

  test('leaves an array that it sorts as it was', async () => {
    const array = [3, 1, 2];
    expect(await AsyncStream.from(array).toSorted(ascending).toArray()).toEqual([1, 2, 3]);
    expect(array).toEqual([3, 1, 2]);
  });

  test('gives no more than a later stage wants', async () => {
    const given: number[] = [];
    const least = AsyncStream.of(3, 1, 2)
      .toSorted(ascending)
      .tap((x) => given.push(x))
      .take(2);
    expect(await least.toArray()).toEqual([1, 2]);
    expect(given).toEqual([1, 2]);
  });

  test('sorts what an earlier stage lets through before it stops', async () => {
    expect(await AsyncStream.of(3, 1, 2).take(2).toSorted(ascending).toArray()).toEqual([1, 3]);
  });
});
