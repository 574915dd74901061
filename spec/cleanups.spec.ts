import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../lib/index.ts';
import { never } from './support/iterators.ts';
import { stages } from './support/table.ts';
import { idle, outcomeOf, pause, until } from './support/turns.ts';

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
    await pause(10);
    expect([settled, called]).toEqual([false, 1]);
    finish();
    expect(await run).toEqual(outcome);
    expect(called).toBe(1);
  });
});

test('an error of the cleanup of an input that a stream leaves at its own end is reported', async () => {
  const error = new Error('cleanup');
  const stop = AsyncStream.from(async function* () {
    yield await never();
  }).finally(() => Promise.reject(error));
  const seen: number[] = [];
  const stream = AsyncStream.of(1).takeUntil(stop);
  const looped = async () => {
    for await (const x of stream) seen.push(x);
  };
  expect(await outcomeOf(looped)).toStrictEqual({ error });
  expect(await outcomeOf(() => stream.forEach((x) => void seen.push(x)))).toStrictEqual({ error });
  expect(seen).toEqual([1, 1]);
});

/** Ends at once, and is then closed until `close` is called. */
function lasting() {
  let close: ((error?: Error) => void) | undefined;
  const given: AsyncIterableIterator<any> = {
    next: never,
    return: () =>
      new Promise((resolve, reject) => {
        close = (error) => (error === undefined ? resolve({ done: true, value: undefined }) : reject(error));
      }),
    [Symbol.asyncIterator]: () => given,
  };
  return {
    stream: AsyncStream.from(given).take(0),
    closing: async () => until(() => close !== undefined),
    close: (error?: Error) => close!(error),
  };
}

describe('an input that is still being closed after its own end,', () => {
  test.each([undefined, new Error('cleanup')])(
    'when another wins the race, changes nothing until that is over: %p',
    async (error) => {
      const loser = lasting();
      const log: string[] = [];
      let finished = false;
      const winner = AsyncStream.from(async function* () {
        await loser.closing();
        yield 'first';
        yield 'second';
        await until(() => finished);
        await idle();
        yield 'third';
      });
      const run = outcomeOf(() => loser.stream.race(winner).forEach((value) => void log.push(value)));
      await until(() => log.length === 2);
      loser.close(error);
      finished = true;
      expect(await run).toStrictEqual(error === undefined ? { value: undefined } : { error });
      expect(log).toEqual(['first', 'second', 'third']);
    },
  );

  // Of these, some emit elements of their own before it is closed, and some read it by an iterator, whose `next()` fails.
  const others = /^(prepend|append|concat|defaultIfEmpty|iterator|toReadableStream)\(/;
  const waiting = stages.filter(({ call, catches, repeats }) => !catches && !repeats && !others.test(call));
  test.each(waiting.map((row) => [row.call, row] as const))(
    '%s: its error is that of the run',
    async (_, { build }) => {
      const input = lasting();
      const error = new Error('cleanup');
      const run = outcomeOf(() => build(input.stream).toArray());
      await input.closing();
      input.close(error);
      expect(await run).toStrictEqual({ error });
    },
  );

  test.each(waiting.map((row) => [row.call, row] as const))(
    'and is left meanwhile, %s: its error is reported once',
    async (_, { build }) => {
      const input = lasting();
      const error = new Error('cleanup');
      const iterator = build(input.stream)[Symbol.asyncIterator]();
      const pulled = outcomeOf(() => iterator.next());
      await input.closing();
      await idle();
      const left = outcomeOf(() => iterator.return!());
      await idle();
      input.close(error);
      expect([await pulled, await left].filter((outcome) => 'error' in outcome)).toStrictEqual([{ error }]);
    },
  );
});

test('an error of a cleanup that cannot be read is no echo of the end', async () => {
  const error = Object.defineProperty(new Error('unreadable'), 'name', {
    get() {
      throw new Error('read');
    },
  });
  const looped = async () => {
    for await (const _ of AsyncStream.range(0).finally(() => Promise.reject(error))) break;
  };
  expect(((await outcomeOf(looped)) as { error: unknown }).error).toBe(error);
});

test('an input that is closed at the end of a stream, which is left meanwhile, is waited for', async () => {
  const error = new Error('cleanup');
  let fail: ((error: Error) => void) | undefined;
  const stop = AsyncStream.from(() => never()).finally(() => new Promise<void>((_, reject) => (fail = reject)));
  const iterator = AsyncStream.of(1).takeUntil(stop)[Symbol.asyncIterator]();
  expect(await iterator.next()).toEqual({ done: false, value: 1 });
  const pulled = outcomeOf(() => iterator.next());
  await until(() => fail !== undefined);
  let over = false;
  const left = outcomeOf(() => iterator.return()).finally(() => (over = true));
  await idle();
  expect(over).toBe(false);
  fail!(error);
  expect([await pulled, await left].filter((outcome) => 'error' in outcome)).toStrictEqual([{ error }]);
});
