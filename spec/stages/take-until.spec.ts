import { getEventListeners } from 'node:events';
import { setImmediate as realTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, type Stop } from '../../lib/index.ts';
import { DrawnSource, expectDrawing, FAILURE } from '../support/drawing.ts';
import { EARLY } from '../support/endings.ts';
import { collectGarbage } from '../support/garbage.ts';
import { DONE } from '../support/iterators.ts';
import { Probe } from '../support/probe.ts';
import { microtasks, outcomeOf, PROMPT, turnsUntilSettled } from '../support/turns.ts';

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate'] }));
afterEach(() => void jest.useRealTimers());

const never = new Promise<never>(() => undefined);

interface Stopping {
  readonly stop: Stop;
  now(): void;
}

/** Each way of stopping, by hand. */
const ways: Record<string, () => Stopping> = {
  'a signal that aborts': () => {
    const controller = new AbortController();
    return { stop: controller.signal, now: () => controller.abort() };
  },
  'a promise that is fulfilled': () => {
    let now!: () => void;
    const stop = new Promise<void>((resolve) => (now = resolve));
    return { stop, now };
  },
  'an iterable that gives an element': () => {
    const probe = new Probe({ stuckAt: 1 });
    return { stop: probe.input, now: () => probe.late!.resolve(undefined) };
  },
};

