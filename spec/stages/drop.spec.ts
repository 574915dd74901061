import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('drop', () => {
  test('leaves out the first elements', async () => {
    expect(await AsyncStream.range(0, 5).drop(3).toArray()).toEqual([3, 4]);
  });

  test('gives nothing where there are no more', async () => {
    expect(await AsyncStream.of(1, 2).drop(2).toArray()).toEqual([]);
  });

  test('leaves out nothing for 0', async () => {
    expect(await AsyncStream.of(1, 2).drop(0).toArray()).toEqual([1, 2]);
  });

  test('leaves out everything for Infinity, and still reads the source to its end', async () => {
    const source = new Watched(1, 2);
    expect(await AsyncStream.from(source).drop(Infinity).toArray()).toEqual([]);
    expect(source.log).toEqual(['open', 'next', 'next', 'next']);
  });

  test('adds up with another', async () => {
    expect(await AsyncStream.range(0, 5).drop(1).drop(2).toArray()).toEqual([3, 4]);
  });
});
