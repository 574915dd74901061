import type { Collector } from './support/collector.ts';
import { fold } from './support/fold.ts';

/** The distinct elements. */
export function toSet<T>(): Collector<T, Set<T>> {
  return fold({ start: () => new Set<T>(), take: (set, value) => set.add(value) });
}
