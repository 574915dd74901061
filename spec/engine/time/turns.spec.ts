import { describe, expect, jest, test } from '@jest/globals';
import { AsyncStream } from '../../../lib/index.ts';
import { idle, outcomeOf } from '../../support/turns.ts';

/** Keeps the processor busy, as parsing a large text does. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Never waits, and works for each of its elements. */
function busy(milliseconds = 1): { source: AsyncStream<number>; read: () => number } {
  let read = 0;
  const source = AsyncStream.range(0, 300).tap(() => {
    work(milliseconds);
    read++;
  });
  return { source, read: () => read };
}

const timer = () => new Promise((resolve) => setTimeout(resolve, 2));

/** Each emits, or ends the run, when its timer fires. */
const timed: Record<string, (source: AsyncStream<number>) => AsyncStream<unknown>> = {
  sample: (source) => source.sample(2),
  throttle: (source) => source.throttle(2, { leading: false }),
  debounce: (source) => source.debounce(1, { maxWait: 2 }),
  'chunks within': (source) => source.chunks(1000, { within: 2 }),
  takeUntil: (source) => source.takeUntil(timer()).takeLast(1),
  timeout: (source) =>
    source
      .timeout({ total: 1 })
      .catch(() => ['late'])
      .takeLast(1),
  expand: (source) =>
    AsyncStream.of(0)
      .expand(() => source, { maxDepth: 1 })
      .takeUntil(timer())
      .takeLast(1),
};

describe('beside a source that never waits and works for each element, the timer fires of', () => {
  test.each(Object.entries(timed))('%s', async (_, put) => {
    const { source, read } = busy();
    await put(source).first();
    expect(read()).toBeLessThan(150);
  });

  test.each([
    [0.3, 2],
    [3, 40],
  ])('sample, if an element takes %p ms', async (milliseconds, period) => {
    const { source, read } = busy(milliseconds);
    await source.sample(period).first();
    expect(read()).toBeLessThan(150);
  });
});

function* endless(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

/** None of them ever waits for more than a microtask, or ends. */
const restless: Record<string, () => AsyncStream<number>> = {
  'an iterable': () => AsyncStream.from(endless),
  'an async iterable': () =>
    AsyncStream.from(async function* () {
      yield* endless();
    }),
  'an iterable of promises': () => AsyncStream.from(endless).map(async (n) => n),
  'a long array': () => AsyncStream.from(Array(1_000_000_000) as number[]),
  repeat: () => AsyncStream.of(1).repeat(),
  unfold: () => AsyncStream.unfold(0, (n) => [n, n + 1]),
  paginate: () => AsyncStream.paginate(() => [1, 2]),
  create: () =>
    AsyncStream.create<number>(async (push) => {
      while (await push(1));
    }),
  'a web stream': () => AsyncStream.from(new ReadableStream<number>({ pull: (controller) => controller.enqueue(1) })),
  'an inner stream': () => AsyncStream.of(1).flatMap(endless),
  'an input of merge': () => AsyncStream.merge(endless()),
  'what is read by catch': () => AsyncStream.from(endless).catch(() => []),
  'a shared stream': () => AsyncStream.from(endless).share(),
};

test('where there is no setImmediate, turns come by messages, and not by timers that browsers delay', async () => {
  const { setImmediate, MessageChannel } = globalThis;
  const timers = jest.spyOn(globalThis, 'setTimeout');
  let messages = 0;
  globalThis.MessageChannel = class extends MessageChannel {
    constructor() {
      super();
      messages++;
    }
  };
  Reflect.deleteProperty(globalThis, 'setImmediate');
  try {
    jest.resetModules();
    const { range } = ((await import('../../../lib/index.ts')) as { AsyncStream: typeof AsyncStream }).AsyncStream;
    expect(await range(0, 9000).buffer(2).count()).toBe(9000);
    expect(messages).toBeGreaterThan(3);
    const iterator = range(0).buffer(2).drop(1e9)[Symbol.asyncIterator]();
    const next = iterator.next();
    await iterator.return();
    expect((await next).done).toBe(true);
    expect(timers).not.toHaveBeenCalled();
  } finally {
    Object.assign(globalThis, { setImmediate, MessageChannel });
    jest.restoreAllMocks();
    jest.resetModules();
  }
});

test('fake timers that were there before the library, and are never advanced, hold up no run', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] });
  jest.resetModules();
  try {
    const { range } = ((await import('../../../lib/index.ts')) as { AsyncStream: typeof AsyncStream }).AsyncStream;
    expect(await range(0, 9000).buffer(2).count()).toBe(9000);
    jest.useRealTimers();
    expect(await range(0, 9000).buffer(2).count()).toBe(9000);
  } finally {
    jest.useRealTimers();
    jest.resetModules();
  }
});

