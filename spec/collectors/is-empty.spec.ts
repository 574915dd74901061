import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('isEmpty', () => {
  test('is true where there are no elements', async () => {
    const source = new Watched();
    expect(await AsyncStream.from(source).isEmpty()).toBe(true);
    expect(source.log).toEqual(['open', 'next']);
  });

  test.each([undefined, null, false, 0, NaN, '', 'a'])(
    'is false at an element that is %p, and closes the source',
    async (value) => {
      const source = new Watched(value, value);
      expect(await AsyncStream.from(source).isEmpty()).toBe(false);
      expect(source.log).toEqual(['open', 'next', 'return']);
    },
  );
});
