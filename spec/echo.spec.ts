// The signal of a run's context, passed to everything that accepts one: its abort at the end of the run is no error.
import { EventEmitter, on } from 'node:events';
import { createReadStream, mkdtempSync, rmSync, watch } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as streams from 'node:stream';
import { setInterval as every } from 'node:timers/promises';
import { createGunzip, gzipSync } from 'node:zlib';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import { AsyncStream, type Context } from '../lib/index.ts';
import { sources as sourceRows, stages } from './support/table.ts';
import { type Outcome, outcomeOf } from './support/turns.ts';

type Stream = AsyncStream<any>;
type Open = (context: Context) => AsyncIterable<unknown> | PromiseLike<AsyncIterable<unknown>>;

/** Not in the types of this version. */
const { compose } = streams as unknown as { compose(...parts: unknown[]): streams.Readable };
const boom = new Error('boom');

/** Each way in which a run can end before its source does. */
const ends: Record<string, (stream: Stream) => Promise<unknown>> = {
  async break(stream) {
    for await (const element of stream) return element;
  },
  async 'return()'(stream) {
    const iterator = stream[Symbol.asyncIterator]();
    return [await iterator.next(), await iterator.return!()];
  },
  async asyncDispose(stream) {
    const iterator = stream[Symbol.asyncIterator]();
    const result = await iterator.next();
    await (iterator as AsyncIterator<unknown> & AsyncDisposable)[Symbol.asyncDispose]();
    return result;
  },
  take: async (stream) => stream.take(1).toArray(),
  first: async (stream) => stream.first(),
  find: async (stream) => stream.find(() => true),
  'an error of a later stage': async (stream) =>
    stream
      .map(() => {
        throw boom;
      })
      .toArray(),
  'an error that is caught': async (stream) =>
    stream
      .map(() => {
        throw boom;
      })
      .catch((error) => [error])
      .toArray(),
  'a retry': async (stream) => {
    let failed = false;
    const flaky = stream.map((element) => {
      if (failed) return element;
      failed = true;
      throw boom;
    });
    return flaky.retry().take(1).toArray();
  },
  'a lost race': async (stream) =>
    AsyncStream.race(
      stream.filter(() => false),
      AsyncStream.of('won').delay(5),
    ).toArray(),
  merge: async (stream) => AsyncStream.from(stream).merge(AsyncStream.from(stream)).take(1).count(),
  zip: async (stream) => stream.zip([1]).count(),
  takeUntil: async (stream) => stream.takeUntil(AsyncStream.from(stream)).count(),
  switchMap: async (stream) =>
    AsyncStream.interval(5, { immediate: true })
      .take(2)
      .switchMap(() => AsyncStream.from(stream))
      .take(1)
      .count(),
  flatMap: async (stream) =>
    AsyncStream.of(1, 2)
      .flatMap(() => stream, { concurrency: 2 })
      .take(1)
      .count(),
  buffer: async (stream) => stream.buffer(2).take(1).count(),
  tee: async (stream) => {
    const [one, other] = stream.tee();
    return Promise.all([one.take(1).count(), other.take(1).count()]);
  },
  share: async (stream) => {
    const shared = stream.share();
    return Promise.all([shared.take(1).count(), shared.take(1).count()]);
  },
  pipe: async (stream) =>
    stream
      .pipe((upstream) => upstream)
      .take(1)
      .count(),
  using: async (stream) =>
    AsyncStream.using(
      () => ({ close: () => undefined }),
      () => stream,
    )
      .take(1)
      .count(),
  groupByKey: async (stream) =>
    stream
      .groupByKey(() => 'one')
      .flatMap(([, group]) => group)
      .take(1)
      .count(),
};

/** Ends the run in each way, over streams of the source as it is, and under its own signal. */
async function outcomesOf(open: Open, end: (stream: Stream) => Promise<unknown>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  outcomes.push(await outcomeOf(() => end(AsyncStream.from(open))));
  const signalled = (combine: (signal: AbortSignal) => AbortSignal) =>
    AsyncStream.from((context) => AsyncStream.from(open).withSignal(combine(context.signal)));
  outcomes.push(await outcomeOf(() => end(signalled((signal) => signal))));
  outcomes.push(
    await outcomeOf(() => end(signalled((signal) => AbortSignal.any([signal, new AbortController().signal])))),
  );
  return outcomes;
}

/** Never ends. Once its signal has aborted, closing it fails as `failing` says. */
function resource(failing: (signal: AbortSignal) => unknown): Open {
  return ({ signal }) => ({
    [Symbol.asyncIterator]: () => ({
      async next() {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return { done: false, value: 1 };
      },
      async return() {
        if (signal.aborted) throw failing(signal);
        return { done: true, value: undefined };
      },
    }),
  });
}

class SdkAbortError extends Error {
  override readonly name = 'AbortError';
}

