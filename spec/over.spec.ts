// What a run still does after it is over, whatever the microtask in which it ends: nothing but its cleanup.
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, type Ending } from '../lib/index.ts';
import { Hand } from './support/hand.ts';
import { DONE, never } from './support/iterators.ts';
import { Probe } from './support/probe.ts';
import { type Callback, type StageRow, sources, stages, terminals } from './support/table.ts';
import { Tasks } from './support/tasks.ts';
import { idle, microtasks, type Outcome, outcomeOf, pause, until } from './support/turns.ts';

type Stream = AsyncStream<any>;

const TURNS = 12;

/** Whether `act` is called by the run at all, and what the run still does once it was left. */
interface Watch {
  readonly act: (...args: any[]) => unknown;
  readonly source: Stream;
  calls: number;
  readonly afterwards: string[];
  left: boolean;
}

/** A source whose nth step starts `leave`, which then waits a few microtasks. It may also fail with that step. */
function watch(
  { element = (n: number) => n }: Pick<StageRow, 'element'>,
  callback: Pick<Callback<unknown, any>, 'answer' | 'when'>,
  at: number,
  leave: () => void,
): Watch {
  let pulls = 0;
  const watched: Watch = {
    calls: 0,
    afterwards: [],
    left: false,
    act(...args) {
      watched.calls++;
      if (watched.left) watched.afterwards.push('a callback is called');
      return callback.answer(...args);
    },
    source: AsyncStream.from({
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          if (watched.left) watched.afterwards.push('the source is read');
          const n = ++pulls;
          if (n === at) leave();
          if (n >= at && callback.when === 'error') throw new Error('upstream');
          if (n > 100 || (n >= at && callback.when === 'complete')) return { done: true, value: undefined };
          return { done: false, value: element(n) };
        },
        return: async () => ({ done: true, value: undefined }),
      }),
    }),
  };
  return watched;
}

/** The ways in which a run ends from outside. */
const leavings: Record<string, (stream: Stream) => readonly [end: () => unknown, run: Promise<unknown>]> = {
  'return()': (stream) => {
    const iterator = stream[Symbol.asyncIterator]();
    const read = async () => {
      while (!(await iterator.next()).done);
    };
    return [() => void iterator.return().catch(() => undefined), outcomeOf(read)];
  },
  'an abort': (stream) => {
    const controller = new AbortController();
    return [() => controller.abort(), outcomeOf(() => stream.drain({ signal: controller.signal }))];
  },
};

describe.each(Object.keys(leavings))('a run that is over by %s', (leaving) => {
  const rows = stages
    .filter(({ repeats }) => !repeats)
    .flatMap((row) => {
      const callbacks: readonly Callback<Stream>[] = row.callbacks ?? [];
      const plain: Callback<Stream> = { name: 'no callback', build: row.build, answer: () => undefined };
      return [plain, ...callbacks].map((callback) => [`${row.call}: ${callback.name}`, row, callback] as const);
    })
    .filter(([, , { when }]) => when !== 'end' && when !== 'start');

  test.each(rows)('calls no callback and reads no element any more: %s', async (_name, row, callback) => {
    for (const at of [1, 2, 4]) {
      for (let turns = 0; turns < TURNS; turns++) {
        const watched = watch(row, callback, at, () => {
          void microtasks(turns).then(() => {
            watched.left = true;
            leave();
          });
        });
        const [leave, run] = leavings[leaving]!(callback.build(watched.source, watched.act as never));
        await run;
        await idle();
        await idle();
        expect([at, turns, watched.afterwards]).toEqual([at, turns, []]);
      }
    }
  });

  // An inner stream is closed before the source of its stage: the run is over, and the source is still open.
  test.each(rows)('nor while an inner stream of a later stage is being closed: %s', async (_name, row, callback) => {
    for (let turns = 0; turns < TURNS; turns++) {
      const watched = watch(row, callback, 2, () => {
        void microtasks(turns).then(() => {
          watched.left = true;
          leave();
        });
      });
      const made = callback.build(watched.source, watched.act as never);
      const later = made.flatMap(slowToClose, { concurrency: Infinity, ordered: false }).tap(idle);
      const [leave, run] = leavings[leaving]!(later);
      await run;
      expect([turns, watched.afterwards]).toEqual([turns, []]);
    }
  });

  test.each(stages.map((row) => [row.call, row] as const))(
    'closes its source if a callback ends it and then throws, before %s',
    async (_call, { build, element }) => {
      for (const kind of ['async iterable', 'sync iterable', 'given async iterator'] as const) {
        for (const at of [1, 2, 3]) {
          const probe = new Probe({ kind, ...(element && { element }) });
          const fail = (value: unknown) => {
            if (probe.pulled < at) return value;
            leave();
            throw new Error('callback');
          };
          const [leave, run] = leavings[leaving]!(build(probe.stream.map(fail)));
          await run;
          await idle();
          expect([kind, at, probe.closed, probe.faults()]).toEqual([kind, at, probe.pulled > 0 ? 1 : 0, []]);
        }
      }
    },
  );
});

