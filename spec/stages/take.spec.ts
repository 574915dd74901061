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

  test('gives nothing of an empty stream', async () => {
    expect(await AsyncStream.of().take(1).toArray()).toEqual([]);
  });

  test('counts falsy elements', async () => {
    expect(await AsyncStream.from<unknown>([undefined, null, 0, '']).take(3).toArray()).toEqual([undefined, null, 0]);
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

  test('opens nothing for 0 elements', async () => {
    const source = new Watched(1);
    expect(await AsyncStream.from(source).take(0).toArray()).toEqual([]);
    expect(source.log).toEqual([]);
  });

  test('closes a given iterator that it does not start', async () => {
    const log: string[] = [];
    const iterator = {
      next: () => {
        log.push('next');
        return { done: false as const, value: 1 };
      },
      return: () => {
        log.push('return');
        return { done: true as const, value: undefined };
      },
    };
    expect(await AsyncStream.from(iterator).take(0).toArray()).toEqual([]);
    expect(log).toEqual(['return']);
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

  test('counts anew in each run', async () => {
    const two = AsyncStream.range(0).take(2);
    expect([await two.toArray(), await two.toArray()]).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
});
