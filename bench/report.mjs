import { readFileSync } from 'node:fs';
import { AS_SAFE } from './cases/as-safe.mjs';
import { ELEMENTS } from './cases/common.mjs';
import { BY_HAND, grouped, median, OURS, quartiles, table, THEIRS, WARM_UP } from './tools.mjs';

/** A table in full, with a column for each peer that has something to say in one of its rows. */
export function tablesOf(tables) {
  return tables.map((table) => `${headingOf(table)}\n\n${tableOf(table)}`).join('\n\n');
}

function headingOf({ title, node, share }) {
  return `${title} (Node ${node}, ${Math.round(share * 100)} % of a core):`;
}

function tableOf({ unit, rows, samples, alone }) {
  const names = rows.flatMap(({ competitors }) => Object.keys(competitors));
  const peers = [...new Set(names)].filter(isPeer);
  const limits = names.includes(AS_SAFE);
  const known = Object.keys(alone).length > 0;
  const goals = rows.some(({ bar }) => bar !== undefined);
  const head = [
    [`${unit} (× by hand)`, BY_HAND, OURS],
    limits ? [AS_SAFE] : [],
    known ? ['alone'] : [],
    goals ? ['bar', 'aim', 'holds', ...(known ? ['alone holds'] : [])] : [],
    ['ahead of every peer', ...peers],
  ];
  const body = rows.map((row) => {
    const medians = mediansOf(samples[row.name]);
    const single = known ? mediansOf(alone[row.name]) : undefined;
    return [
      [row.title, shown(medians[BY_HAND]), cell(medians, OURS)],
      limits ? [cell(medians, AS_SAFE)] : [],
      known ? [ratio(single, BY_HAND).toFixed(2)] : [],
      goals
        ? [goal(row, 'bar'), goal(row, 'aim'), reached(row, medians), ...(known ? [reached(row, single)] : [])]
        : [],
      [ahead(row, medians), ...peers.map((peer) => cell(medians, peer))],
    ].flat();
  });
  return table([head.flat(), ...body]);
}

/** One column for each version of Node. */
export function overview(results) {
  return results[0]
    .map(({ title, unit, rows }, index) => {
      const columns = results.map((tables) => tables[index]);
      const head = [`${title}, ${unit} (× by hand)`, ...columns.map(({ node }) => `Node ${node}`)];
      const body = rows.map((row) => [
        row.title,
        ...columns.map(({ samples, alone }) => {
          const medians = mediansOf(samples[row.name]);
          const single = alone[row.name];
          const behind = peersAhead(medians);
          return [
            cell(medians, OURS),
            ...(single ? [`alone ${ratio(mediansOf(single), BY_HAND).toFixed(2)}`] : []),
            ...(behind.length > 0 ? [`behind ${behind.join(' and ')}`] : []),
          ].join(', ');
        }),
      ]);
      return table([head, ...body]);
    })
    .join('\n\n');
}

/** Two builds, by medians and quartiles. The ratio is that of samples which were taken one right after the other. */
export function comparison(ref, tables) {
  return tables
    .map((compared) => {
      const head = [`${compared.unit}: median (quartiles)`, ref, 'now', `now / ${ref}`, 'verdict'];
      const body = compared.rows.map(({ name, title }) => {
        const { [THEIRS]: theirs, [OURS]: ours } = compared.samples[name];
        if (theirs === undefined) return [title, '—', spread(ours, shown), '—', '—'];
        const ratios = ours.map((ns, round) => ns / theirs[round]);
        const [low, , high] = quartiles(ratios);
        const verdict = low > 1.02 ? 'slower' : high < 0.98 ? 'faster' : 'equal';
        return [title, spread(theirs, shown), spread(ours, shown), spread(ratios, (x) => x.toFixed(2)), verdict];
      });
      return `${headingOf(compared)}\n\n${table([head, ...body])}`;
    })
    .join('\n\n');
}

