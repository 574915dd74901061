import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { turnsUntilSettled } from '../support/turns.ts';

type Row = [args: readonly [start: number, end?: number | undefined, step?: number], numbers: number[]];

describe('range', () => {
  test.each<Row>([
    [
      [0, 3],
      [0, 1, 2],
    ],
    [
      [2, 5],
      [2, 3, 4],
    ],
    [
      [-2, 1],
      [-2, -1, 0],
    ],
    [
      [0, 10, 5],
      [0, 5],
    ],
    [
      [0, 11, 5],
      [0, 5, 10],
    ],
    [
      [3, 0, -1],
      [3, 2, 1],
    ],
    [
      [1, -3, -2],
      [1, -1],
    ],
    [
      [0.5, 3],
      [0.5, 1.5, 2.5],
    ],
    [
      [0, 2.5],
      [0, 1, 2],
    ],
    [
      [0, 1, 0.25],
      [0, 0.25, 0.5, 0.75],
    ],
    [[3, 3], []],
    [[3, 0], []],
    [[0, 3, -1], []],
    [[0, -Infinity], []],
  ])('gives for %j what lies between, without the end', async (args, numbers) => {
    expect(await AsyncStream.range(...args).toArray()).toEqual(numbers);
  });

  test.each<Row>([
    [[5], [5, 6, 7]],
    [
      [5, undefined],
      [5, 6, 7],
    ],
    [
      [5, undefined, -2],
      [5, 3, 1],
    ],
    [
      [5, Infinity],
      [5, 6, 7],
    ],
    [
      [5, -Infinity, -1],
      [5, 4, 3],
    ],
  ])('has no end for %j', async (args, numbers) => {
    expect(
      await AsyncStream.range(...args)
        .take(3)
        .toArray(),
    ).toEqual(numbers);
    expect(await AsyncStream.range(...args).at(100_000)).toBe(numbers[0]! + 100_000 * (numbers[1]! - numbers[0]!));
  });

  test('does not add up rounding errors', async () => {
    const tenths = await AsyncStream.range(0, 1, 0.1).toArray();
    expect(tenths).toHaveLength(10);
    expect(await AsyncStream.range(0, undefined, 0.1).at(1_000_000)).toBe(100_000);
  });

  test('takes no longer for many numbers than for few', async () => {
    const turns = (count: number) => turnsUntilSettled(AsyncStream.range(0, count).drain());
    expect(await turns(1000)).toBe(await turns(1));
  });
});
