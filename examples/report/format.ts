import type { Comparison, Timing } from './compare.ts';
import type { Report } from './facts.ts';

const LARGEST = 15;
const UNITS = ['kB', 'MB', 'GB', 'TB'];

export const count = (number: number): string => number.toLocaleString('en-US');
export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;

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

export function formatReport(report: Report): string {
  if (report.files === 0) return `No source files under ${printable(report.root)}.`;
  return [
    `${counted(report.files, 'source file')} under ${printable(report.root)}`,
    packageTable(report),
    identifierTable(report),
    longestLine(report),
  ].join('\n\n');
}

/** In milliseconds, of one pass each. */
export interface Gain {
  readonly several: number;
  readonly oneAtATime: number;
}

export function formatGain({ several, oneAtATime }: Gain, concurrency: number): string {
  return [
    `Once more, now that the files are cached and the code is compiled: ${concurrency} files at a time ${seconds(several)},`,
    `one at a time ${seconds(oneAtATime)}, which is ${(oneAtATime / several).toFixed(2)} × as long.`,
  ].join('\n');
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

function packageTable({ packages, files, lines, bytes: size }: Report): string {
  const row = (name: string, sums: { files: number; lines: number; bytes: number }): string[] => [
    name,
    count(sums.files),
    count(sums.lines),
    bytes(sums.bytes),
  ];
  const rows = packages.slice(0, LARGEST).map((totals) => row(printable(totals.name), totals));
  const rest = packages.slice(LARGEST);
  if (rest.length > 0) {
    const sum = (of: 'files' | 'lines' | 'bytes'): number => rest.reduce((total, one) => total + one[of], 0);
    rows.push(row(`${count(rest.length)} more`, { files: sum('files'), lines: sum('lines'), bytes: sum('bytes') }));
  }
  rows.push(row(`total (${counted(packages.length, 'package')})`, { files, lines, bytes: size }));
  return table([['package', 'files', 'lines', 'size'], ...rows]);
}

function identifierTable({ identifiers, distinctIdentifiers }: Report): string {
  const rows = identifiers.map(([name, times]) => [printable(name), count(times)]);
  return table([[`most frequent of ${counted(distinctIdentifiers, 'identifier')}`, 'times'], ...rows]);
}

function longestLine({ longestLine: line }: Report): string {
  if (line === null) return 'No lines.';
  const dots = line.length > line.start.length ? ' …' : '';
  return [
    `longest line: ${counted(line.length, 'character')}`,
    `  ${printable(line.path)}:${line.line}`,
    `  ${printable(line.start)}${dots}`,
  ].join('\n');
}

/** The first column to the left, the others, figures, to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ');
  return rows.map(line).join('\n');
}
