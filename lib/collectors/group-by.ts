import { checkFunction } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { asking, fold } from './support/fold.ts';
import type { Fn } from '../types.ts';

/** A `Map` from each key to the elements that have it. */
export function groupBy<T, K>(key: Fn<T, K>): Collector<T, Map<K, T[]>> {
  checkFunction('groupBy: key', key);
  return fold({
    start: () => new Map<K, T[]>(),
    take: asking(key, (groups, value, said) => {
      const group = groups.get(said);
      if (group === undefined) return groups.set(said, [value]);
      group.push(value);
      return groups;
    }),
  });
}