/** Emits for ever, and takes a while to close. */
function slowToClose(): Iterable<number> {
  const close = async () => {
    await pause(4);
  };
  return {
    [Symbol.iterator]: () => ({
      next: () => ({ done: false, value: 1 }),
      return: () => ({ done: true, value: close() as never }),
    }),
  };
}

/** Drains a stream that ends its own run in these ways. */
const endings: Record<string, (build: (end: () => void) => Stream) => Promise<unknown>> = {
  'return()': async (build) => {
    const iterator = build(() => void iterator.return())[Symbol.asyncIterator]();
    return outcomeOf(() => iterator.next());
  },
  'an abort': async (build) => {
    const controller = new AbortController();
    return outcomeOf(() => build(() => controller.abort()).drain({ signal: controller.signal }));
  },
};

describe.each(Object.keys(endings))('a run that a later callback ends by %s in the middle of an element', (ending) => {
  const sources: Record<string, (elements: unknown[]) => Stream> = {
    'an array': (elements) => AsyncStream.from(elements),
    'an array of promises': (elements) => AsyncStream.from(elements.map((element) => Promise.resolve(element))),
    'a generator': (elements) => AsyncStream.from(() => elements.values()),
    'an async iterable': (elements) => new Probe({ length: elements.length, element: (n) => elements[n - 1] }).stream,
  };
  const rows = stages.filter(({ repeats }) => !repeats).map((row) => [row.call, row] as const);

  test.each(rows)('calls nothing more, and each cleanup once: %s', async (_call, { build, element = (n) => n }) => {
    const elements = Array.from({ length: 4 }, (_, index) => element(index + 1));
    for (const kind of Object.keys(sources)) {
      for (const at of [1, 2]) {
        let calls = 0;
        const opened: string[] = ['finally'];
        const closed: string[] = [];
        const source = AsyncStream.using(
          () => opened.push('using'),
          () => sources[kind]!(elements),
          () => closed.push('using'),
        ).finally(() => closed.push('finally'));
        await endings[ending]!((end) =>
          build(source).filter(() => {
            if (++calls === at) end();
            return false;
          }),
        );
        await idle();
        expect([kind, at, Math.max(calls, at), closed.sort()]).toEqual([kind, at, at, opened.sort()]);
      }
    }
  });

  test.each(rows)('emits nothing more that later stages hold: %s', async (_call, { build, element = (n) => n }) => {
    for (const failAt of [undefined, 4]) {
      for (let at = 1, ended = true; ended && at < 10; at++) {
        ended = false;
        let calls = 0;
        const emitted: unknown[] = [];
        const source = new Probe({ length: 3, element, ...(failAt && { failAt }) });
        await endings[ending]!((end) =>
          build(source.stream)
            .tap(() => {
              ended = ++calls === at;
              if (ended) end();
            })
            .chunks(100)
            .filter((chunk) => void emitted.push(chunk)),
        );
        await idle();
        expect([failAt, at, ended ? emitted : []]).toEqual([failAt, at, []]);
      }
    }
  });
});

