import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';
import { seenOf } from '../support/turns.ts';

describe('intersperse', () => {
  test('puts the separator between each two elements', async () => {
    expect(await AsyncStream.of('a', 'b', 'c').intersperse('-').toArray()).toEqual(['a', '-', 'b', '-', 'c']);
  });

  test('gives one element alone', async () => {
    expect(await AsyncStream.of('a').intersperse('-').toArray()).toEqual(['a']);
  });

  test('puts falsy separators between falsy elements', async () => {
    expect(await AsyncStream.from<unknown>([null, 0, '']).intersperse(undefined).toArray()).toEqual([
      null,
      undefined,
      0,
      undefined,
      '',
    ]);
  });

  test('gives what a promised separator brings', async () => {
    expect(await AsyncStream.of('a', 'b', 'c').intersperse(Promise.resolve('-')).toArray()).toEqual([
      'a',
      '-',
      'b',
      '-',
      'c',
    ]);
  });

  test('waits for the separator to go through the later stages', async () => {
    const log: string[] = [];
    await AsyncStream.of('a', 'b')
      .intersperse('-')
      .forEach(async (x) => {
        log.push(`${x} starts`);
        await Promise.resolve();
        log.push(`${x} ends`);
      });
    expect(log).toEqual(['a starts', 'a ends', '- starts', '- ends', 'b starts', 'b ends']);
  });

  test('keeps back the element where a later stage wants no more after the separator', async () => {
    const source = new Watched('a', 'b', 'c');
    const given: string[] = [];
    const taken = AsyncStream.from(source)
      .intersperse('-')
      .tap((x) => given.push(x))
      .take(2);
    expect(await taken.toArray()).toEqual(['a', '-']);
    expect(given).toEqual(['a', '-']);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('keeps back the element also where the separator takes its time', async () => {
    const taken = AsyncStream.of('a', 'b')
      .intersperse('-')
      .map(async (x) => x)
      .take(2);
    expect(await taken.toArray()).toEqual(['a', '-']);
  });

  test('puts separators between the elements of one page, and between pages', async () => {
    expect(await AsyncStream.of([1, 2], [3]).flat().intersperse(0).toArray()).toEqual([1, 0, 2, 0, 3]);
  });

  test('fails in its turn with what a promise has rejected with before', async () => {
    const stream = AsyncStream.of(1, 2)
      .delay(5)
      .intersperse(Promise.reject(new Error('early')));
    expect(await seenOf(stream)).toEqual({ seen: [1], error: new Error('early') });
  });
});
