import { createReadStream } from 'node:fs';
import { relative } from 'node:path';

import { AsyncStream, collectors, type Collector, type Progress } from 'asyncstream';

import {
  addTo,
  byCount,
  byPath,
  bySize,
  isMinified,
  isNamed,
  placeOf,
  reasonOf,
  TOP,
  type FileFacts,
  type Line,
  type PackageTotals,
  type Report,
  type Unreadable,
} from './facts.ts';
import { identifierFinder } from './identifiers.ts';
import { isSource, packageOf, walk } from './walk.ts';

export interface ReportOptions {
  /** How many files are read at the same time. Default 4. */
  readonly filesAtOnce?: number;
  /** If given, the files are counted before they are read. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the report early. It then covers the files that are done. */
  readonly until?: AbortSignal;
}

/** Reports on all source files under the absolute path `root`, in one pass, and calls `onFile` with each, in order. */
export async function report(
  root: string,
  onFile: (file: FileFacts) => void = () => {},
  { filesAtOnce = 4, onProgress, until = new AbortController().signal }: ReportOptions = {},
): Promise<Report> {
  const unreadable: Unreadable[] = [];
  const giveUp = (path: string, error: unknown): undefined => {
    unreadable.push({ path: relative(root, path), reason: reasonOf(error) });
  };
  let minified = 0;
  // Counted first: this takes a moment, and much longer while files are read.
  const total = onProgress && (await countSources(root, until));

  const { packages, identifiers, longest, ...totals } = await AsyncStream.from(() => walk(root, giveUp))
    .filter(isSource)
    .map((path, _, { signal }) => readFacts(path, signal).catch((error: unknown) => giveUp(path, error)), {
      concurrency: filesAtOnce,
    })
    .progress(onProgress ?? (() => {}), { total })
    .takeUntil(until)
    .compact()
    .tap(onFile)
    .filter((file) => {
      if (!isMinified(file)) return true;
      minified++;
      return false;
    })
    .collect({
      files: collectors.count(),
      lines: collectors.reduce((sum, file) => sum + file.lines, 0),
      bytes: collectors.reduce((sum, file) => sum + file.bytes, 0),
      packages: totalsPerPackage,
      identifiers: sumsOfCounts,
      longest: collectors.maxBy((file) => file.longest?.text.length ?? -1),
    });

  return {
    root,
    ...totals,
    minified,
    packages: packages.sort(bySize),
    distinctIdentifiers: identifiers.size,
    identifiers: await AsyncStream.from(identifiers).top(TOP, byCount),
    longestLine: longest?.longest ? placeOf(relative(root, longest.path), longest.longest) : null,
    unreadable: unreadable.sort(byPath),
  };
}

const countSources = (root: string, until: AbortSignal): Promise<number> =>
  AsyncStream.from(() => walk(root, () => {}))
    .filter(isSource)
    .takeUntil(until)
    .count();

/** The signal closes the file if the report ends before the file does. */
async function readFacts(path: string, signal: AbortSignal): Promise<FileFacts> {
  const chunks = createReadStream(path);
  const facts = await AsyncStream.from<Buffer>(chunks)
    .withSignal(signal)
    .lines()
    .map((text, index): Line => ({ number: index + 1, text }))
    .collect({
      lines: collectors.count(),
      longest: collectors.maxBy((line) => line.text.length),
      identifiers: countsOfIdentifiers,
    });
  return { path, bytes: chunks.bytesRead, ...facts };
}

// A collector is a function that returns, for one run, `push`, which takes the elements, and `result`.

const countsOfIdentifiers: Collector<Line, Map<string, number>> = () => {
  const counts = new Map<string, number>();
  const identifiersIn = identifierFinder();
  return {
    push({ text }) {
      for (const identifier of identifiersIn(text)) if (isNamed(identifier)) addTo(counts, identifier, 1);
      return true;
    },
    result: () => counts,
  };
};

const sumsOfCounts: Collector<FileFacts, Map<string, number>> = () => {
  const sums = new Map<string, number>();
  return {
    push({ identifiers }) {
      for (const [identifier, count] of identifiers) addTo(sums, identifier, count);
      return true;
    },
    result: () => sums,
  };
};

const totalsPerPackage: Collector<FileFacts, PackageTotals[]> = () => {
  const packages = new Map<string, PackageTotals>();
  return {
    push({ path, lines, bytes }) {
      const name = packageOf(path);
      const totals = packages.get(name) ?? { name, files: 0, lines: 0, bytes: 0 };
      packages.set(name, totals);
      totals.files++;
      totals.lines += lines;
      totals.bytes += bytes;
      return true;
    },
    result: () => [...packages.values()],
  };
};
