import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/**
 * Runs npm scripts side by side, each as soon as the one that it waits for has passed, and prints what each has said
 * when it has ended.
 *
 * @param {{ name: string, args?: string[], after?: string }[]} steps - npm scripts, with their arguments and the step that they wait for
 * @returns {Promise<boolean>} whether all of them passed
 */
export async function runSteps(steps) {
  mkdirSync('.results', { recursive: true });
  const started = new Map();
  for (const step of steps) started.set(step.name, start(step, started));
  const outcomes = await Promise.all(started.values());
  console.log(`\n${outcomes.map(({ summary }) => summary).join('\n')}`);
  return outcomes.every(({ passed }) => passed);
}

async function start({ name, args = [], after }, started) {
  const needed = await started.get(after);
  if (needed && !needed.passed) return { passed: false, summary: `${name}: not run, since ${after} failed` };
  const begin = performance.now();
  const { code, output } = await npm(['run', '--silent', name, '--', ...args]);
  const passed = code === 0;
  const summary = `${name}: ${passed ? 'passed' : 'FAILED'} in ${Math.round((performance.now() - begin) / 1000)} s`;
  console.log(`\n─── ${summary}\n${output.trim()}`);
  return { passed, summary };
}

/** The exit code and all output of npm; what a step prints stays together, though others run beside it. */
function npm(args) {
  return new Promise((resolve, reject) => {
    // On Windows npm is a .cmd file, which only a shell can start.
    const child = spawn('npm', args, { stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', reject).on('close', (code) => resolve({ code, output }));
  });
}
