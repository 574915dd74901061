import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('take', () => {
  test('gives the first elements', async () => {
    expect(await AsyncStream.range(0).take(3).toArray()).toEqual([0, 1, 2]);
  });

  test('gives all where there are no more', async () => {
    expect(await AsyncStream.of(1, 2).take(5).toArray()).toEqual([1, 2]);
  });

  test('gives all when asked for Infinity', async () => {
    expect(await AsyncStream.of(1, 2).take(Infinity).toArray()).toEqual([1, 2]);
  });

  test('asks for exactly as many, and closes the source with the last', async () => {
    const source = new Watched(1, 2, 3, 4);
    expect(await AsyncStream.from(source).take(2).toArray()).toEqual([1, 2]);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('closes a source that has just as many', async () => {
    const source = new Watched(1, 2);
    expect(await AsyncStream.from(source).take(2).toArray()).toEqual([1, 2]);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('stops in the middle of what one element became', async () => {
    const source = new Watched([1, 2, 3], [4]);
    expect(await AsyncStream.from(source).flat().take(2).toArray()).toEqual([1, 2]);
    expect(source.log).toEqual(['open', 'next', 'return']);
  });

  test('gives the least of several counts', async () => {
    expect(await AsyncStream.range(0).take(5).take(2).take(4).toArray()).toEqual([0, 1]);
  });

  test('waits for later stages, and asks for no more meanwhile', async () => {
    const source = new Watched('a', 'b', 'c');
    const { log } = source;
    await AsyncStream.from(source)
      .take(2)
      .forEach(async (x) => {
        await Promise.resolve();
        log.push(x);
      });
    expect(log).toEqual(['open', 'next', 'a', 'next', 'b', 'return']);
  });
});
