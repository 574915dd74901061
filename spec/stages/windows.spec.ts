import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('windows', () => {
  test('gives each run of adjacent elements, moving on by one', async () => {
    expect(await AsyncStream.range(0, 4).windows(2).toArray()).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  test('keeps the order in windows of any size, all around its ring', async () => {
    expect(await AsyncStream.range(0, 7).windows(3).toArray()).toEqual([
      [0, 1, 2],
      [1, 2, 3],
      [2, 3, 4],
      [3, 4, 5],
      [4, 5, 6],
    ]);
  });

  test('gives each element alone where the size is 1', async () => {
    expect(await AsyncStream.of('a', 'b').windows(1).toArray()).toEqual([['a'], ['b']]);
  });

  test('gives one window where there are just as many elements', async () => {
    expect(await AsyncStream.of(1, 2, 3).windows(3).toArray()).toEqual([[1, 2, 3]]);
  });

  test('gives nothing where there are fewer elements', async () => {
    expect(await AsyncStream.of(1, 2).windows(3).toArray()).toEqual([]);
  });

  test('gives arrays that are not written to again, and are not read again', async () => {
    const windows: number[][] = [];
    const given: number[][] = [];
    await AsyncStream.range(0, 5)
      .windows(3)
      .forEach((window) => {
        windows.push([...window]);
        window.fill(-1);
        given.push(window);
      });
    expect(windows).toEqual([
      [0, 1, 2],
      [1, 2, 3],
      [2, 3, 4],
    ]);
    expect(given).toEqual([
      [-1, -1, -1],
      [-1, -1, -1],
      [-1, -1, -1],
    ]);
  });

  describe('allow-partial', () => {
    test('gives the one shorter window where there are fewer elements', async () => {
      expect(await AsyncStream.of(1, 2).windows(3, 'allow-partial').toArray()).toEqual([[1, 2]]);
    });

    test('gives full windows only where there are enough elements', async () => {
      expect(await AsyncStream.range(0, 4).windows(3, 'allow-partial').toArray()).toEqual([
        [0, 1, 2],
        [1, 2, 3],
      ]);
    });

    test('gives one window where there are just as many elements', async () => {
      expect(await AsyncStream.of(1, 2).windows(2, 'allow-partial').toArray()).toEqual([[1, 2]]);
    });

    test('gives nothing of an empty stream', async () => {
      expect(await AsyncStream.of().windows(2, 'allow-partial').toArray()).toEqual([]);
    });

    test('gives the shorter window where an earlier stage stops', async () => {
      expect(await AsyncStream.range(0).take(2).windows(3, 'allow-partial').toArray()).toEqual([[0, 1]]);
    });
  });

  test('gives nothing of a shorter stream when told so', async () => {
    expect(await AsyncStream.of(1).windows(2, 'only-full').toArray()).toEqual([]);
  });
});
