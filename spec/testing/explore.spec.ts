import { describe, expect, test } from '@jest/globals';
import { pMapIterable } from 'p-map';
import { AsyncStream } from '../../lib/index.ts';
import { explore, ExploreError, type ExploreOptions, type Explorer } from '../../lib/testing/index.ts';
import { outcomeOf } from '../support/turns.ts';

type Body = (explorer: Explorer) => unknown;

async function failureOf(body: Body, options?: ExploreOptions): Promise<ExploreError> {
  const { error } = (await outcomeOf(() => explore(body, options))) as { error?: unknown };
  expect(error).toBeInstanceOf(ExploreError);
  return error as ExploreError;
}

/** A merge that keeps the last element only, which is wrong if two arrive together. */
async function* dropping<T>(...sources: AsyncIterable<T>[]) {
  let arrived: { value: T } | undefined;
  let wake: (() => void) | undefined;
  let open = sources.length;
  const read = async (source: AsyncIterable<T>) => {
    for await (const value of source) {
      arrived = { value };
      wake?.();
    }
    open--;
    wake?.();
  };
  for (const source of sources) void read(source);
  while (open > 0 || arrived) {
    if (arrived) {
      const { value } = arrived as { value: T };
      arrived = undefined;
      yield value;
    } else await new Promise<void>((resolve) => (wake = resolve));
  }
}

const merging: Body = async ({ source }) => {
  const seen: number[] = [];
  for await (const value of dropping(source([1, 2], 'a'), source([3, 4], 'b'))) seen.push(value);
  expect(seen.toSorted()).toEqual([1, 2, 3, 4]);
};

/** A concurrent map whose results have the order in which they come. */
const overtaking: Body = async ({ pause }) => {
  const results: number[] = [];
  const items = [1, 2, 3].values();
  const worker = async () => {
    for (const item of items) results.push(await pause(item, 'task'));
  };
  await Promise.all([worker(), worker()]);
  expect(results).toEqual([1, 2, 3]);
};

/** A cache that loads twice if it is asked again before it has loaded. */
const caching: Body = async ({ pause }) => {
  const cache = new Map<string, number>();
  let loads = 0;
  const get = async (key: string) => {
    if (!cache.has(key)) cache.set(key, await pause(++loads, 'load'));
    return cache.get(key);
  };
  const request = async () => {
    await pause(undefined, 'request');
    return get('key');
  };
  await Promise.all([get('key'), request()]);
  expect(loads).toBe(1);
};

/** The published race of p-map 7.0.3: the index of an element is that of its settlement. */
const indexing: Body = async ({ pause }) => {
  const seen: unknown[] = [];
  const inputs = ['a', 'b', 'c'].map((value) => pause(value, value));
  const mapped = pMapIterable(inputs, (value: string, index: number) => [value, index], { concurrency: 3 });
  for await (const pair of mapped) seen.push(pair);
  expect(seen).toEqual([
    ['a', 0],
    ['b', 1],
    ['c', 2],
  ]);
};

/** Two phases: the order of the first makes no difference. */
const inPhases: Body = async ({ pause }) => {
  await Promise.all([pause('a', 'a'), pause('b', 'b'), pause('c', 'c')]);
  const seen: string[] = [];
  await Promise.all(['d', 'e', 'f'].map(async (name) => seen.push(await pause(name, name))));
  expect(seen[0]).toBe('d');
};

/** Its steps are microtasks. Another promise must not settle after the nth one. */
const stepping =
  (n: number): Body =>
  async ({ pause }) => {
    let steps = -1;
    const step = async () => {
      await pause(undefined, 'start');
      for (steps = 0; steps < 20; steps++) await null;
    };
    const look = async () => {
      await pause(undefined, 'look');
      expect(steps).not.toBe(n);
    };
    await Promise.all([step(), look()]);
  };

describe('explore finds the race of', () => {
  test.each<[string, Body, number[]]>([
    ['a merge that drops an element', merging, [0, 1]],
    ['a concurrent map that overtakes', overtaking, [0, 0, 1]],
    ['a cache without a guard', caching, [1]],
    ['p-map 7.0.3', indexing, [0, 0, 1]],
    ['a second phase', inPhases, [0, 0, 0, 0, 1]],
    ['two events in the same microtask', stepping(0), [0, 1]],
    ['the microtasks after an event', stepping(12), [0, 13]],
  ])('%s, and repeats it', async (_name, body, order) => {
    const { seed, cause, order: smallest } = await failureOf(body);
    expect(smallest).toEqual(order);
    expect((await failureOf(body, { seed: seed!, runs: 1 })).cause).toEqual(cause);
    expect((await failureOf(body, { order: smallest })).order).toEqual(order);
    await expect(explore(body, { order: [] })).resolves.toEqual({ runs: 1, orders: 1 });
  });
});

