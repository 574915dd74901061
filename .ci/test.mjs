/**
 * Runs the steps of `npm test` side by side, each as soon as those it needs have passed, and prints what each has said
 * when it has ended. Fails if one of them fails.
 */
import { spawn } from 'node:child_process';

/** npm scripts, with their arguments and the step that they wait for. */
const steps = [
  { name: 'build' },
  { name: 'typecheck' },
  { name: 'jest', args: ['--json', '--outputFile=.jest-results.json'], after: 'build' },
  { name: 'lint', after: 'typecheck' },
  { name: 'check:package', after: 'build' },
  { name: 'size', after: 'build' },
];

const started = new Map();
for (const step of steps) started.set(step.name, start(step));
const outcomes = await Promise.all(started.values());

const passed = outcomes.every((outcome) => outcome.passed);
console.log(`\n${outcomes.map(({ summary }) => summary).join('\n')}`);
process.exitCode = passed ? 0 : 1;

async function start({ name, args = [], after }) {
  const needed = await started.get(after);
  if (needed && !needed.passed) return { passed: false, summary: `${name}: not run, since ${after} failed` };
  const begin = performance.now();
  const { code, output } = await run(['run', '--silent', name, '--', ...args]);
  const passed = code === 0;
  const summary = `${name}: ${passed ? 'passed' : 'FAILED'} in ${Math.round((performance.now() - begin) / 1000)} s`;
  console.log(`\n─── ${summary}\n${output.trim()}`);
  return { passed, summary };
}

/** The exit code and all output of npm; what a step prints stays together, though others run beside it. */
function run(args) {
  return new Promise((resolve, reject) => {
    // On Windows npm is a .cmd file, which only a shell can start.
    const child = spawn('npm', args, { stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', reject).on('close', (code) => resolve({ code, output }));
  });
}
