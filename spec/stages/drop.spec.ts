import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('drop', () => {
  test('leaves out the first elements', async () => {
    expect(await AsyncStream.range(0, 5).drop(3).toArray()).toEqual([3, 4]);
  });

  test('gives nothing where there are no more', async () => {
    expect(await AsyncStream.of(1, 2).drop(2).toArray()).toEqual([]);
  });

  test('gives nothing of an empty stream', async () => {
    expect(await AsyncStream.of().drop(1).toArray()).toEqual([]);
  });

  test('leaves out nothing for 0', async () => {
    expect(await AsyncStream.of(1, 2).drop(0).toArray()).toEqual([1, 2]);
  });

  test('leaves out everything for Infinity, and still reads the source to its end', async () => {
    const source = new Watched(1, 2);
    expect(await AsyncStream.from(source).drop(Infinity).toArray()).toEqual([]);
    expect(source.log).toEqual(['open', 'next', 'next', 'next']);
  });

  test('counts falsy elements', async () => {
    expect(await AsyncStream.from<unknown>([undefined, null, 0, '']).drop(2).toArray()).toEqual([0, '']);
  });

  test('asks for no more than what is wanted of it', async () => {
    const source = new Watched(1, 2, 3, 4);
    expect(await AsyncStream.from(source).drop(1).take(1).toArray()).toEqual([2]);
    expect(source.log).toEqual(['open', 'next', 'next', 'return']);
  });

  test('adds up with another', async () => {
    expect(await AsyncStream.range(0, 5).drop(1).drop(2).toArray()).toEqual([3, 4]);
  });

  test('counts anew in each run', async () => {
    const rest = AsyncStream.of(1, 2).drop(1);
    expect([await rest.toArray(), await rest.toArray()]).toEqual([[2], [2]]);
  });
});
