// `npm run fuzz -- --runs 10000 --seed 42 --path 12:0:3`: random chains against the model, a million unless told otherwise.
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { endsAtAnyMoment, equalToModel } from './chain.ts';
import { holdsTogether } from './graphs.ts';
import { interleavings } from './interleavings.ts';
import { passesOn } from './plumbing.ts';
import { sources } from './sources.ts';
import { terminalsAgree, terminalsEnd } from './terminals.ts';
import { onTime } from './timed.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' }, only: { type: 'string' } },
});

const runs = Number(values.runs ?? 1_000_000);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);

const properties: [name: string, property: fc.IAsyncProperty<any>, runs: number][] = [
  ['chains equal to the model', equalToModel(), Math.ceil(runs * 0.7)],
  ['chains left at any moment', endsAtAnyMoment(), Math.ceil(runs * 0.3)],
  ['chains through other streams', passesOn(), Math.ceil(runs * 0.1)],
  ['chains in fake time', onTime(), Math.ceil(runs * 0.1)],
  ['graphs in fake time', holdsTogether(), Math.ceil(runs * 0.1)],
  ['terminals equal to the model', terminalsAgree(), Math.ceil(runs * 0.3)],
  ['terminals aborted at any moment', terminalsEnd(), Math.ceil(runs * 0.1)],
  ...shared(interleavings, 0.2),
  ...shared(sources, 0.2),
];

/** A part of the runs for each of them. */
function shared(all: Record<string, () => fc.IAsyncProperty<any>>, part: number): typeof properties {
  const entries = Object.entries(all);
  return entries.map(([name, property]) => [name, property(), Math.ceil((runs * part) / entries.length)]);
}

let unhandled = 0;
process.on('unhandledRejection', (reason) => {
  unhandled++;
  console.error('unhandled rejection:', reason);
});

for (const [index, [name, property, count]] of properties.entries()) {
  if (values.only !== undefined && Number(values.only) !== index) continue;
  const begin = performance.now();
  const details = await fc.check(property, {
    numRuns: count,
    seed,
    ...(values.path !== undefined && { path: values.path }),
  });
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`${name}: ${details.numRuns} runs in ${seconds} s, seed ${seed}${details.failed ? ': FAILED' : ''}`);
  if (!details.failed) continue;
  console.error(fc.stringify(details.counterexample), '\n', details.errorInstance);
  console.error(`again: npm run fuzz -- --only ${index} --seed ${seed} --path ${details.counterexamplePath}`);
  process.exitCode = 1;
}
await new Promise((resolve) => setImmediate(resolve));
if (unhandled > 0) {
  console.error(`${unhandled} unhandled rejections`);
  process.exitCode = 1;
}
