// The signal that callbacks get: aborted whenever the run ends before its source, and with the reason.
import { getMaxListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, type Context } from '../lib/index.ts';
import { Probe } from './support/probe.ts';
import { idle, outcomeOf, until } from './support/turns.ts';

type Stream = AsyncStream<unknown>;
type Note = (context: Context) => void;

/** Where callbacks stand that get a context, with something after them that waits until the run is ended. */
const places: Record<string, (stream: Stream, note: Note) => Stream> = {
  'in the same chain': (stream, note) => stream.map((x, _, context) => (note(context), x)),
  'before a catch': (stream, note) => stream.map((x, _, context) => (note(context), x)).catch(() => []),
  'before a retry': (stream, note) => stream.map((x, _, context) => (note(context), x)).retry(),
  'before two catches': (stream, note) =>
    stream
      .map((x, _, context) => (note(context), x))
      .catch(() => [])
      .catch(() => []),
  'before a buffer': (stream, note) => stream.map((x, _, context) => (note(context), x)).buffer(1),
  'in an input of merge': (stream, note) => AsyncStream.of().merge(stream.map((x, _, context) => (note(context), x))),
  'in an input of merge that catches': (stream, note) =>
    AsyncStream.of().merge(stream.map((x, _, context) => (note(context), x)).catch(() => [])),
  'in a nested stream': (stream, note) =>
    AsyncStream.of(1).flatMap(() => stream.map((x, _, context) => (note(context), x))),
  'in a nested stream that catches': (stream, note) =>
    AsyncStream.of(1).flatMap(() => stream.map((x, _, context) => (note(context), x)).catch(() => [])),
  'in one of several nested streams': (stream, note) =>
    AsyncStream.of(1).flatMap(() => stream.map((x, _, context) => (note(context), x)), { concurrency: 2 }),
  'before a stage of its own': (stream, note) =>
    stream
      .map((x, _, context) => (note(context), x))
      .pipe(async function* (above) {
        yield* above;
      }),
  'that makes a source': (stream, note) => AsyncStream.from((context) => (note(context), stream)),
  'that makes a replacement': (stream, note) =>
    AsyncStream.from(() => {
      throw new Error('caught');
    }).catch((_, context) => (note(context), stream)),
  'in a concurrent map, in flight': (stream, note) =>
    stream.map((x, index, context) => (note(context), index === 0 ? x : new Promise(() => undefined)), {
      concurrency: 2,
    }),
};

const failure = new Error('failure');

/** How a run ends before its source, and what the signal then says. */
const ends: Record<string, { run(stream: Stream): Promise<unknown>; reason: unknown }> = {
  break: {
    async run(stream) {
      for await (const _value of stream.tap(idle)) break;
    },
    reason: expect.objectContaining({ name: 'AbortError' }),
  },
  'return() while a value is awaited': {
    async run(stream) {
      const iterator = stream.map(() => new Promise(() => undefined))[Symbol.asyncIterator]();
      void iterator.next();
      await idle();
      await iterator.return();
    },
    reason: expect.objectContaining({ name: 'AbortError' }),
  },
  'an early stop': {
    run: (stream) => stream.tap(idle).first(),
    reason: expect.objectContaining({ name: 'AbortError' }),
  },
  'an error of a later callback': {
    run: (stream) =>
      stream.tap(idle).forEach(() => {
        throw failure;
      }),
    reason: failure,
  },
  'an error in the loop': {
    async run(stream) {
      for await (const _value of stream.tap(idle)) throw failure;
    },
    reason: expect.objectContaining({ name: 'AbortError' }),
  },
  'an abort': {
    async run(stream) {
      const controller = new AbortController();
      const ended = stream.tap(() => new Promise(() => undefined)).drain({ signal: controller.signal });
      await idle().then(idle);
      controller.abort('stop');
      await ended;
    },
    reason: 'stop',
  },
  'an abort in the same turn': {
    async run(stream) {
      const controller = new AbortController();
      await stream.tap(() => controller.abort('stop')).drain({ signal: controller.signal });
    },
    reason: 'stop',
  },
  'a timeout': {
    run: (stream) => stream.tap(() => new Promise(() => undefined)).drain({ signal: AbortSignal.timeout(5) }),
    reason: expect.objectContaining({ name: 'TimeoutError' }),
  },
};

describe.each(Object.keys(places))('the signal of a callback %s', (place) => {
  test.each(Object.keys(ends))('aborts with the reason on %s', async (end) => {
    const { run, reason } = ends[end]!;
    const contexts: Context[] = [];
    const before: boolean[] = [];
    const probe = new Probe();
    const stream = places[place]!(probe.stream, (context) => {
      contexts.push(context);
      before.push(context.signal.aborted);
    });
    await outcomeOf(() => run(stream));
    await until(() => contexts.length > 0);
    expect(before).not.toContain(true);
    // What a stage of one's own has open is left by its own code, which knows of no reason.
    if (place !== 'before a stage of its own') {
      expect(contexts.map(({ signal }) => signal.reason as unknown)).toEqual(contexts.map(() => reason));
    }
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual(contexts.map(() => true));
    expect(probe.faults()).toEqual([]);
  });

  test('does not abort where the stream has come to its end', async () => {
    if (place === 'in a concurrent map, in flight') return;
    const contexts: Context[] = [];
    const stream = places[place]!(new Probe({ length: 2 }).stream, (context) => contexts.push(context));
    expect(await stream.toArray()).toEqual([1, 2]);
    expect(contexts.map(({ signal }) => signal.aborted)).toEqual(contexts.map(() => false));
  });
});

describe('the signal of a callback may have many listeners', () => {
  const signalOf = async () => {
    const signals: Context['signal'][] = [];
    await AsyncStream.of(1).forEach((_value, _index, { signal }) => void signals.push(signal));
    return signals[0]!;
  };

  test('without a warning of Node', async () => {
    // A limit of 0 would mean the same, but `getMaxListeners` of Node 20 throws for it, and the `fetch` of undici calls that.
    expect(getMaxListeners((await signalOf()) as AbortSignal)).toBe(Infinity);
  });

  test.each([
    ['process', undefined],
    ['getBuiltinModule()', {}],
    ['events', { getBuiltinModule: () => undefined }],
  ])('on a platform without %s', async (_, value) => {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'process')!;
    Object.defineProperty(globalThis, 'process', { configurable: true, writable: true, value });
    let signal;
    try {
      signal = signalOf();
    } finally {
      Object.defineProperty(globalThis, 'process', descriptor);
    }
    expect(await signal).toBeInstanceOf(AbortSignal);
  });
});