describe('takeUntil', () => {
  test('gives the elements before the first one of an iterable, and ends at once', async () => {
    const until = ({ source, stop }: Record<'source' | 'stop', AsyncStream<string>>) => source.takeUntil(stop);
    await expectDrawing({ source: 'a-b-c-d|', stop: '---x' }, until, 'a-b|');
    await expectDrawing({ source: 'a-------', stop: '---x' }, until, 'a--|');
    await expectDrawing({ source: 'a-b|', stop: '-----x' }, until, 'a-b|');
    await expectDrawing({ source: 'a-b^', stop: '-----x' }, until, 'a-b^');
  });

  test('is not stopped by an iterable that ends without an element', async () => {
    const until = ({ source, stop }: Record<'source' | 'stop', AsyncStream<string>>) => source.takeUntil(stop);
    await expectDrawing({ source: 'a-b-c|', stop: '-|' }, until, 'a-b-c|');
    await expectDrawing({ source: 'a-b-c|', stop: '|' }, until, 'a-b-c|');
  });

  test('fails at once where the iterable fails', async () => {
    await expectDrawing({ source: 'a-------b|', stop: '---^' }, ({ source, stop }) => source.takeUntil(stop), 'a--^');
  });

  test('fails at once where the promise rejects, also with undefined', async () => {
    for (const error of [FAILURE, undefined]) {
      const probe = new Probe({ stuckAt: 2 });
      const rejecting = new Promise((_, reject) => setTimeout(() => reject(error), 20));
      const outcome = outcomeOf(() => probe.stream.takeUntil(rejecting).toArray());
      await jest.advanceTimersByTimeAsync(20);
      expect(await outcome).toStrictEqual({ error });
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    }
  });

  test('fails where the promise has rejected before the run', async () => {
    const stream = AsyncStream.from(new Probe({ stuckAt: 2 }).input).takeUntil(Promise.reject(FAILURE));
    await jest.advanceTimersByTimeAsync(20);
    expect(await outcomeOf(() => stream.toArray())).toStrictEqual({ error: FAILURE });
  });

  test('does not interrupt what the consumer does with an element', async () => {
    await expectDrawing(
      { source: 'abc|', stop: '--x' },
      ({ source, stop }) => source.takeUntil(stop).flatMap((x) => new DrawnSource(`${x}---${x}|`)),
      'a---a|',
    );
  });

  describe.each(Object.keys(ways))('with %s', (way) => {
    test('gives the result of what has come', async () => {
      const { stop, now } = ways[way]!();
      const probe = new Probe({ stuckAt: 4 });
      const result = probe.stream.takeUntil(stop).chunks(2).toArray();
      for (let turns = 0; turns < 5; turns++) await realTurn();
      now();
      expect(await result).toEqual([[1, 2], [3]]);
    });

    test.each(['async iterable', 'sync iterable', 'async generator', 'ReadableStream', 'stream'] as const)(
      'ends at once where the source is a stuck %s, whose late value and late error vanish',
      async (kind) => {
        for (const settle of ['resolve', 'reject'] as const) {
          const { stop, now } = ways[way]!();
          const probe = new Probe({ kind, stuckAt: 2 });
          const seen: unknown[] = [];
          const run = probe.stream.takeUntil(stop).forEach((x) => void seen.push(x));
          for (let turns = 0; turns < 5; turns++) await realTurn();
          now();
          expect(await turnsUntilSettled(run)).toBeLessThan(PROMPT);
          probe.late![settle](2);
          await realTurn();
          expect([await run, seen, probe.closed, probe.faults()]).toEqual([undefined, [1], 1, []]);
        }
      },
    );

    test('closes the source at once also while the consumer takes its time, and waits for that', async () => {
      const { stop, now } = ways[way]!();
      const log: string[] = [];
      const probe = new Probe({ log, close: () => realTurn() });
      const iterator = probe.stream.takeUntil(stop)[Symbol.asyncIterator]();
      expect(await iterator.next()).toEqual({ done: false, value: 1 });
      now();
      await microtasks(5);
      log.push('next()');
      expect(await iterator.next()).toEqual(DONE);
      log.push('over');
      expect(log).toEqual(['next', 'close', 'next()', 'closed', 'over']);
    });

    test('fails with what closing the source fails with', async () => {
      for (const error of [new Error('close'), undefined]) {
        const { stop, now } = ways[way]!();
        const probe = new Probe({
          close: () => {
            throw error;
          },
        });
        const iterator = probe.stream.takeUntil(stop)[Symbol.asyncIterator]();
        await iterator.next();
        now();
        await realTurn();
        expect(await outcomeOf(() => iterator.next())).toStrictEqual({ error });
      }
    });

    test('goes on with what comes after it', async () => {
      const { stop, now } = ways[way]!();
      const probe = new Probe({ stuckAt: 2 });
      const result = probe.stream.takeUntil(stop).concat(['x']).toArray();
      for (let turns = 0; turns < 5; turns++) await realTurn();
      now();
      expect(await result).toEqual([1, 'x']);
    });

    test('lets return() through while nothing comes', async () => {
      const { stop, now } = ways[way]!();
      const probe = new Probe({ stuckAt: 1 });
      const iterator = probe.stream.takeUntil(stop)[Symbol.asyncIterator]();
      const pending = iterator.next();
      await realTurn();
      expect(await turnsUntilSettled(iterator.return!())).toBeLessThan(PROMPT);
      now();
      await realTurn();
      expect([await pending, probe.closed, probe.faults()]).toEqual([DONE, 1, []]);
    });
  });

  test('opens nothing where the signal has aborted before, and closes what was given', async () => {
    const probe = new Probe({ length: 3 });
    expect(await probe.stream.takeUntil(AbortSignal.abort()).toArray()).toEqual([]);
    expect(probe.log).toEqual([]);
    const given = new Probe({ kind: 'given async iterator', length: 3 });
    expect(await given.stream.takeUntil(AbortSignal.abort()).toArray()).toEqual([]);
    expect(given.log).toEqual(['close', 'closed']);
  });

  test.each(['sync iterable', 'async iterable', 'async generator', 'ReadableStream', 'stream'] as const)(
    'opens nothing if the iterable has an element or an error at once: %s',
    async (kind) => {
      for (const [options, outcome] of [
        [{}, { value: [] }],
        [{ failAt: 1, error: FAILURE }, { error: FAILURE }],
      ] as const) {
        const probe = new Probe({ kind: 'sync iterable', length: 3 });
        const stop = new Probe({ kind, ...options });
        expect(await outcomeOf(() => probe.stream.takeUntil(stop.input).toArray())).toStrictEqual(outcome);
        expect([probe.log, stop.faults()]).toEqual([[], []]);
      }
    },
  );

  test('takes neither the signal nor the iterable before it runs', async () => {
    const controller = new AbortController();
    const stop = new Probe({ kind: 'given async iterator' });
    void new Probe().stream.takeUntil(controller.signal);
    const iterator = new Probe().stream.takeUntil(stop.stream)[Symbol.asyncIterator]();
    expect([getEventListeners(controller.signal, 'abort').length, stop.log]).toEqual([0, []]);
    await iterator.return!();
    expect(stop.log).toEqual(['close', 'closed']);
  });

  test('closes the iterable when the source ends first, also where it is stuck', async () => {
    for (const stuckAt of [1, undefined]) {
      const stop = new Probe(stuckAt === undefined ? { kind: 'sync iterable', element: () => never } : { stuckAt });
      expect(await AsyncStream.of(1, 2).takeUntil(stop.input).toArray()).toEqual([1, 2]);
      expect([stop.pulled, stop.closed]).toEqual([1, 1]);
    }
  });

  test('leaves no listener on the signal, whatever ends it', async () => {
    const { signal } = new AbortController();
    for (const end of EARLY) {
      const probe = new Probe();
      await end(probe.stream.takeUntil(signal));
      expect([getEventListeners(signal, 'abort').length, probe.closed, probe.faults()]).toEqual([0, 1, []]);
    }
    expect(await new Probe({ length: 2 }).stream.takeUntil(signal).toArray()).toEqual([1, 2]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('asks a promise once for a whole run, and any thenable will do', async () => {
    let asked = 0;
    const stop: PromiseLike<void> = {
      then: () => {
        asked++;
        return never;
      },
    };
    expect(await AsyncStream.range(0, 1000).takeUntil(stop).count()).toBe(1000);
    expect(asked).toBe(1);
  });

  test('pays no attention to a promise that rejects when the run is over', async () => {
    let reject!: (error: unknown) => void;
    const stop = new Promise<never>((_, fail) => (reject = fail));
    expect(await AsyncStream.of(1, 2).takeUntil(stop).toArray()).toEqual([1, 2]);
    reject(FAILURE);
    // A rejection that nothing handles would fail this test.
    await realTurn();
  });

  test('keeps nothing of its runs on a promise that never settles', async () => {
    const values: WeakRef<object>[] = [];
    await AsyncStream.range(0, 10)
      .map(() => {
        const value = { big: new Array(1000) };
        values.push(new WeakRef(value));
        return value;
      })
      .takeUntil(never)
      .toArray();
    await realTurn();
    collectGarbage();
    expect(values.filter((value) => value.deref() !== undefined)).toEqual([]);
  });

  test('waits for the source that it has stopped, also where the run is aborted meanwhile', async () => {
    const [stop, abort] = [new AbortController(), new AbortController()];
    const log: string[] = [];
    let closed!: () => void;
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 1 }),
        return() {
          log.push('closing');
          return new Promise<typeof DONE>((resolve) => (closed = () => resolve(DONE)));
        },
      }),
    };
    const result = AsyncStream.from(source).takeUntil(stop.signal).drain({ signal: abort.signal });
    const settled = outcomeOf(() => result).then((outcome) => {
      log.push('settled');
      return outcome;
    });
    await microtasks(5);
    stop.abort();
    await microtasks(5);
    abort.abort('aborted');
    await microtasks(PROMPT);
    expect(log).toEqual(['closing']);
    closed();
    expect(await settled).toEqual({ error: 'aborted' });
    expect(log).toEqual(['closing', 'settled']);
  });

  test('is stopped by a signal that a callback aborts', async () => {
    const controller = new AbortController();
    const probe = new Probe();
    const stream = probe.stream.takeUntil(controller.signal).tap((x) => {
      if (x === 3) controller.abort();
    });
    expect(await stream.toArray()).toEqual([1, 2, 3]);
    expect([probe.pulled, probe.closed, probe.faults()]).toEqual([3, 1, []]);
  });

  test.each([
    ['fulfilled', () => Promise.resolve('stop'), { value: [] }],
    ['rejected', () => Promise.reject(new Error('stop')), { error: new Error('stop') }],
    ['a thenable', () => ({ then: (use: (value: string) => void) => use('stop') }), { value: [] }],
  ] as const)('does not open the source if the promise is settled already: %s', async (_, made, outcome) => {
    const probe = new Probe({ length: 1 });
    expect(await outcomeOf(() => probe.stream.takeUntil(made() as Promise<string>).toArray())).toEqual(outcome);
    expect(probe.log).toEqual([]);
  });
});
