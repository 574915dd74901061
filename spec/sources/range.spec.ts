import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { refusal } from '../support/failures.ts';
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

  test('counts anew in each run', async () => {
    const stream = AsyncStream.range(0, 3);
    expect(await Promise.all([stream.toArray(), stream.toArray()])).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });

  test('takes no longer for many numbers than for few', async () => {
    const turns = (count: number) => turnsUntilSettled(AsyncStream.range(0, count).drain());
    expect(await turns(1000)).toBe(await turns(1));
  });

  test.each<[args: unknown[], message: string]>([
    [[], 'TypeError: range: start must be a finite number, got undefined'],
    [[null, 1], 'TypeError: range: start must be a finite number, got null'],
    [['0', 1], "TypeError: range: start must be a finite number, got '0'"],
    [[NaN, 1], 'RangeError: range: start must be a finite number, got NaN'],
    [[Infinity, 1], 'RangeError: range: start must be a finite number, got Infinity'],
    [[-Infinity, 1], 'RangeError: range: start must be a finite number, got -Infinity'],
    [[0, null], 'TypeError: range: end must be a number, got null'],
    [[0, '5'], "TypeError: range: end must be a number, got '5'"],
    [[0, NaN], 'RangeError: range: end must be a number, got NaN'],
    [[0, 5, 0], 'RangeError: range: step must be a finite number other than 0, got 0'],
    [[0, 5, -0], 'RangeError: range: step must be a finite number other than 0, got 0'],
    [[0, 5, NaN], 'RangeError: range: step must be a finite number other than 0, got NaN'],
    [[0, 5, Infinity], 'RangeError: range: step must be a finite number other than 0, got Infinity'],
    [[0, 5, null], 'TypeError: range: step must be a finite number other than 0, got null'],
    [[0, 5, '1'], "TypeError: range: step must be a finite number other than 0, got '1'"],
  ])('refuses %p', (args, message) => {
    expect(refusal(() => AsyncStream.range(...(args as [number])))).toBe(message);
  });
});
