/**
 * What CI runs after `npm test`, since it needs more than Node: servers, a browser, other runtimes, longer loops. Each
 * is an npm script of its own, which runs here and on any machine that has what it needs. A step that runs specs
 * writes jest's result to `.results/<name>.json`, and `.ci/run` counts them.
 */
import { fileURLToPath } from 'node:url';
import { runSteps } from './steps.mjs';

export const more = [
  { name: 'test:dist', args: ['--json', '--outputFile=.results/dist.json'], what: 'the laws, over the build' },
  {
    name: 'specs:node',
    args: ['26', '--json', '--outputFile=.results/node-26.json'],
    what: 'all specs, on Node 26',
  },
  { name: 'docs', what: 'the documentation site' },
  {
    name: 'docs:test',
    args: ['--json', '--outputFile=.results/docs.json'],
    what: 'the links, anchors, search and pages of the site, in Chromium too',
  },
  { name: 'examples', args: ['--json', '--outputFile=.results/examples.json'], what: 'the examples that need clients' },
  { name: 'fuzz', args: ['--runs', '15000'], what: 'random chains against a model, and random interleavings' },
  { name: 'mutate', args: ['spec/mutation/short.config.mjs'], what: 'mutants of some files, all of which are killed' },
  { name: 'growth', args: ['--check'], what: 'costs that grow as they should, by counting' },
  {
    name: 'soak:heap',
    args: ['--elements', '3000000', '--streams', '30000', '--seconds', '5'],
    what: 'the heap over many elements, streams and exits, in short',
  },
  {
    name: 'browser',
    args: ['--json', '--outputFile=.results/browser.json'],
    what: 'the page of examples/browser in Chromium',
  },
  {
    name: 'examples:servers',
    args: ['--json', '--outputFile=.results/servers.json'],
    after: 'examples', // It installs the clients.
    what: 'the examples that need PostgreSQL, Redis, NATS or several cores',
  },
  {
    name: 'runtimes',
    what: 'the packed package on Node 20 to 26, Bun, Deno, workerd, Chromium and Firefox, with TypeScript 5.2 to 7, and in bundles',
  },
];

// One after the other: some of them measure, or wait for a server, which a busy machine would disturb.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const step of more) if (!(await runSteps([step]))) process.exitCode = 1;
}
