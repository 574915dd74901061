import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export const BY_HAND = 'by hand';
export const OURS = 'asyncstream';
/** asyncstream of another commit. */
export const THEIRS = 'the other commit';
/** Rounds that are not measured. */
export const WARM_UP = 3;

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

/** The path of a version of Node, which is installed on first use. */
export function installNode(version) {
  const folder = join(bench, 'node-versions', version);
  const path = join(folder, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    npm(['install', `node@${version}`, '--no-audit', '--no-fund'], folder);
  }
  return path;
}

/**
 * Builds another commit in a working tree of its own, which is removed when this process ends. The tree has the cases of
 * this one, so that both builds run the same rows, and is built as this one is, since it has the same packages.
 */
export function buildCommit(ref) {
  const folder = mkdtempSync(join(tmpdir(), 'asyncstream-bench-'));
  const git = (...args) => execFileSync('git', args, { cwd: root, stdio: ['ignore', 2, 2] });
  git('worktree', 'add', '--detach', folder, ref);
  process.on('exit', () => git('worktree', 'remove', '--force', folder));
  process.on('SIGINT', () => process.exit(130));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  cpSync(join(root, 'rollup.config.mjs'), join(folder, 'rollup.config.mjs'));
  npm(['run', 'build'], folder);
  rmSync(join(folder, 'bench'), { recursive: true, force: true });
  cpSync(join(bench, 'cases'), join(folder, 'bench/cases'), { recursive: true });
  symlinkSync(join(bench, 'node_modules'), join(folder, 'bench/node_modules'), 'junction');
  return folder;
}

/** The values below which a quarter, half and three quarters of the samples are. @type {(values: number[]) => number[]} */
export function quartiles(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return [0.25, 0.5, 0.75].map((part) => {
    const place = part * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return low + (high - low) * (place % 1);
  });
}

export const median = (values) => quartiles(values)[1];

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
