// The kit outside Jest: under the test runner of Node, and in a script.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { builtModule } from '../support/built.ts';

const kit = await builtModule('lib/testing/index.ts');

/** What a program prints that runs without Jest. */
async function run(program: string, ...flags: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kit-'));
  const file = join(folder, 'program.test.mjs');
  try {
    await writeFile(file, program);
    // A child of Jest would report to it.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const args = ['--no-warnings', ...flags, file];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('runs under node:test', async () => {
  const output = await run(
    `import { test } from 'node:test';
     import assert from 'node:assert';
     import { checkStage, probe, timeline } from '${kit}';
     async function* same(source) { yield* source; }
     test('timeline', async () => assert.equal(await timeline('a-b|', same), 'a-b|'));
     test('checkStage', () => checkStage(same, { model: (all) => all }));
     test('probe', async () => assert.deepEqual(await probe([1])[Symbol.asyncIterator]().next(), { done: false, value: 1 }));`,
    '--test',
    '--test-reporter=tap',
  );
  expect(output).toMatch(/^# pass 3$/m);
  expect(output).toMatch(/^# fail 0$/m);
}, 60_000);

test('names a rejection that is left unhandled', async () => {
  const output = await run(
    `import { checkSource, checkStage } from '${kit}';
     const leave = () => void Promise.reject(new Error('lost'));
     async function* stage(source) { leave(); yield* source; }
     async function* source() { leave(); yield 1; }
     await checkStage(stage).catch(report);
     await checkSource(source).catch(report);
     function report({ broken }) { for (const { law, got } of broken) console.log(law, got); }`,
  );
  expect(output).toBe('rejections error Error: lost\nrejections error Error: lost\n');
}, 60_000);
