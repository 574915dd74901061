// Nothing hangs: every operator that waits for something, over a source that never answers. One row for each.
import * as streams from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../lib/index.ts';
import { DONE, iterate, never } from './support/iterators.ts';
import { type KindName, Probe, type ProbeOptions } from './support/probe.ts';
import { idle, outcomeOf, turnsUntilSettled, until } from './support/turns.ts';

type Stream = AsyncStream<any>;

interface Row {
  readonly call: string;
  /** Puts it on the stream, so that it gives the elements as they are. */
  readonly build: (stream: Stream) => Stream;
  /** Makes it of two streams that are open at the same time. */
  readonly both?: (one: Stream, other: Stream) => Stream;
  /** Puts it on with this callback, for which it waits. */
  readonly asks?: (stream: Stream, fn: (value: any) => any) => Stream;
  /** Reads on while the consumer is busy with an element. */
  readonly ahead?: true;
}

const both = (merge: (inner: Stream) => Stream) => (one: Stream, other: Stream) => merge(AsyncStream.of(one, other));

const rows: readonly Row[] = [
  { call: 'buffer(2)', build: (stream) => stream.buffer(2), ahead: true },
  {
    call: "buffer(2, { overflow: 'drop-oldest' })",
    build: (stream) => stream.buffer(2, { overflow: 'drop-oldest' }),
    ahead: true,
  },
  {
    call: 'merge(other)',
    build: (stream) => stream.merge(never as never),
    both: (one, other) => one.merge(other),
  },
  {
    call: 'zip(other)',
    build: (stream) => stream.zip(AsyncStream.range(0)).map(([value]) => value as unknown),
    both: (one, other) => one.zip(other),
  },
  {
    call: 'combineLatest(other)',
    build: (stream) => stream.combineLatest(['other']).map(([value]) => value as unknown),
    both: (one, other) => one.combineLatest(other),
  },
  {
    call: 'withLatestFrom(other)',
    build: (stream) => stream.withLatestFrom(['other']).map(([value]) => value as unknown),
    both: (one, other) => one.withLatestFrom(other),
  },
  {
    call: 'race(other)',
    build: (stream) => stream.race(never as never),
    both: (one, other) => one.race(other),
  },
  { call: 'interleave(other)', build: (stream) => stream.interleave([]) },
  { call: 'timeout(limit)', build: (stream) => stream.timeout(1_000_000) },
  { call: 'heartbeat(milliseconds, value)', build: (stream) => stream.heartbeat(1_000_000, 'beat') },
  { call: 'takeUntil(promise)', build: (stream) => stream.takeUntil(never()) },
  { call: 'rateLimit(options)', build: (stream) => stream.rateLimit({ limit: 1000, interval: 1 }) },
  { call: 'retry({ resume })', build: (stream) => stream.retry({ times: 1, resume: () => [] }) },
  { call: 'share()', build: (stream) => stream.share() },
  { call: 'tee()', build: (stream) => stream.tee(1)[0] },
  { call: 'expand(fn)', build: (stream) => stream.expand(() => []) },
  { call: 'withSignal(signal)', build: (stream) => stream.withSignal(new AbortController().signal) },
  ...[true, false].flatMap((ordered): Row[] => {
    const options = { concurrency: 2, ordered };
    const text = `{ concurrency: 2, ordered: ${ordered} }`;
    return [
      {
        call: `map(fn, ${text})`,
        build: (stream) => stream.map((value) => value, options),
        asks: (stream, fn) => stream.map(fn, options),
        ahead: true,
      },
      {
        call: `filter(predicate, ${text})`,
        build: (stream) => stream.filter(() => true, options),
        asks: (stream, fn) => stream.filter(fn, options),
        ahead: true,
      },
      {
        call: `flatMap(fn, ${text})`,
        build: (stream) => stream.flatMap((value) => [value], options),
        asks: (stream, fn) => stream.flatMap(fn, options),
        // In order, an error of the other one comes after what the first one gives.
        ...(ordered ? {} : { both: both((inner) => inner.flatMap((stream) => stream, options)) }),
        ahead: true,
      },
      {
        call: `flat(${text})`,
        build: (stream) => stream.map((value) => [value]).flat(options),
        ...(ordered ? {} : { both: both((inner) => inner.flat(options)) }),
        ahead: true,
      },
    ];
  }),
];

/** Turns of the microtask queue: all of them are within one turn of the event loop. */
const PROMPT = 60;
const KINDS: KindName[] = ['async iterable', 'sync iterable', 'async generator', 'ReadableStream', 'stream'];

/** Pulled until the source does not answer. */
async function stuckIn(build: (stream: Stream) => Stream, options: ProbeOptions) {
  const probe = new Probe({ stuckAt: 3, ...options });
  const iterator = iterate(build(probe.stream));
  for (;;) {
    let answered = false;
    const pending = iterator.next();
    const note = () => (answered = true);
    pending.then(note, note);
    await until(() => answered || probe.stuck);
    await idle();
    if (!answered) return { probe, iterator, pending };
  }
}

