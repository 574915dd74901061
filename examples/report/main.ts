/*
 * npm run demo: a report on the thousands of source files under node_modules. See USAGE.
 *
 * `report.ts` is the part to read: the work itself, as one pipeline. `by-hand.ts` does the same by nested loops.
 */
import { opendir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, styleText } from 'node:util';

import { reportByHand } from './by-hand.ts';
import { compare, type Version } from './compare.ts';
import { type FileFacts, reasonOf, type Report } from './facts.ts';
import { formatComparison, formatCost, formatReport, type Paint, plain, printable } from './format.ts';
import { progressLine } from './progress.ts';
import { report } from './report.ts';

const USAGE = `Usage: npm run demo -- [folder] [options]

Reports on the JavaScript and TypeScript files under a folder: files, lines and bytes per package, the most frequent
identifiers, the longest line. Minified and generated files, with more than 200 bytes a line, are counted and left out.
Symbolic links are not followed. Ctrl-C ends the run at once, and prints the report on what is done by then.

  folder             where to look (default: the node_modules of this project)
  --concurrency <n>  how many files are read at a time (default: 4)
  --by-hand          make the report by hand-written loops instead of AsyncStream, one file at a time
  --compare          make it all three ways, in turn, and print the times and their ratios
  --rounds <n>       how often --compare makes each (default: 5)
  --json             print JSON
  --help             print this

Exits with 0 when all is read, 1 when something could not be read (it is named, and the report is on the rest), 2 when
the arguments are wrong, 130 when Ctrl-C has ended the run.
`;

const DEFAULT_FOLDER = fileURLToPath(new URL('../../node_modules', import.meta.url));

interface Way {
  readonly name: string;
  readonly make: (root: string) => Promise<Report>;
}

const stop = new AbortController();
const paint: Paint = hasColors(process.stdout) ? styleText : plain;
const progress = progressLine(process.stderr, hasColors(process.stderr) ? styleText : plain);

/** Reports each file to the progress line, in the same way for all versions. */
function counting(make: (root: string, onFile: (file: FileFacts) => void) => Promise<Report>): Way['make'] {
  return async (root) => {
    let done = 0;
    return make(root, (file) => {
      progress.add(file);
      progress.show({ done: ++done });
    });
  };
}

const waysOf = (concurrency: number): Readonly<Record<Version, Way>> => ({
  several: {
    name: `AsyncStream, ${concurrency} files at a time`,
    make: counting((root, onFile) => report(root, onFile, { filesAtOnce: concurrency })),
  },
  stream: {
    name: 'AsyncStream, one file at a time',
    make: counting((root, onFile) => report(root, onFile, { filesAtOnce: 1 })),
  },
  byHand: { name: 'by hand, one file at a time', make: counting(reportByHand) },
});

/** The arguments are wrong. The message says why. */
class UsageError extends Error {}

async function main(): Promise<number> {
  const { byHand, comparing, concurrency, folder, help, json, rounds } = readArguments();
  if (help) {
    print(USAGE);
    return 0;
  }
  await checkFolder(folder);
  // The loops by hand cannot be stopped.
  process.on('SIGINT', byHand || comparing ? leave : () => stop.abort());

  const ways = waysOf(concurrency);
  const several = concurrency > 1;
  if (comparing) {
    const comparison = await compare({ rounds, several }, (version, round) =>
      make(
        ways[version].make,
        folder,
        `${ways[version].name}, ${round === 0 ? 'warming up' : `round ${round} of ${rounds}`}`,
      ),
    );
    const { report: made, ...times } = comparison;
    print(json ? JSON.stringify({ concurrency, ...times }, null, 2) : formatComparison(comparison, concurrency));
    return complainOf(made);
  }

  const start = performance.now();
  const stream: Way['make'] = (root) =>
    report(root, progress.add, { filesAtOnce: concurrency, onProgress: progress.show, until: stop.signal });
  const made = await make(byHand ? ways.byHand.make : stream, folder, byHand ? ways.byHand.name : '');
  const cost = {
    milliseconds: performance.now() - start,
    files: made.files + made.minified,
    memory: process.resourceUsage().maxRSS * 1024,
  };
  const { aborted } = stop.signal;
  if (json) print(JSON.stringify(made, null, 2));
  else print(`${formatReport(made, paint)}\n\n${aborted ? 'Ended early: ' : ''}${formatCost(cost)}`);
  const code = complainOf(made);
  return aborted ? 130 : code;
}

function readArguments() {
  const { values, positionals } = parse();
  const { 'by-hand': byHand = false, compare: comparing = false, help = false, json = false } = values;

  if (positionals.length > 1) throw new UsageError(`one folder at a time, got ${positionals.join(' and ')}`);
  if (byHand && comparing) throw new UsageError('--compare makes the report both ways: leave out --by-hand');
  if (values.rounds !== undefined && !comparing) throw new UsageError('--rounds goes with --compare');
  if (values.concurrency !== undefined && byHand)
    throw new UsageError('--by-hand reads one file at a time: leave out --concurrency');

  return {
    byHand,
    comparing,
    concurrency: positiveInteger('--concurrency', values.concurrency ?? '4'),
    folder: resolve(positionals[0] ?? DEFAULT_FOLDER),
    help,
    json,
    rounds: positiveInteger('--rounds', values.rounds ?? '5'),
  };
}

function positiveInteger(option: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new UsageError(`${option} must be a positive integer, got '${text}'`);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        'by-hand': { type: 'boolean' },
        compare: { type: 'boolean' },
        concurrency: { type: 'string' },
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

async function make(way: Way['make'], folder: string, title: string): Promise<Report> {
  progress.start(title);
  try {
    return await way(folder);
  } finally {
    progress.stop();
  }
}

function hasColors(output: NodeJS.WriteStream): boolean {
  return output.isTTY && output.hasColors();
}

function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Prints the files that could not be read. Returns the exit code. */
function complainOf({ unreadable }: Report): number {
  for (const { path, reason } of unreadable) complain(`${path}: ${reason}`);
  return unreadable.length > 0 ? 1 : 0;
}

function complain(text: string): void {
  process.stderr.write(`report: ${printable(text)}\n`);
}

/** Restores the terminal, and then lets the signal end the process. */
function leave(signal: NodeJS.Signals): void {
  progress.stop();
  // Removed only now: npm sends a second SIGINT for one Ctrl-C, which would end the process before this line.
  process.off(signal, leave);
  process.kill(process.pid, signal);
}
process.on('SIGTERM', leave);

// A reader that closes the pipe early, such as `head`, is no error.
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
