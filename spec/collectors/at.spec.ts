import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('at', () => {
  test.each([
    [0, 'a', 1],
    [1, 'b', 2],
    [2, 'c', 3],
  ])('gives the element at %d, and closes the source', async (index, element, pulled) => {
    const source = new Watched('a', 'b', 'c');
    expect(await AsyncStream.from(source).at(index)).toBe(element);
    expect(source.log).toEqual(['open', ...Array.from({ length: pulled }, () => 'next'), 'return']);
  });

  test.each([
    [-1, 'c'],
    [-2, 'b'],
    [-3, 'a'],
  ])('counts %d from the end', async (index, element) => {
    const source = new Watched('a', 'b', 'c');
    expect(await AsyncStream.from(source).at(index)).toBe(element);
    expect(source.log).toEqual(['open', 'next', 'next', 'next', 'next']);
  });

  test.each([3, -4, 100, -100])('gives undefined at %d of three elements', async (index) => {
    expect(await AsyncStream.of('a', 'b', 'c').at(index)).toBeUndefined();
  });

  test('takes -0 for 0', async () => {
    expect(await AsyncStream.of('a', 'b').at(-0)).toBe('a');
  });

  test.each([-1, -2, -3, -7])('gives the same as an array at %d, however many elements there are', async (index) => {
    const lengths = Array.from({ length: 20 }, (_, length) => length);
    expect(await Promise.all(lengths.map((length) => AsyncStream.range(0, length).at(index)))).toEqual(
      lengths.map((length) => Array.from({ length }, (_, i) => i).at(index)),
    );
  });

  test.each([undefined, null, false, 0, NaN, ''])('gives an element that is %p', async (value) => {
    const stream = AsyncStream.of<unknown>('before', value);
    expect([await stream.at(1), await stream.at(-1)]).toEqual([value, value]);
  });
});
