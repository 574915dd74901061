/**
 * Measures asyncstream against the hand-written loop and against its peers: `npm run bench`.
 *
 *   --rows name,name   only these rows
 *   --rounds N         measured rounds, 9 by default
 *   --quick            3 rounds, nothing alone, no memory check
 *   --node 24,26       on these versions of Node as well
 *   --against ref      compares asyncstream with that of another commit, and with nothing else
 *
 * Without `--rows`, `--quick` and `--against` it also writes results.md. The exit code says whether all results were
 * equal; how fast they came is no test.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { comparison, overview, page, tablesOf } from './report.mjs';
import { buildCommit, buildLibrary, BY_HAND, installNode, installPeers, OURS } from './tools.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string' },
    rounds: { type: 'string' },
    quick: { type: 'boolean', default: false },
    node: { type: 'string' },
    against: { type: 'string' },
  },
});
const rounds = Number(options.rounds ?? (options.quick ? 3 : 9));
if (!Number.isInteger(rounds) || rounds < 1)
  throw new RangeError(`--rounds: must be a positive integer, got ${options.rounds}`);

installPeers();
buildLibrary();
const nodes = [process.execPath, ...(options.node?.split(',') ?? []).map(installNode)];
const tables = await selectTables();

if (options.against === undefined) {
  const inFull = options.rows === undefined && !options.quick;
  const results = nodes.map((node) => measureAll(node, inFull));
  for (const result of results) console.log(`${tablesOf(result)}\n`);
  if (nodes.length > 1) console.log(`${overview(results)}\n`);
  if (inFull) {
    const memory = run(process.execPath, ['memory.mjs']).trim();
    console.log(memory);
    writeFileSync(new URL('results.md', import.meta.url), page(results, rounds, memory));
  }
} else {
  const folder = buildCommit(options.against);
  for (const node of nodes) console.log(`${comparison(options.against, compareAll(node, folder))}\n`);
}

/** The tables with the rows that were asked for. */
async function selectTables() {
  const { tables: all } = await import('./cases/index.mjs');
  if (options.rows === undefined) return all;
  const names = options.rows.split(',');
  const known = all.flatMap(({ rows }) => rows.map(({ name }) => name));
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new RangeError(`--rows: must be of ${known.join()}, got ${unknown.join()}`);
  return all
    .map((table) => ({ ...table, rows: table.rows.filter(({ name }) => names.includes(name)) }))
    .filter(({ rows }) => rows.length > 0);
}

function measureAll(node, inFull) {
  return tables.map((table) => {
    const alone =
      inFull && table.alone ? table.rows.map((row) => measure(node, [row], ['--only', `${BY_HAND},${OURS}`])) : [];
    return { ...table, ...measure(node, table.rows), alone: Object.assign({}, ...alone.map(({ samples }) => samples)) };
  });
}

function compareAll(node, folder) {
  return tables.map((table) => ({ ...table, ...measure(node, table.rows, ['--against', folder]) }));
}

function measure(node, rows, more = []) {
  const names = rows.map(({ name }) => name).join();
  return JSON.parse(run(node, ['measure.mjs', '--rows', names, '--rounds', String(rounds), ...more]));
}

/** What a script of this folder prints, in a process of its own. */
function run(node, [script, ...args]) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { stdout, status, signal } = spawnSync(node, [path, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: Infinity,
  });
  if (stdout === '' || (status !== 0 && script !== 'memory.mjs'))
    throw new Error(`${script} ${args.join(' ')}: ${signal ?? `exit code ${status}`}`);
  return stdout;
}
