import type { Collector } from '../engine/collector.ts';
import { search } from '../engine/search.ts';

/** Whether there are no elements; closes the source at the first one. */
export function isEmpty(): Collector<unknown, boolean> {
  return search(
    () => true,
    () => false,
    true,
  );
}