/** What comes too late is nothing to anybody. */
async function late(probe: Probe, how: 'resolve' | 'reject', log: readonly string[] = []): Promise<void> {
  const before = [...log, probe.pulled, probe.closed];
  probe.late![how](how === 'resolve' ? 'late' : new Error('late'));
  await idle();
  expect([...log, probe.pulled, probe.closed]).toEqual(before);
  expect(probe.faults()).toEqual([]);
}

async function promptly<T>(promise: Promise<T>): Promise<T> {
  expect(await turnsUntilSettled(promise)).toBeLessThan(PROMPT);
  return promise;
}

describe.each(rows.map((row) => [row.call, row] as const))('%s over a source that never answers', (_, row) => {
  const { build } = row;

  describe.each(KINDS)('%s', (kind) => {
    test.each([1, 3])('lets return() through at once, stuck at element %d', async (stuckAt) => {
      const { probe, iterator, pending } = await stuckIn(build, { kind, stuckAt });
      expect(await promptly(iterator.return!())).toEqual(DONE);
      expect([await pending, probe.closed]).toEqual([DONE, 1]);
      await late(probe, 'resolve');
      expect(await iterator.next()).toEqual(DONE);
    });

    test.each(['resolve', 'reject'] as const)(
      'lets an abort of a signal after it through at once (late %s)',
      async (how) => {
        const controller = new AbortController();
        const reason = new Error('abort');
        const { probe, pending } = await stuckIn((stream) => build(stream).withSignal(controller.signal), { kind });
        const outcome = outcomeOf(() => pending);
        controller.abort(reason);
        expect(await promptly(outcome)).toStrictEqual({ error: reason });
        expect(probe.closed).toBe(1);
        await late(probe, how);
      },
    );

    test('lets an abort of a signal before it through at once', async () => {
      const controller = new AbortController();
      const { probe, pending } = await stuckIn((stream) => build(stream.withSignal(controller.signal)), { kind });
      const outcome = outcomeOf(() => pending);
      controller.abort('reason');
      expect(await promptly(outcome)).toStrictEqual({ error: 'reason' });
      expect(probe.closed).toBe(1);
      await late(probe, 'reject');
    });

    test('lets an abort through to a terminal', async () => {
      const controller = new AbortController();
      const probe = new Probe({ kind, stuckAt: 2 });
      const outcome = outcomeOf(() => build(probe.stream).withSignal(controller.signal).toArray());
      await until(() => probe.stuck);
      controller.abort('reason');
      expect(await promptly(outcome)).toStrictEqual({ error: 'reason' });
      expect(probe.closed).toBe(1);
      await late(probe, 'reject');
    });

    test('lets the return() of what it is an inner stream of through at once', async () => {
      const { probe, iterator, pending } = await stuckIn((stream) => AsyncStream.of(1).flatMap(() => build(stream)), {
        kind,
      });
      expect(await promptly(iterator.return!())).toEqual(DONE);
      expect([await pending, probe.closed]).toEqual([DONE, 1]);
      await late(probe, 'reject');
    });

    if (row.ahead) {
      const ends: Record<string, (stream: Stream) => Promise<unknown>> = {
        'a later take': (stream) => stream.take(1).toArray(),
        'an error in a later callback': (stream) => stream.forEach(() => Promise.reject(new Error('later'))),
        break: async (stream) => {
          for await (const _value of stream) break;
        },
      };

      test.each(Object.keys(ends))('lets %s through at once, while it reads ahead', async (how) => {
        const probe = new Probe({ kind, stuckAt: 2 });
        let settled = false;
        const reading = build(probe.stream).tap(() => until(() => probe.stuck));
        const end = outcomeOf(() => ends[how]!(reading)).then(() => (settled = true));
        await until(() => probe.stuck);
        await idle();
        await idle();
        expect([settled, probe.closed]).toEqual([true, 1]);
        await end;
        await late(probe, 'reject');
      });
    }
  });

  const siblings = row.both;
  if (siblings !== undefined) {
    test.each(KINDS)('lets the failure of a sibling through at once: %s', async (kind) => {
      for (const error of [new Error('sibling'), undefined]) {
        for (const order of ['first', 'second']) {
          const probe = new Probe({ kind, stuckAt: 1 });
          let fail!: (error: unknown) => void;
          const sibling = AsyncStream.from(async function* (): AsyncGenerator<number> {
            yield await new Promise<number>((_, reject) => (fail = reject));
          });
          const stream = order === 'first' ? siblings(sibling, probe.stream) : siblings(probe.stream, sibling);
          const outcome = outcomeOf(() => stream.toArray());
          await until(() => probe.stuck && fail !== undefined);
          fail(error);
          expect(await promptly(outcome)).toStrictEqual({ error });
          expect(probe.closed).toBe(1);
          await late(probe, 'reject');
        }
      }
    });

    test('lets return() through at once where all are stuck, and closes all', async () => {
      const probes = [new Probe({ stuckAt: 1 }), new Probe({ stuckAt: 1, kind: 'async generator' })] as const;
      const iterator = iterate(siblings(probes[0].stream, probes[1].stream));
      const pending = iterator.next();
      await until(() => probes.every(({ stuck }) => stuck));
      expect(await promptly(iterator.return!())).toEqual(DONE);
      expect([await pending, ...probes.map(({ closed }) => closed)]).toEqual([DONE, 1, 1]);
      for (const probe of probes) await late(probe, 'reject');
    });

    test('closes the others also where closing one takes for ever', async () => {
      const probes = [new Probe({ close: never }), new Probe({ close: never })] as const;
      const iterator = iterate(siblings(probes[0].stream, probes[1].stream));
      for (let n = 0; n < 4; n++) await iterator.next();
      void iterator.return!();
      await idle();
      expect(probes.map(({ closed }) => closed)).toEqual([1, 1]);
    });
  }

  const { asks } = row;
  if (asks !== undefined) {
    /** Pulled until a callback does not answer. */
    async function stuckCallback(around: (stream: Stream) => Stream = (stream) => stream) {
      const probe = new Probe();
      let settle: { resolve(value: unknown): void; reject(error: unknown): void } | undefined;
      let calls = 0;
      const fn = () => {
        calls++;
        return new Promise((resolve, reject) => (settle ??= { resolve, reject }));
      };
      const iterator = iterate(around(asks!(probe.stream, fn)));
      const pending = outcomeOf(() => iterator.next());
      await until(() => settle !== undefined);
      await idle();
      return { probe, iterator, pending, calls: () => calls, settle: settle! };
    }

    test.each(['resolve', 'reject'] as const)(
      'lets return() through at once where a callback never answers (late %s)',
      async (how) => {
        const { probe, iterator, pending, calls, settle } = await stuckCallback();
        const before = calls();
        expect(await promptly(iterator.return!())).toEqual(DONE);
        expect([await pending, probe.closed]).toEqual([{ value: DONE }, 1]);
        settle[how](how === 'resolve' ? ['late'] : new Error('late'));
        await idle();
        expect([calls(), probe.closed, probe.faults()]).toEqual([before, 1, []]);
      },
    );

    test('lets an abort through at once where a callback never answers', async () => {
      const controller = new AbortController();
      const { probe, pending, settle } = await stuckCallback((stream) => stream.withSignal(controller.signal));
      controller.abort('reason');
      expect(await promptly(pending)).toEqual({ error: 'reason' });
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
      settle.reject(new Error('late'));
      await idle();
    });
  }
});

