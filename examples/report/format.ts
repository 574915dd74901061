import type { Comparison, Timing } from './compare.ts';
import type { Report } from './facts.ts';

const LARGEST = 15;
/** The length of the longest bar. */
const BAR = 20;
const UNITS = ['kB', 'MB', 'GB', 'TB'];

export const count = (number: number): string => number.toLocaleString('en-US');
export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;

/** Colours a text, where the terminal has colours. */
export type Paint = (style: 'bold' | 'cyan' | 'gray', text: string) => string;

export const plain: Paint = (_, text) => text;

export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

export const counted = (number: number, noun: string): string => `${count(number)} ${noun}${number === 1 ? '' : 's'}`;

export function bytes(number: number): string {
  if (number < 1000) return `${number} B`;
  let size = number / 1000;
  let unit = 0;
  // 999.95 would be rounded to 1000.0 of the smaller unit.
  for (; size >= 999.95 && unit < UNITS.length - 1; unit++) size /= 1000;
  return `${size.toFixed(1)} ${UNITS[unit]!}`;
}

/** Shows control characters as escapes: names and lines of strangers' files must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (one) => `\\u{${one.codePointAt(0)!.toString(16)}}`);
}

export function formatReport(report: Report, paint: Paint = plain): string {
  const { files, minified, root } = report;
  if (files + minified === 0) return `No source files under ${printable(root)}.`;
  const others = minified === 0 ? '' : `, and ${count(minified)} minified or generated, which the report leaves out`;
  return [
    `${paint('bold', counted(files, 'source file'))} under ${printable(root)}${others}`,
    packageTable(report, paint),
    identifierTable(report, paint),
    longestLine(report),
  ].join('\n\n');
}

export interface Cost {
  readonly milliseconds: number;
  readonly files: number;
  /** The most memory that the process had, in bytes. */
  readonly memory: number;
}

export function formatCost({ milliseconds, files, memory }: Cost): string {
  const rate = count(Math.round(files / (milliseconds / 1000)));
  return `${counted(files, 'file')} in ${seconds(milliseconds)}, ${rate} a second, with at most ${bytes(memory)} of memory`;
}

export function formatComparison(comparison: Comparison, concurrency: number): string {
  const { several, stream, byHand, ratio, gain, report } = comparison;
  const row = (name: string, { median, times }: Timing): string[] => [name, seconds(median), ...times.map(seconds)];
  const rounds = stream.times.map((_, index) => `round ${index + 1}`);
  const rows = [row('AsyncStream', stream), row('by hand', byHand)];
  const sentences = [
    `AsyncStream takes ${ratio.toFixed(2)} × the time of the hand-written loops, both one file at a time`,
  ];
  if (several !== undefined && gain !== undefined) {
    rows.unshift(row(`AsyncStream, ${concurrency} at a time`, several));
    sentences.push(`One file at a time takes it ${gain.toFixed(2)} × as long as ${concurrency} at a time`);
  }
  return [
    `${counted(report.files, 'source file')} under ${printable(report.root)}: the same report each way`,
    table([['', 'median', ...rounds], ...rows]),
    sentences.join('\n'),
  ].join('\n\n');
}

function packageTable({ packages, files, lines, bytes: size }: Report, paint: Paint): string {
  const row = (name: string, sums: { files: number; lines: number; bytes: number }, most = 0): string[] => [
    name,
    count(sums.files),
    count(sums.lines),
    bytes(sums.bytes),
    most === 0 ? '' : '▇'.repeat(Math.ceil((sums.bytes / most) * BAR)),
  ];
  const rows = packages.slice(0, LARGEST).map((totals) => row(printable(totals.name), totals, packages[0]!.bytes));
  const rest = packages.slice(LARGEST);
  if (rest.length > 0) {
    const sum = (of: 'files' | 'lines' | 'bytes'): number => rest.reduce((total, one) => total + one[of], 0);
    rows.push(row(`${count(rest.length)} more`, { files: sum('files'), lines: sum('lines'), bytes: sum('bytes') }));
  }
  rows.push(row(`total (${counted(packages.length, 'package')})`, { files, lines, bytes: size }));
  return table([['package', 'files', 'lines', 'size', ''], ...rows], paint);
}

function identifierTable({ identifiers, distinctIdentifiers }: Report, paint: Paint): string {
  const most = identifiers[0]?.[1] ?? 0;
  const rows = identifiers.map(([name, times]) => [
    printable(name),
    count(times),
    '▇'.repeat(Math.ceil((times / most) * BAR)),
  ]);
  return table([[`most frequent of ${counted(distinctIdentifiers, 'identifier')}`, 'times', ''], ...rows], paint);
}

function longestLine({ longestLine: line }: Report): string {
  if (line === null) return 'No lines.';
  return `longest line: ${counted(line.length, 'character')}, ${printable(line.path)}:${line.line}`;
}

/** The first column and the bars of the last one to the left, figures to the right. */
function table(rows: readonly (readonly string[])[], paint: Paint = plain): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const align = (cell: string, column: number): string => {
    if (cell.startsWith('▇')) return paint('cyan', cell);
    return column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!);
  };
  const [head, ...body] = rows.map((row) => row.map(align).join('  ').trimEnd());
  return [paint('bold', head!), ...body].join('\n');
}
