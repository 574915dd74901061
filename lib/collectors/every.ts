import { checkFunction } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { search } from './support/search.ts';
import type { Fn } from '../types.ts';

/** Whether the predicate holds for all elements; stops at the first for which it does not. */
export function every<T>(predicate: Fn<T, unknown>): Collector<T, boolean> {
  checkFunction('every: predicate', predicate);
  return search(predicate, () => false, true, false);
}
