import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('dropLast', () => {
  test.each([
    [0, [0, 1, 2, 3, 4, 5, 6]],
    [1, [0, 1, 2, 3, 4, 5]],
    [2, [0, 1, 2, 3, 4]],
    [3, [0, 1, 2, 3]],
    [6, [0]],
    [7, []],
    [8, []],
  ])('leaves out the last %p of seven', async (count, rest) => {
    expect(await AsyncStream.range(0, 7).dropLast(count).toArray()).toEqual(rest);
  });

  test('leaves out the last of what an earlier stage lets through', async () => {
    expect(await AsyncStream.range(0).take(5).dropLast(2).toArray()).toEqual([0, 1, 2]);
  });
});