describe.each(Object.keys(endings))('a generator that ends its own run by %s', (ending) => {
  const log: string[] = [];
  let end: () => void;
  const generators: Record<string, () => Generator> = {
    *'and emits an element'() {
      try {
        end();
        yield 1;
      } finally {
        log.push('closed');
      }
    },
    *'and emits a promise that rejects'() {
      try {
        end();
        yield Promise.reject(new Error('late'));
      } finally {
        log.push('closed');
      }
    },
    *'and returns'() {
      try {
        end();
      } finally {
        log.push('closed');
      }
    },
    *'and throws'() {
      try {
        end();
        throw new Error('late');
      } finally {
        log.push('closed');
      }
    },
  };

  test.each(Object.keys(generators))('is closed once, and its element is dropped: %s', async (name) => {
    log.length = 0;
    await endings[ending]!((ends) => {
      end = ends;
      return AsyncStream.from(generators[name]!).tap(() => log.push('element'));
    });
    await idle();
    expect(log).toEqual(['closed']);
  });

  test.each([1, 2])('is closed unless it ends with the element in which the run ends: %i', async (count) => {
    log.length = 0;
    await endings[ending]!((ends) =>
      AsyncStream.from({
        [Symbol.iterator]: () => ({
          next: () => {
            ends();
            return { done: count === 1, value: count };
          },
          return: () => {
            log.push('closed');
            return { done: true, value: undefined };
          },
        }),
      }),
    );
    await idle();
    expect(log).toEqual(count === 1 ? [] : ['closed']);
  });
});

test('the promise in a result of a bare iterator may reject after the end of a run', async () => {
  const settles: ((result: IteratorResult<unknown>) => void)[] = [];
  const probe = new Probe({ close: () => idle().then(idle) });
  const bare = {
    next: async () => new Promise<IteratorResult<unknown>>((resolve) => settles.push(resolve)),
    return: async () => ({ done: true as const, value: undefined }),
  };
  const stream = AsyncStream.from(bare)
    .buffer(2)
    .flatMap(() => probe.stream);
  const iterator = stream[Symbol.asyncIterator]();
  const first = iterator.next();
  settles[0]!({ done: false, value: 1 });
  await first;
  await until(() => settles.length === 2);
  const returned = iterator.return();
  settles[1]!({ done: false, value: Promise.reject(new Error('late')) });
  await returned;
  expect([probe.closed, probe.faults()]).toEqual([1, []]);
});

describe('a callback that its signal tells of the end', () => {
  const reason = new Error('reason');

  /** A run whose first callback calls `act` when its signal aborts. The second one fails. */
  function runOf(source: Stream, act: (iterator: AsyncIterator<number>) => unknown) {
    const controller = new AbortController();
    const stream = source.map((n: number, _index, { signal }) => {
      if (n === 1) signal.addEventListener('abort', () => act(iterator));
      if (n === 2) throw new Error('callback');
      return n;
    });
    const iterator: AsyncIterator<number> = stream.withSignal(controller.signal)[Symbol.asyncIterator]();
    return { iterator, abort: () => controller.abort(reason) };
  }

  const ends: Record<string, (run: ReturnType<typeof runOf>) => unknown> = {
    'return()': ({ iterator }) => iterator.return!(),
    'an abort': ({ abort }) => abort(),
    'an error': ({ iterator }) => outcomeOf(() => iterator.next()),
  };

  test.each(Object.keys(ends))('may call return(), which waits until all is closed: %s', async (how) => {
    const log: string[] = [];
    const close = async () => {
      await pause(4);
    };
    let left: Promise<unknown> | undefined;
    const run = runOf(new Probe({ log, close }).stream, (iterator) => {
      left = iterator.return!().then(() => log.push('left'));
    });
    await run.iterator.next();
    await ends[how]!(run);
    await left;
    expect(log.slice(-3)).toEqual(['close', 'closed', 'left']);
  });

  test.each<[string, Stream]>([
    ['an array', AsyncStream.of(1, 3)],
    ['a generator', AsyncStream.from(() => [1, 3].values())],
    ['an async iterable', new Probe().stream],
  ])('may call next(), which rejects with the reason of the abort: %s', async (_name, source) => {
    let next: Promise<Outcome> | undefined;
    const run = runOf(source, (iterator) => (next = outcomeOf(() => iterator.next())));
    await run.iterator.next();
    run.abort();
    expect(await next).toStrictEqual({ error: reason });
    expect(await run.iterator.next()).toEqual(DONE);
  });
});

