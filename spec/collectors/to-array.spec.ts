import { describe, expect, test } from '@jest/globals';
import { AsyncStream, collectors } from '../../lib/index.ts';
import { Watched } from '../support/watched.ts';

describe('toArray', () => {
  test('gives all elements in their order', async () => {
    expect(await AsyncStream.from(new Watched(3, 1, 2)).toArray()).toEqual([3, 1, 2]);
  });

  test('takes every value for an element', async () => {
    const values = [undefined, null, false, 0, NaN, '', new Error('no error')];
    expect(await AsyncStream.from(values).toArray()).toEqual(values);
  });

  test('leaves promises among the elements of an async iterable as they are', async () => {
    const promise = Promise.resolve(1);
    const [element] = await AsyncStream.from(new Watched<unknown>(promise)).toArray();
    expect(element).toBe(promise);
  });

  test('gives another array in each run', async () => {
    const collector = collectors.toArray<number>();
    const stream = AsyncStream.of(1, 2);
    const [one, other] = [await stream.collect(collector), await stream.collect(collector)];
    expect([one, other, one === other]).toEqual([[1, 2], [1, 2], false]);
  });

  test('gives as many elements as the limit allows', async () => {
    expect(await AsyncStream.of(1, 2, 3).toArray({ limit: 3 })).toEqual([1, 2, 3]);
  });

  test('rejects at the first element beyond the limit, and closes the source', async () => {
    const source = new Watched(1, 2, 3, 4, 5);
    await expect(AsyncStream.from(source).toArray({ limit: 3 })).rejects.toThrow(
      new RangeError('toArray: the stream has more than 3 elements'),
    );
    expect(source.log).toEqual(['open', 'next', 'next', 'next', 'next', 'return']);
  });

  test('counts the limit anew in each run', async () => {
    const collector = collectors.toArray<number>({ limit: 2 });
    expect([await AsyncStream.of(1, 2).collect(collector), await AsyncStream.of(3, 4).collect(collector)]).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('takes a limit of 0 for a stream that has to be empty', async () => {
    expect(await AsyncStream.of().toArray({ limit: 0 })).toEqual([]);
    await expect(AsyncStream.of(1).toArray({ limit: 0 })).rejects.toBeInstanceOf(RangeError);
  });

  test.each([[{}], [{ limit: Infinity }]])('has no limit with %p', async (options) => {
    expect(await AsyncStream.range(0, 1000).toArray(options)).toHaveLength(1000);
  });
});
