import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AsyncStream, type Limiter, limiter, type Profile, type StageProfile } from '../../lib/index.ts';

// A run that begins when the clock says 0 would not show that a time is taken for a duration.
beforeEach(() => jest.useFakeTimers().advanceTimersByTime(1000));
afterEach(() => void jest.useRealTimers());

const sleep = async <T>(milliseconds: number, value?: T) =>
  new Promise<T>((resolve) => setTimeout(resolve, milliseconds, value));

async function* every(milliseconds: number, count: number, burst = 1) {
  for (let i = 0; i < count; i++) {
    if (i % burst === 0) await sleep(milliseconds);
    yield i;
  }
}

const boom = new Error('boom');

/** Runs the stream to its end, and gives all that `profile` reports. */
async function profilesOf(
  stream: AsyncStream<unknown>,
  consume: (element: unknown) => unknown = () => undefined,
  options = {},
): Promise<Profile[]> {
  const profiles: Profile[] = [];
  const run = stream.profile((profile) => profiles.push(profile), options).forEach(consume);
  await jest.advanceTimersByTimeAsync(20_000);
  await run;
  return profiles;
}

async function profileOf(...args: Parameters<typeof profilesOf>): Promise<Profile> {
  const profiles = await profilesOf(...args);
  expect(profiles).toHaveLength(1);
  return profiles[0]!;
}

const stageOf = ({ stages }: Profile, method: string): StageProfile => stages.find((stage) => stage.method === method)!;

const slow = (x: number) => sleep(20, x);
const next = (x: number) => sleep(20, x < 9 ? [x + 1] : []);
const open = () => sleep(20, [1]);