const resources: Record<string, Open> = {
  'fails with the reason': resource((signal) => signal.reason),
  'fails with an error whose cause is the reason': resource(({ reason }) => new Error('closed', { cause: reason })),
  'fails with an AbortError of its own': resource(() => new SdkAbortError('aborted by the SDK')),
  'fails with an error whose code is ABORT_ERR': resource(() =>
    Object.assign(new Error('gone'), { code: 'ABORT_ERR' }),
  ),
};

const quiet: Open = async function* () {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    yield 1;
  }
};

describe.each(Object.entries(ends))('a run that ends by %s', (_, end) => {
  test.each(Object.entries(resources))('ends as without a signal over a resource that %s', async (__, open) => {
    const [expected] = await outcomesOf(quiet, end);
    expect(await outcomesOf(open, end)).toEqual([expected, expected, expected]);
  });
});

describe.each(
  stages.filter(({ stopsAfter, catches }) => !catches && stopsAfter !== 0).map((row) => [row.call, row] as const),
)('%s', (_, row) => {
  test.each(['break', 'take', 'first', 'an error of a later stage'])(
    'has no echo of its own end by %s',
    async (how) => {
      const elements = Array.from({ length: 40 }, (__, index) => (row.element ?? ((n: number) => n))(index + 1));
      const source = (fails: boolean): Stream =>
        AsyncStream.from(({ signal }) => {
          const iterator = elements.values();
          const iterable = {
            [Symbol.asyncIterator]: () => ({
              next: async () => iterator.next(),
              async return() {
                if (fails && signal.aborted) throw signal.reason;
                return { done: true, value: undefined };
              },
            }),
          };
          return fails ? AsyncStream.from(iterable).withSignal(signal) : iterable;
        });
      const expected = await outcomeOf(() => ends[how]!(row.build(source(false))));
      expect(await outcomeOf(() => ends[how]!(row.build(source(true))))).toEqual(expected);
    },
  );
});

const NEVER = new Promise<never>(() => undefined);

/** Gives `elements`, and then nothing more. Where it fails, closing it does when the signal has aborted. */
function closingWith(signal: AbortSignal, elements: readonly unknown[], fails: boolean): AsyncIterable<unknown> {
  const all = elements.values();
  const iterable: AsyncIterable<unknown> = {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const result = all.next();
        return result.done ? NEVER : result;
      },
      async return() {
        if (fails && signal.aborted) throw signal.reason;
        return { done: true, value: undefined };
      },
    }),
  };
  return fails ? AsyncStream.from(iterable).withSignal(AbortSignal.any([signal])) : iterable;
}

const EARLY = [
  'break',
  'return()',
  'asyncDispose',
  'take',
  'first',
  'find',
  'an error of a later stage',
  'a lost race',
];

describe.each(
  stages.flatMap(({ call, beside, inner }) => ((beside ?? inner) ? [[call, { beside, inner }] as const] : [])),
)('%s, to which sources under their own signals are given', (_, { beside, inner }) => {
  test.each(EARLY)('has no echo of its own end by %s', async (how) => {
    const made = (fails: boolean) => (context: Context) => closingWith(context.signal, [1, 2, 3], fails);
    const builds: ((fails: boolean) => Stream)[] = [];
    if (beside !== undefined) builds.push((fails) => beside.build(made(fails), made(fails), made(fails)));
    if (inner !== undefined) {
      const upstream = async (): Promise<number[]> => {
        if (inner.when === 'error') throw boom;
        return inner.when === 'end' ? [] : [1, 2, 3];
      };
      builds.push((fails) => inner.build(AsyncStream.from(upstream), AsyncStream.from(made(fails))));
    }
    for (const build of builds) {
      const expected = await outcomeOf(() => ends[how]!(build(false)));
      expect(await outcomeOf(() => ends[how]!(build(true)))).toEqual(expected);
    }
  });
});

describe.each(sourceRows.filter(({ elements }) => elements.length > 0).map((row) => [row.call, row] as const))(
  '%s',
  (_, { build, endless }) => {
    // A loser that never ends and never waits would keep the winner from its turn.
    test.each(endless ? EARLY.filter((how) => how !== 'a lost race') : EARLY)(
      'has no echo of its own end by %s',
      async (how) => {
        const expected = await outcomeOf(() => ends[how]!(AsyncStream.from(build)));
        const combined = (combine: (signal: AbortSignal) => AbortSignal) =>
          AsyncStream.from(({ signal }) => build().withSignal(combine(signal)));
        expect(await outcomeOf(() => ends[how]!(combined((signal) => signal)))).toEqual(expected);
        expect(await outcomeOf(() => ends[how]!(combined((signal) => AbortSignal.any([signal]))))).toEqual(expected);
      },
    );
  },
);

