import type { Collector } from './support/collector.ts';
import { fold } from './support/fold.ts';
import { adding } from './support/total.ts';

/** The arithmetic mean of the elements; NaN if there are none. */
export function average(): Collector<number, number> {
  return fold({
    start: () => 0,
    take: adding('average'),
    finish: (total, count) => total / count,
  });
}
