import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

const initial = (word: string) => word[0];

describe('chunkBy', () => {
  test('gathers adjacent elements that have the same key', async () => {
    expect(await AsyncStream.of('ant', 'ape', 'bee', 'auk').chunkBy(initial).toArray()).toEqual([
      ['ant', 'ape'],
      ['bee'],
      ['auk'],
    ]);
  });

  test('gathers all where the key is always the same', async () => {
    expect(
      await AsyncStream.of(1, 2, 3)
        .chunkBy(() => 'same')
        .toArray(),
    ).toEqual([[1, 2, 3]]);
  });

  test('gathers one alone', async () => {
    expect(await AsyncStream.of('ant').chunkBy(initial).toArray()).toEqual([['ant']]);
  });

  test('takes NaN for the same as NaN, 0 for the same as -0, and no others', async () => {
    const keys = [undefined, undefined, null, NaN, NaN, 0, -0, '0', false, ''];
    expect(
      await AsyncStream.from(keys)
        .chunkBy((key) => key)
        .toArray(),
    ).toEqual([[undefined, undefined], [null], [NaN, NaN], [0, -0], ['0'], [false], ['']]);
  });

  test('gives arrays that are not written to again', async () => {
    const chunks: string[][] = [];
    await AsyncStream.of('ant', 'bee', 'bat', 'cat')
      .chunkBy(initial)
      .forEach((chunk) => {
        chunks.push([...chunk]);
        chunk.length = 0;
      });
    expect(chunks).toEqual([['ant'], ['bee', 'bat'], ['cat']]);
  });

  test('gives the chunk in hand where an earlier stage stops', async () => {
    expect(await AsyncStream.of('ant', 'ape', 'auk').take(2).chunkBy(initial).toArray()).toEqual([['ant', 'ape']]);
  });
});