describe('a callback that rejects because of an abort, while the source is still being closed', () => {
  /** Waits for the abort of its context, and then fails with an error of its own. */
  const untilAborted =
    (began: () => void) =>
    (...args: any[]): Promise<never> => {
      const { signal } = args.find((arg) => arg?.signal instanceof AbortSignal) as { signal: AbortSignal };
      began();
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('own words for it')));
      });
    };

  /** The outcome of the run, and whether the source was closed by then. */
  async function aborted(
    make: (source: Stream, fn: (...args: any[]) => any) => (signal: AbortSignal) => Promise<unknown>,
    callback: Pick<Callback<unknown>, 'when'>,
    element = (n: number): unknown => n,
  ): Promise<unknown[]> {
    const controller = new AbortController();
    const reason = new Error('the reason');
    const close = async () => {
      await pause(4);
    };
    const probe = new Probe({
      element,
      close,
      length: 50,
      ...(callback.when === 'error' && { failAt: 3, error: new Error('upstream') }),
      ...(callback.when === 'complete' && { length: 3 }),
    });
    let began = false;
    const stream = make(
      probe.stream,
      untilAborted(() => (began = true)),
    );
    const outcome = outcomeOf(() => stream(controller.signal));
    await until(() => began);
    await idle();
    controller.abort(reason);
    expect(await outcome).toStrictEqual({ error: reason });
    await idle();
    return probe.faults();
  }

  const given = ({ bare, sync, when }: Callback<any, any>) => !bare && !sync && when !== 'end';

  const inStages = stages.flatMap((row) =>
    ((row.callbacks ?? []) as readonly Callback<Stream>[])
      .filter(given)
      .map((callback) => [`${row.call}: ${callback.name}`, row, callback] as const),
  );
  test.each(inStages)('is not seen: %s', async (_name, row, callback) => {
    const make = (source: Stream, fn: never) => (signal: AbortSignal) =>
      callback.build(source, fn).drain({ signal }) as Promise<unknown>;
    expect(await aborted(make as never, callback, row.element)).toEqual([]);
  });

  const inSources = sources.flatMap((row) =>
    ((row.callbacks ?? []) as readonly Callback<Stream, void>[])
      .filter(given)
      .map((callback) => [`${row.call}: ${callback.name}`, callback] as const),
  );
  test.each(inSources)('is not seen: %s', async (_name, callback) => {
    const make = (_source: Stream, fn: never) => (signal: AbortSignal) =>
      callback.build(undefined, fn).drain({ signal }) as Promise<unknown>;
    await aborted(make as never, callback);
  });

  const inTerminals = terminals.flatMap((row) =>
    ((row.callbacks ?? []) as readonly Callback<any, any>[])
      .filter(given)
      .map((callback) => [`${row.call}: ${callback.name}`, row, callback] as const),
  );
  test.each(inTerminals)('is not seen: %s', async (_name, row, callback) => {
    const make = (source: Stream, fn: never) => (signal: AbortSignal) =>
      callback.build(source.withSignal(signal) as never, fn) as Promise<unknown>;
    expect(await aborted(make as never, callback, row.element)).toEqual([]);
  });
});

describe('an abort while a callback is pending', () => {
  type Run = (first: () => Promise<number>, second: () => never, options: Ending) => Promise<unknown>;
  const stream = AsyncStream.of(1, 2);
  const runs: Record<string, Run> = {
    distinctUntilChanged: (key, equals, options) => stream.distinctUntilChanged(key, equals).drain(options),
    'toMap, value': (key, value, options) => stream.toMap(key, value, options),
    'toMap, merge': (key, merge, { signal }) => stream.toMap(key, undefined, { merge, signal }),
    'toObject, value': (key, value, options) => stream.toObject(key, value, options),
    'toObject, merge': (key, merge, { signal }) => stream.toObject(key, undefined, { merge, signal }),
    'collect, result': (result, second, options) =>
      stream.collect(
        { one: () => ({ push: () => true, result }), other: () => ({ push: () => true, result: second }) },
        options,
      ),
  };

  test.each(Object.keys(runs))('calls no callback that comes after it: %s', async (name) => {
    for (let turns = 0; turns < TURNS; turns++) {
      const controller = new AbortController();
      const late: string[] = [];
      const first = async () => {
        await microtasks(TURNS / 2);
        return 1;
      };
      const second = () => {
        if (controller.signal.aborted) late.push('called');
        return 0 as never;
      };
      const outcome = outcomeOf(() => runs[name]!(first, second, { signal: controller.signal }));
      await microtasks(turns);
      controller.abort('left');
      await outcome;
      await idle();
      expect([turns, late]).toEqual([turns, []]);
    }
  });
});