/** Nothing of what they are given comes out. */
const dropping: Record<string, (stream: AsyncStream<number>) => AsyncStream<unknown>> = {
  filter: (stream) => stream.filter(() => false),
  'an async filter': (stream) => stream.filter(async () => false),
  distinct: (stream) => stream.map(() => 1).distinct(),
  drop: (stream) => stream.drop(1e15),
  'flatMap to nothing': (stream) => stream.flatMap(() => []),
  'a generator in pipe': (stream) =>
    stream.pipe(async function* (upstream) {
      for await (const n of upstream) if (n === -1) yield n;
    }),
};

const wait = () => new Promise((resolve) => setTimeout(resolve, 2));

/** Each ends when a timer fires. */
const ends: Record<string, (stream: AsyncStream<unknown>) => Promise<unknown>> = {
  'the promise of takeUntil': (stream) => stream.takeUntil(wait()).drain(),
  timeout: (stream) => stream.timeout(2).drain(),
  'the signal of a terminal': (stream) => stream.drain({ signal: AbortSignal.timeout(2) }),
  'another input of race': (stream) => stream.race(AsyncStream.interval(2).take(1)).drain(),
};

describe('beside elements that never wait and are all dropped', () => {
  describe.each(Object.entries(restless))('by a source that is %s', (_, source) => {
    test.each(Object.entries(ends))('%s ends the run', async (_name, end) => {
      const [outcome] = await Promise.allSettled([end(source().filter(() => false))]);
      expect((outcome.status === 'rejected' ? (outcome.reason as Error) : undefined)?.name).toBe(
        end === ends['timeout'] || end === ends['the signal of a terminal'] ? 'TimeoutError' : undefined,
      );
    });
  });

  test('a timer ends the run before all lines of a long text have been emitted', async () => {
    const text = 'line\n'.repeat(200_000);
    expect(await AsyncStream.of(text).lines().takeUntil(wait()).count()).toBeLessThan(200_000);
  });

  test.each(Object.entries(dropping))('a timer ends the run after %s', async (_, drop) => {
    expect(await drop(AsyncStream.from(endless)).takeUntil(wait()).count()).toBeLessThan(2);
  });
});

test.each<[string, (stream: AsyncStream<number>) => AsyncStream<unknown>]>([
  ['timeout', (stream) => stream.timeout(60_000)],
  ['takeUntil', (stream) => stream.takeUntil(new Promise(() => undefined))],
  ['buffer', (stream) => stream.map(async (n) => n).buffer(16)],
  ['merge', (stream) => stream.merge([]).timeout(60_000)],
])('a run reads on after the turns that it gives timers: %s', async (_, put) => {
  expect(await put(AsyncStream.from(endless).take(10_000)).count()).toBe(10_000);
});

describe('runs that wait for the same turn of timers', () => {
  const immediates = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Immediate').length;

  /** Two runs that read until both have to let timers fire. */
  function twoRuns() {
    const controllers = [new AbortController(), new AbortController()];
    const read = [0, 0];
    const outcomes = controllers.map(({ signal }, index) =>
      outcomeOf(() =>
        AsyncStream.from(endless)
          .tap(() => {
            read[index]!++;
          })
          .drain({ signal }),
      ),
    );
    return { read, leave: (index: number) => controllers[index]!.abort('left'), outcomes };
  }

  test('continue after it, also if one of them has been left', async () => {
    const { read, leave, outcomes } = twoRuns();
    const before = [...read];
    leave(0);
    await idle();
    expect(read[0]).toBe(before[0]);
    expect(read[1]).toBeGreaterThan(before[1]!);
    leave(1);
    expect(await Promise.all(outcomes)).toEqual([{ error: 'left' }, { error: 'left' }]);
  });

  test('wait for it once, and not at all when all of them have been left', async () => {
    const before = immediates();
    const { leave, outcomes } = twoRuns();
    const waiting = immediates();
    leave(0);
    leave(1);
    await Promise.all(outcomes);
    expect([waiting, immediates()]).toEqual([before + 1, before]);
  });
});
