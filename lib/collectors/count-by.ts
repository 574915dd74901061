import { checkFunction } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { asking, fold } from './support/fold.ts';
import type { Fn } from '../types.ts';

/** A `Map` from each key to how many elements have it. */
export function countBy<T, K>(key: Fn<T, K>): Collector<T, Map<K, number>> {
  checkFunction('countBy: key', key);
  return fold({
    start: () => new Map<K, number>(),
    take: asking(key, (counts, _, said) => counts.set(said, (counts.get(said) ?? 0) + 1)),
  });
}
