import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('count', () => {
  test('counts the elements, whatever they are', async () => {
    expect(await AsyncStream.from([undefined, null, false, 0, NaN, '']).count()).toBe(6);
  });
});
