import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';

describe('sum', () => {
  test('adds up the elements', async () => {
    expect(await AsyncStream.of(1, 2.5, -4).sum()).toBe(-0.5);
  });

  test('gives NaN where an element is NaN', async () => {
    expect(await AsyncStream.of(1, NaN, 2).sum()).toBeNaN();
  });

  test.each(['sum', 'average'] as const)('refuses what is no number, as %s does', async (method) => {
    const stream = AsyncStream.from(['1', '2'] as unknown[] as number[]);
    await expect(stream[method]()).rejects.toEqual(new TypeError(`${method}: an element must be a number, got '1'`));
  });
});
