import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, { createReadStream, rmSync } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';

import { reportByHand } from '../../examples/report/by-hand.ts';
import { compare, type Version } from '../../examples/report/compare.ts';
import type { FileFacts, Report } from '../../examples/report/facts.ts';
import {
  bytes,
  duration,
  formatComparison,
  formatCost,
  formatReport,
  plain,
  printable,
} from '../../examples/report/format.ts';
import { identifierFinder } from '../../examples/report/identifiers.ts';
import { type ProgressLine, progressLine } from '../../examples/report/progress.ts';
import { report } from '../../examples/report/report.ts';
import { isSource, NO_PACKAGE, packageOf, walk } from '../../examples/report/walk.ts';
import { AsyncStream, type Progress } from '../../lib/index.ts';
import { built } from '../support/built.ts';
import { DONE } from '../support/iterators.ts';

// Some tests start processes, which takes its time on a busy machine.
jest.setTimeout(30_000);

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const CHUNK = 64 * 1024;
const MAIN = 'examples/report/main.ts';
const builtProgram = await built([MAIN]);

type OnFile = (file: FileFacts) => void;
const oneAtATime = (root: string, onFile?: OnFile) => report(root, onFile, { filesAtOnce: 1 });

const ONE_AT_A_TIME = [
  ['with AsyncStream, one file at a time,', oneAtATime],
  ['by hand', reportByHand],
] as const;
const VERSIONS = [['with AsyncStream', report], ...ONE_AT_A_TIME] as const;

let folder: string;

