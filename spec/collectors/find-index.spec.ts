import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('findIndex', () => {
  test('gives the index of the first element for which the predicate holds, and closes the source', async () => {
    const source = new Watched('a', 'bb', 'cc');
    expect(await AsyncStream.from(source).findIndex((word) => word.length === 2)).toBe(1);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('gives 0 for the first element', async () => {
    expect(await AsyncStream.of('a', 'b').findIndex(() => true)).toBe(0);
  });

  test('gives -1 where it holds for none', async () => {
    const source = new Watched(1, 2);
    expect(await AsyncStream.from(source).findIndex((x) => x > 2)).toBe(-1);
    expect(source.log).toEqual(['open', 'next', 'next', 'next']);
  });

  test('decides by truthiness', async () => {
    const verdicts = [undefined, null, 0, '', NaN, 'yes'];
    expect(await AsyncStream.range(0, verdicts.length).findIndex((index) => verdicts[index])).toBe(5);
  });
});
