import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { refusal } from '../support/failures.ts';
import { Watched } from '../support/watched.ts';

describe('chunks', () => {
  test('gathers elements into arrays of the size', async () => {
    expect(await AsyncStream.range(0, 4).chunks(2).toArray()).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  test('gives the rest when the source ends', async () => {
    expect(await AsyncStream.range(0, 5).chunks(2).toArray()).toEqual([[0, 1], [2, 3], [4]]);
  });

  test('gives one short chunk where there are fewer elements', async () => {
    expect(await AsyncStream.of(1, 2).chunks(3).toArray()).toEqual([[1, 2]]);
  });

  test('gives nothing of an empty stream', async () => {
    expect(await AsyncStream.of().chunks(2).toArray()).toEqual([]);
  });

  test('gives chunks of one', async () => {
    expect(await AsyncStream.of(1, 2).chunks(1).toArray()).toEqual([[1], [2]]);
  });

  test('gathers falsy elements', async () => {
    expect(await AsyncStream.of(undefined, null, 0).chunks(2).toArray()).toEqual([[undefined, null], [0]]);
  });

  test('gives a chunk with its last element, and not with the one after', async () => {
    const source = new Watched(1, 2, 3);
    const iterator = AsyncStream.from(source).chunks(2)[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: [1, 2] });
    expect(source.log).toEqual(['open', 'next', 'next']);
    await iterator.return?.();
  });

  test('gives arrays that are not written to again', async () => {
    const chunks: number[][] = [];
    await AsyncStream.range(0, 5)
      .chunks(2)
      .forEach((chunk) => {
        chunks.push([...chunk]);
        chunk.push(-1);
        chunk.reverse();
      });
    expect(chunks).toEqual([[0, 1], [2, 3], [4]]);
  });

  test('gives the rest where an earlier stage stops', async () => {
    expect(await AsyncStream.range(0).take(3).chunks(2).toArray()).toEqual([[0, 1], [2]]);
  });

  test('gives no rest to a later stage that wants no more', async () => {
    const source = new Watched(1, 2, 3, 4);
    expect(await AsyncStream.from(source).take(3).chunks(2).take(1).toArray()).toEqual([[1, 2]]);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('starts anew in each run', async () => {
    const chunks = AsyncStream.range(0, 3).chunks(2);
    expect([await chunks.toArray(), await chunks.toArray()]).toEqual([
      [[0, 1], [2]],
      [[0, 1], [2]],
    ]);
  });

  test.each([
    [undefined, 'TypeError: chunks: size must be a positive integer, got undefined'],
    ['2', "TypeError: chunks: size must be a positive integer, got '2'"],
    [0, 'RangeError: chunks: size must be a positive integer, got 0'],
    [-1, 'RangeError: chunks: size must be a positive integer, got -1'],
    [1.5, 'RangeError: chunks: size must be a positive integer, got 1.5'],
    [NaN, 'RangeError: chunks: size must be a positive integer, got NaN'],
    [Infinity, 'RangeError: chunks: size must be a positive integer, got Infinity'],
  ])('refuses %p', (size, message) => {
    expect(refusal(() => AsyncStream.of(1).chunks(size as never))).toBe(message);
  });
});
