import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('entries', () => {
  test('pairs each element with its index, which comes first', async () => {
    expect(await AsyncStream.of('a', 'b', 'c').entries().toArray()).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
    ]);
  });

  test('gives nothing of an empty stream', async () => {
    expect(await AsyncStream.of().entries().toArray()).toEqual([]);
  });

  test('pairs falsy elements too', async () => {
    expect(await AsyncStream.of(undefined, null, 0).entries().toArray()).toEqual([
      [0, undefined],
      [1, null],
      [2, 0],
    ]);
  });

  test('gives a new pair each time', async () => {
    const [first, second] = await AsyncStream.of('a', 'a').entries().toArray();
    expect(first).not.toBe(second);
  });

  test('counts from 0 in each run', async () => {
    const pairs = AsyncStream.of('a').entries();
    expect([await pairs.toArray(), await pairs.toArray()]).toEqual([[[0, 'a']], [[0, 'a']]]);
  });

  test('counts what came to it, and not what came from the source', async () => {
    expect(await AsyncStream.of('a', 'b', 'c').drop(1).entries().toArray()).toEqual([
      [0, 'b'],
      [1, 'c'],
    ]);
  });
});
