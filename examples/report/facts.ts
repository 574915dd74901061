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
  /** How many more files there are, which no one has written in this form. They are in no other figure. */
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

/** The order of the package table: the largest first, by name where the sizes are the same. */
export const bySize = (a: PackageTotals, b: PackageTotals): number => b.bytes - a.bytes || byName(a.name, b.name);

/** The more frequent of two identifiers is the greater one; where the counts are the same, the first by name. */
export const byCount = (
  [aName, aCount]: readonly [string, number],
  [bName, bCount]: readonly [string, number],
): number => aCount - bCount || byName(bName, aName);

/** Not the order in which it was noticed, which differs from run to run where several files are read at a time. */
export const byPath = (a: Unreadable, b: Unreadable): number => byName(a.path, b.path);

// Not localeCompare: a report reads the same on every machine.
const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Names of one letter say nothing. */
export const isNamed = (identifier: string): boolean => identifier.length > 1;

/** Adds `count` to what `counts` has for `name`. */
export function addTo(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}

/** Where the longest line stands, without its possibly many characters. */
export function placeOf(path: string, { number, text }: Line): LongestLine {
  return { path, line: number, length: text.length };
}

/** The reason why the file system refused; anything else is a fault of this program and is thrown on. */
export function reasonOf(error: unknown): string {
  const { syscall, message } = Object(error) as NodeJS.ErrnoException;
  if (syscall === undefined) throw error;
  // "EACCES: permission denied, open '/some/path'": the path is told beside it.
  return message.split(', ', 1)[0]!;
}
