// Costs that grow as they should, and nothing kept that is no longer needed. Operations are counted, and never timed.
import { getEventListeners } from 'node:events';
import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { AsyncStream, limiter } from '../lib/index.ts';
import { collectGarbage } from './support/garbage.ts';
import { DONE, never } from './support/iterators.ts';
import { Probe } from './support/probe.ts';
import { idle, until } from './support/turns.ts';

type Stream = AsyncStream<any>;

describe('a signal', () => {
  test('has one listener for any number of runs, and none after them', async () => {
    const { signal } = new AbortController();
    const iterators = Array.from({ length: 50 }, () => AsyncStream.range(0).withSignal(signal)[Symbol.asyncIterator]());
    await Promise.all(iterators.map((iterator) => iterator.next()));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(iterators.map((iterator) => iterator.return!()));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('has one listener for any number of callers that wait for a limiter', async () => {
    const controller = new AbortController();
    const one = limiter(1);
    const release = await one.acquire();
    const waiting = Array.from({ length: 20_000 }, async () => one.acquire(controller.signal));
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    expect(one.waiting).toBe(20_000);
    controller.abort(new Error('enough'));
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(one.waiting).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    release();
  });

  test('ends every run that listens to it, also if one of them ends another', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const first = AsyncStream.range(0).withSignal(signal)[Symbol.asyncIterator]();
    const ending = AsyncStream.range(0)
      .withSignal(signal)
      .finally(() => first.return!());
    const second = ending[Symbol.asyncIterator]();
    await Promise.all([first.next(), second.next()]);
    controller.abort(new Error('enough'));
    await expect(second.next()).rejects.toThrow('enough');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

describe('cleanups after an abort', () => {
  const storage = new AsyncLocalStorage<string>();
  const see = (log: unknown[]) => () => void log.push(storage.getStore());

  const cleanups: Record<string, (log: unknown[]) => Stream> = {
    finally: (log) => AsyncStream.from(() => never()).finally(see(log)),
    'tap({ close })': (log) => AsyncStream.from(() => never()).tap({ close: see(log) }),
    'the close of using': (log) =>
      AsyncStream.using(
        () => 'resource',
        () => never(),
        see(log),
      ),
    'the cleanup of create': (log) => AsyncStream.create(() => see(log)),
    'return() of an iterator': (log) =>
      AsyncStream.from({
        [Symbol.asyncIterator]: () => ({ next: never, return: async () => (see(log)(), { done: true }) }),
      } as never),
  };

  const downstream: Record<string, (stream: Stream) => Stream> = {
    itself: (stream) => stream,
    buffer: (stream) => stream.buffer(2),
    merge: (stream) => stream.merge(AsyncStream.from(() => never())),
    map: (stream) => stream.map(async (x) => x, { concurrency: 2 }),
    catch: (stream) => stream.catch(() => []),
    flatMap: (stream) => AsyncStream.of(1).flatMap(() => stream),
    tee: (stream) => stream.tee(1)[0],
    share: (stream) => stream.share(),
    timeout: (stream) => stream.timeout(60_000),
  };

  const cases = Object.keys(cleanups).flatMap((cleanup) =>
    Object.keys(downstream).map((stage) => [cleanup, stage] as const),
  );
  test.each(cases)(
    'see the context of the consumer and not of the caller who aborts: %s under %s',
    async (cleanup, stage) => {
      for (const end of ['withSignal', 'signal', 'takeUntil']) {
        const log: unknown[] = [];
        const controller = new AbortController();
        const { signal } = controller;
        const run = storage.run('consumer', async () => {
          const stream = downstream[stage]!(cleanups[cleanup]!(log));
          if (end === 'signal') return stream.toArray({ signal });
          return end === 'withSignal' ? stream.withSignal(signal).toArray() : stream.takeUntil(signal).toArray();
        });
        await idle();
        storage.run('aborter', () => controller.abort(new Error('enough')));
        if (end === 'takeUntil') await run;
        else await expect(run).rejects.toThrow('enough');
        expect(log).toEqual(['consumer']);
      }
    },
  );
});

describe('what grows with the number of inputs', () => {
  /** How often the sources are asked anything when `count` of them are concatenated: by a getter on each. */
  test('is linear for concat: each input is looked at a fixed number of times', async () => {
    const looks = async (count: number): Promise<number> => {
      let looked = 0;
      const input = () =>
        new Proxy([1], {
          get(target, key) {
            looked++;
            return Reflect.get(target, key) as unknown;
          },
        });
      expect(await AsyncStream.concat(...Array.from({ length: count }, input)).count()).toBe(count);
      return looked / count;
    };
    expect(await looks(2000)).toBe(await looks(20));
  });

  test('lets 40 000 inputs be concatenated', async () => {
    const inputs = Array.from({ length: 40_000 }, (_, index) => [index]);
    expect(await AsyncStream.concat(...inputs).count()).toBe(40_000);
  });

  test('closes the inputs of concat that were not reached, each once', async () => {
    let closed = 0;
    const inputs = Array.from({ length: 100 }, () => {
      const iterator = [1].values();
      return { next: () => iterator.next(), return: () => (closed++, DONE) };
    });
    expect(
      await AsyncStream.concat(...(inputs as Iterator<number>[]))
        .take(3)
        .count(),
    ).toBe(3);
    expect(closed).toBe(98);
  });
});

test('of iterators that are dropped without return(), a stream keeps the latest at most', async () => {
  const stream = AsyncStream.range(0);
  const drop = async () => {
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    return new WeakRef(iterator);
  };
  const dropped = await Promise.all(Array.from({ length: 20 }, drop));
  await idle();
  collectGarbage();
  expect(dropped.filter((ref) => ref.deref() !== undefined).length).toBeLessThanOrEqual(1);
  await stream[Symbol.asyncDispose]();
});

describe('the heap does not grow with', () => {
  const heap = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  /** By how many bytes the heap grows from one step to a later one. */
  async function growth(steps: number, run: (step: () => void) => Promise<unknown>): Promise<number> {
    let done = 0;
    let before = 0;
    let after = 0;
    await run(() => {
      done++;
      if (done === steps / 2) before = heap();
      if (done === steps) after = heap();
    });
    expect(done).toBeGreaterThanOrEqual(steps);
    return after - before;
  }
  const numbers = (step: () => void) => AsyncStream.range(0, 60_000).tap(step);

  test.each<[string, number, (step: () => void) => Promise<unknown>]>([
    [
      'the elements of groupByKey, with idle',
      60_000,
      (step) =>
        numbers(step)
          .groupByKey((x) => x % 4, { idle: 100_000 })
          .forEach(([, group]) => group.drain(), { concurrency: Infinity }),
    ],
    [
      'the elements of groupByKey, with maxKeys',
      60_000,
      (step) =>
        numbers(step)
          .groupByKey((x) => x % 4, { maxKeys: 9 })
          .forEach(([, group]) => group.drain(), { concurrency: Infinity }),
    ],
    [
      'the callers that wait for a limiter in vain',
      60_000,
      async (step) => {
        const none = limiter(0);
        void none.acquire();
        let abort!: () => void;
        const reason = 'enough';
        const signal = {
          ...{ aborted: false, reason, removeEventListener: () => undefined },
          addEventListener: (_: string, listener: () => void) => (abort = listener),
        } as unknown as AbortSignal;
        for (let call = 0; call < 60_000; call++) {
          const called = (none.acquire(signal) as Promise<never>).catch((error: unknown) => error);
          abort();
          if ((await called) !== reason) throw new Error('not refused');
          step();
        }
        expect(none.waiting).toBe(1);
      },
    ],
    ...['takeUntil', 'progress'].map((method): [string, number, (step: () => void) => Promise<unknown>] => [
      `the runs that wait for one promise in ${method}`,
      16_000,
      async (step) => {
        const never = new Promise<never>(() => undefined);
        const put: Stream = AsyncStream.of(1);
        for (let run = 0; run < 16_000; run++) {
          const stream =
            method === 'takeUntil' ? put.takeUntil(never) : put.progress(() => undefined, { total: never });
          await stream.drain();
          if (run % 50 === 0) await idle();
          step();
        }
      },
    ]),
  ])('%s', async (_, steps, run) => {
    expect(await growth(steps, run)).toBeLessThan(500_000);
  });
});

test.each<[string, (stream: AsyncStream<number>, compare: any) => Promise<unknown>]>([
  ['toSorted', (stream, compare) => stream.toSorted(compare).toArray()],
  ['min', (stream, compare) => stream.min(compare)],
  ['max', (stream, compare) => stream.max(compare)],
  ['top', (stream, compare) => stream.top(2, compare)],
  ['mergeSorted', (stream, compare) => AsyncStream.mergeSorted([stream, [1, 4]], compare).toArray()],
])('a compare whose result is no number is refused by %s', async (method, run) => {
  for (const [result, shown] of [
    [Promise.resolve(1), '[object Promise]'],
    [true, 'true'],
    [undefined, 'undefined'],
  ] as const) {
    const sorting = run(AsyncStream.of(3, 1, 2), (_a: number, _b: number) => result);
    await expect(sorting).rejects.toThrow(`${method}: the result of compare must be a number, got ${shown}`);
  }
});

test.each<[string, (stream: Stream) => Stream]>([
  ['buffer', (stream) => stream.buffer(2)],
  ['merge', (stream) => stream.merge([1])],
  ['zip', (stream) => stream.zip([1])],
  ['race', (stream) => stream.race([])],
  ['switchMap', (stream) => stream.switchMap((x) => [x])],
  ['catch', (stream) => stream.catch(() => [])],
  ['retry', (stream) => stream.retry()],
  ['tap with an observer', (stream) => stream.tap({ close: () => undefined })],
])('3 000 stages of %s are refused by a rejection, and 900 run', async (_, put) => {
  const chain = (count: number) => Array.from({ length: count }).reduce<Stream>(put, AsyncStream.of(1));
  await expect(chain(3000).count()).rejects.toThrow('too many stages with runs of their own follow each other');
  expect(await chain(900).count()).toBeGreaterThan(0);
  const stuck = new Probe({ stuckAt: 1 });
  const controller = new AbortController();
  const silent = Array.from({ length: 900 }).reduce<Stream>(put, stuck.stream);
  const run = silent.withSignal(controller.signal).drain();
  await until(() => stuck.pulled === 1);
  controller.abort(new Error('aborted'));
  await expect(run).rejects.toThrow('aborted');
  expect([stuck.closed, stuck.faults()]).toEqual([1, []]);
});

test.each<[string, number, (stream: Stream) => Stream]>([
  [
    'a generator in pipe',
    2000,
    (stream) =>
      stream.pipe(async function* (upstream) {
        for await (const x of upstream) yield x;
      }),
  ],
  [
    'a generator in pipe that delegates',
    2000,
    (stream) =>
      stream.pipe(async function* (upstream) {
        yield* upstream;
      }),
  ],
  ['an iterator', 2000, (stream) => AsyncStream.from({ [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator]() })],
  ['groupByKey().flatMap()', 900, (stream) => stream.groupByKey((x) => x % 2).flatMap(([, group]) => group)],
  ['catch', 2000, (stream) => stream.catch(() => [])],
  ['retry', 2000, (stream) => stream.retry()],
  ['tee', 2000, (stream) => stream.tee(1)[0]],
])('of %s, %i stages run, and close their source when they are left', async (_, count, put) => {
  const chain = (probe: Probe) => Array.from({ length: count }).reduce<Stream>(put, probe.stream);
  expect(await chain(new Probe({ length: 3 })).count()).toBe(3);
  const left = new Probe();
  for await (const _element of chain(left)) break;
  expect([left.closed, left.faults()]).toEqual([1, []]);
  const failing = new Probe({ failAt: 1, error: new Error('source') });
  if (_ !== 'catch' && _ !== 'retry') await expect(chain(failing).count()).rejects.toThrow('source');
  const aborted = new Probe({ stuckAt: 2 });
  const controller = new AbortController();
  const ended = chain(aborted).withSignal(controller.signal).count();
  await until(() => aborted.pulled === 2);
  controller.abort(new Error('aborted'));
  await expect(ended).rejects.toThrow('aborted');
  // An iterator that is stuck is not waited for.
  await until(() => aborted.closed === 1);
  expect(aborted.faults()).toEqual([]);
});

test('a catch that returns its own stream again and again is refused at some point', async () => {
  const stream: Stream = AsyncStream.from(function* () {
    throw new Error('source');
  }).catch(() => stream);
  await expect(stream.count()).rejects.toThrow('too many stages with runs of their own follow each other');
});

describe('a promise that never settles keeps nothing of a run that it was abandoned by', () => {
  const naturals = () => AsyncStream.range(0);
  const waiting: Record<string, (never: Promise<any>) => Stream> = {
    map: (never) => naturals().map(() => never),
    'map, concurrent': (never) => naturals().map(() => never, { concurrency: 2 }),
    'map, unordered': (never) => naturals().map(() => never, { concurrency: 2, ordered: false }),
    'map under a limiter': (never) => naturals().map(() => never, { concurrency: limiter(2) }),
    'map that waits for a limiter': (never) => naturals().map((x) => x, { concurrency: { acquire: () => never } }),
    'map before buffer': (never) =>
      naturals()
        .map(() => never)
        .buffer(2),
    mapSettled: (never) => naturals().mapSettled(() => never),
    filter: (never) => naturals().filter(() => never),
    tap: (never) => naturals().tap(() => never),
    'tap({ start })': (never) => naturals().tap({ start: () => never }),
    'tap({ complete })': (never) => AsyncStream.of().tap({ complete: () => never }),
    'tap({ error })': (never) => AsyncStream.from(fail).tap({ error: () => never }),
    scan: (never) =>
      naturals()
        .scan(() => never, 0)
        .drop(1),
    distinct: (never) => naturals().distinct(() => never),
    flatMap: (never) => naturals().flatMap(() => never),
    'flatMap, concurrent': (never) => naturals().flatMap(() => never, { concurrency: 2 }),
    'flatMap that waits for a limiter': (never) =>
      naturals().flatMap((x) => [x], { concurrency: { acquire: () => never } }),
    switchMap: (never) => AsyncStream.of(1).switchMap(() => never),
    expand: (never) =>
      AsyncStream.of(1)
        .expand(() => never)
        .drop(1),
    'expand in depth': (never) =>
      AsyncStream.of(1)
        .expand(() => never, { order: 'depth' })
        .drop(1),
    groupByKey: (never) =>
      naturals()
        .groupByKey(() => 1)
        .flatMap(() => never),
    catch: (never) => AsyncStream.from(fail).catch(() => never),
    'retry({ when })': (never) => AsyncStream.from(fail).retry({ when: () => never }),
    'retry({ delay })': (never) => AsyncStream.from(fail).retry({ delay: () => never }),
    'retry({ resume })': (never) => AsyncStream.from(fail).retry({ resume: () => never }),
    pipe: (never) => naturals().pipe(() => never),
    'a generator stage': (never) =>
      naturals().pipe(async function* (upstream) {
        for await (const element of upstream) {
          await never;
          yield element;
        }
      }),
    race: (never) => AsyncStream.from(() => never).race(AsyncStream.from(() => never)),
    zip: (never) => AsyncStream.from(() => never).zip([1]),
    merge: (never) => AsyncStream.of().merge(AsyncStream.from(() => never)),
    share: (never) => AsyncStream.from(() => never).share(),
    tee: (never) => AsyncStream.from(() => never).tee(1)[0],
    takeUntil: (never) => AsyncStream.from(() => never).takeUntil(never),
    timeout: (never) => AsyncStream.from(() => never).timeout(60_000),
    chunks: (never) => AsyncStream.from(() => never).chunks(2, { within: 60_000 }),
    from: (never) => AsyncStream.from(() => never),
    'an element': (never) => AsyncStream.of(never),
    'next()': (never) => AsyncStream.from({ [Symbol.asyncIterator]: () => ({ next: () => never }) }),
    'a generator': (never) =>
      AsyncStream.from(async function* () {
        yield await never;
      }),
    using: (never) =>
      AsyncStream.using(
        () => never,
        () => [],
        () => undefined,
      ),
    create: (never) => AsyncStream.create(() => never),
    'create, with a producer that has pushed': (never) =>
      AsyncStream.create<number>(async (push) => {
        await push(1);
        await never;
        push.end();
      }).drop(1),
    unfold: (never) => AsyncStream.unfold(0, () => never),
    paginate: (never) => AsyncStream.paginate(() => never),
    poll: (never) => AsyncStream.poll(() => never, { every: 1 }),
    asCompleted: (never) => AsyncStream.asCompleted([never]),
  };

  function fail(): never {
    throw new Error('upstream');
  }

  const endings: Record<string, (stream: Stream) => Promise<unknown>> = {
    abort: async (stream) => {
      const controller = new AbortController();
      const run = stream.toArray({ signal: controller.signal }).catch(() => undefined);
      await idle();
      await idle();
      controller.abort();
      await run;
    },
    'return()': async (stream) => {
      const iterator = stream[Symbol.asyncIterator]();
      iterator.next().catch(() => undefined);
      await idle();
      await idle();
      await iterator.return();
    },
    race: (stream) => stream.race(AsyncStream.from(async () => (await idle(), await idle(), [1]))).toArray(),
  };

  const cases = Object.keys(waiting).flatMap((stage) => Object.keys(endings).map((end) => [stage, end] as const));
  const nevers = new Map<string, Promise<never>>();
  const kept = new Map<string, WeakRef<() => boolean>[]>();
  const alive = (name: string) => kept.get(name)!.filter((ref) => ref.deref() !== undefined);

  async function abandon(stage: string, end: string, never: Promise<never>): Promise<WeakRef<() => boolean>> {
    // A callback that only this run, and the stream of it, can reach.
    const downstream = () => true;
    await endings[end]!(waiting[stage]!(never).filter(downstream));
    return new WeakRef(downstream);
  }

  // A collection of the whole heap takes longer than all of these runs, so there is one for all of them.
  beforeAll(async () => {
    for (const [stage, end] of cases) {
      const never = new Promise<never>(() => undefined);
      nevers.set(`${stage} ${end}`, never);
      kept.set(`${stage} ${end}`, await Promise.all(Array.from({ length: 5 }, () => abandon(stage, end, never))));
    }
    // What a collection leaves at random, such as the frame of the latest call, the next one finds.
    for (let tries = 0; tries < 10 && [...kept.keys()].some((name) => alive(name).length > 0); tries++) {
      await new Promise((resolve) => setTimeout(resolve));
      collectGarbage();
    }
  });

  test.each(cases)('%s, ended by %s', (stage, end) => {
    expect(alive(`${stage} ${end}`)).toHaveLength(0);
    expect(nevers.get(`${stage} ${end}`)).toBeInstanceOf(Promise);
  });
});
