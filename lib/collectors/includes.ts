import type { Collector } from './support/collector.ts';
import { search } from './support/search.ts';
import { same } from '../comparison.ts';

/** Whether the value is among the elements, compared as in `Array.prototype.includes`; stops when it is found. */
export function includes(value: unknown): Collector<unknown, boolean> {
  return search(
    (element) => same(element, value),
    () => true,
    false,
  );
}
