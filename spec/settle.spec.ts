// With `settle: true`, nothing of a run is running when it settles: asked of every method that takes it, and every end.
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, type Concurrency, type Context } from '../lib/index.ts';
import { Probe } from './support/probe.ts';
import { idle, outcomeOf, pause } from './support/turns.ts';

type Callback = (value: number, index: number, context: Context) => Promise<any>;
type Run = (fn: Callback, options: Concurrency<number>, signal: AbortSignal | undefined) => Promise<unknown>;

const source = () => AsyncStream.range(1, 20);
/** Ends early, with the first element, unless it fails or is aborted before. */
const runs: Record<string, Run> = {
  map: (fn, options, signal) => source().map(fn, options).first(undefined, { signal }),
  filter: (fn, options, signal) => source().filter(fn, options).first(undefined, { signal }),
  flatMap: (fn, options, signal) =>
    source()
      .flatMap(async (...args) => [await fn(...args)], options)
      .first(undefined, { signal }),
  mapSettled: (fn, options, signal) => source().mapSettled(fn, options).first(undefined, { signal }),
  forEach: (fn, options, signal) => source().forEach(fn, { ...options, signal }),
};
const ways: Record<string, Concurrency<number>> = {
  'one at a time': {},
  'in order': { concurrency: 4 },
  unordered: { concurrency: 4, ordered: false },
  'by key': { concurrency: 4, key: (x) => x % 3 },
};
const ends = ['an error', 'an early exit', 'an abort'] as const;
/** Only after that is there a promise to wait for. */
const AT_ONCE = 'an abort before the callback returns';

/** Callbacks that take some turns to clean up once their signal has aborted, and a count of those that run. */
function counted(
  end: (typeof ends)[number] | typeof AT_ONCE,
  controller: AbortController,
  storage: AsyncLocalStorage<string>,
) {
  const state = { running: 0, most: 0, stores: new Set<unknown>() };
  const fn: Callback = async (value, _index, { signal }) => {
    state.most = Math.max(state.most, ++state.running);
    try {
      if (value === 1 && end === AT_ONCE) controller.abort('stop');
      await idle();
      if (value === 1) {
        if (end === 'an abort') controller.abort('stop');
        if (end !== 'an early exit') throw new Error('callback');
        return value;
      }
      if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      await pause(value);
      return value;
    } finally {
      state.stores.add(storage.getStore());
      state.running--;
    }
  };
  return { state, fn };
}

describe.each(Object.keys(runs))('%s with settle', (method) => {
  describe.each(Object.keys(ways))('%s', (way) => {
    // No callback that fails ends mapSettled, and no early exit forEach.
    const asked = ([...ends, AT_ONCE] as const).filter(
      (end) => !(method === 'mapSettled' && end === 'an error') && !(method === 'forEach' && end === 'an early exit'),
    );

    test.each(asked)('settles after %s when no callback runs any more', async (end) => {
      const controller = new AbortController();
      const storage = new AsyncLocalStorage<string>();
      const { state, fn } = counted(end, controller, storage);
      const options = { ...ways[way], settle: true };
      const run = () => outcomeOf(() => runs[method]!(fn, options, controller.signal));
      const outcome = await storage.run('consumer', run);
      expect(state.running).toBe(0);
      if (way !== 'one at a time' && end !== AT_ONCE) expect(state.most).toBeGreaterThan(1);
      // Callbacks see the context of the consumer, to their end.
      expect([...state.stores]).toEqual(['consumer']);
      if (end.startsWith('an abort')) expect(outcome).toEqual({ error: 'stop' });
      else if (end === 'an error') expect(outcome).toEqual({ error: new Error('callback') });
      else expect('value' in outcome).toBe(true);
      await idle();
      expect(state.running).toBe(0);
    });
  });
});

