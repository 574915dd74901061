import { checkFunction } from '../engine/core/arguments.ts';
import type { Collector } from '../engine/core/collector.ts';
import { search } from './support/search.ts';
import type { Fn } from '../types.ts';

/** Whether the predicate holds for an element; stops at the first such. */
export function some<T>(predicate: Fn<T, unknown>): Collector<T, boolean> {
  checkFunction('some: predicate', predicate);
  return search(predicate, () => true, false);
}
