import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('last', () => {
  test('gives the last element', async () => {
    const source = new Watched('a', 'b');
    expect(await AsyncStream.from(source).last()).toBe('b');
    expect(source.log).toEqual(['open', 'next', 'next', 'next']);
  });

  test('gives the only element', async () => {
    expect(await AsyncStream.of('a').last()).toBe('a');
  });

  test.each([undefined, null, false, 0, ''])('gives the default %p where there is none', async (value) => {
    expect(await AsyncStream.of().last(value)).toBe(value);
  });

  test.each([undefined, null, false, 0, NaN, ''])('gives an element that is %p, and not the default', async (value) => {
    expect(await AsyncStream.of<unknown>('earlier', value).last('default')).toBe(value);
  });

  test('does not wait for earlier elements that are promises', async () => {
    const stuck = new Promise(() => {});
    expect(await AsyncStream.from(new Watched<unknown>(stuck, 'last')).last()).toBe('last');
  });
});
