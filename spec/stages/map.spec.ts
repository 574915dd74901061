import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { builtModule } from '../support/built.ts';
import { concurrencyLaws } from '../support/concurrency.ts';
import { Watched } from '../support/watched.ts';

const LIBRARY = await builtModule('lib/index.ts');

describe('map', () => {
  concurrencyLaws({ put: (stream, fn, options) => stream.map(fn, options) });

  test('gives what the function makes of each element', async () => {
    expect(
      await AsyncStream.of(1, 2, 3)
        .map((x) => x * 2)
        .toArray(),
    ).toEqual([2, 4, 6]);
  });

  test('waits for a promise before the next element is taken', async () => {
    const source = new Watched('a', 'b');
    const { log } = source;
    const mapped = AsyncStream.from(source).map(async (x) => {
      log.push(`${x} starts`);
      await Promise.resolve();
      log.push(`${x} ends`);
      return x.toUpperCase();
    });
    expect(await mapped.toArray()).toEqual(['A', 'B']);
    expect(log).toEqual(['open', 'next', 'a starts', 'a ends', 'next', 'b starts', 'b ends', 'next']);
  });

  test('waits for anything that has a then method', async () => {
    const thenable = {
      then(resolve: (value: string) => void) {
        resolve('ready');
      },
    };
    expect(
      await AsyncStream.of(1)
        .map(() => thenable as PromiseLike<string>)
        .toArray(),
    ).toEqual(['ready']);
  });

  test('gives results that are promised and results that are not in the order of the elements', async () => {
    const mapped = AsyncStream.of(1, 2, 3).map((x) => (x === 2 ? x * 10 : Promise.resolve(x * 10)));
    expect(await mapped.toArray()).toEqual([10, 20, 30]);
  });

  test('gives falsy results as they are', async () => {
    const results = [undefined, null, false, 0, NaN, ''];
    expect(
      await AsyncStream.range(0, 6)
        .map((index) => results[index])
        .toArray(),
    ).toEqual(results);
  });

  test('gives errors that are results, and throws none of them', async () => {
    const error = new Error('a result');
    expect(
      await AsyncStream.of(1)
        .map(() => error)
        .toArray(),
    ).toEqual([error]);
  });

  test('counts what a filter before it has let through', async () => {
    const pairs = AsyncStream.of(1, 2, 3, 4)
      .filter((x) => x % 2 === 0)
      .map((x, index) => [index, x]);
    expect(await pairs.toArray()).toEqual([
      [0, 2],
      [1, 4],
    ]);
  });

  test('maps the results of a map before it', async () => {
    const mapped = AsyncStream.of(1, 2)
      .map(async (x) => x + 1)
      .map((x) => `${x}`)
      .map(async (text) => `<${text}>`);
    expect(await mapped.toArray()).toEqual(['<2>', '<3>']);
  });

  test('takes a concurrency of 1', async () => {
    expect(await AsyncStream.of(1).map(String, { concurrency: 1 }).toArray()).toEqual(['1']);
  });

  // In a process of its own, as a test has no say in what Node warns of. It would, before 20.16.
  test('lets all callbacks that run at once listen to their signal without a warning from Node', async () => {
    const code = `
      import { setTimeout } from 'node:timers/promises';
      import { AsyncStream } from '${LIBRARY}';
      const numbers = AsyncStream.range(0, 20).map((x, _, { signal }) => setTimeout(1, x, { signal }), { concurrency: 20 });
      console.log(await numbers.count());
    `;
    const args = ['--input-type=module', '--eval', code];
    expect(await promisify(execFile)(process.execPath, args)).toEqual({ stdout: '20\n', stderr: '' });
  });
});
