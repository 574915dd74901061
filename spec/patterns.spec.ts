// What people do with asynchronous iteration, and the trap in the usual recipe: one test for each, result and trap.
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { AsyncStream, collectors, StreamConsumedError } from '../lib/index.ts';
import { DONE } from './support/iterators.ts';
import { Probe } from './support/probe.ts';
import { idle, outcomeOf, seenOf, until } from './support/turns.ts';

const count = (length: number) => Array.from({ length }, (_, index) => index);
const later = async <T>(value: T): Promise<T> => {
  await idle();
  return value;
};

afterEach(() => {
  jest.useRealTimers();
});

describe('fetching', () => {
  test('1 paginator by offset and page size: asks for no page too many, and cancels the one in flight', async () => {
    const all = count(5);
    const asked: number[] = [];
    const signals: AbortSignal[] = [];
    const rows = AsyncStream.paginate(
      async ({ offset, size, signal }) => {
        asked.push(offset);
        signals.push(signal as AbortSignal);
        return offset === 4 ? new Promise<number[]>(() => undefined) : later(all.slice(offset, offset + size));
      },
      { size: 2, stopOnShortPage: true, prefetch: 1 },
    );
    expect(await rows.take(3).toArray()).toEqual([0, 1, 2]);
    expect(asked).toEqual([0, 2, 4]);
    expect(signals.at(-1)!.aborted).toBe(true);

    asked.length = 0;
    const short = AsyncStream.paginate(({ offset, size }) => (asked.push(offset), all.slice(offset, offset + size)), {
      size: 2,
      stopOnShortPage: true,
    });
    expect(await short.toArray()).toEqual(all);
    expect(asked).toEqual([0, 2, 4]);
  });

  test('5 pages until total_pages: asks for exactly these', async () => {
    const asked: number[] = [];
    const items = AsyncStream.paginate(
      async ({ page }) => {
        asked.push(page);
        return { items: [`${page}a`, `${page}b`], total: 3 };
      },
      { items: (page) => page.items, totalPages: (page) => page.total, firstPage: 1 },
    );
    expect(await items.toArray()).toEqual(['1a', '1b', '2a', '2b', '3a', '3b']);
    expect(asked).toEqual([1, 2, 3]);
  });

  test('20 paginator by cursor: 0 and the empty string are cursors', async () => {
    const pages = new Map<unknown, { rows: string[]; next: number | string | null }>([
      [undefined, { rows: ['a'], next: 0 }],
      [0, { rows: ['b'], next: '' }],
      ['', { rows: ['c'], next: null }],
    ]);
    const rows = AsyncStream.paginate(
      async ({ cursor }: { readonly cursor?: string | number | undefined }) => pages.get(cursor)!,
      {
        items: (page) => page.rows,
        next: (page) => page.next,
      },
    );
    expect(await rows.toArray()).toEqual(['a', 'b', 'c']);
  });

  test('21 server-sent events: characters and CR LF across chunks, and each event before the next chunk is there', async () => {
    const first = new TextEncoder().encode(': hello\r\ndata: naïve\r\ndata: 数据\r\n\r\n');
    const both = Buffer.concat([first, new TextEncoder().encode('event: end\r\ndata: 🚀\r\n\r\n')]);
    let asked = 0;
    let cancelled = false;
    const body = (bytes: Uint8Array, end: boolean) =>
      new ReadableStream<Uint8Array<ArrayBuffer>>(
        {
          pull(controller) {
            if (asked < bytes.length) controller.enqueue(new Uint8Array(bytes.subarray(asked, ++asked)));
            else if (end) controller.close();
          },
          cancel: () => void (cancelled = true),
        },
        { highWaterMark: 0 },
      );
    const events = (bytes: Uint8Array, end: boolean) =>
      AsyncStream.from(body(bytes, end))
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream());
    expect(
      await events(both, true)
        .map(({ event, data }) => [event, data])
        .toArray(),
    ).toEqual([
      [undefined, 'naïve\n数据'],
      ['end', '🚀'],
    ]);

    // The trap: a parser that waits for the next chunk before it emits an event that is complete.
    asked = 0;
    expect(await events(first, false).first()).toMatchObject({ data: 'naïve\n数据' });
    expect(cancelled).toBe(true);
  });

  test('26 stream of page records', async () => {
    const pages = AsyncStream.paginate(async ({ page }) => (page < 3 ? { page, rows: [page] } : { page, rows: [] }), {
      items: (record) => record.rows,
      pages: true,
    });
    expect(await pages.map(({ page }) => page).toArray()).toEqual([1, 2]);
  });

  test('49 flat stream over pages', async () => {
    const rows = AsyncStream.paginate(
      async ({ page, size }) => count(page < 3 ? size : 0).map((i) => (page - 1) * size + i),
      {
        size: 3,
      },
    );
    expect(await rows.toArray()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('19 fewer round trips: fetches many, hands out one by one, and no batch before it is needed', async () => {
    const fetched: number[] = [];
    const ids = AsyncStream.unfold(0, async (from): Promise<[number[], number]> => {
      fetched.push(from);
      return [count(3).map((i) => from + i), from + 3];
    }).flat();
    expect(await ids.take(4).toArray()).toEqual([0, 1, 2, 3]);
    expect(fetched).toEqual([0, 3]);
  });

  test('31 query on first pull: none before, one for each run', async () => {
    let queries = 0;
    const rows = AsyncStream.from(async () => {
      queries++;
      return ['a', 'b'];
    });
    await idle();
    expect(queries).toBe(0);
    expect(await rows.toArray()).toEqual(['a', 'b']);
    expect(queries).toBe(1);
  });
});

describe('transforming', () => {
  test('2 map with an async function', async () => {
    expect(
      await AsyncStream.of(1, 2)
        .map(async (x) => later(x * 2))
        .toArray(),
    ).toEqual([2, 4]);
  });

  test('3 filter with an async predicate: a promise is not taken for true', async () => {
    expect(
      await AsyncStream.of(1, 2, 3)
        .filter(async (x) => later(x === 2))
        .toArray(),
    ).toEqual([2]);
  });

  test('6 ETL: map, filter, enrich, several at a time and in order', async () => {
    let running = 0;
    let most = 0;
    const enriched = AsyncStream.from(['1', 'x', '2', '3'])
      .map(Number)
      .filter((n) => !Number.isNaN(n))
      .map(
        async (id) => {
          most = Math.max(most, ++running);
          await idle();
          running--;
          return { id, name: `user ${id}` };
        },
        { concurrency: 2 },
      );
    expect((await enriched.toArray()).map(({ name }) => name)).toEqual(['user 1', 'user 2', 'user 3']);
    expect(most).toBe(2);
  });

  test('7 sync and async sources alike', async () => {
    async function* asynchronous() {
      yield 1;
      yield 2;
    }
    const double = (input: Iterable<number> | AsyncIterable<number>) =>
      AsyncStream.from<number>(input)
        .map((x) => x * 2)
        .toArray();
    expect([await double([1, 2]), await double(new Set([1, 2])), await double(asynchronous())]).toEqual([
      [2, 4],
      [2, 4],
      [2, 4],
    ]);
  });

  test('18 in-memory data through an asynchronous pipeline: no promise for each element', async () => {
    let turns = 0;
    let over = false;
    const ticking = (async () => {
      while (!over) {
        turns++;
        await null;
      }
    })();
    expect(
      await AsyncStream.from(count(10_000))
        .map((x) => x + 1)
        .filter((x) => x % 2 === 0)
        .count(),
    ).toBe(5000);
    over = true;
    await ticking;
    expect(turns).toBeLessThan(20);
  });

  test('24 collect with types', async () => {
    const lengths: number[] = await AsyncStream.of('a', 'bb')
      .map((word) => word.length)
      .toArray();
    expect(lengths).toEqual([1, 2]);
  });

  test('27 counting feed with an end', async () => {
    expect(await AsyncStream.range(1, 4).toArray()).toEqual([1, 2, 3]);
    expect(await AsyncStream.unfold(3, (n) => (n > 0 ? [n, n - 1] : null)).toArray()).toEqual([3, 2, 1]);
  });

  test('28 from "collect all, then process" to streaming: each is processed before the next is read', async () => {
    const log: string[] = [];
    const probe = new Probe({ length: 2, log });
    await probe.stream.forEach(async (x: number) => {
      await idle();
      log.push(`processed ${x}`);
    });
    expect(log).toEqual(['next', 'processed 1', 'next', 'processed 2', 'next', 'exhausted']);
  });

  test('39 list comprehension', async () => {
    expect(await AsyncStream.from(Array.from('abc')).toArray()).toEqual(['a', 'b', 'c']);
  });

  test('40 comprehension with filter and projection', async () => {
    const squares = AsyncStream.range(0, 6)
      .filter((x) => x % 2 === 1)
      .map((x) => x * x);
    expect(await squares.toArray()).toEqual([1, 9, 25]);
  });

  test('41 set and dict comprehensions: __proto__ is a key like any other', async () => {
    const words = AsyncStream.of('__proto__', 'a', 'a');
    expect(await words.map((word) => word.length).toSet()).toEqual(new Set([9, 1]));
    const lengths = await words.toObject(
      (word) => word,
      (word) => word.length,
    );
    expect(Object.entries(lengths)).toEqual([
      ['__proto__', 9],
      ['a', 1],
    ]);
    expect(({} as { length?: number }).length).toBe(undefined);
  });

  test('42 sums in constant memory, several in one pass', async () => {
    const probe = new Probe({ length: 4 });
    expect(await probe.stream.collect({ sum: collectors.sum(), count: collectors.count() })).toEqual({
      sum: 10,
      count: 4,
    });
    expect(probe.opened).toBe(1);
  });
});

describe('several at a time', () => {
  test('4 prefetch by a queue and a background task: null is an element, an error arrives, leaving ends the task', async () => {
    const values = [null, undefined, 1];
    const prefetched = new Probe({ element: (n) => values[n - 1], length: 3 });
    expect(await prefetched.stream.buffer(20).toArray()).toEqual(values);

    const error = new Error('producer');
    expect(await seenOf(new Probe({ failAt: 3, error }).stream.buffer(20))).toStrictEqual({ seen: [1, 2], error });

    const endless = new Probe();
    expect(await endless.stream.buffer(20).take(2).toArray()).toEqual([1, 2]);
    const { pulled } = endless;
    await idle();
    expect([endless.pulled, endless.closed]).toEqual([pulled, 1]);
  });

  test('14 refill a batch buffer when it is empty: a break closes the source once, and not while it is refilled', async () => {
    const probe = new Probe();
    const asked: number[] = [];
    let seen = 0;
    for await (const _value of probe.stream.buffer(3, { refillAt: 0 })) {
      await idle();
      asked.push(probe.pulled);
      if (++seen === 4) break;
    }
    // Three in the buffer beside the one that is being consumed, and no more until it is empty.
    expect(asked).toEqual([4, 4, 4, 7]);
    expect(probe.faults()).toEqual([]);
    expect(probe.closed).toBe(1);
  });

  test('50 deque prefetch: the first element does not wait for three', async () => {
    const probe = new Probe({ stuckAt: 2 });
    expect(await probe.stream.buffer(3).first()).toBe(1);
  });

  test('15 merge by a queue and tasks: one that fails ends them all', async () => {
    const error = new Error('one of them');
    const silent = new Probe({ stuckAt: 1 });
    const failing = new Probe({ failAt: 2, error });
    expect(await seenOf(AsyncStream.merge(silent.stream, failing.stream))).toStrictEqual({ seen: [1], error });
    expect([silent.closed, failing.closed]).toEqual([1, 0]);
  });

  test('34 first-completed merge: a source is asked again after its first element', async () => {
    const [one, other] = [new Probe({ length: 3 }), new Probe({ length: 3, element: (n) => -n })];
    const merged = await AsyncStream.merge(one.stream, other.stream).toArray();
    expect(merged.toSorted((a, b) => a - b)).toEqual([-3, -2, -1, 1, 2, 3]);
  });

  test('35 price ticker over several sockets: a slow consumer gets the latest', async () => {
    const price = AsyncStream.channel<number>();
    const volume = AsyncStream.channel<string>();
    const latest = AsyncStream.mergeKeyed({ price: price.stream, volume: volume.stream }).buffer(1, {
      overflow: 'drop-oldest',
    });
    const iterator = latest[Symbol.asyncIterator]();
    const first = iterator.next();
    await price.push(1);
    expect((await first).value).toEqual(['price', 1]);
    for (const n of [2, 3, 4]) {
      await price.push(n);
      await idle();
    }
    expect((await iterator.next()).value).toEqual(['price', 4]);
    await iterator.return();
    expect(await volume.push('late')).toBe(false);
  });

  test('16 bounded producer and consumer: a producer that fails does not leave the consumer waiting', async () => {
    const error = new TypeError('producer');
    let ahead = 0;
    let most = 0;
    const produced = AsyncStream.create<number>(
      async (push) => {
        for (let n = 1; n <= 5; n++) {
          most = Math.max(most, ++ahead);
          await push(n);
        }
        throw error;
      },
      { buffer: 2 },
    );
    const seen: number[] = [];
    const consume = produced.forEach(async (n) => {
      await idle();
      ahead--;
      seen.push(n);
    });
    expect(await outcomeOf(() => consume)).toStrictEqual({ error });
    expect([seen, most <= 4]).toEqual([[1, 2, 3, 4, 5], true]);
  });

  test('25 structured concurrent consumption: no task outlives the loop', async () => {
    const error = new Error('one of them');
    const signals: AbortSignal[] = [];
    const done: number[] = [];
    const consume = AsyncStream.range(0).forEach(
      async (n, _index, { signal }) => {
        signals.push(signal as AbortSignal);
        await idle();
        if (n === 2) throw error;
        done.push(n);
      },
      { concurrency: 3 },
    );
    expect(await outcomeOf(() => consume)).toStrictEqual({ error });
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    const { length } = signals;
    await idle();
    expect([signals.length, done.includes(2)]).toEqual([length, false]);
  });

  test('29 fan-out inside a stage: bounded', async () => {
    let [running, most] = [0, 0];
    await AsyncStream.from(count(100)).forEach(
      async () => {
        most = Math.max(most, ++running);
        await idle();
        running--;
      },
      { concurrency: 7 },
    );
    expect(most).toBe(7);
  });

  test('43 streaming beside other work', async () => {
    const log: string[] = [];
    const stream = AsyncStream.range(0, 2).forEach(async (n) => {
      await idle();
      log.push(`element ${n}`);
    });
    const other = (async () => {
      log.push('other begins');
      await idle();
      await idle();
      await idle();
      log.push('other ends');
    })();
    await Promise.all([stream, other]);
    expect(log).toEqual(['other begins', 'element 0', 'element 1', 'other ends']);
  });

  test('30 stay responsive while streaming: timers get their turn', async () => {
    let turn = false;
    setImmediate(() => (turn = true));
    // Without a turn for the timer, it would never end.
    await AsyncStream.range(0)
      .yieldEvery(0)
      .takeWhile(() => !turn)
      .drain();
    expect(turn).toBe(true);
  });
});

describe('iterating by hand', () => {
  test('8 the protocol by hand: next is looked up once', async () => {
    let looked = 0;
    let n = 0;
    const iterator = {
      get next() {
        looked++;
        return async () => ({ done: ++n > 3, value: n });
      },
    };
    const source = { [Symbol.asyncIterator]: () => iterator as AsyncIterator<number> };
    expect(await AsyncStream.from(source).toArray()).toEqual([1, 2, 3]);
    expect(looked).toBe(1);
  });

  test('9 nothing runs before the first pull', async () => {
    const probe = new Probe();
    const stream = probe.stream
      .map((x: number) => x)
      .buffer(2)
      .merge([]);
    const iterator = stream[Symbol.asyncIterator]();
    await idle();
    expect(probe.log).toEqual([]);
    await iterator.return();
  });

  test('11 explicit close', async () => {
    const probe = new Probe();
    const iterator = probe.stream.iterator();
    await iterator.next();
    expect(await iterator.return()).toEqual(DONE);
    const other = new Probe();
    const disposed = other.stream.iterator();
    await disposed.next();
    await disposed[Symbol.asyncDispose]();
    expect([probe.closed, other.closed]).toEqual([1, 1]);
  });

  test('12 scoped close', async () => {
    const probe = new Probe();
    const scope = async () => {
      await using iterator = probe.stream.iterator();
      return (await iterator.next()).value as unknown;
    };
    expect(await scope()).toBe(1);
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('13 a stream that was started and dropped: stays where it is, and can still be closed', async () => {
    const probe = new Probe();
    const iterator = probe.stream[Symbol.asyncIterator]();
    await iterator.next();
    await idle();
    expect([probe.pulled, probe.closed]).toEqual([1, 0]);
    await iterator.return();
    expect(probe.closed).toBe(1);
  });

  test('23 a class with the protocol', async () => {
    class Source implements AsyncIterable<number> {
      async *[Symbol.asyncIterator]() {
        yield 1;
        yield 2;
      }
    }
    const stream = AsyncStream.from(new Source());
    expect([await stream.toArray(), await stream.toArray()]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  test('32 next element by hand', async () => {
    const iterator = AsyncStream.of('a', 'b').iterator();
    expect([await iterator.next(), await iterator.next(), await iterator.next()]).toEqual([
      { done: false, value: 'a' },
      { done: false, value: 'b' },
      DONE,
    ]);
  });

  test('33 next element or a default', async () => {
    const iterator = AsyncStream.of<string | undefined>(undefined).iterator();
    expect([await iterator.nextOr('none'), await iterator.nextOr('none')]).toEqual([undefined, 'none']);
    expect(await AsyncStream.of().first('none')).toBe('none');
  });

  test('36 a spent iterator used again: not silently empty', async () => {
    async function* once() {
      yield 1;
    }
    const stream = AsyncStream.from(once());
    expect(await stream.toArray()).toEqual([1]);
    await expect(stream.toArray()).rejects.toBeInstanceOf(StreamConsumedError);
  });
});

describe('resources, ends and errors', () => {
  test('10 rows with finally: close the cursor: on every path, and at once', async () => {
    const log: string[] = [];
    const rows = () =>
      AsyncStream.using(
        () => ({ rows: [1, 2, 3], close: () => log.push('closed') }),
        (cursor) => cursor.rows,
      );
    await rows().toArray();
    await rows().first();
    await outcomeOf(() =>
      rows().forEach(() => {
        throw new Error('row');
      }),
    );
    expect(log).toEqual(['closed', 'closed', 'closed']);
  });

  test('17 loop with else: did it end naturally?', async () => {
    const log: string[] = [];
    const watched = AsyncStream.of(1, 2).tap({
      complete: () => log.push('complete'),
      close: () => log.push('close'),
    });
    await watched.toArray();
    await watched.first();
    expect(log).toEqual(['complete', 'close', 'close']);
  });

  test('22 database change stream with resume: reconnects, and neither loses nor repeats', async () => {
    const opened: unknown[] = [];
    const open = (after?: number) => {
      opened.push(after);
      return new Probe({
        element: (n) => n + (after ?? 0),
        ...(opened.length < 3 ? { failAt: 3, error: new Error('connection lost') } : { length: 2 }),
      }).input as AsyncIterable<number>;
    };
    const changes = AsyncStream.from<number>(() => open()).retry({ times: 5, resume: (last) => open(last!) });
    expect(await changes.toArray()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(opened).toEqual([undefined, 2, 4]);
  });

  test('37 a source that never ends: by take, by a limit of time, by a limit of elements', async () => {
    expect(await AsyncStream.range(0).take(2).toArray()).toEqual([0, 1]);
    await expect(AsyncStream.range(0).toArray({ limit: 10 })).rejects.toThrow(RangeError);
    jest.useFakeTimers();
    const silent = new Probe({ stuckAt: 1 });
    const outcome = outcomeOf(() => silent.stream.timeout({ total: 1000 }).toArray());
    await jest.advanceTimersByTimeAsync(1000);
    expect(await outcome).toMatchObject({ error: { name: 'TimeoutError' } });
    expect([silent.closed, jest.getTimerCount()]).toEqual([1, 0]);
  });

  test('38 lines of a file by chunks: closed on early exit, CR gone, characters whole', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lines-'));
    const file = join(folder, 'text');
    try {
      await writeFile(file, `é\r\n${'ü'.repeat(50)}\r\n${'x\n'.repeat(1000)}`);
      const open = () => createReadStream(file, { highWaterMark: 3 });
      expect(await AsyncStream.from<Buffer>(open()).lines().take(2).toArray()).toEqual(['é', 'ü'.repeat(50)]);
      const isOpen = async () => {
        const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''));
        return (await Promise.all(links)).includes(file);
      };
      let open_ = true;
      await until(() => {
        void isOpen().then((yes) => (open_ = yes));
        return !open_;
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('44 context manager', async () => {
    const log: string[] = [];
    const lines = AsyncStream.using(
      async () => {
        log.push('open');
        return { [Symbol.asyncDispose]: async () => void log.push('dispose') };
      },
      () => ['a', 'b'],
    );
    expect([await lines.first(), log]).toEqual(['a', ['open', 'dispose']]);
  });

  test('45 a cursor that is both a resource and an iterator: closed once, and refused afterwards', async () => {
    const probe = new Probe({ kind: 'given async iterator' });
    const cursor = probe.input as AsyncIterator<number>;
    const stream = AsyncStream.from<number>(cursor);
    expect(await stream.take(2).toArray()).toEqual([1, 2]);
    await expect(stream.first()).rejects.toBeInstanceOf(StreamConsumedError);
    expect([probe.closed, probe.faults()]).toEqual([1, []]);
  });

  test('46 how far did it get before the error', async () => {
    const seen: [done: number, over: boolean][] = [];
    const parse = (x: number) => {
      if (x === 7) throw new Error('seven');
    };
    const run = AsyncStream.range(0, 10)
      .map(parse)
      .progress(({ done, over }) => seen.push([done, over]), { total: 10 })
      .drain();
    const error = await run.catch((reason: unknown) => reason);
    expect(seen).toEqual([
      [0, false],
      [7, true],
    ]);
    expect(AsyncStream.traceOf(error)).toMatchObject({ method: 'map', callback: 'parse', position: 1, index: 7 });
  });

  test('47 retry with a limit and backoff: what was delivered is not counted twice without saying so', async () => {
    jest.useFakeTimers();
    const waits: number[] = [];
    let runs = 0;
    let last = 0;
    const flaky = AsyncStream.from(async function* () {
      waits.push(Date.now() - last);
      last = Date.now();
      yield 1;
      if (++runs <= 2) throw new Error('flaky');
      yield 2;
    });
    last = Date.now();
    const retried = flaky.retry({ times: 3, delay: 100, backoff: 'exponential' }).toArray();
    await jest.advanceTimersByTimeAsync(1000);
    // Without `resume` the elements come again: the documentation says so.
    expect(await retried).toEqual([1, 1, 1, 2]);
    expect(waits).toEqual([0, 100, 200]);
  });

  test('48 cleanup that awaits, on every path', async () => {
    const log: string[] = [];
    const cleaned = AsyncStream.of(1, 2).finally(async () => {
      await idle();
      log.push('clean');
    });
    await cleaned.toArray();
    await cleaned.first();
    for await (const _value of cleaned) break;
    await outcomeOf(() =>
      cleaned.forEach(() => {
        throw new Error('callback');
      }),
    );
    expect(log).toEqual(['clean', 'clean', 'clean', 'clean']);
  });

  test('51 testing streams: whole values, fake timers', async () => {
    jest.useFakeTimers();
    const ticks = AsyncStream.interval(1000).take(3).toArray();
    await jest.advanceTimersByTimeAsync(3000);
    expect(await ticks).toEqual([0, 1, 2]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
