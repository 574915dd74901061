import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { seenOf } from '../support/turns.ts';

describe('defaultIfEmpty', () => {
  test('gives the value where there are no elements', async () => {
    expect(await AsyncStream.of().defaultIfEmpty('none').toArray()).toEqual(['none']);
  });

  test('gives the elements where there are some', async () => {
    expect(await AsyncStream.of('a', 'b').defaultIfEmpty('none').toArray()).toEqual(['a', 'b']);
  });

  test.each([[undefined], [null], [false], [0], ['']])('gives %p as the value', async (value) => {
    expect(await AsyncStream.of().defaultIfEmpty<unknown>(value).toArray()).toEqual([value]);
  });

  test('gives what a promised value brings', async () => {
    expect(await AsyncStream.of().defaultIfEmpty(Promise.resolve('none')).toArray()).toEqual(['none']);
  });

  test('gives the value where no element gets through', async () => {
    expect(
      await AsyncStream.of(1, 3)
        .filter((x) => x > 5)
        .defaultIfEmpty(0)
        .toArray(),
    ).toEqual([0]);
  });

  test('gives the value where an earlier stage opens nothing', async () => {
    expect(await AsyncStream.of(1).take(0).defaultIfEmpty(0).toArray()).toEqual([0]);
  });

  test('fails with what a promise has rejected with before, only where it is wanted', async () => {
    const early = () => Promise.reject(new Error('early'));
    expect(await AsyncStream.of(1).delay(5).defaultIfEmpty(early()).toArray()).toEqual([1]);
    const none = AsyncStream.of(1).delay(5).drop(1).defaultIfEmpty(early());
    expect(await seenOf(none)).toEqual({ seen: [], error: new Error('early') });
  });

  test('lets the value go through the later stages', async () => {
    expect(
      await AsyncStream.from<string>([])
        .defaultIfEmpty('none')
        .map(async (text) => text.toUpperCase())
        .toArray(),
    ).toEqual(['NONE']);
  });
});