describe('explore', () => {
  test('shows the order that fails', async () => {
    const { message, seed } = await failureOf(caching);
    expect(message.split('\n').slice(1)).toEqual([
      '',
      `  repeat it with { seed: ${seed!}, runs: 1 }`,
      '  the smallest order that fails is { order: [1] }:',
      '',
      '  →  1  request 1             overtakes load 1',
      '     2  load 1',
      '     3  load 2',
      '',
    ]);
    expect(message).toMatch(/^explore: run \d+ of 1000 fails: /);
    expect((await failureOf(merging)).message).toContain('→  2  b 1                   together with the one before\n');
  });

  test.each([
    [0, 'together with the one before'],
    [1, '1 microtask after the one before'],
    [2, '2 microtasks after the one before'],
  ])('says that an event comes %d microtasks after another', async (n, note) => {
    const { message } = await failureOf(stepping(n));
    expect(message.split('\n').slice(5)).toEqual(['     1  start 1', `  →  2  look 1                ${note}`, '']);
  });

  test('lets no event come later than 12 microtasks after another while there are more of them', async () => {
    await expect(explore(stepping(13))).resolves.toMatchObject({ runs: 1000 });
  });

  test('tries every order of a few events', async () => {
    const orders = new Set<string>();
    const explored = await explore(async ({ pause }) => {
      const seen: string[] = [];
      await Promise.all(['a', 'b', 'c'].map(async (name) => seen.push(await pause(name, name))));
      orders.add(seen.join(''));
    });
    expect(explored).toEqual({ runs: 1000, orders: 6 });
    expect([...orders].toSorted()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
  });

  test('tries the same orders for the same seed, and others for another', async () => {
    const ordersOf = async (seed: number) => {
      const orders: string[] = [];
      await explore(
        async ({ pause }) => {
          const seen: string[] = [];
          await Promise.all(Array.from('abcdef', async (name) => seen.push(await pause(name))));
          orders.push(seen.join(''));
        },
        { runs: 20, seed },
      );
      return orders;
    };
    expect(await ordersOf(7)).toEqual(await ordersOf(7));
    expect(await ordersOf(7)).not.toEqual(await ordersOf(100));
  });

  const timers: Body = async () => {
    const seen: number[] = [];
    const after = async (milliseconds: number) => {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      seen.push(milliseconds);
    };
    await Promise.all([after(10), after(12)]);
    expect(seen).toEqual([10, 12]);
  };

  test('keeps the order of timers that are due at different times, unless they may be late', async () => {
    expect(await explore(timers)).toEqual({ runs: 1000, orders: 1 });
    expect(await explore(timers, { jitter: 1 })).toEqual({ runs: 1000, orders: 1 });
    const { message, seed, order } = await failureOf(timers, { jitter: 2 });
    expect(message.split('\n').slice(2)).toEqual([
      `  repeat it with { seed: ${seed!}, runs: 1, jitter: 2 }`,
      '  the smallest order that fails is { order: [1], jitter: 2 }:',
      '',
      '  →  1  setTimeout 2 (12 ms)  overtakes setTimeout 1 (10 ms)',
      '     2  setTimeout 1 (10 ms)',
      '',
    ]);
    expect((await failureOf(timers, { order, jitter: 2 })).order).toEqual(order);
  });

  test('changes the order of timers that are due at the same time', async () => {
    const body: Body = async () => {
      const seen: string[] = [];
      const after = (name: string) =>
        new Promise<void>((resolve) => setTimeout(() => resolve(void seen.push(name)), 5));
      await Promise.all([after('a'), after('b')]);
      expect(seen).toEqual(['a', 'b']);
    };
    expect((await failureOf(body)).order).toEqual([1]);
  });

  test('shows an immediate without a time', async () => {
    const { message } = await failureOf(async ({ pause }) => {
      const seen: string[] = [];
      const immediate = new Promise((resolve) => setImmediate(resolve)).then(() => seen.push('immediate'));
      await Promise.all([immediate, pause().then(() => seen.push('pause'))]);
      expect(seen[0]).toBe('immediate');
    });
    expect(message.split('\n').slice(5)).toEqual([
      '  →  1  pause 1               overtakes setImmediate 1',
      '     2  setImmediate 1',
      '',
    ]);
  });

  test('leaves the natural order for every seed', async () => {
    // Its random numbers would all be 0.
    const { seed, order } = await failureOf(caching, { seed: 2 ** 32 - 1, runs: 1 });
    expect([seed, order]).toEqual([2 ** 32 - 1, [1]]);
  });

  test('spends 300 runs on a smaller order', async () => {
    let runs = 0;
    let hasFailed = false;
    // Fails once, so that no order is found to be smaller.
    const { message } = await failureOf(async ({ pause }) => {
      runs++;
      const seen: number[] = [];
      await Promise.all(Array.from({ length: 140 }, async (_, index) => seen.push(await pause(index))));
      const descents = seen.filter((index, place) => index > seen[place + 1]!).length;
      if (descents < 55 || hasFailed) return;
      hasFailed = true;
      throw new Error('once');
    });
    const failing = Number(/run (\d+) of/.exec(message)![1]);
    expect(runs - failing - 1).toBe(300);
  });

  test('gives each run the same random numbers, and time from the start', async () => {
    const seen = new Set<string>();
    await explore(
      async ({ pause }) => {
        await pause();
        seen.add(`${Math.random()} ${Date.now()}`);
      },
      { runs: 10 },
    );
    expect(seen.size).toBe(1);
  });

  test('reports a failure in the natural order as such', async () => {
    const error = new Error('plain');
    const failure = await failureOf(() => Promise.reject(error));
    expect([failure.seed, failure.order, failure.cause]).toEqual([undefined, [], error]);
    expect(failure.message).toMatch(/^explore: the natural order fails: Error: plain\n/);
    expect((await failureOf(() => Promise.reject(undefined))).cause).toBeUndefined();
  });

  test('reports a run that never settles', async () => {
    const { message } = await failureOf(() => new Promise(() => undefined));
    expect(message).toContain('the natural order fails: Error: it never settles: nothing is pending');
    const endless: Body = async ({ pause }) => {
      for (;;) await pause();
    };
    expect((await failureOf(endless)).message).toContain('it does not settle within 10000 events');
  });

  test('restores the platform', async () => {
    const { setTimeout } = globalThis;
    const { random } = Math;
    await failureOf(merging);
    expect([globalThis.setTimeout, Math.random]).toEqual([setTimeout, random]);
  });

  test.each([
    [[], 'TypeError: explore: body must be a function, got undefined'],
    [[merging, { runs: 0 }], 'RangeError: explore: runs must be a positive integer, got 0'],
    [[merging, { seed: -1 }], 'RangeError: explore: seed must be a non-negative integer, got -1'],
    [[merging, { jitter: -1 }], 'RangeError: explore: jitter must be a non-negative number of milliseconds, got -1'],
    [[merging, { order: 1 }], 'TypeError: explore: order must be an array, got 1'],
    [[merging, { run: 1 }], "TypeError: explore: unknown option 'run', known: runs, seed, jitter, order"],
  ])('refuses %p', async (args, message) => {
    expect(String(((await outcomeOf(() => (explore as any)(...args))) as { error: unknown }).error)).toBe(message);
  });
});

describe('no order breaks', () => {
  const ALL = [1, 2, 3, 4];

  test.each<[string, Body]>([
    [
      'merge',
      async ({ source }) => {
        const merged = await AsyncStream.merge(source([1, 2], 'a'), source([3, 4], 'b')).toArray();
        expect(merged.toSorted()).toEqual(ALL);
        expect(merged.indexOf(1)).toBeLessThan(merged.indexOf(2));
      },
    ],
    [
      'map with concurrency',
      async ({ source, pause }) => {
        const mapped = AsyncStream.from(source(ALL)).map((x) => pause(x, 'fn'), { concurrency: 2 });
        expect(await mapped.toArray()).toEqual(ALL);
      },
    ],
    [
      'map with concurrency, out of order',
      async ({ source, pause }) => {
        let running = 0;
        const mapped = AsyncStream.from(source(ALL)).map(
          async (x) => {
            expect(++running).toBeLessThanOrEqual(2);
            await pause(x, 'fn');
            running--;
            return x;
          },
          { concurrency: 2, ordered: false },
        );
        expect((await mapped.toArray()).toSorted()).toEqual(ALL);
      },
    ],
    [
      'flatMap with concurrency',
      async ({ source }) => {
        const inner = (x: number) => source([x, x * 10], `inner ${x}`);
        expect(await AsyncStream.of(1, 2).flatMap(inner, { concurrency: 2 }).toArray()).toEqual([1, 10, 2, 20]);
      },
    ],
    [
      'buffer, zip and tee',
      async ({ source, pause }) => {
        const [one, other] = AsyncStream.from(source(ALL)).buffer(2).tee(2);
        const slow = one!.map((x) => pause(x, 'slow'));
        expect(await slow.zip(other!).toArray()).toEqual(ALL.map((x) => [x, x]));
      },
    ],
    [
      'groupByKey',
      async ({ source, pause }) => {
        const groups = AsyncStream.from(source(ALL)).groupByKey((x) => x % 2);
        const read = groups.flatMap(([, group]) => group.map((x) => pause(x)), { concurrency: 2, ordered: false });
        expect((await read.toArray()).toSorted()).toEqual(ALL);
      },
    ],
    [
      'leaving a merge',
      async ({ source, pause }) => {
        const controller = new AbortController();
        const run = AsyncStream.merge(source(ALL, 'a'), source(ALL, 'b')).drain({ signal: controller.signal });
        const ended = run.then(
          () => 'ended',
          (reason: unknown) => reason,
        );
        await pause(undefined, 'abort');
        controller.abort('reason');
        expect(['ended', 'reason']).toContain(await ended);
      },
    ],
  ])('%s', async (_name, body) => {
    const { orders } = await explore(body, { runs: 300 });
    expect(orders).toBeGreaterThan(3);
  });
});
