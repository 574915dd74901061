import { checkFunction } from '../arguments.ts';
import type { Collector } from './support/collector.ts';
import { search } from './support/search.ts';
import type { Fn } from '../types.ts';

/** The index of the first element for which the predicate holds, or -1; stops there. */
export function findIndex<T>(predicate: Fn<T, unknown>): Collector<T, number> {
  checkFunction('findIndex: predicate', predicate);
  return search(predicate, (_, index) => index, -1);
}
