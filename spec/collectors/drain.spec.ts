import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('drain', () => {
  test('takes all elements, and gives undefined', async () => {
    const source = new Watched(1, undefined);
    expect(await AsyncStream.from(source).drain()).toBeUndefined();
    expect(source.log).toEqual(['open', 'next', 'next', 'next']);
  });

  test('gives undefined where there are no elements', async () => {
    expect(await AsyncStream.of().drain()).toBeUndefined();
  });

  test('runs the stages above', async () => {
    const seen: number[] = [];
    await AsyncStream.of(1, 2)
      .tap((x) => seen.push(x))
      .drain();
    expect(seen).toEqual([1, 2]);
  });
});
