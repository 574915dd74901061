import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('distinct', () => {
  test('drops what came before', async () => {
    expect(await AsyncStream.of(1, 2, 1, 3, 2, 1).distinct().toArray()).toEqual([1, 2, 3]);
  });

  test('tells falsy values apart', async () => {
    const values = [undefined, null, false, 0, NaN, '', 0n];
    expect(
      await AsyncStream.from([...values, ...values])
        .distinct()
        .toArray(),
    ).toEqual(values);
  });

  test('takes 0 and -0 for the same, and gives the one that came first', async () => {
    expect(await AsyncStream.of(-0, 0).distinct().toArray()).toEqual([-0]);
  });

  test('takes objects for the same only if they are one', async () => {
    const [one, other] = [{ id: 1 }, { id: 1 }];
    const kept = await AsyncStream.of(one, other, one).distinct().toArray();
    expect(kept.map((object) => object === one)).toEqual([true, false]);
  });

  test('drops elements whose key came before', async () => {
    expect(
      await AsyncStream.of('ant', 'bee', 'ape', 'cat', 'bat')
        .distinct((word) => word[0])
        .toArray(),
    ).toEqual(['ant', 'bee', 'cat']);
  });

  test('takes a key of undefined for a key', async () => {
    expect(
      await AsyncStream.of(1, 2)
        .distinct(() => undefined)
        .toArray(),
    ).toEqual([1]);
  });

  describe('limit', () => {
    test('forgets the oldest key where there would be more', async () => {
      expect(await AsyncStream.of(1, 2, 3, 1, 3, 2).distinct(undefined, { limit: 2 }).toArray()).toEqual([
        1, 2, 3, 1, 2,
      ]);
    });

    test('makes no key younger because it came again', async () => {
      expect(await AsyncStream.of(1, 2, 1, 3, 1).distinct(undefined, { limit: 2 }).toArray()).toEqual([1, 2, 3, 1]);
    });

    test('forgets nothing as long as there are no more keys', async () => {
      expect(await AsyncStream.of(1, 2, 1, 2, 1).distinct(undefined, { limit: 2 }).toArray()).toEqual([1, 2]);
    });

    test('of 1 drops what is the same as the one before', async () => {
      expect(await AsyncStream.of(1, 1, 2, 1, 1).distinct(undefined, { limit: 1 }).toArray()).toEqual([1, 2, 1]);
    });

    test('of Infinity forgets nothing', async () => {
      expect(await AsyncStream.of(1, 2, 1).distinct(undefined, { limit: Infinity }).toArray()).toEqual([1, 2]);
    });

    test('bounds the keys, not the elements', async () => {
      const words = AsyncStream.of('ant', 'ape', 'bee', 'auk').distinct((word) => word[0], { limit: 2 });
      expect(await words.toArray()).toEqual(['ant', 'bee']);
    });

    test('forgets in order for as long as the stream is', async () => {
      const values = Array.from({ length: 5000 }, (_, index) => (index * index) % 83);
      const remembered: number[] = [];
      const expected = values.filter((value) => {
        if (remembered.includes(value)) return false;
        if (remembered.push(value) > 20) remembered.shift();
        return true;
      });
      expect(await AsyncStream.from(values).distinct(undefined, { limit: 20 }).toArray()).toEqual(expected);
    });
  });
});
