import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('dropLast', () => {
  test.each([
    [0, [0, 1, 2, 3, 4, 5, 6]],
    [1, [0, 1, 2, 3, 4, 5]],
    [2, [0, 1, 2, 3, 4]],
    [3, [0, 1, 2, 3]],
    [6, [0]],
    [7, []],
    [8, []],
  ])('leaves out the last %p of seven', async (count, rest) => {
    expect(await AsyncStream.range(0, 7).dropLast(count).toArray()).toEqual(rest);
  });

  test('gives nothing of an empty stream', async () => {
    expect(await AsyncStream.of().dropLast(1).toArray()).toEqual([]);
  });

  test('gives each element as soon as as many have come after it', async () => {
    const source = new Watched('a', 'b', 'c', 'd');
    const { log } = source;
    await AsyncStream.from(source)
      .dropLast(2)
      .forEach((x) => void log.push(x));
    expect(log).toEqual(['open', 'next', 'next', 'next', 'a', 'next', 'b', 'next']);
  });

  test('gives and leaves out falsy elements', async () => {
    expect(await AsyncStream.from<unknown>([undefined, null, 0, '']).dropLast(1).toArray()).toEqual([
      undefined,
      null,
      0,
    ]);
  });

  test('leaves out the last of what an earlier stage lets through', async () => {
    expect(await AsyncStream.range(0).take(5).dropLast(2).toArray()).toEqual([0, 1, 2]);
  });

  test('asks for no more than what is wanted of it', async () => {
    const source = new Watched(1, 2, 3, 4);
    expect(await AsyncStream.from(source).dropLast(1).take(1).toArray()).toEqual([1]);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });
});