test('a callback that resolves because of an abort passes nothing on, while the source is still being closed', async () => {
  const controller = new AbortController();
  const probe = new Probe({ close: () => idle().then(idle) });
  const calls: unknown[] = [];
  const outcome = outcomeOf(() =>
    probe.stream
      .map(
        (value, _index, { signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(value))),
      )
      .tap((value) => calls.push(value))
      .drain({ signal: controller.signal }),
  );
  await until(() => probe.pulled > 0);
  await idle();
  controller.abort('left');
  expect([await outcome, calls, probe.faults()]).toEqual([{ error: 'left' }, [], []]);
});

test.each<[string, (stream: Stream) => Stream]>([
  ['decode', (stream) => stream.map(() => Uint8Array.of(0xe2)).decode()],
  ['lines', (stream) => stream.map(String).lines()],
  ['defaultIfEmpty', (stream) => stream.drop(1).defaultIfEmpty(0)],
])('a run that ends with what %s emits at its end emits nothing more that later stages hold', async (_, hold) => {
  const controller = new AbortController();
  const calls: unknown[] = [];
  const run = hold(AsyncStream.of(1))
    .tap(() => controller.abort('left'))
    .chunks(5)
    .tap((chunk) => void calls.push(chunk))
    .drain({ signal: controller.signal });
  expect([await outcomeOf(() => run), calls]).toEqual([{ error: 'left' }, []]);
});

test('a run that ends with a chunk emits no other chunk for the same element', async () => {
  const controller = new AbortController();
  const calls: unknown[] = [];
  // The second element has no room beside the first, and is a full chunk by itself.
  const run = AsyncStream.of(1, 10)
    .chunks(9, { weight: (n) => n, maxWeight: 5 })
    .filter((chunk) => {
      calls.push(chunk);
      controller.abort('left');
      return false;
    })
    .drain({ signal: controller.signal });
  expect([await outcomeOf(() => run), calls]).toEqual([{ error: 'left' }, [[1]]]);
});

test('a run that the callback of finally ends emits nothing more that later stages hold', async () => {
  const controller = new AbortController();
  const calls: unknown[] = [];
  const run = AsyncStream.of(1)
    .finally(() => controller.abort('left'))
    .chunks(5)
    .tap((chunk) => void calls.push(chunk))
    .drain({ signal: controller.signal });
  expect([await outcomeOf(() => run), calls]).toEqual([{ error: 'left' }, []]);
});

describe.each(['async iterable', 'sync iterable', 'given async iterator'] as const)('a source, %s', (kind) => {
  /** Opened later than the source, so it is closed before it. */
  const stuck = { [Symbol.asyncIterator]: () => ({ next: never, return: () => idle().then(() => DONE) }) };

  test.each<[string, (stream: Stream) => Stream]>([
    ['as it is', (stream) => stream],
    ['ahead', (stream) => stream.buffer(8).flatMap(() => stuck)],
  ])('is read no more after the element in which the run is ended: read %s', async (_, put) => {
    const controller = new AbortController();
    const probe = new Probe({ kind });
    const stream = probe.stream.tap((n) => {
      if (n === 3) controller.abort('left');
    });
    const outcome = await outcomeOf(() => put(stream).drain({ signal: controller.signal }));
    await idle();
    expect([outcome, probe.pulled, probe.faults()]).toEqual([{ error: 'left' }, 3, []]);
  });
});

test('a collector is not asked for its result if its last element has ended the run', async () => {
  const controller = new AbortController();
  const calls: string[] = [];
  const collector = () => ({
    push: () => {
      calls.push('push');
      controller.abort('left');
      return true;
    },
    result: () => calls.push('result'),
  });
  const outcome = await outcomeOf(() => AsyncStream.of(1).collect(collector, { signal: controller.signal }));
  await idle();
  expect([outcome, calls]).toEqual([{ error: 'left' }, ['push']]);
});

