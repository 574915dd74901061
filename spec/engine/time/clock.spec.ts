import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, limiter } from '../../../lib/index.ts';
import { idle } from '../../support/turns.ts';

type Fakeable = 'Date' | 'performance' | 'setImmediate' | 'nextTick' | 'queueMicrotask';

afterEach(() => void jest.useRealTimers());

/** The values of a stream, each with the time in milliseconds of timers at which it came. */
async function timesOf(
  real: readonly Fakeable[],
  make: () => AsyncStream<unknown> | Promise<AsyncStream<unknown>>,
  milliseconds = 60,
) {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', ...real] });
  const seen: string[] = [];
  let time = 0;
  let over = false;
  const controller = new AbortController();
  const run = (await make())
    .forEach((value) => void seen.push(`${String(value)}@${time}`), { signal: controller.signal })
    .catch((error: Error) => error !== controller.signal.reason && seen.push(`${error.name}@${time}`))
    .finally(() => (over = true));
  for (await idle(); time < milliseconds && !over;) {
    await idle();
    await idle();
    time++;
    jest.advanceTimersByTime(1);
    await idle();
  }
  controller.abort();
  await run;
  return seen.join(' ');
}

/** Emits the numbers up to `count`, with so many milliseconds after each. */
function every(milliseconds: number, count: number): AsyncStream<number> {
  return AsyncStream.from(async function* () {
    for (let n = 1; n <= count; n++) {
      yield n;
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
    }
  });
}

function work(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 12);
}

const two = () => limiter({ limit: 2, interval: 20 });

/** By a fake clock, and by fake timers alone. */
const exact: Record<string, () => AsyncStream<unknown>> = {
  'timeout of a stuck source': () => AsyncStream.from(new ReadableStream()).timeout(10),
  'timeout that no element misses': () => every(8, 5).timeout(10),
  'timeout of an element': () => every(12, 3).timeout(10),
  'timeout in total': () => every(8, 5).timeout({ total: 30 }),
  'timeout in total beside work that takes real time': () => every(8, 5).tap(work).timeout({ total: 30 }),
  heartbeat: () => every(25, 2).heartbeat(10, 'beat'),
  'chunks within': () => every(4, 7).chunks(100, { within: 10 }),
  'chunks within, of one element each': () => every(15, 3).chunks(100, { within: 10 }),
  debounce: () => every(12, 3).debounce(10),
  throttle: () => every(4, 7).throttle(10),
  'throttle beside work that takes real time': () => every(4, 7).tap(work).throttle(10),
  delay: () => every(1, 3).delay(10),
};

/** By a fake clock. An interval goes by the time that has passed, which is real if no clock is fake. */
const byClock: Record<string, () => AsyncStream<unknown>> = {
  ...exact,
  interval: () => AsyncStream.interval(10).take(5),
  'an interval with a slow consumer': () => AsyncStream.interval(10).tap(async () => every(25, 1).drain()),
  rateLimit: () => AsyncStream.range(0, 6).rateLimit({ limit: 2, interval: 20 }),
  limiter: () => AsyncStream.range(0, 6).map((x) => x, { concurrency: two() }),
  poll: () => AsyncStream.poll((index) => index, { every: 10, until: (index) => index === 3 }),
  sample: () => every(4, 7).sample(10),
  'groupByKey with idle': () =>
    every(8, 5)
      .groupByKey((x) => x % 2, { idle: 10 })
      .flatMap(async ([, group]) => [await group.toArray()], { concurrency: Infinity, ordered: false }),
};

describe('time-based methods', () => {
  test.each(Object.entries(byClock))('go by a fake Date if performance is real: %s', async (_, make) => {
    const expected = await timesOf([], make);
    expect(expected).not.toBe('');
    expect(await timesOf(['performance'], make)).toBe(expected);
  });

  test('end groups that are idle by fake timers alone, none of them early', async () => {
    const make = (count: number) => () =>
      every(4, count)
        .tap(work)
        .append(NaN)
        .filter(async (x) => x < 9 || new Promise<boolean>(() => undefined))
        .groupByKey((x) => x, { idle: 10 })
        .flatMap(async ([, group]) => [await group.toArray()], { concurrency: Infinity, ordered: false });
    expect(await timesOf(['performance', 'Date'], make(1))).toBe('1@10');
    expect(await timesOf(['performance', 'Date'], make(2))).toBe('1@10 2@20');
  });

  test('go by real timers if only Date is fake', async () => {
    const others = [
      'performance',
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'setImmediate',
    ] as const;
    jest.useFakeTimers({ doNotFake: [...others, 'clearImmediate', 'nextTick', 'queueMicrotask', 'hrtime'] });
    const silent = AsyncStream.from(new ReadableStream());
    await expect(silent.timeout(2).drain()).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test.each(Object.entries(exact))('go by fake timers alone: %s', async (_, make) => {
    expect(await timesOf(['performance', 'Date'], make)).toBe(await timesOf([], make));
  });

  test.each<Fakeable[]>([[], ['performance'], ['performance', 'Date']])(
    'go by fake timers that were there before the library, with a real %s %s',
    async (...real) => {
      jest.resetModules();
      const load = async () =>
        ((await import('../../../lib/index.ts')) as { AsyncStream: typeof AsyncStream }).AsyncStream;
      const early = async () => (await load()).from(() => every(4, 7));
      expect(await timesOf(real, async () => (await early()).chunks(100, { within: 10 }))).toBe(
        '1,2,3@10 4,5,6@22 7@28',
      );
      jest.useRealTimers();
      const silent = (await load()).from(new ReadableStream());
      await expect(silent.timeout(2).drain()).rejects.toMatchObject({ name: 'TimeoutError' });
    },
  );

  test('go by legacy fake timers that were there before the library', async () => {
    jest.useFakeTimers({ legacyFakeTimers: true });
    jest.resetModules();
    const { AsyncStream: Early } = (await import('../../../lib/index.ts')) as { AsyncStream: typeof AsyncStream };
    const run = Early.from(new ReadableStream()).timeout(10).drain();
    jest.advanceTimersByTime(10);
    await expect(run).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
