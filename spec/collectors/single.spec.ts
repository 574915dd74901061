import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('single', () => {
  test('gives the only element', async () => {
    const source = new Watched('a');
    expect(await AsyncStream.from(source).single()).toBe('a');
    expect(source.log).toEqual(['open', 'next', 'next']);
  });

  test.each([undefined, null, false, 0, NaN, ''])('gives an element that is %p', async (value) => {
    expect(await AsyncStream.of<unknown>(value).single()).toBe(value);
  });
});