describe('a stage with several readers', () => {
  const readers: Record<string, (stream: AsyncStream<number>) => Promise<(() => unknown)[]>> = {
    'groupByKey: the only reader of a full group': async (stream) => {
      const groups = stream.groupByKey(() => 'all', { buffer: 2 })[Symbol.asyncIterator]();
      const [, group] = (await groups.next()).value as [string, AsyncStream<number>];
      const reader = group[Symbol.asyncIterator]();
      await reader.next();
      return [() => reader.return(), () => groups.return()];
    },
    'groupByKey: who never read a full group': async (stream) => {
      const groups = stream.groupByKey(() => 'all', { buffer: 2 })[Symbol.asyncIterator]();
      const [, group] = (await groups.next()).value as [string, AsyncStream<number>];
      return [() => group[Symbol.asyncIterator]().return(), () => groups.return()];
    },
    'tee: a full branch': async (stream) => {
      const [one, other] = stream.tee(2, { buffer: 1 }).map((branch) => branch[Symbol.asyncIterator]());
      await one!.next();
      return [() => other!.return(), () => one!.return()];
    },
    'tee: the faster branch': async (stream) => {
      const [one, other] = stream.tee(2, { buffer: 2 }).map((branch) => branch[Symbol.asyncIterator]());
      await one!.next();
      await one!.next();
      return [() => one!.return(), () => other!.return()];
    },
    'partition: the full side': async (stream) => {
      const [even, odd] = stream
        .partition((n) => n % 2 === 0, { buffer: 2 })
        .map((side) => side[Symbol.asyncIterator]());
      await even!.next();
      return [() => odd!.return(), () => even!.return()];
    },
    'share: one of two consumers': async (stream) => {
      const shared = stream.share({ buffer: 2 });
      const [one, other] = [shared[Symbol.asyncIterator](), shared[Symbol.asyncIterator]()];
      await Promise.all([one.next(), other.next()]);
      await one.next();
      return [() => other.return(), () => one.return()];
    },
  };

  test.each(Object.keys(readers))('reads no further when it is left while nobody waits: %s', async (name) => {
    const probe = new Probe();
    const [leave, end] = await readers[name]!(probe.stream);
    await idle();
    const { pulled } = probe;
    await leave!();
    await pause(4);
    expect(probe.pulled).toBe(pulled);
    await end!();
    await idle();
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });
});

describe('a stage that has failed while its consumer is busy', () => {
  test.each(['breadth', 'depth'] as const)('calls fn for no element that it holds: expand by %s', async (order) => {
    const asked: unknown[] = [];
    const ends = new Map<number, (children: number[]) => void>();
    const fails = new Map<number, (error: unknown) => void>();
    const children = (x: number) => {
      asked.push(x);
      return new Promise<number[]>((resolve, reject) => {
        ends.set(x, resolve);
        fails.set(x, reject);
      });
    };
    const stream = AsyncStream.of(1, 2, 3).expand(children, { order, concurrency: 3 });
    const iterator = stream[Symbol.asyncIterator]();
    for (const value of [1, 2, 3]) expect((await iterator.next()).value).toBe(value);
    const fourth = iterator.next();
    await until(() => fails.has(3));
    ends.get(1)!([11, 12]);
    expect((await fourth).value).toBe(11);
    await idle();
    // All three places are taken, so 11 is kept; the consumer takes its time from here on.
    fails.get(2)!('wanted');
    await idle();
    ends.get(3)!([]);
    await idle();
    expect(asked).toEqual([1, 2, 3]);
    expect(await outcomeOf(() => iterator.next())).toEqual({ error: 'wanted' });
  });

  test.each([{}, { ordered: false }, { key: (x: number) => x % 2 }])(
    'calls fn for no element that it holds: map with %j',
    async (options) => {
      const tasks = new Tasks();
      const source = new Hand<number>();
      const stream = AsyncStream.from(source).map(tasks.fn, { concurrency: 2, buffer: 4, ...options });
      const iterator = stream[Symbol.asyncIterator]();
      const first = iterator.next();
      for (const value of [1, 2, 3]) {
        await until(() => source.asked >= value || tasks.running === 2);
        if (source.asked === value) await source.give(value);
      }
      await tasks.resolve(tasks.open[0]);
      await first;
      await idle();
      await tasks.reject(tasks.open[0], 'wanted');
      const { length } = tasks.started;
      await tasks.resolve(...tasks.open);
      expect(tasks.started).toHaveLength(length);
      const rest = outcomeOf(async () => {
        while (!(await iterator.next()).done);
      });
      expect(await rest).toEqual({ error: 'wanted' });
      expect(source.closed).toBe(1);
    },
  );
});

