import type { Collector } from './support/collector.ts';
import { search } from './support/search.ts';

/** Whether there are no elements; closes the source at the first one. */
export function isEmpty(): Collector<unknown, boolean> {
  return search(
    () => true,
    () => false,
    true,
  );
}
