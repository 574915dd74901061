/*
 * npm run demo: a report on the thousands of source files under node_modules. See USAGE.
 *
 * `report.ts` is the part to read: the work itself, as one pipeline. `by-hand.ts` does the same by nested loops.
 */
import { opendir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { reportByHand } from './by-hand.ts';
import { compare, type Version } from './compare.ts';
import { reasonOf, type Report } from './facts.ts';
import { formatComparison, formatReport, printable, seconds } from './format.ts';
import { progressLine } from './progress.ts';
import { report } from './report.ts';

const USAGE = `Usage: npm run demo -- [folder] [options]

Reports on the JavaScript and TypeScript files under a folder: files, lines and bytes per package, the most frequent
identifiers, the longest line. Symbolic links are not followed.

  folder        where to look (default: the node_modules of this project)
  --by-hand     make the report by hand-written loops instead of AsyncStream
  --compare     make it both ways, in turn, and print both times and their ratio
  --rounds <n>  how often --compare makes each (default: 5)
  --json        print JSON
  --help        print this

Exits with 0 when all is read, 1 when something could not be read (it is named, and the report is on the rest), 2 when
the arguments are wrong.
`;

const DEFAULT_FOLDER = fileURLToPath(new URL('../../node_modules', import.meta.url));
const VERSIONS = {
  stream: { name: 'AsyncStream', make: report },
  byHand: { name: 'by hand', make: reportByHand },
};

/** What is wrong with the arguments, in words for whoever gave them. */
class UsageError extends Error {}

const progress = progressLine(process.stderr);

async function main(): Promise<number> {
  const { folder, help, json, rounds, version } = readArguments();
  if (help) {
    print(USAGE);
    return 0;
  }
  await checkFolder(folder);

  let unreadable: Report['unreadable'];
  if (rounds !== undefined) {
    const comparison = await compare(rounds, (either, round) =>
      make(either, folder, round === 0 ? 'warming up' : `round ${round} of ${rounds}`),
    );
    const { stream, byHand, ratio } = comparison;
    print(json ? JSON.stringify({ stream, byHand, ratio }, null, 2) : formatComparison(comparison));
    ({ unreadable } = comparison.report);
  } else {
    const start = performance.now();
    const result = await make(version, folder);
    const time = `${seconds(performance.now() - start)}, ${VERSIONS[version].name}`;
    print(json ? JSON.stringify(result, null, 2) : `${formatReport(result)}\n\n${time}`);
    ({ unreadable } = result);
  }

  for (const { path, reason } of unreadable) complain(`${path}: ${reason}`);
  return unreadable.length > 0 ? 1 : 0;
}

function readArguments() {
  const { values, positionals } = parse();
  const { 'by-hand': byHand = false, compare: comparing = false, help = false, json = false } = values;

  if (positionals.length > 1) throw new UsageError(`one folder at a time, got ${positionals.join(' and ')}`);
  if (byHand && comparing) throw new UsageError('--compare makes the report both ways: leave out --by-hand');
  if (values.rounds !== undefined && !comparing) throw new UsageError('--rounds goes with --compare');
  const rounds = Number(values.rounds ?? 5);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new UsageError(`--rounds must be a positive integer, got '${values.rounds!}'`);
  }

  const folder = resolve(positionals[0] ?? DEFAULT_FOLDER);
  const version: Version = byHand ? 'byHand' : 'stream';
  return { folder, help, json, rounds: comparing ? rounds : undefined, version };
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        'by-hand': { type: 'boolean' },
        compare: { type: 'boolean' },
        rounds: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    // "Unknown option '--x'. To specify a positional argument …": the first sentence says it.
    throw new UsageError((error as Error).message.split('. ', 1)[0]);
  }
}

async function checkFolder(folder: string): Promise<void> {
  try {
    await (await opendir(folder)).close();
  } catch (error) {
    throw new UsageError(`cannot read the folder ${folder}: ${reasonOf(error)}`);
  }
}

async function make(version: Version, folder: string, note = ''): Promise<Report> {
  const { name, make } = VERSIONS[version];
  progress.start(note === '' ? name : `${name}, ${note}`);
  try {
    return await make(folder, progress.add);
  } finally {
    progress.stop();
  }
}

function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

function complain(text: string): void {
  process.stderr.write(`report: ${printable(text)}\n`);
}

/** Puts the terminal right, and then lets the signal do what it does to any program. */
function leave(signal: NodeJS.Signals): void {
  progress.stop();
  // Not before, as `once` would: npm passes a Ctrl-C on to a program that has got it already.
  process.off(signal, leave);
  process.kill(process.pid, signal);
}
process.on('SIGINT', leave);
process.on('SIGTERM', leave);

// A reader that has seen enough, like `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  complain(`${error.message} (--help says more)`);
  process.exitCode = 2;
}
