/** The figures of one source file. */
export interface FileFacts {
  readonly path: string;
  readonly bytes: number;
  readonly lines: number;
  /** The first of its longest lines; none in an empty file. */
  readonly longest: Line | undefined;
  readonly identifiers: ReadonlyMap<string, number>;
}

export interface Line {
  /** Counted from 1, as editors do. */
  readonly number: number;
  readonly text: string;
}

export interface PackageTotals {
  readonly name: string;
  files: number;
  lines: number;
  bytes: number;
}

/** A file or folder that could not be read, and is missing from every figure. */
export interface Unreadable {
  readonly path: string;
  readonly reason: string;
}

/** The answer, in plain objects: it prints as JSON, and two of them compare by value. Paths are relative to `root`. */
export interface Report {
  readonly root: string;
  readonly files: number;
  readonly lines: number;
  readonly bytes: number;
  /** The number of minified and generated files. No other figure counts them. */
  readonly minified: number;
  /** The largest first. */
  readonly packages: readonly PackageTotals[];
  readonly distinctIdentifiers: number;
  /** The most frequent first. */
  readonly identifiers: readonly (readonly [name: string, count: number])[];
  readonly longestLine: LongestLine | null;
  readonly unreadable: readonly Unreadable[];
}

export interface LongestLine {
  readonly path: string;
  readonly line: number;
  /** In UTF-16 code units, as `string.length` counts. */
  readonly length: number;
}

/** How many identifiers a report names. */
export const TOP = 20;

/** Bytes of a line, on average. */
const MINIFIED = 200;

export const isMinified = ({ bytes, lines }: FileFacts): boolean => bytes > MINIFIED * lines;

/** The order of the package table: the largest first, and by name if the sizes are equal. */
export const bySize = (a: PackageTotals, b: PackageTotals): number => b.bytes - a.bytes || byName(a.name, b.name);

/** The more frequent of two identifiers is the greater one. If the counts are equal, it is the first one by name. */
export const byCount = (
  [aName, aCount]: readonly [string, number],
  [bName, bCount]: readonly [string, number],
): number => aCount - bCount || byName(bName, aName);

/** By path: the order of the failures differs from run to run if several files are read at a time. */
export const byPath = (a: Unreadable, b: Unreadable): number => byName(a.path, b.path);

// Not localeCompare: a report reads the same on every machine.
const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Names of one letter say nothing. */
export const isNamed = (identifier: string): boolean => identifier.length > 1;

/** Adds `count` to the count of `name`. */
export function addTo(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

/** The place of the longest line, without its text, which may be very long. */
export function placeOf(path: string, { number, text }: Line): LongestLine {
  return { path, line: number, length: text.length };
}

/** The reason of an error of the file system. Any other error is a fault of this program, and is thrown again. */
export function reasonOf(error: unknown): string {
  const { syscall, message } = Object(error) as NodeJS.ErrnoException;
  if (syscall === undefined) throw error;
  // "EACCES: permission denied, open '/some/path'": the path is printed beside it.
  return message.split(', ', 1)[0]!;
}
