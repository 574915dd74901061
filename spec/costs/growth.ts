// `npm run growth`: how the cost of everything grows, as tables in docs/reliability.md. Fails if a cost grows faster than
// its input, unless DOCUMENTED says why. `--check` writes nothing. Run without optimization, so that V8 counts all blocks.
import { EventEmitter } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { AsyncStream, collectors, limiter } from '../../lib/index.ts';
import { stages, terminals } from '../support/table.ts';
import { operationsOf } from './operations.ts';

type Stream = AsyncStream<any>;
/** A run whose cost is asked for, of size n. */
type Row = readonly [name: string, run: (n: number) => unknown];

const FILE = 'docs/reliability.md';
const [BEGIN, END] = ['<!-- growth -->', '<!-- /growth -->'];
/** The exponent of the growth from 2n to 4n: 1 if the cost is linear, 2 if it is quadratic. */
const LIMIT = 1.03;
const DOCUMENTED: Readonly<Record<string, string>> = {
  'mergeSorted, inputs': 'the heap compares `log n` times for each element',
  'timeout, stages': 'of fifty stages in a row, one continues on a stack of its own: a step more for each element',
};

const from = (n: number, element: (n: number) => unknown = (i) => i): Stream =>
  AsyncStream.from<any>(async function* () {
    for (let i = 1; i <= n; i++) yield element(i);
  });
function readable(n: number): ReadableStream<number> {
  let i = 0;
  return new ReadableStream({ pull: (controller) => (i++ < n ? controller.enqueue(i) : controller.close()) });
}
const times = <T>(n: number, make: (index: number) => T): T[] => Array.from({ length: n }, (_, index) => make(index));
const repeated = (n: number, put: (stream: Stream) => Stream, elements = 4) =>
  times(n, () => put).reduce<Stream>((stream, put) => put(stream), from(elements));

/** With the number of elements: each row of the laws that does not end by itself. */
const elements: Row[] = [
  ...stages
    .filter(({ stopsAfter, repeats }) => stopsAfter === undefined && repeats === undefined)
    .map(({ call, build, element }): Row => [call, (n) => build(from(n, element)).drain()]),
  ...terminals
    .filter(({ stopsAfter, fails }) => stopsAfter === undefined && fails === undefined)
    .map(({ call, end, element }): Row => [call, (n) => end(from(n, element) as never)]),
];

const joined: Record<string, (inputs: Stream[]) => Stream> = {
  concat: (inputs) => AsyncStream.concat(...inputs),
  merge: (inputs) => AsyncStream.merge(...inputs),
  mergeKeyed: (inputs) => AsyncStream.mergeKeyed(Object.fromEntries(inputs.entries())),
  zip: (inputs) => AsyncStream.zip(inputs),
  zipKeyed: (inputs) => AsyncStream.zipKeyed(Object.fromEntries(inputs.entries())),
  race: (inputs) => AsyncStream.race(...inputs),
  interleave: (inputs) => AsyncStream.interleave(...inputs),
  mergeSorted: (inputs) => AsyncStream.mergeSorted(inputs),
  combineLatest: (inputs) => AsyncStream.combineLatest(...inputs).take(1),
};
const inputs = Object.entries(joined).map(([name, join]): Row => [name, (n) => join(times(n, () => from(4))).drain()]);

const groups: Row[] = [
  [
    'groupByKey',
    (n) =>
      from(4 * n)
        .groupByKey((x) => x % n, { buffer: 8 })
        .map(([, group]) => group.count(), { concurrency: Infinity })
        .drain(),
  ],
  ['groupBy', (n) => from(4 * n).groupBy((x) => x % n)],
  ['countBy', (n) => from(4 * n).countBy((x) => x % n)],
  [
    'chunkBy',
    (n) =>
      from(4 * n)
        .chunkBy((x) => x >> 2)
        .drain(),
  ],
  [
    'map(fn, { concurrency, key })',
    (n) =>
      from(4 * n)
        .map(async (x) => x, { concurrency: Infinity, key: (x) => x % n })
        .drain(),
  ],
  [
    'distinct',
    (n) =>
      from(4 * n)
        .distinct((x) => x % n)
        .drain(),
  ],
];

const readers: Row[] = [
  [
    'tee',
    (n) =>
      Promise.all(
        from(4)
          .tee(n)
          .map((branch) => branch.count()),
      ),
  ],
  [
    'share',
    (n) => {
      const shared = from(4).share();
      return Promise.all(times(n, () => shared.count()));
    },
  ],
  [
    'share({ replay })',
    (n) => {
      const shared = from(4).share({ replay: 4 });
      return Promise.all(times(n, () => shared.count()));
    },
  ],
  [
    'iterators of one stream',
    (n) => {
      const stream = from(4);
      return Promise.all(times(n, () => stream.count()));
    },
  ],
  ['collect', (n) => from(4).collect(Object.fromEntries(times(n, (i) => [`c${i}`, collectors.count()])))],
];

