/**
 * What CI runs after `npm test`, since it needs more than Node: servers, a browser, other runtimes, longer loops. Each
 * is an npm script of its own, which runs here and on any machine that has what it needs. A step that runs specs
 * writes jest's result to `.results/<name>.json`, and `.ci/run` counts them.
 */
import { runSteps } from './steps.mjs';

const passed = await runSteps([{ name: 'examples', args: ['--json', '--outputFile=.results/examples.json'] }]);
process.exitCode = passed ? 0 : 1;
