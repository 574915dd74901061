/**
 * Measures asyncstream against the hand-written loop and against its peers: `npm run bench`.
 *
 *   --rows name,name   only these rows
 *   --rounds N         measured rounds, 9 by default
 *   --quick            3 rounds, nothing in processes of its own, no memory check
 *   --medians          prints the nanoseconds per element as JSON, and no table
 *
 * The exit code says whether all results were equal; how fast they came is no test.
 */
import { deepStrictEqual } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildLibrary, collectYoungGarbage, grouped, installPeers, table } from './tools.mjs';

const BY_HAND = 'by hand';
const OURS = 'asyncstream';
const WARM_UP = 3;

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    medians: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 3 : 9));
if (!Number.isInteger(rounds) || rounds < 1)
  throw new RangeError(`--rounds: must be a positive integer, got ${rounds}`);

installPeers();
buildLibrary();

const { ELEMENTS } = await import('./cases/common.mjs');
const { rows: all } = await import('./cases/index.mjs');
/** All of them: those of the second table in a process of their own, where the engine knows nothing of the first. */
const whole = options.rows === undefined;
const inGroup = (group) => all.filter((row) => row.group === group);
const rows = whole ? inGroup(undefined) : select(all, options.rows.split(','));
const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
const versionOf = (peer) => dependencies[peer] ?? dependencies[`@codibre/${peer}`];
const packages = ['ix', 'rxjs', 'streaming-iterables', 'iter-ops', 'iter-tools', 'effect', 'fluent-iterable', 'p-map'];

const { medians, share } = await measure();
if (options.medians) {
  console.log(JSON.stringify(Object.fromEntries(medians)));
  process.exit();
}

const apart = whole && !options.quick;
const alone = new Map(apart ? rows.flatMap(({ name }) => [...elsewhere([name])]) : []);
const report = tableOf(
  rows.filter(({ group }) => group === undefined),
  medians,
);
const concurrent = inGroup('concurrency');
const concurrency = apart
  ? tableOf(concurrent, elsewhere(concurrent.map(({ name }) => name)))
  : tableOf(
      rows.filter(({ group }) => group === 'concurrency'),
      medians,
    );
const load =
  `While it measured, the process had ${Math.round(share * 100)} % of a core; where that is ` +
  'far below 100, others were at work and the numbers are not to be trusted.';
console.log([report, concurrency, load].filter(Boolean).join('\n\n'));

if (apart) {
  const memory = memoryReport();
  console.log(`\n${memory}`);
  writeFileSync(new URL('results.md', import.meta.url), page(memory));
}

function select(all, names) {
  const unknown = names.filter((name) => !all.some((row) => row.name === name));
  if (unknown.length > 0)
    throw new RangeError(`--rows: must be of ${all.map((row) => row.name).join()}, got ${unknown.join()}`);
  return all.filter((row) => names.includes(row.name));
}

/**
 * The median nanoseconds per element, by row and competitor, and how much of a core the process had meanwhile.
 *
 * Each round runs every row, and in it every competitor, in rotating order: so whatever else the machine does meets all of
 * them alike, and none has the engine's inline caches to itself.
 */
async function measure() {
  const samples = new Map(rows.map((row) => [row, new Map(Object.keys(row.competitors).map((name) => [name, []]))]));
  const expected = new Map();
  for (const row of rows) expected.set(row, await row.competitors[BY_HAND]());
  const begin = performance.now();
  const before = process.cpuUsage();
  for (let round = -WARM_UP; round < rounds; round++) {
    console.error(round < 0 ? 'warm-up' : `round ${round + 1} of ${rounds}`);
    for (const row of rows) {
      for (const name of rotate(Object.keys(row.competitors), round + WARM_UP)) {
        collectYoungGarbage();
        const start = performance.now();
        const result = await row.competitors[name]();
        const elapsed = performance.now() - start;
        deepStrictEqual(result, expected.get(row), `${row.name}: ${name} gives another result than the loop by hand`);
        const ns = (elapsed * 1e6) / (row.elements ?? ELEMENTS);
        if (round >= 0) samples.get(row).get(name).push(ns);
      }
    }
  }
  const { user, system } = process.cpuUsage(before);
  const medians = new Map();
  for (const [{ name }, competitors] of samples) {
    medians.set(name, Object.fromEntries([...competitors].map(([peer, values]) => [peer, median(values)])));
  }
  return { medians, share: (user + system) / 1000 / (performance.now() - begin) };
}

