// `npm test`: every gate, in order, stopping at the first that fails.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';

const results = '.jest-results.json';
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

const gates = [
  ['types', 'run', '--silent', 'typecheck'],
  ['lint', 'run', '--silent', 'lint'],
  ['build', 'run', '--silent', 'build'],
  ['package', 'run', '--silent', 'check:package'],
  ['size', 'run', '--silent', 'size'],
  ['specs', 'run', '--silent', 'jest', '--', '--json', `--outputFile=${results}`],
];

// Whoever reads the results must never see those of an earlier run.
rmSync(results, { force: true });

for (const [name, ...arguments_] of gates) {
  console.log(`\n── ${name}`);
  const started = performance.now();
  const { status } = spawnSync(npm, arguments_, { stdio: 'inherit' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status !== 0) {
    console.error(`\n${name} failed after ${seconds} s`);
    process.exit(1);
  }
  console.log(`${name} passed in ${seconds} s`);
}
