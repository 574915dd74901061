import { describe, expect, test } from '@jest/globals';
import { AsyncStream, collectors } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { failures, refusal } from '../support/failures.ts';

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

  test('starts anew in each run', async () => {
    const collector = collectors.countBy((x: number) => x);
    expect([await AsyncStream.of(1, 1).collect(collector), await AsyncStream.of(1).collect(collector)]).toEqual([
      new Map([[1, 2]]),
      new Map([[1, 1]]),
    ]);
  });

  test.each(failures)('fails with the same error when the key %s', async (_how, fail, error) => {
    await expect(AsyncStream.of(1).countBy(fail)).rejects.toBe(error);
  });

  test('refuses a key that is not a function', () => {
    expect(refusal(() => collectors.countBy(undefined as never))).toBe(
      'TypeError: countBy: key must be a function, got undefined',
    );
  });
});
