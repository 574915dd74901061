import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { failures } from '../support/failures.ts';
import { Watched } from '../support/watched.ts';

describe('distinctUntilChanged', () => {
  test('drops what is the same as the one before', async () => {
    expect(await AsyncStream.of(1, 1, 2, 2, 2, 1).distinctUntilChanged().toArray()).toEqual([1, 2, 1]);
  });

  test('gives nothing of an empty stream', async () => {
    expect(await AsyncStream.of().distinctUntilChanged().toArray()).toEqual([]);
  });

  test('gives a first element that is undefined', async () => {
    expect(await AsyncStream.of(undefined, undefined, null).distinctUntilChanged().toArray()).toEqual([
      undefined,
      null,
    ]);
  });

  test('takes NaN for the same as NaN', async () => {
    expect(await AsyncStream.of(NaN, NaN, 1, NaN).distinctUntilChanged().toArray()).toEqual([NaN, 1, NaN]);
  });

  test('takes 0 for the same as -0', async () => {
    expect(await AsyncStream.of(-0, 0, -0).distinctUntilChanged().toArray()).toEqual([-0]);
  });

  test('takes nothing for the same that only looks like it', async () => {
    const values = [0, '0', 0n, false, '', null, undefined, NaN, 'NaN', [], {}];
    expect(await AsyncStream.from(values).distinctUntilChanged().toArray()).toEqual(values);
  });

  test('compares keys', async () => {
    expect(
      await AsyncStream.of('ant', 'ape', 'bee', 'auk')
        .distinctUntilChanged((word) => word[0])
        .toArray(),
    ).toEqual(['ant', 'bee', 'auk']);
  });

  test('decides by what a promise of a key brings', async () => {
    expect(
      await AsyncStream.of('ant', 'ape', 'bee')
        .distinctUntilChanged(async (word) => word[0])
        .toArray(),
    ).toEqual(['ant', 'bee']);
  });

  test('compares by a function of its own, the key that was there first coming first', async () => {
    const compared: string[][] = [];
    const words = AsyncStream.of('ant', 'ape', 'bee').distinctUntilChanged(
      (word) => word[0]!,
      (previous, next) => {
        compared.push([previous, next]);
        return previous === next;
      },
    );
    expect(await words.toArray()).toEqual(['ant', 'bee']);
    expect(compared).toEqual([
      ['a', 'a'],
      ['a', 'b'],
    ]);
  });

  test('compares elements by a function where there is no key', async () => {
    const close = (previous: number, next: number) => Math.abs(previous - next) < 2;
    expect(await AsyncStream.of(1, 2, 5, 6, 9).distinctUntilChanged(undefined, close).toArray()).toEqual([1, 5, 9]);
  });

  test('compares with the last element it gave, and not with one that it dropped', async () => {
    const close = (previous: number, next: number) => Math.abs(previous - next) < 2;
    expect(await AsyncStream.of(1, 2, 3, 4, 5).distinctUntilChanged(undefined, close).toArray()).toEqual([1, 3, 5]);
  });

  test('decides by what a promise of the comparison brings', async () => {
    const equal = async (previous: number, next: number) => previous === next;
    expect(await AsyncStream.of(1, 1, 2, 2).distinctUntilChanged(undefined, equal).toArray()).toEqual([1, 2]);
  });

  test('calls the key function with element, index and context', async () => {
    const calls: unknown[][] = [];
    await AsyncStream.of('a', 'b')
      .distinctUntilChanged((...args) => {
        calls.push(args);
      })
      .toArray();
    expect(calls).toEqual([
      ['a', 0, aContext],
      ['b', 1, aContext],
    ]);
  });

  test.each(failures)('fails with the same error when the comparison %s', async (_how, fail, error) => {
    await expect(AsyncStream.of(1, 2).distinctUntilChanged(undefined, fail).toArray()).rejects.toBe(error);
  });

  test('asks for no more than what is wanted of it', async () => {
    const source = new Watched(1, 1, 2, 3);
    expect(await AsyncStream.from(source).distinctUntilChanged().take(2).toArray()).toEqual([1, 2]);
    expect(source.log).toEqual(['open', 'next', 'next', 'next', 'return']);
  });
});