describe('a source that is closed while the run goes on', () => {
  test.each(['AbortError', 'OtherError'])('and responds with an error named %s', async (name) => {
    const error = Object.assign(new Error('closed'), { name });
    const source: Open = () => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 1 }),
        return: () => Promise.reject(error),
      }),
    });
    const one = AsyncStream.from(source).take(1);
    const outcomes = [one.concat([2]), AsyncStream.of(1, 2).flatMap(() => one)].map((run) =>
      outcomeOf(() => run.toArray()),
    );
    const expected = name === 'AbortError' ? [{ value: [1, 2] }, { value: [1, 1] }] : [{ error }, { error }];
    expect(await Promise.all(outcomes)).toEqual(expected);
  });

  test('has failed if it responds so to its own end', async () => {
    const error = new SdkAbortError('after the end');
    const run = AsyncStream.of(1).finally(() => {
      throw error;
    });
    expect(await outcomeOf(() => run.toArray())).toEqual({ error });
  });
});

describe('with the real thing', () => {
  let server: Server;
  let url: string;
  let folder: string;
  let file: string;
  let ticking: NodeJS.Timeout;

  beforeAll(async () => {
    server = createServer((_, response) => {
      const timer = setInterval(() => response.write('line\n'.repeat(10)), 1);
      response.on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
    folder = mkdtempSync(join(tmpdir(), 'asyncstream-'));
    file = join(folder, 'lines.gz');
    writeFileSync(file, gzipSync('line\n'.repeat(100_000)));
    ticking = setInterval(() => {
      emitter.emit('tick', 1);
      writeFileSync(join(folder, 'touched'), '');
    }, 2);
  });

  afterAll(async () => {
    clearInterval(ticking);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  const emitter = new EventEmitter().setMaxListeners(100);
  const sources: Record<string, Open> = {
    fetch: async ({ signal }) => AsyncStream.from((await fetch(url, { signal })).body!).lines(),
    undici: async ({ signal }) => AsyncStream.from((await request(url, { signal })).body).lines(),
    'a file through compose': () => AsyncStream.from(compose(createReadStream(file), createGunzip())).lines(),
    'a stream with a signal': ({ signal }) => AsyncStream.from(createReadStream(file, { signal })),
    'timers/promises': ({ signal }) => every(1, 1, { signal }),
    'events.on': ({ signal }) => on(emitter, 'tick', { signal }),
    'fs.watch': ({ signal }) =>
      AsyncStream.fromEvent(watch(folder, { signal }), 'change', { select: () => 1 }) as AsyncIterable<unknown>,
    fromEvent: ({ signal }) => AsyncStream.fromEvent(emitter, 'tick', { signal, select: () => 1 }),
  };

  const failing = ['an error of a later stage'];
  describe.each(Object.keys(sources))('%s', (name) => {
    test.each(Object.keys(ends))('left by %s', async (how) => {
      const outcome = await outcomeOf(() => ends[how]!(AsyncStream.from(sources[name]!)));
      if (failing.includes(how)) expect(outcome).toEqual({ error: boom });
      else expect(outcome).toEqual({ value: expect.anything() });
    });
  });
});

describe('a real abort', () => {
  test('still ends a run at once with its reason, and is not caught', async () => {
    const controller = new AbortController();
    const run = AsyncStream.interval(1)
      .switchMap(() => AsyncStream.interval(1).withSignal(controller.signal))
      .catch(() => ['caught'])
      .toArray();
    setTimeout(() => controller.abort(boom), 5);
    await expect(run).rejects.toBe(boom);
  });

  test('is not caught where another part of the run was left before, under its own signal', async () => {
    const controller = new AbortController();
    const under = (signal: AbortSignal) =>
      async function* (above: Stream) {
        yield* above.withSignal(signal);
      };
    const loser = AsyncStream.from(() => NEVER).pipe((above, { signal }) => under(signal)(above));
    const winner = AsyncStream.interval(1).pipe(under(controller.signal));
    const run = AsyncStream.race(loser, winner)
      .tap(() => controller.abort(boom))
      .catch(() => ['caught']);
    expect(await outcomeOf(() => run.toArray())).toEqual({ error: boom });
  });

  test('is caught as an error where it ended only an inner run with a terminal of its own', async () => {
    const controller = new AbortController();
    controller.abort(boom);
    const run = AsyncStream.of(1)
      .map(async () => AsyncStream.of(1).toArray({ signal: controller.signal }))
      .catch(() => ['caught']);
    expect(await run.toArray()).toEqual(['caught']);
  });
});

describe('a real error of a cleanup', () => {
  test.each(Object.keys(ends).filter((how) => ['break', 'return()', 'take', 'first', 'find'].includes(how)))(
    'is still reported by %s',
    async (how) => {
      const source = async function* () {
        try {
          for (;;) yield 1;
        } finally {
          await Promise.reject(boom);
        }
      };
      expect(await outcomeOf(() => ends[how]!(AsyncStream.from(source)))).toEqual({ error: boom });
    },
  );
});
