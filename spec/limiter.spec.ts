import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, limiter, type Limiter, type LimiterOptions, retrying } from '../lib/index.ts';
import { pass } from './support/fake-time.ts';
import { refusal } from './support/failures.ts';
import { DONE, never } from './support/iterators.ts';
import { Probe } from './support/probe.ts';
import { soak } from './support/soak.ts';
import { idle, outcomeOf, pause } from './support/turns.ts';

type Release = () => void;

/** Callbacks that last until they are let go, with a count of those that run. */
class Work {
  running = 0;
  most = 0;
  started: unknown[] = [];
  readonly #ends: Release[] = [];

  readonly fn = async (value: unknown): Promise<unknown> => {
    this.started.push(value);
    this.most = Math.max(this.most, ++this.running);
    await new Promise<void>((resolve) => this.#ends.push(resolve));
    this.running--;
    return value;
  };

  async end(): Promise<void> {
    while (this.#ends.length > 0) {
      this.#ends.shift()!();
      await idle();
    }
  }
}

describe('limiter', () => {
  test('answers at once where there is room, and else with a promise', async () => {
    const limit = limiter(2);
    const [first, second] = [limit.acquire(), limit.acquire()] as Release[];
    expect([typeof first, typeof second]).toEqual(['function', 'function']);
    const third = limit.acquire();
    expect(third).toBeInstanceOf(Promise);
    expect([limit.running, limit.waiting]).toEqual([2, 1]);
    first!();
    expect([limit.running, limit.waiting]).toEqual([2, 0]);
    (await third)();
    second!();
    expect([limit.running, limit.waiting]).toEqual([0, 0]);
  });

  test('lets those in first that came first, and nobody before them', async () => {
    const limit = limiter(1);
    const order: string[] = [];
    const release = limit.acquire() as Release;
    const enter = async (name: string) => {
      const leave = await limit.acquire();
      order.push(name);
      await idle();
      leave();
    };
    const all = ['a', 'b', 'c'].map(enter);
    release();
    all.push(enter('d'));
    await Promise.all(all);
    expect(order).toEqual(['a', 'b', 'c', 'd']);
    expect([limit.running, limit.waiting]).toEqual([0, 0]);
  });

  test('counts what is released twice once', () => {
    const limit = limiter(2);
    const [first] = [limit.acquire(), limit.acquire()] as Release[];
    first!();
    first!();
    expect(limit.running).toBe(1);
  });

  test('takes whoever waits out of the queue when the signal aborts, with its reason', async () => {
    for (const reason of [new Error('enough'), undefined, null, 0]) {
      const limit = limiter(1);
      const release = limit.acquire() as Release;
      const controller = new AbortController();
      const waits = outcomeOf(() => limit.acquire(controller.signal));
      const after = limit.acquire();
      controller.abort(reason);
      // Without a reason, the signal makes one.
      expect(await waits).toStrictEqual({ error: controller.signal.reason as unknown });
      expect([limit.running, limit.waiting]).toEqual([1, 1]);
      expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
      release();
      expect(typeof (await after)).toBe('function');
    }
  });

  test('lets nobody in whose signal has aborted before, though there is room', async () => {
    const limit = limiter(1);
    const error = new Error('before');
    expect(await outcomeOf(() => limit.acquire(AbortSignal.abort(error)))).toStrictEqual({ error });
    expect([limit.running, limit.waiting]).toEqual([0, 0]);
  });

  test('leaves no listener on the signal of those that it has let in', async () => {
    const limit = limiter(1);
    const { signal } = new AbortController();
    const release = limit.acquire(signal) as Release;
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    const second = limit.acquire(signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    release();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    (await second)();
  });

  test('lets those in that wait as soon as its concurrency is raised', () => {
    const limit = limiter(1);
    for (let i = 0; i < 5; i++) void limit.acquire();
    expect([limit.running, limit.waiting]).toEqual([1, 4]);
    limit.concurrency = 3;
    expect([limit.concurrency, limit.running, limit.waiting]).toEqual([3, 3, 2]);
    limit.concurrency = Infinity;
    expect([limit.running, limit.waiting]).toEqual([5, 0]);
  });

  test('lets nobody in, when its concurrency is lowered, before fewer run', () => {
    const limit = limiter(3);
    const releases = [limit.acquire(), limit.acquire(), limit.acquire()] as Release[];
    void limit.acquire();
    limit.concurrency = 1;
    expect([limit.running, limit.waiting]).toEqual([3, 1]);
    releases[0]!();
    releases[1]!();
    expect([limit.running, limit.waiting]).toEqual([1, 1]);
    releases[2]!();
    expect([limit.running, limit.waiting]).toEqual([1, 0]);
  });

  const MANY = soak(100_000, 20_000);

  test(`takes ${MANY} that wait one after the other`, async () => {
    const limit = limiter(1);
    let last = limit.acquire() as Release;
    const waiting = Array.from({ length: MANY }, () => limit.acquire());
    for (const next of waiting) {
      last();
      last = await next;
    }
    expect([limit.running, limit.waiting]).toEqual([1, 0]);
  });

  test('refuses what is no limit, when it is made and when it is set, and keeps the one it has', () => {
    const limit = limiter(2);
    const refused: [unknown, string][] = [
      [-1, 'RangeError: limiter: concurrency must be a non-negative integer or Infinity, got -1'],
      [NaN, 'RangeError: limiter: concurrency must be a non-negative integer or Infinity, got NaN'],
      [1.5, 'RangeError: limiter: concurrency must be a non-negative integer or Infinity, got 1.5'],
      ['4', "TypeError: limiter: concurrency must be a non-negative integer or Infinity, got '4'"],
      [undefined, 'TypeError: limiter: concurrency must be a non-negative integer or Infinity, got undefined'],
    ];
    for (const [wrong, error] of refused) {
      expect(refusal(() => limiter(wrong as number))).toBe(error);
      expect(refusal(() => (limit.concurrency = wrong as number))).toBe(error);
    }
    expect(limit.concurrency).toBe(2);
  });

  test('is paused by a concurrency of 0, and resumed by another one', async () => {
    const limit = limiter(0);
    const waits = limit.acquire() as Promise<Release>;
    await idle();
    expect([limit.running, limit.waiting]).toEqual([0, 1]);
    limit.concurrency = 1;
    const release = await waits;
    limit.concurrency = 0;
    release();
    const next = limit.acquire();
    expect(next).toBeInstanceOf(Promise);
    expect([limit.running, limit.waiting]).toEqual([0, 1]);
    limit.concurrency = 2;
    expect([limit.running, limit.waiting]).toEqual([1, 0]);
  });

  test('lets a run end while it is paused', async () => {
    const concurrency = limiter(0);
    const stream = AsyncStream.of(1, 2).map(async (x) => x, { concurrency });
    const iterator = stream[Symbol.asyncIterator]();
    const pending = iterator.next();
    await idle();
    expect(concurrency.waiting).toBe(1);
    await iterator.return();
    expect([await pending, concurrency.waiting]).toEqual([DONE, 0]);
  });
});

describe('a limiter with an interval', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** Acquires at once as often as it says, and notes when each is admitted. */
  function noted(limit: Limiter, count: number, hold = 0) {
    const starts: number[] = [];
    const begin = Date.now();
    const enter = async () => {
      const release = await limit.acquire();
      starts.push(Date.now() - begin);
      setTimeout(release, hold);
    };
    for (let i = 0; i < count; i++) void enter();
    return starts;
  }

  test('admits so many within any interval, however soon they end', async () => {
    const limit = limiter({ limit: 2, interval: 100 });
    const starts = noted(limit, 7);
    await pass(1000);
    expect(starts).toEqual([0, 0, 100, 100, 200, 200, 300]);
    expect([limit.running, limit.waiting, limit.concurrency, jest.getTimerCount()]).toEqual([0, 0, Infinity, 0]);
  });

  test('counts each start in a window that slides', async () => {
    const limit = limiter({ limit: 2, interval: 100 });
    const first = noted(limit, 1);
    await pass(60);
    const then = noted(limit, 4);
    await pass(1000);
    expect([first, then]).toEqual([[0], [0, 40, 100, 140]]);
  });

  test('bounds how many run as well', async () => {
    const limit = limiter({ concurrency: 2, limit: 3, interval: 100 });
    const starts = noted(limit, 7, 40);
    await pass(1000);
    expect(starts).toEqual([0, 0, 40, 100, 100, 140, 200]);
  });

  test('admits in the order of the calls, also one that comes when there is room again', async () => {
    const limit = limiter({ limit: 1, interval: 100 });
    (limit.acquire() as Release)();
    const order: string[] = [];
    const enter = async (name: string) => {
      await limit.acquire();
      order.push(name);
    };
    void enter('first');
    // The interval is over, and the timer has not fired yet.
    jest.setSystemTime(Date.now() + 100);
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 100);
    void enter('second');
    await Promise.resolve();
    jest.mocked(performance.now).mockRestore();
    await pass(300);
    expect(order).toEqual(['first', 'second']);
  });

  test('leaves no timer when all that waited have left, or are paused', async () => {
    const limit = limiter({ limit: 1, interval: 100 });
    void limit.acquire();
    const controller = new AbortController();
    const waits = outcomeOf(() => limit.acquire(controller.signal));
    expect(jest.getTimerCount()).toBe(1);
    controller.abort('left');
    expect([await waits, jest.getTimerCount(), limit.waiting]).toEqual([{ error: 'left' }, 0, 0]);
    limit.concurrency = 0;
    void limit.acquire();
    expect(jest.getTimerCount()).toBe(0);
    limit.concurrency = 2;
    expect(jest.getTimerCount()).toBe(1);
    await pass(100);
    expect([limit.running, limit.waiting, jest.getTimerCount()]).toEqual([2, 0, 0]);
  });

  test('still admits the others when one that waits has left', async () => {
    const limit = limiter({ limit: 1, interval: 100 });
    const controller = new AbortController();
    void limit.acquire();
    const leaving = outcomeOf(() => limit.acquire(controller.signal));
    const others = noted(limit, 2);
    controller.abort('left');
    expect(await leaving).toEqual({ error: 'left' });
    await pass(1000);
    expect(others).toEqual([100, 200]);
  });

  test.each<[LimiterOptions, number]>([
    [{ concurrency: 2 }, 2],
    [{ concurrency: undefined, limit: undefined, interval: undefined }, Infinity],
    [{}, Infinity],
  ])('has no limit without that option: %j', async (options, concurrency) => {
    const limit = limiter(options);
    expect(limit.concurrency).toBe(concurrency);
    const starts = noted(limit, 5, 10);
    await pass(1000);
    expect(starts).toEqual(concurrency === 2 ? [0, 0, 10, 10, 20] : [0, 0, 0, 0, 0]);
  });

  test('sets one timer for all that wait', async () => {
    const limit = limiter({ limit: 1, interval: 100 });
    const setTimer = jest.spyOn(globalThis, 'setTimeout');
    for (let i = 0; i < 100; i++) void limit.acquire();
    expect(setTimer).toHaveBeenCalledTimes(1);
    setTimer.mockRestore();
  });

  test('limits the attempts of callbacks that are retried, and not only their elements', async () => {
    const perSecond = limiter({ limit: 2, interval: 1000 });
    const starts: number[] = [];
    const begin = Date.now();
    const failed = new Set<number>();
    const fetchOnce = async (x: number) => {
      starts.push(Date.now() - begin);
      if (failed.has(x)) return x;
      failed.add(x);
      throw new Error('unavailable');
    };
    const users = AsyncStream.range(0, 3).map(retrying(fetchOnce, { limiter: perSecond }), { concurrency: 8 });
    const all = users.toArray();
    await pass(10_000);
    expect(await all).toEqual([0, 1, 2]);
    expect(starts).toEqual([0, 0, 1000, 1000, 2000, 2000]);
    expect([perSecond.running, perSecond.waiting]).toEqual([0, 0]);
  });

  test('is refused with wrong options', () => {
    const refused = (options: unknown) => refusal(() => limiter(options as LimiterOptions));
    expect(refused({ limit: 1 })).toMatch(
      /^TypeError: limiter: interval must be a number of milliseconds .* got undefined/,
    );
    expect(refused({ interval: 1 })).toBe('TypeError: limiter: limit must be a positive integer, got undefined');
    expect(refused({ limit: 0, interval: 1 })).toBe('RangeError: limiter: limit must be a positive integer, got 0');
    expect(refused({ concurrency: -1 })).toMatch(/^RangeError: limiter: concurrency/);
    expect(refused(null)).toMatch(/^TypeError: limiter: concurrency .* got null/);
  });
});

