import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('distinctUntilChanged', () => {
  test('drops what is the same as the one before', async () => {
    expect(await AsyncStream.of(1, 1, 2, 2, 2, 1).distinctUntilChanged().toArray()).toEqual([1, 2, 1]);
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
});