/** Not in the types of this version. */
const { compose } = streams as unknown as { compose(...parts: unknown[]): streams.Readable };
const { Duplex, Readable } = streams;

async function* waiting(): AsyncGenerator<number> {
  yield 1;
  await never();
}

async function* echo(upstream: AsyncIterable<number>): AsyncGenerator<number> {
  yield* upstream;
}

/** Node streams that emit one element, and then wait, so that they do not close when they are destroyed. */
const busy: Record<string, () => Stream> = {
  'a Readable over a generator that waits': () => AsyncStream.from(Readable.from(waiting())),
  'a composed stream': () => AsyncStream.from(compose(waiting, echo) as AsyncIterable<number>),
  'a Duplex over a generator that waits for its input': () =>
    AsyncStream.from(waiting).pipeThrough(() => Duplex.from(echo) as never),
  'a web stream whose cancel never settles': () =>
    AsyncStream.from(
      Readable.fromWeb(new ReadableStream({ start: (controller) => controller.enqueue(1), cancel: never }) as never, {
        objectMode: true,
      }),
    ),
  'a Readable whose destroy() waits for a read': () => {
    const chunks = [1];
    let reading = false;
    const stream = new Readable({
      objectMode: true,
      read() {
        reading = chunks.length === 0;
        if (!reading) stream.push(chunks.pop());
      },
      destroy(error, done) {
        if (!reading) done(error);
      },
    });
    return AsyncStream.from(stream);
  },
};

/** Ways to leave a stream early. Each resolves with its one element. */
const early: Record<string, (stream: Stream) => Promise<unknown>> = {
  take: async (stream) => stream.take(1).toArray(),
  first: async (stream) => [await stream.first()],
  async break(stream) {
    for await (const value of stream) return [value];
    return [];
  },
  'an error of a callback': (stream) =>
    stream.forEach((value) => Promise.reject(value as Error)).catch((value) => [value]),
  async 'an abort'(stream) {
    const controller = new AbortController();
    const run = stream.forEach((value) => controller.abort(value), { signal: controller.signal });
    return run.catch((value: unknown) => [value]);
  },
  async 'return() during next()'(stream) {
    const iterator = iterate(stream);
    const { value } = await iterator.next();
    const pending = iterator.next();
    await iterator.return!();
    await pending;
    return [value];
  },
};

test.each(Object.keys(busy))('nothing hangs over %s when it is left early', async (which) => {
  const ways = rows.flatMap(({ call, build }) =>
    Object.keys(early).map((how) => ({ name: `${call}, ${how}`, build, how })),
  );
  const outcomes = ways.map(async ({ name, build, how }) => [name, await early[how]!(build(busy[which]!()))]);
  expect(await Promise.all(outcomes)).toEqual(ways.map(({ name }) => [name, [1]]));
});
