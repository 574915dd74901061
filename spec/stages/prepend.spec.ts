import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { DONE } from '../support/iterators.ts';
import { idle, seenOf, turnsUntilSettled } from '../support/turns.ts';
import { Watched } from '../support/watched.ts';

describe('prepend', () => {
  test('gives the values first, in their order', async () => {
    expect(await AsyncStream.of(3, 4).prepend(1, 2).toArray()).toEqual([1, 2, 3, 4]);
  });

  test('gives the values of an empty stream', async () => {
    expect(await AsyncStream.of<number>().prepend(1, 2).toArray()).toEqual([1, 2]);
  });

  test('gives the stream alone without values', async () => {
    expect(await AsyncStream.of(1, 2).prepend().toArray()).toEqual([1, 2]);
  });

  test('puts what is prepended later before what was prepended earlier', async () => {
    expect(await AsyncStream.of(3).prepend(2).prepend(1).toArray()).toEqual([1, 2, 3]);
  });

  test('gives falsy values, and iterables as they are', async () => {
    const values = [undefined, null, false, 0, NaN, '', [1, 2], 'abc'];
    expect(
      await AsyncStream.of<unknown>()
        .prepend(...values)
        .toArray(),
    ).toEqual(values);
  });

  test('awaits promises, each when its turn comes', async () => {
    const log: unknown[] = [];
    const thenable = {
      then: (resolve: (value: number) => void) => {
        log.push('asked');
        resolve(2);
      },
    } as PromiseLike<number>;
    await AsyncStream.of(3)
      .prepend(Promise.resolve(1), thenable)
      .forEach((x) => log.push(x));
    expect(log).toEqual([1, 'asked', 2, 3]);
  });

  test('puts later stages on the values, counting through, and earlier ones on the stream alone', async () => {
    const stream = AsyncStream.of('b')
      .map((x) => x.toUpperCase())
      .prepend('a')
      .map((x, index) => `${index}${x}`);
    expect(await stream.toArray()).toEqual(['0a', '1B']);
  });

  test('opens the source after the values have gone through, and only if there is need of it', async () => {
    const source = new Watched('c', 'd');
    const stream = AsyncStream.from(source).prepend('a', 'b');
    expect(await stream.take(2).toArray()).toEqual(['a', 'b']);
    expect(await stream.take(0).toArray()).toEqual([]);
    expect(source.log).toEqual([]);
    await stream.take(3).forEach((x) => source.log.push(x));
    expect(source.log).toEqual(['a', 'b', 'open', 'next', 'c', 'return']);
  });

  test.each([new Error('wanted'), undefined, 0])('fails with what a promise rejects with: %p', async (error) => {
    const source = new Watched(3);
    const stream = AsyncStream.from(source).prepend(1, Promise.reject(error), 2);
    expect(await seenOf(stream)).toStrictEqual({ seen: [1], error });
    expect(source.log).toEqual([]);
  });

  test('fails in its turn with what a promise has rejected with before', async () => {
    const later = new Promise<number>((resolve) => setTimeout(resolve, 5, 1));
    const stream = AsyncStream.of(3).prepend(later, Promise.reject(new Error('early')));
    expect(await seenOf(stream)).toEqual({ seen: [1], error: new Error('early') });
  });

  test('does not wait for a promise when the consumer has left, and opens nothing after it', async () => {
    const source = new Watched(2);
    let come!: (value: number) => void;
    const promise = new Promise<number>((resolve) => (come = resolve));
    const iterator = AsyncStream.from(source).prepend(promise)[Symbol.asyncIterator]();
    const pending = iterator.next();
    await idle();
    expect(await turnsUntilSettled(iterator.return())).toBeLessThan(10);
    come(1);
    await idle();
    expect([await pending, source.log]).toEqual([DONE, []]);
  });
});
