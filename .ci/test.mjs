/** `npm test`: everything that needs only Node. Fails if one of the steps fails. */
import { more } from './more.mjs';
import { runSteps } from './steps.mjs';

const passed = await runSteps([
  { name: 'build' },
  { name: 'jest', args: ['--json', '--outputFile=.results/jest.json'], after: 'build' },
  { name: 'lint' },
  { name: 'check:package', after: 'build' },
  { name: 'size', after: 'build' },
  { name: 'api', args: ['--check'], after: 'build' },
]);
console.log(
  ['', 'Not run here, and left to .ci/run:', ...more.map(({ name, what }) => `  npm run ${name}: ${what}`)].join('\n'),
);
process.exitCode = passed ? 0 : 1;
