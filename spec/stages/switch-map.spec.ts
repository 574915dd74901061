import { describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, type Context } from '../../lib/index.ts';
import { Hand } from '../support/hand.ts';
import { DONE, iterate } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { soak } from '../support/soak.ts';
import { outcomeOf, pause, seenOf, turnsUntilSettled, until } from '../support/turns.ts';

/** An outer stream and two inner ones, driven by hand, and what a consumer that is always ready has seen of them. */
function course() {
  const outer = new Hand<'a' | 'b'>();
  const inner = { a: new Hand<string>(), b: new Hand<string>() };
  const seen: unknown[] = [];
  const run = outcomeOf(() =>
    AsyncStream.from(outer)
      .switchMap((name) => inner[name])
      .forEach((value) => seen.push(value)),
  );
  return { outer, ...inner, seen, run };
}

describe('switchMap', () => {
  test('gives the elements of the latest inner stream, and closes the one before', async () => {
    const { outer, a, b, seen, run } = course();
    await outer.give('a');
    await a.give('a1', 'a2');
    await outer.give('b');
    expect([seen, a.closed]).toEqual([['a1', 'a2'], 1]);
    await a.give('a3');
    await b.give('b1');
    await outer.end();
    await b.give('b2');
    await b.end();
    expect(await run).toEqual({ value: undefined });
    expect([seen, a.closed, b.closed, outer.closed]).toEqual([['a1', 'a2', 'b1', 'b2'], 1, 0, 0]);
  });

  test('goes on with the next element when an inner stream has ended', async () => {
    const { outer, a, b, seen, run } = course();
    await outer.give('a');
    await a.give('a1');
    await a.end();
    await outer.give('b');
    await b.give('b1');
    await b.end();
    await outer.end();
    expect(await run).toEqual({ value: undefined });
    expect([seen, a.closed, b.closed]).toEqual([['a1', 'b1'], 0, 0]);
  });

  test('reads the outer stream while elements are consumed, and drops what was not consumed of an earlier one', async () => {
    const outer = new Hand<number>();
    const inner = [new Hand<string>(), new Hand<string>(), new Hand<string>()];
    const iterator = iterate(AsyncStream.from(outer).switchMap((index) => inner[index]!));
    const first = iterator.next();
    await outer.give(0);
    await inner[0]!.give('a1', 'a2');
    expect(await first).toEqual({ done: false, value: 'a1' });
    await outer.give(1);
    await inner[1]!.give('b1');
    await outer.give(2);
    expect(inner.map(({ closed }) => closed)).toEqual([1, 1, 0]);
    const second = iterator.next();
    await inner[2]!.give('c1');
    expect(await second).toEqual({ done: false, value: 'c1' });
    await iterator.return();
    expect([...inner.map(({ closed }) => closed), outer.closed]).toEqual([1, 1, 1, 1]);
  });

  test('holds one element of the latest inner stream, and reads no further before it is consumed', async () => {
    const inner = new Probe();
    const iterator = iterate(AsyncStream.of(1).switchMap(() => inner.input as AsyncIterable<number>));
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    await pause(4);
    expect(inner.pulled).toBeLessThanOrEqual(2);
    await iterator.return();
    expect(inner.faults()).toEqual([]);
  });

  test('takes of elements that come one right after the other the last one', async () => {
    const slowly = async (x: number) => {
      await pause(4);
      return [x, -x];
    };
    expect(await AsyncStream.range(0, 5).switchMap(slowly).toArray()).toEqual([4, -4]);
  });

  test('lets the consumer have its turn, also beside an outer stream that never waits and never ends', async () => {
    const stream = AsyncStream.range(0).switchMap((x) => [x]);
    expect(await stream.first()).toBe(0);
    for await (const value of stream) {
      expect(typeof value).toBe('number');
      break;
    }
  });

  test('needs no timer, and nothing else that fake timers stop', async () => {
    jest.useFakeTimers();
    try {
      expect(
        await AsyncStream.of(1, 2, 3)
          .switchMap((x) => [x, x * 10])
          .last(),
      ).toBe(30);
    } finally {
      jest.useRealTimers();
    }
  });

  test('ends with an outer stream that has no elements', async () => {
    expect(
      await AsyncStream.of<number>()
        .switchMap((x) => [x])
        .toArray(),
    ).toEqual([]);
    expect(
      await AsyncStream.of(1, 2)
        .switchMap(() => [])
        .toArray(),
    ).toEqual([]);
  });

  test('gives falsy values', async () => {
    const values = [undefined, null, 0, '', false, NaN];
    expect(
      await AsyncStream.of(1)
        .switchMap(() => values)
        .toArray(),
    ).toStrictEqual(values);
  });

  test('calls with the element, its index, and a context of each inner stream, whose signal aborts when it is left', async () => {
    const outer = new Hand<string>();
    const calls: [string, number, Context][] = [];
    const run = AsyncStream.from(outer)
      .switchMap((...args) => {
        calls.push(args);
        return args[0] === 'ends' ? Promise.resolve([]) : new Promise<string[]>(() => undefined);
      })
      .toArray();
    const aborted = () => calls.map(([, , { signal }]) => signal.aborted);
    for (const name of ['a', 'b', 'ends']) await outer.give(name);
    expect(calls.map(([value, index]) => [value, index])).toEqual([
      ['a', 0],
      ['b', 1],
      ['ends', 2],
    ]);
    expect(aborted()).toEqual([true, true, false]);
    expect((calls[0]![2].signal.reason as Error).name).toBe('AbortError');
    await outer.end();
    expect(await run).toEqual([]);
    expect(aborted()).toEqual([true, true, false]);
  });

  test('aborts the signal of the inner stream with the error that the run fails with', async () => {
    const outer = new Hand<string>();
    const error = new Error('outer');
    let signal!: AbortSignal;
    const run = outcomeOf(() =>
      AsyncStream.from(outer)
        .switchMap((_value, _index, context) => {
          ({ signal } = context);
          return new Promise<string[]>(() => undefined);
        })
        .toArray(),
    );
    await outer.give('a');
    await outer.fail(error);
    expect(await run).toStrictEqual({ error });
    expect(signal.reason).toBe(error);
  });

  test('reads the outer stream no further when an inner one has failed, though nobody has asked for more yet', async () => {
    const outer = new Hand<number>();
    const error = new Error('inner');
    const calls: number[] = [];
    const inner = (x: number) => {
      calls.push(x);
      if (x === 2) throw error;
      return [x];
    };
    const iterator = iterate(AsyncStream.from(outer).switchMap(inner));
    const first = iterator.next();
    await outer.give(1);
    expect(await first).toEqual({ done: false, value: 1 });
    await outer.give(2);
    await outer.give(3);
    await outer.give(4);
    expect(await outcomeOf(() => iterator.next())).toStrictEqual({ error });
    expect([calls, outer.waiting, outer.closed]).toEqual([[1, 2], 1, 1]);
  });

  test('passes on the error of the outer stream at once, and closes the inner one', async () => {
    for (const error of [new Error('outer'), undefined, null, 0]) {
      const { outer, a, seen, run } = course();
      await outer.give('a');
      await a.give('a1');
      await outer.fail(error);
      expect(await run).toStrictEqual({ error });
      expect([seen, a.closed, outer.closed]).toEqual([['a1'], 1, 0]);
    }
  });

  test('fails where the callback answers a string or nothing that is iterable', async () => {
    for (const [answer, got] of [
      ['abc', "'abc': for its characters, use [...text]"],
      [5, '5'],
      [null, 'null'],
    ]) {
      const stream = AsyncStream.of(1).switchMap(() => answer as unknown as number[]);
      await expect(stream.toArray()).rejects.toThrow(
        new TypeError(`switchMap: the result of fn must be an iterable or an iterator, got ${String(got)}`),
      );
    }
  });

  test('drops what the callback still answers for an element that has been superseded, and closes it', async () => {
    const outer = new Hand<number>();
    const late = new Probe({ kind: 'given async iterator' });
    const error = new Error('late');
    const ends: { resolve(value: unknown): void; reject(error: unknown): void }[] = [];
    const run = AsyncStream.from(outer)
      .switchMap((x) => (x < 2 ? new Promise<any>((resolve, reject) => ends.push({ resolve, reject })) : [x]))
      .toArray();
    await outer.give(0);
    await outer.give(1);
    await outer.give(2);
    ends[0]!.resolve(late.input);
    ends[1]!.reject(error);
    await outer.end();
    expect(await run).toEqual([2]);
    await pause(4);
    expect([late.pulled, late.closed, late.faults()]).toEqual([0, 1, []]);
  });

  test('opens the next inner stream when the one before has been closed: that of the latest element', async () => {
    const log: string[] = [];
    const outer = new Hand<string>();
    const iterator = iterate(
      AsyncStream.from(outer).switchMap(
        (name) => new Probe({ name, log, element: () => name, close: () => pause(4) }).stream,
      ),
    );
    const first = iterator.next();
    await outer.give('a');
    await first;
    log.length = 0;
    await outer.give('b', 'c', 'd');
    await pause(4);
    expect(log.slice(0, 3)).toEqual(['a close', 'a closed', 'd next']);
    expect(await iterator.next()).toEqual({ done: false, value: 'd' });
    await iterator.return();
  });

  test('opens no other inner stream when the outer one has failed while one is being closed', async () => {
    let closed!: () => void;
    const close = () => new Promise<void>((resolve) => (closed = resolve));
    const outer = new Hand<number>();
    const asked: number[] = [];
    const iterator = iterate(
      AsyncStream.from(outer).switchMap((x) => {
        asked.push(x);
        return new Probe({ close }).stream;
      }),
    );
    const first = iterator.next();
    await outer.give(1);
    await first;
    await outer.give(2);
    await outer.fail('failed');
    closed();
    await pause(4);
    expect(await outcomeOf(() => iterator.next())).toStrictEqual({ error: 'failed' });
    expect(asked).toEqual([1]);
  });

  test('fails where closing an inner stream fails', async () => {
    const error = new Error('close');
    const outer = new Hand<number>();
    const inner = new Probe({
      close: () => {
        throw error;
      },
    });
    const iterator = iterate(
      AsyncStream.from(outer).switchMap((x) => (x === 1 ? (inner.input as AsyncIterable<number>) : [x])),
    );
    const first = iterator.next();
    await outer.give(1);
    await first;
    await outer.give(2);
    expect(await outcomeOf(() => iterator.next())).toStrictEqual({ error });
    expect([inner.closed, outer.closed]).toEqual([1, 1]);
  });

  test('waits at the end of the run for an inner stream that is being closed', async () => {
    const log: string[] = [];
    const outer = new Hand<number>();
    const inner = new Probe({ log, close: () => pause(4) });
    const iterator = iterate(AsyncStream.from(outer).switchMap(() => inner.input as AsyncIterable<number>));
    const first = iterator.next();
    await outer.give(1);
    await first;
    const giving = outer.give(2);
    await until(() => inner.closed > 0);
    await iterator.return();
    log.push('over');
    await giving;
    expect(log.slice(-2)).toEqual(['closed', 'over']);
    expect([inner.opened, inner.faults()]).toEqual([1, []]);
  });

  test.each(['async iterable', 'sync iterable', 'async generator', 'ReadableStream'] as const)(
    'does not wait for a stuck inner %s: the next one takes its place',
    async (kind) => {
      const outer = new Hand<number>();
      const stuck = new Probe({ kind, stuckAt: 1 });
      const run = seenOf(
        AsyncStream.from(outer).switchMap((x) => (x === 1 ? (stuck.input as AsyncIterable<number>) : [x])),
      );
      await outer.give(1);
      expect(stuck.stuck).toBe(true);
      await outer.give(2);
      expect(stuck.closed).toBe(1);
      stuck.late!.resolve('late');
      await outer.end();
      expect(await run).toEqual({ seen: [2] });
      expect(stuck.faults()).toEqual([]);
    },
  );

  test('can be left at once where both are stuck', async () => {
    const [outer, inner] = [new Probe({ stuckAt: 2 }), new Probe({ stuckAt: 1 })];
    const iterator = outer.stream.switchMap(() => inner.input as AsyncIterable<number>)[Symbol.asyncIterator]();
    const pending = iterator.next();
    await until(() => inner.stuck && outer.stuck);
    expect(await turnsUntilSettled(iterator.return())).toBeLessThan(40);
    expect(await pending).toEqual(DONE);
    inner.late!.reject(new Error('late'));
    outer.late!.reject(new Error('late'));
    await pause(4);
    expect([outer.closed, inner.closed, outer.faults(), inner.faults()]).toEqual([1, 1, [], []]);
  });

  const MANY = soak(100_000, 10_000);

  test(`keeps nothing of ${MANY} inner streams that were left`, async () => {
    let opened = 0;
    let closed = 0;
    const inner = () => ({
      [Symbol.asyncIterator]: () => {
        opened++;
        return {
          next: async () => ({ done: false, value: opened }),
          return: async () => {
            closed++;
            return { done: true as const, value: undefined };
          },
        };
      },
    });
    const iterator = AsyncStream.range(0, MANY).switchMap(inner)[Symbol.asyncIterator]();
    await iterator.next();
    await until(() => opened > 1);
    await pause(4);
    expect(opened - closed).toBeLessThanOrEqual(1);
    await iterator.return();
    expect(opened - closed).toBe(0);
  });
});