describe('profile', () => {
  test('counts what each stage takes and emits, and times its callbacks', async () => {
    const slow = (x: number) => sleep(10, x);
    const stream = AsyncStream.range(0, 20)
      .filter((x) => x % 2 === 0)
      .map(slow)
      .chunks(3);
    const { elapsed, done, stages } = await profileOf(stream);
    expect({ elapsed, done }).toEqual({ elapsed: 100, done: true });
    expect(stages.map(({ method, in: taken, out }) => [method, taken, out])).toEqual([
      ['range', 0, 20],
      ['filter', 20, 10],
      ['map', 10, 10],
      ['chunks', 10, 4],
    ]);
    expect(stages[2]).toEqual({
      method: 'map',
      callback: 'slow',
      in: 10,
      out: 10,
      inCallbacks: 100,
      inFlight: 0,
      mostInFlight: 1,
      waitingUpstream: 0,
      waitingDownstream: 0,
      busy: 1,
    });
    expect(stages[0]!.waitingDownstream).toBe(100);
  });

  describe('names the bottleneck where it is', () => {
    test('a slow source', async () => {
      const fast = (x: number) => sleep(2, x);
      const source = AsyncStream.from(() => every(10, 20));
      const profile = await profileOf(source.map(fast).buffer(4), () => sleep(1));
      expect(profile.bottleneck).toBe('from(() => every(10, 20))');
      expect(stageOf(profile, 'map').waitingUpstream).toBeGreaterThanOrEqual(200);
    });

    test('a slow callback', async () => {
      const slow = (x: number) => sleep(10, x);
      const stream = AsyncStream.from(() => every(2, 20))
        .map(slow)
        .filter(async () => sleep(1, true));
      expect((await profileOf(stream, () => sleep(3))).bottleneck).toBe('map(slow)');
    });

    test.each<[string, (stream: AsyncStream<number>) => AsyncStream<unknown>]>([
      ['delay()', (stream) => stream.delay(50)],
      ['rateLimit()', (stream) => stream.rateLimit({ limit: 1, interval: 50 })],
      [
        'flatMap(paused)',
        (stream) =>
          stream.flatMap(function paused(x) {
            return AsyncStream.of(x).delay(50);
          }),
      ],
      [
        'pipe(paused)',
        (stream) =>
          stream.pipe(async function* paused(source) {
            for await (const x of source) yield sleep(50, x);
          }),
      ],
    ])('a stage that waits without a callback that does: %s', async (name, slow) => {
      const before = AsyncStream.from(every(1, 20)).map((x) => sleep(5, x));
      const { bottleneck } = await profileOf(
        slow(before).filter(() => true),
        () => sleep(10),
      );
      expect(bottleneck).toBe(name);
    });

    test.each<[string, AsyncStream<unknown>]>([
      ['map(slow)', AsyncStream.of(1, 2).map(slow, { concurrency: 8 })],
      ['concat()', AsyncStream.of(1).concat(AsyncStream.from(every(50, 10)))],
      ['expand(next)', AsyncStream.of(1).expand(next)],
      ['flatMap(next)', AsyncStream.range(1).take(1).flatMap(next)],
      ['from(open)', AsyncStream.from(open).repeat(5)],
    ])('not in a source that has ended: %s', async (name, stream) => {
      expect((await profileOf(stream)).bottleneck).toBe(name);
    });

    test('a slow consumer', async () => {
      const fast = (x: number) => sleep(2, x);
      const stream = AsyncStream.from(() => every(2, 20)).map(fast);
      const profile = await profileOf(stream.buffer(4), () => sleep(10));
      expect(profile.bottleneck).toBe('downstream');
      expect(stageOf(profile, 'buffer').waitingDownstream).toBe(200);
      expect(stageOf(profile, 'buffer').fullness).toBeGreaterThan(0.7);
    });

    test.each(['block', 'drop-oldest', 'drop-newest'] as const)(
      'no more in a buffer than it holds, with overflow %s',
      async (overflow) => {
        for (const source of [AsyncStream.range(0, 40), AsyncStream.from(() => every(2, 40))]) {
          const stream = source.buffer(3, { overflow });
          const { held, mostHeld, fullness } = stageOf(await profileOf(stream, () => sleep(9)), 'buffer');
          expect([held, mostHeld]).toEqual([0, 3]);
          expect(fullness).toBeGreaterThan(0.4);
          expect(fullness).toBeLessThanOrEqual(1);
        }
      },
    );

    test('too small a buffer', async () => {
      const profile = await profileOf(AsyncStream.from(() => every(50, 100, 10)).buffer(1), () => sleep(5));
      expect(profile.bottleneck).toBe('buffer()');
      expect(stageOf(profile, 'buffer')).toMatchObject({ held: 0, mostHeld: expect.any(Number) });
      const larger = await profileOf(AsyncStream.from(() => every(50, 100, 10)).buffer(16), () => sleep(5));
      // Both times are virtual.
      expect(larger.elapsed).toBeLessThan(profile.elapsed);
      expect(larger.bottleneck).not.toBe('buffer()');
    });

    test('too low a concurrency', async () => {
      const fetchUser = (id: number) => sleep(20, id);
      const stream = (concurrency: number) => AsyncStream.from(() => every(2, 50)).map(fetchUser, { concurrency });
      const low = await profileOf(stream(2), () => sleep(1));
      expect(low.bottleneck).toBe('map(fetchUser)');
      expect(stageOf(low, 'map')).toMatchObject({ mostInFlight: 2, inCallbacks: 1000 });
      const high = await profileOf(stream(20), () => sleep(1));
      expect(high.bottleneck).toBe('from(() => every(2, 50))');
    });
  });

  test('finds a stage that a limiter holds up, and none that a limit of another package lets through', async () => {
    const fetchUser = (id: number) => sleep(20, id);
    const stream = (concurrency: Limiter) => AsyncStream.from(() => every(2, 50)).map(fetchUser, { concurrency });
    const low = await profileOf(stream(limiter(2)));
    expect(low.bottleneck).toBe('map(fetchUser)');
    const high = await profileOf(stream(limiter(20)));
    expect(high.bottleneck).toBe('from(() => every(2, 50))');
    const unlimited = await profileOf(stream(limiter.from(async (fn) => fn())));
    // The source has taken 100 ms. Only the callback for its last element was waited for.
    expect(stageOf(unlimited, 'map').busy).toBeCloseTo(20 / 120, 5);
  });

  test('reports as often as asked, and once more at the end', async () => {
    const stream = AsyncStream.from(() => every(10, 10));
    const profiles = await profilesOf(stream, undefined, { every: 30 });
    expect(profiles.map(({ elapsed, done, stages }) => [elapsed, done, stages[0]!.out])).toEqual([
      [30, false, 2],
      [60, false, 5],
      [90, false, 8],
      [100, true, 10],
    ]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('counts the time of a callback that returns at once', async () => {
    const busy = (x: number) => {
      jest.advanceTimersByTime(10);
      return x;
    };
    const profile = await profileOf(AsyncStream.of(1, 2, 3).map(busy));
    expect(stageOf(profile, 'map')).toMatchObject({ inCallbacks: 30, inFlight: 0, mostInFlight: 1 });
  });

  test('counts a wait and a callback that still go on', async () => {
    const slow = (x: number) => sleep(40, x);
    const profiles = await profilesOf(AsyncStream.from(() => every(60, 1)).map(slow), () => sleep(40), { every: 20 });
    const figures = profiles.map((profile) => {
      const { inFlight, waitingUpstream, waitingDownstream } = stageOf(profile, 'map');
      return [profile.elapsed, inFlight, waitingUpstream, waitingDownstream];
    });
    expect(figures).toEqual([
      [20, 0, 20, 0],
      [40, 0, 40, 0],
      [60, 1, 60, 0],
      [80, 1, 60, 0],
      [100, 0, 60, 0],
      [120, 0, 60, 20],
      [140, 0, 60, 40],
    ]);
  });

  test('says how much a buffer holds, and how full it was on average', async () => {
    const stream = AsyncStream.from(() => every(10, 6)).buffer(4);
    const profiles = await profilesOf(stream, () => sleep(60), { every: 10 });
    const figures = profiles.slice(0, 6).map((profile) => {
      const { held, mostHeld, fullness } = stageOf(profile, 'buffer');
      return [profile.elapsed, held, mostHeld, fullness];
    });
    // A report comes before the element of the same moment.
    expect(figures).toEqual([
      [10, 0, 0, 0],
      [20, 0, 1, 0],
      [30, 1, 1, 10 / 30 / 4],
      [40, 2, 2, 30 / 40 / 4],
      [50, 3, 3, 60 / 50 / 4],
      [60, 4, 4, 100 / 60 / 4],
    ]);
  });

  test.each(['break', 'error'])('reports the end of a run that is left by %s', async (how) => {
    const profiles: Profile[] = [];
    const stream = AsyncStream.range(0).profile((profile) => profiles.push(profile));
    const left = (async () => {
      for await (const x of stream) {
        if (x < 4) continue;
        if (how === 'break') break;
        throw new Error('left');
      }
    })();
    await left.catch(() => undefined);
    expect(profiles.map(({ done, stages }) => [done, stages[0]!.out])).toEqual([[true, 5]]);
  });

  test('measures each run by itself', async () => {
    const profiles: Profile[] = [];
    const stream = AsyncStream.of(1, 2, 3)
      .map(String)
      .profile((profile) => profiles.push(profile));
    expect(await Promise.all([stream.toArray(), stream.take(1).toArray()])).toEqual([['1', '2', '3'], ['1']]);
    expect(profiles.map(({ stages }) => stages[0]!.out).sort()).toEqual([1, 3]);
  });

  test('measures what a method is made of as one stage', async () => {
    const pages = AsyncStream.paginate(({ page }) => (page < 3 ? [page, page] : []));
    const { stages } = await profileOf(pages.tap({ next: String, close: String }));
    expect(stages.map(({ method, out }) => [method, out])).toEqual([
      ['paginate', 4],
      ['tap', 4],
    ]);
  });

  test('measures combined streams, and takes a shared one for the source', async () => {
    const merged = await profileOf(AsyncStream.of(1, 2).map(String).merge(AsyncStream.of('a')));
    expect(merged.stages.map(({ method, in: taken, out }) => [method, taken, out])).toEqual([
      ['of', 0, 2],
      ['map', 2, 2],
      ['merge', 2, 3],
    ]);
    const shared = await profileOf(AsyncStream.of(1, 2).map(String).share().map(Number));
    expect(shared.stages.map(({ method }) => method)).toEqual(['share', 'map']);
  });

  test('takes a stream that is profiled itself for the source', async () => {
    const inner: Profile[] = [];
    const first = AsyncStream.of(1, 2)
      .map(String)
      .profile((profile) => inner.push(profile));
    const outer = await profileOf(first.map(Number));
    const counts = [...inner, outer].map(({ stages }) =>
      stages.map(({ method, in: taken, out }) => [method, taken, out]),
    );
    expect(counts).toEqual([
      [
        ['of', 0, 2],
        ['map', 2, 2],
      ],
      [
        ['profile', 0, 2],
        ['map', 2, 2],
      ],
    ]);
  });

  test.each([
    [
      'throws',
      () => {
        throw boom;
      },
    ],
    ['rejects', async () => Promise.reject(boom)],
  ])('fails the run if the report %s', async (_, report) => {
    const run = AsyncStream.from(() => every(10, 10))
      .profile(report, { every: 25 })
      .drain();
    const outcome = run.then(
      () => 'done',
      (error: unknown) => error,
    );
    await jest.advanceTimersByTimeAsync(200);
    expect(await outcome).toBe(boom);
  });

  test('reports beside a source that never waits', async () => {
    jest.useRealTimers();
    const profiles: Profile[] = [];
    await AsyncStream.range(0, Infinity)
      .profile((profile) => profiles.push(profile), { every: 1 })
      .takeWhile(() => profiles.length < 3)
      .drain();
    expect(profiles.map(({ done }) => done)).toEqual([false, false, false, true]);
  });

  test('passes functions that are elements, or a seed, as they are', async () => {
    jest.useRealTimers();
    const given = () => 1;
    const streams: Record<string, AsyncStream<unknown>> = {
      append: AsyncStream.of().append(given),
      prepend: AsyncStream.of().prepend(given),
      intersperse: AsyncStream.of(1, 2).intersperse(given).drop(1).take(1),
      defaultIfEmpty: AsyncStream.of().defaultIfEmpty(given),
      heartbeat: AsyncStream.from(() => new ReadableStream<number>())
        .heartbeat(1, given)
        .take(1),
      scan: AsyncStream.of(1).scan((seed: () => number) => seed, given),
    };
    for (const [method, stream] of Object.entries(streams))
      expect([method, await stream.profile(() => undefined).toArray()]).toEqual([method, [given]]);
  });

  test('keeps the names of callbacks for errors', async () => {
    const parse = (x: number) => {
      if (x === 1) throw new Error('one');
    };
    const error = await AsyncStream.range(0, 3)
      .map(parse)
      .profile(String)
      .toArray()
      .catch((reason: unknown) => reason);
    expect(AsyncStream.traceOf(error)).toMatchObject({ method: 'map', callback: 'parse', position: 1, index: 1 });
  });
});
