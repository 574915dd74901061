import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, type RateLimitOptions } from '../../lib/index.ts';
import { abortAfter, expectDrawing, STEP } from '../support/drawing.ts';

/** When each of so many elements goes on that are there from the start, in milliseconds. */
async function timesOf(count: number, options: RateLimitOptions): Promise<number[]> {
  const start = Date.now();
  const times: number[] = [];
  const run = AsyncStream.range(0, count)
    .rateLimit(options)
    .forEach(() => void times.push(Date.now() - start));
  await jest.advanceTimersByTimeAsync(count * options.interval);
  await run;
  return times;
}

describe('rateLimit', () => {
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  test('lets so many elements through within the interval, and loses none', async () => {
    const build = (source: AsyncStream<string>) => source.rateLimit({ limit: 2, interval: 3 * STEP });
    await expectDrawing('[abcde]|', build, '[ab]--[cd]--[e|]');
    await expectDrawing('a-bc----d|', build, 'a-bc----d|');
  });

  test('counts within any interval, and not from a fixed time on', async () => {
    await expectDrawing('--ab[cd]|', (source) => source.rateLimit({ limit: 2, interval: 4 * STEP }), '--ab--c[d|]');
  });

  test('lets elements through that come slowly enough as they come', async () => {
    await expectDrawing('a-b--c-d|', (source) => source.rateLimit({ limit: 1, interval: 2 * STEP }), 'a-b--c-d|');
  });

  test('spaces them evenly with a burst of 1', async () => {
    const options = { limit: 3, interval: 6 * STEP, burst: 1 };
    await expectDrawing('[abcd]|', (source) => source.rateLimit(options), 'a-b-c-[d|]');
  });

  test('lets no more through at once than the burst, after a quiet time too', async () => {
    const options = { limit: 4, interval: 4 * STEP, burst: 2 };
    await expectDrawing('[abcde]-------[fgh]|', (source) => source.rateLimit(options), '[ab]-[cd]-e---[fg]-[h|]');
  });

  test.each([1, 2, 3, 4, 5, 7].flatMap((limit) => [1, 2, 3, 4, 5, 7].map((burst) => [limit, burst])))(
    'never lets more than %i through within the interval with a burst of %i, and keeps up the rate',
    async (limit, burst) => {
      if (burst > limit) return;
      jest.useFakeTimers();
      const interval = 100;
      const times = await timesOf(40, { limit, interval, burst });
      times.forEach((time, index) => {
        expect((times[index + limit] ?? Infinity) - time).toBeGreaterThanOrEqual(interval);
        expect((times[index + burst] ?? Infinity) - time).toBeGreaterThanOrEqual((interval * burst) / limit);
      });
      expect(times.at(-1)).toBeLessThanOrEqual((Math.ceil(40 / limit) * interval * (burst + limit)) / limit);
    },
  );

  test('waits for the consumer without saving up more than the limit', async () => {
    const build = (source: AsyncStream<string>) =>
      source
        .rateLimit({ limit: 2, interval: 3 * STEP })
        .tap((x) => (x === 'a' ? new Promise<void>((wake) => void setTimeout(wake, 90)) : undefined));
    await expectDrawing('[abcdef]|', build, '---------[abc]--[de]--[f|]');
  });

  test('holds neither the end nor an error back', async () => {
    const build = (source: AsyncStream<string>) => source.rateLimit({ limit: 1, interval: 9 * STEP });
    await expectDrawing('a|', build, 'a|');
    await expectDrawing('a^', build, 'a^');
  });

  test('clears its timer when the consumer leaves, and when a signal aborts', async () => {
    const build = (source: AsyncStream<string>) => source.rateLimit({ limit: 1, interval: 9 * STEP });
    await expectDrawing('ab', build, 'a-');
    const aborted = (source: AsyncStream<string>) => build(source).withSignal(abortAfter(2 * STEP));
    await expectDrawing('ab', aborted, 'a-^', { error: 'enough' });
  });

  test('counts anew in each run', async () => {
    const stream = AsyncStream.of(1).rateLimit({ limit: 1, interval: 60_000 });
    expect([await stream.toArray(), await stream.toArray()]).toEqual([[1], [1]]);
  });

  test('keeps its pace by timers alone where they are faked and the clock is not', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    jest.spyOn(performance, 'now').mockReturnValue(1000);
    expect(await timesOf(6, { limit: 2, interval: 100 })).toEqual([0, 0, 100, 100, 200, 200]);
  });

  test('counts from when an element really went on, where a timer was late', async () => {
    jest.useFakeTimers({ doNotFake: ['performance'] });
    let clock = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => clock);
    const given: number[] = [];
    const run = AsyncStream.range(0, 3)
      .rateLimit({ limit: 1, interval: 100 })
      .forEach((n) => void given.push(n));
    clock = 150;
    await jest.advanceTimersByTimeAsync(100);
    expect(given).toEqual([0, 1]);
    await jest.advanceTimersByTimeAsync(99);
    expect(given).toEqual([0, 1]);
    await jest.advanceTimersByTimeAsync(1);
    await run;
    expect(given).toEqual([0, 1, 2]);
  });
});
