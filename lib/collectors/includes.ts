import type { Collector } from '../engine/collector.ts';
import { search } from '../engine/search.ts';
import { same } from '../engine/same.ts';

/** Whether the value is among the elements, compared as in `Array.prototype.includes`; stops where it is found. */
export function includes(value: unknown): Collector<unknown, boolean> {
  return search(
    (element) => same(element, value),
    () => true,
    false,
  );
}
