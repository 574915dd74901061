/**
 * A sample of what the library promises, in plain JavaScript that runs everywhere: Node, Bun, Deno and browsers, with
 * the library imported or required. `run` resolves to the names of the checks and how each came out.
 */

/** @param {typeof import('asyncstream')} library */
export async function run(library) {
  const results = [];
  for (const [name, check] of Object.entries(checksOf(library))) {
    try {
      await within(check(), 10_000);
      results.push({ name });
    } catch (error) {
      results.push({ name, error: String(error?.stack ?? error) });
    }
  }
  return results;
}

const wait = (milliseconds, value) => new Promise((resolve) => setTimeout(resolve, milliseconds, value));

async function within(promise, milliseconds) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not over within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function equal(actual, expected) {
  const [a, b] = [text(actual), text(expected)];
  if (a !== b) throw new Error(`expected ${b}, got ${a}`);
}

const text = (value) =>
  JSON.stringify(value, (_, inner) =>
    inner instanceof Map || inner instanceof Set ? [...inner] : inner === undefined ? '(undefined)' : inner,
  );

async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}

/** A source that says when it is opened, and each time that it is closed. A generator would hide a second time. */
function watched(count = Infinity) {
  const log = [];
  let n = 0;
  const source = {
    async next() {
      if (n === 0) log.push('open');
      return n < count ? { value: ++n, done: false } : { value: undefined, done: true };
    },
    async return() {
      await wait(1);
      log.push('closed');
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  return { log, source };
}

function checksOf({ AsyncStream, StreamConsumedError, limiter, retrying, collectors }) {
  const { from, of, range } = AsyncStream;
  const boom = new Error('boom');
  const fail = () => {
    throw boom;
  };

  return {
    'reads arrays, sets, maps, generators and async generators': async () => {
      async function* later() {
        yield await wait(1, 'later');
      }
      function* now() {
        yield 'now';
      }
      const inputs = [[1], new Set([2]), new Map([[3, 4]]), now(), later()];
      equal(await from(inputs).flat().toArray(), [1, 2, [3, 4], 'now', 'later']);
    },
    'maps, filters and flattens, with promises': async () => {
      const stream = range(0, 6).map(async (n) => n * 10);
      equal(
        await stream
          .filter(async (n) => n % 20 === 0)
          .flatMap((n) => [n, n + 1])
          .toArray(),
        [0, 1, 20, 21, 40, 41],
      );
    },
    'is lazy': async () => {
      const { log, source } = watched();
      const stream = from(source).map((n) => n);
      await wait(1);
      equal(log, []);
      equal(await stream.take(2).toArray(), [1, 2]);
    },
    'passes elements on by for await': async () => {
      const seen = [];
      for await (const n of range(0, 3).map((x) => x + 1)) seen.push(n);
      equal(seen, [1, 2, 3]);
    },
    'closes its source once on break, and waits for it': async () => {
      const { log, source } = watched();
      for await (const n of from(source).map((x) => x)) if (n === 2) break;
      equal(log, ['open', 'closed']);
    },
    'closes its source once when a callback throws': async () => {
      const { log, source } = watched();
      equal((await rejection(from(source).map(fail).toArray())) === boom, true);
      equal(log, ['open', 'closed']);
    },
    'closes its source once when a terminal has seen enough': async () => {
      const { log, source } = watched();
      equal(await from(source).find((n) => n === 3), 3);
      equal(log, ['open', 'closed']);
    },
    'ends at once on an abort, though the source never settles': async () => {
      const controller = new AbortController();
      const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) };
      const run = from(silent).toArray({ signal: controller.signal });
      controller.abort(boom);
      equal((await rejection(run)) === boom, true);
    },
    'aborts the signal of callbacks in flight': async () => {
      let aborted = false;
      const slow = (n, _, { signal }) =>
        n === 0 ? wait(2).then(fail) : new Promise(() => signal.addEventListener('abort', () => (aborted = true)));
      await rejection(range(0, 4).map(slow, { concurrency: 4 }).toArray());
      equal(aborted, true);
    },
    'runs callbacks at a time, and keeps the order': async () => {
      let running = 0;
      let most = 0;
      const slow = async (n) => {
        most = Math.max(most, ++running);
        await wait(5 - n);
        running--;
        return n;
      };
      equal(await range(0, 5).map(slow, { concurrency: 3 }).toArray(), [0, 1, 2, 3, 4]);
      equal(most, 3);
    },
    'gives what is done first where the order does not count': async () => {
      const slow = (n) => wait(n * 10, n);
      equal(await of(3, 1, 2).map(slow, { concurrency: 3, ordered: false }).toArray(), [1, 2, 3]);
    },
    'waits for all callbacks with settle': async () => {
      let running = 0;
      const work = async (n) => {
        running++;
        await wait(n);
        running--;
        if (n === 1) throw boom;
      };
      await rejection(of(1, 20).forEach(work, { concurrency: 2, settle: true }));
      equal(running, 0);
    },
    'merges, and closes all inputs': async () => {
      const [a, b] = [watched(), watched()];
      equal((await from(a.source).merge(from(b.source)).take(4).toArray()).length, 4);
      equal(
        [a.log, b.log],
        [
          ['open', 'closed'],
          ['open', 'closed'],
        ],
      );
    },
    'zips, concatenates and interleaves': async () => {
      equal(
        await AsyncStream.zip([
          [1, 2],
          ['a', 'b'],
        ]).toArray(),
        [
          [1, 'a'],
          [2, 'b'],
        ],
      );
      equal(await AsyncStream.concat([1], of(2)).toArray(), [1, 2]);
      equal(await AsyncStream.interleave([1, 3], [2, 4]).toArray(), [1, 2, 3, 4]);
    },
    'chunks by size, by weight and by time': async () => {
      equal(await range(0, 5).chunks(2).toArray(), [[0, 1], [2, 3], [4]]);
      const weight = (n) => n;
      equal(await of(1, 2, 3).chunks(Infinity, { weight, maxWeight: 3 }).toArray(), [[1, 2], [3]]);
      const slow = from(async function* () {
        yield 1;
        yield 2;
        await wait(60);
        yield 3;
      });
      equal(await slow.chunks(9, { within: 20 }).toArray(), [[1, 2], [3]]);
    },
    'makes windows and pairs': async () => {
      equal(await range(0, 4).windows(2).toArray(), [
        [0, 1],
        [1, 2],
        [2, 3],
      ]);
      equal(await of('a', 'b').entries().toArray(), [
        [0, 'a'],
        [1, 'b'],
      ]);
    },
    'buffers ahead, and no further than it says': async () => {
      let pulled = 0;
      const source = from(function* () {
        for (;;) yield ++pulled;
      });
      const iterator = source.buffer(3)[Symbol.asyncIterator]();
      await iterator.next();
      await wait(5);
      equal(pulled, 4);
      await iterator.return();
    },
    'groups by key': async () => {
      const groups = range(0, 6).groupByKey((n) => n % 2);
      const counts = await groups.map(async ([key, group]) => [key, await group.count()], { concurrency: 2 }).toArray();
      equal(counts, [
        [0, 3],
        [1, 3],
      ]);
    },
    'shares one run between branches': async () => {
      let opened = 0;
      const [a, b] = from(function* () {
        opened++;
        yield 1;
        yield 2;
      }).tee();
      equal(await Promise.all([a.toArray(), b.sum()]), [[1, 2], 3]);
      equal(opened, 1);
    },
    'refuses a second run of what can be run once': async () => {
      const stream = from(watched(1).source);
      await stream.toArray();
      equal((await rejection(stream.toArray())) instanceof StreamConsumedError, true);
    },
    'reads pages, and follows what leads on': async () => {
      const pages = [
        { rows: [1, 2], next: 1 },
        { rows: [3], next: undefined },
      ];
      const options = { items: (page) => page.rows, next: (page) => page.next };
      equal(await AsyncStream.paginate(({ cursor = 0 }) => wait(1, pages[cursor]), options).toArray(), [1, 2, 3]);
    },
    'retries a stream, and one call': async () => {
      let times = 0;
      const flaky = from(() => (++times < 3 ? Promise.reject(boom) : [times]));
      equal(await flaky.retry({ times: 5, delay: 1 }).toArray(), [3]);
      times = 0;
      equal(
        await of('a')
          .map(retrying(() => (++times < 3 ? fail() : times), { times: 5, delay: 1 }))
          .toArray(),
        [3],
      );
    },
    'catches an error, and goes on with something else': async () => {
      equal(
        await of(1, 2)
          .map((n) => (n === 2 ? fail() : n))
          .catch(() => ['caught'])
          .toArray(),
        [1, 'caught'],
      );
    },
    'times out': async () => {
      const error = await rejection(
        from(() => new Promise(() => undefined))
          .timeout(5)
          .toArray(),
      );
      equal(error.name, 'TimeoutError');
    },
    'debounces, throttles, samples and beats': async () => {
      equal(await of(1, 2, 3).debounce(5).toArray(), [3]);
      equal(await of(1, 2, 3).throttle(20).toArray(), [1, 3]);
      equal(await AsyncStream.interval(3).take(3).toArray(), [0, 1, 2]);
      const silent = from(() => new Promise(() => undefined));
      equal(await silent.heartbeat(2, 'ping').take(2).toArray(), ['ping', 'ping']);
    },
    'lets timers fire beside a source that never waits': async () => {
      const stop = wait(10);
      equal((await range(0, Infinity).takeUntil(stop).count()) > 0, true);
    },
    'limits what runs at a time over several streams': async () => {
      const two = limiter(2);
      let running = 0;
      let most = 0;
      const work = async () => {
        most = Math.max(most, ++running);
        await wait(1);
        running--;
      };
      await Promise.all([1, 2, 3].map(() => range(0, 4).forEach(work, { concurrency: two })));
      equal(most, 2);
    },
    'collects into arrays, sets, maps, sums and several at once': async () => {
      equal(await of(1, 1, 2).toSet(), [1, 2]);
      equal(
        await of('a', 'b')
          .toMap(
            (x) => x,
            (x) => x + x,
          )
          .then((map) => [...map]),
        [
          ['a', 'aa'],
          ['b', 'bb'],
        ],
      );
      equal(await range(1, 5).collect({ sum: collectors.sum(), most: collectors.max() }), { sum: 10, most: 4 });
      equal(await range(0, 4).reduce((a, b) => a + b, 0), 6);
    },
    'splits bytes into lines, with characters across chunks': async () => {
      const bytes = new TextEncoder().encode('eins\r\nzwölf\ndrei');
      const parts = [...bytes].map((byte) => Uint8Array.of(byte));
      equal(await from(parts).lines().toArray(), ['eins', 'zwölf', 'drei']);
    },
    'reads web streams, and releases them': async () => {
      const stream = new ReadableStream({
        start(controller) {
          for (const n of [1, 2, 3]) controller.enqueue(n);
          controller.close();
        },
      });
      equal(await from(stream).toArray(), [1, 2, 3]);
    },
    'cancels a web stream that it leaves': async () => {
      let cancelled = false;
      const stream = new ReadableStream({
        pull: (controller) => controller.enqueue(1),
        cancel: () => void (cancelled = true),
      });
      equal(await from(stream).take(2).toArray(), [1, 1]);
      equal(cancelled, true);
    },
    'becomes a web stream': async () => {
      equal(
        await new Response(
          of('a', 'b')
            .map((x) => new TextEncoder().encode(x))
            .toReadableStream(),
        ).text(),
        'ab',
      );
    },
    'goes through a web transform, and into a web stream': async () => {
      const written = [];
      const sink = new WritableStream({ write: (chunk) => void written.push(chunk) });
      const bytes = of('a', 'ü').map((x) => new TextEncoder().encode(x));
      await bytes.pipeThrough(new TextDecoderStream()).pipeTo(sink);
      equal(written.join(''), 'aü');
    },
    'packs and unpacks': async () => {
      const bytes = of('line\n'.repeat(1000)).map((x) => new TextEncoder().encode(x));
      const unpacked = bytes
        .pipeThrough(new CompressionStream('gzip'))
        .pipeThrough(new DecompressionStream('gzip'))
        .lines();
      equal(await unpacked.count(), 1000);
    },
    'reads the events of an EventTarget': async () => {
      const target = new EventTarget();
      const run = AsyncStream.fromEvent(target, 'tick').take(2).count();
      target.dispatchEvent(new Event('tick'));
      target.dispatchEvent(new Event('tick'));
      equal(await run, 2);
    },
    'takes what is pushed into it': async () => {
      const created = AsyncStream.create(async (push) => {
        for (const n of [1, 2, 3]) await push(n);
      });
      equal(await created.toArray(), [1, 2, 3]);
      const { stream, push, end } = AsyncStream.channel();
      push('a');
      end();
      equal(await stream.toArray(), ['a']);
    },
    'uses a resource, and closes it': async () => {
      const log = [];
      const open = () => log.push('open');
      const stream = AsyncStream.using(
        open,
        () => [1, 2],
        () => log.push('closed'),
      );
      equal(
        [await stream.toArray(), log],
        [
          [1, 2],
          ['open', 'closed'],
        ],
      );
    },
    'says where an error came from, and what a stream is': async () => {
      const error = await rejection(range(0, 3).map(fail).toArray());
      const { method, callback, index } = AsyncStream.traceOf(error);
      equal([method, callback, index], ['map', fail.name, 0]);
      equal(range(0, 3).map(fail).explain().stages.length, 1);
    },
    'reports progress': async () => {
      const seen = [];
      await range(0, 4)
        .progress(({ done, total }) => seen.push([done, total]), { total: 4 })
        .drain();
      equal(seen, [
        [0, 4],
        [4, 4],
      ]);
    },
    'refuses wrong arguments at the call': async () => {
      for (const call of [() => of(1).map('x'), () => of(1).take(-1), () => from(1), () => of(1).map(fail, { c: 1 })]) {
        let thrown;
        try {
          call();
        } catch (error) {
          thrown = error;
        }
        equal(thrown instanceof TypeError || thrown instanceof RangeError, true);
      }
    },
    'is not thenable, and prints as its stages': async () => {
      equal(typeof of(1).then, 'undefined');
      equal(String(of(1).map(fail)).includes(`map(${fail.name})`), true);
    },
    'takes a million elements, a thousand stages, and a thousand calls of next()': async () => {
      equal(
        await range(0, 1_000_000)
          .map((n) => n + 1)
          .count(),
        1_000_000,
      );
      let stream = range(0, 10);
      for (let n = 0; n < 1000; n++) stream = stream.map((x) => x + 1);
      equal(await stream.first(), 1000);
      const iterator = range(0, 500)[Symbol.asyncIterator]();
      const results = await Promise.all(Array.from({ length: 1000 }, () => iterator.next()));
      equal(results.filter(({ done }) => !done).length, 500);
    },
  };
}
