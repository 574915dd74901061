import type { Progress } from 'asyncstream';
import progress from 'cli-progress';

import type { FileFacts } from './facts.ts';
import { count, counted, duration, type Paint, plain, printable } from './format.ts';
import { packageOf } from './walk.ts';

/** A line that shows the progress of a report. */
export interface ProgressLine {
  start(title: string): void;
  /** What `progress` of a stream reports. The loops by hand know only how many files are done. */
  show(progress: Partial<Progress> & Pick<Progress, 'done'>): void;
  add(file: FileFacts): void;
  /** Removes the line, and shows the cursor again. */
  stop(): void;
}

const WIDEST_BAR = 40;

/** Writes to `output` if it is a terminal; the bar writes nothing otherwise. */
export function progressLine(output: NodeJS.WriteStream, paint: Paint = plain): ProgressLine {
  let title = '';
  let current = '';
  let latest: Parameters<ProgressLine['show']>[0] = { done: 0 };

  const format = (): string => {
    const { done, total, rate, remaining } = latest;
    const texts = [
      title,
      total === undefined ? counted(done, 'file') : `${count(done)} of ${counted(total, 'file')}`,
      rate === undefined || rate === 0 ? '' : `${count(Math.round(rate))} a second`,
      remaining === undefined ? '' : `${duration(remaining)} left`,
      current,
    ];
    const text = texts.filter(Boolean).join('  ');
    // As wide as there is room for, beside the line without the name of the package.
    const room = output.columns - text.length + current.length - 4;
    return total === undefined || room < 8
      ? text
      : `${barOf(done / total, Math.min(room, WIDEST_BAR), paint)}  ${text}`;
  };

  const bar = new progress.SingleBar({
    stream: output,
    format,
    clearOnComplete: true,
    hideCursor: true,
    // Cuts the line off at the width of the terminal.
    linewrap: true,
  });

  return {
    start(newTitle) {
      title = newTitle;
      current = '';
      latest = { done: 0 };
      bar.start(0, 0);
    },
    show(progress) {
      latest = progress;
      bar.update(progress.done);
    },
    add(file) {
      current = printable(packageOf(file.path));
    },
    stop: () => bar.stop(),
  };
}

function barOf(part: number, width: number, paint: Paint): string {
  const full = Math.round(Math.min(1, part || 0) * width);
  return paint('cyan', '━'.repeat(full)) + paint('gray', '━'.repeat(width - full));
}
