import { checkFunction } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { search } from './support/search.ts';
import type { Fn } from '../types.ts';

/** Whether the predicate holds for an element; stops at the first such. */
export function some<T>(predicate: Fn<T, unknown>): Collector<T, boolean> {
  checkFunction('some: predicate', predicate);
  return search(predicate, () => true, false);
}
