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

  test('gives a new pair each time', async () => {
    const [first, second] = await AsyncStream.of('a', 'a').entries().toArray();
    expect(first).not.toBe(second);
  });

  test('counts what came to it, and not what came from the source', async () => {
    expect(await AsyncStream.of('a', 'b', 'c').drop(1).entries().toArray()).toEqual([
      [0, 'b'],
      [1, 'c'],
    ]);
  });
});
