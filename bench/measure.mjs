/**
 * Measures rows of the tables and prints all samples as JSON. `run.mjs` starts it in a process of its own for each table.
 *
 *   --rows name,name    these rows
 *   --only name,name    only these competitors
 *   --against folder    asyncstream as it is built in another working tree, beside the one of this tree, and nobody else
 *   --rounds N
 */
import { deepStrictEqual } from 'node:assert';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { collectYoungGarbage, OURS, THEIRS, WARM_UP } from './tools.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string' },
    only: { type: 'string' },
    against: { type: 'string' },
    rounds: { type: 'string' },
  },
});
const rounds = Number(options.rounds);

const { ELEMENTS } = await import('./cases/common.mjs');
const rows = (await select(new URL('.', import.meta.url))).map(({ competitors, ...row }) => ({
  ...row,
  competitors: Object.entries(competitors).filter(([name]) => options.only?.split(',').includes(name) ?? true),
}));
if (options.against !== undefined) await addOther(pathToFileURL(`${options.against}/bench/`));
console.log(JSON.stringify(await measure()));
// Some peers leave timers behind.
process.exit();

async function select(folder) {
  const { tables } = await import(new URL('cases/index.mjs', folder).href);
  const names = options.rows.split(',');
  return tables.flatMap(({ rows }) => rows).filter(({ name }) => names.includes(name));
}

/** Puts the other build in the place of all competitors but asyncstream, in rows that it can run. */
async function addOther(folder) {
  const others = await select(folder);
  for (const [index, row] of rows.entries()) {
    row.competitors = row.competitors.filter(([name]) => name === OURS);
    const run = others[index].competitors[OURS];
    // A method may be missing there.
    const works = await Promise.resolve()
      .then(run)
      .then(
        () => true,
        () => false,
      );
    if (works) row.competitors.unshift([THEIRS, run]);
  }
}

/**
 * The nanoseconds of each sample, by row and competitor, and how much of a core the process had meanwhile.
 *
 * Each round runs every row, and in it every competitor, in rotating order: so whatever else the machine does meets all of
 * them alike, and none has the engine's inline caches to itself.
 */
async function measure() {
  const samples = {};
  for (const row of rows) {
    samples[row.name] = Object.fromEntries(row.competitors.map(([name]) => [name, []]));
    row.expected = await row.competitors.at(0)[1]();
  }
  const begin = performance.now();
  const before = process.cpuUsage();
  for (let round = -WARM_UP; round < rounds; round++) {
    console.error(round < 0 ? 'warm-up' : `round ${round + 1} of ${rounds}`);
    for (const { name, competitors, expected, elements = ELEMENTS } of rows) {
      for (const [competitor, run] of rotate(competitors, round + WARM_UP)) {
        collectYoungGarbage();
        const start = performance.now();
        const result = await run();
        const elapsed = performance.now() - start;
        deepStrictEqual(result, expected, `${name}: ${competitor} returns another result`);
        if (round >= 0) samples[name][competitor].push((elapsed * 1e6) / elements);
      }
    }
  }
  const { user, system } = process.cpuUsage(before);
  return { node: process.versions.node, samples, share: (user + system) / 1000 / (performance.now() - begin) };
}

function rotate(list, by) {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