function rotate(list, by) {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** A column for each peer that has something to say in one of the rows. */
function tableOf(some, medians) {
  if (some.length === 0) return '';
  const names = some.flatMap(({ competitors }) => Object.keys(competitors));
  const peers = [...new Set(names)].filter((name) => name !== BY_HAND && name !== OURS);
  const known = some.some(({ name }) => alone.has(name));
  const head = [
    ['ns per element (× by hand)', BY_HAND, OURS, 'bar', 'aim', 'holds'],
    known ? ['alone', 'holds'] : [],
    ['ahead of every peer', ...peers],
  ];
  return table([head.flat(), ...some.map((row) => describe(row, medians.get(row.name), peers, known))]);
}

function describe(row, medians, peers, known) {
  const { lead = 1 } = row;
  const ahead = peers.filter((peer) => medians[peer] <= medians[OURS] * lead);
  const by = lead === 1 ? '' : ` by ${lead} ×`;
  const cell = (name) => {
    const ns = medians[name];
    return ns === undefined ? '—' : `${ns.toFixed(ns < 100 ? 1 : 0)} (${(ns / medians[BY_HAND]).toFixed(2)})`;
  };
  const ratio = ratioOf(medians);
  return [
    [row.title, medians[BY_HAND].toFixed(1), cell(OURS), String(row.bar), String(row.aim ?? '—'), reached(row, ratio)],
    known ? [ratioOf(alone.get(row.name)).toFixed(2), reached(row, ratioOf(alone.get(row.name)))] : [],
    ahead.length === 0 ? `yes${by}` : `no${by}: ${ahead.join(', ')}`,
    peers.map(cell),
  ].flat();
}

function ratioOf(medians) {
  return medians[OURS] / medians[BY_HAND];
}

function reached({ bar, aim }, ratio) {
  return ratio <= aim ? 'bar and aim' : ratio <= bar ? 'bar' : 'no';
}

/** The medians of some rows, measured in a process of their own. */
function elsewhere(names) {
  const args = [fileURLToPath(import.meta.url), '--rows', names.join(), '--rounds', String(rounds), '--medians'];
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`the rows ${names.join()} failed: see above`);
  return new Map(Object.entries(JSON.parse(stdout)));
}

/** In a process of its own, whose heap holds nothing but the library. */
function memoryReport() {
  const script = fileURLToPath(new URL('memory.mjs', import.meta.url));
  const { stdout, status, signal } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return stdout.trim() || `The memory check failed: ${signal ?? `exit code ${status}`}.`;
}

function page(memory) {
  const pins = packages.map((peer) => `${peer} ${versionOf(peer)}`).join(', ');
  return `# What the benchmark says

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)} with Node ${process.version.slice(1)}. It installs the peers and builds the package when that is
needed. One row alone: \`npm run bench -- --rows generator\`. The memory check alone: \`node bench/memory.mjs\`.

## Speed

Each row moves ${grouped(ELEMENTS)} elements; where each of them waits for a turn of the event loop, a quarter of that. Numbers are nanoseconds per element, in brackets the ratio to the loop written by hand:
medians of ${rounds} rounds after ${WARM_UP} to warm up, each table in one process. Each round runs every row of it, and in it every competitor, in rotating
order, so nobody is measured with the engine's inline caches to itself; between two runs the young garbage is collected. All results were
equal. A dash means that a peer has no such thing.

_Alone_ is the ratio when a row has a process to itself, beside the same peers, as in a program that has one such pipeline: V8 then puts
some of the callbacks into the loop, as it does with what is written by hand. Where many pipelines share the library, each callback is a call.
${load}

${report}

Concurrency, where the callbacks do nothing but wait for one turn of the event loop:

${concurrency}

Each peer in its own idiom and in the form that takes asynchronous callbacks too, as asyncstream does:
${pins}.

## Memory

The heap after a collection, ten times while each scenario runs and once after it, against the moment before.

${memory}
`;
}