describe('a stage that reads several sources', () => {
  const none = async () => [];

  test.each<[string, (one: Stream, other: Stream) => Stream]>([
    ['merge', (one, other) => one.merge(other)],
    ['zip', (one, other) => one.zip(other)],
    ['combineLatest', (one, other) => one.combineLatest(other)],
    ['withLatestFrom', (one, other) => one.withLatestFrom(other)],
    ['takeUntil', (one, other) => one.takeUntil(other.tap(never))],
    ['interleave', (one, other) => one.interleave(other)],
    ['mergeSorted', (one, other) => AsyncStream.mergeSorted([one, other])],
    ['flatMap', (one, other) => AsyncStream.of(one, other).flatMap((inner) => inner, { concurrency: 2 })],
    ['flat', (one, other) => AsyncStream.of(one, other).flat({ concurrency: 2, ordered: false })],
    [
      'expand',
      (one, other) =>
        AsyncStream.of(one, other).expand((x) => (x instanceof AsyncStream ? x : none()), { concurrency: 2 }),
    ],
  ])('closes them at the same time: %s', async (_name, build) => {
    const probes = [new Probe({ close: never }), new Probe({ close: never })] as const;
    const [one, other] = probes.map(({ stream }) => stream);
    const iterator = build(one!, other!)[Symbol.asyncIterator]();
    for (let count = 0; count < 3; count++) await iterator.next();
    await idle();
    void iterator.return();
    await idle();
    expect(probes.map(({ closed }) => closed)).toEqual([1, 1]);
    expect(probes.flatMap((probe) => probe.faults())).toEqual([]);
  });
});

describe('a stage with a timer', () => {
  const ignore = () => undefined;

  afterEach(() => void jest.useRealTimers());

  test('does not close its source out of turn when it fires while the run is being closed', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const closed: number[] = [];
    const outer = new Probe();
    const inner = new Probe({
      close: async () => {
        jest.advanceTimersByTime(10);
        await idle();
        closed.push(outer.closed);
      },
    });
    const stream = outer.stream.timeout({ total: 10 }).buffer(2);
    const iterator = stream.flatMap(() => inner.stream)[Symbol.asyncIterator]();
    await iterator.next();
    await idle();
    await iterator.return();
    expect([closed, outer.closed]).toEqual([[0], 1]);
  });

  test.each<[string, (stream: AsyncStream<number>) => AsyncStream<unknown>]>([
    ['sample', (stream) => stream.sample(1000)],
    ['debounce', (stream) => stream.debounce(1000)],
    ['throttle', (stream) => stream.throttle(1000)],
    ['chunks', (stream) => stream.chunks(9, { within: 1000 })],
    ['heartbeat', (stream) => stream.heartbeat(1000, 0)],
    ['groupByKey', (stream) => stream.groupByKey((n) => n, { idle: 1000 })],
  ])('clears it at once when it is left, also while it waits for a source that is busy: %s', async (_name, build) => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const probe = new Probe({ kind: 'async generator', length: 3, stuckAt: 3 });
    const controller = new AbortController();
    const settling = AsyncStream.using(ignore, () => build(probe.stream), ignore, { settle: true });
    const outcome = outcomeOf(() => settling.drain({ signal: controller.signal }));
    await until(() => probe.stuck && jest.getTimerCount() > 0);
    controller.abort('left');
    await idle();
    expect([probe.closed, jest.getTimerCount()]).toEqual([1, 0]);
    probe.late!.resolve(3);
    expect(await outcome).toEqual({ error: 'left' });
    expect(probe.faults()).toEqual([]);
  });
});
