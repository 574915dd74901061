import { describe, expect, test } from '@jest/globals';
import { AsyncStream, collectors } from '../../lib/index.ts';

describe('count', () => {
  test('counts the elements, whatever they are', async () => {
    expect(await AsyncStream.from([undefined, null, false, 0, NaN, '']).count()).toBe(6);
  });

  test('gives 0 where there are none', async () => {
    expect(await AsyncStream.of().count()).toBe(0);
  });

  test('starts anew in each run', async () => {
    const collector = collectors.count();
    expect([await AsyncStream.of(1, 2).collect(collector), await AsyncStream.of(1).collect(collector)]).toEqual([2, 1]);
  });
});
