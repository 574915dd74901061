import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('first', () => {
  test('gives the first element, and closes the source', async () => {
    const source = new Watched('a', 'b');
    expect(await AsyncStream.from(source).first()).toBe('a');
    expect(source.log).toEqual(['open', 'next', 'return']);
  });

  test.each([undefined, null, false, 0, ''])('gives the default %p where there is none', async (value) => {
    expect(await AsyncStream.of().first(value)).toBe(value);
  });

  test.each(['get', 'ownKeys'])('takes an object for a default that refuses to say what it has: %s', async (trap) => {
    const refuse = () => {
      throw new Error('refused');
    };
    const value = new Proxy({}, { [trap]: refuse });
    expect(await AsyncStream.of('element').first(value)).toBe('element');
  });

  test.each([undefined, null, false, 0, NaN, ''])('gives an element that is %p, and not the default', async (value) => {
    expect(await AsyncStream.of<unknown>(value, 'later').first('default')).toBe(value);
  });
});
