import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('some', () => {
  test('is true at the first element for which the predicate holds, and closes the source', async () => {
    const source = new Watched(1, 2, 3);
    expect(await AsyncStream.from(source).some((x) => x === 2)).toBe(true);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('is false where it holds for none', async () => {
    const source = new Watched(1, 2);
    expect(await AsyncStream.from(source).some((x) => x > 2)).toBe(false);
    expect(source.log).toEqual(['open', 'next', 'next', 'next']);
  });

  test('decides by truthiness', async () => {
    expect(await AsyncStream.of(undefined, null, 0, '', NaN).some((x) => x)).toBe(false);
    expect(await AsyncStream.of(0, 'yes').some((x) => x)).toBe(true);
  });
});