describe.each(['flatMap', 'flat'] as const)('%s with settle', (method) => {
  test.each(ends)('settles after %s when no inner stream produces anything any more', async (end) => {
    const controller = new AbortController();
    const running = new Set<number>();
    // Its body goes on for some turns after the end of the run, also while nobody awaits it.
    async function* inner(n: number) {
      running.add(n);
      try {
        for (;;) {
          await pause(5 * n);
          if (n === 1 && end === 'an error') throw new Error('inner');
          if (n === 1 && end === 'an abort') controller.abort('stop');
          yield n;
        }
      } finally {
        await idle();
        running.delete(n);
      }
    }
    const options = { concurrency: 3, ordered: false, settle: true };
    const stream =
      method === 'flatMap'
        ? AsyncStream.of(1, 2, 3).flatMap(inner, options)
        : AsyncStream.of(1, 2, 3).map(inner).flat(options);
    const outcome = await outcomeOf(() => stream.first(undefined, { signal: controller.signal }));
    expect([...running]).toEqual([]);
    if (end === 'an abort') expect(outcome).toEqual({ error: 'stop' });
    else if (end === 'an error') expect(outcome).toEqual({ error: new Error('inner') });
    else expect(outcome).toEqual({ value: 1 });
  });
});

describe('using with settle', () => {
  /** A connection and a cursor on it that takes a turn for each step, and what happens to them. */
  function database() {
    const log: string[] = [];
    async function* cursor() {
      try {
        for (let row = 1; ; row++) {
          await idle();
          log.push(`row ${row}`);
          yield row;
        }
      } finally {
        await idle();
        log.push('cursor closed');
      }
    }
    const close = async () => {
      await idle();
      log.push('connection closed');
    };
    return { log, cursor, close };
  }

  const shapes: Record<string, (cursor: () => AsyncIterable<number>) => AsyncIterable<number>> = {
    'by itself': (cursor) => cursor(),
    'in a stream': (cursor) => AsyncStream.from(cursor()).map((x) => x),
    'in a buffer': (cursor) => AsyncStream.from(cursor()).buffer(1),
    'in a flatMap': (cursor) => AsyncStream.of(1).flatMap(cursor, { concurrency: 2 }),
    'in a merge': (cursor) => AsyncStream.merge(cursor(), []),
    'in a pipe': (cursor) =>
      AsyncStream.from(cursor()).pipe(async function* (rows) {
        yield* rows;
      }),
  };

  test.each(Object.keys(shapes))(
    'closes the resource after a cursor %s that is busy when the run ends',
    async (name) => {
      const endings: Record<string, (stream: AsyncStream<number>) => Promise<unknown>> = {
        abort: (stream) => {
          const controller = new AbortController();
          void idle().then(() => controller.abort('stop'));
          return stream.toArray({ signal: controller.signal });
        },
        error: (stream) => AsyncStream.merge(stream, AsyncStream.from(failing)).toArray(),
        race: (stream) => AsyncStream.race(stream, [0]).toArray(),
        takeUntil: (stream) => stream.takeUntil(idle()).toArray(),
        return: async (stream) => {
          const iterator = stream[Symbol.asyncIterator]();
          const pending = iterator.next();
          await iterator.return!();
          return pending;
        },
      };
      async function* failing(): AsyncGenerator<number> {
        await idle();
        throw new Error('other');
      }
      for (const [ending, end] of Object.entries(endings)) {
        const { log, cursor, close } = database();
        const stream = AsyncStream.using(
          () => close,
          () => shapes[name]!(cursor),
          (resource) => resource(),
          { settle: true },
        );
        await outcomeOf(() => end(stream));
        const atEnd = [...log];
        await idle();
        await idle();
        expect([ending, log]).toEqual([ending, atEnd]);
        expect([ending, log.slice(-2)]).toEqual([ending, ['cursor closed', 'connection closed']]);
      }
    },
  );

  test('waits for what opens the resource, and for what is made of it', async () => {
    for (const step of ['open', 'use'] as const) {
      const log: string[] = [];
      const controller = new AbortController();
      const slow = async <T>(name: string, result: T) => {
        if (name !== step) return result;
        controller.abort('stop');
        await idle();
        await idle();
        log.push(name);
        return result;
      };
      const stream = AsyncStream.using(
        () => slow('open', 'r'),
        () => slow('use', [1]),
        async () => {
          await idle();
          log.push('closed');
        },
        { settle: true },
      );
      expect(await outcomeOf(() => stream.toArray({ signal: controller.signal }))).toEqual({ error: 'stop' });
      expect(log).toEqual([step, 'closed']);
    }
  });

  test('aborts the signal at once, so that a source that listens to it can end', async () => {
    const controller = new AbortController();
    const log: string[] = [];
    const stream = AsyncStream.using(
      () => 'r',
      async function* (_resource, { signal }) {
        queueMicrotask(() => controller.abort('stop'));
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        log.push('source ended');
        yield 1;
      },
      () => log.push('closed'),
      { settle: true },
    );
    expect(await outcomeOf(() => stream.toArray({ signal: controller.signal }))).toEqual({ error: 'stop' });
    expect(log).toEqual(['source ended', 'closed']);
  });

  test('closes the resource at its natural end, and before what follows', async () => {
    const log: string[] = [];
    const stream = AsyncStream.using(
      () => 'r',
      () => [1, 2],
      () => log.push('closed'),
      { settle: true },
    );
    expect(
      await stream
        .concat(async function* () {
          log.push('next');
          yield 3;
        })
        .toArray(),
    ).toEqual([1, 2, 3]);
    expect(await stream.take(1).toArray()).toEqual([1]);
    expect(log).toEqual(['closed', 'next', 'closed']);
  });
});

