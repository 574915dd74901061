import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { Watched } from '../support/watched.ts';

const add = (sum: number, x: number) => sum + x;

describe('scan', () => {
  test('gives each result of the function, and not the seed', async () => {
    expect(await AsyncStream.of(1, 2, 3).scan(add, 10).toArray()).toEqual([11, 13, 16]);
  });

  test('gives the first element as the first result where there is no seed', async () => {
    expect(await AsyncStream.of(1, 2, 3).scan(add).toArray()).toEqual([1, 3, 6]);
  });

  test('gives the only element where there is no seed, and calls nothing', async () => {
    const scanned = AsyncStream.of('a').scan(() => {
      throw new Error('called');
    });
    expect(await scanned.toArray()).toEqual(['a']);
  });

  test('takes undefined for a seed where it is given', async () => {
    const scanned = AsyncStream.of('a', 'b').scan(
      (previous: string | undefined, x) => `${previous ?? 'nothing'} ${x}`,
      undefined,
    );
    expect(await scanned.toArray()).toEqual(['nothing a', 'nothing a b']);
  });

  test('waits for a promise before the next element is taken', async () => {
    const source = new Watched(1, 2, 3);
    const { log } = source;
    const scanned = AsyncStream.from(source).scan(async (sum, x) => {
      log.push(`${sum} + ${x}`);
      await Promise.resolve();
      log.push(`is ${sum + x}`);
      return sum + x;
    }, 0);
    expect(await scanned.toArray()).toEqual([1, 3, 6]);
    expect(log).toEqual(
      ['open', ['next', '0 + 1', 'is 1'], ['next', '1 + 2', 'is 3'], ['next', '3 + 3', 'is 6'], 'next'].flat(),
    );
  });

  test('goes on from falsy results', async () => {
    const results = [0, null, undefined, ''];
    const before: unknown[] = [];
    const scanned = AsyncStream.range(0, 4).scan<unknown>((accumulator, index) => {
      before.push(accumulator);
      return results[index];
    }, 'seed');
    expect(await scanned.toArray()).toEqual(results);
    expect(before).toEqual(['seed', 0, null, undefined]);
  });

  test('counts the first element where there is no seed, as reduce does', async () => {
    const calls: unknown[][] = [];
    await AsyncStream.of('a', 'b', 'c')
      .scan((...args) => {
        calls.push(args);
        return args[1];
      })
      .toArray();
    expect(calls).toEqual([
      ['a', 'b', 1, aContext],
      ['b', 'c', 2, aContext],
    ]);
  });

  test('works beside another', async () => {
    expect(await AsyncStream.of(1, 1, 1).scan(add).scan(add).toArray()).toEqual([1, 3, 6]);
  });
});
