import { describe, expect, test } from '@jest/globals';
import { limitsOf } from '../../../lib/stages/support/concurrency.ts';
import { AsyncStream } from '../../../lib/index.ts';
import { idle } from '../../support/turns.ts';

describe('limitsOf', () => {
  const complete = { concurrency: 1, limiter: undefined, ordered: true, buffer: 1, key: undefined, settle: false };
  const limiter = { acquire: () => () => undefined };

  test.each([
    undefined,
    {},
    { concurrency: 1 },
    { concurrency: 1, buffer: 0 },
    { ordered: false },
    { key: String },
    { concurrency: undefined },
  ])('%p is one after the other', (options) => {
    expect(limitsOf('map', options as never)).toBeUndefined();
  });

  test.each([
    [{ concurrency: 4 }, { concurrency: 4, buffer: 4 }],
    [
      { concurrency: 4, buffer: 0 },
      { concurrency: 4, buffer: 0 },
    ],
    [
      { concurrency: 1, buffer: 3 },
      { concurrency: 1, buffer: 3 },
    ],
    [{ settle: true }, { concurrency: 1, buffer: 0, settle: true }],
    [{ concurrency: Infinity }, { concurrency: Infinity, buffer: Infinity }],
    [
      { concurrency: 2, ordered: false },
      { concurrency: 2, buffer: 2, ordered: false },
    ],
    [{ concurrency: limiter }, { concurrency: Infinity, limiter, buffer: 16 }],
    [
      { concurrency: limiter, buffer: 2 },
      { concurrency: Infinity, limiter, buffer: 2 },
    ],
  ])('%p is %p', (options, limits) => {
    expect(limitsOf('map', options)).toEqual({ ...complete, ...limits });
  });
});

describe('a key whose callback ends at once', () => {
  type Call = (name: string) => string | Promise<string>;
  const options = { concurrency: 2, buffer: 9, key: (name: string) => name[0] };
  const stages: Record<string, (stream: AsyncStream<string>, fn: Call) => Promise<unknown>> = {
    map: (stream, fn) => stream.map(fn, options).drain(),
    'map without order': (stream, fn) => stream.map(fn, { ...options, ordered: false }).drain(),
    mapSettled: (stream, fn) => stream.mapSettled(fn, options).drain(),
    filter: (stream, fn) => stream.filter(fn, options).drain(),
    forEach: (stream, fn) => stream.forEach(fn, options),
    flatMap: (stream, fn) =>
      stream
        .flatMap((name) => {
          const result = fn(name);
          return typeof result === 'string' ? [result] : AsyncStream.of(result);
        }, options)
        .drain(),
  };

  test.each(Object.entries(stages))(
    'gives its slot to no other element before the next of the key: %s',
    async (_, run) => {
      const running: string[] = [];
      let most = 0;
      let together = 0;
      const end = (name: string) => {
        running.splice(running.indexOf(name), 1);
        return name;
      };
      const fn: Call = (name) => {
        running.push(name);
        most = Math.max(most, running.length);
        together = Math.max(together, running.filter(([key]) => key === name[0]).length);
        return name === 'a2' ? end(name) : idle().then(() => end(name));
      };
      await run(AsyncStream.of('a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'd1'), fn);
      expect([most, together]).toEqual([2, 1]);
    },
  );
});

test.each([true, false])('no callback starts for a key whose callback has failed, ordered: %p', async (ordered) => {
  const calls: number[] = [];
  const fail = async (n: number) => {
    calls.push(n);
    await idle();
    throw new Error('failed');
  };
  const stream = AsyncStream.of(0, 1, 2).map(fail, { concurrency: 2, buffer: 4, key: () => 'same', ordered });
  await expect(stream.drain()).rejects.toThrow('failed');
  expect(calls).toEqual([0]);
});

test('a limiter that answers at once lets a callback start in the turn in which its element is there', async () => {
  const started: number[] = [];
  const run = AsyncStream.of(1)
    .map((n) => started.push(n), { concurrency: { acquire: () => () => undefined } })
    .drain();
  expect(started).toEqual([1]);
  await run;
});
