import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

const leaps = (previous: number, next: number) => next - previous > 1;

describe('chunkWhen', () => {
  test('starts a new chunk where the predicate holds', async () => {
    expect(await AsyncStream.of(1, 2, 5, 6, 9).chunkWhen(leaps).toArray()).toEqual([[1, 2], [5, 6], [9]]);
  });

  test('gathers all where it never holds', async () => {
    expect(
      await AsyncStream.of(1, 2, 3)
        .chunkWhen(() => false)
        .toArray(),
    ).toEqual([[1, 2, 3]]);
  });

  test('gathers each alone where it always holds', async () => {
    expect(
      await AsyncStream.of(1, 2, 3)
        .chunkWhen(() => true)
        .toArray(),
    ).toEqual([[1], [2], [3]]);
  });

  test('gathers one alone, and asks nothing', async () => {
    const asked: unknown[] = [];
    expect(
      await AsyncStream.of(1)
        .chunkWhen((...args) => asked.push(args) > 0)
        .toArray(),
    ).toEqual([[1]]);
    expect(asked).toEqual([]);
  });

  test('asks about falsy elements too', async () => {
    const asked: unknown[][] = [];
    const chunks = AsyncStream.of(undefined, null, 0).chunkWhen((previous, next) => {
      asked.push([previous, next]);
      return next === 0;
    });
    expect(await chunks.toArray()).toEqual([[undefined, null], [0]]);
    expect(asked).toEqual([
      [undefined, null],
      [null, 0],
    ]);
  });

  test('gives arrays that are not written to again, and are not read again', async () => {
    const chunks: number[][] = [];
    await AsyncStream.of(1, 2, 5, 6)
      .chunkWhen(leaps)
      .forEach((chunk) => {
        chunks.push([...chunk]);
        chunk.fill(-1);
      });
    expect(chunks).toEqual([
      [1, 2],
      [5, 6],
    ]);
  });

  test('gives the chunk in hand where an earlier stage stops', async () => {
    expect(await AsyncStream.range(0).take(2).chunkWhen(leaps).toArray()).toEqual([[0, 1]]);
  });
});
