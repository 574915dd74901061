import { checkCount, checkedCompare } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { fold } from './support/fold.ts';
import { ascending, type Ordered } from '../comparison.ts';
import { beats } from './support/ordering.ts';
import type { Compare } from '../types.ts';

/** The `count` greatest elements, by `compare` or else by `<`, the greatest first. */
export function top<T>(count: number, compare: Compare<T>): Collector<T, T[]>;
/** Returns the `count` greatest elements by `compare`, the greatest first. */
export function top<T extends Ordered>(count: number, compare?: Compare<T>): Collector<T, T[]>;
export function top<T>(count: number, compare: Compare<T> = ascending): Collector<T, T[]> {
  checkCount('top: count', count);
  const checked = checkedCompare('top', compare);

  // Equal elements stay in their order. Each is in an array of its own: sort puts undefined last without a comparison.
  function cut(best: [T][]): [T][] {
    best.sort(([a], [b]) => (beats(a, b, checked) ? -1 : beats(b, a, checked) ? 1 : 0)).splice(count);
    return best;
  }

  return fold({
    start: (): [T][] => [],
    take(best, value) {
      if (best.length >= count && !beats(value, best[count - 1]![0], checked)) return best;
      return best.push([value]) % count === 0 ? cut(best) : best;
    },
    until: () => count === 0,
    finish: (best) => cut(best).map(([value]) => value),
  });
}
