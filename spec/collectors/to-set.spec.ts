import { describe, expect, test } from '@jest/globals';
import { AsyncStream, collectors } from '../../lib/index.ts';

describe('toSet', () => {
  test('gives the distinct elements in the order in which they came first', async () => {
    expect([...(await AsyncStream.of(2, 1, 2, 3, 1).toSet())]).toEqual([2, 1, 3]);
  });

  test('holds falsy elements', async () => {
    const values = [undefined, null, false, 0, NaN, NaN, ''];
    expect(await AsyncStream.from(values).toSet()).toEqual(new Set(values));
  });

  test('gives another set in each run', async () => {
    const collector = collectors.toSet<number>();
    expect([await AsyncStream.of(1).collect(collector), await AsyncStream.of(2).collect(collector)]).toEqual([
      new Set([1]),
      new Set([2]),
    ]);
  });
});
