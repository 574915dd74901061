import progress from 'cli-progress';

import type { FileFacts } from './facts.ts';
import { bytes, counted, printable } from './format.ts';
import { packageOf } from './walk.ts';

/** A line that says how far a report has come. */
export interface ProgressLine {
  start(title: string): void;
  add(file: FileFacts): void;
  /** Takes the line away, and gives the cursor back. */
  stop(): void;
}

/** Writes to the terminal that `output` is, and nothing at all where it is none: the bar sees to that. */
export function progressLine(output: NodeJS.WriteStream): ProgressLine {
  let title = '';
  let files = 0;
  let lines = 0;
  let size = 0;
  let current = '';

  // Without a total: the walk is lazy, so how much there is to do is known when it is done.
  const bar = new progress.SingleBar({
    stream: output,
    format: () => [title, counted(files, 'file'), counted(lines, 'line'), bytes(size), current].join('  '),
    clearOnComplete: true,
    hideCursor: true,
    // Cuts the line off at the width of the terminal.
    linewrap: true,
  });

  return {
    start(newTitle) {
      title = newTitle;
      files = lines = size = 0;
      current = '';
      bar.start(0, 0);
    },
    add(file) {
      files++;
      lines += file.lines;
      size += file.bytes;
      current = printable(packageOf(file.path));
      bar.update(files);
    },
    stop: () => bar.stop(),
  };
}
