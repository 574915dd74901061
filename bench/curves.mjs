/**
 * Measures how the cost depends on one quantity: on the length of a run, the number of stages, and the number of callbacks
 * at a time. Writes curves.json, which the page of the benchmarks draws.
 *
 *   --quick   few samples and short runs, and writes nothing
 */
import { strictEqual } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildLibrary, BY_HAND, collectYoungGarbage, median, OURS } from './tools.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
buildLibrary();
const { AsyncStream } = await import('../dist/index.js');

const SAMPLES = options.quick ? 3 : 9;
/** A sample of short runs repeats them until it has moved as many elements. */
const LEAST = options.quick ? 2000 : 200_000;
const MOST = options.quick ? 100_000 : 10_000_000;
const ELEMENTS = options.quick ? 2000 : 200_000;

async function* numbers(count) {
  for (let i = 0; i < count; i++) yield i;
}

const increment = (x) => x + 1;
const isEven = (x) => x % 2 === 0;
const add = (sum, x) => sum + x;

const lengths = {
  [BY_HAND]: async (count) => {
    let sum = 0;
    for await (const x of numbers(count)) if (isEven(increment(x))) sum += increment(increment(x));
    return sum;
  },
  [OURS]: (count) =>
    AsyncStream.from(() => numbers(count))
      .map(increment)
      .filter(isEven)
      .map(increment)
      .reduce(add, 0),
};

const stages = {
  [BY_HAND]: async (count) => {
    let sum = 0;
    for await (const x of numbers(ELEMENTS)) {
      let value = x;
      for (let stage = 0; stage < count; stage++) value = increment(value);
      sum += value;
    }
    return sum;
  },
  [OURS]: (count) => {
    let stream = AsyncStream.from(() => numbers(ELEMENTS));
    for (let stage = 0; stage < count; stage++) stream = stream.map(increment);
    return stream.reduce(add, 0);
  },
};

const waits = ELEMENTS / 10;
const concurrency = {
  [BY_HAND]: async (count) => {
    const source = numbers(waits);
    let sum = 0;
    const work = async () => {
      for await (const x of source) {
        await turn();
        sum += x;
      }
    };
    await Promise.all(Array.from({ length: count }, work));
    return sum;
  },
  [OURS]: (count) =>
    AsyncStream.from(() => numbers(waits))
      .map((x) => turn(x), { concurrency: count, ordered: false })
      .reduce(add, 0),
};

const powers = Array.from({ length: 7 }, (_, index) => 10 ** (index + 1)).filter((count) => count <= MOST);
const curves = [
  await curve({
    title: 'Cost per element by the length of the run: map → filter → map → reduce',
    quantity: 'elements',
    points: powers,
    competitors: lengths,
    elements: (count) => count,
  }),
  await curve({
    title: 'Cost per element by the number of stages: maps over an async generator',
    quantity: 'stages',
    points: [1, 2, 4, 8, 16, 32, 64],
    competitors: stages,
    elements: () => ELEMENTS,
  }),
  await curve({
    title: 'Cost per element by callbacks at a time, each of which waits for one turn of the event loop',
    quantity: 'at a time',
    points: [1, 4, 16, 64, 256],
    competitors: concurrency,
    elements: () => waits,
  }),
];

for (const { title, quantity, points, series } of curves) {
  console.log(`\n${title}`);
  console.table(
    points.map((point, index) => ({
      [quantity]: point,
      ...Object.fromEntries(series.map(({ name, ns }) => [name, ns[index]])),
    })),
  );
}
const text = JSON.stringify(
  { node: process.versions.node, date: new Date().toISOString().slice(0, 10), curves },
  null,
  1,
);
if (!options.quick) writeFileSync(new URL('curves.json', import.meta.url), `${text}\n`);

/**
 * Medians in nanoseconds of processor time per element, which a busy machine changes less than the time on the clock. The
 * competitors take turns, so that the machine meets them alike.
 */
async function curve({ title, quantity, points, competitors, elements }) {
  const series = Object.keys(competitors).map((name) => ({ name, ns: [] }));
  for (const point of points) {
    strictEqual(
      await competitors[OURS](point),
      await competitors[BY_HAND](point),
      `${title}: another result at ${point}`,
    );
    const samples = series.map(() => []);
    const repeats = Math.max(1, Math.round(LEAST / elements(point)));
    for (let sample = -1; sample < (point < 1_000_000 || quantity !== 'elements' ? SAMPLES : 3); sample++) {
      for (const [index, { name }] of series.entries()) {
        collectYoungGarbage();
        const start = process.cpuUsage();
        for (let i = 0; i < repeats; i++) await competitors[name](point);
        const { user, system } = process.cpuUsage(start);
        const ns = ((user + system) * 1000) / (repeats * elements(point));
        // The first one warms up.
        if (sample >= 0) samples[index].push(ns);
      }
    }
    for (const [index, { ns }] of series.entries()) ns.push(Number(median(samples[index]).toFixed(1)));
  }
  return { title, quantity, points, series };
}
