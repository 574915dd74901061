import type { Collector } from './support/collector.ts';
import { fold } from './support/fold.ts';

/** How many elements there are. */
export function count(): Collector<unknown, number> {
  return fold({ start: () => 0, take: (total) => total + 1 });
}
