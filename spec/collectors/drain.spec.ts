import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('drain', () => {
  test('runs the stages above', async () => {
    const seen: number[] = [];
    await AsyncStream.of(1, 2)
      .tap((x) => seen.push(x))
      .drain();
    expect(seen).toEqual([1, 2]);
  });
});