describe('limiter.from', () => {
  /** Runs functions under a limit of its own, as p-limit does. */
  function limitOf(most: number) {
    const queue: (() => void)[] = [];
    let running = 0;
    const proceed = () => {
      if (running < most) queue.shift()?.();
    };
    const limit = <R>(fn: () => Promise<R>): Promise<R> =>
      new Promise((resolve, reject) => {
        queue.push(() => {
          running++;
          const done = () => {
            running--;
            proceed();
          };
          void fn().then(resolve, reject).then(done);
        });
        proceed();
      });
    return { limit, state: () => [running, queue.length] };
  }

  test('bounds callbacks by the limit that it adapts, together with what else runs under that', async () => {
    const { limit, state } = limitOf(2);
    const work = new Work();
    const run = AsyncStream.range(0, 4)
      .map(work.fn, { concurrency: limiter.from(limit) })
      .toArray();
    const other = limit(() => work.fn('other'));
    await idle();
    expect(work.running).toBe(2);
    const ending = setInterval(() => void work.end());
    expect(await run).toEqual([0, 1, 2, 3]);
    expect(await other).toBe('other');
    clearInterval(ending);
    await idle();
    expect([work.most, state()]).toEqual([2, [0, 0]]);
  });

  test('gives up at once when the signal aborts, and uses no slot when its turn comes', async () => {
    const { limit, state } = limitOf(1);
    const adapted = limiter.from(limit);
    const release = await adapted.acquire();
    const controller = new AbortController();
    const waits = outcomeOf(() => adapted.acquire(controller.signal) as Promise<Release>);
    const after = adapted.acquire();
    controller.abort('left');
    expect(await waits).toEqual({ error: 'left' });
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    release();
    (await after)();
    await idle();
    expect(state()).toEqual([0, 0]);
    expect(await outcomeOf(() => adapted.acquire(AbortSignal.abort('before')))).toEqual({ error: 'before' });
    expect(state()).toEqual([0, 0]);
  });

  test('fails with the error of the limit that it adapts', async () => {
    const error = new Error('full');
    const { signal } = new AbortController();
    for (const limit of [
      () => Promise.reject(error),
      () => {
        throw error;
      },
    ]) {
      expect(await outcomeOf(() => limiter.from(limit).acquire(signal))).toStrictEqual({ error });
      expect(getEventListeners(signal, 'abort')).toEqual([]);
      const mapped = AsyncStream.of(1).map((x) => x, { concurrency: limiter.from(limit) });
      expect(await outcomeOf(() => mapped.toArray())).toStrictEqual({ error });
    }
  });

  test('is refused at the call for what is no function', () => {
    expect(refusal(() => limiter.from(4 as never))).toBe('TypeError: limiter.from: limit must be a function, got 4');
  });
});