describe('using without settle', () => {
  test('closes the resource at once, so that an iterator that waits for it wakes up', async () => {
    const log: string[] = [];
    const controller = new AbortController();
    const stream = AsyncStream.using(
      () => {
        let wake = (): void => {};
        const closed = new Promise<void>((resolve) => (wake = resolve));
        return { closed, close: () => wake() };
      },
      async function* ({ closed }) {
        queueMicrotask(() => controller.abort('stop'));
        try {
          await closed;
        } finally {
          log.push('woken');
        }
        yield 1;
      },
    );
    expect(await outcomeOf(() => stream.toArray({ signal: controller.signal }))).toEqual({ error: 'stop' });
    await idle();
    expect(log).toEqual(['woken']);
  });
});

describe('settle with a generator stage that waits for its upstream', () => {
  const silent = (closed: () => void) =>
    AsyncStream.create<number>(() => closed).pipe(async function* (values) {
      yield* values;
    });
  const runs: Record<string, (closed: () => void) => AsyncStream<number>> = {
    flatMap: (closed) => AsyncStream.of(1).flatMap(() => silent(closed), { concurrency: 2, settle: true }),
    using: (closed) =>
      AsyncStream.using(
        () => 'r',
        () => silent(closed),
        () => undefined,
        { settle: true },
      ),
    'flatMap, behind a buffer': (closed) =>
      AsyncStream.of(1).flatMap(() => silent(closed).buffer(2), { concurrency: 2, settle: true }),
    'using, in two stages': (closed) =>
      AsyncStream.using(
        () => 'r',
        () =>
          silent(closed).pipe(async function* (values) {
            yield* values;
          }),
        () => undefined,
        { settle: true },
      ),
  };

  test.each(Object.keys(runs))('ends the upstream when the run of %s is aborted', async (name) => {
    let closed = 0;
    const controller = new AbortController();
    const run = outcomeOf(() => runs[name]!(() => closed++).toArray({ signal: controller.signal }));
    await idle();
    controller.abort('stop');
    expect(await run).toEqual({ error: 'stop' });
    expect(closed).toBe(1);
  });
});

test.each<[string, (stream: AsyncStream<number>) => AsyncStream<unknown>]>([
  ['map', (stream) => stream.map(async (x) => x, { settle: true })],
  ['filter', (stream) => stream.filter(async () => true, { settle: true })],
  ['mapSettled', (stream) => stream.mapSettled(async (x) => x, { settle: true })],
  ['flatMap', (stream) => stream.flatMap(async (x) => [x], { settle: true })],
])('one at a time, %s reads at most one element ahead', async (_method, build) => {
  const probe = new Probe();
  const iterator = build(probe.stream)[Symbol.asyncIterator]();
  await iterator.next();
  await pause(3);
  expect(probe.pulled).toBeLessThanOrEqual(2);
  await iterator.return();
});