function spread(values, show) {
  const [low, middle, high] = quartiles(values).map(show);
  return `${middle} (${low} – ${high})`;
}

const mediansOf = (samples) =>
  Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, median(values)]));

const ratio = (medians, baseline) => medians[OURS] / medians[baseline];

const shown = (ns) => ns.toFixed(ns < 100 ? 1 : 0);

const cell = (medians, name) =>
  name in medians ? `${shown(medians[name])} (${(medians[name] / medians[BY_HAND]).toFixed(2)})` : '—';

const goal = ({ baseline, ...row }, name) =>
  row[name] === undefined ? '—' : `${row[name]}${baseline === undefined ? '' : ` × ${baseline}`}`;

/** Whether the bar or the aim holds; a row alone has no peers beside it that a bar could refer to. */
function reached({ bar, aim, baseline = BY_HAND }, medians) {
  if (bar === undefined || !(baseline in medians)) return '—';
  const actual = ratio(medians, baseline);
  if (actual <= bar) return actual <= aim ? 'bar and aim' : 'bar';
  // Out of reach for whoever keeps these promises.
  return ratio(medians, AS_SAFE) <= 1.1 ? `limit: ${actual.toFixed(2)}` : `no: ${actual.toFixed(2)}`;
}

const isPeer = (name) => ![BY_HAND, AS_SAFE, OURS].includes(name);

const peersAhead = (medians, lead = 1) =>
  Object.keys(medians).filter((name) => isPeer(name) && medians[name] <= medians[OURS] * lead);

function ahead(row, medians) {
  const behind = peersAhead(medians, row.lead);
  const by = row.lead === undefined ? '' : ` by ${row.lead} ×`;
  return behind.length === 0 ? `yes${by}` : `no${by}: ${behind.join(', ')}`;
}

/** The text of results.md. */
export function page(results, rounds, memory) {
  const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));
  const pins = Object.entries(dependencies).map(([peer, version]) => `${peer} ${version}`);
  const versions = results.map(([{ node }]) => node);
  return `# Benchmark results

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)} with Node ${versions.join(', ')}. It installs the peers and builds the package if
needed. One row alone: \`npm run bench -- --rows generator\`. Two commits: \`npm run bench -- --against main\`. Other
versions of Node: \`npm run bench -- --node 24,26\`. The memory check alone: \`node bench/memory.mjs\`. Resident memory over a file of
1 GB: \`node bench/resident.mjs\`.

## Speed

Figures are medians of ${rounds} rounds after ${WARM_UP} to warm up, in nanoseconds, with the ratio to the hand-written loop in
brackets. Each table is measured in one process. Each round runs every row of it, and in it every competitor, in rotating order, so
that no competitor has the inline caches of the engine to itself; before each sample the young garbage is collected. All results
were equal. A dash means that a peer offers nothing of the kind.

A long run moves ${grouped(ELEMENTS)} elements, or a quarter of that if each element waits for a turn of the event loop. _Alone_ is the
ratio when asyncstream and the hand-written loop have a process to themselves, as in a program that has one such pipeline: V8 then
inlines some of the callbacks. In a program with many pipelines each callback is a call.

_By hand, as safe_ is the smallest program by hand that keeps the promises which asyncstream keeps to whoever reads it, and a bare loop
does not (\`bench/cases/as-safe.mjs\`). A bar that this program misses too is out of reach: then it counts to be within 10 % of it.

The share of a core is what the process got while it measured. If it is far below 100 %, the machine was busy with other things and
the figures are not to be trusted.

${tablesOf(results[0])}

Each peer is used in its own idiom, in the form that also takes asynchronous callbacks, as asyncstream does:
${pins.join(', ')}.
${results.length > 1 ? `\n## Versions of Node\n\n${overview(results)}\n` : ''}
## Memory

The growth of the heap after a collection, ten times while each scenario runs and once after it, over the moment before.

${memory}
`;
}
