import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Installs a package into `installed/` beside this file, unless it is there.
 *
 * @returns {Promise<string>} its folder, where its commands are in `node_modules/.bin`
 */
export async function install(name, version, ...beside) {
  const folder = join(import.meta.dirname, 'installed', `${name}-${version}`);
  if (existsSync(join(folder, 'done'))) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }');
  // Scripts may run: node, bun and deno fetch or link their binaries by them. Newer npm asks, and takes this for a yes.
  const options = ['--no-audit', '--no-fund', '--loglevel=error', '--dangerously-allow-all-scripts'];
  await npm(folder, 'install', ...options, `${name}@${version}`, ...beside);
  await writeFile(join(folder, 'done'), '');
  return folder;
}

/** Runs npm, and returns what it prints. */
export async function npm(cwd, ...args) {
  // npm is a script on some systems and a batch file on others: both start through a shell.
  const { stdout } = await run('npm', args, { cwd, shell: true });
  return stdout;
}

/** The path of a command that a package in this folder brings. */
export const bin = (folder, command) => join(folder, 'node_modules/.bin', command);
