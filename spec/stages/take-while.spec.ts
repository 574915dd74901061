import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

const isString = (value: unknown): value is string => typeof value === 'string';

describe('takeWhile', () => {
  test('gives elements for as long as the predicate holds, and none after that', async () => {
    expect(
      await AsyncStream.of(1, 2, 5, 1)
        .takeWhile((x) => x < 3)
        .toArray(),
    ).toEqual([1, 2]);
  });

  test('gives all where it always holds', async () => {
    expect(
      await AsyncStream.of(1, 2)
        .takeWhile(() => true)
        .toArray(),
    ).toEqual([1, 2]);
  });

  test('gives nothing where it does not hold for the first', async () => {
    expect(
      await AsyncStream.of(1, 2)
        .takeWhile(() => false)
        .toArray(),
    ).toEqual([]);
  });

  test('is not asked again once it did not hold', async () => {
    const asked: number[] = [];
    const taken = AsyncStream.of(1, 2, 3).takeWhile((x) => {
      asked.push(x);
      return false;
    });
    await taken.toArray();
    expect(asked).toEqual([1]);
  });

  test('decides by truthiness', async () => {
    const verdicts = ['yes', {}, '', true];
    const taken = AsyncStream.range(0, verdicts.length).takeWhile((index) => verdicts[index]);
    expect(await taken.toArray()).toEqual([0, 1]);
  });

  test('narrows by a guard', async () => {
    const strings: string[] = await AsyncStream.from<string | number>(['a', 1, 'b']).takeWhile(isString).toArray();
    expect(strings).toEqual(['a']);
  });

  test('takes nothing more that a stage before it still has to give', async () => {
    const taken = AsyncStream.of('ant', 'bee')
      .chunkBy((word) => word[0])
      .takeWhile(([word]) => word !== 'ant');
    expect(await taken.toArray()).toEqual([]);
  });

  describe('inclusive', () => {
    test('gives the first element for which the predicate does not hold, as the last one', async () => {
      const source = new Watched(1, 2, 5, 1);
      const taken = AsyncStream.from(source).takeWhile((x) => x < 3, { inclusive: true });
      expect(await taken.toArray()).toEqual([1, 2, 5]);
      expect(source.log).toEqual(['open', 'next', 'next', 'next', 'return']);
    });

    test('decides by what a promise brings', async () => {
      const taken = AsyncStream.of(1, 2, 5, 1).takeWhile(async (x) => x < 3, { inclusive: true });
      expect(await taken.toArray()).toEqual([1, 2, 5]);
    });

    test('waits until the last one has gone through the later stages', async () => {
      const source = new Watched('a', 'b');
      const { log } = source;
      await AsyncStream.from(source)
        .takeWhile(() => false, { inclusive: true })
        .forEach(async (x) => {
          await Promise.resolve();
          log.push(x);
        });
      expect(log).toEqual(['open', 'next', 'a', 'return']);
    });

    test('gives no more than the stages before it do', async () => {
      expect(
        await AsyncStream.of(1, 2)
          .takeWhile(() => true, { inclusive: true })
          .toArray(),
      ).toEqual([1, 2]);
    });

    test('does not narrow: the last one is of the other type', async () => {
      const values: (string | number)[] = await AsyncStream.from<string | number>(['a', 1, 'b'])
        .takeWhile(isString, { inclusive: true })
        .toArray();
      expect(values).toEqual(['a', 1]);
    });
  });
});