describe('a limiter shared by stages', () => {
  test('bounds the callbacks of several stages and streams together', async () => {
    const work = new Work();
    const concurrency = limiter(3);
    const runs = [
      AsyncStream.range(0, 5).map(work.fn, { concurrency }).map(work.fn, { concurrency }).toArray(),
      AsyncStream.range(5, 10).map(work.fn, { concurrency, ordered: false }).toArray(),
      AsyncStream.range(10, 15).forEach(work.fn, { concurrency }),
    ];
    await idle();
    expect(work.running).toBe(3);
    const ending = setInterval(() => void work.end());
    const results = await Promise.all(runs);
    clearInterval(ending);
    expect(results).toEqual([[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], undefined]);
    expect([work.most, work.started.length]).toEqual([3, 20]);
    expect([concurrency.running, concurrency.waiting]).toEqual([0, 0]);
  });

  test('has its slot back when the callback ends, also while the run that was aborted is still being closed', async () => {
    const limit = limiter(1);
    const work = new Work();
    const controller = new AbortController();
    let close!: () => void;
    const closed = new Promise<void>((resolve) => (close = resolve));
    const run = outcomeOf(() =>
      AsyncStream.of(1, 2)
        .map((x) => (x === 1 ? x : work.fn(x)), { concurrency: limit })
        .flatMap(async function* (x) {
          try {
            yield x;
          } finally {
            await closed;
          }
        })
        .withSignal(controller.signal)
        .forEach(() => new Promise(() => undefined)),
    );
    await idle();
    expect([limit.running, work.running]).toEqual([1, 1]);
    const reason = new Error('aborted');
    controller.abort(reason);
    await work.end();
    expect(limit.running).toBe(0);
    close();
    expect(await run).toEqual({ error: reason });
  });

  test('starts more callbacks as soon as its concurrency is raised', async () => {
    const work = new Work();
    const concurrency = limiter(1);
    const run = AsyncStream.range(0, 4).map(work.fn, { concurrency }).toArray();
    await idle();
    expect(work.running).toBe(1);
    concurrency.concurrency = 3;
    await idle();
    expect(work.running).toBe(3);
    await work.end();
    expect(await run).toEqual([0, 1, 2, 3]);
  });

  test('runs one callback at a time for each key, also if each slot has to be waited for', async () => {
    const running = new Set<number>();
    const fn = async (x: number) => {
      expect(running.has(x % 2)).toBe(false);
      running.add(x % 2);
      await idle();
      running.delete(x % 2);
      return x;
    };
    const concurrency = { acquire: async () => () => undefined };
    const stream = AsyncStream.range(0, 6).map(fn, { concurrency, key: (x) => x % 2 });
    expect(await stream.toArray()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  const stages: Record<string, (stream: AsyncStream<number>, concurrency: Limiter, fn: any) => AsyncStream<unknown>> = {
    map: (stream, concurrency, fn) => stream.map(fn, { concurrency }),
    'unordered map': (stream, concurrency, fn) => stream.map(fn, { concurrency, ordered: false }),
    'map by key': (stream, concurrency, fn) => stream.map(fn, { concurrency, key: (x) => x % 2 }),
    flatMap: (stream, concurrency, fn) => stream.flatMap(async (x) => [await fn(x), x], { concurrency }),
    'unordered flatMap': (stream, concurrency, fn) =>
      stream.flatMap(async (x) => [await fn(x), x], { concurrency, ordered: false }),
    'flatMap of generators': (stream, concurrency, fn) =>
      stream.flatMap(
        async function* (x) {
          yield await fn(x);
          for (;;) yield idle().then(() => x);
        },
        { concurrency, ordered: false },
      ),
  };

  for (const [name, put] of Object.entries(stages)) {
    test(`has all permits back when a callback of ${name} has failed`, async () => {
      const concurrency = limiter(3);
      const error = new Error('callback');
      const failing = async (x: number) => {
        await idle();
        if (x === 2) throw error;
        return x;
      };
      const probe = new Probe();
      expect(await outcomeOf(() => put(probe.stream, concurrency, failing).toArray())).toStrictEqual({ error });
      await idle();
      expect([concurrency.running, concurrency.waiting, probe.faults()]).toEqual([0, 0, []]);
    });

    test(`has all permits back when ${name} is left, and lets nobody in any more`, async () => {
      const concurrency = limiter(2);
      let calls = 0;
      const fn = async (x: number) => {
        calls++;
        await idle();
        return x;
      };
      const probe = new Probe();
      for await (const _value of put(probe.stream, concurrency, fn)) break;
      const called = calls;
      await idle();
      await idle();
      expect([concurrency.running, concurrency.waiting, probe.faults()]).toEqual([0, 0, []]);
      expect(calls).toBe(called);
    });

    test(`has all permits back when ${name} has given enough, and the run goes on without it`, async () => {
      const concurrency = limiter(2);
      let calls = 0;
      const fn = async (x: number) => {
        calls++;
        await idle();
        return x;
      };
      let called: number | undefined;
      const probe = new Probe();
      const rest = AsyncStream.from(async function* () {
        called = calls;
        await pause(5);
        yield 'rest';
      });
      expect(await put(probe.stream, concurrency, fn).take(1).concat(rest).toArray()).toEqual([1, 'rest']);
      expect(calls).toBe(called);
      expect([concurrency.running, concurrency.waiting, probe.faults()]).toEqual([0, 0, []]);
    });

    test(`is waited for in vain by ${name}, which can be left all the same`, async () => {
      const concurrency = limiter(1);
      const release = concurrency.acquire() as Release;
      const probe = new Probe();
      const iterator = put(probe.stream, concurrency, (x: number) => x)[Symbol.asyncIterator]();
      const pending = iterator.next();
      await idle();
      expect(concurrency.waiting).toBe(1);
      await iterator.return();
      expect(await pending).toEqual(DONE);
      expect([concurrency.running, concurrency.waiting]).toEqual([1, 0]);
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
      release();
      expect(concurrency.running).toBe(0);
    });
  }

  test('may be one that is made of a function which runs others, as p-limit does', async () => {
    const work = new Work();
    const limit = miniLimit(2);
    const concurrency: Limiter = {
      acquire: () => new Promise((enter) => void limit(() => new Promise<void>((leave) => enter(leave)))),
    };
    const runs = [AsyncStream.range(0, 4), AsyncStream.range(4, 8)].map((stream) =>
      stream.map(work.fn, { concurrency }).toArray(),
    );
    await idle();
    expect(work.running).toBe(2);
    const ending = setInterval(() => void work.end());
    expect(await Promise.all(runs)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ]);
    clearInterval(ending);
    expect([work.most, limit.active]).toEqual([2, 0]);
  });

  test('that fails to answer fails the run', async () => {
    const error = new Error('limiter');
    const failing: Limiter[] = [
      { acquire: () => Promise.reject(error) },
      {
        acquire: () => {
          throw error;
        },
      },
    ];
    for (const concurrency of failing) {
      const probe = new Probe();
      expect(await outcomeOf(() => probe.stream.map((x) => x as number, { concurrency }).toArray())).toStrictEqual({
        error,
      });
      expect(probe.faults()).toEqual([]);
    }
  });
});

/** As p-limit is used: it runs functions, so many at a time. */
function miniLimit(most: number) {
  const waiting: Release[] = [];
  const limit = async (fn: () => Promise<unknown>) => {
    if (limit.active >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    limit.active++;
    await fn();
    limit.active--;
    waiting.shift()?.();
  };
  limit.active = 0;
  return limit;
}

describe('a callback that never settles', () => {
  type Stream = AsyncStream<unknown>;

  const stages: Record<string, (limit: Limiter) => Stream> = {
    map: (limit) => AsyncStream.range(0).map(never, { concurrency: limit }),
    'map, unordered': (limit) => AsyncStream.range(0).map(never, { concurrency: limit, ordered: false }),
    'map with a key': (limit) => AsyncStream.range(0).map(never, { concurrency: limit, key: (x) => x % 2 }),
    mapSettled: (limit) => AsyncStream.range(0).mapSettled(never, { concurrency: limit }),
    flatMap: (limit) => AsyncStream.range(0).flatMap(never, { concurrency: limit }),
    'an inner stream of flatMap': (limit) =>
      AsyncStream.range(0).flatMap(() => AsyncStream.from(never), { concurrency: limit }),
    'flatMap, unordered': (limit) => AsyncStream.range(0).flatMap(never, { concurrency: limit, ordered: false }),
  };

  const endings: Record<string, (stream: Stream) => Promise<unknown>> = {
    abort: async (stream) => {
      const controller = new AbortController();
      const run = outcomeOf(() => stream.toArray({ signal: controller.signal }));
      await idle();
      controller.abort(new Error('enough'));
      return run;
    },
    'return()': async (stream) => {
      const iterator = stream[Symbol.asyncIterator]();
      void iterator.next();
      await idle();
      return iterator.return();
    },
    race: (stream) => stream.race(AsyncStream.from(async () => (await idle(), [1]))).toArray(),
    'a stage downstream that has all it needs': (stream) =>
      stream.merge(AsyncStream.from(async () => (await idle(), [1]))).first(),
    'an error downstream': (stream) =>
      outcomeOf(() =>
        stream
          .merge(AsyncStream.from(async () => (await idle(), [1])))
          .map(() => {
            throw new Error('downstream');
          })
          .toArray(),
      ),
  };

  const cases = Object.keys(stages).flatMap((stage) => Object.keys(endings).map((end) => [stage, end] as const));
  test.each(cases)('gives its slot back with its run: %s, ended by %s', async (stage, end) => {
    const limit = limiter(2);
    await endings[end]!(stages[stage]!(limit));
    expect([limit.running, limit.waiting]).toEqual([0, 0]);
    expect(
      await AsyncStream.range(0, 5)
        .map(async (x) => x, { concurrency: limit })
        .count(),
    ).toBe(5);
  });

  test('gives it back only once', async () => {
    const work = new Work();
    const limit = limiter(1);
    const iterator = AsyncStream.range(0).map(work.fn, { concurrency: limit })[Symbol.asyncIterator]();
    void iterator.next();
    await idle();
    await iterator.return();
    const release = limit.acquire() as Release;
    await work.end();
    expect(limit.running).toBe(1);
    release();
    expect(limit.running).toBe(0);
  });

  test('gives it back after the source is closed, so that callbacks that observe the signal end before', async () => {
    const limit = limiter(1);
    const log: string[] = [];
    const source = AsyncStream.range(0).finally(async () => {
      await idle();
      log.push(`closed, ${limit.running} running`);
    });
    const controller = new AbortController();
    const run = outcomeOf(() => source.map(never, { concurrency: limit }).toArray({ signal: controller.signal }));
    await idle();
    controller.abort();
    await run;
    expect([log, limit.running]).toEqual([['closed, 1 running'], 0]);
  });

  test('has a limiter that fails to take a slot back fail the run, unless that has failed before', async () => {
    const broken: Limiter = {
      acquire: () => () => {
        throw new Error('no slot');
      },
    };
    const iterator = AsyncStream.range(0).map(never, { concurrency: broken })[Symbol.asyncIterator]();
    void iterator.next();
    await idle();
    await expect(iterator.return()).rejects.toThrow('no slot');
  });
});
