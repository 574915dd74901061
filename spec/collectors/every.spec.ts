import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('every', () => {
  test('is false at the first element for which the predicate does not hold, and closes the source', async () => {
    const source = new Watched(1, 2, 3);
    expect(await AsyncStream.from(source).every((x) => x !== 2)).toBe(false);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('is true where it holds for all', async () => {
    const source = new Watched(1, 2);
    expect(await AsyncStream.from(source).every((x) => x < 3)).toBe(true);
    expect(source.log).toEqual(['open', 'next', 'next', 'next']);
  });

  test('decides by truthiness', async () => {
    expect(await AsyncStream.of(1, 'yes', {}).every((x) => x)).toBe(true);
    expect(await AsyncStream.of(1, '').every((x) => x)).toBe(false);
  });
});
