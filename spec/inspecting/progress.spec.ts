import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, type Progress, type ProgressOptions } from '../../lib/index.ts';
import { thrown } from '../support/iterators.ts';

// A run that begins when the clock says 0 would not show that a time is taken for a duration.
beforeEach(() => jest.useFakeTimers().advanceTimersByTime(1000));
afterEach(() => void jest.useRealTimers());

const sleep = async <T>(milliseconds: number, value?: T) =>
  new Promise<T>((resolve) => setTimeout(resolve, milliseconds, value));
const NEVER = new Promise<number>(() => undefined);
const boom = new Error('boom');

/** One element after each of the times. */
async function* after(...times: number[]) {
  for (const [index, time] of times.entries()) {
    await sleep(time);
    yield index;
  }
}

/** Runs the stream to its end. Gives all that is reported, and what the run rejects with. */
async function reportsOf(stream: AsyncStream<unknown>, options?: ProgressOptions, report?: (p: Progress) => unknown) {
  const reports: Progress[] = [];
  const run = stream
    .progress((progress) => {
      reports.push(progress);
      return report?.(progress);
    }, options)
    .drain();
  const outcome = run.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  await jest.advanceTimersByTimeAsync(100_000);
  return { reports, outcome: await outcome };
}

describe('progress', () => {
  test('reports before the source is opened, in between, and when the run is over', async () => {
    const { reports } = await reportsOf(AsyncStream.from(after(100, 100, 100, 150)), { total: 4, every: 200 });
    // Two intervals, of 5 and of 10 elements a second: the older one weighs less.
    const kept = Math.exp(-200 / 5000);
    const rate = (5 * kept + 10) / (kept + 1);
    expect(reports).toEqual([
      { done: 0, total: 4, rate: 0, remaining: undefined, elapsed: 0, over: false },
      { done: 1, total: 4, rate: 5, remaining: 600, elapsed: 200, over: false },
      {
        done: 3,
        total: 4,
        rate: expect.closeTo(rate),
        remaining: expect.closeTo(1000 / rate),
        elapsed: 400,
        over: false,
      },
      { done: 4, total: 4, rate: expect.closeTo(4000 / 450), remaining: 0, elapsed: 450, over: true },
    ]);
  });

  test('smooths the rate, so that what was long ago no longer counts', async () => {
    // Ten a second for ten seconds, and then one a second for half a minute.
    const times = [...Array<number>(100).fill(100), ...Array<number>(30).fill(1000)];
    const { reports } = await reportsOf(AsyncStream.from(after(...times)), { every: 1000 });
    const rates = reports.map(({ rate }) => rate);
    for (const rate of rates.slice(1, 11)) expect(rate).toBeCloseTo(10, -1);
    expect(rates[12]).toBeGreaterThan(5);
    expect(rates.at(-2)).toBeCloseTo(1, 0);
    // The last one is that of the whole run.
    expect(rates.at(-1)).toBeCloseTo(130 / 40);
  });

  test('reports every 100 ms without options, also while no element comes', async () => {
    const { reports } = await reportsOf(AsyncStream.from(after(350)));
    expect(reports.map(({ elapsed, done }) => [elapsed, done])).toEqual([
      [0, 0],
      [100, 0],
      [200, 0],
      [300, 0],
      [350, 1],
    ]);
    expect(reports.every(({ total, remaining }) => total === undefined && remaining === undefined)).toBe(true);
  });

  test('reports twice of an empty stream', async () => {
    const { reports } = await reportsOf(AsyncStream.of(), { total: 0 });
    expect(reports).toEqual([
      { done: 0, total: 0, rate: 0, remaining: 0, elapsed: 0, over: false },
      { done: 0, total: 0, rate: 0, remaining: 0, elapsed: 0, over: true },
    ]);
  });

  test('knows no rate before time has passed', async () => {
    const { reports } = await reportsOf(AsyncStream.of(1, 2), { total: 3 });
    expect(reports.at(-1)).toEqual({ done: 2, total: 3, rate: 0, remaining: undefined, elapsed: 0, over: true });
  });

  test('takes more elements than were to come', async () => {
    const { reports } = await reportsOf(AsyncStream.range(0, 5), { total: 3 });
    expect(reports.at(-1)).toMatchObject({ done: 5, total: 3, remaining: 0 });
  });

  test('takes a promise of the total, and does without until it settles', async () => {
    const total = sleep(150, 10);
    const { reports } = await reportsOf(AsyncStream.from(after(90, 90, 90)), { total });
    expect(reports.map((report) => report.total)).toEqual([undefined, undefined, 10, 10]);
    expect(reports[2]!.remaining).toBeGreaterThan(0);
  });

  test('keeps the run going while the total never comes', async () => {
    const { reports, outcome } = await reportsOf(AsyncStream.range(0, 3), { total: NEVER });
    expect(outcome).toBeUndefined();
    expect(reports.at(-1)).toMatchObject({ done: 3, total: undefined });
  });

  test.each([
    ['rejects', () => Promise.reject(boom), boom],
    [
      'is no number',
      async () => 'many' as never,
      new TypeError("progress: total must be a non-negative integer, got 'many'"),
    ],
    ['is negative', async () => -1, new RangeError('progress: total must be a non-negative integer, got -1')],
  ])('fails if the promise of the total %s', async (_, total, error) => {
    const { reports, outcome } = await reportsOf(AsyncStream.from(after(50)), { total: total() });
    expect(outcome).toEqual({ error });
    expect(reports.at(-1)).toMatchObject({ done: 0, over: true });
  });

  test('does not leave the rejection of a total unhandled that no run has asked for', async () => {
    AsyncStream.of(1).progress(() => undefined, { total: Promise.reject(boom) });
    jest.useRealTimers();
    // jest fails a test in which a rejection is not handled.
    await sleep(1);
  });

  test('reports beside a source that never waits', async () => {
    jest.useRealTimers();
    const reports: Progress[] = [];
    await AsyncStream.range(0, Infinity)
      .progress((progress) => reports.push(progress), { every: 1 })
      .takeWhile(() => reports.length < 4)
      .drain();
    expect(reports.length).toBeGreaterThanOrEqual(4);
  });

  test.each([
    [
      'throws',
      () => {
        throw boom;
      },
    ],
    [
      'rejects',
      async () => {
        throw boom;
      },
    ],
  ])('fails if a report between the first and the last one %s', async (_, fail) => {
    let calls = 0;
    const { outcome, reports } = await reportsOf(AsyncStream.from(after(1000)), { every: 10 }, () =>
      ++calls === 2 ? fail() : undefined,
    );
    expect(outcome).toEqual({ error: boom });
    expect(reports).toHaveLength(3);
  });

  test('makes no other report but the last one while the promise of one is pending', async () => {
    let calls = 0;
    const { reports } = await reportsOf(AsyncStream.from(after(1000)), { every: 100 }, () =>
      ++calls === 2 ? sleep(450) : undefined,
    );
    expect(reports.map(({ elapsed }) => elapsed)).toEqual([0, 100, 650, 750, 850, 950, 1000]);
  });

  test('makes no report while the promise of the first one is pending', async () => {
    let calls = 0;
    const { reports } = await reportsOf(AsyncStream.from(after(250)), { every: 100 }, () =>
      ++calls === 1 ? sleep(450) : undefined,
    );
    expect(reports.map(({ elapsed }) => elapsed)).toEqual([0, 550, 650, 700]);
  });

  test('leaves no timer where the first report ends the run', async () => {
    const controller = new AbortController();
    const run = AsyncStream.of(1)
      .progress(() => controller.abort(boom))
      .drain({ signal: controller.signal });
    await expect(run).rejects.toBe(boom);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('reports no more once its own stream has ended, though the run goes on', async () => {
    const reports: number[] = [];
    const first = AsyncStream.from(after(250)).progress(({ elapsed }) => reports.push(elapsed));
    const run = first.concat(AsyncStream.from(after(1000))).drain();
    await jest.advanceTimersByTimeAsync(2000);
    await run;
    expect(reports).toEqual([0, 100, 200, 250]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('aborts nothing where a report rejects after the end of its part', async () => {
    let signal: AbortSignal | undefined;
    let reports = 0;
    const stream = AsyncStream.of(1)
      .tap((_value, _index, context) => void (signal = context.signal as AbortSignal))
      .delay(5)
      .progress(
        async ({ over }) => {
          if (over || reports++ === 0) return;
          await sleep(50);
          throw boom;
        },
        { every: 1 },
      );
    const result = stream.toArray();
    await jest.advanceTimersByTimeAsync(100);
    expect(await result).toEqual([1]);
    expect([reports, signal!.aborted]).toEqual([2, false]);
  });

  test.each([undefined, null, 0])('rejects with the very error where a total rejects with %p', async (error) => {
    const total = sleep(1).then(() => thrown(error));
    const stream = AsyncStream.of(1)
      .delay(10)
      .progress(() => undefined, { total });
    const outcome = stream.toArray().then(
      (value) => ({ value }),
      (reason: unknown) => ({ error: reason }),
    );
    await jest.advanceTimersByTimeAsync(20);
    expect(await outcome).toStrictEqual({ error });
  });

  test('reports anew in each run', async () => {
    const done: number[] = [];
    const stream = AsyncStream.of(1, 2).progress((progress) => done.push(progress.done));
    await stream.toArray();
    await stream.repeat(2).toArray();
    expect(done).toEqual([0, 2, 0, 2, 0, 2]);
  });

  test('reports the end of a run that its consumer leaves', async () => {
    const reports: Progress[] = [];
    const stream = AsyncStream.range(0, 9).progress((progress) => reports.push(progress), { total: 9 });
    for await (const x of stream) if (x === 3) break;
    expect(reports.map(({ done, over }) => [done, over])).toEqual([
      [0, false],
      [4, true],
    ]);
  });
});
