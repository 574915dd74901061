/**
 * Measures what a run holds on to: `node bench/memory.mjs`.
 *
 * While each scenario runs, its source collects the garbage ten times and looks at the heap. What is reported is the most by
 * which the heap grew over the moment before the run, so that what is freed only at the end counts as well.
 */
import { buildLibrary, collectGarbage, grouped, table } from './tools.mjs';

/** In megabytes, where a scenario says nothing else. */
const LIMIT = 5;
const SAMPLES = 10;

buildLibrary();
const { AsyncStream } = await import('../dist/index.js');

const increment = (x) => x + 1;
const incrementLater = async (x) => x + 1;
const always = () => true;
const nothing = () => undefined;

const tenStages = (source) =>
  AsyncStream.from(source)
    .map(increment)
    .filter(always)
    .tap(nothing)
    .scan((_, x) => x, 0)
    .compact()
    .takeWhile(always)
    .dropWhile((x) => x < 0)
    .distinctUntilChanged()
    .drop(1)
    .map(increment);

const thousandStages = (source) =>
  Array.from({ length: 1000 }, () => increment).reduce((stream, fn) => stream.map(fn), AsyncStream.from(source));

async function iterate(stream) {
  let last;
  for await (const x of stream) last = x;
  return last;
}

const scenarios = [
  ['ten stages over an async generator', 10_000_000, asyncSource, (source) => tenStages(source).count()],
  ['ten stages over an async generator, `for await`', 10_000_000, asyncSource, (source) => iterate(tenStages(source))],
  ['ten stages over a sync generator', 10_000_000, syncSource, (source) => tenStages(source).count()],
  ['a thousand stages over a sync generator', 1_000_000, syncSource, (source) => thousandStages(source).count()],
  ['a thousand stages, `for await`', 1_000_000, syncSource, (source) => iterate(thousandStages(source))],
  [
    'asynchronous callbacks over a sync generator',
    100_000,
    syncSource,
    (source) =>
      AsyncStream.from(source)
        .map(incrementLater)
        .filter(async () => true)
        .forEach(incrementLater),
  ],
  [
    'merged beside a source that never answers',
    100_000,
    asyncSource,
    (source, count) => AsyncStream.from(silence()).merge(source).take(count).count(),
    1,
  ],
  [
    'asynchronous callbacks over an async generator',
    100_000,
    asyncSource,
    (source) =>
      AsyncStream.from(source)
        .map(incrementLater)
        .filter(async () => true)
        .forEach(incrementLater),
  ],
];

/** @type {() => AsyncIterable<number>} */
const silence = () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(nothing) }) });

function* syncSource(count, sample) {
  for (let i = 1; i <= count; i++) {
    if (i % (count / SAMPLES) === 0) sample();
    yield i;
  }
}

async function* asyncSource(count, sample) {
  for (const i of syncSource(count, sample)) yield i;
}

function heap() {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1e6;
}

/** The most by which the heap grew, in megabytes, and the seconds it took. */
async function measure(count, source, run) {
  // What the first run compiles and caches is no growth.
  await run(source(1000, nothing), 1000);
  const before = heap();
  let most = before;
  const sample = () => (most = Math.max(most, heap()));
  const start = performance.now();
  await run(source(count, sample), count);
  const seconds = (performance.now() - start) / 1000;
  sample();
  return { growth: most - before, seconds };
}

const lines = [['scenario', 'elements', 'seconds', 'heap growth', 'bar', 'holds']];
for (const [title, count, source, run, limit = LIMIT] of scenarios) {
  const { growth, seconds } = await measure(count, source, run);
  const holds = growth < limit;
  if (!holds) process.exitCode = 1;
  lines.push([
    title,
    grouped(count),
    seconds.toFixed(1),
    `${growth.toFixed(2)} MB`,
    `${limit} MB`,
    holds ? 'yes' : 'no',
  ]);
}
console.log(table(lines));
