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

  test('rejects where there is none', async () => {
    await expect(AsyncStream.of().single()).rejects.toThrow(new RangeError('single: the stream has no element'));
  });

  test('rejects at the second element, and closes the source', async () => {
    const source = new Watched(undefined, undefined, undefined);
    await expect(AsyncStream.from(source).single()).rejects.toThrow(
      new RangeError('single: the stream has more than one element'),
    );
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('rejects with a RangeError in both cases', async () => {
    await expect(AsyncStream.of().single()).rejects.toBeInstanceOf(RangeError);
    await expect(AsyncStream.of(1, 2).single()).rejects.toBeInstanceOf(RangeError);
  });
});
