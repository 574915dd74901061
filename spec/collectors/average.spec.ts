import { describe, expect, test } from '@jest/globals';
import { AsyncStream, collectors } from '../../lib/index.ts';

describe('average', () => {
  test('gives the arithmetic mean of the elements', async () => {
    expect(await AsyncStream.of(1, 2, 6).average()).toBe(3);
  });

  test('gives the only element', async () => {
    expect(await AsyncStream.of(5).average()).toBe(5);
  });

  test('gives NaN where there are none', async () => {
    expect(await AsyncStream.of<number>().average()).toBeNaN();
  });

  test('starts anew in each run', async () => {
    const collector = collectors.average();
    expect([await AsyncStream.of(1, 3).collect(collector), await AsyncStream.of(4).collect(collector)]).toEqual([2, 4]);
  });
});
