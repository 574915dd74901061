import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const bench = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));

setFlagsFromString('--expose-gc');

// The flag counts for contexts that are made from now on: no need to start the process with it.
const gc = runInNewContext('gc');

/** Frees all that is unreachable. */
export const collectGarbage = () => gc();

/**
 * Frees what the last run left behind, and nothing else. A full collection between two runs would throw away optimized
 * code too, whoever's it is: V8 drops it with the last object of a shape it was made for ("weak objects" under
 * `--trace-deopt`), and the next run would be measured while it is compiled anew.
 */
export const collectYoungGarbage = () => gc({ type: 'minor' });

/** When the file was last written; 0 where there is none. */
const writtenAt = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function npm(args, folder) {
  // On Windows npm is a .cmd file, which only a shell can start.
  execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
}

/** Installs the peers on first use, and again when their versions changed. */
export function installPeers() {
  const installed = writtenAt(join(bench, 'node_modules/.package-lock.json'));
  if (installed < writtenAt(join(bench, 'package-lock.json'))) npm(['ci'], bench);
}

/** Builds the package unless `dist/` is newer than all it is made of. */
export function buildLibrary() {
  const sources = readdirSync(join(root, 'lib'), { recursive: true }).map((name) => join('lib', name));
  const newest = Math.max(
    ...[...sources, 'package.json', 'rollup.config.mjs'].map((name) => writtenAt(join(root, name))),
  );
  if (writtenAt(join(root, 'dist/index.js')) < newest) npm(['run', 'build'], root);
}

/** A Markdown table with aligned columns, all but the first to the right. @type {(rows: string[][]) => string} */
export function table([head, ...body]) {
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((row) => row[column].length)));
  const line = (row) =>
    `| ${row.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i ? '-'.repeat(width - 1) + ':' : '-'.repeat(width)));
  return [head, rule, ...body].map(line).join('\n');
}

/** 200000 as 200 000. @type {(count: number) => string} */
export const grouped = (count) => count.toLocaleString('en').replaceAll(',', ' ');
