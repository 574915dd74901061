import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { seenOf } from '../support/turns.ts';
import { Watched } from '../support/watched.ts';

describe('append', () => {
  test('gives the values last, in their order', async () => {
    expect(await AsyncStream.of(1, 2).append(3, 4).toArray()).toEqual([1, 2, 3, 4]);
  });

  test('gives the stream alone without values', async () => {
    expect(await AsyncStream.of(1, 2).append().toArray()).toEqual([1, 2]);
  });

  test('puts what is appended later after what was appended earlier', async () => {
    expect(await AsyncStream.of(1).append(2).append(3).toArray()).toEqual([1, 2, 3]);
  });

  test('gives falsy values, and iterables and functions as they are', async () => {
    const values = [undefined, null, false, 0, NaN, '', [1, 2], 'abc', () => [1]];
    expect(
      await AsyncStream.of<unknown>()
        .append(...values)
        .toArray(),
    ).toEqual(values);
  });

  test('awaits promises', async () => {
    expect(await AsyncStream.of(1).append(Promise.resolve(2), 3).toArray()).toEqual([1, 2, 3]);
  });

  test('puts later stages on the values, counting through, and earlier ones on the stream alone', async () => {
    const stream = AsyncStream.of('a')
      .map((x) => x.toUpperCase())
      .append('b')
      .map((x, index) => `${index}${x}`);
    expect(await stream.toArray()).toEqual(['0A', '1b']);
  });

  test('gives the values when the source has come to its end', async () => {
    const source = new Watched('a');
    await AsyncStream.from(source)
      .append('b')
      .forEach((x) => source.log.push(x));
    expect(source.log).toEqual(['open', 'next', 'a', 'next', 'b']);
  });

  test('gives the values when a stage above has had enough, and the source has been closed', async () => {
    const source = new Watched('a', 'b');
    await AsyncStream.from(source)
      .take(1)
      .append('z')
      .forEach((x) => source.log.push(x));
    expect(source.log).toEqual(['open', 'next', 'a', 'return', 'z']);
  });

  test('gives only the values that are wanted', async () => {
    const stream = AsyncStream.of(1).append(2, Promise.reject(new Error('not asked for')));
    expect(await stream.take(2).toArray()).toEqual([1, 2]);
    const { error } = await seenOf(stream);
    expect(error).toEqual(new Error('not asked for'));
  });

  test.each([new Error('wanted'), undefined, 0])('fails with what a promise rejects with: %p', async (error) => {
    const stream = AsyncStream.of(1).append(2, Promise.reject(error), 3);
    expect(await seenOf(stream)).toStrictEqual({ seen: [1, 2], error });
  });

  test('fails in its turn with what a promise has rejected with before', async () => {
    const stream = AsyncStream.of(1)
      .delay(5)
      .append(Promise.reject(new Error('early')))
      .catch(() => ['caught']);
    expect(await stream.toArray()).toEqual([1, 'caught']);
  });
});
