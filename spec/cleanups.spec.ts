import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../lib/index.ts';
import { never } from './support/iterators.ts';
import { idle, outcomeOf, until } from './support/turns.ts';

type Cleanup = () => Promise<void>;

/** The elements of each are endless, and each has one cleanup. */
const cleanups: Record<string, (cleanup: Cleanup) => AsyncStream<number>> = {
  'the return() of an iterator': (cleanup) =>
    AsyncStream.from({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 1 }),
        return: () => cleanup().then(() => ({ done: true, value: undefined })),
      }),
    }),
  'the result of return() of a sync iterator': (cleanup) =>
    AsyncStream.from({
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }),
        return: () => ({ done: true, value: cleanup() as never }),
      }),
    }),
  'the finally of a generator': (cleanup) =>
    AsyncStream.from(async function* () {
      try {
        for (;;) yield 1;
      } finally {
        await cleanup();
      }
    }),
  'the cancel() of a web stream': (cleanup) =>
    AsyncStream.from(
      () => new ReadableStream<number>({ pull: (controller) => controller.enqueue(1), cancel: cleanup }),
    ),
  finally: (cleanup) => AsyncStream.range(0).finally(cleanup),
  'the close of tap': (cleanup) => AsyncStream.range(0).tap({ close: cleanup }),
  'the close of using': (cleanup) =>
    AsyncStream.using(
      () => 'resource',
      () => AsyncStream.range(0),
      cleanup,
    ),
  'the cleanup of create': (cleanup) =>
    AsyncStream.create<number>((push) => {
      void push(1);
      return cleanup;
    }),
  'the finally of a generator in pipe': (cleanup) =>
    AsyncStream.range(0).pipe(async function* (upstream) {
      try {
        yield* upstream;
      } finally {
        await cleanup();
      }
    }),
};

/** A stream whose consumer is stuck with the first element, so that the source is not in the middle of another. */
function held(stream: AsyncStream<number>): AsyncStream<number> {
  return stream.map(() => never());
}

function abortedLater(): AbortSignal {
  const controller = new AbortController();
  setImmediate(() => controller.abort('aborted'));
  return controller.signal;
}

const ABORTED = { error: 'aborted' };
const DONE = { value: undefined };

const ends: Record<string, readonly [end: (stream: AsyncStream<number>) => Promise<unknown>, outcome: object]> = {
  'the signal of a terminal aborts': [(stream) => held(stream).drain({ signal: abortedLater() }), ABORTED],
  'its own signal aborts': [(stream) => held(stream).withSignal(abortedLater()).drain(), ABORTED],
  'the signal of a loop aborts': [
    async (stream) => {
      for await (const _ of held(stream).withSignal(abortedLater()));
    },
    ABORTED,
  ],
  'its time is over': [
    (stream) => held(stream).timeout({ total: 1 }).drain(),
    { error: expect.objectContaining({ name: 'TimeoutError' }) },
  ],
  'takeUntil stops it': [(stream) => held(stream).takeUntil(abortedLater()).drain(), DONE],
  'a callback throws': [(stream) => stream.forEach(() => Promise.reject('thrown')), { error: 'thrown' }],
  'take has enough': [(stream) => stream.take(1).drain(), DONE],
  'a loop breaks': [
    async (stream) => {
      for await (const _ of stream) break;
    },
    DONE,
  ],
  'return() is called': [
    async (stream) => {
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      await iterator.return();
    },
    DONE,
  ],
  'another input of race wins': [
    (stream) =>
      AsyncStream.race(
        held(stream),
        AsyncStream.from(async function* () {
          await idle();
          yield 'won';
        }),
      ).drain(),
    DONE,
  ],
  'switchMap leaves it': [
    (stream) =>
      AsyncStream.of(1, 2)
        .tap(idle)
        .switchMap((n) => (n === 1 ? held(stream) : []))
        .drain(),
    DONE,
  ],
  'a web stream over it is cancelled': [
    async (stream) => {
      const reader = stream.toReadableStream().getReader();
      await reader.read();
      await reader.cancel();
    },
    DONE,
  ],
};

describe.each(Object.entries(cleanups))('a run waits for %s, however long it takes, when', (_, build) => {
  test.each(Object.entries(ends))('%s', async (_name, [end, outcome]) => {
    let called = 0;
    let finish!: () => void;
    const cleanup = () => {
      called++;
      return new Promise<void>((resolve) => (finish = resolve));
    };
    let settled = false;
    const run = outcomeOf(() => end(build(cleanup)));
    void run.then(() => (settled = true));
    await until(() => called > 0);
    for (let turn = 0; turn < 10; turn++) await idle();
    expect([settled, called]).toEqual([false, 1]);
    finish();
    expect(await run).toEqual(outcome);
    expect(called).toBe(1);
  });
});
