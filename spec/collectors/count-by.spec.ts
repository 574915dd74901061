import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';

describe('countBy', () => {
  test('counts the elements by their keys', async () => {
    const counts = await AsyncStream.of('ant', 'bear', 'cat').countBy((word) => word.length);
    expect([...counts]).toEqual([
      [3, 2],
      [4, 1],
    ]);
  });

  test('gives an empty Map where there are no elements', async () => {
    expect(await AsyncStream.of().countBy(() => 1)).toEqual(new Map());
  });

  test('waits for keys', async () => {
    expect(await AsyncStream.of(1, 2, 3).countBy(async (x) => x % 2)).toEqual(
      new Map([
        [1, 2],
        [0, 1],
      ]),
    );
  });

  test('takes every value for a key', async () => {
    const values = [undefined, null, false, 0, NaN, ''];
    expect(await AsyncStream.from([...values, ...values]).countBy((value) => value)).toEqual(
      new Map(values.map((value) => [value, 2])),
    );
  });

  test('calls with element, index and context', async () => {
    const calls: unknown[][] = [];
    await AsyncStream.of('a', 'b').countBy((...args) => calls.push(args));
    expect(calls).toEqual([
      ['a', 0, aContext],
      ['b', 1, aContext],
    ]);
  });
});
