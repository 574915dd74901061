import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('average', () => {
  test('gives the arithmetic mean of the elements', async () => {
    expect(await AsyncStream.of(1, 2, 6).average()).toBe(3);
  });

  test('gives the only element', async () => {
    expect(await AsyncStream.of(5).average()).toBe(5);
  });
});