const chained: [string, (stream: Stream) => Stream][] = [
  ['map', (stream) => stream.map((x) => x)],
  ['map of promises', (stream) => stream.map(async (x) => x)],
  ['filter', (stream) => stream.filter(() => true)],
  ['take', (stream) => stream.take(10)],
  ['flatMap', (stream) => stream.flatMap((x) => [x])],
  ['concat', (stream) => stream.concat([])],
  ['finally', (stream) => stream.finally(() => undefined)],
  ['catch', (stream) => stream.catch(() => [])],
  ['retry', (stream) => stream.retry()],
  ['withSignal', (stream) => stream.withSignal(new AbortController().signal)],
  ['takeUntil', (stream) => stream.takeUntil(new AbortController().signal)],
  [
    'a generator in pipe',
    (stream) =>
      stream.pipe(async function* (upstream) {
        yield* upstream;
      }),
  ],
  ['buffer', (stream) => stream.buffer(2)],
  ['merge', (stream) => stream.merge([])],
  ['map, concurrent', (stream) => stream.map((x) => x, { concurrency: 2 })],
  ['timeout', (stream) => stream.timeout(1000)],
  ['share', (stream) => stream.share()],
  ['tee', (stream) => stream.tee(1)[0]!],
];

const stagesInARow = chained.map(([name, put]): Row => [name, (n) => repeated(n, put).drain()]);

const sizes: Row[] = [
  [
    'buffer(n)',
    (n) =>
      from(2 * n)
        .buffer(n)
        .drain(),
  ],
  [
    'chunks(n)',
    (n) =>
      from(4 * n)
        .chunks(n)
        .drain(),
  ],
  [
    'takeLast(n)',
    (n) =>
      from(4 * n)
        .takeLast(n)
        .drain(),
  ],
  [
    'dropLast(n)',
    (n) =>
      from(4 * n)
        .dropLast(n)
        .drain(),
  ],
  ['top(n)', (n) => from(4 * n).top(n)],
  [
    'toSorted()',
    (n) =>
      from(n, (i) => (i * 7919) % n)
        .toSorted()
        .drain(),
  ],
  [
    'map(fn, { concurrency: n })',
    (n) =>
      from(4 * n)
        .map(async (x) => x, { concurrency: n })
        .drain(),
  ],
  [
    'map(fn, { concurrency: n, ordered: false })',
    (n) =>
      from(4 * n)
        .map(async (x) => x, { concurrency: n, ordered: false })
        .drain(),
  ],
  [
    'flatMap(fn, { concurrency: n })',
    (n) =>
      from(2 * n)
        .flatMap(() => from(2), { concurrency: n })
        .drain(),
  ],
  [
    'n callers that wait for a limiter',
    async (n) => {
      const limit = limiter(1);
      await Promise.all(times(n, async () => (await limit.acquire())()));
    },
  ],
  [
    'n callers that leave a limiter',
    async (n) => {
      const limit = limiter(1);
      const release = await limit.acquire();
      const aborts = times(n, () => new AbortController());
      const waiting = aborts.map(({ signal }) => Promise.resolve(limit.acquire(signal)).catch(() => undefined));
      for (const abort of aborts) abort.abort();
      await Promise.all(waiting);
      release();
    },
  ],
  [
    'n producers that wait for a channel',
    async (n) => {
      const made = AsyncStream.channel<number>({ buffer: 1 });
      const sent = times(n, (i) => made.push(i));
      const read = made.stream.take(n).drain();
      await Promise.all([read, ...sent]);
    },
  ],
  [
    'expand, n deep',
    (n) =>
      AsyncStream.of(0)
        .expand((x) => (x < n ? [x + 1] : []))
        .drain(),
  ],
  [
    "expand, n deep, order: 'depth'",
    (n) =>
      AsyncStream.of(0)
        .expand((x) => (x < n ? [x + 1] : []), { order: 'depth' })
        .drain(),
  ],
  [
    'retry, n attempts',
    (n) => {
      let tries = 0;
      return AsyncStream.from(() => {
        if (++tries < n) throw new Error('again');
        return [1];
      })
        .retry({ times: n })
        .drain();
    },
  ],
  [
    'switchMap, n replaced',
    (n) =>
      from(n)
        .switchMap(() => from(2))
        .drain(),
  ],
  [
    'lines in n pieces',
    (n) =>
      from(n, () => 'abcd')
        .lines()
        .drain(),
  ],
];

