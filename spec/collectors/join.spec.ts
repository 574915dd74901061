import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('join', () => {
  test('puts the separator between the elements', async () => {
    expect(await AsyncStream.of('a', 'b', 'c').join(' - ')).toBe('a - b - c');
  });

  test('separates by a comma where nothing else is said', async () => {
    expect(await AsyncStream.of(1, 2).join()).toBe('1,2');
  });

  test('gives the only element, and no separator', async () => {
    expect(await AsyncStream.of('a').join()).toBe('a');
  });

  test('takes an empty separator', async () => {
    expect(await AsyncStream.of('a', 'b').join('')).toBe('ab');
  });

  test('makes strings of elements as an array does', async () => {
    const values = [undefined, null, '', false, 0, NaN, ['a', 'b'], new Date(NaN), 5n];
    expect(await AsyncStream.from(values).join('|')).toBe(values.join('|'));
  });

  test('makes strings of elements when they come', async () => {
    const reused = ['a'];
    const strings = AsyncStream.of('a', 'b').map((letter) => {
      reused[0] = letter;
      return reused;
    });
    expect(await strings.join()).toBe('a,b');
  });

  test('rejects where an element cannot be a string', async () => {
    await expect(AsyncStream.of(Object.create(null)).join()).rejects.toBeInstanceOf(TypeError);
  });
});
