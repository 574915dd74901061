// Each numbered example prints what its last comment says.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLES = readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.ts'));

function promised(name: string): string {
  const code = readFileSync(join(ROOT, 'examples', name), 'utf8');
  const [, comment] = /\n\/\/ Prints:\n((?:\/\/.*\n)+)$/.exec(code) ?? [];
  if (comment === undefined) throw new Error(`${name} does not end in a comment "// Prints:"`);
  return comment.replaceAll(/^\/\/ ?/gm, '');
}

test('they are numbered from 1 on', () => {
  expect(EXAMPLES.map((name) => Number(name.slice(0, 2)))).toEqual(EXAMPLES.map((_, index) => index + 1));
});

test.each(EXAMPLES)(
  'examples/%s',
  async (name) => {
    const { stdout, stderr } = await run(process.execPath, ['--import', 'tsx', join(ROOT, 'examples', name)], {
      cwd: ROOT,
    });
    expect({ stdout, stderr }).toEqual({ stdout: promised(name), stderr: '' });
  },
  30_000,
);
