import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { failures } from '../support/failures.ts';
import { Probe } from '../support/probe.ts';
import { idle, outcomeOf, seenOf } from '../support/turns.ts';

const ways = [
  ['one after the other', {}],
  ['several at a time', { concurrency: 3 }],
  ['several at a time, as they come', { concurrency: 3, ordered: false }],
] as const;

describe.each(ways)('mapSettled, %s', (_, options) => {
  test.each(failures)('gives as a reason what a callback %s', async (_how, fail, reason) => {
    const stream = AsyncStream.of(1, 2, 3).mapSettled((x) => (x === 2 ? fail() : x * 2), options);
    const settled = await stream.toArray();
    expect(settled.filter(({ status }) => status === 'rejected')).toStrictEqual([{ status: 'rejected', reason }]);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toStrictEqual([
      { status: 'fulfilled', value: 2 },
      { status: 'fulfilled', value: 6 },
    ]);
  });

  test('gives no result for an empty stream', async () => {
    expect(
      await AsyncStream.of<number>()
        .mapSettled(() => 1, options)
        .toArray(),
    ).toEqual([]);
  });

  test('gives falsy values as they are, also where they are promised', async () => {
    for (const value of [undefined, null, 0, '', false, NaN]) {
      const expected = [{ status: 'fulfilled', value }];
      expect(
        await AsyncStream.of(1)
          .mapSettled(() => value, options)
          .toArray(),
      ).toStrictEqual(expected);
      expect(
        await AsyncStream.of(1)
          .mapSettled(async () => value, options)
          .toArray(),
      ).toStrictEqual(expected);
    }
  });

  test('takes a thenable that throws for one that rejects', async () => {
    const error = new Error('then');
    const thenable = {
      then() {
        throw error;
      },
    } as unknown as PromiseLike<number>;
    expect(
      await AsyncStream.of(1)
        .mapSettled(() => thenable, options)
        .toArray(),
    ).toStrictEqual([{ status: 'rejected', reason: error }]);
  });

  test('still fails with an error of the source, after the results before it', async () => {
    const error = new Error('source');
    const probe = new Probe({ failAt: 2, error });
    expect(await seenOf(probe.stream.mapSettled(async (x) => x as number, options))).toStrictEqual({
      seen: [{ status: 'fulfilled', value: 1 }],
      error,
    });
    expect(probe.faults()).toEqual([]);
  });

  test('calls with element, index and context', async () => {
    const calls: unknown[][] = [];
    await AsyncStream.of('a', 'b')
      .mapSettled((...args) => calls.push(args), options)
      .drain();
    expect(calls).toEqual([
      ['a', 0, aContext],
      ['b', 1, aContext],
    ]);
  });

  test('closes the source when it is left, and drops what fails later', async () => {
    const probe = new Probe();
    const late = async (x: number) => {
      if (x === 1) return x;
      await idle();
      throw new Error('late');
    };
    expect(await probe.stream.mapSettled(late, options).first()).toEqual({ status: 'fulfilled', value: 1 });
    await idle();
    await idle();
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });
});

describe('mapSettled', () => {
  test('gives results in the order of the elements', async () => {
    const slowFirst = async (x: number) => {
      for (let turns = x; turns < 4; turns++) await idle();
      if (x % 2 === 0) throw x;
      return x;
    };
    expect(await AsyncStream.range(0, 4).mapSettled(slowFirst, { concurrency: 4 }).toArray()).toEqual([
      { status: 'rejected', reason: 0 },
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason: 2 },
      { status: 'fulfilled', value: 3 },
    ]);
  });

  test('gives them as they come, where it is asked to', async () => {
    const slowFirst = async (x: number) => {
      for (let turns = x * 2; turns < 6; turns++) await idle();
      return x;
    };
    const stream = AsyncStream.range(0, 3).mapSettled(slowFirst, { concurrency: 3, ordered: false });
    expect(await stream.map((settled) => settled.status === 'fulfilled' && settled.value).toArray()).toEqual([2, 1, 0]);
  });

  test('lets an error of what comes after it fail the run', async () => {
    const error = new Error('later');
    const stream = AsyncStream.of(1).mapSettled((x) => x);
    expect(
      await outcomeOf(() =>
        stream.forEach(() => {
          throw error;
        }),
      ),
    ).toStrictEqual({ error });
  });
});
