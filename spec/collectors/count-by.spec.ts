import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('countBy', () => {
  test('counts the elements by their keys', async () => {
    const counts = await AsyncStream.of('ant', 'bear', 'cat').countBy((word) => word.length);
    expect([...counts]).toEqual([
      [3, 2],
      [4, 1],
    ]);
  });

  test('takes every value for a key', async () => {
    const values = [undefined, null, false, 0, NaN, ''];
    expect(await AsyncStream.from([...values, ...values]).countBy((value) => value)).toEqual(
      new Map(values.map((value) => [value, 2])),
    );
  });
});