beforeEach(async () => {
  // The real path: the temporary folder of some systems is a link.
  folder = await realpath(await mkdtemp(join(tmpdir(), 'report-')));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** What this process has open under the folder, once all that was told to close has done so. */
async function stillOpen(): Promise<string[]> {
  let paths: string[] = [];
  for (let turn = 0; turn < 100; turn++) {
    await setImmediate();
    const descriptors = await readdir('/proc/self/fd');
    // The descriptor of this listing itself is gone by now.
    const links = descriptors.map((descriptor) => readlink(`/proc/self/fd/${descriptor}`).catch(() => ''));
    paths = (await Promise.all(links)).filter((path) => path.startsWith(folder));
    if (paths.length === 0) break;
  }
  return paths;
}

/** Moves what is in the folder so far to a path so long that the system opens none of its files with long names. */
async function moveDeep<R>(use: (root: string) => Promise<R>): Promise<R> {
  const shallow = `${folder}-shallow`;
  await rename(folder, shallow);
  const deep = join(folder, `${'x'.repeat(199)}/`.repeat(19));
  const root = join(deep, 'y'.repeat(4000 - deep.length));
  await mkdir(deep, { recursive: true });
  await rename(shallow, root);
  try {
    return await use(root);
  } finally {
    await rename(root, shallow);
    await rm(folder, { recursive: true });
    await rename(shallow, folder);
  }
}

/** Counts the files that are open at once, and lets none come open before `least` are about to be. */
function countOpenFiles(least: number): { most: number } {
  const counts = { most: 0 };
  const held: (() => void)[] = [];
  let now = 0;
  let all = 0;
  const { open, close } = fs;
  jest.spyOn(fs, 'open').mockImplementation(((...args: Parameters<typeof open>) => {
    counts.most = Math.max(counts.most, ++now);
    held.push(() => open(...args));
    if (++all >= least) for (const go of held.splice(0)) go();
  }) as typeof open);
  jest.spyOn(fs, 'close').mockImplementation(((...args: Parameters<typeof close>) => {
    now--;
    close(...args);
  }) as typeof close);
  return counts;
}

/** The demo in a process of its own. Its output is not a terminal, though `preload` may make it say that it is one. */
function startDemo(args: readonly string[], preload = '') {
  const options = ['--import', `data:text/javascript,${preload}`];
  return spawn(process.execPath, [...options, builtProgram(MAIN), ...args], { cwd: PROJECT });
}

async function demo(...args: string[]) {
  const child = startDemo(args);
  const [stdout, stderr] = await Promise.all([readAll(child.stdout), readAll(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  return Buffer.concat(await AsyncStream.from(stream).toArray()).toString();
}

/** A tree in which every figure can be counted by hand. */
async function writeKnownTree(): Promise<void> {
  // The three bytes of the euro sign lie across the end of the first chunk, the CR LF across that of the second.
  const twoChunks = `${'\n'.repeat(CHUNK - 2)}€${'\n'.repeat(CHUNK - 2)}`;
  await write({
    'node_modules/plain/index.js': 'const alpha = 1;\nalpha + beta;\n',
    'node_modules/plain/crlf.ts': 'alpha\r\n\r\nbeta\r\ngamma',
    'node_modules/plain/empty.js': '',
    'node_modules/plain/README.md': 'alpha alpha alpha\n',
    'node_modules/plain/node_modules/inner/index.cjs': 'alpha\rdelta\r',
    'node_modules/@scope/tool/lib/main.mjs': '/* alpha\n beta */ beta // gamma\n\n',
    'node_modules/@scope/tool/node_modules/@deep/er/view.tsx': 'beta;\n',
    'node_modules/wide/wide.js': `${twoChunks}\r\nwide;`,
    'node_modules/plain/plain.min.js': `alpha;${'x'.repeat(500)}`,
    'node_modules/loose.js': 'loose\n',
  });
  await symlink('index.js', join(folder, 'node_modules/plain/link.js'));
  await symlink('..', join(folder, 'node_modules/plain/up'));
}

const knownReport = (root: string): Report => ({
  root,
  files: 8,
  lines: 131_083,
  bytes: 131_186,
  minified: 1,
  packages: [
    { name: 'wide', files: 1, lines: 131_070, bytes: 131_078 },
    { name: 'plain', files: 3, lines: 6, bytes: 51 },
    { name: '@scope/tool', files: 1, lines: 3, bytes: 33 },
    { name: 'inner', files: 1, lines: 2, bytes: 12 },
    { name: NO_PACKAGE, files: 1, lines: 1, bytes: 6 },
    { name: '@deep/er', files: 1, lines: 1, bytes: 6 },
  ],
  distinctIdentifiers: 6,
  identifiers: [
    ['alpha', 4],
    ['beta', 4],
    ['delta', 1],
    ['gamma', 1],
    ['loose', 1],
    ['wide', 1],
  ],
  longestLine: { path: '@scope/tool/lib/main.mjs', line: 2, length: 22 },
  unreadable: [],
});

describe.each(VERSIONS)('the report %s', (_, make) => {
  test('gives what was counted by hand', async () => {
    await writeKnownTree();
    const root = join(folder, 'node_modules');
    expect(await make(root)).toEqual(knownReport(root));
  });

  test('of a folder without source files has zeros', async () => {
    await write({ 'README.md': 'words' });
    expect(await make(folder)).toEqual({
      root: folder,
      files: 0,
      lines: 0,
      bytes: 0,
      minified: 0,
      packages: [],
      distinctIdentifiers: 0,
      identifiers: [],
      longestLine: null,
      unreadable: [],
    });
  });

  test('of empty files has no longest line', async () => {
    await write({ 'a.js': '', 'b.js': '' });
    expect(await make(folder)).toMatchObject({ files: 2, lines: 0, bytes: 0, longestLine: null });
  });

  test('names the first twenty identifiers, by name where they are equally frequent', async () => {
    const names = Array.from({ length: 26 }, (__, index) => `x${String.fromCharCode(97 + index)}`);
    await write({ 'a.js': `${names.toReversed().join(' ')} xz` });
    const { identifiers, distinctIdentifiers } = await make(folder);
    expect(identifiers).toEqual([['xz', 2], ...names.slice(0, 19).map((name) => [name, 1])]);
    expect(distinctIdentifiers).toBe(26);
  });

  test('tells each file when it is done', async () => {
    await write({ 'a.js': 'one two\ntwo' });
    const files: FileFacts[] = [];
    await make(folder, (file) => files.push(file));
    const identifiers = new Map([
      ['one', 1],
      ['two', 2],
    ]);
    const longest = { number: 1, text: 'one two' };
    expect(files).toEqual([{ path: join(folder, 'a.js'), bytes: 11, lines: 2, longest, identifiers }]);
  });

  test('names what cannot be read by path, and goes on', async () => {
    const names = ['c', 'e', 'a', 'd', 'b'].map((letter) => `${letter.repeat(150)}.js`);
    await write({ ...Object.fromEntries(names.map((name) => [name, 'one'])), 'one.js': 'one', 'two.js': 'two' });
    const { files, unreadable } = await moveDeep(make);
    expect(files).toBe(2);
    expect(unreadable).toEqual(names.toSorted().map((path) => ({ path, reason: 'ENAMETOOLONG: name too long' })));
  });

  test('rejects when there is no such folder', async () => {
    await expect(make(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('rejects with what onFile throws, and leaves nothing open', async () => {
    await write({ 'a.js': '1', 'b.js': '2', 'c.js': '3', 'd.js': '4' });
    const [, ...others] = await AsyncStream.from(walk(folder, () => {})).toArray();
    // Too much to be read to the end while it is asked what is open.
    for (const path of others) await truncate(path, 4000 * CHUNK);
    const fault = new Error('no more');
    const made = make(folder, () => {
      throw fault;
    });
    await expect(made).rejects.toBe(fault);
    expect(await stillOpen()).toEqual([]);
  });
});

describe.each(ONE_AT_A_TIME)('the report %s', (_, make) => {
  test('names files and folders that are gone when their turn comes, and goes on', async () => {
    await write({ 'a.js': '1', 'b.js': '1', 'c.js': '1', 'inner/d.js': '1' });
    // What is still to come when the first file is done has been listed, and is not there any more.
    const seen: string[] = [];
    const { files, unreadable } = await make(folder, ({ path }) => {
      seen.push(relative(folder, path));
      if (seen.length > 1) return;
      for (const name of ['a.js', 'b.js', 'c.js', 'inner']) {
        if (name !== seen[0]) rmSync(join(folder, name), { recursive: true });
      }
    });
    const missing = ['a.js', 'b.js', 'c.js', 'inner'].filter((name) => name !== seen[0]);
    expect(files).toBe(1);
    expect(unreadable).toEqual(missing.map((path) => ({ path, reason: 'ENOENT: no such file or directory' })));
  });

  test('has one file open at a time', async () => {
    await write(Object.fromEntries(Array.from({ length: 10 }, (__, index) => [`${index}.js`, 'one'])));
    const counts = countOpenFiles(1);
    expect(await make(folder)).toMatchObject({ files: 10, lines: 10 });
    expect(counts.most).toBe(1);
  });
});

describe('the report with AsyncStream', () => {
  const tenFiles = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`${index}.js`, 'one\n'.repeat(index)]));

  test.each([2, 3, 7])('reads %i files at a time, if asked to, and never one more', async (filesAtOnce) => {
    await write(tenFiles);
    const counts = countOpenFiles(filesAtOnce);
    expect(await report(folder, undefined, { filesAtOnce })).toMatchObject({ files: 10, lines: 45 });
    expect(counts.most).toBe(filesAtOnce);
  });

  test('reads four files at a time, if not', async () => {
    await write(tenFiles);
    const counts = countOpenFiles(4);
    await report(folder);
    expect(counts.most).toBe(4);
  });

  test('tells files in the order of the walk, whichever is done first', async () => {
    await write(tenFiles);
    const walked = await AsyncStream.from(walk(folder, () => {})).toArray();
    const { open, close } = fs;
    let openFirst: (() => void) | undefined;
    jest.spyOn(fs, 'open').mockImplementationOnce(((...args: Parameters<typeof open>) => {
      openFirst = () => open(...args);
    }) as typeof open);
    jest.spyOn(fs, 'close').mockImplementationOnce(((...args: Parameters<typeof close>) => {
      close(...args);
      openFirst!();
    }) as typeof close);
    const told: string[] = [];
    await report(folder, ({ path }) => told.push(path));
    expect(told).toEqual(walked);
  });

  test('reports its progress, of all files', async () => {
    await write({ ...tenFiles, 'words.md': 'words' });
    const seen: Progress[] = [];
    await report(folder, undefined, { onProgress: (progress) => seen.push(progress) });
    expect(seen.map(({ done, total, over }) => [done, total, over])).toEqual([
      [0, 10, false],
      [10, 10, true],
    ]);
  });

  test('is on what is done when it is ended early, and leaves nothing open', async () => {
    await write(tenFiles);
    for (const path of Object.keys(tenFiles)) await truncate(join(folder, path), 4000 * CHUNK);
    await write({ 'inner/small.js': 'one\n' });
    const stop = new AbortController();
    const made = report(folder, undefined, { filesAtOnce: 11, until: stop.signal });
    setTimeout(() => stop.abort(), 20);
    const { files, minified } = await made;
    expect(files + minified).toBeLessThan(11);
    expect(await stillOpen()).toEqual([]);
  });

  test('gives the same report as one file at a time and by hand', async () => {
    const root = join(PROJECT, 'node_modules/rollup');
    const made = await report(root, undefined, { filesAtOnce: 16 });
    expect(made.files).toBeGreaterThan(10);
    expect(made).toEqual(await oneAtATime(root));
    expect(made).toEqual(await reportByHand(root));
  });
});

test('both reports on any bytes agree', async () => {
  const piece = fc.constantFrom(
    '\r',
    '\n',
    '\r\n',
    'ab',
    '€',
    '😀',
    '\ufeff',
    '/*',
    '*/',
    "'",
    '\u2028',
    '\n'.repeat(CHUNK - 1),
    ' '.repeat(CHUNK - 1),
  );
  const broken = fc.uint8Array({ maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(piece, broken), { maxLength: 12 }), async (pieces) => {
      await writeFile(join(folder, 'a.js'), Buffer.concat(pieces.map((one) => Buffer.from(one as Buffer))));
      expect(await report(folder)).toEqual(await reportByHand(folder));
    }),
    { examples: [[['\r', Uint8Array.of(0xc2)]]] },
  );
});

test('a pipeline of lines that is stopped in the middle of a file leaves nothing open', async () => {
  await write({ 'inner/a.js': 'line\n'.repeat(CHUNK), 'inner/b.js': 'line\n'.repeat(CHUNK) });
  const lines = await AsyncStream.from(() => walk(folder, () => {}))
    .filter(isSource)
    .flatMap((path) => AsyncStream.from<Buffer>(createReadStream(path)).lines())
    .take(3)
    .toArray();
  expect(lines).toEqual(['line', 'line', 'line']);
  expect(await stillOpen()).toEqual([]);
});

describe('walk', () => {
  test('opens nothing before it is asked, and one folder after the other', async () => {
    await write({ 'a/1.js': '', 'b/2.js': '' });
    const paths = walk(folder, () => {});
    rmSync(join(folder, 'a'), { recursive: true });
    expect(await paths.next()).toEqual({ done: false, value: join(folder, 'b/2.js') });
    expect(await paths.next()).toEqual(DONE);
  });

  test('closes the folder it is in when it is left', async () => {
    await write({ 'a/1.js': '', 'a/2.js': '' });
    for await (const path of walk(folder, () => {})) {
      expect(path).toContain('.js');
      break;
    }
    expect(await stillOpen()).toEqual([]);
  });

  test('follows no link to a file or a folder', async () => {
    await write({ 'a/1.js': '' });
    await symlink('1.js', join(folder, 'a/2.js'));
    await symlink('.', join(folder, 'a/again'));
    await symlink('nowhere', join(folder, 'a/broken'));
    expect(await AsyncStream.from(walk(folder, () => {})).toArray()).toEqual([join(folder, 'a/1.js')]);
  });
});

test.each([
  ['/p/node_modules/a/x.js', 'a'],
  ['/p/node_modules/a/lib/deep/x.js', 'a'],
  ['/p/node_modules/@s/a/x.js', '@s/a'],
  ['/p/node_modules/a/node_modules/b/x.js', 'b'],
  ['/p/node_modules/@s/a/node_modules/@t/b/lib/x.js', '@t/b'],
  ['C:\\p\\node_modules\\@s\\a\\x.js', '@s/a'],
  ['/p/node_modules/x.js', NO_PACKAGE],
  ['/p/node_modules/@s/x.js', NO_PACKAGE],
  ['/p/my_node_modules/a/x.js', NO_PACKAGE],
  ['/p/src/x.js', NO_PACKAGE],
])('%s belongs to %s', (path, name) => {
  expect(packageOf(path)).toBe(name);
});

test('source files are told by their ending', () => {
  const names = ['a.js', 'a.mjs', 'a.cjs', 'a.jsx', 'a.ts', 'a.mts', 'a.cts', 'a.tsx', 'a.d.ts', 'A.JS'];
  expect(names.filter(isSource)).toEqual(names);
  expect(['a.json', 'a.js.map', 'js', '.js', 'a.css', 'a.jsm'].filter(isSource)).toEqual([]);
});

describe('identifiers', () => {
  const find = (...lines: string[]): string[] => lines.flatMap(identifierFinder());

  test('are names in code, as often as they stand there', () => {
    expect(find('foo.bar(foo, $, _a1, größe, #own)')).toEqual(['foo', 'bar', 'foo', '$', '_a1', 'größe', 'own']);
  });

  test('are not reserved words', () => {
    expect(find('export const a = async () => await new this.b(null);')).toEqual(['a', 'async', 'b']);
  });

  test('are not parts of numbers', () => {
    expect(find('0xff + 1e5 + 10n + 1_000.5 + a1')).toEqual(['a1']);
  });

  test('do not stand in strings', () => {
    expect(find(`a("b \\" c", 'd \\' e', f)`)).toEqual(['a', 'f']);
  });

  test('go on behind a quote that is not closed on its line', () => {
    expect(find(`a "b c`, 'd')).toEqual(['a', 'b', 'c', 'd']);
  });

  test('do not stand in comments on one line or several', () => {
    expect(find('a // b', 'c /* d */ e /* f', 'g', 'h */ i /**/ j /*/ k', '*/ l')).toEqual([
      'a',
      'c',
      'e',
      'i',
      'j',
      'l',
    ]);
  });

  test('do not take a comment sign in a string for a comment', () => {
    expect(find(`a = 'http://b' + "/*"; c`, 'd')).toEqual(['a', 'c', 'd']);
  });

  test('do not stand in regular expressions, while a division is none', () => {
    expect(find(`a = /b['"/*]\\/c/giu.test(d)`, 'e')).toEqual(['a', 'test', 'd', 'e']);
    expect(find('a = b / c / d')).toEqual(['a', 'b', 'c', 'd']);
    expect(find('return /a/.b; (c) / d / e')).toEqual(['b', 'c', 'd', 'e']);
  });

  test('are looked for in each file anew', () => {
    expect([...find('/* a'), ...find('b')]).toEqual(['b']);
  });
});

describe('compare', () => {
  const empty = { packages: [], files: 0 } as unknown as Report;

  async function orderOf(several: boolean) {
    const made: [Version, number][] = [];
    const comparison = await compare({ rounds: 2, several }, async (version, round) => {
      made.push([version, round]);
      return empty;
    });
    return { made, comparison };
  }

  test('lets all take turns at being first, after a round that is not timed', async () => {
    const { made, comparison } = await orderOf(true);
    expect(made).toEqual([
      ['byHand', 0],
      ['stream', 0],
      ['several', 0],
      ['stream', 1],
      ['several', 1],
      ['byHand', 1],
      ['several', 2],
      ['byHand', 2],
      ['stream', 2],
    ]);
    const { several, stream, byHand, ratio, gain } = comparison;
    expect([several!.times.length, stream.times.length, byHand.times.length]).toEqual([2, 2, 2]);
    expect(stream.median).toBe((stream.times[0]! + stream.times[1]!) / 2);
    expect(ratio).toBe(stream.median / byHand.median);
    expect(gain).toBe(stream.median / several!.median);
    expect(comparison.report).toBe(empty);
  });

  test('makes it two ways where one file at a time is all there is', async () => {
    const { made, comparison } = await orderOf(false);
    expect(made.map(([version]) => version)).toEqual(['byHand', 'stream', 'stream', 'byHand', 'byHand', 'stream']);
    expect([comparison.several, comparison.gain]).toEqual([undefined, undefined]);
  });

  test.each(['several', 'stream', 'byHand'])('rejects when %s does not agree', async (odd) => {
    const differing = compare({ rounds: 1, several: true }, async (version) => ({
      ...empty,
      files: version === odd ? 1 : 2,
    }));
    await expect(differing).rejects.toThrow('The versions do not give the same report.');
  });
});

describe('what is printed', () => {
  test('has its sizes in readable units', () => {
    expect([0, 999, 1000, 999_949, 999_950, 1_000_000, 37_812_345, 2e9, 3e15].map(bytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '999.9 kB',
      '1.0 MB',
      '1.0 MB',
      '37.8 MB',
      '2.0 GB',
      '3000.0 TB',
    ]);
  });

  test('shows control characters instead of obeying them', () => {
    expect(printable('a\u001b[2Jb\u0007\nü€')).toBe('a\\u{1b}[2Jb\\u{7}\\u{a}ü€');
  });

  test('sums up the packages beyond the fifteen largest', () => {
    const packages = Array.from({ length: 18 }, (_, index) => ({
      name: `package-${index}`,
      files: 1,
      lines: 1000,
      bytes: 2_000_000 - index,
    }));
    const text = formatReport({
      root: '/somewhere',
      files: 18,
      lines: 18_000,
      bytes: 35_999_847,
      minified: 2,
      packages,
      distinctIdentifiers: 2000,
      identifiers: [
        ['long', 1234],
        ['a', 5],
      ],
      longestLine: { path: 'package-1/a.js', line: 7, length: 1234 },
      unreadable: [],
    });
    const rows = text.split('\n');
    expect(rows[0]).toBe('18 source files under /somewhere, and 2 minified or generated, which the report leaves out');
    expect(rows.slice(2, 4)).toEqual([
      'package              files   lines     size',
      `package-0                1   1,000   2.0 MB  ${'▇'.repeat(20)}`,
    ]);
    expect(rows.slice(17)).toEqual([
      `package-14               1   1,000   2.0 MB  ${'▇'.repeat(20)}`,
      '3 more                   3   3,000   6.0 MB',
      'total (18 packages)     18  18,000  36.0 MB',
      '',
      'most frequent of 2,000 identifiers  times',
      `long                                1,234  ${'▇'.repeat(20)}`,
      'a                                       5  ▇',
      '',
      'longest line: 1,234 characters, package-1/a.js:7',
    ]);
  });
});

describe('the figures', () => {
  test('of a run are its time, its rate and its memory', () => {
    expect(formatCost({ milliseconds: 5000, files: 8001, memory: 120_000_000 })).toBe(
      '8,001 files in 5.00 s, 1,600 a second, with at most 120.0 MB of memory',
    );
  });

  test('of a duration are seconds, or minutes', () => {
    expect([0, 499, 1500, 99_000, 120_000].map(duration)).toEqual(['0 s', '0 s', '2 s', '99 s', '2 min']);
  });

  const timing = (median: number) => ({ times: [median, median], median });
  const comparison = {
    stream: timing(3000),
    byHand: timing(2000),
    ratio: 1.5,
    report: { files: 7, root: '/p' } as Report,
  };

  test('of the comparison are all times, and the ratios', () => {
    expect(formatComparison({ ...comparison, several: timing(1500), gain: 2 }, 8).split('\n')).toEqual([
      '7 source files under /p: the same report each way',
      '',
      '                          median  round 1  round 2',
      'AsyncStream, 8 at a time  1.50 s   1.50 s   1.50 s',
      'AsyncStream               3.00 s   3.00 s   3.00 s',
      'by hand                   2.00 s   2.00 s   2.00 s',
      '',
      'AsyncStream takes 1.50 × the time of the hand-written loops, both one file at a time',
      'One file at a time takes it 2.00 × as long as 8 at a time',
    ]);
  });

  test('of the comparison say nothing of a gain where there is none to measure', () => {
    const text = formatComparison({ ...comparison, several: undefined, gain: undefined }, 1);
    expect(text).toMatch(/\n\nAsyncStream takes 1.50 × .*$/);
    expect(text).not.toContain('at a time ');
  });
});

describe('the progress line', () => {
  const file: FileFacts = {
    path: '/p/node_modules/some-package/with/a/name.js',
    bytes: 5000,
    lines: 1234,
    longest: undefined,
    identifiers: new Map(),
  };

  function written(columns: number, use: (line: ProgressLine) => void, isTTY = true) {
    const texts: string[] = [];
    const output = { isTTY, columns, write: (text: string) => texts.push(text) } as unknown as NodeJS.WriteStream;
    const line = progressLine(output, plain);
    line.start('');
    use(line);
    line.stop();
    return texts.join('');
  }
  const half = { done: 1500, total: 3000, rate: 250.4, remaining: 6000 };

  test('stays on one line of the terminal, and leaves it as it was', () => {
    const text = written(40, (line) => line.show({ done: 1500 }));
    expect(text).toContain('1,500 files');
    expect(text).not.toContain('\n');
    const last = (code: string) => text.lastIndexOf(code);
    expect(last('\u001b[?25h')).toBeGreaterThan(last('\u001b[?25l'));
    expect(last('\u001b[2K')).toBeGreaterThan(last('1,500 files'));
  });

  test.each([
    [120, `${'━'.repeat(40)}  1,500 of 3,000 files  250 a second  6 s left  some-package`],
    [70, `${'━'.repeat(20)}  1,500 of 3,000 files  250 a second  6 s left`],
    [50, '1,500 of 3,000 files  250 a second  6 s left'],
  ])('fits %i columns', (columns, expected) => {
    const text = written(columns, (line) => {
      line.add(file);
      line.show(half);
    });
    expect(text).toContain(expected);
  });

  test('cuts off what does not fit', () => {
    const text = written(20, (line) => line.show(half));
    expect(text).toContain('1,500 of 3,000 files'.slice(0, 19));
    expect(text).not.toContain('a second');
  });

  test('is not there where the output is no terminal', () => {
    expect(written(40, (line) => line.show(half), false)).toBe('');
  });
});

describe('npm run demo', () => {
  const COST = /\n\n(\d+) files? in \d+\.\d\d s, [\d,]+ a second, with at most \d+\.\d MB of memory\n$/;

  test.each([[[]], [['--concurrency', '1']], [['--concurrency', '12']], [['--by-hand']]])(
    'prints the report without escape codes or progress where there is no terminal: %j',
    async (args) => {
      await writeKnownTree();
      const { code, stdout, stderr } = await demo(folder, ...args);
      expect(stdout).toContain(`8 source files under ${folder}, and 1 minified`);
      expect(stdout).toContain('/main.mjs:2\n');
      expect(stdout).not.toContain('\u001b');
      expect(COST.exec(stdout)?.[1]).toBe('9');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    },
  );

  test('prints the same JSON each way', async () => {
    await writeKnownTree();
    const root = join(folder, 'node_modules');
    const [several, stream, byHand] = await Promise.all([
      demo(root, '--json'),
      demo(root, '--json', '--concurrency', '1'),
      demo('--by-hand', root, '--json'),
    ]);
    expect(JSON.parse(several.stdout)).toEqual(knownReport(root));
    expect([stream.stdout, byHand.stdout]).toEqual([several.stdout, several.stdout]);
  });

  test('prints all times and their ratios', async () => {
    await writeKnownTree();
    const { code, stdout } = await demo(folder, '--compare', '--rounds', '1', '--concurrency', '3', '--json');
    const { concurrency, several, stream, byHand, ratio, gain } = JSON.parse(stdout);
    expect(concurrency).toBe(3);
    expect([several.times, stream.times, byHand.times]).toEqual([[several.median], [stream.median], [byHand.median]]);
    expect([ratio, gain]).toEqual([stream.median / byHand.median, stream.median / several.median]);
    expect(code).toBe(0);
  });

  test('says what is missing from the report, and exits with 1', async () => {
    await write({ 'a.js': 'one' });
    // A path longer than the system takes cannot be opened, not even by root. Moved there, for it cannot be made there.
    const long = `${'x'.repeat(200)}/`;
    await mkdir(join(folder, long.repeat(11)), { recursive: true });
    await mkdir(join(folder, 'y', long.repeat(11)), { recursive: true });
    const beyond = join(folder, long.repeat(11), 'y');
    await rename(join(folder, 'y'), beyond);
    const { code, stdout, stderr } = await demo(folder);
    await rename(beyond, join(folder, 'y'));
    expect(stdout).toContain(`1 source file under ${folder}`);
    expect(stderr).toMatch(/^report: x{200}.*: ENAMETOOLONG: name too long\n$/);
    expect(code).toBe(1);
  });

  test.each([
    [['--nonsense'], "Unknown option '--nonsense'"],
    [['one', 'two'], 'one folder at a time, got one and two'],
    [['--compare', '--by-hand'], '--compare makes the report both ways: leave out --by-hand'],
    [['--compare', '--rounds', '0'], "--rounds must be a positive integer, got '0'"],
    [['--compare', '--rounds', 'x'], "--rounds must be a positive integer, got 'x'"],
    [['--rounds', '2'], '--rounds goes with --compare'],
    [['--concurrency', '0'], "--concurrency must be a positive integer, got '0'"],
    [['--concurrency', '1.5'], "--concurrency must be a positive integer, got '1.5'"],
    [['--concurrency', ''], "--concurrency must be a positive integer, got ''"],
    [['--by-hand', '--concurrency', '2'], '--by-hand reads one file at a time: leave out --concurrency'],
    [['none'], `cannot read the folder ${join(PROJECT, 'none')}: ENOENT: no such file or directory`],
    [['package.json'], `cannot read the folder ${join(PROJECT, 'package.json')}: ENOTDIR: not a directory`],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await demo(...args);
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: `report: ${message} (--help says more)\n`,
    });
  });

  test('says how it is used', async () => {
    const { code, stdout } = await demo('--help');
    expect(stdout).toMatch(/^Usage: npm run demo -- \[folder\] \[options\]\n/);
    expect(code).toBe(0);
  });

  const TERMINAL = 'Object.assign(process.stderr, { isTTY: true, columns: 80, hasColors: () => false })';

  /** Presses Ctrl-C as soon as the progress line has come. */
  async function interrupted(...args: string[]) {
    const child = startDemo(args, TERMINAL);
    const closed = once(child, 'close');
    const stdout = readAll(child.stdout);
    let stderr = '';
    for await (const chunk of child.stderr as AsyncIterable<Buffer>) {
      stderr += chunk.toString();
      if (stderr.includes(' file') && !child.killed) child.kill('SIGINT');
    }
    await closed;
    // The cursor is back, and the line is clean.
    expect(stderr.lastIndexOf('\u001b[?25h')).toBeGreaterThan(stderr.lastIndexOf('\u001b[?25l'));
    expect(stderr.endsWith('\u001b[2K')).toBe(true);
    return { code: child.exitCode, signal: child.signalCode, stdout: await stdout };
  }

  test('ends on Ctrl-C with the report on what is done', async () => {
    const { code, signal, stdout } = await interrupted();
    expect({ code, signal }).toEqual({ code: 130, signal: null });
    expect(stdout).toMatch(/Ended early: [\d,]+ files? in \d+\.\d\d s, |No source files under/);
  });

  test('ends on Ctrl-C where it compares, and leaves the terminal clean', async () => {
    const { signal, stdout } = await interrupted('--compare', '--rounds', '1000');
    expect({ signal, stdout }).toEqual({ signal: 'SIGINT', stdout: '' });
  });
});
