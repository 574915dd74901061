import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('takeLast', () => {
  test.each([
    [1, [6]],
    [2, [5, 6]],
    [3, [4, 5, 6]],
    [4, [3, 4, 5, 6]],
    [5, [2, 3, 4, 5, 6]],
    [6, [1, 2, 3, 4, 5, 6]],
    [7, [0, 1, 2, 3, 4, 5, 6]],
  ])('gives the last %p of seven in their order', async (count, last) => {
    expect(await AsyncStream.range(0, 7).takeLast(count).toArray()).toEqual(last);
  });

  test('gives all where there are fewer', async () => {
    expect(await AsyncStream.of(1, 2).takeLast(5).toArray()).toEqual([1, 2]);
  });

  test('opens nothing for 0 elements', async () => {
    const source = new Watched(1);
    expect(await AsyncStream.from(source).takeLast(0).toArray()).toEqual([]);
    expect(source.log).toEqual([]);
  });

  test('gives the first one only after the source has ended', async () => {
    const source = new Watched('a', 'b', 'c');
    const { log } = source;
    await AsyncStream.from(source)
      .takeLast(2)
      .forEach((x) => void log.push(x));
    expect(log).toEqual(['open', 'next', 'next', 'next', 'next', 'b', 'c']);
  });

  test('gives the last of what an earlier stage lets through before it stops', async () => {
    expect(await AsyncStream.range(0).take(5).takeLast(2).toArray()).toEqual([3, 4]);
  });

  test('gives no more than a later stage wants', async () => {
    const given: number[] = [];
    const taken = AsyncStream.range(0, 5)
      .takeLast(3)
      .tap((x) => given.push(x))
      .take(2);
    expect(await taken.toArray()).toEqual([2, 3]);
    expect(given).toEqual([2, 3]);
  });

  test('waits for each to go through the later stages', async () => {
    const log: string[] = [];
    await AsyncStream.of('a', 'b', 'c')
      .takeLast(2)
      .forEach(async (x) => {
        log.push(`${x} starts`);
        await Promise.resolve();
        log.push(`${x} ends`);
      });
    expect(log).toEqual(['b starts', 'b ends', 'c starts', 'c ends']);
  });
});
