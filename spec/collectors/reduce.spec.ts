import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { Watched } from '../support/watched.ts';

const add = (sum: number, x: number) => sum + x;

describe('reduce', () => {
  test('folds the elements from an initial value on', async () => {
    expect(await AsyncStream.of(1, 2, 3).reduce(add, 10)).toBe(16);
  });

  test('folds from the first element on where there is no initial value', async () => {
    expect(await AsyncStream.of(1, 2, 3).reduce(add)).toBe(6);
  });

  test('gives the only element where there is no initial value, and calls nothing', async () => {
    const reduced = AsyncStream.of('a').reduce(() => {
      throw new Error('called');
    });
    expect(await reduced).toBe('a');
  });

  test('takes undefined for an initial value where it is given', async () => {
    expect(await AsyncStream.of<string>().reduce<string | undefined>((_, x) => x, undefined)).toBeUndefined();
    expect(await AsyncStream.of('a').reduce<string | undefined>((before, x) => `${before} ${x}`, undefined)).toBe(
      'undefined a',
    );
  });

  test.each([undefined, null, 0, '', false])('gives a first and only element that is %p', async (value) => {
    expect(await AsyncStream.of<unknown>(value).reduce((before) => before)).toBe(value);
  });

  test('goes on from falsy results', async () => {
    const results = [0, null, undefined, ''];
    const before: unknown[] = [];
    await AsyncStream.range(0, 4).reduce<unknown>((accumulator, index) => {
      before.push(accumulator);
      return results[index];
    }, 'initial');
    expect(before).toEqual(['initial', 0, null, undefined]);
  });

  test('waits for a promise before the next element is taken', async () => {
    const source = new Watched(1, 2);
    const { log } = source;
    const sum = await AsyncStream.from(source).reduce(async (sum, x) => {
      log.push(`${sum} + ${x}`);
      await Promise.resolve();
      log.push(`is ${sum + x}`);
      return sum + x;
    }, 0);
    expect(sum).toBe(3);
    expect(log).toEqual(['open', 'next', '0 + 1', 'is 1', 'next', '1 + 2', 'is 3', 'next']);
  });

  test('counts the first element where there is no initial value, as arrays do', async () => {
    const calls: unknown[][] = [];
    await AsyncStream.of('a', 'b', 'c').reduce((...args) => {
      calls.push(args);
      return args[1];
    });
    expect(calls).toEqual([
      ['a', 'b', 1, aContext],
      ['b', 'c', 2, aContext],
    ]);
  });
});
