/** `npm test`: everything that needs only Node. Fails if one of the steps fails. */
import { runSteps } from './steps.mjs';

const passed = await runSteps([
  { name: 'build' },
  { name: 'typecheck' },
  { name: 'jest', args: ['--json', '--outputFile=.results/jest.json'], after: 'build' },
  { name: 'lint', after: 'typecheck' },
  { name: 'check:package', after: 'build' },
  { name: 'size', after: 'build' },
]);
process.exitCode = passed ? 0 : 1;
