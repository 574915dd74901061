import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('includes', () => {
  test('is false where it is not found', async () => {
    const source = new Watched(1, 2);
    expect(await AsyncStream.from(source).includes('1')).toBe(false);
    expect(source.log).toEqual(['open', 'next', 'next', 'next']);
  });

  test.each([undefined, null, false, 0, NaN, ''])('finds %p', async (value) => {
    expect(await AsyncStream.of<unknown>('other', value).includes(value)).toBe(true);
  });

  test('takes 0 and -0 for the same', async () => {
    expect(await AsyncStream.of(-0).includes(0)).toBe(true);
  });

  test('tells falsy values apart', async () => {
    expect(await AsyncStream.of(undefined, false, '', NaN).includes(null)).toBe(false);
  });

  test('compares objects by identity', async () => {
    const object = {};
    expect(await AsyncStream.of(object).includes({})).toBe(false);
    expect(await AsyncStream.of(object).includes(object)).toBe(true);
  });
});