const sources: Row[] = [
  ['from(array)', (n) => AsyncStream.from(times(n, (i) => i)).drain()],
  ['from(Set)', (n) => AsyncStream.from(new Set(times(n, (i) => i))).drain()],
  ['from(Map)', (n) => AsyncStream.from(new Map(times(n, (i) => [i, i]))).drain()],
  ['from(promises)', (n) => AsyncStream.from(times(n, async (i) => i)).drain()],
  ['from(Readable)', (n) => AsyncStream.from(Readable.from(times(n, String))).drain()],
  ['from(ReadableStream)', (n) => AsyncStream.from(readable(n)).drain()],
  ['of', (n) => AsyncStream.of(...times(n, (i) => i)).drain()],
  ['range', (n) => AsyncStream.range(0, n).drain()],
  ['unfold', (n) => AsyncStream.unfold(0, (i) => (i < n ? [i, i + 1] : undefined)).drain()],
  ['paginate', (n) => AsyncStream.paginate(({ page }) => [page], { totalPages: n }).drain()],
  [
    'poll',
    (n) =>
      AsyncStream.poll(() => 1, { every: 10 })
        .take(n)
        .drain(),
  ],
  ['interval', (n) => AsyncStream.interval(10).take(n).drain()],
  ['asCompleted', (n) => AsyncStream.asCompleted(times(n, async (i) => i)).drain()],
  [
    'create',
    (n) =>
      AsyncStream.create<number>(async (push) => {
        for (let i = 0; i < n; i++) await push(i);
        push.end();
      }).drain(),
  ],
  [
    'create, all pushed at once',
    (n) =>
      AsyncStream.create<number>((push) => {
        for (let i = 0; i < n; i++) void push(i);
        push.end();
      }).drain(),
  ],
  [
    'channel',
    async (n) => {
      const { stream, push, end } = AsyncStream.channel<number>({ buffer: n });
      for (let i = 0; i < n; i++) void push(i);
      end();
      await stream.drain();
    },
  ],
  [
    'fromEvent',
    async (n) => {
      const emitter = new EventEmitter();
      const run = AsyncStream.fromEvent(emitter, 'x', { end: 'end' }).drain();
      await undefined;
      for (let i = 0; i < n; i++) emitter.emit('x', i);
      emitter.emit('end');
      await run;
    },
  ],
];

/** The costs for n, 2n and 4n, each divided by that, and the exponent of the growth. */
async function costsOf(run: Row[1], n: number): Promise<{ readonly costs: number[]; readonly growth: number }> {
  // The first run loads and fills what later ones find.
  await operationsOf(() => run(n));
  const counts: number[] = [];
  for (const size of [n, 2 * n, 4 * n]) counts.push(await operationsOf(() => run(size)));
  const [a, b, c] = counts as [number, number, number];
  return { costs: [a / n, b / (2 * n), c / (4 * n)], growth: Math.log2((c - b) / (b - a)) };
}

const titles: [title: string, unit: string, rows: readonly Row[], n?: number][] = [
  ['Elements', 'elements', elements],
  ['Elements of a source', 'source', sources],
  ['Inputs', 'inputs', inputs],
  ['Groups', 'groups', groups],
  ['Readers', 'readers', readers],
  ['Stages that follow each other', 'stages', stagesInARow, 100],
  ['Sizes, and callers that wait', 'sizes', sizes],
];

/** Quadratic on purpose: a count that does not show it is worth nothing. */
const planted: Row[] = [
  [
    'n elements for each of n',
    (n) =>
      from(n)
        .flatMap(() => times(n, (i) => i))
        .drain(),
  ],
  [
    'a search among all elements before',
    (n) => {
      const seen: unknown[] = [];
      return from(n)
        .filter((x) => !seen.includes(x) && seen.push(x))
        .drain();
    },
  ],
];
for (const [name, run] of planted) {
  const { growth } = await costsOf(run, 64);
  if (growth < 1.8) throw new Error(`${name}: counted as n^${growth.toFixed(2)}`);
}

const text: string[] = [];
let measured = 0;
for (const [title, unit, rows, n = 256] of titles) {
  text.push(
    '',
    `### ${title}`,
    '',
    `| n = ${n} | for each, at n | at 2n | at 4n | growth |`,
    '| --- | ---: | ---: | ---: | ---: |',
  );
  for (const [name, run] of rows) {
    const { costs, growth } = await costsOf(run, n);
    measured++;
    const reason = DOCUMENTED[`${name}, ${unit}`];
    const figure = `n^${growth.toFixed(2)}`;
    text.push(
      `| \`${name}\` | ${costs.map((cost) => cost.toFixed(1)).join(' | ')} | ${figure}${reason ? `: ${reason}` : ''} |`,
    );
    // A cost that does not depend on n at all is as good.
    if (growth <= LIMIT || reason !== undefined) continue;
    console.error(`${name}: grows with n^${growth.toFixed(2)} in the number of ${unit}`);
    process.exitCode = 1;
  }
}
console.log(`${measured} costs were counted`);
if (!process.argv.includes('--check')) {
  const file = readFileSync(FILE, 'utf8');
  const [before, after] = [file.slice(0, file.indexOf(BEGIN) + BEGIN.length), file.slice(file.indexOf(END))];
  writeFileSync(FILE, `${before}${text.join('\n')}\n\n${after}`);
}
