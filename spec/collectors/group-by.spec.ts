import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';

describe('groupBy', () => {
  test('gives the elements by their keys, in their order', async () => {
    const groups = await AsyncStream.of('ant', 'bear', 'cat', 'deer').groupBy((word) => word.length);
    expect([...groups]).toEqual([
      [3, ['ant', 'cat']],
      [4, ['bear', 'deer']],
    ]);
  });

  test('gives an empty Map where there are no elements', async () => {
    expect(await AsyncStream.of().groupBy(() => 1)).toEqual(new Map());
  });

  test('waits for keys', async () => {
    expect(await AsyncStream.of(1, 2, 3).groupBy(async (x) => x % 2)).toEqual(
      new Map([
        [1, [1, 3]],
        [0, [2]],
      ]),
    );
  });

  test('takes every value for a key, and for an element', async () => {
    const values = [undefined, null, false, 0, NaN, ''];
    expect(await AsyncStream.from([...values, ...values]).groupBy((value) => value)).toEqual(
      new Map(values.map((value) => [value, [value, value]])),
    );
  });

  test('tells __proto__ from what is inherited', async () => {
    expect(await AsyncStream.of('__proto__').groupBy((key) => key)).toEqual(new Map([['__proto__', ['__proto__']]]));
  });

  test('calls with element, index and context', async () => {
    const calls: unknown[][] = [];
    await AsyncStream.of('a', 'b').groupBy((...args) => calls.push(args));
    expect(calls).toEqual([
      ['a', 0, aContext],
      ['b', 1, aContext],
    ]);
  });
});
