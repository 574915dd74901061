import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('find', () => {
  test('gives the first element for which the predicate holds, and closes the source', async () => {
    const source = new Watched('a', 'bb', 'cc');
    expect(await AsyncStream.from(source).find((word) => word.length === 2)).toBe('bb');
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('gives undefined where it holds for none', async () => {
    const source = new Watched(1, 2);
    expect(await AsyncStream.from(source).find((x) => x > 2)).toBeUndefined();
    expect(source.log).toEqual(['open', 'next', 'next', 'next']);
  });

  test.each([undefined, null, false, 0, NaN, ''])('stops at an element that is %p', async (value) => {
    const source = new Watched<unknown>(value, 'later');
    expect(await AsyncStream.from(source).find(() => true)).toBe(value);
    expect(source.log).toEqual(['open', 'next', 'return']);
  });

  test('narrows by a guard', async () => {
    const isString = (value: unknown): value is string => typeof value === 'string';
    const found: string | undefined = await AsyncStream.of<string | number>(1, 'a').find(isString);
    expect(found).toBe('a');
  });

  test('decides by truthiness', async () => {
    const verdicts = [undefined, null, 0, '', NaN, 'yes'];
    expect(await AsyncStream.range(0, verdicts.length).find((index) => verdicts[index])).toBe(5);
  });
});
