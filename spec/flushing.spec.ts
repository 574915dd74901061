// Stages that hold elements back emit them before an error, wherever in the chain it comes from.
import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../lib/index.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { Probe } from './support/probe.ts';
import { idle, until } from './support/turns.ts';

type Stream = AsyncStream<any>;

const first = new Error('first');
const second = new Error('second');

/** Each holds its latest element when the error comes. */
const holding: Record<string, (stream: Stream) => Stream> = {
  chunks: (stream) => stream.chunks(2),
  'chunks by weight': (stream) => stream.chunks(2, { weight: () => 1, maxWeight: 2 }),
  chunkBy: (stream) => stream.chunkBy((value: unknown) => JSON.stringify(value)),
  chunkWhen: (stream) => stream.chunkWhen(() => false),
};

/** Emits so many, and fails. */
const source = (elements: number) =>
  AsyncStream.from(async function* () {
    for (let n = 1; n <= elements; n++) yield n;
    throw first;
  });

async function outcomeOf(stream: Stream): Promise<{ seen: unknown[]; error: unknown }> {
  const seen: unknown[] = [];
  try {
    for await (const value of stream) seen.push(value);
  } catch (error) {
    return { seen, error };
  }
  throw new Error('it ended without an error');
}

/** Each interrupts its run while its source is silent, and while the consumer waits. */
const interrupting: Record<string, (stream: Stream) => Stream> = {
  timeout: (stream) => stream.timeout(1),
  'timeout for the first': (stream) => stream.drop(1).timeout({ first: 1 }).prepend(1),
  progress: (stream) => stream.progress(({ done, over }) => over || done === 0 || Promise.reject(first), { every: 1 }),
  'the total of progress': (stream) =>
    stream.progress(() => undefined, { total: sleep(1).then(() => Promise.reject(first)) }),
  profile: (stream) => stream.profile(({ done }) => done || Promise.reject(first), { every: 1 }),
};

describe('an error that comes while the source is silent, from a stage upstream of', () => {
  const held: [string, (stream: Stream) => Stream][] = Object.entries({
    ...holding,
    buffer: (stream) => stream.buffer(3).chunks(2),
    debounce: (stream) => stream.debounce(100_000),
    throttle: (stream) => stream.throttle(100_000, { leading: false }),
    sample: (stream) => stream.sample(100_000),
    'chunks, in time': (stream) => stream.chunks(2, { within: 100_000 }),
  });

  test.each(Object.keys(interrupting).flatMap((name) => held.map(([stage, hold]) => [stage, name, hold] as const)))(
    '%s comes after what that holds: %s',
    async (_, name, hold) => {
      const probe = new Probe({ stuckAt: 2 });
      const { seen, error } = await outcomeOf(hold(interrupting[name]!(probe.stream)));
      expect(seen.flat()).toEqual([1]);
      expect((error as Error).name).toBe(name.startsWith('timeout') ? 'TimeoutError' : 'Error');
      expect([probe.closed, probe.faults()]).toEqual([1, []]);
    },
  );
});

const pairs = Object.keys(holding).flatMap((upper) => Object.keys(holding).map((lower) => [upper, lower] as const));

test.each(Object.keys(holding))(
  'a limit for the whole run ends it at once: %s emits nothing of what it holds',
  async (stage) => {
    const probe = new Probe({ stuckAt: 2 });
    const { seen, error } = await outcomeOf(holding[stage]!(probe.stream.timeout({ total: 1 })));
    expect([seen, (error as Error).name, probe.closed]).toEqual([[], 'TimeoutError', 1]);
  },
);

describe('an error that finds elements held by a stage, whose emission fails as well,', () => {
  const failing: Record<string, (value: unknown) => unknown> = {
    throws: (value) => {
      if (JSON.stringify(value) === '[3]') throw second;
      return value;
    },
    rejects: async (value) => {
      if (JSON.stringify(value) === '[3]') throw second;
      return value;
    },
    'throws the same error': (value) => {
      if (JSON.stringify(value) === '[3]') throw first;
      return value;
    },
  };

  for (const [way, fn] of Object.entries(failing)) {
    test.each(pairs)(
      `is the error of the run, after what stages further down hold: ${way}, %s above %s`,
      async (upper, lower) => {
        // The upper stage has emitted one chunk, which the lower one holds, and holds another one.
        const above = upper === 'chunkWhen' ? source(3).chunkWhen((_, n) => n === 3) : holding[upper]!(source(3));
        const below = holding[lower]!(above.map(fn));
        const { seen, error } = await outcomeOf(below);
        expect(error).toBe(first);
        expect(seen.flat(2)).toEqual([1, 2]);
      },
    );
  }

  test('reaches the stages below a plan of its own', async () => {
    const inner = source(3).chunks(2).map(failing['throws']!).chunks(2);
    const { seen, error } = await outcomeOf(
      AsyncStream.of(0)
        .flatMap(() => inner)
        .chunks(5),
    );
    expect([seen, error]).toEqual([[[[[1, 2]]]], first]);
  });
});

test.each(Object.keys(holding))(
  'a callback that aborts its run and throws: %s emits nothing of what it holds',
  async (name) => {
    const controller = new AbortController();
    const seen: unknown[] = [];
    // Nothing is to be closed before they would be emitted.
    const failing = AsyncStream.of(1, 2, 3)
      .withSignal(controller.signal)
      .map((value) => {
        if (value !== 2) return value;
        controller.abort(first);
        throw second;
      });
    const run = holding[name]!(failing).forEach((value) => void seen.push(value));
    const error: unknown = await run.catch((reason: unknown) => reason);
    expect([error, seen]).toEqual([first, []]);
  },
);

test.each(Object.keys(holding))('a callback that aborts its run and throws after the error: %s', async (name) => {
  const controller = new AbortController();
  const abort = new Error('abort');
  const failing = AsyncStream.from(async function* () {
    yield 1;
    throw first;
  });
  const aborted = holding[name]!(failing.withSignal(controller.signal)).map(() => {
    controller.abort(abort);
    throw second;
  });
  expect(await aborted.toArray().catch((reason: unknown) => [reason])).toEqual([abort]);
});

test.each(Object.keys(holding))('a run that is left while %s closes its upstream waits for that', async (name) => {
  const log: string[] = [];
  let finish!: () => void;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const close = async () => {
    log.push('closes');
    await finished;
    log.push('closed');
  };
  const failing = AsyncStream.using(
    () => 0,
    () => source(1),
    close,
  );
  const iterator = holding[name]!(failing)[Symbol.asyncIterator]();
  const pending = iterator.next();
  await until(() => log.length > 0);
  const left = iterator.return!().then(() => log.push('left'));
  await idle();
  finish();
  await Promise.all([pending, left]);
  expect(log).toEqual(['closes', 'closed', 'left']);
});
